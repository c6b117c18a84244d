"""The benchmark of decision tables: rows all over a table are hit, and a thousand cost little more than ten."""

from __future__ import annotations

from decimal import Decimal

import pytest
from bench.tables import FEW, INPUTS, MANY, SHAPES, Shape, TableCost, cost_table, decider, measure

#: Far above the aim: this machine may be busy with other things.
PATIENT = 20


@pytest.mark.parametrize("shape", SHAPES, ids=[shape.title for shape in SHAPES])
@pytest.mark.parametrize("rows", [FEW, MANY])
def test_inputs_hit_rows_all_over_a_table(shape: Shape, rows: int) -> None:
    hit = decider(shape, rows)()
    assert hit == [Decimal(at * rows // INPUTS) for at in range(INPUTS)]


def test_a_thousand_rows_cost_little_more_than_ten() -> None:
    assert {cost.title: cost.ratio for cost in measure(rounds=5) if cost.ratio > PATIENT} == {}


def test_table_marks_what_missed_its_aim() -> None:
    table = cost_table([TableCost("a table", few=2, many=12)])
    assert table.splitlines()[2] == "| a table | 2.0 µs | 12.0 µs | **6.0 ×** |"
