"""Decision tables in a spreadsheet: one table a sheet, every cell a text. Reading is `xlsx_reader`'s.

    table    | approvers | Approvers | Who must agree.      |      |
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
from collections.abc import Iterator, Mapping, Sequence
from typing import Any as Value
from typing import Final

from blankett.engine.exchange.table_sheet import Sheet, SheetColumn

#: The first cells of the lines above the rows; `title`, `help`, `values`, `decimals` and `currency` may be left out.
COLUMN_LINES: Final = ("column", "name", "title", "help", "type", "values", "decimals", "currency", "default")
NEEDED: Final = frozenset({"table", "column", "name", "type"})
#: Behind it come the rows.
LAST: Final = COLUMN_LINES[-1]
#: What a cell of a spreadsheet can hold; a longer text loses its end.
LONGEST: Final = 32_767

#: {part of a sheet: its look}. Every cell is a text, and marked as one with the spreadsheet's own quote, so that no
#: program takes what begins with = + - or @ for a formula, also when somebody edits the cell.
_LOOKS: Final[Mapping[str, Mapping[str, object]]] = {
    "head": {"bold": True},
    "in": {"bold": True, "bg_color": "#DCE9F7"},
    "out": {"bold": True, "bg_color": "#DDF0E0"},
    "note": {"bold": True, "bg_color": "#F1F1EE"},
    "text": {"text_wrap": True, "valign": "top"},
}


def to_xlsx(sheets: Sequence[Sheet]) -> bytes:
    """Return a workbook with a sheet for each of *sheets*. Nothing in it is a formula or a link."""
    import xlsxwriter

    made = io.BytesIO()
    workbook = xlsxwriter.Workbook(made, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    formats = {
        name: workbook.add_format({"num_format": "@", "quote_prefix": True, **look}) for name, look in _LOOKS.items()
    }
    for number, sheet in enumerate(sheets, 1):
        # A sheet's name is cut off at 31 characters and must differ from the others; the first line has the key.
        page = workbook.add_worksheet(sheet.key if len(sheet.key) <= 31 else f"{sheet.key[:26]} {number}")
        _write(page, sheet, formats)
    workbook.close()
    return made.getvalue()


def _write(page: Value, sheet: Sheet, formats: dict[str, Value]) -> None:
    lines = list(_lines(sheet))
    head = len(lines) - len(sheet.rows)
    kinds = ["head", *("in" for _ in sheet.inputs), *("out" for _ in sheet.outputs), "note"]
    for number, line in enumerate(lines):
        for at, text in enumerate(line):
            kind = kinds[min(at, len(kinds) - 1)] if 2 <= number < head else "head" if number < head else "text"
            page.write_string(number, at, text[:LONGEST], formats[kind])
    for at in range(len(kinds)):
        longest = max((len(line[at]) for line in lines[2:] if at < len(line)), default=0)
        page.set_column(at, at, min(max(longest + 2, 10), 60), formats["text"])
    page.freeze_panes(head, 1)


def _lines(sheet: Sheet) -> Iterator[list[str]]:
    yield ["table", sheet.key, sheet.title or "", *([sheet.help] if sheet.help else [])]
    yield ["hit", sheet.hit]
    kinds = ["in"] * len(sheet.inputs) + ["out"] * len(sheet.outputs)
    yield ["column", *kinds, "note"]
    for name in COLUMN_LINES[1:]:
        texts = [_said(sheet, column, name) for column in sheet.columns]
        if any(texts) or name in NEEDED or name == LAST:
            yield [name, *texts, ""]
    for row in sheet.rows:
        yield [row.key or "", *row.texts, row.note or ""]


def _said(sheet: Sheet, column: SheetColumn, name: str) -> str:
    """Return what a line above the rows says of a column. Several values stand on lines of their own."""
    if name == "default":
        return sheet.default.get(column.key, "") if column in sheet.outputs else ""
    if name == "values":
        return "\n".join(column.listed) or column.values or ""
    return str(getattr(column, "key" if name == "name" else name) or "")
