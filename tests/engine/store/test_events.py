"""The history of a record: in order, chained, replayed to the record, erasable."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from blankett.engine.store import NewEvent, Store, Writing, replay, tables
from blankett.engine.store.integrity import audited_records, broken_link

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def append(writing: Writing, of: str, kind: Any = "change", **payload: Any) -> None:
    writing.append_event(
        NewEvent(
            organisation="acme", record=of, at=NOW, actor="anna", kind=kind, action="go" if kind == "act" else None,
            version=1, payload=payload,
        )
    )  # fmt: skip


@pytest.fixture
def record(store: Store, shelf: Any) -> str:
    """Give the id of a record with four events."""
    made = shelf.fill(store, [{"subject": "a", "note": "n"}])[0]
    with store.writing() as writing:
        append(writing, made.id, data={"subject": "b"}, hidden=["note"], filled=["subject"])
        append(writing, made.id, "act", data={"note": None}, record={"state": "done"}, hidden=[])
        append(writing, made.id, "comment", comment="Hello")
    return str(made.id)


def test_events_come_newest_first_and_page_by_sequence(store: Store, record: str) -> None:
    with store.reading() as reading:
        events = reading.events("acme", record)
        page = reading.events("acme", record, before=4, limit=2)
    assert [(event.sequence, event.kind, event.action) for event in events] == [
        (4, "comment", None), (3, "act", "go"), (2, "change", None), (1, "create", None),
    ]  # fmt: skip
    assert events[0].payload == {"comment": "Hello"}
    assert page == events[1:3]


def test_laying_events_over_each_other_gives_the_record(store: Store, record: str) -> None:
    with store.reading() as reading:
        found = replay(reversed(reading.events("acme", record)))
    assert (found.data, found.hidden, found.filled) == ({"subject": "b", "note": None}, frozenset(), {"subject"})
    assert found.record == {"state": "done", "number": None, "title": "", "version": 1}
    assert found.is_whole


def broken(store: Store) -> list[tuple[int, str] | None]:
    with store.reading() as reading:
        return [broken_link(audited.events) for audited in audited_records(reading, "acme", lambda record: frozenset())]


def test_an_untouched_chain_holds(store: Store, record: str) -> None:
    assert broken(store) == [None]


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"actor": "acme"}, (2, "hash")),
        ({"at": "2026-03-02T09:00:00.000001Z"}, (2, "hash")),
        ({"payload": '{"data":{"subject":"c"}}'}, (2, "payload")),
        ({"payload": None}, (2, "payload")),
        ({"hash": "0" * 64}, (2, "hash")),
    ],
    ids=["actor", "moment", "payload", "half erased", "hash"],
)
def test_a_changed_event_breaks_the_chain(
    store: Store, record: str, change: dict[str, Any], found: tuple[int, str]
) -> None:
    event = tables.event
    with store.engine.begin() as connection:
        connection.execute(sa.update(event).where(event.c.record == record, event.c.sequence == 2).values(change))
    assert broken(store) == [found]


def test_a_missing_event_breaks_the_chain(store: Store, record: str) -> None:
    event = tables.event
    with store.engine.begin() as connection:
        connection.execute(sa.delete(event).where(event.c.record == record, event.c.sequence == 2))
    assert broken(store) == [(2, "missing")]


def test_an_erased_event_keeps_the_chain_and_loses_its_payload(store: Store, record: str) -> None:
    with store.writing() as writing:
        assert writing.erase_event("acme", record, 2)
        assert not writing.erase_event("acme", record, 9)
    with store.reading() as reading:
        events = reading.events("acme", record)
    assert [(event.sequence, event.erased, event.payload == {}) for event in events] == [
        (4, False, False), (3, False, False), (2, True, True), (1, False, False),
    ]  # fmt: skip
    assert not replay(reversed(events)).is_whole
    assert broken(store) == [None]
    with store.engine.connect() as connection:
        kept = connection.execute(sa.select(tables.event.c.salt).where(tables.event.c.sequence == 2)).all()
    assert kept == [(None,)]


def test_events_of_different_records_do_not_share_a_chain(store: Store, shelf: Any) -> None:
    shelf.fill(store, [{"subject": "a"}, {"subject": "a"}])
    assert broken(store) == [None, None]


def test_equal_payloads_have_different_digests(store: Store, shelf: Any) -> None:
    shelf.fill(store, [{"subject": "a"}, {"subject": "a"}])
    with store.engine.connect() as connection:
        digests = connection.execute(sa.select(tables.event.c.digest)).scalars().all()
    assert len(set(digests)) == 2
