"""The built-in functions on ranges and points: Allen's relations (`before`, `during`, `overlaps`…)."""

from __future__ import annotations

from typing import Final

from blankett.engine.feel.functions.registry import Overload

FUNCTIONS: Final[tuple[Overload, ...]] = ()
