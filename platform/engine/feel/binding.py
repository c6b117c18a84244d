"""How tightly the operators bind."""

from __future__ import annotations

from typing import Final

# How tightly each operator binds; a higher number binds tighter.
OR, AND, COMPARE, ADD, MULTIPLY, POWER, NEGATE, INSTANCE, POSTFIX = range(10, 100, 10)
COMPARISONS: Final = frozenset(["=", "!=", "<", "<=", ">", ">="])
ARITHMETIC: Final = {"+": ADD, "-": ADD, "*": MULTIPLY, "/": MULTIPLY, "**": POWER}
