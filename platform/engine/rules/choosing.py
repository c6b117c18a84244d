"""Which engine decides rules: durable-rules where it is installed, unless `BLANKETT_RULES_ENGINE` says otherwise."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Final, Literal

from blankett.engine.errors import BlankettError
from blankett.engine.rules.durable import library_version

EngineName = Literal["durable", "python"]
VARIABLE: Final = "BLANKETT_RULES_ENGINE"


class RuleEngineError(BlankettError):
    """The engine that is asked for is none, or is not installed."""


def chosen_engine(environment: Mapping[str, str] = os.environ) -> EngineName:
    """Return the engine that decides rules. Raise RuleEngineError where the variable asks for one that there is not."""
    asked = environment.get(VARIABLE, "")
    if not asked:
        return "python" if library_version() is None else "durable"
    if asked == "python":
        return "python"
    if asked == "durable":
        if library_version() is None:
            raise RuleEngineError(
                f"{VARIABLE} is durable, but durable_rules is not installed: pip install durable_rules"
            )
        return "durable"
    raise RuleEngineError(f"{VARIABLE} is {asked!r}; it must be durable or python.")
