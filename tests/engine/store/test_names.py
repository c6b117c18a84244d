"""Names that stand as numbers: given once, in the transaction that first writes them, and found again by everybody."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from tests.counters import last_number

from blankett.engine.store import Store, tables


class Undone(Exception):
    """Ends a writing."""


def known(store: Store) -> dict[str, int]:
    """Return the names of a database."""
    with store.engine.connect() as connection:
        asked = sa.select(tables.known_name.c.name, tables.known_name.c.number)
        return {row[0]: row[1] for row in connection.execute(asked)}


def test_a_name_has_its_number_once(any_store: Store, shelf: Any) -> None:
    shelf.fill(any_store, [{}, {}])
    before = known(any_store)
    shelf.fill(any_store, [{}])
    assert {"acme", "shop.order", "anna"} <= set(before)
    assert sorted(before.values()) == list(range(1, 1 + len(before)))
    assert known(any_store) == before


def test_rows_hold_numbers_and_tell_names(any_store: Store, shelf: Any) -> None:
    (made,) = shelf.fill(any_store, [{}])
    numbers = known(any_store)
    with any_store.engine.connect() as connection:
        row = connection.execute(sa.text("SELECT organisation, form FROM record")).one()
    assert tuple(row) == (numbers["acme"], numbers["shop.order"])
    with any_store.reading() as reading:
        assert reading.record("acme", made.id) == made


def test_a_name_of_a_writing_that_is_undone_is_given_anew(any_store: Store, shelf: Any) -> None:
    def fail() -> None:
        with any_store.writing() as writing:
            writing.draw_number("beta", "b.order")
            assert last_number(writing, "beta", "b.order") == 1
            raise Undone

    shelf.fill(any_store, [{}])
    before = set(known(any_store))
    with pytest.raises(Undone):
        fail()
    with any_store.writing() as writing:
        writing.draw_number("gamma", "g.order")
    with any_store.reading() as reading:
        assert [last_number(reading, name, "b.order") for name in ("beta", "gamma", "acme")] == [0, 0, 0]
        assert last_number(reading, "gamma", "g.order") == 1
    assert set(known(any_store)) == {*before, "gamma"}


def test_a_name_given_behind_a_savepoint_that_is_undone_is_given_anew() -> None:
    store = Store("sqlite://")
    store.create_schema()

    def fail() -> None:
        with store.writing() as inner:
            inner.draw_number("beta", "s")
            raise Undone

    with store.writing() as writing:
        writing.draw_number("acme", "s")
        with pytest.raises(Undone):
            fail()
        writing.draw_number("gamma", "s")
        assert [last_number(writing, name, "s") for name in ("acme", "beta", "gamma")] == [1, 0, 1]
    assert known(store) == {"acme": 1, "gamma": 2}
    store.close()


def test_names_that_another_process_gave_are_found(tmp_path: Path, make_shelf: Any) -> None:
    url = f"sqlite:///{tmp_path / 'shared.db'}"
    here, there = Store(url), Store(url)
    here.create_schema()
    with here.reading() as reading:
        assert reading.records("acme", ["x"]) == {}
    (made,) = make_shelf().fill(there, [{}])
    with here.reading() as reading:
        assert reading.record("acme", made.id) == made
    # One that only a row tells of: its name stands in no question.
    with there.writing() as writing:
        writing.do("test", sa.update(tables.record), {"form": "shop.renamed"})
    with here.reading() as reading:
        assert [record.form for record in reading.records("acme", [made.id]).values()] == ["renamed"]
    here.close()
    there.close()


def test_what_is_known_costs_no_statement(store: Store, shelf: Any) -> None:
    target = shelf.fill(store, [{}])[0].id
    for _ in range(2):  # given, and looked up
        shelf.fill(store, [{"customer": target}])
    asked: list[str] = []
    with store.writing() as writing:
        writing._link.driver.set_trace_callback(asked.append)  # type: ignore[union-attr]
        shelf.put(writing, shelf.order(customer=target))
        writing._link.driver.set_trace_callback(None)  # type: ignore[union-attr]
    assert len(asked) > 5
    with store.reading() as reading:
        reading._link.driver.set_trace_callback(asked.append)  # type: ignore[union-attr]
        reading.records("acme", ["x", "y"])
        reading.records("acme", ["x", "y"])
        reading._link.driver.set_trace_callback(None)  # type: ignore[union-attr]
    assert [statement for statement in asked if "known_name" in statement] == []


def test_an_unknown_name_finds_nothing_and_is_looked_up_once(store: Store, shelf: Any) -> None:
    shelf.fill(store, [{}])
    asked: list[str] = []
    with store.reading() as reading:
        reading._link.driver.set_trace_callback(asked.append)  # type: ignore[union-attr]
        for _ in range(5):
            assert reading.records("nobody", ["x"]) == {}
            assert reading.unique_taken("acme", "shop.unheard", "code", "x") is None
        reading._link.driver.set_trace_callback(None)  # type: ignore[union-attr]
    assert len([statement for statement in asked if "known_name" in statement]) == 2
    assert "nobody" not in known(store)


@pytest.mark.postgres
def test_two_writers_that_give_a_name_and_take_a_value_at_once(make_postgres_database: Callable[[], str]) -> None:
    stores = [Store(make_postgres_database())]
    stores[0].create_schema()
    stores.append(Store(stores[0].url))
    rounds = 6

    def take(place: int) -> list[tuple[int, int]]:
        """Take a value under a name that is new to both, and one under a name that only this one gives."""
        found = []
        for number in range(rounds):
            gate.wait(60)
            with stores[place].writing() as writing:
                own = writing.put_unique("acme", f"shop.own{place}_{number}", f"r{place}", {"code": "a"})
                both = writing.put_unique("acme", f"shop.both{number}", f"r{place}", {"code": "a"})
            found.append((len(own), len(both)))
        return found

    gate = threading.Barrier(2)
    with ThreadPoolExecutor(2) as threads:
        answers = list(threads.map(take, (0, 1)))
    assert [sorted(each) for each in zip(*answers, strict=True)] == [[(0, 0), (0, 1)]] * rounds
    names = known(stores[0])
    assert {*names} == {
        "acme", *(f"shop.both{number}" for number in range(rounds)),
        *(f"shop.own{place}_{number}" for place in (0, 1) for number in range(rounds)),
    }  # fmt: skip
    assert len(set(names.values())) == len(names)
    for store in stores:
        with store.reading() as reading:
            held = [reading.unique_taken("acme", f"shop.both{number}", "code", "a") for number in range(rounds)]
        assert set(held) <= {"r0", "r1"}
        store.close()
