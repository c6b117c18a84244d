"""Copying a database while it is in use. SQLite only: PostgreSQL brings its own programs for it."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from blankett.engine.errors import BlankettError
from blankett.engine.store.store import Store


class BackupError(BlankettError):
    """No copy was made."""


def back_up(store: Store, target: Path) -> None:
    """Copy a SQLite database to the new file *target*: one moment of it, whole or not at all.

    Nobody has to stop working. Raises BackupError when *target* is there already, or the database is no SQLite file.
    """
    if not store.is_sqlite:
        raise BackupError("Only SQLite databases are copied like this. For PostgreSQL use pg_dump.")
    if target.exists():
        raise BackupError(f"{target} is there already. Say another name; nothing is overwritten.")
    unfinished = target.with_name(f"{target.name}.unfinished")
    unfinished.unlink(missing_ok=True)
    with closing(sqlite3.connect(unfinished)) as copy, store.engine.connect() as connection:
        driver = connection.connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        driver.backup(copy)
        # One file that can be moved about, without a log beside it.
        copy.execute("PRAGMA journal_mode = DELETE")
    _to_disk(unfinished)
    unfinished.replace(target)
    _to_disk(target.parent)


def _to_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
