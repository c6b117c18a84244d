"""What the commands' tests share: a database that is upgraded once in a process, and copied."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from blankett.engine.store import Store
from blankett.engine.store.schema import upgrade


@pytest.fixture(scope="session")
def upgraded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database of today's schema with nothing in it, which is only copied."""
    path = tmp_path_factory.mktemp("upgraded") / "blankett.sqlite"
    store = Store(f"sqlite:///{path}")
    upgrade(store)
    store.close()
    return path


@pytest.fixture
def make_store(upgraded: Path) -> Callable[[Path], Store]:
    """Give what makes a store at a path, of today's schema."""

    def make(path: Path) -> Store:
        path.parent.mkdir(exist_ok=True)
        shutil.copy(upgraded, path)
        return Store(f"sqlite:///{path}")

    return make
