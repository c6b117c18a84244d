"""Databases of former schemas are brought up to date, and everything in them is as it was."""

from __future__ import annotations

import json
import lzma
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.former.story import seen

from blankett.engine.store import Store, schema
from blankett.engine.verify import heads_hold

HERE = Path(__file__).parent
REVISIONS = sorted(path.name.partition(".")[0] for path in HERE.glob("*.sqlite.xz"))


def unpacked(revision: str, kind: str) -> bytes:
    """Return what is kept of a revision."""
    return lzma.decompress((HERE / f"{revision}.{kind}.xz").read_bytes())


def told(before: Any, now: Any) -> Any:
    """Return *now* without what nobody told of then: later keys of what can be seen."""
    if isinstance(before, dict) and isinstance(now, dict):
        return {key: told(before[key], value) for key, value in now.items() if key in before}
    if isinstance(before, list) and isinstance(now, list) and len(before) == len(now):
        return [told(*pair) for pair in zip(before, now, strict=True)]
    return now


@pytest.fixture(params=REVISIONS)
def former(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Store, dict[str, Any]]]:
    """Give a store of a former schema, and what was seen in it."""
    file = tmp_path / "former.sqlite"
    file.write_bytes(unpacked(request.param, "sqlite"))
    store = Store(f"sqlite:///{file}")
    yield store, json.loads(unpacked(request.param, "json"))
    store.close()


def test_everything_in_a_former_database_is_as_it_was(former: tuple[Store, dict[str, Any]]) -> None:
    store, before = former
    schema.upgrade(store)
    heads = before.pop("heads")
    now = json.loads(json.dumps(seen(store)))
    assert told(before, now) == before
    assert heads_hold(store, heads) == []
