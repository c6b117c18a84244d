"""An office with a store in a file, an administrator, two clerks and a small blueprint to publish."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tests.asked_engine import AskedEngine
from tests.stores import copy_into, empty_store

from blankett.engine.access import Actor, load_actor
from blankett.engine.publish import Move, Preview, Publication, Published, Publisher, Refused
from blankett.engine.records import Command, Receipt
from blankett.engine.records.blueprint_cache import load_published
from blankett.engine.store import Member, Organisation, Store, StoredRecord, StoredUser, Workspace, new_id
from blankett.engine.verify import verify
from blankett.words import say

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)

SHOP = """\
blueprint: shop
language: 1
title: Shop
roles:
  sales: {title: Sales}
forms:
  customer:
    title: Customer
    life: reference
    key: code
    show: "{name}"
    fields:
      code: {type: text, required: yes, unique: yes}
      name: {type: text, required: yes}
      tier: {type: choice, options: [gold, plain], default: plain}
      phone: {type: text}
    grants:
      - {who: sales, may: all}
  order:
    title: Order
    number: {pattern: "SO-{counter:4}", policy: gapless, at: submit}
    show: "{record.number} {buyer.name}"
    fields:
      buyer: {type: link, to: customer, required: yes}
      channel: {type: choice, options: [phone, fax, web], required: yes}
      note: {type: text}
      weight: {type: number, decimals: 2}
      total: {type: number, compute: total(lines.amount), index: yes}
      discount: {type: number, visible: buyer.tier = "gold"}
      lines:
        type: table
        fields:
          article: {type: text, required: yes}
          quantity: {type: number, decimals: 0, min: 1, required: yes}
          price: {type: number, decimals: 2, required: yes}
          amount: {type: number, compute: quantity * price}
    states:
      draft: {start: true}
      review: {}
      shipped: {final: true}
    actions:
      submit: {from: draft, to: review, by: sales}
      ship: {from: review, to: shipped, by: sales}
    grants:
      - {who: sales, may: all}
    lists:
      all: {title: All, columns: [record.number, buyer, total]}
samples:
  customer:
    - {code: ACME, name: Acme}
scenarios:
  an order is shipped:
    as: anna (sales)
    steps:
      - create: order
        with: {buyer: ACME, channel: phone, lines: [{article: Bolt, quantity: 2, price: 3}]}
      - do: submit
      - do: ship
      - expect: {state: shipped, values: {total: 6}}
"""


def put_in(source: str, *replacements: tuple[str, str]) -> str:
    """Return *source* with texts replaced, each of which must be there once."""
    for old, new in replacements:
        assert source.count(old) == 1, old
        source = source.replace(old, new)
    return source


@dataclass
class Office:
    """A store with people, and what tests do there."""

    store: Store
    now: datetime = START
    engine: AskedEngine = field(init=False)
    publisher: Publisher = field(init=False)
    counter: Iterator[int] = field(default_factory=itertools.count)

    def __post_init__(self) -> None:
        self.engine = AskedEngine(self.store, self.clock, new_id)
        self.publisher = Publisher(self.engine)

    def clock(self) -> datetime:
        """Return a moment, each later than the one before."""
        self.now += timedelta(seconds=1)
        return self.now

    def restart(self) -> None:
        """Forget everything that is kept in memory."""
        self.store.close()
        self.store = Store(self.store.url)
        self.__post_init__()

    def actor(self, user: str) -> Actor:
        """Return somebody."""
        with self.store.reading() as reading:
            found = load_actor(reading, "acme", user)
        assert found is not None
        return found

    def publish(self, source: str, move: Move = "stay", user: str = "boss", **more: Any) -> Published:
        """Publish *source*, which must go well."""
        publication = Publication(source=source, workspace="sales", move=move, **more)
        answer = self.publisher.publish(self.actor(user), publication)
        assert isinstance(answer, Published), told(answer)
        return answer

    def refused(self, source: str, user: str = "boss", **more: Any) -> Refused:
        """Publish *source*, which must be refused."""
        answer = self.publisher.publish(self.actor(user), Publication(source=source, **{"workspace": "sales", **more}))
        assert isinstance(answer, Refused), answer
        return answer

    def preview(self, source: str, blueprint: str = "shop") -> Preview:
        """Return the preview of *source*."""
        found = self.publisher.preview(self.actor("boss"), blueprint, source)
        assert isinstance(found, Preview), told(found)
        return found

    def do(self, form: str, record: str | None = None, action: str | None = None, **values: Any) -> Receipt:
        """Let Anna make, change or move a record."""
        blueprint, _, key = form.rpartition(".")
        answer = self.engine.apply(
            Command(
                intent=f"intent {next(self.counter)}",
                actor=self.actor("anna"),
                blueprint=blueprint or "shop",
                form=key,
                record=record,
                action=action,
                values=values,
            )
        )
        assert isinstance(answer, Receipt), answer
        return answer

    def customer(self, code: str = "ACME", **values: Any) -> str:
        """Make a customer and return its id."""
        return self.do("customer", code=code, **{"name": code.title(), **values}).record

    def order(self, buyer: str, **values: Any) -> str:
        """Make an order and return its id."""
        line = {"article": "Bolt", "quantity": Decimal(2), "price": Decimal(3)}
        return self.do("order", **{"buyer": buyer, "channel": "phone", "lines": [line], **values}).record

    def record(self, id: str) -> StoredRecord:
        """Return a record as it is stored."""
        with self.store.reading() as reading:
            found = reading.record("acme", id)
        assert found is not None
        return found

    def events(self, id: str) -> list[tuple[str, int]]:
        """Return (kind, version) of a record's events, the oldest first."""
        with self.store.reading() as reading:
            return [(event.kind, event.version) for event in reversed(reading.events("acme", id))]


def told(refused: Refused) -> list[str]:
    """Return what a refusal says, in English."""
    lines = []
    for obstacle in refused.obstacles:
        params: dict[str, object] = dict(obstacle.params)
        reason = params.get("reason")
        if reason is not None:
            params["reason"] = say("en", reason.message, title=reason.title, value=reason.value)  # type: ignore[attr-defined]
        lines.append(say("en", obstacle.message, **params))
    return lines


def open_office(url: str) -> Office:
    """Return an office in an empty database, where nothing is published yet."""
    found = Office(empty_store(url))
    furnish(found)
    return found


def furnish(found: Office) -> None:
    """Give an office its people."""
    people: Mapping[str, tuple[str, frozenset[str], bool]] = {
        "boss": ("sales", frozenset(), True),
        "dora": ("sales", frozenset(), True),
        "anna": ("sales", frozenset({"sales"}), False),
        "bert": ("service", frozenset({"sales"}), True),
    }
    with found.store.writing() as writing:
        writing.put_organisation(Organisation(id="acme", title="Acme", created_at=START))
        for room in ("sales", "service"):
            writing.put_workspace(Workspace(organisation="acme", id=room, title=room.title()))
        for user, (room, roles, administers) in people.items():
            writing.insert_user(
                StoredUser(
                    organisation="acme", id=user, email=f"{user}@acme.example", name=user.title(),
                    created_at=START, changed_at=START,
                )
            )  # fmt: skip
            writing.put_member(
                Member(organisation="acme", workspace=room, user=user, roles=roles, administers=administers)
            )


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """Give an office where nothing is published yet."""
    found = open_office(f"sqlite:///{tmp_path / 'office.db'}")
    yield found
    found.store.fault_points = None
    broken = verify(found.store, load=load_published)
    found.store.close()
    assert broken == []


@pytest.fixture(scope="session")
def published_shop() -> Office:
    """Give an office with the shop published, which is only copied."""
    found = open_office("sqlite://")
    found.publish(SHOP)
    return found


@pytest.fixture
def shop(office: Office, published_shop: Office) -> Office:
    """Give an office with the shop published."""
    copy_into(office.store, published_shop.store)
    office.now = published_shop.now
    return office


Edit = Callable[..., str]
