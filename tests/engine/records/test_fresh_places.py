"""What one may do never comes from a cache: a change of workspaces counts from the next request on."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from blankett.engine.records.blueprint_cache import BlueprintCatalog
from blankett.engine.store import Organisation, Store, Workspace

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def test_workspaces_are_those_of_this_moment() -> None:
    store, kept = Store("sqlite://"), BlueprintCatalog()
    store.create_schema()
    north = Workspace(organisation="acme", id="north", title="North", parent="sales", zone="")
    with store.writing() as writing:
        writing.put_organisation(Organisation(id="acme", title="Acme", created_at=NOW))
        writing.put_workspace(Workspace(organisation="acme", id="sales", title="Sales", parent=None, zone=""))
        writing.put_workspace(north)
    assert seen(store, kept) == ["north", "sales"]
    with store.writing() as writing:
        writing.put_workspace(replace(north, parent=None))
    assert seen(store, kept) == ["north"]


def seen(store: Store, kept: BlueprintCatalog) -> list[str]:
    """Return where records of North may come from, at one moment of the clock."""
    with store.reading() as reading:
        return kept.view(reading, "acme", NOW).places.above("north")
