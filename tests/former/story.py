"""A small company whose database is kept as a former schema had it, and everything that can be seen of it.

`tell` makes it through the engine, `seen` says what is there. The database and what was seen in it then are files of
this folder, made by `python -m tests.former.make` with the code of then; the test upgrades and looks again.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.asked_engine import AskedEngine
from tests.engine.records.told import row_texts

from blankett.engine.access import Actor, load_actor
from blankett.engine.publish import Publication, Published, Publisher
from blankett.engine.records import Command, Engine, Receipt
from blankett.engine.records.read.record_list import ListPage, ListRequest
from blankett.engine.store import (
    Filter,
    Member,
    Organisation,
    Rate,
    Reading,
    Store,
    StoredSession,
    StoredUser,
    Workspace,
)
from blankett.engine.store.version_records import forms_with_records, page_of
from blankett.engine.verify import verify

SHOP = Path(__file__).parent.parent / "web" / "shop.yaml"
ORGANISATION, ROOM = "acme", "sales"
#: Person → (roles, is an administrator).
PEOPLE: Mapping[str, tuple[frozenset[str], bool]] = {
    "anna": (frozenset({"clerk"}), False),
    "mette": (frozenset({"manager"}), False),
    "admin": (frozenset(), True),
}
BEGAN = datetime(2026, 10, 1, 8, tzinfo=UTC)
#: Long enough that a slot holds the beginning alone.
LONG = "It must be there before the fair. " * 12


class Clock:
    """A clock that goes on by a minute whenever it is asked."""

    def __init__(self) -> None:
        self._minutes = itertools.count()

    def __call__(self) -> datetime:
        return BEGAN + timedelta(minutes=next(self._minutes))


def tell(store: Store) -> dict[str, str]:
    """Fill an empty *store*: records of two versions, sealed acts, an erased event, receipts, notices, sessions, a
    draft. Return the head of the chain after the first seal, by organisation.
    """
    clock = Clock()
    _found(store, clock())
    engine = Engine(store, clock)
    actors = _actors(store)
    source = SHOP.read_text(encoding="utf-8")
    _publish(engine, actors["admin"], source)
    desk = _Desk(engine, actors)
    customers = [desk.customer(*told) for told in CUSTOMERS]
    first = [desk.order(number, customers) for number in range(8)]
    for order in first[:6]:
        desk.act("anna", order, "submit")
    desk.act("mette", first[0], "send_back", {"why": "The price is wrong"})
    desk.act("mette", first[1], "approve")
    desk.act("anna", first[1], "finish", comment="Gone by lorry")
    heads = {name: str(seal) for name, seal in store.seal(clock()).items()}
    newer = source.replace("promised: {type: date}", "promised: {type: date}\n      colour: {type: text, index: yes}")
    assert newer != source
    _publish(engine, actors["admin"], newer)
    second = [desk.order(number, customers, colour="blue") for number in range(8, 12)]
    desk.act("anna", second[0], "submit")
    desk.change("mette", first[2], {"their_number": "K-77", "urgent": True, "reason": LONG})
    desk.change("mette", customers[2], {"name": "Ørsted & Søn", "tier": None})
    draft = Publisher(engine).draft(actors["admin"], "shop")
    answer = Publisher(engine).save_draft(actors["admin"], "shop", newer + "# not yet\n", draft.revision)  # type: ignore[union-attr]
    assert not hasattr(answer, "message"), answer
    with store.writing() as writing:
        writing.by = "admin"
        assert writing.erase_event(ORGANISATION, first[3], 1)
        for number in range(2):
            writing.insert_session(
                StoredSession(
                    organisation=ORGANISATION, id=f"{number:064x}", user="anna", data='{"a":1}', agent="Browser",
                    created_at=BEGAN, seen_at=BEGAN, expires_at=BEGAN + timedelta(days=9_999),
                )
            )  # fmt: skip
    return heads


CUSTOMERS = (("ACME", "Acme", "gold"), ("MULLER", "Müller GmbH", "normal"), ("ORSTED", "Ørsted", "normal"))


class _Desk:
    """Somebody who does one thing after another, each with a receipt."""

    def __init__(self, engine: Engine, actors: Mapping[str, Actor]) -> None:
        self.engine, self.actors = engine, actors
        self._intents = itertools.count(1)

    def customer(self, code: str, name: str, tier: str) -> str:
        limit = Decimal(5_000)
        return self._do(
            "mette", "customer", values={"code": code, "name": name, "currency": "EUR", "tier": tier, "limit": limit}
        )

    def order(self, number: int, customers: list[str], **more: Any) -> str:
        lines = [
            {"item": f"Thing {place}", "quantity": Decimal(place), "price": Decimal(number) + Decimal("1.25")}
            for place in range(1, 2 + number % 3)
        ]
        values = {
            "customer": customers[number % 3], "channel": ["phone", "web"][number % 2], "their_number": f"K-{number}",
            "promised": date(2026, 11, 1) + timedelta(days=number * 7 % 5), "lines": lines,
            "urgent": number % 4 == 0, **({"reason": LONG} if number % 4 == 0 else {}), **more,
        }  # fmt: skip
        return self._do("anna", "order", values=values)

    def act(self, who: str, record: str, action: str, inputs: Any = None, comment: str | None = None) -> None:
        self._do(who, "order", record=record, action=action, inputs=inputs or {}, comment=comment)

    def change(self, who: str, record: str, values: Mapping[str, Any]) -> None:
        with self.engine.store.reading() as reading:
            form = reading.records(ORGANISATION, [record])[record].form
        self._do(who, form, record=record, values=values)

    def _do(self, who: str, form: str, **parts: Any) -> str:
        intent = f"{next(self._intents):032x}"
        answer = self.engine.apply(
            Command(intent=intent, actor=self.actors[who], blueprint="shop", form=form, workspace=ROOM, **parts)
        )
        assert isinstance(answer, Receipt), answer
        return answer.record


def _found(store: Store, now: datetime) -> None:
    with store.writing() as writing:
        writing.put_organisation(Organisation(id=ORGANISATION, title="Acme", zone="UTC", created_at=now))
        writing.put_workspace(Workspace(organisation=ORGANISATION, id=ROOM, title="Sales North"))
        writing.put_organisation(Organisation(id="beside", title="Beside", zone="UTC", created_at=now))
        writing.put_workspace(Workspace(organisation="beside", id=ROOM, title="Room"))
        writing.put_rate(ORGANISATION, Rate("EUR", "DKK", date(2026, 1, 1), Decimal("7.46")))
        for key, (roles, is_admin) in PEOPLE.items():
            user = StoredUser(
                organisation=ORGANISATION, id=key, email=f"{key}@acme.example", name=key.title(), password="",
                stamp="1", is_admin=is_admin, language="en", created_at=now, changed_at=now,
            )  # fmt: skip
            writing.insert_user(user)
            writing.put_member(
                Member(organisation=ORGANISATION, workspace=ROOM, user=key, roles=roles, administers=is_admin)
            )


def _actors(store: Store) -> dict[str, Actor]:
    with store.reading() as reading:
        found = {key: load_actor(reading, ORGANISATION, key) for key in PEOPLE}
    return {key: actor for key, actor in found.items() if actor is not None}


def _publish(engine: Engine, admin: Actor, source: str) -> None:
    answer = Publisher(engine).publish(admin, Publication(source=source, workspace=ROOM, skip_scenarios=True))
    assert isinstance(answer, Published), answer


# What can be seen of it -----------------------------------------------------------------------------------------------


def seen(store: Store) -> dict[str, Any]:
    """Return everything that can be read of *store*, as JSON takes it."""
    engine = AskedEngine(store, lambda: datetime(2026, 11, 10, 12, tzinfo=UTC))
    actors = _actors(store)
    with store.reading() as reading:
        stored = dict(_stored(reading))
    return {
        "broken": [str(broken) for broken in verify(store)],
        "stored": stored,
        "lists": {name: _list(engine, actors[who], request) for name, (who, request) in requests().items()},
        "inbox": {who: [str(item.id) for item in engine.inbox(actor).items] for who, actor in actors.items()},
        "notices": {who: [notice.text for notice in engine.notices(actor, 50)] for who, actor in actors.items()},
    }


def requests() -> dict[str, tuple[str, ListRequest]]:
    """Return the lists that are looked at: name → (who, what)."""
    found: dict[str, ListRequest] = {}
    columns = ("customer", "record.state", "channel", "colour", "promised", "total", "record.changed_at")
    for key in columns:
        path = tuple(key.split("."))
        for descending in (False, True):
            found[f"by {key} {descending}"] = ListRequest(
                blueprint="shop", form="order", everything=True, sort=((path, descending),)
            )
    filters = {
        "state": Filter(("record", "state"), "in", ("review", "approved")),
        "channel": Filter(("channel",), "equals", "web"),
        "total": Filter(("total",), "at_least", Decimal(9)),
        "colour": Filter(("colour",), "starts", "bl"),
        "customer": Filter(("customer",), "contains", "müller"),
        "empty": Filter(("colour",), "empty"),
    }
    for name, each in filters.items():
        found[f"where {name}"] = ListRequest(blueprint="shop", form="order", everything=True, filters=(each,))
    for text in ("SO-2026-0002", "Müller", "acme", "blue", "nobody"):
        found[f"with {text}"] = ListRequest(blueprint="shop", form="order", everything=True, search=text)
    found["open"] = ListRequest(blueprint="shop", form="order", list="open", limit=3)
    found["customers"] = ListRequest(blueprint="shop", form="customer")
    return {f"{who}: {name}": (who, request) for who in ("anna", "mette") for name, request in found.items()}


def _list(engine: Engine, actor: Actor, request: ListRequest) -> list[Any]:
    page = engine.query(actor, request)
    assert isinstance(page, ListPage), page
    texts = row_texts(page, actor.language)
    return [[row.id, row.title, row.number, list(said)] for row, said in zip(page.rows, texts, strict=True)]


def _links(reading: Reading) -> Mapping[str, list[list[str]]]:
    """Return where each record points, by field."""
    found: dict[str, list[list[str]]] = defaultdict(list)
    for place in forms_with_records(reading, ORGANISATION):
        for target in page_of(reading, ORGANISATION, *place):
            for near in reading.edges_to(ORGANISATION, target.id):
                found[near.record.id].append([near.path, target.id])
    return {record: sorted(links) for record, links in found.items()}


def _stored(reading: Reading) -> Iterator[tuple[str, Any]]:
    links = _links(reading)
    for blueprint, form in forms_with_records(reading, ORGANISATION):
        for record in page_of(reading, ORGANISATION, blueprint, form):
            told = {**record.__dict__, "data": dict(record.data), "hidden": sorted(record.hidden)}
            told["filled"] = sorted(record.filled)
            yield f"record {record.id}", _plain(told)
            yield f"events {record.id}", [_plain(event.__dict__) for event in reading.events(ORGANISATION, record.id)]
            yield f"links {record.id}", links.get(record.id, [])
            yield f"linked {record.id}", sorted(reading.pointing_at(ORGANISATION, record.id))
        places = reading.slot_maps(ORGANISATION, blueprint)[form].places
        yield f"slots {form}", [[place.path, place.part, place.slot, place.ready] for place in places]
    for code, _, _ in CUSTOMERS:
        yield f"unique {code}", reading.unique_taken(ORGANISATION, "shop.customer", "code", code.lower())
    for number in range(1, 25):
        intent = reading.intent(ORGANISATION, f"{number:032x}")
        yield f"receipt {number}", None if intent is None else _plain(intent.__dict__)
    for who in PEOPLE:
        yield f"sessions {who}", [_plain(found.__dict__) for found in reading.sessions_of(ORGANISATION, who, BEGAN)]
        yield f"notices {who}", [_plain(found.__dict__) for found in reading.notifications(ORGANISATION, who)]
    draft = reading.draft(ORGANISATION, "shop")
    yield "draft", None if draft is None else _plain(draft.__dict__)
    yield "versions", [_plain(head.__dict__) for head in reading.version_heads(ORGANISATION, "shop")]
    yield "organisations", [_plain(found.__dict__) for found in reading.organisations()]
    yield "rooms", [[found.id for found in reading.workspaces(name)] for name in (ORGANISATION, "beside")]
    yield "members", [str(reading.user_by_email(ORGANISATION, f"{who}@acme.example")) for who in PEOPLE]
    yield "rate", str(reading.rate(ORGANISATION, "EUR", "DKK", date(2026, 5, 1)))
    yield "pinned", [list(row) for row in reading.pinned_counts(ORGANISATION, "shop")]


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value if isinstance(value, (str, int, float, bool)) or value is None else str(value)
