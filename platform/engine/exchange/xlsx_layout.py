"""What one sees of a workbook and its cells do not say: merged cells, and hidden rows, columns and sheets.

Read from the parts of the workbook as a stream, so that a large sheet is held nowhere.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from blankett.engine.exchange.safe_xml import Element, UnsafeMarkupError, read_markup, watch_elements

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
