"""Records go in and come out as they are, and nobody overwrites what they have not seen."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from blankett.engine.store import Store, StoredRecord
from blankett.engine.store.json_text import LazyJson, data_text, write_json


def test_a_record_comes_back_as_it_went_in(any_store: Store, shelf: Any) -> None:
    record = replace(
        shelf.order(total=None, note="中文 \U0001f600 ẞ", title="One", number="SO-1"),
        owner="anna", assignee="lars", department="d", hidden=frozenset({"note", "lines/1/item"}),
        filled=frozenset({"total"}), series="s", serial=7,
    )  # fmt: skip
    with any_store.writing() as writing:
        shelf.put(writing, record)
    with any_store.reading() as reading:
        assert reading.record("acme", record.id) == record


def test_records_of_other_organisations_do_not_exist(store: Store, shelf: Any) -> None:
    record = shelf.fill(store, [{}])[0]
    with store.reading() as reading:
        assert reading.record("other", record.id) is None
        assert reading.records("other", [record.id]) == {}


def test_many_records_are_read_at_once_and_missing_ones_left_out(store: Store, shelf: Any) -> None:
    made = shelf.fill(store, [{"title": f"Order {number}"} for number in range(1203)])
    ids = [record.id for record in made]
    with store.reading() as reading:
        assert reading.records("acme", [*ids, "missing"]) == {record.id: record for record in made}
        assert reading.titles("acme", ids[:2]) == {ids[0]: "Order 0", ids[1]: "Order 1"}
        assert reading.revisions("acme", [ids[0], "missing"]) == {ids[0]: 1}


def test_an_update_of_the_seen_revision_is_written(any_store: Store, shelf: Any) -> None:
    record = shelf.fill(any_store, [{"subject": "old"}])[0]
    changed = replace(record, revision=2, state="done", title="New", data={"subject": "new"})
    with any_store.writing() as writing:
        assert writing.lock_records("acme", [record.id]) == {record.id: 1}
        assert writing.update_record(changed, shelf.row(changed, {}), expected_revision=1)
    with any_store.reading() as reading:
        assert reading.record("acme", record.id) == changed


def test_an_update_of_another_revision_writes_nothing(store: Store, shelf: Any) -> None:
    record = shelf.fill(store, [{"subject": "old"}])[0]
    with store.writing() as writing:
        assert not writing.update_record(replace(record, revision=3, title="Lost"), {}, expected_revision=2)
    with store.reading() as reading:
        assert reading.record("acme", record.id) == record


def test_renewing_slots_and_titles_keeps_the_revision(store: Store, shelf: Any) -> None:
    record = shelf.fill(store, [{"subject": "a"}])[0]
    with store.writing() as writing:
        writing.renew_slots(replace(record, title="Renewed"), {"t1": "b"})
    with store.reading() as reading:
        assert reading.record("acme", record.id) == replace(record, title="Renewed")


def test_data_that_came_from_the_store_is_parsed_when_it_is_looked_at() -> None:
    lazy = LazyJson('{"a":[1,null],"b":"ä"}')
    assert data_text(lazy) is lazy.text
    assert dict(lazy) == {"a": [1, None], "b": "ä"}
    assert lazy == {"b": "ä", "a": [1, None]}


def test_json_has_one_text_and_no_nan() -> None:
    assert write_json({"b": 1, "a": "ä"}) == '{"a":"ä","b":1}'
    with pytest.raises(ValueError, match="Out of range"):
        write_json(float("nan"))


def test_many_records_are_inserted_at_once(store: Store, shelf: Any) -> None:
    made: list[StoredRecord] = [shelf.order(title=str(number)) for number in range(3)]
    with store.writing() as writing:
        writing.insert_records([(record, shelf.row(record, {})) for record in made])
        writing.insert_records([])
    with store.reading() as reading:
        assert reading.records("acme", [record.id for record in made]) == {record.id: record for record in made}
