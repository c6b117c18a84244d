"""`blankett db`: the schema is made and looked at, and copies are whole."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from blankett.cli import main
from blankett.engine.store import Organisation, Store
from blankett.engine.store.schema import NEWEST

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def run(*arguments: str) -> tuple[int, str]:
    """Run `blankett db` and return its exit code and what it said."""
    result = CliRunner().invoke(main, ["db", *arguments])
    return result.exit_code, result.output


@pytest.fixture
def url(tmp_path: Path) -> str:
    """The address of a database with today's schema."""
    url = f"sqlite:///{tmp_path / 'blankett.sqlite'}"
    assert run("upgrade", "--database", url) == (0, f"The schema was brought from nothing to revision {NEWEST}.\n")
    return url


def test_an_upgrade_of_what_is_up_to_date_changes_nothing(url: str) -> None:
    assert run("upgrade", "--database", url) == (0, f"The schema is up to date (revision {NEWEST}).\n")
    assert run("status", "--database", url) == (0, f"The schema is up to date (revision {NEWEST}).\n")


def test_a_database_without_tables_is_not_up_to_date(tmp_path: Path) -> None:
    file = tmp_path / "empty.sqlite"
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA user_version = 1")
    words = f"The schema is at nothing, this program needs {NEWEST}. Run: blankett db upgrade\n"
    assert run("status", "--database", f"sqlite:///{file}") == (1, words)


def test_a_copy_made_while_somebody_writes_holds_what_was_committed(url: str, tmp_path: Path) -> None:
    target = tmp_path / "copy.sqlite"
    store = Store(url)
    put(store, "first")
    with store.writing() as writing:
        writing.put_organisation(Organisation(id="half", title="Half", created_at=NOW))
        worker = threading.Thread(target=run, args=("backup", str(target), "--database", url))
        worker.start()
        worker.join(timeout=20)
        assert not worker.is_alive(), "the copy waited for the writer"
    store.close()
    assert organisations(f"sqlite:///{target}") == ["first"]
    assert organisations(url) == ["first", "half"]
    assert sorted(path.name for path in tmp_path.glob("copy*")) == ["copy.sqlite"]


def test_a_copy_never_overwrites(url: str, tmp_path: Path) -> None:
    target = tmp_path / "copy.sqlite"
    target.write_text("precious", encoding="utf-8")
    words = f"{target} is there already. Say another name; nothing is overwritten.\n"
    assert run("backup", str(target), "--database", url) == (1, words)
    assert target.read_text(encoding="utf-8") == "precious"


def put(store: Store, organisation: str) -> None:
    """Write an organisation."""
    with store.writing() as writing:
        writing.put_organisation(Organisation(id=organisation, title=organisation.title(), created_at=NOW))


def organisations(url: str) -> list[str]:
    """Return the ids of a database's organisations."""
    store = Store(url)
    with store.reading() as reading:
        found = sorted(organisation.id for organisation in reading.organisations())
    store.close()
    return found
