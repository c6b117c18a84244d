"""Many timers that wait, and many due at once: how long until all were carried out, and what pages take meanwhile.

The server is `blankett serve` with its worker beside it. Somebody looks at pages one after the other, before and then.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from sqlalchemy import update

from bench import server
from bench.browser import Browser
from bench.clerk import LIST, Clerk
from bench.ground import Ground, actor_of, lay
from blankett.engine.publish import Publication, Published, Publisher
from blankett.engine.records import Command, Engine, Receipt
from blankett.engine.store import NewEvent, Store, StoredRecord, new_id, tables
from blankett.engine.store.timers import TimerRow, put_timer, timers_in_state
from blankett.engine.store.timestamps import write_moment

BEGIN_TIMERS, END_TIMERS = "<!-- timers: written by `python -m bench --timers` -->", "<!-- end of timers -->"
PENDING, DUE = 100_000, 1_000
#: Orders in the database, of which pages tell.
ORDERS = 5_000
WATCH = """
blueprint: watch
language: 1
title: Watch
roles: {manager: {title: Manager}}
forms:
  item:
    title: Item
    show: "{name}"
    fields:
      name: {type: text}
      looked: {type: number, decimals: 0, default: 0}
    timers:
      look: {at: record.created_at, then: [{set: {looked: = looked + 1}}]}
    grants: [{who: manager, may: all}]
"""
BATCH = 1_000
#: Seconds until the last timer must have been carried out.
PATIENCE = 600.0


@dataclass(frozen=True)
class TimersMeasured:
    """What was found."""

    pending: int
    due: int
    #: Seconds from when the first was due until the last had been carried out.
    seconds: float
    #: How many were carried out just once, and in all.
    once: int
    fired: int
    #: Of pages, in milliseconds: the median and the 99th percentile, before and meanwhile.
    before: tuple[float, float]
    meanwhile: tuple[float, float]


def measure_timers(
    folder: Path, pending: int = PENDING, due: int = DUE, orders: int = ORDERS, looks: int = 400
) -> TimersMeasured:
    """Lay the ground in *folder*, let *due* of *pending* timers be due within a second, and look at pages meanwhile."""
    url = f"sqlite:///{folder / 'blankett.sqlite'}"
    ground = lay(url, orders)
    store = Store(url)
    items = _lay_items(store, pending)
    with server.blankett(folder) as running, closing(Browser(running.port)) as browser:
        clerk = Clerk(browser, ground)
        clerk.sign_in()
        look = _looks(browser, ground)
        _times(look, looks // 10, lambda: True)
        before = _times(look, looks, lambda: True)
        first = _let_be_due(store, items[:due])
        ended: list[float] = []
        watching = threading.Thread(target=lambda: ended.append(_await_end(store)))
        watching.start()
        meanwhile = _times(look, 1_000_000, lambda: not ended)
        watching.join()
    counts = _counts(store, items[:due])
    store.close()
    return TimersMeasured(
        pending, due, max(0.0, ended[0] - first), counts.count(1), sum(counts), _spread(before), _spread(meanwhile)
    )


def timers_table(found: TimersMeasured) -> str:
    """Return what was found, as Markdown."""
    return (
        "| pages | median | 99th percentile |\n|---|---|---|\n"
        f"| before | {found.before[0]:.1f} ms | {found.before[1]:.1f} ms |\n"
        f"| while timers are carried out | {found.meanwhile[0]:.1f} ms | {found.meanwhile[1]:.1f} ms |\n\n"
        f"{found.pending:,} timers waited, {found.due:,} of them due within one second. "
        f"Carried out were {found.fired:,}, "
        f"{found.once:,} of them once, the last after {found.seconds:.1f} s. "
        f"The 99th percentile of pages was {found.meanwhile[1] / found.before[1]:.1f} times that of before."
    )


def _lay_items(store: Store, count: int) -> list[str]:
    """Make records with a timer each that waits for a day; return their ids."""
    engine = Engine(store, lambda: datetime.now(UTC))
    with store.reading() as reading:
        (organisation,) = (found.id for found in reading.organisations())
        clerk = next(iter(reading.all_users(organisation))).id
        room = reading.workspaces(organisation)[0].id
    actor = actor_of(store, organisation, clerk)
    answer = Publisher(engine).publish(actor, Publication(source=WATCH, workspace=room))
    assert isinstance(answer, Published), answer
    made = Command(intent="", actor=actor, blueprint="watch", form="item", workspace=room, values={"name": "Item"})
    receipt = engine.apply(made)
    assert isinstance(receipt, Receipt), receipt
    with store.reading() as reading:
        model = reading.record(organisation, receipt.record)
    assert model is not None
    later = datetime.now(UTC) + timedelta(days=1)
    ids: list[str] = []
    while len(ids) < count:
        records = [replace(model, id=new_id(model.created_at)) for _ in range(min(BATCH, count - len(ids)))]
        with store.writing() as writing:
            writing.insert_records([(record, {}) for record in records])
            for record in records:
                writing.append_event(_made(record))
                put_timer(writing, _waiting(record, later), None)
        ids += [record.id for record in records]
    return ids


def _made(record: StoredRecord) -> NewEvent:
    told = {"data": dict(record.data), "record": {"title": record.title, "owner": record.owner, "version": 1}}
    return NewEvent(
        organisation=record.organisation, record=record.id, at=record.created_at, actor=record.created_by,
        kind="create", version=record.version, payload=told,
    )  # fmt: skip


def _waiting(record: StoredRecord, later: datetime) -> TimerRow:
    at = record.created_at
    return TimerRow(organisation=record.organisation, record=record.id, key="look", since=at, due_at=at, look_at=later)


def _let_be_due(store: Store, ids: Sequence[str]) -> float:
    """Let timers be due within a second, two seconds from now; return when, by the clock of this process."""
    began, at = datetime.now(UTC) + timedelta(seconds=2), time.monotonic() + 2
    with store.writing() as writing:
        for number, id in enumerate(ids):
            moment = write_moment(began + timedelta(seconds=number / len(ids)))
            writing.connection.execute(update(tables.timer).where(tables.timer.c.record == id).values(look_at=moment))
    return at


def _await_end(store: Store) -> float:
    """Wait until no timer is due any more; return when that was."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        with store.reading() as reading:
            (organisation,) = (found.id for found in reading.organisations())
            (following,) = timers_in_state(reading, organisation, "pending", 1) or (None,)
        if following is None or following.look_at > datetime.now(UTC) + timedelta(hours=1):
            return time.monotonic()
        time.sleep(0.1)
    raise RuntimeError("timers were not carried out in time")


def _looks(browser: Browser, ground: Ground) -> Callable[[int], object]:
    """Return what looks at one page after the other: a list, a record, the inbox."""
    pages = [LIST, *(f"/records/{id}" for id in ground.in_review[:20]), "/inbox", f"{LIST}?record.state=review"]
    return lambda number: browser.get(pages[number % len(pages)])


def _times(look: Callable[[int], object], most: int, goes_on: Callable[[], bool]) -> list[float]:
    """Return how long each of *most* looks took, in milliseconds; fewer where it does not go on."""
    found: list[float] = []
    for number in range(most):
        if not goes_on():
            break
        began = time.perf_counter()
        look(number)
        found.append((time.perf_counter() - began) * 1000)
    return found


def _spread(times: Sequence[float]) -> tuple[float, float]:
    ordered = sorted(times)
    return ordered[len(ordered) // 2], ordered[min(len(ordered) - 1, len(ordered) * 99 // 100)]


def _counts(store: Store, ids: Sequence[str]) -> list[int]:
    """Return how often the timer of each record was carried out, by its value and its history alike."""
    found = []
    with store.reading() as reading:
        (organisation,) = (each.id for each in reading.organisations())
        for id in ids:
            record = reading.record(organisation, id)
            events = sum(event.kind == "timer" for event in reading.events(organisation, id))
            assert record is not None
            assert Decimal(str(record.data["looked"])) == events
            found.append(events)
    return found
