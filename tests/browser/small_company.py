"""A company with one blueprint and one person, served to a browser from this process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

from playwright.sync_api import Page
from tests.stores import copy_store, empty_store

from blankett.engine.access import load_actor
from blankett.engine.publish.publisher import Publisher
from blankett.engine.publish.readiness import Publication
from blankett.engine.store import Member, Store
from blankett.web import create_app

from .served_app import serve, served_app
from .sign_in import sign_in

EMAIL = "ada@acme.example"
PASSWORD = "a long enough password"


@contextmanager
def small_company(folder: Path, blueprint: Path) -> Iterator[str]:
    """Serve a company whose data are in *folder* and whose one clerk runs *blueprint*; give its address."""
    store = copy_store(found_company(blueprint.read_text(encoding="utf-8")), f"sqlite:///{folder / 'small.sqlite'}")
    services = serve(store)
    try:
        with served_app(create_app(services.settings, services)) as address:
            yield address
    finally:
        store.close()


@lru_cache(maxsize=4)
def found_company(blueprint: str) -> Store:
    """Return a company in memory, which is only copied."""
    store = empty_store()
    services = serve(store)
    person = {"title": "Acme", "zone": "UTC", "name": "Ada", "email": EMAIL, "language": "en"}
    admin = services.accounts.set_up(**person, password=PASSWORD)
    assert admin is not None
    with store.writing() as writing:
        room = writing.workspaces(admin.organisation)[0].id
        held = {"organisation": admin.organisation, "workspace": room, "user": admin.id, "administers": True}
        writing.put_member(Member(**held, roles=frozenset({"clerk"})))
    with store.reading() as reading:
        actor = load_actor(reading, admin.organisation, admin.id)
    assert actor is not None
    publication = Publication(source=blueprint, workspace=room, base=0, skip_scenarios=True)
    Publisher(services.engine).publish(actor, publication)
    return store


def sign_in_clerk(page: Page, address: str) -> None:
    """Sign the clerk in."""
    sign_in(page, address, EMAIL, PASSWORD)
