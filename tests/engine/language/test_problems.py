"""How problems are collected, and which of too many are told."""

from __future__ import annotations

import pytest

from blankett.engine.language.model import Place
from blankett.engine.language.problems import MOST_PROBLEMS, Report, suggest


@pytest.mark.parametrize("written", ["In", "IN", "ｉｎ", "іn", "ins"])
def test_a_name_that_only_looks_otherwise_is_meant(written: str) -> None:
    assert suggest(written, ["hit", "in", "out", "rows"]) == "in"


def test_of_too_many_problems_the_first_of_each_kind_and_part_is_told() -> None:
    report = Report()
    for line in range(1, 900):
        report.add("cell_not_compared", Place(line, 1, path=("tables", "fee")), reason="it is so")
    report.add("table_gap", Place(950, 1, path=("tables", "fee")), example="a 1")
    report.add("table_gap", Place(990, 1, path=("tables", "other")), example="a 2")
    report.add("unknown_role", Place(999, 1, path=("forms", "order")), name="x")
    found = report.finished()
    assert len(found) == MOST_PROBLEMS + 1
    assert [problem.place.line for problem in found[-5:-1]] == [197, 950, 990, 999]
    assert found[-1].message == "702 more problems are not shown."
