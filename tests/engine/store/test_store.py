"""Two doors: a snapshot to read, and one to write that is all or nothing."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from blankett.engine.store import IntentTaken, Store, StoredRecord


def titles(store: Store, ids: list[str]) -> list[str]:
    with store.reading() as reading:
        return sorted(reading.titles("acme", ids).values())


def test_what_raises_in_a_writing_leaves_nothing(any_store: Store, shelf: Any) -> None:
    record = shelf.order()

    def fail() -> None:
        with any_store.writing() as writing:
            shelf.put(writing, record)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert titles(any_store, [record.id]) == []


def test_a_reading_sees_one_moment(any_store: Store, shelf: Any) -> None:
    before, after = shelf.order(title="before"), shelf.order(title="after")
    with any_store.writing() as writing:
        shelf.put(writing, before)
    with any_store.reading() as reading:
        first = reading.titles("acme", [before.id, after.id])
        with any_store.writing() as writing:
            shelf.put(writing, after)
        assert reading.titles("acme", [before.id, after.id]) == first == {before.id: "before"}
    assert titles(any_store, [before.id, after.id]) == ["after", "before"]


def test_a_reading_that_is_the_newest_turns_into_a_writing(store: Store, shelf: Any) -> None:
    kept, undone = shelf.order(title="kept"), shelf.order(title="undone")
    with store.reading() as reading:
        reading.titles("acme", [kept.id])
        with store.writing_on(reading) as writing:
            assert writing is not None
            shelf.put(writing, kept)
        assert titles(store, [kept.id]) == ["kept"]

    def fail() -> None:
        with store.reading() as reading, store.writing_on(reading) as writing:
            assert writing is not None
            shelf.put(writing, undone)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert titles(store, [kept.id, undone.id]) == ["kept"]


def test_a_reading_does_not_write_over_what_came_after_it(store: Store, shelf: Any) -> None:
    with store.reading() as reading:
        reading.titles("acme", [])
        reading.organisations()
        with store.writing() as writing:
            shelf.put(writing, shelf.order(title="after"))
            with store.writing_on(reading) as other:
                assert other is None, "somebody is writing"
        with store.writing_on(reading) as other:
            assert other is None, "somebody has written"
        with store.writing(patience=0):
            pass


@pytest.mark.postgres
def test_a_reading_of_postgresql_does_not_turn_into_a_writing(postgres_store: Store) -> None:
    with postgres_store.reading() as reading, postgres_store.writing_on(reading) as writing:
        assert writing is None


@pytest.mark.postgres
def test_a_reading_cannot_write_on_postgresql(postgres_store: Store) -> None:
    with postgres_store.reading() as reading, pytest.raises(sa.exc.InternalError, match="read-only transaction"):
        reading.connection.execute(sa.text("CREATE TABLE x (y int)"))


def test_no_update_of_parallel_writers_is_lost(any_store: Store, shelf: Any) -> None:
    record = shelf.fill(any_store, [{}])[0]

    def add_one() -> None:
        for _ in range(5):
            done = False
            while not done:
                with any_store.reading() as reading:
                    found = reading.record("acme", record.id)
                assert found is not None
                changed = replace(found, revision=found.revision + 1, title=str(int(found.title or 0) + 1))
                with any_store.writing() as writing:
                    done = writing.update_record(changed, {}, found.revision)

    threads = [threading.Thread(target=add_one) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    with any_store.reading() as reading:
        found = reading.record("acme", record.id)
    assert found is not None
    assert (found.title, found.revision) == ("20", 21)


@pytest.fixture
def memory() -> Iterator[Store]:
    """Give an empty store in memory."""
    store = Store("sqlite://")
    store.create_schema()
    yield store
    store.close()


def test_a_record_moves_on_where_its_row_has_the_titles_told(any_store: Store, shelf: Any) -> None:
    linked, alone = shelf.order(state="draft"), shelf.order(state="draft")
    with any_store.writing() as writing:
        writing.insert_record(linked, {"t2": "Bergen Møbler"})
        writing.insert_record(alone, {"t2": None})
    tries = [(linked, {"t2": "Bergen"}, 1), (linked, {"t2": None}, 1), (linked, {"t2": "Bergen Møbler"}, 7),
             (alone, {"t2": "Bergen"}, 1), (linked, {"t2": "Bergen Møbler"}, 1), (alone, {"t2": None}, 1)]  # fmt: skip
    with any_store.writing() as writing:
        moved = [
            writing.move_record(replace(record, state="done", revision=2), told, expected)
            for record, told, expected in tries
        ]
        states = [found.state for found in writing.records("acme", [linked.id, alone.id]).values()]
    assert (moved, states) == ([False] * 4 + [True] * 2, ["done"] * 2)


def test_in_memory_a_reading_joins_the_open_writing(memory: Store, shelf: Any) -> None:
    record = shelf.order(title="new")
    with memory.writing() as writing:
        shelf.put(writing, record)
        assert titles(memory, [record.id]) == ["new"]
    assert titles(memory, [record.id]) == ["new"]


def test_in_memory_a_failed_writing_within_another_is_undone_alone(memory: Store, shelf: Any) -> None:
    outer, inner = shelf.order(title="outer"), shelf.order(title="inner")

    def fail() -> None:
        with memory.writing() as writing:
            shelf.put(writing, inner)
            raise IntentTaken("key")

    with memory.writing() as writing:
        shelf.put(writing, outer)
        with pytest.raises(IntentTaken):
            fail()
    assert titles(memory, [outer.id, inner.id]) == ["outer"]


def test_in_memory_threads_take_turns(memory: Store, shelf: Any) -> None:
    orders: list[StoredRecord] = [shelf.order(title=f"{number:02}") for number in range(20)]

    def put(part: list[StoredRecord]) -> None:
        for order in part:
            with memory.writing() as writing:
                shelf.put(writing, order)

    threads = [threading.Thread(target=put, args=(orders[start::4],)) for start in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert titles(memory, [order.id for order in orders]) == [f"{number:02}" for number in range(20)]


def test_two_stores_on_one_file_write_in_turn(tmp_path: Path, shelf: Any) -> None:
    url = f"sqlite:///{tmp_path / 'shared.db'}"
    stores = [Store(url), Store(url)]
    stores[0].create_schema()
    orders = [shelf.order(title=str(number)) for number in range(20)]

    def put(store: Store, part: list[StoredRecord]) -> None:
        for order in part:
            with store.writing() as writing:
                shelf.put(writing, order)

    threads = [threading.Thread(target=put, args=(stores[start], orders[start::2])) for start in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(titles(stores[0], [order.id for order in orders])) == 20
    for store in stores:
        store.close()


def test_the_revision_changes_with_every_act_and_with_nothing_else(any_store: Store) -> None:
    found = []
    for acts in (0, 1, 0, 2, 0):
        with any_store.writing() as writing:
            for _ in range(acts):
                writing.note("acme", "sign_in", "anna")
        with any_store.reading() as reading:
            found.append(reading.revision("acme"))
    assert [after != before for before, after in itertools.pairwise(found)] == [True, False, True, False]


@pytest.mark.postgres
def test_the_revision_changes_with_an_act_that_comes_late(postgres_store: Store) -> None:
    found = []
    with ExitStack() as slow:
        slow.enter_context(postgres_store.writing()).note("acme", "sign_in", "anna")
        with postgres_store.writing() as writing:
            writing.note("acme", "sign_in", "wu")
        with postgres_store.reading() as reading:
            found.append(reading.revision("acme"))
    with postgres_store.reading() as reading:
        found.append(reading.revision("acme"))
    assert found[0] != found[1]
