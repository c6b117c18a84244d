"""Timers on both databases: several workers at the same one, a person at its record meanwhile, another version."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.engine.publish.conftest import SHOP, Office, furnish
from tests.engine.records.test_concurrency import at_once
from tests.jobs import do_jobs

from blankett.engine.records.blueprint_cache import load_published
from blankett.engine.records.timers import fire_due
from blankett.engine.store import Store, schema
from blankett.engine.store.timers import record_timers
from blankett.engine.verify import verify
from blankett.forms.errors import say_refusal

TIMERS = """    timers:
      look: {states: draft, at: record.created_at, then: [{set: {looked: = looked + 1}}]}
      later: {states: [draft, review], after: 3 days, then: [{set: {looked: 9}}]}
"""
TIMED = SHOP.replace("note: {type: text}", "note: {type: text}\n      looked: {type: number, default: 0}").replace(
    "    lists:\n      all: {title: All, columns: [record.number",
    f"{TIMERS}    lists:\n      all: {{title: All, columns: [record.number",
)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def office(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Office]:
    """Give an office whose orders have a timer that is due at once, on each database."""
    url = f"sqlite:///{tmp_path / 'blankett.sqlite'}"
    if request.param == "postgresql":
        url = request.getfixturevalue("make_postgres_database")()
    store = Store(url)
    schema.upgrade(store)
    found = Office(store)
    furnish(found)
    found.publish(TIMED, skip_scenarios=True)
    yield found
    found.store.close()


def fire(office: Office) -> int:
    """Carry out what is due, as a worker does."""
    looked = 0
    while count := fire_due(office.engine, "acme", 3, say_refusal):
        looked += count
    return looked


def fired(office: Office, order: str) -> int:
    """Return how many times the timer of an order was carried out, as its history tells."""
    with office.store.reading() as reading:
        return sum(event.kind == "timer" for event in reading.events("acme", order))


def test_several_workers_carry_each_timer_out_once(office: Office) -> None:
    buyer = office.customer("C1")
    orders = [office.order(buyer) for _ in range(6)]
    at_once(*[lambda: fire(office)] * 4)
    assert [(fired(office, order), office.record(order).data["looked"]) for order in orders] == [(1, "1")] * 6
    office.restart()
    assert (fire(office), verify(office.store, load=load_published)) == (0, [])


def test_somebody_at_the_record_and_its_timer_do_not_undo_each_other(office: Office) -> None:
    buyer = office.customer("C1")
    orders = [office.order(buyer) for _ in range(4)]
    for order in orders:
        at_once(lambda: fire(office), lambda order=order: office.do("order", order, "submit", note="Sent"))
        found = office.record(order)
        # Whoever was first: what left the draft has no reminder any more.
        assert (found.state, found.data["note"], found.data["looked"]) == ("review", "Sent", str(fired(office, order)))
        with office.store.reading() as reading:
            assert [row.key for row in record_timers(reading, "acme", order)] == ["later"]
    assert verify(office.store, load=load_published) == []


def test_a_record_that_moves_to_another_version_goes_on_with_its_timers(office: Office) -> None:
    order = office.order(office.customer("C1"))
    fire(office)
    with office.store.reading() as reading:
        before = {row.key: (row.state, row.since) for row in record_timers(reading, "acme", order)}
    changed = TIMED.replace("      later:", "      last: {was: later,").replace(
        "last: {was: later, {states", "last: {was: later, states"
    )
    changed = changed.replace("after: 3 days", "after: 4 days").replace(
        "      look:", "      new: {states: draft, after: 5 days, then: [{set: {note: New}}]}\n      look:"
    )
    office.publish(changed, "move", skip_scenarios=True)
    do_jobs(office.engine)
    assert office.record(order).version == 2
    with office.store.reading() as reading:
        after = {row.key: row for row in record_timers(reading, "acme", order)}
    assert {key: (row.state, row.since) for key, row in after.items()} == {
        "look": before["look"], "last": before["later"], "new": before["later"],
    }  # fmt: skip
    assert (after["last"].due_at - after["last"].since).days == 4
    assert (fired(office, order), fire(office), verify(office.store, load=load_published)) == (1, 0, [])
    office.publish(
        SHOP.replace("note: {type: text}", "note: {type: text}\n      looked: {type: number, default: 0}"),
        "move",
        skip_scenarios=True,
    )
    do_jobs(office.engine)
    with office.store.reading() as reading:
        assert (office.record(order).version, record_timers(reading, "acme", order)) == (3, [])
