"""Companies of tests: made once in a process, in a store in memory, and then copied."""

from __future__ import annotations

import sqlite3

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

from blankett.engine.store import Store
from blankett.engine.store.schema import MIGRATIONS


def empty_store(url: str = "sqlite://") -> Store:
    """Return a store at *url*, where nothing is yet, with all tables and nothing in them."""
    store = Store(url)
    store.create_schema()
    return store


def copy_store(original: Store, url: str) -> Store:
    """Return a store at *url*, on SQLite, that holds what *original* holds now."""
    store = Store(url)
    copy_into(store, original)
    return store


def copy_into(store: Store, original: Store) -> None:
    """Let *store*, on SQLite, hold what *original* holds now, and nothing else."""
    with original.engine.connect() as one, store.engine.connect() as other:
        _driver(one).backup(_driver(other))


def _driver(connection: Connection) -> sqlite3.Connection:
    driver = connection.connection.dbapi_connection
    assert isinstance(driver, sqlite3.Connection)
    return driver


def downgrade(store: Store, revision: str) -> None:
    """Take the tables of *store* back to *revision*; ``base`` removes them with everything in them."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with store.engine.connect() as connection, connection.begin():
        config.attributes["connection"] = connection
        command.downgrade(config, revision)
