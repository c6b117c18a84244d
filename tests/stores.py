"""Stores in memory for tests: the tables are made once in a process, and then copied."""

from __future__ import annotations

import sqlite3
from functools import lru_cache

from sqlalchemy import Connection

from blankett.engine.store import Store


def empty_store() -> Store:
    """Return a store in memory with all tables and nothing in them."""
    store = Store("sqlite://")
    copy_into(store, _with_tables())
    return store


def copy_into(store: Store, original: Store) -> None:
    """Let *store*, on SQLite, hold what *original* holds now, and nothing else."""
    with original.engine.connect() as one, store.engine.connect() as other:
        _driver(one).backup(_driver(other))


@lru_cache(maxsize=1)
def _with_tables() -> Store:
    store = Store("sqlite://")
    store.create_schema()
    return store


def _driver(connection: Connection) -> sqlite3.Connection:
    driver = connection.connection.dbapi_connection
    assert isinstance(driver, sqlite3.Connection)
    return driver
