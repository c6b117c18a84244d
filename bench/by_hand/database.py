"""The way into the database: two engines on one file, and statements whose text is worked out once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
        self.writing = sa.create_engine(f"sqlite:///{path}", pool_size=8)
        sa.event.listen(self.writing, "connect", _prepare)
        sa.event.listen(self.writing, "begin", _begin)
        self.reading = self.writing.execution_options(reads_only=True)

    def close(self) -> None:
        """Close all connections: a process that was forked opens its own."""
        self.writing.dispose()


def _prepare(connection: Any, _record: Any) -> None:
    connection.isolation_level = None
    for pragma in PRAGMAS:
        connection.execute(pragma).close()


def _begin(connection: sa.Connection) -> None:
    if not connection.get_execution_options().get("reads_only"):
        connection.exec_driver_sql("BEGIN IMMEDIATE")


class Prepared:
    """A statement as the driver gets it, and the names of its parameters in their order."""

    def __init__(self, statement: sa.sql.ClauseElement) -> None:
        compiled = statement.compile(dialect=_dialect, compile_kwargs={"render_postcompile": True})
        self.text = str(compiled)
        self.names: Sequence[str] = compiled.positiontup or ()
        self.constants = {name: value for name, value in compiled.params.items() if value is not None}

    def __call__(self, connection: sa.Connection, /, **values: Any) -> sa.CursorResult[Any]:
        """Run the statement."""
        return connection.exec_driver_sql(self.text, self._ordered(values))

    def many(self, connection: sa.Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        """Run the statement once for each of *rows*."""
        if rows:
            connection.exec_driver_sql(self.text, [self._ordered(row) for row in rows])

    def _ordered(self, values: Mapping[str, Any]) -> tuple[Any, ...]:
        if self.constants:
            values = {**self.constants, **values}
        return tuple([values[name] for name in self.names])
