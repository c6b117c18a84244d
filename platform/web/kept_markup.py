"""Parts of pages that are kept between requests, each by all that it is drawn from.

What a macro draws from plain values and the ways of whoever reads is the same as long as these are. What differs from
record to record is mostly put out as it is: a part is drawn once with holes there, which are filled each time.
"""

from __future__ import annotations

import copy
import re
import secrets
import sys
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from itertools import count
from operator import attrgetter
from typing import Any, Final, Protocol

from markupsafe import Markup, escape

from blankett.engine.language.model import Field
from blankett.forms.controls import Control
from blankett.web.identity import current_reader

#: Parts kept, of each of both kinds, and bytes of their markup; when there is more, all are forgotten.
MOST_KEPT: Final = 1024
MOST_BYTES: Final = 4 * 2**20

#: What is only put out of a control, whatever it holds: a hole where it is not empty.
FILLED_IN: Final = ("text", "shown", "picked", "label_cell")
#: Widgets that are drawn otherwise for another text.
READS_TEXT: Final = frozenset({"yes_no", "choice", "radio", "rating", "choices"})
#: A letter for private use and some nobody can guess, so that no text of a page is taken for a hole.
_SIGN: Final = f"\ue000{secrets.token_hex(8)}."
_split = re.compile(f"{re.escape(_SIGN)}(\\d+);").split
_has_special = re.compile("[&<>\"']").search
#: Between texts that are escaped together.
_SEPARATOR: Final = "\x1f"

_constant = attrgetter(*(each.name for each in fields(Control) if each.name not in ("name", "of", *FILLED_IN)))
_filled_in = attrgetter(*FILLED_IN)


def escaped(value: object) -> str:
    """Return *value* as it may stand in a page: as `markupsafe.escape`, but not marked, for it is output at once."""
    kind = type(value)
    if kind is Markup:
        return value  # type: ignore[return-value]
    if kind is str and not _has_special(value):  # type: ignore[call-overload]
        return value  # type: ignore[return-value]
    return escape(value)


class NamedMacro(Protocol):
    """A macro of a template. Its name is no other's among those that are kept."""

    name: str

    def __call__(self, *values: object) -> str:
        """Return what it draws."""


class Drawing:
    """How something is drawn, whatever texts stand in it."""

    __slots__ = ("_holes", "_pieces", "of")

    def __init__(self, markup: str, of: Field | None = None) -> None:
        pieces = _split(markup)
        #: Markup, with a hole after each piece but the last; and of which text each hole is.
        self._pieces = pieces
        self._holes = tuple(map(int, pieces[1::2]))
        #: Of a control: the key names its field by its id, which is no other's while it is held.
        self.of = of

    @property
    def size(self) -> int:
        """Return how many bytes its markup takes."""
        return sum(map(sys.getsizeof, self._pieces))

    def fill(self, texts: Sequence[str]) -> Markup:
        """Return the markup with *texts*, escaped, in its holes."""
        if not self._holes:
            return Markup(self._pieces[0])
        if _has_special("".join(texts)):
            texts = [*map(escaped, texts)]
        filled = [*self._pieces]
        filled[1::2] = [texts[hole] for hole in self._holes]
        return Markup("".join(filled))  # escaped by the template, and each text above

    def fill_rows(self, columns: Sequence[Sequence[str]]) -> Markup:
        """Return the markup once for each row, with the texts or the markup of *columns* in its holes."""
        cells = [column if isinstance(column, DrawnColumn) else escaped_texts(column) for column in columns]
        pattern = "%s".join([piece.replace("%", "%%") for piece in self._pieces[::2]])
        rows = zip(*[cells[hole] for hole in self._holes], strict=True)
        return Markup("".join([pattern % row for row in rows]))  # escaped by the template, and each text above


def _hole(place: int) -> str:
    return f"{_SIGN}{place};"


class ValuePlace(Protocol):
    """Where values stand on pages: what is the same for all of them, in the words of one reader."""

    #: What was drawn there, by what else decides it.
    drawings: dict[Hashable, Drawing]


class Placed(Protocol):
    """A value at its place."""

    @property
    def of(self) -> ValuePlace:
        """Return the place."""
        ...


# What a part is drawn from --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Anatomy:
    """What a part reads of the objects of one class: what decides how it is drawn, what is only put out, and what is
    made of such objects again.
    """

    constant: Callable[[Any], Hashable]
    texts: Callable[[Any], tuple[str, ...]]
    text_names: tuple[str, ...]
    made_of: tuple[str, ...]


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


_anatomies: dict[type, Anatomy | None] = {}


def anatomy_of(kind: type) -> Anatomy | None:
    """Return the anatomy of a class whose attribute `ONLY_SHOWN` names the texts that a template only puts out, and
    `MADE_OF` what is made of such objects; None for other classes: all of their objects is looked at.
    """
    if kind not in _anatomies:
        _anatomies[kind] = _find_anatomy(kind)
    return _anatomies[kind]


def _find_anatomy(kind: type) -> Anatomy | None:
    shown: tuple[str, ...] = getattr(kind, "ONLY_SHOWN", ())
    made_of: tuple[str, ...] = getattr(kind, "MADE_OF", ())
    if not is_dataclass(kind) or not (shown or made_of):
        return None
    others = tuple(each.name for each in fields(kind) if each.name not in (*shown, *made_of))
    return Anatomy(_getter(others), _getter(shown), shown, made_of)


def _getter(names: tuple[str, ...]) -> Callable[[Any], tuple[Any, ...]]:
    """Return what gives a tuple of the attributes *names*."""
    if len(names) > 1:
        return attrgetter(*names)
    return (lambda value: (getattr(value, names[0]),)) if names else (lambda _: ())


def take_apart(value: Any, texts: list[str]) -> Hashable:
    """Return what decides how *value* is drawn, and add to *texts* what is only put out; markup always is."""
    kind = type(value)
    if kind is tuple:
        return tuple([take_apart(each, texts) for each in value])
    if kind is Markup:
        texts.append(value)
        return bool(value)
    anatomy = anatomy_of(kind)
    if anatomy is None:
        return value  # type: ignore[no-any-return]
    given = anatomy.texts(value)
    texts += given
    key = (kind, anatomy.constant(value), *map(bool, given))
    return (*key, *[take_apart(getattr(value, name), texts) for name in anatomy.made_of]) if anatomy.made_of else key


def with_holes(value: Any, places: Iterator[int]) -> Any:
    """Return *value* with a hole, numbered by *places*, for each text that is only put out and is not empty."""
    kind = type(value)
    if kind is tuple:
        return tuple([with_holes(each, places) for each in value])
    if kind is Markup:
        place = next(places)
        return Markup(_hole(place)) if value else value
    anatomy = anatomy_of(kind)
    if anatomy is None:
        return value
    numbered = [(name, next(places)) for name in anatomy.text_names]
    changed: dict[str, Any] = {name: _hole(place) for name, place in numbered if getattr(value, name)}
    changed.update((name, with_holes(getattr(value, name), places)) for name in anatomy.made_of)
    return replace(value, **changed)


class _Bounded:
    """Drawings of one kind."""

    def __init__(self) -> None:
        self.made: dict[Hashable, Drawing] = {}
        self._bytes = 0

    def put(self, key: Hashable, made: Drawing) -> None:
        """Keep a drawing; not one that is too long by itself."""
        size = made.size
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
        self._parts = _Bounded()
        self._controls = _Bounded()
        self._rows = _Bounded()

    def part(self, macro: NamedMacro, *values: Any) -> str:
        """Return what *macro* draws from *values* and the ways of whoever reads alone."""
        if not self._is_open:
            return macro(*values)
        texts: list[str] = []
        reader = current_reader()
        key = (macro.name, reader.language, reader.locale, take_apart(values, texts))
        found = self._parts.made.get(key)
        if found is None:
            found = Drawing(macro(*with_holes(values, count())))
            self._parts.put(key, found)
        return found.fill(texts)

    def each(self, macro: NamedMacro, values: Sequence[Placed]) -> Markup:
        """Return what *macro* draws from each of *values*, one after the other. What was drawn of a value hangs on its
        place, which is one reader's.
        """
        if not self._is_open or not values:
            return Markup("".join([*map(macro, values)]))  # escaped by the template
        name, anatomy = macro.name, anatomy_of(type(values[0]))
        assert anatomy is not None
        constant, texts_of = anatomy.constant, anatomy.texts
        drawn = []
        for value in values:
            texts, drawings = texts_of(value), value.of.drawings
            key = (name, constant(value), *map(bool, texts))
            found = drawings.get(key)
            if found is None:
                found = drawings[key] = Drawing(macro(with_holes(value, count())))
            drawn.append(found.fill(texts))
        return Markup("".join(drawn))  # escaped by the template, and each text by `fill`

    def control(self, macro: NamedMacro, control: Control) -> str:
        """Return what *macro* draws from a control and the ways of whoever reads alone."""
        if not self._is_open:
            return macro(control)
        table, line, column = _parts_of(control.name)
        texts = _filled_in(control)
        own = texts[0] if control.widget in READS_TEXT else None
        reader = current_reader()
        key = (
            macro.name, reader.language, reader.locale, id(control.of), table, column, own, *map(bool, texts),
            _constant(control),
        )  # fmt: skip
        found = self._controls.made.get(key)
        if found is None:
            found = Drawing(macro(_holed_control(control, table, line, column)), control.of)
            self._controls.put(key, found)
        return found.fill((line, *texts))

    def rows(self, macro: NamedMacro, layout: Hashable, columns: Sequence[Sequence[str]]) -> Markup:
        """Return what *macro* draws for each row of a table from *layout*, the ways of whoever reads and the row's
        cells, which it only puts out: texts, or the markup of a `DrawnColumn`.
        """
        reader = current_reader()
        key = (macro.name, reader.language, reader.locale, layout, len(columns))
        found = self._rows.made.get(key)
        if found is None:
            found = Drawing(macro(layout, tuple(map(_hole, range(len(columns))))))
            if self._is_open:
                self._rows.put(key, found)
        return found.fill_rows(columns)


def escaped_texts(texts: Sequence[str]) -> Sequence[str]:
    """Return *texts* as they may stand in HTML. One call for all is many times quicker."""
    joined = _SEPARATOR.join(texts)
    safe = str(escape(joined)).split(_SEPARATOR)
    return safe if len(safe) == len(texts) else [str(escape(text)) for text in texts]


def _parts_of(name: str) -> tuple[str, str, str]:
    """Return ("lines.", line id, ".price") of a cell; the name of a field is whole."""
    table, dot, rest = name.partition(".")
    line, _, column = rest.rpartition(".")
    return (f"{table}.", line, f".{column}") if dot and line else (name, "", "")


def _holed_control(control: Control, table: str, line: str, column: str) -> Control:
    """Return the control with a hole for the id of its line, in its name, and for each text that is only put out."""
    drawn = copy.copy(control)
    if line:
        drawn.name = f"{table}{_hole(0)}{column}"
    for place, attribute in enumerate(FILLED_IN, start=1):
        reads = attribute == "text" and control.widget in READS_TEXT
        if getattr(control, attribute) and not reads:
            setattr(drawn, attribute, _hole(place))
    return drawn
