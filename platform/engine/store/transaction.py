"""One transaction on one connection: what reading and writing are built from."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeAlias, TypeVar
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from sqlalchemy import Connection, Dialect, Engine, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import StatementError
from sqlalchemy.sql.base import Executable

from blankett.engine.store import tables
from blankett.engine.store.collation import Collation
from blankett.engine.store.column_types import NONE, UnknownName, names_of
from blankett.engine.store.prepared_queries import Kind, Turn, asked_of, kind_of, turns_in

#: One row of a result: its values by place.
Row: TypeAlias = Sequence[Any]

#: Called with the name of the place between two statements of a write; a test raises there.
FaultPoint = Callable[[str], None]

#: The `INSERT … ON CONFLICT` of each database.
INSERTS: Mapping[str, Callable[[Table], sqlite.Insert | postgresql.Insert]] = {
    "sqlite": sqlite.insert,
    "postgresql": postgresql.insert,
}

#: Values asked for in one `IN (…)`; more are asked for in pieces.
CHUNK = 500


class Direct:
    """A connection of the driver's own with a transaction under way, and SQLAlchemy's around it where somebody asks.

    SQLAlchemy's costs more to make, begin and end than most of what is asked through it.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.dialect = engine.dialect
        self._pooled = engine.raw_connection()
        #: The driver's connection.
        self.driver: Any = self._pooled.dbapi_connection
        self._whole: Connection | None = None

    def whole(self) -> Connection:
        """Return SQLAlchemy's connection around this one, in the transaction that is under way."""
        if self._whole is None:
            self._whole = Connection(self.engine, self._pooled)
            # Told that there is a transaction, it undoes none when a statement cannot be made ready.
            self._whole.begin()
        return self._whole

    def close(self) -> None:
        """Give the connection back; what was not committed is undone."""
        (self._whole or self._pooled).close()


class Transaction:
    """A transaction under way. Begun and ended by the store."""

    def __init__(self, link: Connection | Direct, fault_points: FaultPoint | None = None) -> None:
        self._link = link
        self._fault_points = fault_points
        self._dialect = link.dialect
        self._names = names_of(link.dialect)
        #: Names with their numbers as only this transaction knows them, once it has given one; and names without one.
        self._own_names: dict[str, int] = {}
        #: How organisations sort, as far as it was asked in this transaction.
        self.collations: dict[str, Collation] = {}
        self._absent: set[str | int] = set()
        self._has_given = False

    @property
    def connection(self) -> Connection:
        """Return SQLAlchemy's connection, for what is said in its words."""
        return self._link.whole() if isinstance(self._link, Direct) else self._link

    @property
    def direct(self) -> Direct | None:
        """Return the driver's own connection that this transaction is on; None on other databases."""
        return self._link if isinstance(self._link, Direct) else None

    def _cursor(self) -> Any:
        """Return a new cursor of the driver, in this transaction."""
        return self._link.driver.cursor() if isinstance(self._link, Direct) else self._link.connection.cursor()

    def rows(self, statement: Executable, values: Mapping[str, object], *, gives_names: bool = False) -> Sequence[Row]:
        """Return all rows of a query; of one that writes, which *gives names* numbers as `do` does."""
        try:
            return self._rows(statement, values)
        except (UnknownName, StatementError) as err:
            learn = self._look_up_or_give if gives_names else self._look_up
            return self._knowing(_unknown_of(err), lambda: self._rows(statement, values), learn)

    def _rows(self, statement: Executable, values: Mapping[str, object]) -> Sequence[Row]:
        asked = asked_of(statement, self._dialect)
        bound = None if asked is None else asked.bound(values)
        if asked is None or bound is None:
            return self.connection.execute(statement, values).all()
        # The driver's own cursor: the transaction it reads in was begun by the store.
        cursor = self._cursor()
        cursor.execute(*bound)
        found = cursor.fetchall()
        cursor.close()
        return asked.read(found)

    def first(self, statement: Executable, values: Mapping[str, object]) -> Row | None:
        """Return the first row of a query, or None."""
        found = self.rows(statement, values)
        return found[0] if found else None

    def do(
        self, point: str, statement: Executable, values: Mapping[str, object] | Sequence[Mapping[str, object]]
    ) -> int:
        """Run a statement that writes, for one row or many, and return how many rows it met (of the last, for many)."""
        if self._fault_points is not None:
            self._fault_points(point)
        return self._do(statement, values)

    def _do(self, statement: Executable, values: Mapping[str, object] | Sequence[Mapping[str, object]]) -> int:
        one = values if isinstance(values, Mapping) else values[0]
        prepared = prepare(statement, tuple(one), self._dialect)
        rows = [one] if isinstance(values, Mapping) else values
        try:
            bound = [prepared.bind(row) for row in rows]
        except UnknownName as err:
            bound = self._knowing(err, lambda: [prepared.bind(row) for row in rows], self._look_up_or_give)
        cursor = self._cursor()
        if isinstance(values, Mapping):
            cursor.execute(prepared.sql, bound[0])
        else:
            cursor.executemany(prepared.sql, bound)
        met: int = cursor.rowcount
        cursor.close()
        return met

    # Names and their numbers ------------------------------------------------------------------------------------------

    def _knowing(self, err: UnknownName, act: Callable[[], Result], learn: Callable[[str | int], None]) -> Result:
        """Return what *act* gives once it meets no unknown name any more."""
        met: set[str | int] = set()
        while err.unknown not in met:
            met.add(err.unknown)
            learn(err.unknown)
            try:
                with self._names.beside(self._own_names, self._absent):
                    return act()
            except (UnknownName, StatementError) as further:
                err = _unknown_of(further)
        raise err

    def _look_up(self, unknown: str | int) -> None:
        """Learn all names, should *unknown* be among them."""
        if unknown in self._absent:
            return
        with self._names.beside({}, ()):
            found = {str(row[0]): int(row[1]) for row in self._rows(_known_names, {})}
        if self._has_given:  # some of them are gone if this transaction is undone
            self._own_names = found
        else:
            self._names.know(found)
        if unknown not in (found if isinstance(unknown, str) else found.values()):
            self._absent.add(unknown)

    def _look_up_or_give(self, unknown: str | int) -> None:
        """Learn all names, and give *unknown* a number if it has none."""
        self._look_up(unknown)
        if unknown not in self._absent or not isinstance(unknown, str):
            return
        if self.dialect == "postgresql":
            # One gives at a time; what others gave until now is seen behind the lock.
            self.rows(sa.select(sa.func.pg_advisory_xact_lock(_GIVING)), {})
        found = {str(row[0]): int(row[1]) for row in self._rows(_known_names, {})}
        self._has_given = True
        if unknown not in found:
            found[unknown] = max(found.values(), default=NONE) + 1
            self._do(_insert_name, {"organisation": NONE, "name": unknown, "number": found[unknown]})
        self._own_names = found
        self._absent.discard(unknown)

    # Parts that are undone alone --------------------------------------------------------------------------------------

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Undo what is written inside, and that alone, when an exception leaves."""
        try:
            with self.connection.begin_nested():
                yield
        except BaseException:
            self._forget_undone()
            raise

    def _forget_undone(self) -> None:
        """Look up anew what may have been written behind a savepoint that is undone: names that were given."""
        self._own_names = {}

    @property
    def dialect(self) -> str:
        """Return ``sqlite`` or ``postgresql``."""
        return self._dialect.name


Result = TypeVar("Result")

_known_names = sa.select(tables.known_name.c.name, tables.known_name.c.number)
_insert_name = sa.insert(tables.known_name)
#: The lock of PostgreSQL's under which names are given numbers.
_GIVING = 0x626C616E6B


def _unknown_of(err: Exception) -> UnknownName:
    """Return the unknown name that *err* tells of; raise what tells of none."""
    found = err.orig if isinstance(err, StatementError) else err
    if isinstance(found, UnknownName):
        return found
    raise err


@dataclass(frozen=True, slots=True)
class Prepared:
    """A statement that writes, as text for the driver: what SQLAlchemy works out anew each time is kept."""

    sql: str
    #: Names of the values in the order of their places; None where the driver takes them by name.
    places: tuple[str, ...] | None
    #: Values that the statement itself sets.
    constants: Mapping[str, object]
    turned_in: Mapping[str, Turn]

    def bind(self, values: Mapping[str, object]) -> Any:
        """Return *values* as the driver takes them. Raises UnknownName."""
        if self.constants or self.turned_in:
            values = {**self.constants, **values}
            for name, turn in self.turned_in.items():
                values[name] = turn(values[name])
        return values if self.places is None else tuple([values[name] for name in self.places])


#: Statements that are kept compiled, and of each database ready.
MOST_PREPARED = 1024
_prepared: WeakKeyDictionary[Dialect, dict[tuple[Executable, tuple[str, ...]], Prepared]] = WeakKeyDictionary()


def prepare(statement: Executable, names: tuple[str, ...], dialect: Dialect) -> Prepared:
    """Return *statement* for values with *names*."""
    known = _prepared.setdefault(dialect, {})
    found = known.get((statement, names))
    if found is None:
        if len(known) >= MOST_PREPARED:
            known.clear()
        compiled = _compiled(statement, names, kind_of(dialect))
        constants = {name: value for name, value in compiled.params.items() if name not in names}
        places = tuple(compiled.positiontup) if compiled.positional else None
        found = known[statement, names] = Prepared(compiled.string, places, constants, turns_in(compiled, dialect))
    return found


@lru_cache(maxsize=MOST_PREPARED)
def _compiled(statement: Executable, names: tuple[str, ...], kind: Kind) -> Any:
    return statement.compile(dialect=kind.dialect, column_keys=list(names))  # type: ignore[attr-defined]


def insert_into(dialect: str, table: Table) -> sqlite.Insert | postgresql.Insert:
    """Return an insert of the dialect, which knows `ON CONFLICT`."""
    return INSERTS[dialect](table)


def pieces(values: Sequence[str]) -> list[Sequence[str]]:
    """Return *values* cut into pieces that one statement takes."""
    return [values[start : start + CHUNK] for start in range(0, len(values), CHUNK)]
