"""Edges follow the links of a record; unique values belong to the first."""

from __future__ import annotations

from typing import Any

from blankett.engine.store import Store, UniqueConflict, edges_of
from blankett.engine.store.unique_values import unique_values


def test_links_of_fields_and_lines_are_edges_once(shop: Any) -> None:
    lines = [{"id": "1", "item": "x"}, {"id": "2", "item": "x"}, {"id": "3", "item": None}]
    data = {"customer": "c", "subject": "s", "lines": lines}
    assert edges_of(shop.forms["order"], data) == {("customer", "c"), ("lines.item", "x")}


def test_edges_are_walked_from_what_they_point_to(any_store: Store, shelf: Any) -> None:
    target, other = shelf.fill(any_store, [{}, {}])
    first, second = shelf.fill(any_store, [{"customer": target.id}, {"customer": target.id}])
    with any_store.reading() as reading:
        back = [(near.path, near.record) for near in reading.edges_to("acme", target.id)]
        newest = [near.record for near in reading.edges_to("acme", target.id, limit=1)]
        assert reading.pointing_at("acme", target.id) == [first.id, second.id]
        assert reading.edges_to("acme", other.id) == []
    assert back == [("customer", second), ("customer", first)]
    assert newest == [second]


def test_edges_that_stay_are_left_alone(store: Store, shelf: Any) -> None:
    a, b, c = shelf.fill(store, [{}, {}, {}])
    written: list[str] = []
    store.fault_points = written.append
    with store.writing() as writing:
        writing.put_edges("acme", a.id, {("customer", b.id)})
        writing.put_edges("acme", a.id, {("customer", b.id), ("lines.item", c.id)}, {("customer", b.id)})
        writing.put_edges("acme", a.id, {("lines.item", c.id)}, {("customer", b.id), ("lines.item", c.id)})
        writing.put_edges("acme", a.id, {("lines.item", c.id)}, {("lines.item", c.id)})
    with store.reading() as reading:
        ends = {
            target.id: [(near.path, near.record) for near in reading.edges_to("acme", target.id)] for target in (b, c)
        }
    assert ends == {b.id: [], c.id: [("lines.item", a)]}
    assert written == ["edge.insert", "edge.insert", "edge.delete"]


def test_a_unique_value_belongs_to_the_first(any_store: Store) -> None:
    with any_store.writing() as writing:
        assert writing.put_unique("acme", "shop.customer", "one", {"code": "a", "name": "n"}) == ()
        conflict = writing.put_unique("acme", "shop.customer", "two", {"code": "a", "name": "m"})
        assert conflict == (UniqueConflict("code", "a", "one"),)
        assert writing.put_unique("acme", "shop.other", "two", {"code": "a"}) == ()
        assert writing.put_unique("other", "shop.customer", "two", {"code": "a"}) == ()


def test_a_unique_value_is_given_back(store: Store) -> None:
    with store.writing() as writing:
        writing.put_unique("acme", "shop.customer", "one", {"code": "a", "name": "n"})
        assert (
            writing.put_unique("acme", "shop.customer", "one", {"code": "b", "name": "n"}, {"code": "a", "name": "n"})
            == ()
        )
        assert writing.put_unique("acme", "shop.customer", "two", {"code": "a"}) == ()
        assert writing.unique_taken("acme", "shop.customer", "code", "b") == "one"
        assert writing.unique_taken("acme", "shop.customer", "code", "b", but="one") is None
        assert writing.unique_taken("acme", "shop.customer", "code", "c") is None


def test_long_unique_values_differ_at_their_ends(store: Store) -> None:
    long = "x" * 5000
    with store.writing() as writing:
        assert writing.put_unique("acme", "f", "one", {"code": long + "1"}) == ()
        assert writing.put_unique("acme", "f", "two", {"code": long + "2"}) == ()
        assert writing.put_unique("acme", "f", "three", {"code": long + "1"}) == (
            UniqueConflict("code", long + "1", "one"),
        )


def test_unique_texts_are_compared_without_case_and_width(shop: Any) -> None:
    assert unique_values(shop.forms["customer"], {"code": " ＡB  c", "name": "N"}) == {"code": "ab c"}
