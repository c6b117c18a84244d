"""Numbers are drawn once each, and given back when their record fails."""

from __future__ import annotations

import threading

import pytest
from tests.counters import last_number

from blankett.engine.store import Store


def test_series_count_for_themselves(any_store: Store) -> None:
    with any_store.writing() as writing:
        drawn = [writing.draw_number("acme", name) for name in ("2026", "2026", "2027", "2026")]
        assert writing.draw_number("other", "2026") == 1
        assert (last_number(writing, "acme", "2026"), last_number(writing, "acme", "none")) == (3, 0)
    assert drawn == [1, 2, 1, 3]


def test_a_number_of_an_undone_transaction_is_given_back(any_store: Store) -> None:
    def fail_after_drawing() -> None:
        with any_store.writing() as writing:
            writing.draw_number("acme", "s")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_after_drawing()
    with any_store.writing() as writing:
        assert writing.draw_number("acme", "s") == 1


def test_a_number_drawn_before_the_transaction_is_not_given_back(store: Store) -> None:
    assert [store.draw_number("acme", "s"), store.draw_number("acme", "s")] == [1, 2]


def test_parallel_writers_draw_every_number_once(any_store: Store) -> None:
    drawn: list[int] = []

    def draw() -> None:
        for _ in range(10):
            with any_store.writing() as writing:
                number = writing.draw_number("acme", "s")
            drawn.append(number)

    threads = [threading.Thread(target=draw) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(drawn) == list(range(1, 41))
