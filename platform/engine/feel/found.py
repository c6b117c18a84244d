"""What the checker knows of the value of a part, and the names that loops and filters add."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from blankett.engine.feel.types import Any, Type

#: Names from a root of the scope on: ("lines", "product", "price").
Path: TypeAlias = tuple[str, ...]


@dataclass(frozen=True)
class Found:
    """What is known of the value of a part."""

    type: Type
    #: Where it may be read from, from the scope's roots.
    paths: frozenset[Path] = frozenset()
    #: Where it is, for the currencies of its fields: names, "[name]" for a loop's item, "[]" for any item.
    place: Path | None = None
    #: How many links were followed to get here.
    steps: int = 0
    #: The entries of a context that is written out.
    entries: Mapping[str, Found] | None = field(default=None, hash=False)


UNKNOWN: Final = Found(Any())


@dataclass
class Frame:
    """Names that a loop, a filter, a function or a context adds."""

    names: dict[str, Found]
    #: What a filter looks at: its parts are names, too.
    item: Found | None = None
