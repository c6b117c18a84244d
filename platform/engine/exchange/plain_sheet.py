"""A business sheet with one head line as a decision table: what each column is, guessed well, and read as answered."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Final, Literal

from blankett.engine.exchange.cell_notation import READ_TYPES, is_any, lookalikes_replaced, read_test
from blankett.engine.exchange.dmn_names import column_key, table_key
from blankett.engine.exchange.sheet_cells import NOTHING, CellReader, Line, SheetCell, column_letters
from blankett.engine.exchange.table_sheet import MOST_ROWS, CellReading, Origin, Sheet, SheetColumn, SheetRow
from blankett.engine.fields import FIELD_TYPES, TYPES_BY_NAME
from blankett.engine.fields.base import Fault
from blankett.engine.fields.cells import Habits, TextCells
from blankett.engine.fields.locale_formats import currencies
from blankett.engine.language.loader.translations import title_of_key
from blankett.engine.language.table_cells import ANY

Role = Literal["in", "out", "note", "none"]
ROLES: Final[tuple[Role, ...]] = ("in", "out", "note", "none")
#: Types a column can be said to have, the most particular first: the first that all its cells fit is guessed.
TYPES: Final = tuple(type_.name for type_ in reversed(FIELD_TYPES) if type_.name in READ_TYPES)
#: The head line is looked for among so many lines.
_MOST_ABOVE: Final = 20
#: What a column is, is guessed from so many of its cells.
_MOST_LOOKED_AT: Final = 300
_NOTE: Final = re.compile(r"note|remark|comment|reason|bemerk|anmerk|kommentar|hinweis|备注|说明|注释", re.IGNORECASE)
_NUMBER: Final = re.compile(r"#|no\.?|nr\.?|num|number|id|row|rule|line|pos\.?|zeile|序号|编号", re.IGNORECASE)
_TESTED: Final = re.compile(r"[<>≤≥=+]|\.\.|\bor\b|\bany\b|\d\s*[-–]\s*\d|\Z(?<=^[-*])", re.IGNORECASE)


def _is_tested(shown: str) -> bool:
    """Tell whether a cell is one of an input: a bound, a range, several values, or anything."""
    return _TESTED.search(shown) is not None or (bool(shown.strip()) and shown.strip() != "-" and is_any(shown))


@dataclass(frozen=True)
class ColumnAnswer:
    """What a column of a sheet is."""

    role: Role
    type: str = "text"
    #: What people call it.
    title: str = ""


@dataclass(frozen=True)
class SheetAnswers:
    """What a sheet is as a table."""

    key: str
    hit: str
    columns: tuple[ColumnAnswer, ...]
    habits: Habits = field(default_factory=Habits)


@dataclass(frozen=True)
class PlainSheet:
    """A sheet of a workbook that nobody made for us."""

    name: str
    lines: Sequence[Line]
    #: Merged cells, hidden rows and whatever else was told of it.
    remarks: tuple[Fault, ...] = ()
    is_hidden: bool = False

    @cached_property
    def head(self) -> int:
        """Return the number of the head line, from 0: the first with two texts or more and something below them."""
        for at, line in enumerate(self.lines[:_MOST_ABOVE]):
            filled = [cell for cell in line if cell.text]
            if len(filled) > 1 and all(cell.kind == "s" for cell in filled) and any(self.lines[at + 1 : at + 2]):
                return at
        return next((at for at, line in enumerate(self.lines) if len([c for c in line if c.text]) > 1), 0)

    @cached_property
    def rows(self) -> list[Line]:
        """Return the lines below the head that hold something."""
        return [line for line in self.lines[self.head + 1 :] if any(cell.text for cell in line)]

    @cached_property
    def places(self) -> list[int]:
        """Return where its columns stand, from 0."""
        width = max((len(line) for line in [self.lines[self.head], *self.rows]), default=0)
        return [at for at in range(width) if any(_at(line, at).text for line in [self.lines[self.head], *self.rows])]

    def heading(self, at: int) -> str:
        """Return what stands above a column; its letter where nothing does."""
        return _at(self.lines[self.head], at).shown or column_letters(at + 1)

    def cells(self, at: int) -> list[SheetCell]:
        """Return the cells of a column below the head."""
        return [_at(line, at) for line in self.rows]

    # Guessed ---------------------------------------------------------------------------------------------------------

    def guessed(self) -> SheetAnswers:
        """Return what the sheet probably is."""
        habits = self._habits()
        types = {at: self._type(at, habits) for at in self.places}
        roles = self._roles(types)
        return SheetAnswers(
            key=table_key(self.name, "table_1", set()),
            hit="first",
            columns=tuple(ColumnAnswer(roles[at], types[at], self.heading(at)) for at in self.places),
            habits=habits,
        )

    def _habits(self) -> Habits:
        """Return how numbers and days are written: by the first cell that leaves no doubt."""
        rows = self.rows[:_MOST_LOOKED_AT]
        texts = [cell.text for line in rows for cell in line if cell.text and cell.kind == "s"]
        decimal, order = "", ""
        for text in texts:
            shown = lookalikes_replaced(text)
            found = re.search(r"\d([.,])\d{1,2}(?!\d|[.,]\d)", shown) or re.search(r"\d([.,])\d{4,}", shown)
            if not decimal and found and not re.search(r"\d[.]\d{1,2}[.]\d", shown):
                decimal = found[1]
            if not decimal and (grouped := re.search(r"\d([.,])\d{3}\1\d{3}", shown)):
                decimal = "." if grouped[1] == "," else ","
            day = re.search(r"\b(\d{1,2})[/-](\d{1,2})[/-]\d{2,4}\b", shown)
            if not order and day and (int(day[1]) > 12) != (int(day[2]) > 12):
                order = "dmy" if int(day[1]) > 12 else "mdy"
        return Habits(decimal or ".", order or "dmy")

    def _type(self, at: int, habits: Habits) -> str:
        cells = [cell for cell in self.cells(at)[:_MOST_LOOKED_AT] if cell.text and not is_any(cell.shown)]
        return next((type_ for type_ in TYPES if cells and all(_fits(cell, type_, habits) for cell in cells)), "text")

    def _roles(self, types: Mapping[int, str]) -> dict[int, Role]:
        """Return what the columns are: the last is given, and those behind the last that is tested."""
        places = self.places
        roles: dict[int, Role] = dict.fromkeys(places, "in")
        for at in places:
            heading = self.heading(at)
            is_counted = at == places[0] and len(places) > 2 and _NUMBER.fullmatch(heading) and self._counts(at)
            if _NOTE.search(heading) and at == places[-1]:
                roles[at] = "note"
            elif is_counted or not any(cell.text for cell in self.cells(at)):
                roles[at] = "none"
        used = [at for at in places if roles[at] == "in"]
        tested = [at for at in used if any(_is_tested(cell.shown) for cell in self.cells(at)[:_MOST_LOOKED_AT])]
        first = max(tested, default=-1) + 1
        outputs = [at for at in used if at >= first] if tested else []
        for at in outputs or used[-1:]:
            roles[at] = "out"
        if used and not any(roles[at] == "in" for at in used):
            roles[used[0]] = "in"
        return roles

    def _counts(self, at: int) -> bool:
        texts = [cell.text for cell in self.cells(at) if cell.text]
        return all(text.strip(".").isdigit() for text in texts) and len(set(texts)) == len(texts)

    # Read ------------------------------------------------------------------------------------------------------------

    def sheet(self, answers: SheetAnswers) -> Sheet | Fault:
        """Return the table, or why it cannot be one."""
        by_place = dict(zip(self.places, answers.columns, strict=True))
        inputs = [at for at, answer in by_place.items() if answer.role == "in"]
        outputs = [at for at, answer in by_place.items() if answer.role == "out"]
        if not inputs or not outputs:
            return Fault("exchange.no_columns", {"sheet": self.name})
        if not self.rows:
            return Fault("exchange.no_rows", {"sheet": self.name})
        if len(self.rows) > MOST_ROWS:
            return Fault("exchange.too_many_rows", {"sheet": self.name, "limit": MOST_ROWS})
        wrong = self._errors([*inputs, *outputs])
        if wrong is not None:
            return wrong
        taken: set[str] = set()
        columns = {at: self._column(at, by_place[at], taken) for at in [*inputs, *outputs]}
        reader = CellReader(answers.habits, [column.key for column in columns.values()])
        notes = [at for at, answer in by_place.items() if answer.role == "note"]
        rows = tuple(self._row(line, columns, inputs, outputs, notes, reader) for line in self.rows)
        title = self._title()
        return Sheet(
            key=answers.key,
            title=title if title not in (answers.key, title_of_key(answers.key)) else None,
            hit=answers.hit,
            inputs=tuple(columns[at] for at in inputs),
            outputs=tuple(columns[at] for at in outputs),
            rows=rows,
            origin=Origin(self.name, f"A{self.head + 1}"),
            remarks=(*self.remarks, *self._told(by_place)),
            readings=tuple(reader.readings),
        )

    def _errors(self, places: Sequence[int]) -> Fault | None:
        cells = [cell for line in self.rows for at in places if (cell := _at(line, at)).kind in ("f", "e")]
        for kind, message in (("f", "exchange.formula"), ("e", "exchange.cell_error")):
            found = [cell.address for cell in cells if cell.kind == kind]
            if found:
                return Fault(message, {"sheet": self.name, "cells": some_of(found)})
        return None

    def _title(self) -> str:
        """Return what stands alone above the head, else the name of the sheet."""
        above = [cell.shown for line in self.lines[: self.head] for cell in line if cell.text]
        return above[0] if len(above) == 1 else self.name

    def _told(self, by_place: Mapping[int, ColumnAnswer]) -> Iterator[Fault]:
        """Yield what of the sheet is left out."""
        above = [cell.address for line in self.lines[: self.head] for cell in line if cell.text]
        if len(above) > 1:
            yield Fault("exchange.cells_passed_over", {"sheet": self.name, "cells": some_of(above)})
        left = [f"“{self.heading(at)}”" for at, answer in by_place.items() if answer.role == "none"]
        if left:
            yield Fault("exchange.columns_left", {"sheet": self.name, "columns": ", ".join(left)})

    def _column(self, at: int, answer: ColumnAnswer, taken: set[str]) -> SheetColumn:
        title = answer.title.strip() or self.heading(at)
        key = column_key([title], f"{'input' if answer.role == 'in' else 'output'}_{at + 1}", taken)
        return SheetColumn(
            key=key,
            type=answer.type,
            title=title if title != title_of_key(key) else None,
            currency=self._currency(at) if TYPES_BY_NAME[answer.type].has_currency else None,
            origin=Origin(self.name, f"{column_letters(at + 1)}{self.head + 1}"),
        )

    def _currency(self, at: int) -> str | None:
        """Return the currency of a column's amounts, where its cells or its heading name one."""
        shown = " ".join([self.heading(at), *(cell.shown for cell in self.cells(at))])
        codes = {word for word in re.findall(r"\b[A-Z]{3}\b", shown) if word in currencies()}
        codes |= {code for sign, code in (("€", "EUR"), ("£", "GBP"), ("￥", "CNY"), ("₹", "INR")) if sign in shown}
        return codes.pop() if len(codes) == 1 else None

    def _row(
        self,
        line: Line,
        columns: Mapping[int, SheetColumn],
        inputs: Sequence[int],
        outputs: Sequence[int],
        notes: Sequence[int],
        reader: CellReader,
    ) -> SheetRow:
        number = next(re.sub(r"[A-Z]", "", cell.address) for cell in line if cell.address)
        said = [note for at in notes if (note := _at(line, at).shown)]
        cells = tuple(reader.test(_at(line, at), columns[at].type) for at in inputs)
        results = tuple(
            self._result(_at(line, at), f"{column_letters(at + 1)}{number}", columns[at].type, reader) for at in outputs
        )
        return SheetRow(
            cells=tuple(cell or ANY for cell in cells),
            results=results,
            note="\n".join(said) or None,
            origin=Origin(self.name, f"A{number}"),
            origins=tuple(Origin(self.name, f"{column_letters(at + 1)}{number}") for at in (*inputs, *outputs)),
        )

    def _result(self, cell: SheetCell, address: str, type_: str, reader: CellReader) -> str:
        """Return a result; a cell that holds nothing, or a dash, gives null."""
        if cell.text and (isinstance(TYPES_BY_NAME[type_].cells, TextCells) or lookalikes_replaced(cell.shown) != "-"):
            return reader.result(cell, type_)
        reader.readings.append(CellReading(address, cell.shown, "= null"))
        return "= null"


def _fits(cell: SheetCell, type_: str, habits: Habits) -> bool:
    """Tell whether a column of a type could hold a cell, as a test or as a result."""
    if cell.kind in ("f", "e"):
        return True
    of = TYPES_BY_NAME[type_]
    if cell.kind != "s":
        return of.cells.fits(cell.held)
    if of.has_currency and not cell.held.has_currency:
        return False
    found = read_test(cell.text, type_, replace(habits, keeps_feel=False))
    return found is not None and not (of.is_number and '"' in found.text)


def _at(line: Line, at: int) -> SheetCell:
    return line[at] if at < len(line) else NOTHING


#: So many cells with the same fault are named.
MOST_NAMED: Final = 8


def some_of(addresses: Sequence[str]) -> str:
    """Return the first of some addresses in words."""
    return ", ".join(addresses[:MOST_NAMED]) + (", …" if len(addresses) > MOST_NAMED else "")
