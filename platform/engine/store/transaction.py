"""One transaction on one connection: what reading and writing are built from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeAlias

from sqlalchemy import Connection, Dialect, Engine, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.base import Executable

from blankett.engine.store.prepared_queries import asked_of

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

    @property
    def connection(self) -> Connection:
        """Return SQLAlchemy's connection, for what is said in its words."""
        return self._link.whole() if isinstance(self._link, Direct) else self._link

    def _cursor(self) -> Any:
        """Return a new cursor of the driver, in this transaction."""
        return self._link.driver.cursor() if isinstance(self._link, Direct) else self._link.connection.cursor()

    def rows(self, statement: Executable, values: Mapping[str, object]) -> Sequence[Row]:
        """Return all rows of a query."""
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
        one = values if isinstance(values, Mapping) else values[0]
        prepared = prepare(statement, tuple(one), self._dialect)
        cursor = self._cursor()
        if isinstance(values, Mapping):
            cursor.execute(prepared.sql, prepared.bind(values))
        else:
            cursor.executemany(prepared.sql, [prepared.bind(row) for row in values])
        met: int = cursor.rowcount
        cursor.close()
        return met

    @property
    def dialect(self) -> str:
        """Return ``sqlite`` or ``postgresql``."""
        return self._dialect.name


@dataclass(frozen=True, slots=True)
class Prepared:
    """A statement that writes, as text for the driver: what SQLAlchemy works out anew each time is kept."""

    sql: str
    #: Names of the values in the order of their places; None where the driver takes them by name.
    places: tuple[str, ...] | None
    #: Values that the statement itself sets.
    constants: Mapping[str, object]

    def bind(self, values: Mapping[str, object]) -> Any:
        """Return *values* as the driver takes them."""
        if self.constants:
            values = {**self.constants, **values}
        return values if self.places is None else tuple([values[name] for name in self.places])


@lru_cache(maxsize=1024)
def prepare(statement: Executable, names: tuple[str, ...], dialect: Dialect) -> Prepared:
    """Return *statement* for values with *names*."""
    compiled: Any = statement.compile(dialect=dialect, column_keys=list(names))  # type: ignore[attr-defined]
    constants = {name: value for name, value in compiled.params.items() if name not in names}
    places = tuple(compiled.positiontup) if compiled.positional else None
    return Prepared(compiled.string, places, constants)


def insert_into(dialect: str, table: Table) -> sqlite.Insert | postgresql.Insert:
    """Return an insert of the dialect, which knows `ON CONFLICT`."""
    return INSERTS[dialect](table)


def pieces(values: Sequence[str]) -> list[Sequence[str]]:
    """Return *values* cut into pieces that one statement takes."""
    return [values[start : start + CHUNK] for start in range(0, len(values), CHUNK)]
