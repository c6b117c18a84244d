"""Where scenarios play: a store in memory with the published blueprint, its samples, and people as they are named."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from blankett.engine.access import Actor
from blankett.engine.feel.budget import Purse
from blankett.engine.language.model import Blueprint, ScenarioPerson
from blankett.engine.records import Engine, SampleLookup, load_samples
from blankett.engine.records.blueprint_cache import BlueprintCatalog
from blankett.engine.scenarios.results import Mismatch
from blankett.engine.store import (
    Member,
    Organisation,
    Rate,
    SlotMap,
    Store,
    StoredBlueprint,
    StoredUser,
    StoredVersion,
    Workspace,
    Writing,
    give_slots,
    wanted_slots,
)

#: When every scenario begins: a Monday morning.
MOMENT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
#: One euro is so much of other currencies, on every day of a scenario.
RATES: Mapping[str, Decimal] = {
    "DKK": Decimal("7.46"),
    "NOK": Decimal("11.72"),
    "SEK": Decimal("11.10"),
    "CNY": Decimal("8.24"),
    "USD": Decimal("1.16"),
    "GBP": Decimal("0.87"),
    "CHF": Decimal("0.94"),
    "PLN": Decimal("4.25"),
    "JPY": Decimal("170"),
}
ORGANISATION = "scenarios"
WORKSPACE = "home"
#: Who makes the samples.
AUTHOR = ScenarioPerson("author", frozenset())


class Stage:
    """A store in memory with an organisation, one workspace and the published blueprints with their samples."""

    def __init__(self, purse: Purse | None = None) -> None:
        """*purse*: what all formulas of everything that is done may use together."""
        self.now = MOMENT
        counter = itertools.count(1)
        self.store = Store("sqlite://", new_salt=lambda: "salt")
        self.store.create_schema()
        catalog = BlueprintCatalog(purse=purse)
        self.engine = Engine(self.store, lambda: self.now, lambda at: f"{next(counter):026d}", catalog)
        self.lookup = SampleLookup(self.find_person)
        self.roles: frozenset[str] = frozenset()
        with self.store.writing() as writing:
            writing.put_organisation(Organisation(id=ORGANISATION, title="Scenarios", created_at=MOMENT))
            writing.put_workspace(Workspace(organisation=ORGANISATION, id=WORKSPACE, title="Home"))
            for target, value in RATES.items():
                writing.put_rate(ORGANISATION, Rate("EUR", target, (MOMENT - timedelta(days=3_650)).date(), value))

    def give_calendars(self, blueprint: Blueprint) -> None:
        """Make the calendars that a blueprint declares."""
        with self.store.writing() as writing:
            _give_calendars(writing, blueprint)

    def publish(self, blueprint: Blueprint) -> list[Mismatch]:
        """Publish a blueprint as its first version and make its samples; return what is wrong with them."""
        with self.store.writing() as writing:
            _insert(writing, blueprint)
        key = (ORGANISATION, blueprint.key, 1)
        self.engine.catalog.versions.keep(key, blueprint)
        for role in blueprint.roles.values():
            # Somebody of each role, so that who is told does not depend on who acts.
            self.put_person(ScenarioPerson(role.key, frozenset({role.key})))
        author = self.actor(AUTHOR)
        problems = load_samples(self.engine, author, blueprint, WORKSPACE, self.lookup)
        return [
            Mismatch(wrong.sample.place, f"sample of {wrong.sample.form}", "accepted", "refused", (wrong.problem,))
            for wrong in problems
        ]

    def put_person(self, person: ScenarioPerson) -> None:
        """Make somebody a member of the workspace with their roles, and no others."""
        with self.store.writing() as writing:
            if writing.user(ORGANISATION, person.key) is None:
                writing.insert_user(_user(person.key))
            writing.put_member(
                Member(organisation=ORGANISATION, workspace=WORKSPACE, user=person.key, roles=person.roles)
            )

    def find_person(self, name: str) -> str:
        """Return the user called *name*, made when they are first named."""
        with self.store.writing() as writing:
            if writing.user(ORGANISATION, name) is None:
                writing.insert_user(_user(name))
        return name

    def actor(self, person: ScenarioPerson) -> Actor:
        """Return somebody as the engine knows them."""
        self.put_person(person)
        user = _user(person.key)
        return Actor(
            organisation=ORGANISATION, user=user.id, name=user.name, email=user.email, roles={WORKSPACE: person.roles}
        )


def _insert(writing: Writing, blueprint: Blueprint) -> None:
    writing.insert_blueprint(
        StoredBlueprint(
            organisation=ORGANISATION, key=blueprint.key, workspace=WORKSPACE, created_at=MOMENT, created_by=AUTHOR.key
        )
    )
    writing.insert_version(
        StoredVersion(
            organisation=ORGANISATION, blueprint=blueprint.key, number=1, at=MOMENT, by=AUTHOR.key,
            source=blueprint.source, canonical="{}", positions="{}", digest=blueprint.digest,
        )
    )  # fmt: skip
    _give_calendars(writing, blueprint)
    for form in blueprint.forms.values():
        given = give_slots(SlotMap(), wanted_slots(blueprint, form), {}, ready=True)
        writing.put_slots(ORGANISATION, blueprint.key, form.key, given.new)


def _give_calendars(writing: Writing, blueprint: Blueprint) -> None:
    writing.give_calendars(ORGANISATION, blueprint.calendars.values(), blueprint.languages[0])


def _user(name: str) -> StoredUser:
    email = "".join(letter if letter.isalnum() else "." for letter in name.casefold())
    return StoredUser(
        organisation=ORGANISATION,
        id=name,
        email=f"{email}@scenario.example",
        name=name,
        created_at=MOMENT,
        changed_at=MOMENT,
    )
