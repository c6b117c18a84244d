"""`blankett demo`: a second start goes on with what is there, also after an update."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from blankett.cli import main, serve
from blankett.engine.store import Organisation, Store
from blankett.engine.store.schema import NEWEST, revision_of, upgrade


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the demo's database is; nothing is served."""
    monkeypatch.setattr(serve, "_serve", lambda *arguments: None)
    return tmp_path / "blankett.sqlite"


def start(database: Path) -> tuple[int, str]:
    """Run `blankett demo` and return its exit code and the first line it said."""
    result = CliRunner().invoke(main, ["demo", "--data", str(database.parent)])
    return result.exit_code, result.output.strip().partition("\n")[0]


def made_with(database: Path, revision: str) -> None:
    """Make a store of an older version."""
    store = Store(f"sqlite:///{database}")
    upgrade(store, revision)
    store.close()


def revision(database: Path) -> str | None:
    """Return the revision of the tables."""
    store = Store(f"sqlite:///{database}")
    found = revision_of(store)
    store.close()
    return found


def test_the_demo_of_an_older_version_goes_on_with_the_tables_of_this_one(database: Path) -> None:
    made_with(database, "0001")
    assert start(database) == (
        0,
        f"The demo is of an older Blankett; its tables were brought to revision {NEWEST}. "
        "`blankett demo --fresh` tells the story of this one.",
    )
    assert revision(database) == NEWEST
    assert start(database)[1] == "Blankett's demo is at http://127.0.0.1:8300/  (Ctrl+C stops it)"


def test_a_demo_of_a_newer_version_is_left_alone_and_says_how_to_begin_anew(database: Path) -> None:
    made_with(database, "head")
    store = Store(f"sqlite:///{database}")
    with store.engine.connect() as connection, connection.begin():
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    store.close()
    code, words = start(database)
    assert (code, words) == (
        1,
        f"Error: {database} is not of this version of Blankett (revision 9999). "
        "`blankett demo --fresh` begins anew; what was changed in the demo is lost then.",
    )
    assert revision(database) == "9999"


# Serving one's own data -----------------------------------------------------------------------------------------------


def said_at_start(data: Path, *options: str, **environment: str) -> tuple[int, list[str]]:
    """Run `blankett serve` and return its exit code and what it said."""
    result = CliRunner().invoke(main, ["serve", "--data", str(data), *options], env=environment)
    return result.exit_code, result.output.splitlines()


def test_a_new_installation_prints_where_its_administrator_is_made(database: Path) -> None:
    code, lines = said_at_start(database.parent, BLANKETT_SET_UP_CODE="known+code")
    assert (code, lines[1:]) == (0, [
        "It is new. Make its first administrator, once, at:",
        "http://127.0.0.1:8300/set-up?code=known%2Bcode",
    ])  # fmt: skip
    first, second = (said_at_start(database.parent)[1][-1].partition("code=")[2] for _ in range(2))
    assert len(first) >= 20
    assert first != second


def test_an_installation_that_is_used_prints_no_code(database: Path) -> None:
    said_at_start(database.parent)
    store = Store(f"sqlite:///{database}")
    with store.writing() as writing:
        writing.put_organisation(Organisation(id="acme", title="Acme", created_at=datetime(2026, 3, 2, tzinfo=UTC)))
    store.close()
    assert said_at_start(database.parent) == (0, ["Blankett is at http://127.0.0.1:8300/  (Ctrl+C stops it)"])


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.7", "::"])
def test_the_demo_listens_to_nobody_else(database: Path, host: str) -> None:
    code, lines = said_at_start(database.parent, "--host", host, BLANKETT_MODE="demo")
    assert (code, lines) == (1, [
        f"Error: In the demo anybody signs in as anybody, so it does not listen on {host}. "
        "For others use BLANKETT_MODE=production."
    ])  # fmt: skip
