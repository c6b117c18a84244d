"""The way into the database: connections that read or write, and statements whose text is worked out once.

SQLAlchemy writes the statements and keeps the connections; a statement goes to the driver as it is.
"""

from __future__ import annotations

import sqlite3
from collections import namedtuple
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite

PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA busy_timeout=10000",
    "PRAGMA wal_autocheckpoint=4000",
    "PRAGMA mmap_size=268435456",
)
_dialect = sqlite.dialect(paramstyle="qmark")


class Database:
    """A file, and who reads or writes it."""

    def __init__(self, path: str) -> None:
        self.engine = sa.create_engine(f"sqlite:///{path}", pool_size=8)
        sa.event.listen(self.engine, "connect", _prepare)
        sa.event.listen(self.engine, "begin", _begin)

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Lend a connection."""
        lent = self.engine.raw_connection()
        try:
            connection: Any = lent.driver_connection
            yield connection
        finally:
            lent.close()

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Lend a connection in a transaction, which is committed unless something is raised."""
        with self.reading() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.rollback()
                raise
            connection.commit()

    def close(self) -> None:
        """Close all connections: a process that was forked opens its own."""
        self.engine.dispose()


def _prepare(connection: Any, _record: Any) -> None:
    connection.isolation_level = None
    for pragma in PRAGMAS:
        connection.execute(pragma).close()


def _begin(connection: sa.Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


class Prepared:
    """A statement as the driver gets it, the names of its parameters in their order, and those of its columns."""

    def __init__(self, statement: sa.sql.ClauseElement) -> None:
        compiled: Any = statement.compile(dialect=_dialect, compile_kwargs={"render_postcompile": True})
        self.text = str(compiled)
        self.names: Sequence[str] = compiled.positiontup or ()
        self.constants = {name: value for name, value in compiled.params.items() if value is not None}
        self.make_row: Any = namedtuple("Row", [each[0] for each in compiled._result_columns], rename=True)._make

    def rows(self, connection: sqlite3.Connection, /, **values: Any) -> list[Any]:
        """Return all rows."""
        return [*map(self.make_row, connection.execute(self.text, self._ordered(values)))]

    def row(self, connection: sqlite3.Connection, /, **values: Any) -> Any | None:
        """Return the first row, or None."""
        found = connection.execute(self.text, self._ordered(values)).fetchone()
        return None if found is None else self.make_row(found)

    def value(self, connection: sqlite3.Connection, /, **values: Any) -> Any | None:
        """Return the first value of the first row, or None."""
        found = connection.execute(self.text, self._ordered(values)).fetchone()
        return None if found is None else found[0]

    def run(self, connection: sqlite3.Connection, /, **values: Any) -> None:
        """Write."""
        connection.execute(self.text, self._ordered(values))

    def run_many(self, connection: sqlite3.Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        """Write once for each of *rows*."""
        if rows:
            connection.executemany(self.text, [self._ordered(row) for row in rows])

    def _ordered(self, values: Mapping[str, Any]) -> list[Any]:
        if self.constants:
            values = {**self.constants, **values}
        return [values[name] for name in self.names]
