"""The store: one database, one door for reading and one for writing.

SQLite: write-ahead log, every commit on the disk before it is acknowledged, one writer at a time from its first
statement. PostgreSQL: a reader sees one snapshot; a writer reads what is committed and locks the rows it is about to
change (`lock_records`), so that what it worked out beforehand is compared with what is there, not with what was.
"""

from __future__ import annotations

import secrets
import sqlite3
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import StaticPool

from blankett.engine.store import tables
from blankett.engine.store.aggregates import CountingReading, CountingWriting
from blankett.engine.store.approvals import ApprovalReading, ApprovalWriting
from blankett.engine.store.blueprints import BlueprintReading, BlueprintWriting
from blankett.engine.store.calendars import CalendarReading, CalendarWriting
from blankett.engine.store.counters import CounterWriting
from blankett.engine.store.database_faults import DatabaseFault, told_as_faults
from blankett.engine.store.database_file import file_of, place_of
from blankett.engine.store.departments import DepartmentReading, DepartmentWriting
from blankett.engine.store.events import EventReading, EventWriting
from blankett.engine.store.exchange_rates import RateReading, RateWriting
from blankett.engine.store.link_index import EdgeReading, EdgeWriting
from blankett.engine.store.notices import NoticeReading, NoticeWriting
from blankett.engine.store.outbox import OutboxReading, OutboxWriting
from blankett.engine.store.query import QueryReading
from blankett.engine.store.receipts import IntentReading, IntentWriting
from blankett.engine.store.records import RecordReading, RecordWriting
from blankett.engine.store.seals import ActReading, ActWriting, Seal
from blankett.engine.store.sessions import SessionReading, SessionWriting
from blankett.engine.store.slots import SlotReading, SlotWriting
from blankett.engine.store.tasks import TaskReading
from blankett.engine.store.transaction import Direct, FaultPoint
from blankett.engine.store.unique_values import UniqueReading, UniqueWriting

#: How long a writer waits for the others, in milliseconds; and each one after one that waited in vain, until the
#: database can be written again. So another program that holds it never takes every thread of a server.
PATIENCE = 10_000
PATIENCE_WHILE_HELD = 200
#: How long looking whether the database answers may take, in milliseconds.
PATIENCE_OF_PROBE = 500
#: Connections kept open, and made beyond them under load.
POOL_SIZE = 8
POOL_OVERFLOW = 56
#: Bytes of random text that make an event's payload impossible to guess.
SALT_BYTES = 16


class Reading(
    RecordReading,
    CountingReading,
    EdgeReading,
    UniqueReading,
    EventReading,
    IntentReading,
    RateReading,
    CalendarReading,
    BlueprintReading,
    SlotReading,
    DepartmentReading,
    SessionReading,
    NoticeReading,
    OutboxReading,
    QueryReading,
    TaskReading,
    ApprovalReading,
    ActReading,
):
    """Everything that can be read, as it is in one snapshot."""


class Writing(
    Reading,
    RecordWriting,
    CountingWriting,
    EdgeWriting,
    UniqueWriting,
    EventWriting,
    IntentWriting,
    CounterWriting,
    RateWriting,
    CalendarWriting,
    BlueprintWriting,
    SlotWriting,
    DepartmentWriting,
    SessionWriting,
    NoticeWriting,
    OutboxWriting,
    ApprovalWriting,
    ActWriting,
):
    """Everything that can be written, and read on the way; committed together at the end or not at all."""


class Store:
    """One database and its connections. Safe to share between threads; a forked process makes its own."""

    def __init__(
        self, url: str, *, echo: bool = False, new_salt: Callable[[], str] = lambda: secrets.token_hex(SALT_BYTES)
    ) -> None:
        self.url = url
        #: What an operator calls the database.
        self.place = place_of(url)
        self._new_salt = new_salt
        #: None in production; a test sets it and raises in it.
        self.fault_points: FaultPoint | None = None
        #: The kind of fault the last writing ended with; None while writing goes well.
        self.write_fault: str | None = None
        self.is_sqlite = url.startswith("sqlite")
        self._in_memory = url in ("sqlite://", "sqlite:///:memory:")
        #: One writer at a time within the process, without the database's sleeping and asking again. In memory there is
        #: one connection, so readers take their turn too.
        self._turn = threading.RLock()
        self._open: Writing | Reading | None = None
        self.engine = _sqlite_engine(url, echo, self._in_memory) if self.is_sqlite else _postgres_engine(url, echo)
        # A store that nobody knows any more leaves no open connection behind.
        weakref.finalize(self, self.engine.dispose)

    def create_schema(self) -> None:
        """Create the tables that are missing. For tests and scenarios; a real database is migrated."""
        with self.engine.connect() as connection:
            driver: Any = connection.connection.dbapi_connection
            if self.is_sqlite and driver.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone() is None:
                _empty_database().backup(driver)
            else:
                tables.metadata.create_all(connection)
                connection.commit()

    def close(self) -> None:
        """Close the connections that nobody uses."""
        self.engine.dispose()

    @contextmanager
    def reading(self) -> Iterator[Reading]:
        """Give one snapshot to read. Nothing can be written. Raises DatabaseFault when the database cannot be read."""
        with told_as_faults(self.place):
            if self._in_memory:
                with self._turn, self._joined(Reading, {}) as reading:
                    yield reading
            else:
                with self._direct("BEGIN") if self.is_sqlite else self._begun(SNAPSHOT) as link:
                    yield Reading(link)

    @contextmanager
    def writing(self, *, patience: int | None = None, by: str = "") -> Iterator[Writing]:
        """Give the one write door: what happens inside is committed at the end, or undone when an exception leaves.

        *by* is the id of the user in whose name it is written, *patience* how many milliseconds to wait for other
        writers. Raises DatabaseFault when the database is held by somebody else for longer, full, read-only, damaged
        or gone.
        """
        with self._faults_noted(is_noted=patience is None):
            if self._in_memory:
                with self._turn, self._joined(Writing, WRITER) as writing:
                    assert isinstance(writing, Writing), "a reading in memory cannot turn into a writing"
                    writing.by = by
                    yield writing
            elif self.is_sqlite:
                with self._waited(patience) as left, self._direct("BEGIN IMMEDIATE", left) as link:
                    yield self._writing(link, by)
            else:
                with self._begun({}) as connection:
                    yield self._writing(connection, by)

    @contextmanager
    def writing_on(self, reading: Reading) -> Iterator[Writing | None]:
        """Give the write door in the transaction that *reading* reads in: nothing that was read can have moved. What
        happens inside is committed at the end, or undone, as in `writing`.

        Gives None, and leaves the transaction alone, where somebody has written since it began or is writing now, and
        on databases that cannot tell.
        """
        link = reading.direct
        if link is None or self._in_memory or not self._turn.acquire(blocking=False):
            yield None
            return
        try:
            if not _takes_lock(link):
                yield None
                return
            with self._faults_noted(is_noted=True):
                try:
                    writing = self._writing(link)
                    writing.collations = reading.collations
                    yield writing
                    link.driver.commit()
                except BaseException:
                    link.driver.rollback()
                    raise
        finally:
            self._turn.release()

    @contextmanager
    def _faults_noted(self, *, is_noted: bool) -> Iterator[None]:
        """Tell what is wrong with the database as a DatabaseFault, and note whether writing goes well."""
        try:
            with told_as_faults(self.place):
                yield
        except DatabaseFault as fault:
            if is_noted:
                self.write_fault = fault.kind
            raise
        if self.write_fault is not None:
            self.write_fault = None

    @contextmanager
    def _waited(self, patience: int | None) -> Iterator[int]:
        """Wait for the turn of this process, and give the milliseconds that are left to wait for other ones."""
        if patience is None:
            patience = PATIENCE if self.write_fault != "busy" else PATIENCE_WHILE_HELD
        began = time.monotonic()
        if not self._turn.acquire(timeout=patience / 1000):
            raise DatabaseFault("busy", self.place, "others are saving")
        try:
            yield max(0, patience - round((time.monotonic() - began) * 1000))
        finally:
            self._turn.release()

    def probe(self) -> None:
        """Read something, at once: raise DatabaseFault when the database does not answer. Waits for nobody."""
        file = file_of(self.url)
        with told_as_faults(self.place):
            if file is None:
                with self.reading() as reading:
                    reading.organisations()
                return
            address = f"{file.absolute().as_uri()}?mode=ro"
            with closing(sqlite3.connect(address, uri=True, timeout=PATIENCE_OF_PROBE / 1000)) as connection:
                connection.execute("SELECT organisation FROM organisation LIMIT 1").fetchone()

    def seal(self, at: datetime, *, patience: int | None = None) -> dict[str, Seal]:
        """Seal what was written since the last seal; return the last seal of each organisation that has one."""
        with self.writing(patience=patience) as writing:
            found = {each.id: writing.seal_acts(each.id, at) for each in writing.organisations()}
        return {organisation: seal for organisation, seal in found.items() if seal is not None}

    def draw_number(self, organisation: str, series: str) -> int:
        """Return the next serial of *series* in a transaction of its own: quick, and gone when its record fails."""
        with self.writing() as writing:
            return writing.draw_number(organisation, series)

    @contextmanager
    def _direct(self, begin: str, patience: int = PATIENCE) -> Iterator[Direct]:
        """Give a connection of SQLite in a transaction that is committed at the end, or undone by an exception."""
        direct = Direct(self.engine)
        is_usual = patience > PATIENCE - 100
        try:
            if not is_usual:
                direct.driver.execute(f"PRAGMA busy_timeout={patience}").close()
            direct.driver.execute(begin).close()
            yield direct
            direct.driver.commit()
        finally:
            if not is_usual:
                direct.driver.execute(f"PRAGMA busy_timeout={PATIENCE}").close()
            direct.close()

    @contextmanager
    def _begun(self, options: dict[str, Any]) -> Iterator[Connection]:
        with self.engine.connect() as connection:
            if options:
                connection.execution_options(**options)
            with connection.begin():
                yield connection

    @contextmanager
    def _joined(self, kind: type[Reading], options: dict[str, Any]) -> Iterator[Reading]:
        """Give the transaction open in memory, or begin one. A writer that joins is undone by itself when it fails."""
        if isinstance(self._open, Writing) and issubclass(kind, Writing):
            with self._open.savepoint():
                yield self._open
            return
        if self._open is not None:
            yield self._open
            return
        with self._begun(options) as connection:
            self._open = self._writing(connection) if issubclass(kind, Writing) else Reading(connection)
            try:
                yield self._open
            finally:
                self._open = None

    def _writing(self, link: Connection | Direct, by: str = "") -> Writing:
        writing = Writing(link, self.fault_points)
        writing.by = by
        writing.new_salt = self._new_salt
        return writing


def _takes_lock(link: Direct) -> bool:
    """Turn a transaction of SQLite's that has only read into one that writes; False where its snapshot is not the
    newest (SQLITE_BUSY_SNAPSHOT), another one writes, or nobody can: `Store.writing` tells of that.
    """
    try:
        link.driver.execute(_WRITES_NOTHING).close()
    except sqlite3.Error:
        return False
    return True


#: Takes the lock of the one writer, as each statement that may write does.
_WRITES_NOTHING = "DELETE FROM intent WHERE 0"
#: How a reader of PostgreSQL sees one snapshot.
SNAPSHOT: dict[str, Any] = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
#: How a connection says that it is going to write on SQLite.
WRITER: dict[str, Any] = {"blankett_writes": True}


def _sqlite_engine(url: str, echo: bool, in_memory: bool) -> Engine:
    if in_memory:
        engine = create_engine(url, echo=echo, poolclass=StaticPool, connect_args={"check_same_thread": False})
    else:
        engine = create_engine(
            url,
            echo=echo,
            pool_size=POOL_SIZE,
            max_overflow=POOL_OVERFLOW,
            pool_use_lifo=True,  # few connections stay warm, each has a cache of its own
            connect_args={"check_same_thread": False},
        )

    @event.listens_for(engine, "connect")
    def set_up(connection: sqlite3.Connection, _: object) -> None:
        # Python's own implicit transactions are switched off: the store says when one begins, and how.
        connection.isolation_level = None
        for pragma in (f"PRAGMA busy_timeout={PATIENCE}", *SQLITE_PRAGMAS):
            connection.execute(pragma).close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        driver: Any = connection.connection.dbapi_connection
        if driver.in_transaction:  # begun by the store, which reads and writes directly
            return
        writes = connection.get_execution_options().get("blankett_writes")
        connection.connection.cursor().execute("BEGIN IMMEDIATE" if writes else "BEGIN").close()

    return engine


@lru_cache(maxsize=1)
def _empty_database() -> sqlite3.Connection:
    """Return a database in memory with all tables, only to be copied: that is forty times as quick as making them."""
    engine = _sqlite_engine("sqlite://", echo=False, in_memory=True)
    with engine.connect() as connection:
        tables.metadata.create_all(connection)
        connection.commit()
        driver: Any = connection.connection.dbapi_connection
    made: sqlite3.Connection = driver
    return made


#: Bytes of the database file, from its beginning, that are read in place; what lies behind is copied page by page.
MAPPED = 256 * 2**20

#: FULL: a commit is on the disk before it is acknowledged; NORMAL can lose the last ones when the power goes.
SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    # Of each of up to eight warm connections, forgotten whenever another one writes.
    "PRAGMA cache_size=-2000",
    # So the file is read in place, where all see the same memory: after a write nothing is copied in again.
    f"PRAGMA mmap_size={MAPPED}",
    # Pages that many writes touch are copied into the database once for many of them.
    "PRAGMA wal_autocheckpoint=4000",
    "PRAGMA temp_store=MEMORY",
)


def _postgres_engine(url: str, echo: bool) -> Engine:
    return create_engine(
        url,
        echo=echo,
        pool_size=POOL_SIZE,
        max_overflow=POOL_OVERFLOW,
        pool_pre_ping=True,
        # A server that is gone, or a row that somebody holds, is told within seconds.
        connect_args={"connect_timeout": 5, "options": f"-c lock_timeout={PATIENCE}"},
        isolation_level="READ COMMITTED",
    )
