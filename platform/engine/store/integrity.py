"""What verifying reads: whole rows as they stand, page by page. Functions on an open transaction; judging is
`verify`'s.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam, func, select

from blankett.engine.store import tables
from blankett.engine.store.events import START, Header, event_hash, payload_digest
from blankett.engine.store.link_index import Edge
from blankett.engine.store.records import COLUMNS, StoredRecord, from_row
from blankett.engine.store.transaction import CHUNK, Row, Transaction, pieces

#: Records looked at together.
PAGE = 200
#: Rows without their record that are told of each table.
MOST_ORPHANS = 100

_r = tables.record.c
_e = tables.event.c
_SLOTS = tuple(_r[name] for name in tables.SLOTS)
_records = (
    select(*COLUMNS, _r.search, *_SLOTS)
    .where(_r.organisation == bindparam("organisation"), _r.id > bindparam("after"))
    .order_by(_r.id)
    .limit(PAGE)
)
_events = (
    select(
        _e.record, _e.organisation, _e.sequence, _e.at, _e.actor, _e.kind, _e.action, _e.version, _e.cause,
        _e.salt, _e.payload, _e.digest, _e.hash,
    )
    .where(_e.organisation == bindparam("organisation"), _e.record.in_(bindparam("ids", expanding=True)))
    .order_by(_e.record, _e.sequence)
)  # fmt: skip
#: That the last event says so, or that there is none behind it.
_later = tables.event.alias()
_is_discarded = (
    _e.organisation == bindparam("in_organisation"),
    _e.kind == "discard",
    ~sa.exists().where(_r.organisation == _e.organisation, _r.id == _e.record),
    ~sa.exists().where(
        _later.c.organisation == _e.organisation, _later.c.record == _e.record, _later.c.sequence > _e.sequence
    ),
)
_discarded = select(_e.record).where(*_is_discarded).order_by(_e.record)
_g = tables.edge.c
_EDGE = (_g.record, _g.path, _g.target)
#: Edges are found by what they point to; the records of a page are neighbours there.
_edges = select(*_EDGE).where(
    _g.organisation == bindparam("organisation"),
    _g.target.in_(bindparam("ids", expanding=True)),
    _g.record >= bindparam("first"),
    _g.record <= bindparam("last"),
)
_edge_count = select(func.count()).where(_g.organisation == bindparam("organisation"))
_edge_place = (_g.target, _g.record, sa.type_coerce(_g.path, sa.Integer))
_every_edge = (
    select(*_EDGE, _edge_place[-1])
    .where(
        _g.organisation == bindparam("organisation"),
        sa.tuple_(*_edge_place)
        > sa.tuple_(
            *(
                bindparam(name, type_=of.type)
                for name, of in zip(("after_target", "after_record", "after_path"), _edge_place, strict=True)
            )
        ),
    )
    .order_by(*_edge_place)
    .limit(CHUNK)
)
_unique = select(
    tables.unique_value.c.record, tables.unique_value.c.form, tables.unique_value.c.path, tables.unique_value.c.value
).where(
    tables.unique_value.c.organisation == bindparam("organisation"),
    tables.unique_value.c.record.in_(bindparam("ids", expanding=True)),
)
_erased = (
    select(_e.record, func.max(_e.sequence))
    .where(_e.organisation == bindparam("organisation"), _e.payload.is_(None))
    .group_by(_e.record)
    .order_by(_e.record)
)
_series = (
    select(_r.series, func.count(), func.min(_r.serial), func.max(_r.serial))
    .where(_r.organisation == bindparam("organisation"), _r.serial.is_not(None))
    .group_by(_r.series)
)
_counters = select(tables.counter.c.name, tables.counter.c.value).where(
    tables.counter.c.organisation == bindparam("organisation")
)


@dataclass(frozen=True)
class AuditedRecord:
    """A record with everything beside it that must agree with it."""

    record: StoredRecord
    search: str
    #: Slot → what stands in it.
    slots: Mapping[str, str | int | None]
    events: Sequence[Row]
    #: Where it points according to its data, and which of these edges are there.
    links: frozenset[Edge]
    edges: frozenset[Edge]
    #: (form, path) → value.
    unique: Mapping[tuple[str, str], str]


def audited_records(
    reading: Transaction, organisation: str, links_of: Callable[[StoredRecord], frozenset[Edge]]
) -> Iterator[AuditedRecord]:
    """Yield every record of the organisation, in the order of ids. *links_of*: where one points by its data."""
    after = ""
    while rows := reading.rows(_records, {"organisation": organisation, "after": after}):
        after = rows[-1][1]
        bound = {"organisation": organisation, "ids": [row[1] for row in rows]}
        events, unique = (_by_record(reading.rows(asked, bound)) for asked in (_events, _unique))
        records = [from_row(row) for row in rows]
        links = [links_of(record) for record in records]
        edges = _edges_to(reading, organisation, (records[0].id, records[-1].id), links)
        start = len(COLUMNS) + 1
        for row, record, points in zip(rows, records, links, strict=True):
            id = record.id
            yield AuditedRecord(
                record=record,
                search=row[len(COLUMNS)],
                slots=dict(zip(tables.SLOTS, row[start:], strict=True)),
                events=events[id],
                links=points,
                edges=edges[id] & points,
                unique={(form, path): value for _, form, path, value in unique[id]},
            )


def _edges_to(
    reading: Transaction, organisation: str, ends: tuple[str, str], links: Sequence[frozenset[Edge]]
) -> Mapping[str, frozenset[Edge]]:
    """Return the edges of the records between the *ends* to what their *links* point to, by record."""
    targets = sorted({target for points in links for _, target in points})
    bound = {"organisation": organisation, "first": ends[0], "last": ends[1]}
    found: dict[str, set[Edge]] = defaultdict(set)
    for piece in pieces(targets):
        for record, path, target in reading.rows(_edges, {**bound, "ids": piece}):
            found[record].add((path, target))
    return defaultdict(frozenset, {record: frozenset(edges) for record, edges in found.items()})


def edge_count(reading: Transaction, organisation: str) -> int:
    """Return how many edges there are."""
    return int(reading.rows(_edge_count, {"organisation": organisation})[0][0])


def every_edge(reading: Transaction, organisation: str) -> Iterator[Mapping[str, frozenset[Edge]]]:
    """Yield all edges by their records, some at a time."""
    place: Row = ("", "", 0)
    while rows := reading.rows(_every_edge, {
        "organisation": organisation, "after_target": place[0], "after_record": place[1], "after_path": place[2],
    }):  # fmt: skip
        place = (rows[-1][2], rows[-1][0], rows[-1][3])
        edges = _by_record(rows)
        yield {record: frozenset((row[1], row[2]) for row in found) for record, found in edges.items()}


def discarded_histories(reading: Transaction, organisation: str) -> Iterator[tuple[str, Sequence[Row]]]:
    """Yield (id, events) of every record that is gone and whose history ends with its being discarded."""
    for (id,) in reading.rows(_discarded, {"in_organisation": organisation}):
        yield id, reading.rows(_events, {"organisation": organisation, "ids": [id]})


def _by_record(rows: Sequence[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[row[0]].append(row)
    return found


def broken_link(events: Sequence[Row]) -> tuple[int, str] | None:
    """Return (sequence, what) of the first event at which a record's chain breaks, or None: ``missing``, ``payload``,
    ``hash``.
    """
    previous = START
    for place, row in enumerate(events, 1):
        header: Header = (row[1], row[0], row[2], row[3], row[4], row[5], row[6], row[7], row[8])
        salt, payload, digest, hash = row[9:13]
        if row[2] != place:
            return place, "missing"
        if (salt is None) != (payload is None) or (salt is not None and payload_digest(salt, payload) != digest):
            return place, "payload"
        if event_hash(previous, header, digest) != hash:
            return place, "hash"
        previous = hash
    return None


@dataclass(frozen=True)
class SeriesState:
    """Numbers of one series, as records have them and as its counter says."""

    name: str
    count: int
    most: int
    #: The counter's value; 0 where there is none.
    drawn: int


def erased_histories(reading: Transaction, organisation: str) -> list[tuple[str, int]]:
    """Return (record, sequence of its last erased event) of every history of which something was erased."""
    return [(row[0], int(row[1])) for row in reading.rows(_erased, {"organisation": organisation})]


def number_series(reading: Transaction, organisation: str) -> list[SeriesState]:
    """Return every series from which a record has its number, or a counter has drawn."""
    bound = {"organisation": organisation}
    drawn = {row[0]: row[1] for row in reading.rows(_counters, bound)}
    used = {row[0]: SeriesState(row[0], row[1], row[3], drawn.get(row[0], 0)) for row in reading.rows(_series, bound)}
    unused = {name: SeriesState(name, 0, 0, value) for name, value in drawn.items() if name not in used}
    return [series for _, series in sorted((used | unused).items())]


def records_told_of(reading: Transaction, organisation: str) -> list[str]:
    """Return the records that acts tell of and that do not exist, at most 100."""
    act = tables.act.c
    # Where its history is left, that is told as such.
    there = sa.exists().where(_r.organisation == act.organisation, _r.id == act.subject)
    told = sa.exists().where(_e.organisation == act.organisation, _e.record == act.subject)
    found = (
        select(act.subject)
        .where(act.organisation == organisation, act.kind.in_(("event", "begun")), ~there, ~told)
        .distinct()
        .order_by(act.subject)
        .limit(MOST_ORPHANS)
    )
    return [row[0] for row in reading.rows(found, {})]


#: Table → (its column that holds a record's id, its column that names the row).
POINTING: Mapping[str, tuple[str, str]] = {
    "event": ("record", "record"),
    "edge": ("record", "record"),
    "unique_value": ("record", "path"),
    "search_entry": ("record", "record"),
    "intent": ("record", "key"),
    "notification": ("record", "id"),
    "outbox": ("record", "id"),
    "timer": ("record", "key"),
    "approval": ("record", "action"),
    "task": ("record", "user"),
}
#: What a discarded record leaves: its history, and that what was asked about it was done.
LEFT_BEHIND = ("event", "intent")


def orphans(reading: Transaction, organisation: str, name: str) -> list[tuple[str, str]]:
    """Return (name of the row, missing record) of rows of a table whose record does not exist, at most 100."""
    table: Any = tables.metadata.tables[name]
    pointer, named = POINTING[name]
    there = sa.exists().where(_r.organisation == table.c.organisation, _r.id == table.c[pointer])
    left = table.c[pointer].in_(_discarded) if name in LEFT_BEHIND else sa.false()
    found = (
        select(table.c[named], table.c[pointer])
        .where(table.c.organisation == organisation, table.c[pointer].is_not(None), ~there, ~left)
        .distinct()
        .order_by(table.c[named])
        .limit(MOST_ORPHANS)
    )
    return [(row[0], row[1]) for row in reading.rows(found, {"in_organisation": organisation})]
