"""Every promise of the store is looked at: what is whole passes, and each kind of damage is named with its place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa

from blankett.engine.access import Actor
from blankett.engine.language.loader import read_blueprint
from blankett.engine.records import Command, Engine, Receipt
from blankett.engine.store import (
    NewEvent,
    Organisation,
    SlotMap,
    Store,
    StoredBlueprint,
    StoredVersion,
    give_slots,
    new_id,
    tables,
    wanted_slots,
)
from blankett.engine.store.outbox import StoredLetter
from blankett.engine.store.search import search_text
from blankett.engine.verify import Broken, verify

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)

SOURCE = """
blueprint: desk
language: 1
title: Desk
roles:
  sales: {title: Sales}
forms:
  customer:
    title: Customer
    life: reference
    key: code
    show: "{code}"
    fields:
      code: {type: text, unique: yes}
    grants:
      - {who: sales, may: all}
  order:
    title: Order
    show: "{record.number} {subject}"
    number: {pattern: "SO-{year}-{counter:3}", policy: gapless, at: create}
    fields:
      customer: {type: link, to: customer}
      subject: {type: text, index: yes}
      secret: {type: text, index: yes, visible: subject = "open"}
      total: {type: number, index: yes}
      lines:
        type: table
        fields:
          item: {type: link, to: customer}
    states:
      draft: {start: true}
      done: {final: true}
    actions:
      finish: {from: draft, to: done, by: sales}
    grants:
      - {who: sales, may: all}
"""


@dataclass
class Desk:
    """A store with one customer and two orders, made by the engine."""

    store: Store
    customer: str
    first: str
    second: str

    def change(self, table: str, where: dict[str, Any], **values: Any) -> None:
        """Change rows behind the engine's back."""
        found: Any = tables.metadata.tables[table]
        with self.store.engine.begin() as connection:
            matching = [found.c[name] == value for name, value in where.items()]
            assert connection.execute(sa.update(found).where(*matching).values(values)).rowcount

    def remove(self, table: str, **where: Any) -> None:
        """Remove rows behind the engine's back."""
        found: Any = tables.metadata.tables[table]
        with self.store.engine.begin() as connection:
            assert connection.execute(
                sa.delete(found).where(*(found.c[name] == value for name, value in where.items()))
            )

    def broken(self) -> list[tuple[str, str, str, dict[str, Any]]]:
        """Return what verifying finds."""
        return [(found.promise, found.place, found.message, dict(found.params)) for found in verify(self.store)]


@pytest.fixture
def desk() -> Iterator[Desk]:
    """Give a desk whose promises are all kept."""
    store = Store("sqlite://")
    store.create_schema()
    blueprint = read_blueprint(SOURCE)
    with store.writing() as writing:
        writing.put_organisation(Organisation(id="acme", title="Acme", created_at=NOW))
        writing.insert_blueprint(
            StoredBlueprint(organisation="acme", key="desk", workspace="main", created_at=NOW, created_by="anna")
        )
        for form in blueprint.forms.values():
            given = give_slots(SlotMap(), wanted_slots(blueprint, form), {}, ready=True)
            writing.put_slots("acme", "desk", form.key, given.new)
        version = StoredVersion(
            organisation="acme", blueprint="desk", number=1, at=NOW, by="anna", source=SOURCE, canonical="{}",
            positions="[]", digest=blueprint.digest,
        )  # fmt: skip
        writing.insert_version(version)
    ticks = iter(range(1_000))
    engine = Engine(store, lambda: NOW + timedelta(seconds=next(ticks)))
    anna = Actor(organisation="acme", user="anna", name="Anna", email="a@x", roles={"main": frozenset({"sales"})})

    def apply(form: str, record: str | None = None, **parts: Any) -> str:
        asked = Command(
            intent=new_id(NOW), actor=anna, blueprint="desk", form=form, workspace="main", record=record, **parts
        )
        receipt = engine.apply(asked)
        assert isinstance(receipt, Receipt), receipt
        return receipt.record

    customer = apply("customer", values={"code": "ACME"})
    lines: Any = [{"id": "+1", "item": customer}]
    first = apply("order", values={"customer": customer, "subject": "open", "secret": "s", "lines": lines})
    apply("order", first, values={"subject": "closed", "total": Decimal("12.5")})
    apply("order", first, action="finish", comment="Well done")
    second = apply("order", values={"subject": "two"})
    yield Desk(store, customer, first, second)
    store.close()


def test_what_the_engine_wrote_is_whole(desk: Desk) -> None:
    assert desk.broken() == []
    assert verify(desk.store, "acme") == verify(desk.store, "nobody") == []


def test_an_event_that_was_changed_is_named(desk: Desk) -> None:
    desk.change("event", {"record": desk.first, "sequence": 2}, actor="desk.order")
    assert verify(desk.store) == [Broken("chain", "acme", desk.first, "verify.chain_hash", {"sequence": 2})]


def test_data_that_no_event_tells_of_is_named(desk: Desk) -> None:
    desk.change("record", {"id": desk.second}, data='{"subject":"other"}', owner="lars")
    assert desk.broken() == [
        ("replay", desk.second, "verify.replay_differs", {"fields": ("subject", "owner")}),
        ("slots", desk.second, "verify.slots_differ", {"slots": ("t3",)}),
    ]


@pytest.mark.parametrize(
    ("table", "column"), [("record", "data"), ("record", "hidden"), ("event", "payload")], ids=lambda name: name
)
@pytest.mark.parametrize("text", ['{"subject":', "[1]", '{"lines":7}'])
def test_what_is_no_value_any_more_is_told_and_the_others_are_looked_at(
    desk: Desk, table: str, column: str, text: str
) -> None:
    place = {"id": desk.first} if table == "record" else {"record": desk.first, "sequence": 1}
    desk.change(table, place, **{column: text})
    desk.change("record", {"id": desk.second}, owner="lars")
    assert {place for _, place, *_ in desk.broken()} == {desk.first, desk.second}


def test_an_erased_event_is_no_damage(desk: Desk) -> None:
    with desk.store.writing() as writing:
        writing.erase_event("acme", desk.first, 1)
    assert desk.broken() == []


@pytest.mark.parametrize(
    ("column", "value", "found"),
    [
        ("t3", "wrong", ("slots", "verify.slots_differ", {"slots": ("t3",)})),
        ("t4", "s", ("slots", "verify.slots_differ", {"slots": ("t4",)})),
        ("n1", None, ("slots", "verify.slots_differ", {"slots": ("n1",)})),
        ("search", "x", ("search", "verify.search_differs", {})),
        ("version", 7, ("version", "verify.version_missing", {"version": 7})),
    ],
    ids=["value", "hidden field", "missing", "search", "version"],
)
def test_a_row_that_disagrees_with_its_record_is_named(
    desk: Desk, column: str, value: object, found: tuple[str, str, dict[str, Any]]
) -> None:
    desk.change("record", {"id": desk.first}, **{column: value})
    promise, message, params = found
    assert (promise, desk.first, message, params) in desk.broken()


def test_a_state_outside_the_version_is_named(desk: Desk) -> None:
    desk.change("record", {"id": desk.second}, state="gone")
    assert desk.broken() == [
        ("replay", desk.second, "verify.replay_differs", {"fields": ("state",)}),
        ("state", desk.second, "verify.state_unknown", {"state": "gone"}),
    ]


def test_edges_and_unique_values_that_are_missing_are_named(desk: Desk) -> None:
    desk.remove("edge", record=desk.first, path="lines.item")
    desk.remove("unique_value", record=desk.customer)
    assert desk.broken() == [
        ("unique", desk.customer, "verify.unique_differ", {}),
        ("edges", desk.first, "verify.edges_differ", {}),
    ]


def test_gaps_and_numbers_that_were_never_drawn_are_named(desk: Desk) -> None:
    series = "desk.order SO-2026-{counter:3}"
    desk.change("counter", {"name": series}, value=5)
    assert desk.broken() == [("numbers", series, "verify.numbers_gap", {"missing": 3})]
    desk.change("counter", {"name": series}, value=1)
    assert desk.broken() == [("numbers", series, "verify.numbers_undrawn", {"number": 2, "drawn": 1})]


def test_a_published_version_that_changed_is_named(desk: Desk) -> None:
    desk.change("version", {"number": 1}, note="later")
    assert desk.broken() == [("version", "desk version 1", "verify.version_changed", {})]


def test_rows_without_their_record_are_named(desk: Desk) -> None:
    with desk.store.writing() as writing:
        letter = StoredLetter(
            organisation="acme", id="1", at=NOW, changed_at=NOW, record="gone", message="m", subject="s", body="b"
        )
        writing.put_letters([letter])
    desk.remove("record", id=desk.second)
    found = desk.broken()
    assert [(promise, message) for promise, _, message, _ in found] == [
        ("numbers", "verify.numbers_gap"), ("orphan", "verify.orphan_event"),
        ("orphan", "verify.orphan_search_entry"), ("orphan", "verify.orphan_intent"),
        ("orphan", "verify.orphan_outbox"),
    ]  # fmt: skip
    assert found[1][3] == {"record": desk.second}
    assert found[4] == ("orphan", "1", "verify.orphan_outbox", {"record": "gone"})


def test_what_the_index_of_words_has_of_no_record_is_named(desk: Desk) -> None:
    with desk.store.writing() as writing:
        writing.put_entries("acme", "desk.order", {"gone": search_text(None, "Words of nobody", {})})
    assert desk.broken() == [("orphan", "gone", "verify.orphan_search_entry", {"record": "gone"})]


def test_discarded_record_that_still_holds_values_is_told(desk: Desk) -> None:
    with desk.store.writing() as writing:
        writing.append_event(
            NewEvent(
                organisation="acme", record="gone", at=NOW, actor="anna", kind="create", version=1,
                payload={"data": {"code": "X"}},
            )
        )  # fmt: skip
        writing.append_event(
            NewEvent(organisation="acme", record="gone", at=NOW, actor="anna", kind="discard", version=1, payload={})
        )
    assert desk.broken() == [("history", "gone", "verify.history_kept", {"sequence": 1})]
    with desk.store.writing() as writing:
        writing.erase_event("acme", "gone", 1)
    assert desk.broken() == []
