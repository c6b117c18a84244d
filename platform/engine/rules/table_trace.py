"""Why a table decides as it does: for each row which cells hold, and which row gives the value.

For people who try a table out, and for explanations. Nothing is changed, and nothing is stored.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any as Value
from typing import Literal
from zoneinfo import ZoneInfo

from blankett.engine import feel
from blankett.engine.fields.base import Fault, TextReading
from blankett.engine.language.model import Table, TableRow

_MOMENT = feel.Moment(datetime(2000, 1, 1, tzinfo=UTC), ZoneInfo("UTC"))

#: Why the value is what it is: rows gave it; none matched, so the default did, or nothing; several matched where one
#: may, or they do not agree; it took too long.
Outcome = Literal["rows", "default", "none", "several", "disagree", "budget"]


@dataclass(frozen=True)
class CellTrace:
    """What one cell says: true, false, or None where it has no answer, as of an empty value."""

    column: str
    text: str
    answer: bool | None


@dataclass(frozen=True)
class RowTrace:
    """What one row says. It matches when all its cells hold; it won when it gave the value, or a part of it."""

    key: str
    number: int
    #: Line of the file, from 1.
    line: int
    cells: tuple[CellTrace, ...]
    matches: bool
    won: bool
    #: {output: value} of a row that matches; None for others.
    results: Mapping[str, Value] | None


@dataclass(frozen=True)
class TableTrace:
    """How a table decided for given inputs."""

    #: The table's full name.
    table: str
    hit: str
    inputs: Mapping[str, Value]
    rows: tuple[RowTrace, ...]
    value: Value
    outcome: Outcome

    @property
    def matching(self) -> tuple[RowTrace, ...]:
        """Return the rows whose cells all hold."""
        return tuple(row for row in self.rows if row.matches)


def explain_table(table: Table, inputs: Mapping[str, Value], moment: feel.Moment = _MOMENT) -> TableTrace:
    """Return how *table* decides for *inputs*, {input: value in memory}; what is not given is empty.

    `dataclasses.asdict` makes plain data of it.
    """
    names = {key: inputs.get(key) for key in table.inputs}
    try:
        with feel.evaluating(moment) as run:
            decision = table.decision.decision(run, names)
            rows = tuple(_row(table, row, names, decision, run) for row in table.rows)
    except feel.BudgetExceeded:
        return TableTrace(table.name, table.hit, names, (), None, "budget")
    return TableTrace(table.name, table.hit, names, rows, decision.value, _outcome(table, decision))


def _row(
    table: Table, row: TableRow, names: Mapping[str, Value], decision: feel.TableDecision, run: feel.Run
) -> RowTrace:
    at = row.number - 1
    answers = [
        table.decision.cell_answer(run, names, at, column, names[key]) for column, key in enumerate(table.inputs)
    ]
    cells = tuple(
        CellTrace(cell.column, cell.text, answer if isinstance(answer, bool) else None)
        for cell, answer in zip(row.cells, answers, strict=True)
    )
    matches = all(answer is True for answer in answers)
    results = None
    if matches:
        found = table.decision.result(run, names, at)
        results = found if len(table.outputs) > 1 else dict.fromkeys(table.outputs, found)
    return RowTrace(row.key, row.number, row.place.line, cells, matches, at in decision.won, results)


def _outcome(table: Table, decision: feel.TableDecision) -> Outcome:
    if decision.won:
        return "rows"
    if decision.matched:
        return "several" if table.hit == "unique" else "disagree"
    return "default" if table.default else "none"


def read_inputs(
    table: Table, typed: Mapping[str, str], reading: TextReading
) -> tuple[dict[str, Value], dict[str, Fault]]:
    """Return the values of what a person typed for the inputs of *table*, and what is wrong with the others.

    Values of links and people are their ids.
    """
    values: dict[str, Value] = {}
    faults: dict[str, Fault] = {}
    for key, column in table.inputs.items():
        found = column.field.type.read_text(typed.get(key, ""), column.field, reading)
        if isinstance(found, Fault):
            faults[key] = found
        else:
            values[key] = found
    return values, faults
