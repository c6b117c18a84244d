"""Faults from outside, brought about as they are in life where the machine allows: a full disk, a foreign lock, a file
that cannot be written, a clock that is wrong. Each is a context: the fault is gone at its end.

What SQLite is told to refuse, it refuses with the same codes as when the disk does, and needs no rights on the machine.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from blankett.engine.store import Store


def driver_connections(store: Store, count: int = 3) -> Iterator[sqlite3.Connection]:
    """Yield the connections that *store* keeps open, up to *count* of them."""
    held = [store.engine.raw_connection() for _ in range(count)]
    for connection in held:
        driver = connection.dbapi_connection
        assert isinstance(driver, sqlite3.Connection)
        yield driver
    for connection in held:
        connection.close()


@contextmanager
def foreign_lock(store: Store, file: Path) -> Iterator[None]:
    """Another program holds the database for writing."""
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield
        other.execute("ROLLBACK")


@contextmanager
def full_disk(store: Store, file: Path) -> Iterator[None]:
    """No statement that writes finds room. `small_disk` is the same in life, where the machine lets us make one."""

    def refuse(_: str) -> None:
        error = sqlite3.OperationalError("database or disk is full")
        error.sqlite_errorcode = sqlite3.SQLITE_FULL
        raise error

    store = getattr(store, "_store", store)  # as pages use it, a store stands around the store
    store.fault_points = refuse
    yield
    store.fault_points = None


@contextmanager
def read_only(store: Store, file: Path) -> Iterator[None]:
    """The file cannot be written."""
    for driver in driver_connections(store):
        driver.execute("PRAGMA query_only=1")
    yield
    for driver in driver_connections(store):
        driver.execute("PRAGMA query_only=0")


@contextmanager
def small_disk(folder: Path, size: str = "3m") -> Iterator[bool]:
    """A disk of its own at *folder*, of *size*; False where the machine does not let us make one."""
    folder.mkdir(exist_ok=True)
    mount = shutil.which("mount")
    command = [str(mount), "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    is_there = bool(mount) and os.geteuid() == 0 and subprocess.run(command, capture_output=True).returncode == 0
    try:
        yield is_there
    finally:
        if is_there:
            subprocess.run(["umount", "-l", str(folder)], check=True)


def fill_disk(folder: Path) -> Path:
    """Take every byte that is left on the disk of *folder*, and return the file that did."""
    path = folder / "filler"
    with path.open("wb", buffering=0) as file:
        for size in (65_536, 4_096, 512, 1):
            try:
                while True:
                    file.write(bytes(size))
            except OSError:
                continue
    return path
