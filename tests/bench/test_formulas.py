"""The benchmark of formulas: what it compares says the same, and the table tells what missed its aim."""

from __future__ import annotations

import ast

import pytest
from bench.formulas import FORMULAS, MOMENT, NAMES, SCOPE, Cost, Formula, formula_table

from blankett.engine import feel


@pytest.mark.parametrize("formula", FORMULAS, ids=[formula.text for formula in FORMULAS])
def test_formula_and_the_function_by_hand_agree(formula: Formula) -> None:
    expression = feel.parse_expression(formula.text)
    assert feel.check(expression, SCOPE).findings == ()
    assert feel.compile(expression, SCOPE).evaluate(NAMES, MOMENT) == formula.by_hand(NAMES)
    assert isinstance(ast.parse(formula.python, mode="eval"), ast.Expression)


def test_table_marks_what_missed_its_aim() -> None:
    table = formula_table([Cost("a > 1", evaluated=0.6, by_hand=0.1, read=100, parsed=10)])
    assert table.splitlines()[2] == "| `a > 1` | 0.60 µs | 0.10 µs | **6.0 ×** | 100 µs | 10.0 µs | 10.0 × |"
