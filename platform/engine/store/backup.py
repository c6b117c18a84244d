"""Copying a database while it is in use. SQLite only: PostgreSQL brings its own programs for it."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from blankett.engine.errors import BlankettError
from blankett.engine.store.database_faults import told_as_faults
from blankett.engine.store.database_file import file_of, require_whole
from blankett.engine.store.store import Store


class BackupError(BlankettError):
    """No copy was made."""


def back_up(store: Store, target: Path) -> None:
    """Copy a SQLite database to the new file *target*: one moment of it, whole or not at all.

    Nobody has to stop working. The database is looked through before, and the copy after: DatabaseFault when one is
    damaged. Raises BackupError when *target* is there already, or the database is no SQLite file.
    """
    file = file_of(store.url)
    if file is None:
        raise BackupError("Only SQLite databases are copied like this. For PostgreSQL use pg_dump.")
    if target.exists():
        raise BackupError(f"{target} is there already. Say another name; nothing is overwritten.")
    require_whole(file)
    unfinished = target.with_name(f"{target.name}.unfinished")
    unfinished.unlink(missing_ok=True)
    try:
        _copy(store, unfinished)
        require_whole(unfinished)
        _to_disk(unfinished)
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)
    _to_disk(target.parent)


def _copy(store: Store, unfinished: Path) -> None:
    with (
        told_as_faults(str(unfinished)),
        closing(sqlite3.connect(unfinished)) as copy,
        store.engine.connect() as connection,
    ):
        driver = connection.connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        driver.backup(copy)
        # One file that can be moved about, without a log beside it.
        copy.execute("PRAGMA journal_mode = DELETE")


def _to_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
