"""What a database says instead of doing what it was asked: held by somebody else, full, read-only, damaged, gone.

These are no bugs and pass: whoever runs the place can end them. Everything else that a driver raises is ours to mend.
"""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy.exc

from blankett.engine.errors import BlankettError

#: What drivers raise, and SQLAlchemy around it.
DATABASE_ERRORS: tuple[type[Exception], ...] = (
    sqlite3.Error,
    sqlalchemy.exc.DBAPIError,
    sqlalchemy.exc.TimeoutError,
)

#: SQLite's primary result code → kind.
SQLITE_KINDS: Mapping[int, str] = {
    sqlite3.SQLITE_BUSY: "busy",
    sqlite3.SQLITE_LOCKED: "busy",
    sqlite3.SQLITE_FULL: "full",
    sqlite3.SQLITE_READONLY: "read_only",
    sqlite3.SQLITE_PERM: "read_only",
    sqlite3.SQLITE_IOERR: "disk",
    sqlite3.SQLITE_CORRUPT: "damaged",
    sqlite3.SQLITE_NOTADB: "damaged",
    sqlite3.SQLITE_FORMAT: "damaged",
    sqlite3.SQLITE_CANTOPEN: "gone",
}
#: PostgreSQL's code, or its class of two characters → kind.
POSTGRES_KINDS: Mapping[str, str] = {
    "55P03": "busy",
    "57014": "busy",
    "40001": "busy",
    "40P01": "busy",
    "53200": "busy",
    "53300": "busy",
    "53100": "full",
    "25006": "read_only",
    "58030": "disk",
    "XX001": "damaged",
    "XX002": "damaged",
    "57P": "gone",
    "08": "gone",
}
#: What a disk says of itself → kind.
OS_KINDS: Mapping[int, str] = {
    errno.ENOSPC: "full",
    errno.EDQUOT: "full",
    errno.EROFS: "read_only",
    errno.EACCES: "read_only",
    errno.EIO: "disk",
}


class DatabaseFault(BlankettError):
    """The database cannot do now what it was asked. *message* is the id of a sentence, `database.` and the kind.

    Kinds: ``busy`` (somebody else holds it), ``full``, ``read_only``, ``disk``, ``damaged``, ``gone``; of a file that
    is looked at before it is used also ``missing``, ``empty``, ``lost`` (its log alone is there) and ``foreign``.
    """

    def __init__(self, kind: str, place: str, detail: str = "") -> None:
        super().__init__(f"database.{kind} at {place}{': ' if detail else ''}{detail}")
        self.kind = kind
        #: The file, or the address without its password.
        self.place = place
        #: The database's own words.
        self.detail = detail

    @property
    def message(self) -> str:
        """Return the id of the sentence for whoever runs the place."""
        return f"database.{self.kind}"


def fault_of(err: BaseException, place: str = "") -> DatabaseFault | None:
    """Return the fault that *err* tells of, or None when it is none of these."""
    if isinstance(err, DatabaseFault):
        return err
    if isinstance(err, sqlalchemy.exc.TimeoutError):  # every connection of the pool is in use
        return DatabaseFault("busy", place, str(err))
    inner = err.orig if isinstance(err, sqlalchemy.exc.DBAPIError) else err
    kind = _kind_of(inner, is_connecting=isinstance(err, sqlalchemy.exc.OperationalError))
    if kind == "gone" and _is_in_read_only_folder(place):
        kind = "read_only"  # SQLite cannot make its log there, and then says that it cannot open the file
    return None if kind is None else DatabaseFault(kind, place, " ".join(str(inner).split()))


def _is_in_read_only_folder(place: str) -> bool:
    return Path(place).is_file() and not os.access(Path(place).parent, os.W_OK)


def _kind_of(err: BaseException | None, *, is_connecting: bool) -> str | None:
    if isinstance(err, sqlite3.Error):
        code = getattr(err, "sqlite_errorcode", None)
        return SQLITE_KINDS.get(code & 0xFF) if isinstance(code, int) else None
    if isinstance(err, OSError):
        return OS_KINDS.get(err.errno or 0)
    state = getattr(err, "sqlstate", None)
    if isinstance(state, str):
        return next((POSTGRES_KINDS[state[:size]] for size in (5, 3, 2) if state[:size] in POSTGRES_KINDS), None)
    # A driver that finds no server has no code to tell.
    return "gone" if is_connecting and err is not None and hasattr(err, "sqlstate") else None


@contextmanager
def told_as_faults(place: str) -> Iterator[None]:
    """Raise DatabaseFault in the place of a driver's error that tells of one."""
    try:
        yield
    except DATABASE_ERRORS as err:
        fault = fault_of(err, place)
        if fault is None:
            raise
        raise fault from err
