"""An application over a store in memory, with a small company, its people, a blueprint, and clients signed in."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from tests.stores import copy_into, empty_store
from werkzeug.datastructures import MultiDict
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from blankett.engine.language.loader import load_blueprint
from blankett.engine.language.model import Blueprint
from blankett.engine.publish.candidate import canonical_texts
from blankett.engine.records.blueprint_cache import BlueprintCatalog
from blankett.engine.store import (
    Member,
    Organisation,
    Store,
    StoredBlueprint,
    StoredUser,
    StoredVersion,
    Workspace,
    give_slots,
    wanted_slots,
)
from blankett.engine.store.slots import NO_SLOTS
from blankett.web import create_app, kept_markup
from blankett.web.services import Services, services_over
from blankett.web.settings import Settings

from .only_shown import OnlyShown

SHOP = Path(__file__).with_name("shop.yaml")
ORGANISATION, ROOM = "acme", "sales"
PASSWORD = "a long enough password"
#: Person → (name, roles, is an administrator).
PEOPLE = {
    "anna": ("Anna Lindqvist", {"clerk"}, False),
    "mette": ("Mette Holm", {"manager"}, False),
    "wu": ("Wu Jing", {"clerk"}, False),
    "olga": ("Olga Strand", set(), False),
    "admin": ("Ada Min", set(), True),
}
#: What is kept of PASSWORD, made with as little work as the library allows: checking takes as much.
KEPT = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)


class Clock:
    """A clock that stands still until told."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **time: float) -> None:
        self.now += timedelta(**time)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def settings() -> Settings:
    return Settings(database="sqlite://", secret_key="s" * 40, mode="development", secure_cookie=False)


@pytest.fixture
def empty_services(settings: Settings, clock: Clock) -> Services:
    """Services over a store that nobody uses yet."""
    return services_over(settings, empty_store(), clock)


@pytest.fixture(scope="session")
def company() -> Store:
    """A store with people and the shop blueprint, which is only copied."""
    store, now = empty_store(), Clock().now
    with store.writing() as writing:
        writing.put_organisation(Organisation(id=ORGANISATION, title="Acme", zone="UTC", created_at=now))
        writing.put_workspace(Workspace(organisation=ORGANISATION, id=ROOM, title="Sales North"))
        for key, (name, roles, is_admin) in PEOPLE.items():
            writing.insert_user(
                StoredUser(
                    organisation=ORGANISATION,
                    id=key,
                    email=f"{key}@acme.example",
                    name=name,
                    password=KEPT,
                    stamp="1",
                    is_admin=is_admin,
                    language="zh" if key == "wu" else "en",
                    density="normal",
                    created_at=now,
                    changed_at=now,
                )
            )
            if roles:
                writing.put_member(Member(organisation=ORGANISATION, workspace=ROOM, user=key, roles=frozenset(roles)))
    publish(store, SHOP.read_text(encoding="utf-8"), now)
    return store


@pytest.fixture(scope="session")
def loaded_shop(company: Store) -> Blueprint:
    """The shop as a process has it that has loaded it, for its first page and for all others."""
    with company.reading() as reading:
        return BlueprintCatalog().view(reading, ORGANISATION, Clock().now).blueprint("shop", 1)


@pytest.fixture
def services(empty_services: Services, company: Store, loaded_shop: Blueprint) -> Services:
    """Services over a store with people and the shop blueprint."""
    copy_into(empty_services.store, company)
    empty_services.engine.catalog.versions.keep((ORGANISATION, "shop", 1), loaded_shop)
    return empty_services


def publish(store: Store, source: str, now: datetime, number: int = 1) -> None:
    """Write a blueprint as a published version, as publishing does."""
    loaded = load_blueprint(source)
    assert loaded.blueprint is not None, loaded.problems
    blueprint = loaded.blueprint
    with store.writing() as writing:
        if number == 1:
            writing.insert_blueprint(
                StoredBlueprint(
                    organisation=ORGANISATION, key=blueprint.key, workspace=ROOM, created_at=now, created_by="admin"
                )
            )
        writing.insert_version(
            StoredVersion(
                organisation=ORGANISATION,
                blueprint=blueprint.key,
                number=number,
                at=now,
                by="admin",
                source=source,
                canonical=canonical_texts(blueprint, loaded.tree)[0],
                positions="{}",
                digest=blueprint.digest,
            )
        )
        maps = writing.slot_maps(ORGANISATION, blueprint.key)
        for form in blueprint.forms.values():
            gift = give_slots(maps.get(form.key, NO_SLOTS), wanted_slots(blueprint, form), {}, ready=True)
            writing.put_slots(ORGANISATION, blueprint.key, form.key, gift.new)


@pytest.fixture(scope="session", autouse=True)
def addresses_built_once() -> Iterator[None]:
    """Compile the functions that put addresses together once in a process, not for every application: it was half of
    what a test took to begin.
    """
    compile_builder = Rule._compile_builder
    known: dict[object, object] = {}

    def find(rule: Rule, append_unknown: bool = True) -> object:
        key = (rule.rule, tuple(rule._trace), repr(rule.defaults), append_unknown)
        if key not in known:
            known[key] = compile_builder(rule, append_unknown)
        return known[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Rule, "_compile_builder", find)
        yield


@pytest.fixture(autouse=True)
def texts_are_only_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a macro that is kept fail where it asks anything of a text that it is only to put out."""
    monkeypatch.setattr(kept_markup, "_hole", lambda place: OnlyShown(f"{kept_markup._SIGN}{place};"))


@pytest.fixture
def app(settings: Settings, services: Services) -> Flask:
    return make_app(settings, services)


def make_app(settings: Settings, services: Services) -> Flask:
    app = create_app(settings, services)
    app.testing = True
    return app


#: Where a page shows the token that its forms hold.
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


@dataclass
class Visitor:
    """A browser with somebody at it: reads forms before posting them, as people do."""

    client: FlaskClient
    #: What a session keeps of its token → the token as pages show it, which are not drawn again for it.
    tokens: dict[str, str] = field(default_factory=dict)

    def get(self, address: str, **headers: str) -> TestResponse:
        return self.client.get(address, headers=headers)

    def token(self) -> str:
        """Return the token that forms of this session hold."""
        kept = self.kept_token()
        if kept not in self.tokens:
            pages = ("/sign-in", "/keys") if kept is None else ("/keys", "/sign-in")  # of who is signed in, or is not
            shown = next(filter(None, (TOKEN.search(self.client.get(page).text) for page in pages)))
            kept = self.kept_token()
            assert kept is not None
            self.tokens[kept] = shown[1]
        return self.tokens[kept]

    def kept_token(self) -> str | None:
        """Return what the session keeps of its token."""
        with self.client.session_transaction() as session:
            found: str | None = session.get("csrf_token")
        return found

    def post(self, address: str, values: object = (), *, csrf: bool = True, **headers: str) -> TestResponse:
        pairs = list(values.items()) if isinstance(values, dict) else list(values)  # type: ignore[call-overload]
        if csrf:
            pairs.append(("csrf_token", self.token()))
        return self.client.post(address, data=MultiDict(pairs), headers=headers)

    def sign_in(self, who: str, password: str = PASSWORD) -> TestResponse:
        return self.post("/sign-in", {"email": f"{who}@acme.example", "password": password})


@pytest.fixture
def visitor(app: Flask) -> Visitor:
    """Somebody who is not signed in."""
    return Visitor(app.test_client())


@pytest.fixture
def signed_in(app: Flask) -> Callable[[str], Visitor]:
    """Make a visitor who is signed in as one of PEOPLE."""

    def make(who: str) -> Visitor:
        made = Visitor(app.test_client())
        assert made.sign_in(who).status_code == 303
        return made

    return make


@pytest.fixture
def anna(signed_in: Callable[[str], Visitor]) -> Visitor:
    return signed_in("anna")


@pytest.fixture
def mette(signed_in: Callable[[str], Visitor]) -> Visitor:
    return signed_in("mette")


HX = {"HX-Request": "true"}
