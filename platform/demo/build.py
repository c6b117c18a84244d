"""Build the demo: found the company, publish its blueprints, and play the story in the order of time.

The demo is hundreds of commands, each with a commit that waits for the disk. Nobody uses a demo that is half built, so
it is built in memory and written back at the end: the disk is asked once.
"""

from __future__ import annotations

import heapq
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from itertools import count
from random import Random

from blankett.demo.actor_client import Desk, StoryClock
from blankett.demo.company import ORGANISATION, enter_rates, enter_samples, found_company, publish_shipped
from blankett.demo.people import LEAVE, ORDERS, PEOPLE
from blankett.demo.plots import ComplaintPlot, OrderPlot, Plot, ReturnPlot, absence_plot, quotation_plot
from blankett.demo.story import Tale, read_tale
from blankett.demo.working_time import HOURS_A_DAY, earlier
from blankett.engine.access import load_actor
from blankett.engine.records import Actor, Engine
from blankett.engine.store import Store, new_id


@contextmanager
def in_memory(store: Store) -> Iterator[Store]:
    """Give a copy of *store* in memory, and copy it back when all went well; other databases are given as they are."""
    if not store.is_sqlite or store.url == "sqlite://":
        yield store
        return
    copy = Store("sqlite://")
    try:
        _copy(store, copy)
        yield copy
        _copy(copy, store)
    finally:
        copy.close()


def _copy(source: Store, target: Store) -> None:
    with source.engine.connect() as old, target.engine.connect() as new:
        old_database, new_database = old.connection.driver_connection, new.connection.driver_connection
        assert isinstance(old_database, sqlite3.Connection)
        assert isinstance(new_database, sqlite3.Connection)
        old_database.backup(new_database)


#: The story is the same every time it is told.
SEED = 1905
#: Who looks after which customers.
CUSTOMERS: Mapping[str, tuple[str, ...]] = {
    "anna": ("MUELLER", "OSTSEE", "LOFOTEN", "MALMO"),
    "jonas": ("KVIST", "AARHUS", "BERGEN", "KIEL"),
    "wang": ("HAITUO", "HENGYUAN", "YUANYANG"),
}
#: Working hours back from now that notices have not been read yet.
UNREAD_HOURS = 10
#: Working days before now that the company is founded.
FOUNDED = 90


def build_demo(store: Store, now: datetime, password: str = "") -> None:
    """Fill an empty *store* with the demo company and its last four months, as it would have lived them until *now*.

    *now* is aware. *password* is the hash of the one password everybody signs in with.
    """
    random = Random(SEED)
    founded = earlier(now, FOUNDED * HOURS_A_DAY)
    with in_memory(store) as fast:
        clock = StoryClock(founded)
        found_company(fast, founded, password)
        enter_rates(fast, random, founded.date(), now.date())
        engine = Engine(fast, clock)
        actors = _actors(fast)
        published = {key: publish_shipped(engine, actors["astrid"], key) for key in (ORDERS, LEAVE)}
        desk = Desk(engine, clock, actors, enter_samples(engine, published[ORDERS], actors["mette"]))
        _share_customers(desk)
        _employ(desk)
        play(plots(desk, random, read_tale(), now), clock, now)
        _read_notices(fast, earlier(now, UNREAD_HOURS))


def plots(desk: Desk, random: Random, tale: Tale, now: datetime) -> list[Plot]:
    """Return everything that happens, each part with random numbers of its own, so that one does not change another."""

    def begun(age: float) -> datetime:
        return earlier(now, age * HOURS_A_DAY - random.uniform(0, 0.9))

    def own() -> Random:
        return Random(random.random())

    return [
        *(OrderPlot(desk, own(), order, begun(order.age)).play() for order in tale.orders),
        *(quotation_plot(desk, own(), quotation, begun(quotation.age)) for quotation in tale.quotations),
        *(ComplaintPlot(desk, own(), complaint, begun(complaint.age)).play() for complaint in tale.complaints),
        *(ReturnPlot(desk, own(), told, begun(told.age)).play() for told in tale.returns),
        *(absence_plot(desk, own(), absence, begun(absence.age)) for absence in tale.absences),
    ]


def play(plots: list[Plot], clock: StoryClock, now: datetime) -> None:
    """Play *plots* side by side: always the one whose moment is next, until none has a moment before *now*."""
    order = count()
    waiting: list[tuple[datetime, int, Plot]] = []

    def wait(plot: Plot) -> None:
        moment = next(plot, None)
        if moment is not None and moment <= now:
            heapq.heappush(waiting, (moment, next(order), plot))

    for plot in plots:
        wait(plot)
    while waiting:
        moment, _, plot = heapq.heappop(waiting)
        clock.now = max(clock.now, moment)
        wait(plot)


def _share_customers(desk: Desk) -> None:
    """Let Mette say who looks after which customer."""
    for who, codes in CUSTOMERS.items():
        for code in codes:
            desk.entrust("mette", "customer", code, {"account_manager": who})


def _employ(desk: Desk) -> None:
    """Let human resources enter everybody."""
    for number, person in enumerate(PEOPLE, start=1):
        employee = desk.create(
            "petra",
            "employee",
            {
                "code": f"E-{number:02}",
                "name": person.name,
                "person": person.key,
                "manager": person.manager,
                "days_left": Decimal(person.days_left),
            },
        )
        desk.note(f"employee {person.key}", employee)


def _read_notices(store: Store, until: datetime) -> None:
    """Let everybody have read the notices they got *until* then."""
    with store.writing() as writing:
        for person in PEOPLE:
            writing.read_notifications(ORGANISATION, person.key, new_id(until), until)


def _actors(store: Store) -> dict[str, Actor]:
    with store.reading() as reading:
        found = {person.key: load_actor(reading, ORGANISATION, person.key) for person in PEOPLE}
    return {key: actor for key, actor in found.items() if actor is not None}
