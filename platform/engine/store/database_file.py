"""The file of a SQLite database, looked at before it is trusted: is it there, is it one, is it whole."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy.engine import make_url

from blankett.engine.store.database_faults import DatabaseFault, told_as_faults

#: How every SQLite file begins, and how long the beginning is that tells its size.
MAGIC, HEADER = b"SQLite format 3\x00", 100


def file_of(url: str) -> Path | None:
    """Return the file of a SQLite database; None for one in memory and for PostgreSQL."""
    address = make_url(url)
    if address.get_backend_name() != "sqlite" or address.database in (None, "", ":memory:"):
        return None
    return Path(str(address.database))


def place_of(url: str) -> str:
    """Return what an operator calls the database: its file, or its address without the password."""
    file = file_of(url)
    return str(file) if file else make_url(url).render_as_string(hide_password=True)


def require_database(file: Path) -> None:
    """Raise DatabaseFault unless *file* is a SQLite database that is all there. Reads its head only.

    A file of no bytes is what is left of a database after a full disk or a copy that failed, and is never taken for a
    new one.
    """
    if not file.exists():
        raise DatabaseFault("lost" if _size(_log_of(file)) else "missing", str(file))
    if _size(file) == 0:
        raise DatabaseFault("empty", str(file))
    try:
        with file.open("rb") as opened:
            head = opened.read(HEADER)
    except OSError as err:  # a folder, or a file that may not be read
        raise DatabaseFault("gone", str(file), err.strerror or "") from err
    if len(head) < HEADER or not head.startswith(MAGIC):
        raise DatabaseFault("damaged", str(file), "it does not begin as a database does")
    page = int.from_bytes(head[16:18]) or 0
    whole = (65_536 if page == 1 else page) * int.from_bytes(head[28:32])
    # While there is a log, the last pages may still be in there.
    if _size(file) < whole and not _size(_log_of(file)):
        raise DatabaseFault("damaged", str(file), f"it ends after {_size(file):,} of {whole:,} bytes")


def require_whole(file: Path) -> None:
    """Raise DatabaseFault unless every page and index of *file* is sound. Reads all of it; people go on working."""
    require_database(file)
    with told_as_faults(str(file)), closing(sqlite3.connect(file)) as connection:
        first = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
    if first != "ok":
        raise DatabaseFault("damaged", str(file), " ".join(str(first).split()))


def _log_of(file: Path) -> Path:
    return file.with_name(f"{file.name}-wal")


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except FileNotFoundError:
        return 0
