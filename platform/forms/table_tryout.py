"""A decision table tried out: controls for its inputs, and in words which row hits and why each other one does not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any as Value

from blankett.engine import feel
from blankett.engine.fields.base import Fault, TextReading
from blankett.engine.fields.reader import Reader
from blankett.engine.language.model import Table, TableColumn
from blankett.engine.rules.table_trace import CellTrace, RowTrace, TableTrace, explain_table
from blankett.forms.controls import Control
from blankett.forms.value_text import show_value
from blankett.words import say

#: Before the name of an input in a form, so that it is no other control's.
PREFIX = "try."


@dataclass(frozen=True)
class TriedCell:
    """A cell with what it says of the value."""

    title: str
    text: str
    #: The value it looked at, in words.
    value: str
    #: None where it has no answer, as of an empty value.
    holds: bool | None
    #: ``total 12 400 is not >= 100000``
    words: str


@dataclass(frozen=True)
class TriedRow:
    """A row with what it says."""

    number: int
    #: Empty where the rows have no keys.
    key: str
    #: Line of the text, from 1.
    line: int
    #: ``hit``: it gives the value, or a part of it; ``match``: it matches and does not; ``miss``: it does not match.
    state: str
    #: Why, beside the cells that fail.
    words: str
    cells: tuple[TriedCell, ...]
    #: (title of the output, value) of a row that matches.
    results: tuple[tuple[str, str], ...]

    @property
    def failing(self) -> tuple[TriedCell, ...]:
        """Return the cells that do not hold."""
        return tuple(cell for cell in self.cells if cell.holds is not True)


@dataclass(frozen=True)
class TableTried:
    """How a table decided."""

    #: Whether it gives anything: ``good``, ``warn`` for the default and for nothing, ``bad`` for what it may not.
    tone: str
    words: str
    #: What it gives: for each item, one unless the table gives a list, (title, value) of the outputs.
    answers: tuple[tuple[tuple[str, str], ...], ...]
    rows: tuple[TriedRow, ...]
    trace: TableTrace

    @property
    def others(self) -> tuple[TriedRow, ...]:
        """Return the rows that do not give the value."""
        return tuple(row for row in self.rows if row.state != "hit")

    @property
    def hits(self) -> tuple[TriedRow, ...]:
        """Return the rows that do."""
        return tuple(row for row in self.rows if row.state == "hit")


def try_table(
    table: Table, values: Mapping[str, Value], reader: Reader, moment: feel.Moment | None = None
) -> TableTried:
    """Return how a sound table decides for *values*, {input: value in memory}, in the reader's words."""
    trace = explain_table(table, values) if moment is None else explain_table(table, values, moment)
    shown = _Showing(table, trace, reader)
    return TableTried(shown.tone(), shown.outcome(), tuple(shown.answers()), tuple(map(shown.row, trace.rows)), trace)


# In words -----------------------------------------------------------------------------------------------------------


#: {outcome without a row that hits: message}
_OUTCOMES: Mapping[str, str] = {
    "default": "tryout.default",
    "none": "tryout.none",
    "several": "tryout.several",
    "disagree": "tryout.disagree",
    "budget": "tryout.budget",
}


@dataclass(frozen=True)
class _Showing:
    """Puts one trace into words."""

    table: Table
    trace: TableTrace
    reader: Reader

    def say(self, id: str, **params: object) -> str:
        """Return a message in the reader's language."""
        return say(self.reader, id, **params)

    def tone(self) -> str:
        """Return how good the outcome is."""
        return {"rows": "good", "default": "warn", "none": "warn"}.get(self.trace.outcome, "bad")

    def outcome(self) -> str:
        """Return in a sentence what came of it."""
        won = [row for row in self.trace.rows if row.won]
        if won:
            names = ", ".join(map(_name, won))
            return self.say("tryout.hit", count=len(won), rows=names)
        return self.say(_OUTCOMES[self.trace.outcome])

    def answers(self) -> Iterator[tuple[tuple[str, str], ...]]:
        """Yield what the table gives."""
        value = self.trace.value
        if self.table.hit == "collect count" and value is not None:
            yield ((self.say("tryout.count"), str(value)),)
        elif isinstance(value, list):
            yield from (self._outputs(item) for item in value)
        elif value is not None:
            yield self._outputs(value)

    def _outputs(self, value: Value) -> tuple[tuple[str, str], ...]:
        given = value if isinstance(value, Mapping) else dict.fromkeys(self.table.outputs, value)
        return tuple(
            (self.title(column), self.value(column, given.get(key))) for key, column in self.table.outputs.items()
        )

    def title(self, column: TableColumn) -> str:
        """Return what people call a column."""
        return column.title.say(self.reader.language)

    def value(self, column: TableColumn, value: Value) -> str:
        """Return a value of a column as people read it; values of formulas may be of another kind."""
        if value is None:
            return self.say("tryout.empty")
        currency = column.field.currency if isinstance(column.field.currency, str) else None
        fitting = column.field.type.from_feel(value, column.field, currency)
        if isinstance(fitting, Fault):
            return str(value)
        titles = {str(fitting): str(fitting)}
        return show_value(column.field, fitting, self.reader, titles, currency)

    def row(self, row: RowTrace) -> TriedRow:
        """Return a row in words."""
        state = "hit" if row.won else "match" if row.matches else "miss"
        return TriedRow(
            number=row.number,
            key="" if row.key.isdigit() else row.key,
            line=row.line,
            state=state,
            words=self._why(row),
            cells=tuple(map(self._cell, row.cells)),
            results=self._outputs(row.results) if row.results is not None else (),
        )

    def _why(self, row: RowTrace) -> str:
        if row.won:
            return self.say("tryout.row_hits")
        if not row.matches:
            return self.say("tryout.row_misses")
        won = [each for each in self.trace.rows if each.won]
        if not won:
            return self.say("tryout.row_disagrees" if self.trace.outcome == "disagree" else "tryout.row_several")
        message = {"first": "tryout.row_below", "priority": "tryout.row_less"}.get(self.table.hit, "tryout.row_same")
        return self.say(message, row=_name(won[0]))

    def _cell(self, cell: CellTrace) -> TriedCell:
        column = self.table.inputs[cell.column]
        title, value = self.title(column), self.value(column, self.trace.inputs[cell.column])
        message = {True: "tryout.cell_holds", False: "tryout.cell_fails", None: "tryout.cell_silent"}[cell.answer]
        words = self.say(message, column=title, value=value, cell=cell.text)
        return TriedCell(title, cell.text, value, cell.answer, words)


def _name(row: RowTrace) -> str:
    """Return what a row is called: its number, and its key where it has one."""
    return str(row.number) if row.key.isdigit() else f"{row.number} ({row.key})"


# Controls -----------------------------------------------------------------------------------------------------------


def input_controls(
    table: Table, typed: Mapping[str, str], faults: Mapping[str, Fault], reader: Reader
) -> tuple[Control, ...]:
    """Return a control for each input, with what was typed and what is wrong with it. Names begin with `PREFIX`."""
    return tuple(_control(column, typed.get(key, ""), faults.get(key), reader) for key, column in table.inputs.items())


def _control(column: TableColumn, text: str, fault: Fault | None, reader: Reader) -> Control:
    of = column.field
    # Yes or no is no box to tick here: an input may be empty too.
    options = tuple((text, show_value(of, value, reader, {})) for text, value in of.type.cases(of))
    widget = "choice" if options else of.type.widget if of.type.widget in _WIDGETS else "text"
    return Control(
        name=f"{PREFIX}{of.key}",
        of=of,
        widget=widget,
        label=column.title.say(reader.language),
        help="",
        text=text,
        shown=text,
        error=say(reader, fault.message, **fault.params) if fault is not None else "",
        currency=of.currency if isinstance(of.currency, str) else "",
        unit=of.unit.say(reader.language) if of.unit else "",
        options=options,
        is_required=True,
    )


_WIDGETS = frozenset({"number", "money", "percent", "date", "text"})


def read_api_inputs(table: Table, typed: Mapping[str, str]) -> tuple[dict[str, Value], dict[str, Fault]]:
    """Return values written as blueprints and the API write them: 12400.50, 2026-01-31, yes; and what is wrong."""
    values: dict[str, Value] = {}
    faults: dict[str, Fault] = {}
    for key, column in table.inputs.items():
        found = column.field.type.read_api(typed.get(key, "").strip(), column.field, TextReading())
        if isinstance(found, Fault):
            faults[key] = found
        else:
            values[key] = found
    return values, faults
