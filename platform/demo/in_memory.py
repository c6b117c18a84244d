"""Work on a SQLite database in memory and write it back at the end.

The demo is hundreds of commands, each with a commit that waits for the disk. Nobody uses a demo that is half built,
so the disk is asked once.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from blankett.engine.store import Store


@contextmanager
def in_memory(store: Store) -> Iterator[Store]:
    """Give a copy of *store* in memory, and copy it back when all went well; other databases are given as they are."""
    if not store.is_sqlite or store.url == "sqlite://":
        yield store
        return
    copy = Store("sqlite://")
    try:
        _copy(store, copy)
        yield copy
        _copy(copy, store)
    finally:
        copy.close()


def _copy(source: Store, target: Store) -> None:
    with source.engine.connect() as old, target.engine.connect() as new:
        old_database, new_database = old.connection.driver_connection, new.connection.driver_connection
        assert isinstance(old_database, sqlite3.Connection)
        assert isinstance(new_database, sqlite3.Connection)
        old_database.backup(new_database)
