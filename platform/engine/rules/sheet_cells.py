"""Cells of a workbook as they are shown, and what a column of some type reads in them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any as Value
from typing import Final

from blankett.engine.blueprint.cells import ANY
from blankett.engine.fields import TYPES_BY_NAME
from blankett.engine.fields.cells import CellForm, Habits, SheetValue, TextCells, quoted
from blankett.engine.fields.locales import plain
from blankett.engine.rules.cell_forms import READ_TYPES, is_any, lookalikes_replaced, read_result, read_test
from blankett.engine.rules.number_formats import shown_value
from blankett.engine.rules.sheet import CellReading
from blankett.engine.rules.xlsx_layout import Area, column_letters

_ESCAPED: Final = re.compile(r"_x([0-9A-Fa-f]{4})_")


@dataclass(frozen=True, slots=True)
class SheetCell:
    """A cell that holds something."""

    #: As an author of a blueprint would have typed it.
    text: str
    address: str
    #: What it is for the spreadsheet: ``f`` a formula, ``e`` an error, ``s`` a text, ``n``, ``b``, ``d`` other values.
    kind: str = "s"
    #: As the spreadsheet shows it.
    shown: str = ""
    #: What it holds, where that is no text.
    value: object = field(default=None, compare=False)

    @property
    def percent(self) -> Decimal | None:
        """Return the number before the sign of a percentage, else None."""
        if isinstance(self.value, (int, float)) and not isinstance(self.value, bool) and "%" in self.shown:
            return Decimal(number_text(self.value)) * 100
        return None

    @property
    def held(self) -> SheetValue:
        """Return what it holds, where that is no text."""
        return SheetValue(self.value, self.shown, self.percent)


NOTHING: Final = SheetCell("", "")
Line = Sequence[SheetCell]


def cell_of(cell: Value) -> SheetCell:
    """Return a cell of openpyxl."""
    value = cell.value
    if value is None:
        return NOTHING
    text = _text(value)
    if isinstance(value, str):
        return SheetCell(text, str(cell.coordinate), str(cell.data_type), text)
    shown = shown_value(value, str(cell.number_format)) or text
    kind = "b" if isinstance(value, bool) else "d" if isinstance(value, (date, time)) else str(cell.data_type)
    return SheetCell(text, str(cell.coordinate), kind, shown, value)


def _text(value: Value) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (int, float)):
        return number_text(value)
    if isinstance(value, datetime) and value.time() == time():
        return value.date().isoformat()
    if isinstance(value, (date, time)):
        return value.isoformat()
    text = _ESCAPED.sub(lambda match: chr(int(match[1], 16)), str(value))
    # Half a character cannot be written to any file.
    return text.encode("utf-8", "replace").decode("utf-8").replace("\r\n", "\n").strip()


def number_text(value: float | Decimal) -> str:
    """Return a number with the 15 digits that a spreadsheet shows: it keeps 0.1 + 0.2 as 0.30000000000000004."""
    return plain(value if isinstance(value, Decimal) else Decimal(f"{value:.15g}"))


def fill_merged(lines: Sequence[Line], areas: Iterable[Area], first: int) -> tuple[list[Line], list[str]]:
    """Return *lines* in which every cell of a merged area holds what is shown there, and the areas' names.

    *first*: the line, from 0, from which on areas are looked at.
    """
    filled = [list(line) for line in lines]
    names = []
    for area in areas:
        if area.top <= first or area.top > len(filled) or (area.top, area.left) == (area.bottom, area.right):
            continue
        source = _at(filled[area.top - 1], area.left - 1)
        names.append(area.name)
        for row in range(area.top - 1, min(area.bottom, len(filled))):
            line = filled[row]
            line.extend([NOTHING] * (area.right - len(line)))
            for at in range(area.left - 1, area.right):
                line[at] = replace(source, address=f"{column_letters(at + 1)}{row + 1}") if source.text else NOTHING
    return [_trimmed(line) for line in filled], names


def _trimmed(line: list[SheetCell]) -> Line:
    while line and not line[-1].text:
        line.pop()
    return line


def _at(line: Line, at: int) -> SheetCell:
    return line[at] if at < len(line) else NOTHING


class CellReader:
    """Reads the cells of a table's columns, and keeps which it reads otherwise than they look."""

    def __init__(self, habits: Habits, names: Collection[str]) -> None:
        self.habits = habits
        #: Other columns, which cells of texts may name.
        self.names = names
        self.readings: list[CellReading] = []

    def test(self, cell: SheetCell, kind: str, options: Collection[str] = ()) -> str:
        """Return a cell of an input; *options*: the values its column lists, as a blueprint has them."""
        if not cell.text:
            return ANY
        if kind not in READ_TYPES:
            return ANY if is_any(cell.shown) else cell.text
        if cell.kind != "s":
            return self._told(cell, self._value_test(cell, kind))
        if options:
            return self._told(cell, _options_form(cell.text, options) or CellForm(cell.text))
        return self._told(cell, read_test(cell.text, kind, self.habits, self.names) or CellForm(cell.text))

    def result(self, cell: SheetCell, kind: str, options: Collection[str] = ()) -> str:
        """Return a result; empty for one that holds nothing."""
        if kind not in READ_TYPES and "." in kind and cell.percent is not None:
            return f"{plain(cell.percent)}%"
        if not cell.text or kind not in READ_TYPES or cell.text.startswith("="):
            return cell.text
        if cell.kind != "s":
            return self._told(cell, self._value_result(cell, kind))
        if options:
            return self._told(cell, _option_of(cell.text, options) or CellForm(cell.text))
        found = read_result(cell.text, kind, self.habits)
        if self.habits.keeps_feel and TYPES_BY_NAME[kind].cells.is_usual(cell.text):
            return cell.text
        return self._told(cell, found or CellForm(cell.text))

    def _value_test(self, cell: SheetCell, kind: str) -> CellForm:
        cells = TYPES_BY_NAME[kind].cells
        found = cells.from_sheet(cell.held)
        return CellForm(cell.text if found is None else quoted(found) if isinstance(cells, TextCells) else found)

    def _value_result(self, cell: SheetCell, kind: str) -> CellForm:
        found = TYPES_BY_NAME[kind].cells.from_sheet(cell.held)
        return CellForm(cell.text if found is None else found)

    def _told(self, cell: SheetCell, form: CellForm) -> str:
        if form.is_doubtful or not _looks_like(cell, form.text):
            self.readings.append(CellReading(cell.address, cell.shown, form.text, form.is_doubtful))
        return form.text


def _looks_like(cell: SheetCell, read: str) -> bool:
    """Tell whether a cell looks like what is read in it."""
    shown, found = "".join(cell.shown.split()), "".join(read.split())
    if shown.casefold() == found.casefold() or found == "".join(quoted(cell.shown).split()):
        return True
    if isinstance(cell.value, datetime):
        return cell.value.time() == time()
    if isinstance(cell.value, (bool, date)):
        return True
    if isinstance(cell.value, (int, float)):
        bare = re.sub(r"[^0-9.%+-]", "", cell.shown)
        return bare.rstrip("%").rstrip("0").rstrip(".") == found.rstrip("0").rstrip(".") or _is_percent_of(cell, found)
    return found.replace('"', "").casefold() == shown.replace('"', "").casefold()


def _is_percent_of(cell: SheetCell, found: str) -> bool:
    return cell.percent is not None and found in (f"{plain(cell.percent)}%", plain(cell.percent / 100))


def _options_form(text: str, options: Collection[str]) -> CellForm | None:
    """Return the options that a cell names, in any letters; None where it names another thing, or is FEEL."""
    if is_any(text):
        return CellForm(ANY)
    one = _option_of(text, options)
    if one is not None or text.startswith(("not(", '"')):
        return one
    parts = re.split(r"\s*(?:[,;、；/]|\s(?:or|oder|ou|eller)\s|或)\s*", text.strip())
    found = [_option_of(part, options) for part in parts if part]
    known = [each.text for each in found if each is not None]
    return CellForm(", ".join(known)) if known and len(known) == len(found) else None


def _option_of(text: str, options: Collection[str]) -> CellForm | None:
    wanted = lookalikes_replaced(text).casefold()
    same = next((option for option in options if option == text), None)
    same = same or next((option for option in options if option.casefold() == wanted), None)
    return CellForm(same) if same is not None else None
