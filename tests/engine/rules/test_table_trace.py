"""Why a table decides as it does."""

from __future__ import annotations

from dataclasses import asdict
from decimal import Decimal

import pytest
from tests.engine.analysis.made_tables import make_table

from blankett.engine.fields.base import Fault, TextReading
from blankett.engine.rules.table_trace import explain_table, read_inputs

COLUMNS = {"total": "order.total", "tier": "order.tier"}
ROWS = {"large": [">= 100", "-", "a"], "fresh": ["-", "new, silver", "= string(total)"], "gold": ["< 50", "gold", "c"]}


def test_every_cell_of_every_row_says_whether_it_holds() -> None:
    trace = explain_table(make_table("first", COLUMNS, ROWS), {"total": Decimal(120), "tier": "new"})
    assert (trace.value, trace.outcome, [row.key for row in trace.matching]) == ("a", "rows", ["large", "fresh"])
    assert asdict(trace)["rows"][1] == {
        "key": "fresh",
        "number": 2,
        "line": 30,
        "cells": (
            {"column": "total", "text": "-", "answer": True},
            {"column": "tier", "text": "new, silver", "answer": True},
        ),
        "matches": True,
        "won": False,
        "results": {"out": "120"},
    }
    assert [(row.key, [cell.answer for cell in row.cells], row.won) for row in trace.rows] == [
        ("large", [True, True], True),
        ("fresh", [True, True], False),
        ("gold", [False, False], False),
    ]


def test_an_empty_value_has_no_answer_from_an_order() -> None:
    trace = explain_table(make_table("first", COLUMNS, ROWS), {"tier": "gold"})
    assert [[cell.answer for cell in row.cells] for row in trace.rows] == [[None, True], [True, False], [None, True]]


@pytest.mark.parametrize(
    ("hit", "total", "default", "outcome"),
    [
        ("unique", 120, None, "several"),
        ("any", 120, None, "disagree"),
        ("collect", 120, None, "rows"),
        ("unique", 70, None, "none"),
        ("unique", 70, "b", "default"),
    ],
)
def test_it_is_told_why_the_value_is_what_it_is(hit: str, total: int, default: str | None, outcome: str) -> None:
    rows = [[">= 100", "-", "a"], [">= 100", "new", "c"]]
    trace = explain_table(make_table(hit, COLUMNS, rows, default=default), {"total": Decimal(total), "tier": "new"})
    assert trace.outcome == outcome


def test_several_outputs_are_told_by_name() -> None:
    out = {"role": "role", "days": "number"}
    trace = explain_table(make_table("unique", {"urgent": "yes_no"}, [["yes", "director", "1"]], out), {"urgent": True})
    assert trace.rows[0].results == {"role": "director", "days": Decimal(1)} == trace.value


def test_what_a_person_typed_is_read_by_the_types_of_the_inputs() -> None:
    table = make_table("unique", {**COLUMNS, "urgent": "yes_no"}, [["-", "-", "-", "a"]])
    values, faults = read_inputs(table, {"total": "1.234,5", "tier": "Gild", "urgent": ""}, TextReading(locale="de"))
    assert values == {"total": Decimal("1234.5"), "urgent": None}
    assert faults == {"tier": Fault("field.no_such_option", {"value": "Gild"})}
