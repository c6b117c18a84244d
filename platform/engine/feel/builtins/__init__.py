"""The built-in functions: the standard's and our own, in one table by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from blankett.engine.feel.builtins import (
    contexts,
    conversion,
    dates,
    departments,
    extensions,
    lists,
    numbers,
    ranges,
    texts,
    working_time,
)
from blankett.engine.feel.builtins.registry import Builtin, collected

#: {name: function}, from the tables of the modules.
BUILTINS: Final[Mapping[str, Builtin]] = collected(
    numbers.FUNCTIONS,
    texts.FUNCTIONS,
    lists.FUNCTIONS,
    contexts.FUNCTIONS,
    dates.FUNCTIONS,
    ranges.FUNCTIONS,
    conversion.FUNCTIONS,
    extensions.FUNCTIONS,
    working_time.FUNCTIONS,
    departments.FUNCTIONS,
)
#: {name: function} of those that gave something else before the first edition of the language.
OLDER: Final[Mapping[str, Builtin]] = collected(texts.OLDER, conversion.OLDER)
