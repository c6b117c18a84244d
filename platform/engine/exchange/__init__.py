"""The door between tables and files of other programs: spreadsheets and DMN, out and in.

What comes in is a sheet, not yet a table: `table_text` writes it as an entry of a blueprint, and the checker says the
rest.
"""

from __future__ import annotations

from collections.abc import Sequence

from blankett.engine.exchange.dmn_reader import from_dmn
from blankett.engine.exchange.dmn_writer import to_dmn
from blankett.engine.exchange.file_tables import FileTables
from blankett.engine.exchange.table_sheet import (
    Origin,
    Sheet,
    SheetColumn,
    SheetRow,
    left_out,
    row_lines,
    sheet_of,
    table_text,
)
from blankett.engine.exchange.xlsx_reader import from_xlsx
from blankett.engine.exchange.xlsx_writer import to_xlsx
from blankett.engine.language.model import Table

__all__ = [
    "FileTables",
    "Origin",
    "Sheet",
    "SheetColumn",
    "SheetRow",
    "export_dmn",
    "export_xlsx",
    "from_dmn",
    "from_xlsx",
    "left_out",
    "row_lines",
    "sheet_of",
    "table_text",
    "to_dmn",
    "to_xlsx",
]


def export_xlsx(tables: Sequence[Table]) -> bytes:
    """Return a workbook with a sheet for each of *tables*, which must be sound."""
    return to_xlsx([sheet_of(table) for table in tables])


def export_dmn(tables: Sequence[Table], name: str) -> bytes:
    """Return a DMN model called *name* with a decision for each of *tables*, which must be sound."""
    return to_dmn(tables, name)
