"""The checker finds what is wrong: faults sown into the flagship's tables and rules are caught, each on its line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from blankett.engine import feel
from blankett.engine.blueprint.model import Table
from blankett.engine.blueprint.tables import TableRow
from blankett.engine.checker import check_blueprint
from blankett.engine.problems import Problem
from blankett.engine.rules.geometry import Finding, analyse
from blankett.engine.rules.wording import example_words

from .flagship import line_of, read_flagship
from .rule_faults import rule_faults
from .table_faults import Fault, table_faults

MOMENT = feel.Moment(datetime(2026, 3, 2, tzinfo=UTC), ZoneInfo("UTC"))
FLAGSHIP = read_flagship()
FAULTS = [*table_faults(FLAGSHIP), *rule_faults(FLAGSHIP)]
#: So many the checker must be held to at least.
FEWEST = 40


def test_the_flagship_has_no_fault_before() -> None:
    assert [problem.line("flagship.yaml") for problem in check_blueprint(FLAGSHIP.text).problems] == []


@pytest.mark.parametrize("count", [len(FAULTS)], ids=[f"{len(FAULTS)}-faults"])
def test_enough_faults_are_sown(count: int) -> None:
    assert count >= FEWEST
    assert len({fault.text for fault in FAULTS}) == count
    assert all(fault.text != FLAGSHIP.text for fault in FAULTS)


@pytest.mark.parametrize("fault", FAULTS, ids=[fault.name for fault in FAULTS])
def test_a_seeded_fault_is_caught_on_its_line(fault: Fault) -> None:
    loaded = check_blueprint(fault.text)
    told = [problem for problem in loaded.problems if problem.id == fault.id]
    lines = [problem.place.line for problem in told]
    if fault.table is None:
        assert line_of(fault.text, fault.path) in lines, [problem.line("") for problem in loaded.problems]
        return
    assert loaded.partial is not None
    check_examples(fault, loaded.partial.tables[fault.table], loaded.problems)
    if fault.path[-1] != "rows" or fault.rows is None:
        assert line_of(fault.text, fault.path) in lines, [problem.line("") for problem in loaded.problems]


def check_examples(fault: Fault, table: Table, told: Sequence[Problem]) -> None:
    """Look whether every counter-example is true, is worded in its problem, and one is about the fault's rows."""
    about: set[str] = set()
    examples = [(finding, example) for finding in analyse(table) for example in finding.examples]
    assert examples
    for finding, example in examples:
        matching = [row for row in table.rows if matches(table, row, example)]
        if finding.kind == "gap":
            assert matching == []
            assert fault.rows is None
        else:
            about |= check_rows(fault, finding, matching, told)
        assert any(example_words(table, example) in problem.message for problem in told)
    assert set(fault.rows or ()) <= about


def check_rows(fault: Fault, finding: Finding, matching: list[TableRow], told: Sequence[Problem]) -> set[str]:
    """Look whether an example matches the rows that a finding names, and is told on the line of the one it is about."""
    assert finding.row is not None
    assert finding.row in matching
    assert not finding.others or any(other in matching for other in finding.others)
    if any((problem.id, problem.place.line) == (fault.id, finding.row.place.line) for problem in told):
        return {finding.row.key, *(other.key for other in finding.others)}
    return set()


def matches(table: Table, row: TableRow, example: Mapping[str, Any]) -> bool:
    """Tell whether a row matches inputs. What the example leaves out does not matter to it."""
    cells = [cell for cell in row.cells if cell.formula is not None and cell.column in example]
    return all(cell.formula.evaluate({"?": example[cell.column]}, MOMENT) is True for cell in cells if cell.formula)
