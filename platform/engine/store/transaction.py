"""One transaction on one connection: what reading and writing are built from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeAlias

from sqlalchemy import Connection, Dialect, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.base import Executable

from blankett.engine.store.asked import asked_of

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


class Transaction:
    """A transaction under way. Begun and ended by the store."""

    def __init__(self, connection: Connection, fault_points: FaultPoint | None = None) -> None:
        self.connection = connection
        self._fault_points = fault_points
        self._dialect = connection.dialect

    def rows(self, statement: Executable, values: Mapping[str, object]) -> Sequence[Row]:
        """Return all rows of a query."""
        asked = asked_of(statement, self._dialect)
        bound = None if asked is None else asked.bound(values)
        if asked is None or bound is None:
            return self.connection.execute(statement, values).all()
        # The driver's own cursor: the transaction it reads in was begun by the store.
        cursor = self.connection.connection.cursor()
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
        prepared = prepare(statement, tuple(one), self.connection.dialect)
        bound = prepared.bind(values) if isinstance(values, Mapping) else [prepared.bind(row) for row in values]
        return self.connection.exec_driver_sql(prepared.sql, bound).rowcount

    @property
    def dialect(self) -> str:
        """Return ``sqlite`` or ``postgresql``."""
        return self.connection.dialect.name


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
