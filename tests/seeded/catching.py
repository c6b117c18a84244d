"""How a fault is looked for in what the checker says of a copy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from blankett.engine import feel
from blankett.engine.analysis.examples import example_words
from blankett.engine.analysis.table_analysis import TableFinding, analyse
from blankett.engine.checks import check_blueprint
from blankett.engine.language.model import Table, TableRow
from blankett.engine.language.problems import Problem

from .flagship import line_of
from .table_faults import Fault

MOMENT = feel.Moment(datetime(2026, 3, 2, tzinfo=UTC), ZoneInfo("UTC"))


def catch(fault: Fault) -> None:
    """Look whether a fault is told by its id on its line, and whether every counter-example of its table is true."""
    loaded = check_blueprint(fault.text)
    lines = [problem.place.line for problem in loaded.problems if problem.id == fault.id]
    if fault.table is not None:
        assert loaded.partial is not None
        check_examples(fault, loaded.partial.tables[fault.table], loaded.problems)
    if fault.rows is None or fault.path[-1] != "rows":
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


def check_rows(fault: Fault, finding: TableFinding, matching: list[TableRow], told: Sequence[Problem]) -> set[str]:
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
