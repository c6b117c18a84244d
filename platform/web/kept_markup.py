"""Parts of pages that are kept between requests, each by all that it is drawn from.

What a macro draws from plain values and the page's language is the same as long as these are. Of a control, what stands
in it differs from record to record, and of a row of a table its cells; each is drawn once with holes there, which are
filled each time.
"""

from __future__ import annotations

import copy
import re
import secrets
import sys
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, fields
from operator import attrgetter
from typing import Final, Generic, Protocol, TypeVar

from markupsafe import Markup, escape

from blankett.engine.language.model import Field
from blankett.forms.controls import Control
from blankett.web.identity import current_language

#: Parts kept, of each of both kinds, and bytes of their markup; when there is more, all are forgotten.
MOST_KEPT: Final = 1024
MOST_BYTES: Final = 4 * 2**20

#: What is only put out, whatever it holds: a hole where it is not empty.
FILLED_IN: Final = ("text", "shown", "picked", "label_cell")
#: Widgets that are drawn otherwise for another text.
READS_TEXT: Final = frozenset({"yes_no", "choice", "radio", "rating", "choices"})
#: A letter for private use and some nobody can guess, so that no text of a page is taken for a hole; and what ends it.
_SIGN, _END = f"\ue000{secrets.token_hex(8)}", "\ue001"
#: For the id of a cell's line, in its name, and for each of FILLED_IN.
_HOLES: Final = tuple(f"{_SIGN}{place}{_END}" for place in range(len(FILLED_IN) + 1))
_split = re.compile(f"{_SIGN}(\\d+){_END}").split
#: Between texts that are escaped together.
_SEPARATOR: Final = "\x1f"

_constant = attrgetter(*(each.name for each in fields(Control) if each.name not in ("name", "of", *FILLED_IN)))
_filled_in = attrgetter(*FILLED_IN)


Made = TypeVar("Made")


class NamedMacro(Protocol):
    """A macro of a template."""

    name: str

    def __call__(self, *values: object) -> str:
        """Return what it draws."""


@dataclass(frozen=True, slots=True)
class ControlDrawing:
    """How a control is drawn, whatever stands in it."""

    #: Its field: the key names it by its id, which is no other's while it is held.
    of: Field
    #: Markup, with a hole after each piece but the last; and of which place each hole is.
    pieces: Sequence[str]
    holes: Sequence[int]


@dataclass(frozen=True, slots=True)
class RowDrawing:
    """How a row is drawn, whatever stands in it."""

    #: Markup as `%` fills it, and which column stands in each of its places.
    pattern: str
    holes: Sequence[int]


class DrawnColumn(tuple[str, ...]):
    """The cells of a column as markup."""

    __slots__ = ()


def drawn_column(macro: NamedMacro, values: Iterable[Sequence[Hashable]]) -> DrawnColumn:
    """Return a column of what *macro* draws from the values of each row, once for those that are the same; nothing from
    none.
    """
    rows = [tuple(each) for each in values]
    drawn = {each: str(macro(*each)) if each else "" for each in dict.fromkeys(rows)}
    return DrawnColumn([drawn[each] for each in rows])


class _Bounded(Generic[Made]):
    """What is kept of one kind."""

    def __init__(self) -> None:
        self.made: dict[Hashable, Made] = {}
        self._bytes = 0

    def put(self, key: Hashable, made: Made, size: int) -> None:
        """Keep *made*, whose markup takes *size* bytes; not what is too long by itself."""
        if size > MOST_BYTES:
            return
        if len(self.made) >= MOST_KEPT or self._bytes + size > MOST_BYTES:
            self.made.clear()
            self._bytes = 0
        self.made[key] = made
        self._bytes += size


class KeptMarkup:
    """What one application keeps."""

    def __init__(self, *, is_open: bool) -> None:
        #: Not while templates are written: what they draw changes, and their names stay.
        self._is_open = is_open
        self._parts = _Bounded[Markup]()
        self._controls = _Bounded[ControlDrawing]()
        self._rows = _Bounded[RowDrawing]()

    def part(self, macro: NamedMacro, *values: Hashable) -> str:
        """Return what *macro* draws from *values* and the language alone."""
        if not self._is_open:
            return macro(*values)
        key = (macro.name, current_language(), values)
        found = self._parts.made.get(key)
        if found is None:
            found = Markup(macro(*values))
            self._parts.put(key, found, sys.getsizeof(found))
        return found

    def control(self, macro: NamedMacro, control: Control) -> str:
        """Return what *macro* draws from a control and the language alone."""
        if not self._is_open:
            return macro(control)
        table, line, column = _parts_of(control.name)
        texts = _filled_in(control)
        own = texts[0] if control.widget in READS_TEXT else None
        key = (
            macro.name, current_language(), id(control.of), table, column, own, *map(bool, texts), _constant(control),
        )  # fmt: skip
        found = self._controls.made.get(key)
        if found is None:
            pieces = _split(macro(_with_holes(control, table, line, column)))
            found = ControlDrawing(control.of, pieces, tuple(map(int, pieces[1::2])))
            self._controls.put(key, found, sum(map(sys.getsizeof, pieces)))
        given, filled = [str(escape(text)) for text in (line, *texts)], list(found.pieces)
        filled[1::2] = [given[hole] for hole in found.holes]
        return Markup("".join(filled))  # escaped by the template, and each text above

    def rows(self, macro: NamedMacro, layout: Hashable, columns: Sequence[Sequence[str]]) -> Markup:
        """Return what *macro* draws for each row of a table from *layout*, the language and the row's cells, which it
        only puts out: texts, or the markup of a `DrawnColumn`.
        """
        key = (macro.name, current_language(), layout, len(columns))
        found = self._rows.made.get(key)
        if found is None:
            found = _row_drawing(macro, layout, len(columns))
            if self._is_open:
                self._rows.put(key, found, sys.getsizeof(found.pattern))
        cells = [column if isinstance(column, DrawnColumn) else escaped_texts(column) for column in columns]
        rows = zip(*[cells[hole] for hole in found.holes], strict=True)
        return Markup("".join([found.pattern % row for row in rows]))  # escaped by the template, and each text above


def escaped_texts(texts: Sequence[str]) -> Sequence[str]:
    """Return *texts* as they may stand in HTML. One call for all is many times quicker."""
    joined = _SEPARATOR.join(texts)
    safe = str(escape(joined)).split(_SEPARATOR)
    return safe if len(safe) == len(texts) else [str(escape(text)) for text in texts]


def _row_drawing(macro: NamedMacro, layout: Hashable, width: int) -> RowDrawing:
    """Return how *macro* draws a row of *width* cells."""
    pieces = _split(macro(layout, tuple(f"{_SIGN}{place}{_END}" for place in range(width))))
    pattern = "%s".join(piece.replace("%", "%%") for piece in pieces[::2])
    return RowDrawing(pattern, tuple(map(int, pieces[1::2])))


def _parts_of(name: str) -> tuple[str, str, str]:
    """Return ("lines.", line id, ".price") of a cell; the name of a field is whole."""
    table, dot, rest = name.partition(".")
    line, _, column = rest.rpartition(".")
    return (f"{table}.", line, f".{column}") if dot and line else (name, "", "")


def _with_holes(control: Control, table: str, line: str, column: str) -> Control:
    """Return the control with a hole for each text that is only put out."""
    drawn = copy.copy(control)
    if line:
        drawn.name = f"{table}{_HOLES[0]}{column}"
    for place, attribute in enumerate(FILLED_IN, start=1):
        reads = attribute == "text" and control.widget in READS_TEXT
        if getattr(control, attribute) and not reads:
            setattr(drawn, attribute, _HOLES[place])
    return drawn
