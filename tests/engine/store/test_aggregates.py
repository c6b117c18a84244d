"""What rules count, on both databases: exact, null where there is nothing, and one at a time."""

from __future__ import annotations

import threading
import time
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from blankett.engine.feel import Moment
from blankett.engine.language.loader import read_blueprint
from blankett.engine.language.model import Blueprint, Form
from blankett.engine.store import FormColumns, NamedColumns, SlotMap, Store, counting

from .conftest import NOW, SHOP, Shelf

COUNTED = SHOP.replace(
    "    states:\n      draft: {start: true}\n      done",
    """    facts:
      all: {count: order}
      mail: {count: order, where: channel = "mail"}
      total: {sum: order.total}
      least: {min: order.total}
      most: {max: order.total}
      first_due: {min: order.due}
      last_subject: {latest: order.subject}
      last_urgent: {latest: order.urgent}
      last_made: {max: order.record.created_at}
    states:
      draft: {start: true}
      done""",
)
MOMENT = Moment(datetime(2026, 3, 2, tzinfo=UTC), ZoneInfo("UTC"))


@pytest.fixture(scope="module")
def counted() -> Blueprint:
    return read_blueprint(COUNTED)


def named(form: Form, slots: SlotMap) -> NamedColumns:
    """Return the columns of *form* by its own names."""
    return NamedColumns(FormColumns(form, slots), lambda path: path)


def values(store: Store, blueprint: Blueprint, slots: SlotMap, *without: str) -> dict[str, Any]:
    """Return what every fact of the orders gives."""
    form = blueprint.forms["order"]
    found = {}
    with store.reading() as reading:
        for key, fact in form.facts.items():
            question = counting("acme", fact, named(form, slots), {}, MOMENT, without)
            assert question is not None
            found[key] = question.value(reading.ask(question))
    return found


def test_facts_of_nothing(any_store: Store, counted: Blueprint, order_slots: SlotMap) -> None:
    assert values(any_store, counted, order_slots) == {
        "all": Decimal(0), "mail": Decimal(0), "total": Decimal(0), "least": None, "most": None, "first_due": None,
        "last_subject": None, "last_urgent": None, "last_made": None,
    }  # fmt: skip


def test_facts_are_exact(any_store: Store, shop: Blueprint, counted: Blueprint, order_slots: SlotMap) -> None:
    shelf = Shelf(shop, order_slots)
    huge = Decimal("9000000000000.123456")
    orders = [
        shelf.order(total=huge, channel="mail", subject="one", due=date(2026, 5, 1)),
        shelf.order(total=huge, channel="phone", subject="two", urgent=True),
        shelf.order(total=Decimal("-0.000001"), due=date(2026, 4, 1), urgent=False),
        shelf.order(channel="mail", subject="left out", total=Decimal(5)),
    ]
    with any_store.writing() as writing:
        for order in orders:
            shelf.put(writing, order)
    assert values(any_store, counted, order_slots, orders[-1].id) == {
        "all": Decimal(3), "mail": Decimal(1), "total": 2 * huge - Decimal("0.000001"), "least": Decimal("-0.000001"),
        "most": huge, "first_due": date(2026, 4, 1), "last_subject": None, "last_urgent": False,
        "last_made": orders[2].created_at,
    }  # fmt: skip
    assert orders[2].created_at > NOW


def test_a_field_without_a_slot_cannot_be_counted(counted: Blueprint) -> None:
    form = counted.forms["order"]
    assert counting("acme", form.facts["total"], named(form, SlotMap()), {}, MOMENT, ()) is None
    assert counting("acme", form.facts["mail"], named(form, SlotMap()), {}, MOMENT, ()) is None


def test_who_counts_waits_for_who_counted_before(any_store: Store) -> None:
    held, order = threading.Event(), []

    def first() -> None:
        with any_store.writing() as writing:
            writing.take_turns("acme")
            held.set()
            time.sleep(0.2)
            order.append("first")

    def second() -> None:
        held.wait(10)
        with any_store.writing() as writing:
            writing.take_turns("acme")
            order.append("second")

    threads = [threading.Thread(target=work) for work in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert order == ["first", "second"]
