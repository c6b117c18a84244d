"""Cells that are conditions on `?`, the value they test, and only compare it with constants: `? > 5 and ? < 9`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any as Value

from blankett.engine.feel import tree
from blankett.engine.feel.constants import UNKNOWN, constant_of


def compared_constants(cell: tree.UnaryTests) -> list[Value] | None:
    """Return the constants a cell compares `?` with, null aside; None where it does anything else with it.

    Between two neighbours of them the cell is answered alike for all values.
    """
    found: list[Value] = []
    return found if all(_compares(test, found) for test in cell.tests) else None


def _compares(part: tree.Expression, found: list[Value]) -> bool:
    """Tell whether *part* only compares `?` with constants, which are added to *found*."""
    if isinstance(part, tree.Logic):
        return all(_compares(operand, found) for operand in part.operands)
    if isinstance(part, tree.Call) and isinstance(part.function, tree.Name) and part.function.name == "not":
        return all(_compares(argument.value, found) for argument in part.arguments)
    if isinstance(part, tree.Comparison):
        sides = [side for side in (part.left, part.right) if not _is_tested(side)]
        return len(sides) == 1 and _constants(sides, found)
    if isinstance(part, tree.Between):
        return _is_tested(part.value) and _constants((part.low, part.high), found)
    if isinstance(part, tree.In):
        return _is_tested(part.value) and all(_is_plain_test(test, found) for test in part.tests)
    return _is_plain_test(part, found)


def _is_plain_test(test: tree.Expression, found: list[Value]) -> bool:
    if isinstance(test, tree.UnaryTest):
        return _constants((test.value,), found)
    if isinstance(test, tree.RangeLiteral):
        return _constants((test.low, test.high), found)
    if isinstance(test, tree.ListLiteral):
        return all(_is_plain_test(item, found) for item in test.items)
    return _constants((test,), found)


def _is_tested(part: tree.Expression) -> bool:
    return isinstance(part, tree.Name) and part.name == "?"


def _constants(parts: Iterable[tree.Expression], found: list[Value]) -> bool:
    values = [constant_of(part) for part in parts]
    found += [value for value in values if value is not None and value is not UNKNOWN]
    return UNKNOWN not in values


def names_null(part: tree.Part) -> bool:
    """Tell whether a cell speaks of null."""
    is_null = isinstance(part, tree.Literal) and part.value is None
    return is_null or any(names_null(child) for child in tree.children(part))
