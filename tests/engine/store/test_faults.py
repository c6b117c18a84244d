"""A write that fails between any two of its statements leaves nothing; one that was acknowledged leaves everything."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from tests.counters import last_number

from blankett.engine.store import Notification, Store, Writing, new_id, tables
from blankett.engine.store.outbox import StoredLetter

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


class Fault(Exception):
    """Raised at a fault point."""


def submit(writing: Writing, shelf: Any, target: str, key: str) -> str:
    """Write an order with a line, a number, a unique value, an event, a notice, a message and its receipt."""
    serial = writing.draw_number("acme", "s")
    record = shelf.put(writing, shelf.order(customer=target, subject=key, number=f"SO-{serial}"), {target: "ACME"})
    writing.put_unique("acme", "shop.order", record.id, {"subject": key})
    id = new_id(NOW)
    notice = Notification(organisation="acme", user="anna", id=id, at=NOW, record=record.id, message="m", text="t")
    writing.put_notifications([notice])
    letter = StoredLetter(
        organisation="acme", id=id, at=NOW, changed_at=NOW, record=record.id, message="m", subject="s", body="b"
    )
    writing.put_letters([letter])
    writing.put_intent("acme", key, "anna", "d", record.id, NOW, record.id)
    return str(record.id)


def rows(store: Store) -> dict[str, int]:
    """Return how many rows each table has."""
    with store.engine.connect() as connection:
        return {
            name: connection.exec_driver_sql(f'SELECT count(*) FROM "{name}"').scalar_one()
            for name in tables.metadata.tables
        }


def points_of(store: Store, shelf: Any, target: str) -> list[str]:
    """Return the names of the fault points of one submission."""
    points: list[str] = []
    store.fault_points = points.append
    with store.writing() as writing:
        submit(writing, shelf, target, "probe")
    store.fault_points = None
    return points


def test_a_write_has_a_fault_point_before_each_statement(store: Store, shelf: Any) -> None:
    target = shelf.fill(store, [{}])[0]
    assert points_of(store, shelf, target.id) == [
        "counter.draw", "record.insert", "tokens.insert", "tokens.put", "edge.insert", "event.insert", "act.insert",
        "unique.insert", "notification.insert", "act.insert", "outbox.insert", "intent.insert", "act.insert",
    ]  # fmt: skip


def test_a_fault_anywhere_leaves_nothing_and_the_next_try_everything(any_store: Store, shelf: Any) -> None:
    target = shelf.fill(any_store, [{}])[0].id
    count = len(points_of(any_store, shelf, target))

    def fail_at(place: int) -> None:
        passed: list[str] = []

        def fault(point: str) -> None:
            passed.append(point)
            if len(passed) == place:
                raise Fault(point)

        any_store.fault_points = fault
        with any_store.writing() as writing:
            submit(writing, shelf, target, f"key {place}")

    for place in range(1, count + 1):
        before = rows(any_store)
        with pytest.raises(Fault):
            fail_at(place)
        any_store.fault_points = None
        assert rows(any_store) == before
        with any_store.writing() as writing:
            acknowledged = submit(writing, shelf, target, f"key {place}")
        grown = {name: after - before[name] for name, after in rows(any_store).items() if after != before[name]}
        written = dict.fromkeys(
            ("record", "edge", "event", "search_entry", "unique_value", "notification", "outbox", "intent"), 1
        )
        assert grown == {**written, "act": 3}
        with any_store.reading() as reading:
            receipt = reading.intent("acme", f"key {place}")
            assert receipt is not None
            assert receipt.receipt == acknowledged
            # A number that was drawn by a write that failed is drawn again: probe, then one for each place.
            assert last_number(reading, "acme", "s") == place + 1
