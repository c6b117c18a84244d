"""Queries asked again and again: what SQLAlchemy works out anew at each execution is worked out once and kept.

A query that is asked for the second time (statements of modules and of kept plans are) is turned into text for the
driver with the order of its values; from then on it goes to the driver directly. What this cannot do goes the long way.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from weakref import WeakKeyDictionary

from sqlalchemy import Dialect
from sqlalchemy.sql.base import Executable

from blankett.engine.library_shortcuts import is_open

_EXPANDED: Final = re.compile(r"\(__\[POSTCOMPILE_([^\]]+)\]\)")

#: Gives a value as the driver takes it, or as it is meant.
Turn = Callable[[Any], Any]


class PreparedQuery:
    """One query for one database, ready for its driver."""

    __slots__ = ("_constants", "_expanded", "_lists", "_names", "_turned_in", "_turned_out", "sql")

    def __init__(self, compiled: Any, turned_in: Mapping[str, Turn], turned_out: Sequence[tuple[int, Turn]]) -> None:
        self.sql: str = compiled.string
        self._constants = {name: value for name, value in compiled.params.items() if value is not None}
        #: Names of the values by place; None where the driver takes them by name.
        self._names = tuple(compiled.positiontup) if compiled.positional else None
        self._turned_in = turned_in
        self._turned_out = turned_out
        self._lists = tuple(match[1] for match in _EXPANDED.finditer(self.sql))
        #: Lengths of the lists in `IN (…)` → the text for them.
        self._expanded: dict[tuple[int, ...], str] = {}

    def bound(self, values: Mapping[str, Any]) -> tuple[str, Any] | None:
        """Return the text and the values as the driver takes them; None for an empty list, which no `IN` takes."""
        given = {**self._constants, **values}
        for name, turn in self._turned_in.items():
            if given.get(name) is not None:
                given[name] = turn(given[name])
        if self._names is None:
            return self.sql, given
        if not self._lists:
            return self.sql, [given[name] for name in self._names]
        lengths = tuple(len(given[name]) for name in self._lists)
        if 0 in lengths:
            return None
        places: list[Any] = []
        for name in self._names:
            if name in self._lists:
                places += given[name]
            else:
                places.append(given[name])
        return self._text_for(lengths), places

    def _text_for(self, lengths: tuple[int, ...]) -> str:
        found = self._expanded.get(lengths)
        if found is None:
            counts = iter(lengths)
            found = _EXPANDED.sub(lambda _: f"({', '.join('?' * next(counts))})", self.sql)
            if len(self._expanded) < _MOST_LENGTHS:
                self._expanded[lengths] = found
        return found

    def read(self, rows: Sequence[Any]) -> Sequence[Any]:
        """Return *rows* as the driver gave them with the values as they are meant."""
        if not self._turned_out:
            return rows
        turned = []
        for row in rows:
            values = list(row)
            for place, turn in self._turned_out:
                values[place] = turn(values[place])
            turned.append(values)
        return turned


#: Texts kept for lists of different lengths, for one query.
_MOST_LENGTHS: Final = 64
#: What a query is that was asked once, and one that must go the long way.
ONCE, NEVER = "once", "never"


@dataclass(frozen=True, slots=True)
class Kind:
    """Databases of one name and driver: a statement is the same text for all of them."""

    name: str
    driver: str
    #: That of the first of them.
    dialect: Dialect = field(compare=False)


def kind_of(dialect: Dialect) -> Kind:
    """Return the kind of database that *dialect* speaks to."""
    return Kind(dialect.name, dialect.driver, dialect)


class AskedStatement:
    """What is known of a statement: compiled for each kind of database, and ready for each database that lives."""

    __slots__ = ("by_dialect", "by_kind")

    def __init__(self) -> None:
        self.by_kind: dict[Kind, Any] = {}
        #: A store that nobody knows any more takes what was made for it along.
        self.by_dialect: WeakKeyDictionary[Dialect, PreparedQuery] = WeakKeyDictionary()


_asked: WeakKeyDictionary[Executable, AskedStatement] = WeakKeyDictionary()


def asked_of(statement: Executable, dialect: Dialect) -> PreparedQuery | None:
    """Return *statement* ready for the driver; None for one that is asked for the first time, or cannot be."""
    known = _asked.get(statement)
    if known is None:
        known = _asked[statement] = AskedStatement()
    ready = known.by_dialect.get(dialect)
    if ready is not None:
        return ready
    kind = kind_of(dialect)
    found = known.by_kind.get(kind)
    if found is None:
        known.by_kind[kind] = ONCE if is_open("SQLAlchemy") else NEVER
        return None
    if found is ONCE:
        found = known.by_kind[kind] = _compiled(statement, dialect) or NEVER
    if found is NEVER:
        return None
    ready = known.by_dialect[dialect] = _ready(found, dialect)
    return ready


def _compiled(statement: Executable, dialect: Dialect) -> Any:
    """Return *statement* compiled; None where it cannot go the short way."""
    compiled: Any = statement.compile(dialect=dialect)  # type: ignore[attr-defined]
    expands = bool(compiled.post_compile_params)
    if compiled.literal_execute_params or (expands and not (compiled.positional and dialect.paramstyle == "qmark")):
        return None
    if expands and compiled.string.count("__[POSTCOMPILE_") != len(_EXPANDED.findall(compiled.string)):
        return None
    turned_in = turns_in(compiled, dialect)
    if any(bind.expanding for bind in compiled.bind_names if compiled.bind_names[bind] in turned_in):
        return None
    return compiled


def _ready(compiled: Any, dialect: Dialect) -> PreparedQuery:
    columns = [column.type.dialect_impl(dialect).result_processor(dialect, None) for column in compiled._result_columns]
    turned_out = [(place, turn) for place, turn in enumerate(columns) if turn is not None]
    return PreparedQuery(compiled, turns_in(compiled, dialect), turned_out)


def turns_in(compiled: Any, dialect: Dialect) -> dict[str, Turn]:
    """Return what gives each value that the driver takes otherwise than it is meant, by its name."""
    names = compiled.bind_names.items()
    found = ((name, bind.type.dialect_impl(dialect).bind_processor(dialect)) for bind, name in names)
    return {name: turn for name, turn in found if turn is not None}
