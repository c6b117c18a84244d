"""Cells of a workbook as one sees them: what they show, merged or hidden, and what a column of some type reads in
them.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from decimal import ROUND_HALF_UP, Decimal
from typing import Any as Value
from typing import Final

from blankett.engine.exchange.cell_notation import READ_TYPES, is_any, lookalikes_replaced, read_result, read_test
from blankett.engine.exchange.safe_xml import Element, UnsafeMarkupError, read_markup, watch_elements
from blankett.engine.exchange.table_sheet import CellReading
from blankett.engine.fields import TYPES_BY_NAME
from blankett.engine.fields.cells import CellForm, Habits, SheetValue, TextCells, quoted
from blankett.engine.fields.locale_formats import plain
from blankett.engine.language.table_cells import ANY

# What cells do not say: merged ones, hidden rows, columns and sheets; read as a stream, held nowhere ------------------


#: So many merged areas and hidden rows of a sheet are looked at.
MOST_AREAS: Final = 10_000
_AREA: Final = re.compile(r"\$?([A-Z]{1,3})\$?([0-9]{1,7})(?::\$?([A-Z]{1,3})\$?([0-9]{1,7}))?\Z")
_BOOK: Final = "xl/workbook.xml"
_LINKS: Final = "xl/_rels/workbook.xml.rels"
_RELATION: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships|id"


@dataclass(frozen=True)
class Area:
    """Merged cells: rows and columns from 1, both ends included."""

    name: str
    top: int
    left: int
    bottom: int
    right: int


@dataclass
class Layout:
    """How a sheet is laid out."""

    is_hidden: bool = False
    merged: list[Area] = field(default_factory=list)
    hidden_rows: list[int] = field(default_factory=list)
    #: (first, last), from 1.
    hidden_columns: list[tuple[int, int]] = field(default_factory=list)


def read_layouts(packed: zipfile.ZipFile) -> Mapping[str, Layout]:
    """Return {title of a sheet: how it is laid out}; nothing of what cannot be found."""
    found: dict[str, Layout] = {}
    names = set(packed.namelist())
    if not {_BOOK, _LINKS} <= names:
        return found
    try:
        book, links = read_markup(packed.read(_BOOK)), read_markup(packed.read(_LINKS))
    except UnsafeMarkupError:
        return found
    targets = {link.get("Id"): link.get("Target") or "" for link in links.all("Relationship")}
    for sheet in book.all("sheet"):
        part = _part_of(sheet, targets)
        if part in names:
            layout = Layout(is_hidden=(sheet.get("state") or "visible") != "visible")
            watch_elements(packed.read(part), _reader(layout))
            found[sheet.get("name") or ""] = layout
    return found


def _part_of(sheet: Element, targets: Mapping[str | None, str]) -> str:
    target = targets.get(sheet.attributes.get(_RELATION), "")
    return target.lstrip("/") if target.startswith("/") else f"xl/{target}"


def _reader(layout: Layout) -> Callable[[str, Mapping[str, str]], None]:
    def see(name: str, attributes: Mapping[str, str]) -> None:
        if name == "row" and _is_true(attributes.get("hidden")) and len(layout.hidden_rows) < MOST_AREAS:
            layout.hidden_rows.append(_whole(attributes.get("r")))
        elif name == "col" and _is_true(attributes.get("hidden")) and len(layout.hidden_columns) < MOST_AREAS:
            layout.hidden_columns.append((_whole(attributes.get("min")), _whole(attributes.get("max"))))
        elif name == "mergeCell" and len(layout.merged) < MOST_AREAS:
            area = area_of(attributes.get("ref", ""))
            if area is not None:
                layout.merged.append(area)

    return see


def area_of(reference: str) -> Area | None:
    """Return the area that ``B7:C8`` names."""
    match = _AREA.match(reference)
    if match is None:
        return None
    last = match[3] or match[1], match[4] or match[2]
    return Area(reference, int(match[2]), column_number(match[1]), int(last[1]), column_number(last[0]))


def column_number(letters: str) -> int:
    """Return the number of a column, from 1: 28 for ``AB``."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def column_letters(number: int) -> str:
    """Return the letters of a column, from 1: ``AB`` for 28."""
    letters = ""
    while number > 0:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _is_true(text: str | None) -> bool:
    return text in ("1", "true")


def _whole(text: str | None) -> int:
    return int(text) if text is not None and text.isascii() and text.isdigit() and len(text) < 8 else 0


# What cells show ------------------------------------------------------------------------------------------------------


#: The longest format that is looked at: Excel itself takes 255 characters.
LONGEST: Final = 255
_PIECE: Final = re.compile(
    r"""
    "(?P<quoted>[^"]*)"          # literal text
  | \\(?P<escaped>.)             # a literal character
  | _(?P<skipped>.)              # room as wide as a character
  | \*(?P<filler>.)              # fills the cell
  | \[(?P<bracket>[^\]]*)\]      # a colour, a condition, a currency with its locale
  | (?P<clock>AM/PM|A/P)
  | (?P<general>General)
  | (?P<days>y+|m+|d+|h+|s+)
  | (?P<digits>[0\#?](?:[0\#?,]*[0\#?])?(?:\.[0\#?]*)?|\.[0\#?]+)(?P<scaled>,*)
  | (?P<percent>%)
  | (?P<text>@)
  | (?P<other>.)
""",
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
_SECTION: Final = re.compile(r'(?:"[^"]*"|\\.|_.|\*.|[^;"\\_*])*')
_MONTHS: Final = ("January February March April May June July August September October November December").split()
_WEEKDAYS: Final = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
#: {currency sign in brackets: …}, as in ``[$€-407]``.
_CURRENCY: Final = re.compile(r"\$([^-]*)")


def shown_value(value: object, written: str) -> str | None:
    """Return how a cell with *value* and the number format *written* looks; None where that cannot be told."""
    if len(written) > LONGEST:
        return None
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, (datetime, date, time)):
        return _shown_moment(value, _section_of(written, 1))
    if isinstance(value, (int, float, Decimal)):
        return _shown_number(_exact(value), written)
    return None


def _exact(value: float | Decimal) -> Decimal:
    """Return a number with the 15 digits that a spreadsheet keeps."""
    return value if isinstance(value, Decimal) else Decimal(f"{value:.15g}")


def _sections(written: str) -> list[str]:
    found, at = [], 0
    while at <= len(written):
        match = _SECTION.match(written, at)
        assert match is not None
        found.append(match[0])
        at = match.end() + 1
    return found


def _section_of(written: str, sign: int) -> str:
    """Return the part of a format for numbers of a sign."""
    parts = _sections(written)
    at = {1: 0, -1: 1, 0: 2}[sign]
    return parts[at] if at < len(parts) else parts[0]


# Numbers ------------------------------------------------------------------------------------------------------------


def _shown_number(value: Decimal, written: str) -> str | None:
    sign = (value > 0) - (value < 0)
    section = _section_of(written, sign)
    pieces = list(_PIECE.finditer(section))
    if any(piece["days"] or piece["clock"] for piece in pieces) or re.search(r"[eE][+-]|\?/|#/|0/", section):
        return None
    places = [piece for piece in pieces if piece["digits"]]
    if len(places) > 1:
        return _shown_in_places(value, pieces)
    percents = sum(1 for piece in pieces if piece["percent"])
    number = abs(value) * 100**percents
    minus = "-" if sign < 0 and len(_sections(written)) < 2 else ""
    text = "".join(_number_piece(piece, number) for piece in pieces)
    return f"{minus}{text}".strip() if text.strip() else None


def _number_piece(piece: re.Match[str], number: Decimal) -> str:
    if piece["digits"]:
        return _digits(piece["digits"], number / 1000 ** len(piece["scaled"] or ""))
    if piece["general"] or piece["text"]:
        return plain(number)
    return _literal(piece)


def _literal(piece: re.Match[str]) -> str:
    if piece["bracket"] is not None:
        currency = _CURRENCY.match(piece["bracket"])
        return currency[1] if currency else ""
    if piece["skipped"]:
        return " "
    return piece["quoted"] or piece["escaped"] or piece["percent"] or piece["other"] or ""


def _digits(pattern: str, number: Decimal) -> str:
    """Return digits by a pattern such as ``#,##0.00``."""
    whole_pattern, _, part_pattern = pattern.partition(".")
    rounded = number.quantize(Decimal(1).scaleb(-len(part_pattern)), ROUND_HALF_UP)
    whole, _, part = format(rounded, "f").partition(".")
    least = whole_pattern.count("0")
    whole = whole.lstrip("0").rjust(least, "0")
    if "," in whole_pattern and whole:
        whole = f"{int(whole):,}".rjust(least, "0")
    kept = part_pattern.rfind("0") + 1
    part = part[:kept] + part[kept:].rstrip("0")
    return f"{whole}.{part}" if part_pattern and part else whole


def _shown_in_places(value: Decimal, pieces: Sequence[re.Match[str]]) -> str | None:
    """Return a whole number whose digits stand apart, as in ``000-00-0000``."""
    room = sum(len(piece["digits"]) for piece in pieces if piece["digits"])
    if value < 0 or value != value.to_integral_value() or any("." in (piece["digits"] or "") for piece in pieces):
        return None
    digits = plain(value).rjust(room, "0")
    first, digits = digits[: len(digits) - room], digits[len(digits) - room :]
    text, at = "", 0
    for piece in pieces:
        if piece["digits"]:
            text += (first if at == 0 else "") + digits[at : at + len(piece["digits"])]
            at += len(piece["digits"])
        else:
            text += _literal(piece)
    return text.strip()


# Days ---------------------------------------------------------------------------------------------------------------


def _shown_moment(value: datetime | date | time, section: str) -> str | None:
    pieces = list(_PIECE.finditer(section))
    if not any(piece["days"] for piece in pieces) or any(
        piece["bracket"] and piece["bracket"].lower() in ("h", "hh", "m", "mm", "s", "ss") for piece in pieces
    ):
        return None
    day = value.date() if isinstance(value, datetime) else value if isinstance(value, date) else None
    clock = value.time() if isinstance(value, datetime) else value if isinstance(value, time) else time()
    is_twelve = any(piece["clock"] for piece in pieces)
    text = ""
    for at, piece in enumerate(pieces):
        if piece["days"]:
            letters = piece["days"].lower()
            is_minute = letters[0] == "m" and len(letters) < 3 and _is_minute(pieces, at)
            found = _clock_part(letters, clock, is_minute, is_twelve) if letters[0] in "hs" or is_minute else None
            found = found if found is not None else _day_part(letters, day)
            if found is None:
                return None
            text += found
        elif piece["clock"]:
            text += "AM" if clock.hour < 12 else "PM"
        elif piece["digits"]:
            continue  # parts of a second
        else:
            text += _literal(piece)
    return text.strip() or None


def _is_minute(pieces: Sequence[re.Match[str]], at: int) -> bool:
    """Tell whether an ``m`` stands behind hours or before seconds."""
    before = next((piece["days"] for piece in reversed(pieces[:at]) if piece["days"]), "")
    after = next((piece["days"] for piece in pieces[at + 1 :] if piece["days"]), "")
    return before[:1].lower() == "h" or after[:1].lower() == "s"


def _clock_part(letters: str, clock: time, is_minute: bool, is_twelve: bool) -> str:
    hour = (clock.hour % 12 or 12) if is_twelve else clock.hour
    number = clock.minute if is_minute else hour if letters[0] == "h" else clock.second
    return str(number).rjust(2, "0") if len(letters) > 1 else str(number)


def _day_part(letters: str, day: date | None) -> str | None:
    if day is None:
        return None
    if letters[0] == "y":
        return f"{day.year:04d}" if len(letters) > 2 else f"{day.year % 100:02d}"
    number, names = (day.month, _MONTHS) if letters[0] == "m" else (day.day, _WEEKDAYS)
    name = names[day.month - 1] if letters[0] == "m" else names[day.weekday()]
    if len(letters) == 3:
        return name[:3]
    if len(letters) > 3:
        return name[:1] if len(letters) == 5 else name
    return str(number).rjust(2, "0") if len(letters) == 2 else str(number)


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
