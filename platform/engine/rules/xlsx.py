"""Decision tables in a spreadsheet: one table a sheet, every cell a text.

    table    | approvers |         |        |               |      |
    hit      | first     |         |        |               |      |
    column   | in        | in      | in     | out           | out  | note
    name     | total     | tier    | urgent | role          | days |
    type     | number    | customer.tier | yes_no | role     | number |
    values   |           |         |        |               |      |
    default  |           |         |        | sales         | 2    |
             | >= 100000 | -       | -      | director      | 1    | The board wants to see these.

Behind the row `default` come the rows of the table, each with its key, if it has one, in the first column.
"""

from __future__ import annotations

import io
import warnings
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time
from types import MappingProxyType
from typing import Any as Value
from typing import Final

from blankett.engine.fields.base import Fault
from blankett.engine.rules.sheet import Sheet, SheetColumn, SheetRow, padded_cells

MOST_BYTES: Final = 5_000_000
MOST_UNPACKED: Final = 40_000_000
MOST_PARTS: Final = 500
MOST_ROWS: Final = 10_000
MOST_COLUMNS: Final = 200

#: The first cells of the lines above the rows; `title`, `decimals` and `currency` may be left out.
COLUMN_LINES: Final = ("column", "name", "title", "type", "values", "decimals", "currency", "default")
NEEDED: Final = frozenset({"table", "column", "name", "type"})
#: Behind it come the rows.
LAST: Final = COLUMN_LINES[-1]
_KINDS: Final = ("in", "out", "note")


class _Wrong(Exception):
    """What is wrong with a workbook, as a fault."""

    def __init__(self, message: str, **params: object) -> None:
        super().__init__(message)
        self.fault = Fault(message, params)


# Writing ------------------------------------------------------------------------------------------------------------


def to_xlsx(sheets: Sequence[Sheet]) -> bytes:
    """Return a workbook with a sheet for each of *sheets*. Every cell is a text, so that no program changes it."""
    import xlsxwriter

    made = io.BytesIO()
    workbook = xlsxwriter.Workbook(made, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    formats = {
        "head": workbook.add_format({"bold": True, "num_format": "@"}),
        "in": workbook.add_format({"bold": True, "num_format": "@", "bg_color": "#DCE9F7"}),
        "out": workbook.add_format({"bold": True, "num_format": "@", "bg_color": "#DDF0E0"}),
        "note": workbook.add_format({"bold": True, "num_format": "@", "bg_color": "#F1F1EE"}),
        "text": workbook.add_format({"num_format": "@", "text_wrap": True, "valign": "top"}),
    }
    for number_of_page, sheet in enumerate(sheets, 1):
        # A sheet's name is cut off at 31 characters and must differ from the others; the first line has the key.
        page = workbook.add_worksheet(sheet.key if len(sheet.key) <= 31 else f"{sheet.key[:26]} {number_of_page}")
        lines = list(_lines(sheet))
        head = len(lines) - len(sheet.rows)
        kinds = ["head", *("in" for _ in sheet.inputs), *("out" for _ in sheet.outputs), "note"]
        for number, line in enumerate(lines):
            for at, text in enumerate(line):
                kind = kinds[min(at, len(kinds) - 1)] if 2 <= number < head else "head" if number < head else "text"
                page.write_string(number, at, text, formats[kind])
        for at in range(len(kinds)):
            longest = max((len(line[at]) for line in lines[2:] if at < len(line)), default=0)
            page.set_column(at, at, min(max(longest + 2, 10), 60), formats["text"])
        page.freeze_panes(head, 1)
    workbook.close()
    return made.getvalue()


def _lines(sheet: Sheet) -> Iterator[list[str]]:
    yield ["table", sheet.key, sheet.title or ""]
    yield ["hit", sheet.hit]
    kinds = ["in"] * len(sheet.inputs) + ["out"] * len(sheet.outputs)
    yield ["column", *kinds, "note"]
    for name in COLUMN_LINES[1:]:
        texts = [_said(sheet, column, name) for column in sheet.columns]
        if any(texts) or name in NEEDED or name == LAST:
            yield [name, *texts, ""]
    for row in sheet.rows:
        yield [row.key or "", *row.cells, *row.results, row.note or ""]


def _said(sheet: Sheet, column: SheetColumn, name: str) -> str:
    """Return what a line above the rows says of a column. Several values stand on lines of their own."""
    if name == "default":
        return sheet.default.get(column.key, "") if column in sheet.outputs else ""
    if name == "values":
        return "\n".join(column.listed) or column.values or ""
    return str(getattr(column, "key" if name == "name" else name) or "")


# Reading ------------------------------------------------------------------------------------------------------------


def from_xlsx(data: bytes) -> tuple[Sheet, ...] | Fault:
    """Return the tables of a workbook, or what is wrong with it."""
    try:
        _refuse_unsafe(data)
        return tuple(_read_sheet(name, lines) for name, lines in _pages(data))
    except _Wrong as wrong:
        return wrong.fault


def _refuse_unsafe(data: bytes) -> None:
    """Refuse a workbook that would unpack to too much, or whose parts define entities."""
    if len(data) > MOST_BYTES:
        raise _Wrong("exchange.too_large", limit=MOST_BYTES)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            parts = packed.infolist()
            if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
                raise _Wrong("exchange.too_large", limit=MOST_UNPACKED)
            for part in parts:
                with packed.open(part) as opened:
                    start = opened.read(4096)
                if b"<!DOCTYPE" in start or b"<!ENTITY" in start or start[:2] in (b"\xff\xfe", b"\xfe\xff"):
                    raise _Wrong("exchange.not_a_workbook")
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError) as err:
        raise _Wrong("exchange.not_a_workbook") from err


def _pages(data: bytes) -> Iterator[tuple[str, list[list[str]]]]:
    """Yield the sheets that hold anything, as texts without empty lines at the end."""
    import openpyxl

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of styles and extensions it passes over
            workbook = openpyxl.load_workbook(io.BytesIO(data), read_only=True)
            found = [(page.title, _texts(page)) for page in workbook.worksheets]
            workbook.close()
    except _Wrong:
        raise
    except Exception as err:  # it raises whatever a broken part makes it stumble over
        raise _Wrong("exchange.not_a_workbook") from err
    filled = [(name, lines) for name, lines in found if lines]
    if not filled:
        raise _Wrong("exchange.no_table")
    yield from filled


def _texts(page: Value) -> list[list[str]]:
    page.reset_dimensions()
    lines: list[list[str]] = []
    empty = 0
    for values in page.iter_rows(max_col=MOST_COLUMNS, values_only=True):
        line = [_text(value) for value in values]
        while line and not line[-1]:
            line.pop()
        empty = 0 if line else empty + 1
        if empty > MOST_ROWS or len(lines) > MOST_ROWS + len(COLUMN_LINES):
            raise _Wrong("exchange.too_many_rows", limit=MOST_ROWS)
        lines.append(line)
    return lines[: len(lines) - empty]


def _text(value: Value) -> str:
    """Return what stands in a cell as an author would have typed it: programs turn texts into numbers and days."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime) and value.time() == time():
        return value.date().isoformat()
    return value.isoformat() if isinstance(value, (date, time)) else str(value).strip()


def _read_sheet(name: str, lines: Sequence[Sequence[str]]) -> Sheet:
    heads, rows = _split(name, lines)
    kinds = heads["column"]
    places = {kind: [at for at, each in enumerate(kinds) if each == kind] for kind in _KINDS}
    for at, kind in enumerate(kinds):
        if kind not in _KINDS and (kind or _at(heads["name"], at)):
            raise _Wrong("exchange.bad_heading", sheet=name, column=at + 2, found=kind, wanted=", ".join(_KINDS))
    if not places["in"] or not places["out"]:
        raise _Wrong("exchange.no_columns", sheet=name)
    columns = {at: _column(heads, at) for at in (*places["in"], *places["out"])}
    default = {columns[at].key: text for at in places["out"] if (text := _at(heads.get("default", ()), at))}
    return Sheet(
        key=_at(heads["table"], 0) or name,
        title=_at(heads["table"], 1) or None,
        hit=_at(heads.get("hit", ()), 0) or "unique",
        inputs=tuple(columns[at] for at in places["in"]),
        outputs=tuple(columns[at] for at in places["out"]),
        rows=tuple(_row(line, places) for line in rows if any(line)),
        default=MappingProxyType(default),
    )


def _split(name: str, lines: Sequence[Sequence[str]]) -> tuple[dict[str, Sequence[str]], Sequence[Sequence[str]]]:
    """Return the lines above the rows by their first cell, and the rows."""
    heads: dict[str, Sequence[str]] = {}
    known = {"table", "hit", *COLUMN_LINES}
    for number, line in enumerate(lines):
        first = line[0] if line else ""
        if first not in known or first in heads:
            break
        heads[first] = line[1:]
        if first == LAST:
            number += 1
            break
    else:
        number = len(lines)
    missing = sorted(NEEDED - heads.keys())
    if missing:
        raise _Wrong("exchange.missing_heading", sheet=name, names=", ".join(missing))
    return heads, lines[number:]


def _at(line: Sequence[str], at: int) -> str:
    return line[at] if at < len(line) else ""


def _column(heads: Mapping[str, Sequence[str]], at: int) -> SheetColumn:
    texts = {name: _at(heads.get(name, ()), at) for name in COLUMN_LINES}
    values = [line.strip() for line in texts["values"].splitlines() if line.strip()]
    is_list = len(values) > 1 or texts["type"] not in ("number", "money", "percent", "date")
    return SheetColumn(
        key=texts["name"],
        type=texts["type"] or "text",
        title=texts["title"] or None,
        listed=tuple(values) if values and is_list else (),
        values=values[0] if values and not is_list else None,
        decimals=texts["decimals"] or None,
        currency=texts["currency"] or None,
    )


def _row(line: Sequence[str], places: Mapping[str, Sequence[int]]) -> SheetRow:
    texts = line[1:]
    notes = [note for at in places["note"] if (note := _at(texts, at))]
    return SheetRow(
        cells=padded_cells(_at(texts, at) for at in places["in"]),
        results=tuple(_at(texts, at) for at in places["out"]),
        key=line[0] if not line[0].isdigit() and line[0] else None,
        note="\n".join(notes) or None,
    )
