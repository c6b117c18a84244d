"""The data a run works on: one organisation, a clerk, customers, products, and many orders.

The first orders go through the engine, some in each state. The many are copies of them with their own ids, numbers,
days and events, put in by the store's row builders in batches; `blankett verify` finds nothing wrong with them.
"""

from __future__ import annotations

import itertools
import random
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import insert, update

from blankett.engine.access import Actor, load_actor
from blankett.engine.fields.locale_formats import plain
from blankett.engine.publish import Publication, Published, Publisher
from blankett.engine.records import Command, Engine, Receipt
from blankett.engine.records.compiled_form import Process
from blankett.engine.records.evaluation_context import decode
from blankett.engine.store import (
    Member,
    Rate,
    SlotMap,
    Store,
    StoredRecord,
    StoredUser,
    Writing,
    edges_of,
    new_id,
    slot_row,
    tables,
)
from blankett.engine.store.events import START, event_hash, payload_digest
from blankett.engine.store.json_text import write_json
from blankett.engine.store.schema import upgrade
from blankett.engine.store.timestamps import write_moment
from blankett.web.account.accounts import Accounts

BLUEPRINT = Path(__file__).with_name("orders.yaml")
EMAIL, PASSWORD = "clerk@bench.example", secrets.token_urlsafe(12)
CUSTOMERS, PRODUCTS, MODELS = 500, 300, 60
#: Who works there: the clerk and their colleagues.
PEOPLE = 50
BATCH = 1_000
#: States of the orders, and how many of a hundred are in each.
STATES = {"draft": 8, "review": 12, "approved": 10, "shipped": 65, "cancelled": 5}
WAYS: Mapping[str, Sequence[str]] = {
    "draft": (),
    "review": ("submit",),
    "approved": ("submit", "approve"),
    "shipped": ("submit", "approve", "ship"),
    "cancelled": ("cancel",),
}


@dataclass(frozen=True)
class Ground:
    """What was laid: ids to ask for."""

    customers: Sequence[str]
    products: Sequence[str]
    #: Ids of orders in review, each good for one action.
    in_review: Sequence[str]
    orders: int


class AlsoFilled(Protocol):
    """What is filled with the same data on the way: the twin's database."""

    def put_people(self, people: Sequence[tuple[str, str, str]], workspace: str, password: str) -> None:
        """Take the people: (id, name, e-mail) of each."""

    def put_records(self, records: Sequence[StoredRecord]) -> None:
        """Take some records."""

    def put_count(self, serial: int) -> None:
        """Take the number that was drawn last: all is there."""


def lay(
    database: str,
    orders: int,
    seed: int = 1,
    also: AlsoFilled | None = None,
    *,
    lists: str = "",
    customers_made: int = CUSTOMERS,
    products_made: int = PRODUCTS,
) -> Ground:
    """Fill an empty *database* with *orders* orders; the same seed gives the same orders. *lists*: further lists of the
    order form, as its blueprint says them.
    """
    chance = random.Random(seed)
    store = Store(database)
    upgrade(store)
    clock = lambda: datetime.now(UTC)  # noqa: E731
    engine = Engine(store, clock)
    actor = people_of(store, engine, also, lists)
    customers, products = reference_of(engine, actor, customers_made, products_made)
    models = _models(engine, actor, customers, products, chance)
    if also is not None:
        with store.reading() as reading:
            made = [*customers, *products, *(id for ids in models.values() for id in ids)]
            also.put_records(list(reading.records(actor.organisation, made).values()))
    in_review = _copies(store, engine, actor, models, customers, orders - len(models), chance, also)
    store.close()
    return Ground(customers, products, in_review, orders)


def people_of(store: Store, engine: Engine, also: AlsoFilled | None = None, lists: str = "") -> Actor:
    """Make the organisation, its clerk and their colleagues, and publish the blueprint."""
    accounts = Accounts(store, engine.clock, timedelta(hours=8), timedelta(days=7))
    clerk = accounts.set_up(
        title="Bench", zone="Europe/Copenhagen", name="Clerk", email=EMAIL, password=PASSWORD, language="en"
    )
    assert clerk is not None
    with store.writing() as writing:
        (room,) = writing.workspaces(clerk.organisation)
        everybody = [clerk, *(_colleague(number, clerk) for number in range(1, PEOPLE))]
        for person in everybody:
            if person is not clerk:
                writing.insert_user(person)
            writing.put_member(
                Member(
                    organisation=clerk.organisation,
                    workspace=room.id,
                    user=person.id,
                    roles=frozenset({"manager"}),
                    administers=True,
                )
            )
        writing.put_rate(
            clerk.organisation, Rate("EUR", "DKK", datetime(2020, 1, 1, tzinfo=UTC).date(), Decimal("7.46"))
        )
    if also is not None:
        also.put_people([(each.id, each.name, each.email) for each in everybody], room.id, PASSWORD)
    actor = actor_of(store, clerk.organisation, clerk.id)
    source = BLUEPRINT.read_text(encoding="utf-8") + lists
    answer = Publisher(engine).publish(actor, Publication(source=source, workspace=room.id))
    assert isinstance(answer, Published), answer
    return actor


def _colleague(number: int, clerk: StoredUser) -> StoredUser:
    """Return somebody with the clerk's password."""
    return replace(clerk, id=new_id(clerk.created_at), email=email_of(number), name=f"Clerk {number}")


def email_of(number: int) -> str:
    """Return the address of a person: 0 is the clerk, the others are their colleagues."""
    return f"clerk{number}@bench.example" if number else EMAIL


def actor_of(store: Store, organisation: str, user: str) -> Actor:
    """Return a person as the engine knows them."""
    with store.reading() as reading:
        actor = load_actor(reading, organisation, user)
    assert actor is not None
    return actor


def reference_of(
    engine: Engine, actor: Actor, customers_made: int = CUSTOMERS, products_made: int = PRODUCTS
) -> tuple[list[str], list[str]]:
    customers = [
        make(
            engine, actor, "customer",
            code=f"C{number:04}", name=f"Customer {number}", tier="gold" if number % 5 == 0 else "standard",
            currency="DKK" if number % 3 == 0 else "EUR", address=f"Street {number}, 2100 Copenhagen",
        )
        for number in range(customers_made)
    ]  # fmt: skip
    products = [
        make(engine, actor, "product", code=f"P{number:04}", name=f"Product {number}", price=Decimal(5 + number))
        for number in range(products_made)
    ]
    return customers, products


def make(engine: Engine, actor: Actor, form: str, **values: Any) -> str:
    """Make a record through the engine and return its id."""
    answer = engine.apply(Command(intent="", actor=actor, blueprint="bench", form=form, values=values))
    assert isinstance(answer, Receipt), answer
    return answer.record


def _models(
    engine: Engine, actor: Actor, customers: Sequence[str], products: Sequence[str], chance: random.Random
) -> dict[str, list[str]]:
    """Make the orders that the many are copied from, through the engine: state → ids."""
    found: dict[str, list[str]] = {state: [] for state in STATES}
    for number, state in zip(range(MODELS), itertools.cycle(STATES), strict=False):
        order = make(
            engine, actor, "order",
            customer=chance.choice(customers), channel=chance.choice(["web", "phone", "email"]),
            reference=f"REF-{number}", promised=(engine.clock() + timedelta(days=30)).date(),
            lines=[
                {"product": chance.choice(products), "quantity": Decimal(chance.randint(1, 40))} for _ in range(5)
            ],
        )  # fmt: skip
        for action in WAYS[state]:
            answer = engine.apply(
                Command(intent="", actor=actor, blueprint="bench", form="order", record=order, action=action)
            )
            assert isinstance(answer, Receipt), answer
        found[state].append(order)
    return found


# The many -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Mould:
    """What copies are made with."""

    process: Process
    slots: SlotMap
    titles: Mapping[str, str]


def _copies(
    store: Store,
    engine: Engine,
    actor: Actor,
    models: Mapping[str, Sequence[str]],
    customers: Sequence[str],
    count: int,
    chance: random.Random,
    also: AlsoFilled | None,
) -> list[str]:
    with store.reading() as reading:
        catalog = engine.catalog.view(reading, actor.organisation, engine.clock())
        process = catalog.newest_process("bench.order")
        mould = Mould(process, catalog.slots(process.form), reading.titles(actor.organisation, customers))
        ids = [id for found in models.values() for id in found]
        stored = reading.records(actor.organisation, ids)
    weighted = [stored[id] for state, found in models.items() for id in found for _ in range(STATES[state])]
    in_review: list[str] = []
    serials = itertools.count(len(ids) + 1)
    for start in range(0, count, BATCH):
        made = [_copy(mould, chance.choice(weighted), next(serials), chance) for _ in range(min(BATCH, count - start))]
        in_review += [record.id for record in made if record.state == "review"]
        with store.writing() as writing:
            _insert(writing, mould, made)
        if also is not None:
            also.put_records(made)
    last = next(serials) - 1
    with store.writing() as writing:
        writing.do("counter.put", update(tables.counter), {"value": last})
    if also is not None:
        also.put_count(last)
    return in_review or list(models["review"])


def _copy(mould: Mould, model: StoredRecord, serial: int, chance: random.Random) -> StoredRecord:
    """Return a copy of *model* with its own identity, on some day of the last year."""
    at = model.created_at - timedelta(minutes=chance.randint(1, 500_000))
    lines = [_line(line, at, chance) for line in _lines(model)]
    goods = sum((Decimal(line["amount"]) for line in lines), Decimal(0))
    data: dict[str, Any] = {
        **model.data,
        "channel": chance.choice(["web", "phone", "email"]),
        "lines": lines,
        "ordered": at.date().isoformat(),
        "goods": plain(goods),
        "total": plain(goods),
    }
    number = f"{str(model.number)[:8]}{serial:06}"
    return replace(
        model,
        id=new_id(at),
        number=number,
        serial=serial,
        title=f"{number} {str(model.title).partition(' ')[2]}",
        data=data,
        filled=_filled(model.filled, _lines(model), lines),
        created_at=at,
        changed_at=at,
        revision=1,
    )


def _line(model: Mapping[str, Any], at: datetime, chance: random.Random) -> dict[str, Any]:
    """Return a copy of a line with its own id and quantity."""
    quantity = Decimal(chance.randint(1, 400))
    amount = quantity * Decimal(model["price"])
    return {**model, "id": new_id(at), "quantity": plain(quantity), "amount": plain(amount)}


def _lines(record: StoredRecord) -> list[dict[str, Any]]:
    found = record.data["lines"]
    assert isinstance(found, list)
    return [dict(line) for line in found if isinstance(line, dict)]


def _filled(
    filled: frozenset[str], old: Sequence[Mapping[str, Any]], new: Sequence[Mapping[str, Any]]
) -> frozenset[str]:
    ids = {str(was["id"]): str(now["id"]) for was, now in zip(old, new, strict=True)}
    parts = (path.split("/") for path in filled)
    return frozenset("/".join([part[0], ids[part[1]], part[2]] if len(part) == 3 else part) for part in parts)


def _insert(writing: Writing, mould: Mould, made: Sequence[StoredRecord]) -> None:
    form = mould.process.form
    rows = [(record, slot_row(mould.slots, form, decode(mould.process, record.data), mould.titles)) for record in made]
    writing.insert_records(rows)
    writing.do("event.insert", insert(tables.event), [_event(record) for record in made])
    writing.do("edge.insert", insert(tables.edge), list(_edges(mould, made)))


def _event(record: StoredRecord) -> dict[str, Any]:
    """Return the event that made *record*, chained as the first of its history."""
    properties = ("number", "state", "title", "owner", "workspace", "version")
    payload = write_json(
        {
            "data": dict(record.data),
            "record": {name: getattr(record, name) for name in properties},
            "hidden": sorted(record.hidden),
            "filled": sorted(record.filled),
        }
    )
    salt = secrets.token_hex(16)
    header = (
        record.organisation, record.id, 1, write_moment(record.created_at), record.created_by, "create", None,
        record.version, "",
    )  # fmt: skip
    digest = payload_digest(salt, payload)
    names = ("organisation", "record", "sequence", "at", "actor", "kind", "action", "version", "cause")
    hash = event_hash(START, header, digest)
    return {**dict(zip(names, header, strict=True)), "salt": salt, "payload": payload, "digest": digest, "hash": hash}


def _edges(mould: Mould, made: Sequence[StoredRecord]) -> Iterator[dict[str, str]]:
    for record in made:
        for path, target in edges_of(mould.process.form, record.data):
            yield {"organisation": record.organisation, "record": record.id, "path": path, "target": target}
