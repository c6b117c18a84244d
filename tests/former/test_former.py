"""Databases of former schemas are brought up to date, and everything in them is as it was."""

from __future__ import annotations

import json
import lzma
import re
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from tests.former.story import seen

from blankett.engine.store import Store, schema
from blankett.engine.verify import heads_hold

HERE = Path(__file__).parent
REVISIONS = sorted(path.name.partition(".")[0] for path in HERE.glob("*.sqlite.xz"))


def unpacked(revision: str, kind: str) -> bytes:
    """Return what is kept of a revision."""
    return lzma.decompress((HERE / f"{revision}.{kind}.xz").read_bytes())


def expected(revision: str) -> dict[str, Any]:
    """Return what was seen then, as it is to be seen now: lists show a linked record's title of today."""
    before: dict[str, Any] = json.loads(unpacked(revision, "json"))
    for rows in before["lists"].values():
        for row in rows:
            row[3] = ["Ørsted & Søn" if cell == "Ørsted" else cell for cell in row[3]]
    return before


#: A dataclass as Python writes it: ``StoredUser(organisation='acme', …)``.
WHOLE = re.compile(r"\w+\(.*\)\Z", re.DOTALL)


def told(before: Any, now: Any) -> Any:
    """Return *now* without what nobody told of then: later keys of what can be seen, later fields of what is written
    out whole.
    """
    if isinstance(before, dict) and isinstance(now, dict):
        return {key: told(before[key], value) for key, value in now.items() if key in before}
    if isinstance(before, list) and isinstance(now, list) and len(before) == len(now):
        return [told(*pair) for pair in zip(before, now, strict=True)]
    if isinstance(before, str) and isinstance(now, str) and WHOLE.match(before) and WHOLE.match(now):
        names = {part.partition("=")[0] for part in before[:-1].split(", ")}
        return ", ".join(part for part in now[:-1].split(", ") if part.partition("=")[0] in names) + ")"
    return now


@pytest.fixture(params=REVISIONS)
def former(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Store, dict[str, Any]]]:
    """Give a store of a former schema, and what was seen in it."""
    file = tmp_path / "former.sqlite"
    file.write_bytes(unpacked(request.param, "sqlite"))
    store = Store(f"sqlite:///{file}")
    yield store, expected(request.param)
    store.close()


def test_everything_in_a_former_database_is_as_it_was(former: tuple[Store, dict[str, Any]]) -> None:
    store, before = former
    schema.upgrade(store)
    heads = before.pop("heads")
    now = json.loads(json.dumps(seen(store)))
    assert told(before, now) == before
    assert heads_hold(store, heads) == []


def test_an_upgrade_that_is_killed_leaves_everything_as_it_was(
    former: tuple[Store, dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    store, before = former
    revision, dumped = schema.revision_of(store), dump(store)

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("alembic.op.drop_table", killed)
        with pytest.raises(KeyboardInterrupt):
            schema.upgrade(store)
    assert (schema.revision_of(store), dump(store)) == (revision, dumped)
    schema.upgrade(store)
    assert json.loads(json.dumps(seen(store)))["broken"] == before["broken"]


def dump(store: Store) -> list[str]:
    """Return everything in a SQLite database as statements."""
    with store.engine.connect() as connection:
        driver = connection.connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        return list(driver.iterdump())


@pytest.mark.postgres
@pytest.mark.parametrize("revision", REVISIONS)
def test_everything_is_as_it_was_on_postgresql(
    revision: str, tmp_path: Path, make_postgres_database: Callable[[], str]
) -> None:
    file = tmp_path / "former.sqlite"
    file.write_bytes(unpacked(revision, "sqlite"))
    before = expected(revision)
    store = Store(make_postgres_database())
    schema.upgrade(store, revision)
    copy(sa.create_engine(f"sqlite:///{file}"), store.engine)
    schema.upgrade(store)
    heads = before.pop("heads")
    now = json.loads(json.dumps(seen(store)))
    assert told(before, now) == before
    assert heads_hold(store, heads) == []
    store.close()


def copy(source: sa.Engine, target: sa.Engine) -> None:
    """Copy all rows of a database into another one with the same tables."""
    found = sa.MetaData()
    found.reflect(source)
    with source.connect() as reading, target.begin() as writing:
        for table in found.sorted_tables:
            rows = [dict(row) for row in reading.execute(sa.select(table)).mappings()]
            if rows and table.name != "alembic_version":
                writing.execute(sa.insert(table), rows)
    source.dispose()
