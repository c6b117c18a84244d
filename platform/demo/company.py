"""The demo company before its first order: organisation, rooms, people, rates, blueprints, samples."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from importlib.resources import files
from random import Random

from blankett.demo.actor_client import Samples, StoryRefused
from blankett.demo.people import DEPARTMENTS, HEADQUARTERS, PEOPLE, POSTS, WORKSPACES, DemoPerson
from blankett.demo.working_time import ZONE
from blankett.engine.departments import Department, Post
from blankett.engine.language.model import Blueprint
from blankett.engine.publish import Publication, Publisher, Refused
from blankett.engine.records import Actor, Engine, SampleLookup, load_samples
from blankett.engine.store import Member, Organisation, Rate, Store, StoredUser, Workspace, Writing

ORGANISATION = "nordlys"
TITLE = "Nordlys Trading"

#: What one euro is worth at the beginning, and how far a month may carry it.
RATES: Mapping[str, Decimal] = {"DKK": Decimal("7.46"), "NOK": Decimal("11.64"), "CNY": Decimal("8.21")}
MOVES: Mapping[str, Decimal] = {"DKK": Decimal("0.002"), "NOK": Decimal("0.09"), "CNY": Decimal("0.06")}
#: Days from one rate to the next.
RATE_DAYS = 14


def found_company(store: Store, now: datetime, password: str) -> None:
    """Make the organisation with its rooms and people. *password* is the hash everybody signs in with, or empty."""
    with store.writing() as writing:
        writing.put_organisation(Organisation(id=ORGANISATION, title=TITLE, zone=str(ZONE), created_at=now))
        for id, title in WORKSPACES.items():
            parent = None if id == HEADQUARTERS else HEADQUARTERS
            writing.put_workspace(Workspace(organisation=ORGANISATION, id=id, title=title, parent=parent))
        _make_departments(writing)
        for person in PEOPLE:
            writing.insert_user(_user(person, now, password))
            for workspace, roles in person.roles.items():
                writing.put_member(
                    Member(
                        organisation=ORGANISATION,
                        workspace=workspace,
                        user=person.key,
                        roles=roles,
                        administers=person.is_admin,
                    )
                )


def _make_departments(writing: Writing) -> None:
    """Make the tree of departments and the posts in it; who is where stands with the people."""
    for id, (title, parent, head) in DEPARTMENTS.items():
        writing.put_department(Department(organisation=ORGANISATION, id=id, title=title, parent=parent, head=head))
    for id, (title, department, holder, amount) in POSTS.items():
        authority = None if amount is None else Decimal(amount)
        writing.put_post(
            Post(
                organisation=ORGANISATION, id=id, department=department, title=title, holder=holder, authority=authority
            )
        )


def _user(person: DemoPerson, now: datetime, password: str) -> StoredUser:
    return StoredUser(
        organisation=ORGANISATION,
        id=person.key,
        email=person.email,
        name=person.name,
        password=password,
        is_admin=person.is_admin,
        language=person.language,
        zone=person.zone,
        department=person.department,
        created_at=now,
        changed_at=now,
    )


def enter_rates(store: Store, random: Random, first: date, last: date) -> None:
    """Enter a rate of each currency every fortnight from *first* to *last*."""
    with store.writing() as writing:
        for currency, value in RATES.items():
            day = first
            while day <= last:
                writing.put_rate(ORGANISATION, Rate("EUR", currency, day, value))
                move = MOVES[currency] * Decimal(random.randint(-100, 100)) / 100
                value = (value + move).quantize(Decimal("0.0001"))
                day += timedelta(days=RATE_DAYS)


def publish_shipped(engine: Engine, who: Actor, key: str) -> Blueprint:
    """Let *who* publish a blueprint that comes with the product; return it."""
    source = (files("blankett.blueprints") / f"{key}.yaml").read_text(encoding="utf-8")
    # The tests of the product run its scenarios; the demo does not wait for them.
    publication = Publication(source=source, workspace=HEADQUARTERS, note="First version", skip_scenarios=True)
    answer = Publisher(engine).publish(who, publication)
    if isinstance(answer, Refused):
        raise StoryRefused(who.user, f"publish {key}", answer)
    with engine.store.reading() as reading:
        found = engine.catalog.view(reading, ORGANISATION, engine.clock()).newest_blueprint(key)
    assert found is not None
    return found


def enter_samples(engine: Engine, blueprint: Blueprint, who: Actor) -> Samples:
    """Make the records the blueprint begins with, owned by *who*."""
    lookup = SampleLookup()
    problems = load_samples(engine, who, blueprint, HEADQUARTERS, lookup)
    if problems:
        raise StoryRefused(who.user, "enter the samples", problems)
    told = {}
    for sample in blueprint.samples:
        key_field = blueprint.forms[sample.form].key_field
        assert key_field is not None
        told[sample.form, str(sample.values[key_field])] = sample.values
    ids = {known: lookup.keys[blueprint.forms[known[0]].name][known[1]] for known in told}
    return Samples(ids, told)
