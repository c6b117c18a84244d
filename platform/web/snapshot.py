"""One snapshot for one request: whatever a page reads, it reads at one moment, through one transaction.

A write ends the snapshot first, and what is read afterwards sees the write.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime
from typing import cast

from flask import Flask, g, has_request_context

from blankett.engine.runtime.catalog import BlueprintCatalog, Catalog
from blankett.engine.store import Reading, Store, Writing
from blankett.engine.store.database_faults import DatabaseFault


def init_snapshot(app: Flask) -> None:
    """End each request's snapshot with the request."""
    app.teardown_request(lambda _: end_snapshot())


def end_snapshot() -> None:
    """End the snapshot of the current request, if one was begun."""
    stack: ExitStack | None = g.pop("snapshot_end", None)
    g.pop("snapshot", None)
    g.pop("catalog", None)
    if stack is not None:
        # Nothing was written in it: a database that fails only now has given what was asked.
        with suppress(DatabaseFault):
            stack.close()


class PageStore:
    """A store as pages use it: readings of one request are one. Everything else is the store's own."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def __getattr__(self, name: str) -> object:
        return getattr(self._store, name)

    @contextmanager
    def reading(self) -> Iterator[Reading]:
        """Give the request's snapshot; outside of requests and inside of writes, one of its own."""
        if not has_request_context() or g.get("is_writing"):
            with self._store.reading() as reading:
                yield reading
            return
        if "snapshot" not in g:
            stack = ExitStack()
            g.snapshot = stack.enter_context(self._store.reading())
            g.snapshot_end = stack
        yield g.snapshot

    @contextmanager
    def writing(self, *, patience: int | None = None) -> Iterator[Writing]:
        """Give the write door. The request's snapshot ends before."""
        if not has_request_context():
            with self._store.writing(patience=patience) as writing:
                yield writing
            return
        end_snapshot()
        g.is_writing = True
        try:
            with self._store.writing(patience=patience) as writing:
                actor = g.get("actor")
                writing.by = actor.user if actor is not None else ""
                yield writing
        finally:
            g.is_writing = False


class PageCatalog(BlueprintCatalog):
    """Blueprints as pages use them: which versions are the newest is asked once for a snapshot."""

    def view(self, reading: Reading, organisation: str, now: datetime) -> Catalog:
        """Return the catalog as one transaction sees it; a request's snapshot has one."""
        if not has_request_context() or g.get("snapshot") is not reading:
            return super().view(reading, organisation, now)
        known: Catalog | None = g.get("catalog")
        if known is None or known.organisation != organisation:
            known = g.catalog = super().view(reading, organisation, now)
        return known


def as_store(store: Store) -> Store:
    """Return *store* as pages use it."""
    return cast(Store, PageStore(store))
