"""Reads decision tables of a workbook into sheets, as `xlsx_writer` writes them and people change them.

Nothing is calculated: a cell with a formula of the spreadsheet is refused with its address. What is large, packed too
tightly or defines entities is refused before it is unpacked into anything.
"""

from __future__ import annotations

import io
import re
import warnings
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any as Value
from typing import Final

from blankett.engine.exchange.cell_notation import BOUNDED_TYPES
from blankett.engine.exchange.dmn_names import key_of
from blankett.engine.exchange.file_tables import FileTables
from blankett.engine.exchange.plain_sheet import PlainSheet, some_of
from blankett.engine.exchange.safe_xml import UnsafeMarkupError, count_elements
from blankett.engine.exchange.sheet_cells import (
    NOTHING,
    CellReader,
    Layout,
    Line,
    SheetCell,
    cell_of,
    column_letters,
    fill_merged,
    read_layouts,
)
from blankett.engine.exchange.table_sheet import MOST_ROWS, Origin, Sheet, SheetColumn, SheetRow, padded_cells
from blankett.engine.exchange.xlsx_writer import COLUMN_LINES, LAST, NEEDED
from blankett.engine.feel.decision_table import HITS
from blankett.engine.fields.base import Fault
from blankett.engine.fields.cells import Habits
from blankett.engine.language.model import KEY
from blankett.engine.suggestions import as_it_looks

MOST_BYTES: Final = 5_000_000
MOST_UNPACKED: Final = 40_000_000
MOST_PARTS: Final = 500
MOST_ELEMENTS: Final = 500_000
MOST_COLUMNS: Final = 100
#: What unpacks to more than so many bytes may not be this many times its size: no program packs cells so tightly.
LOOSE: Final = 2_000_000
TIGHTEST: Final = 150

_KINDS: Final = ("in", "out", "note")


class _WrongWorkbook(Exception):
    """What is wrong with a workbook, as a fault."""

    def __init__(self, message: str, **params: object) -> None:
        super().__init__(message)
        self.fault = Fault(message, params)


def from_xlsx(data: bytes) -> FileTables | Fault:
    """Return the tables of a workbook, or what is wrong with it, with the address of the cell."""
    try:
        _refuse_unsafe(data)
        filled = [(name, lines) for name, lines in _pages(data) if lines]
        if not filled:
            raise _WrongWorkbook("exchange.no_table")
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            layouts = read_layouts(packed)
        # Whoever works with a table puts other sheets beside it.
        tables = [(name, lines) for name, lines in filled if _first(lines[0]) == "table"]
        if not tables:
            return _plain_tables(filled, layouts)
        read = {name for name, _ in tables}
        others = tuple(Fault("exchange.sheet_passed_over", {"sheet": name}) for name, _ in filled if name not in read)
        pages = [_Page(name, lines, layouts.get(name, Layout())) for name, lines in tables]
        return FileTables(tuple(page.sheet() for page in pages), remarks=others)
    except (_WrongWorkbook, UnsafeMarkupError) as wrong:
        return wrong.fault


def _plain_tables(filled: Sequence[tuple[str, list[Line]]], layouts: Mapping[str, Layout]) -> FileTables:
    """Return the sheets of a workbook that was not made for us."""
    plain, others = [], []
    for name, lines in filled:
        layout = layouts.get(name, Layout())
        merged, names = fill_merged(lines, layout.merged, 0)
        remarks = tuple(_laid_out(name, lines, layout, names))
        sheet = PlainSheet(name, merged, remarks, layout.is_hidden)
        if len(sheet.places) > 1 and sheet.rows:
            plain.append(sheet)
        else:
            others.append(Fault("exchange.sheet_passed_over", {"sheet": name}))
    if not plain:
        raise _WrongWorkbook("exchange.no_table_found")
    return FileTables(remarks=tuple(others), plain=tuple(plain))


def _laid_out(name: str, lines: Sequence[Line], layout: Layout, merged: Sequence[str]) -> Iterator[Fault]:
    """Yield what a reader of a sheet sees, or does not see, and its cells do not say."""
    if layout.is_hidden:
        yield Fault("exchange.hidden_sheet", {"sheet": name})
    if merged:
        yield Fault("exchange.merged", {"sheet": name, "cells": some_of(merged)})
    rows = [str(row) for row in layout.hidden_rows if 0 < row <= len(lines) and lines[row - 1]]
    width = max(map(len, lines), default=0)
    columns = [
        column_letters(at)
        for first, last in layout.hidden_columns
        for at in range(max(first, 1), min(last, width) + 1)
        if any(_at(line, at - 1).text for line in lines)
    ]
    if rows:
        yield Fault("exchange.hidden_rows", {"sheet": name, "rows": some_of(rows)})
    if columns:
        yield Fault("exchange.hidden_columns", {"sheet": name, "columns": some_of(columns)})


def _refuse_unsafe(data: bytes) -> None:
    """Refuse a workbook that would unpack to too much, or whose parts define entities."""
    if len(data) > MOST_BYTES:
        raise _WrongWorkbook("exchange.too_large", limit=MOST_BYTES)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            parts = packed.infolist()
            unpacked = sum(part.file_size for part in parts)
            if len(parts) > MOST_PARTS or unpacked > MOST_UNPACKED:
                raise _WrongWorkbook("exchange.too_large", limit=MOST_UNPACKED)
            if unpacked > max(LOOSE, TIGHTEST * len(data)):
                raise _WrongWorkbook("exchange.packed_tightly", size=unpacked, times=TIGHTEST)
            left = MOST_ELEMENTS
            for part in parts:
                # Every part, for any of them may be named as the one with the cells; read up to the size it states.
                left -= count_elements(packed.read(part), left)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError, zlib.error) as err:
        raise _WrongWorkbook("exchange.not_a_workbook") from err


# Cells --------------------------------------------------------------------------------------------------------------


def _pages(data: bytes) -> list[tuple[str, list[Line]]]:
    """Return the sheets by name, their cells as texts, without empty lines at the end."""
    import openpyxl

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of styles and extensions it passes over
            workbook = openpyxl.load_workbook(io.BytesIO(data), read_only=True, keep_links=False)
            found = [(page.title, _lines(page)) for page in workbook.worksheets]
            workbook.close()
    except _WrongWorkbook:
        raise
    except Exception as err:  # it raises whatever a broken part makes it stumble over
        raise _WrongWorkbook("exchange.not_a_workbook") from err
    return found


def _lines(page: Value) -> list[Line]:
    page.reset_dimensions()
    heads = (
        cell for cells in page.iter_rows(max_row=len(COLUMN_LINES) + 2, min_col=MOST_COLUMNS + 1) for cell in cells
    )
    if any(cell.value is not None for cell in heads):
        raise _WrongWorkbook("exchange.too_many_columns", limit=MOST_COLUMNS, sheet=page.title)
    lines: list[Line] = []
    empty = 0
    for cells in page.iter_rows(max_col=MOST_COLUMNS):
        line = [cell_of(each) for each in cells]
        while line and not line[-1].text:
            line.pop()
        empty = 0 if line else empty + 1
        if empty > MOST_ROWS or len(lines) - empty > MOST_ROWS + len(COLUMN_LINES):
            raise _WrongWorkbook("exchange.too_many_rows", limit=MOST_ROWS, sheet=page.title)
        lines.append(line)
    return lines[: len(lines) - empty]


# Sheets -------------------------------------------------------------------------------------------------------------


def _at(line: Line, at: int) -> SheetCell:
    return line[at] if at < len(line) else NOTHING


def _first(line: Line) -> str:
    return as_it_looks(_at(line, 0).text)


class _Page:
    """One sheet of a workbook that is to be a table."""

    def __init__(self, name: str, lines: Sequence[Line], layout: Layout) -> None:
        self.name = name
        self.heads: dict[str, Line] = {}
        first = self._read_heads(lines)
        filled, merged = fill_merged(lines, layout.merged, first)
        self.rows = filled[first:]
        self.laid_out = list(_laid_out(name, lines, layout, merged))

    def sheet(self) -> Sheet:
        """Return the table, or raise `_Wrong`."""
        self._refuse_formulas()
        places = self._places()
        columns = {at: self._column(at) for at in (*places["in"], *places["out"])}
        self._refuse_twins([(column.key, self._head("name", at).address) for at, column in columns.items()])
        self.columns = columns
        self.reader = CellReader(Habits(keeps_feel=True), [column.key for column in columns.values()])
        rows = tuple(self._row(line, places) for line in self.rows if line)
        self._refuse_twins([(row.key, row.origin.cell) for row in rows if row.key and row.origin])
        if not rows:
            raise _WrongWorkbook("exchange.no_rows", sheet=self.name)
        default = {columns[at].key: self._result("default", at) for at in places["out"]}
        return Sheet(
            key=self._key(),
            title=self._head("table", 2).text or None,
            help=self._head("table", 3).text or None,
            hit=self._hit(),
            inputs=tuple(columns[at] for at in places["in"]),
            outputs=tuple(columns[at] for at in places["out"]),
            rows=rows,
            default=MappingProxyType({key: text for key, text in default.items() if text}),
            origin=Origin(self.name, "A1"),
            remarks=(*self.laid_out, *self._passed_over(places)),
            readings=tuple(self.reader.readings),
        )

    def _passed_over(self, places: Mapping[str, Sequence[int]]) -> list[Fault]:
        """Return a remark on cells that stand under no heading."""
        known = {0, *(at for each in places.values() for at in each)}
        cells = [cell.address for line in self.rows for at, cell in enumerate(line) if cell.text and at not in known]
        return [Fault("exchange.cells_passed_over", {"sheet": self.name, "cells": some_of(cells)})] if cells else []

    def _read_heads(self, lines: Sequence[Line]) -> int:
        """Read the lines above the rows by their first cell, and return how many there are."""
        known = {"table", "hit", *COLUMN_LINES}
        number = 0
        for line in lines:
            first = _first(line)
            if first not in known or first in self.heads or LAST in self.heads:
                break
            self.heads[first] = line
            number += 1
        missing = [name for name in ("table", *COLUMN_LINES) if name in NEEDED - self.heads.keys()]
        if missing:
            where = f"A{number + 1}"
            raise _WrongWorkbook("exchange.missing_heading", sheet=self.name, cell=where, names=", ".join(missing))
        return number

    def _head(self, name: str, at: int) -> SheetCell:
        return _at(self.heads.get(name, ()), at)

    def _refuse_formulas(self) -> None:
        cells = [cell for line in (*self.heads.values(), *self.rows) for cell in line]
        for kind, message in (("f", "exchange.formula"), ("e", "exchange.cell_error")):
            found = [cell.address for cell in cells if cell.kind == kind]
            if found:
                raise _WrongWorkbook(message, sheet=self.name, cells=some_of(found))

    def _places(self) -> Mapping[str, list[int]]:
        """Return where the columns of each kind stand."""
        line, names = self.heads["column"], self.heads["name"]
        places: dict[str, list[int]] = {kind: [] for kind in _KINDS}
        for at in range(1, max(len(line), len(names))):
            kind = as_it_looks(_at(line, at).text)
            if kind in places:
                places[kind].append(at)
            elif kind or _at(names, at).text:
                cell, wanted = self._address("column", at), ", ".join(_KINDS)
                raise _WrongWorkbook("exchange.bad_heading", sheet=self.name, cell=cell, found=kind, wanted=wanted)
        if not places["in"] or not places["out"]:
            raise _WrongWorkbook("exchange.no_columns", sheet=self.name)
        return places

    def _address(self, name: str, at: int) -> str:
        """Return the address of a cell above the rows, also of an empty one."""
        from openpyxl.utils import get_column_letter

        return f"{get_column_letter(at + 1)}{list(self.heads).index(name) + 1}"

    def _key(self) -> str:
        """Return the key of the table; without one, the name of the sheet as a key."""
        cell = self._head("table", 1)
        if cell.text:
            return self._word(cell)
        return key_of(self.name)

    def _hit(self) -> str:
        cell = self._head("hit", 1)
        hit = " ".join(cell.text.casefold().replace("_", " ").split()) or "unique"
        if hit not in HITS:
            wanted = ", ".join(HITS)
            raise _WrongWorkbook("exchange.bad_hit", sheet=self.name, cell=cell.address, found=cell.text, wanted=wanted)
        return hit

    def _word(self, cell: SheetCell) -> str:
        """Return the text of a cell that must be a key."""
        if KEY.match(cell.text):
            return cell.text
        found, meant = cell.text[:60], key_of(cell.text)
        raise _WrongWorkbook("exchange.bad_name", sheet=self.name, cell=cell.address, found=found, meant=meant)

    def _refuse_twins(self, names: Sequence[tuple[str, str]]) -> None:
        seen: dict[str, str] = {}
        for name, address in names:
            if name in seen:
                raise _WrongWorkbook("exchange.name_twice", sheet=self.name, cell=address, found=name, other=seen[name])
            seen[name] = address

    def _column(self, at: int) -> SheetColumn:
        cells = {name: self._head(name, at) for name in COLUMN_LINES}
        if not cells["name"].text:
            raise _WrongWorkbook("exchange.no_name", sheet=self.name, cell=self._address("name", at))
        texts = {name: cell.text for name, cell in cells.items()}
        if texts["decimals"] and not re.fullmatch("[0-9]", texts["decimals"]):
            cell = cells["decimals"]
            raise _WrongWorkbook("exchange.bad_decimals", sheet=self.name, cell=cell.address, found=cell.text[:60])
        if texts["currency"] and not re.fullmatch("[A-Z]{3}", texts["currency"]):
            cell = cells["currency"]
            raise _WrongWorkbook("exchange.bad_currency", sheet=self.name, cell=cell.address, found=cell.text[:60])
        values = [line.strip() for line in texts["values"].splitlines() if line.strip()]
        is_list = len(values) > 1 or texts["type"] not in BOUNDED_TYPES
        return SheetColumn(
            key=self._word(cells["name"]),
            type=texts["type"] or "text",
            title=texts["title"] or None,
            help=texts["help"] or None,
            listed=tuple(values) if values and is_list else (),
            values=values[0] if values and not is_list else None,
            decimals=texts["decimals"] or None,
            currency=texts["currency"] or None,
            origin=Origin(self.name, cells["name"].address),
        )

    def _row(self, line: Line, places: Mapping[str, Sequence[int]]) -> SheetRow:
        notes = [note for at in places["note"] if (note := _at(line, at).text)]
        address = next(cell.address for cell in line if cell.address)
        number = int(address.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
        key = _at(line, 0)
        return SheetRow(
            cells=padded_cells(
                self.reader.test(_at(line, at), self._kind(at), self.columns[at].listed) for at in places["in"]
            ),
            results=tuple(self._result_of(_at(line, at), at) for at in places["out"]),
            # A row's number comes out of a file where the rows have no keys.
            key=None if not key.text or key.text.isdigit() else self._word(key),
            note="\n".join(notes) or None,
            origin=Origin(self.name, f"A{number}"),
            origins=tuple(self._origin(at, number) for at in (*places["in"], *places["out"])),
        )

    def _origin(self, at: int, number: int) -> Origin:
        from openpyxl.utils import get_column_letter

        return Origin(self.name, f"{get_column_letter(at + 1)}{number}")

    def _result(self, name: str, at: int) -> str:
        return self._result_of(self._head(name, at), at)

    def _result_of(self, cell: SheetCell, at: int) -> str:
        return self.reader.result(cell, self._kind(at), self.columns[at].listed)

    def _kind(self, at: int) -> str:
        """Return the type of a column, as written."""
        return self._head("type", at).text or "text"
