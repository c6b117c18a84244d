"""Events: the history of a record, one immutable row per change, comment and migration.

A payload holds resulting values, not differences: laying events over each other gives the record.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import bindparam, insert, select, update

from blankett.engine.fields.base import Json
from blankett.engine.store import tables
from blankett.engine.store.json_text import NO_NAMES, write_json
from blankett.engine.store.seals import ERASED, EVENT, ActWriting
from blankett.engine.store.timestamps import read_moment, write_moment
from blankett.engine.store.transaction import Row, Transaction

#: What the first event of a record follows.
START = ""

#: Header values in a fixed order: organisation, record, sequence, at, actor, kind, action, version, cause.
Header = tuple[str, str, int, str, str, str, str | None, int, str]


def payload_digest(salt: str, payload: str) -> str:
    """Return the hex digest of a payload's text with its salt."""
    return hashlib.sha256(f"{salt}\n{payload}".encode()).hexdigest()


def event_hash(previous: str, header: Header, digest: str) -> str:
    """Return the hex hash of an event that follows the one with the hash *previous*."""
    return hashlib.sha256(f"{previous}\n{write_json(header)}\n{digest}".encode()).hexdigest()


EventKind = Literal["create", "change", "act", "comment", "migrate", "backfill", "erase", "discard", "timer", "decide"]
#: The kinds that can lead a record into another state.
MOVING: tuple[EventKind, ...] = ("create", "act", "migrate", "timer", "decide")

#: The keys of a payload that tell of something that gives the record its next revision.
RAISING = ("data", "record", "hidden", "filled", "actions", "approvals")

#: What happened, with the keys that `replay` lays: "data" (field → resulting stored value, tables whole), "record"
#: (property → resulting value: number, state, title, owner, assignee, department, workspace, version), "hidden" and
#: "filled" (whole lists). Each holds only what changed. Further keys ("inputs", "comment", "timer"…) are kept and not
#: looked at.
Payload = Mapping[str, Json]


@dataclass(frozen=True, kw_only=True)
class NewEvent:
    """Something that happened to a record and is to be appended to its history."""

    organisation: str
    record: str
    #: Aware.
    at: datetime
    #: The id of the user who did it, or caused it.
    actor: str
    kind: EventKind
    #: The key of the action, for `act`.
    action: str | None = None
    #: The version of the blueprint the record is pinned to now.
    version: int
    #: What caused it when it was not the actor's own doing: the event of another record, "record id/sequence".
    cause: str = ""
    payload: Payload


@dataclass(frozen=True, kw_only=True)
class StoredEvent:
    """One line of a record's history."""

    organisation: str
    record: str
    #: Counts from 1 within the record.
    sequence: int
    at: datetime
    actor: str
    kind: EventKind
    action: str | None
    version: int
    cause: str
    #: Empty when it was erased.
    payload: Payload
    erased: bool
    hash: str

    @property
    def raises_revision(self) -> bool:
        """Tell whether the event gave its record the next revision: comments and renewed titles do not."""
        if self.kind in ("comment", "backfill", "erase", "discard"):
            return False
        return self.erased or not self.payload.keys().isdisjoint(RAISING)


@dataclass
class Replayed:
    """What laying events over each other gives."""

    data: dict[str, Json] = field(default_factory=dict)
    hidden: frozenset[str] = NO_NAMES
    filled: frozenset[str] = NO_NAMES
    #: Property → value: state, number, title, owner, assignee, department, workspace, version.
    record: dict[str, Json] = field(default_factory=dict)
    #: Fields that an erased event may have changed cannot be known any more.
    is_whole: bool = True


_e = tables.event.c
_COLUMNS = (
    _e.organisation, _e.record, _e.sequence, _e.at, _e.actor, _e.kind, _e.action, _e.version, _e.cause, _e.payload,
    _e.hash,
)  # fmt: skip
_place = (_e.organisation == bindparam("in_organisation"), _e.record == bindparam("of_record"))
_last = select(_e.sequence, _e.hash).where(*_place).order_by(_e.sequence.desc()).limit(1)
_newest = select(*_COLUMNS).where(*_place).order_by(_e.sequence.desc())
_page = _newest.where(_e.sequence < bindparam("before")).limit(bindparam("limit"))
_moves = _newest.where(_e.kind.in_(MOVING)).limit(bindparam("limit"))
_of_others = tables.record.c
#: What one person did to the records of another, the newest first.
_on_records_of = (
    select(_e.record, _e.at, _e.version, _e.action)
    .join(tables.record, (_of_others.organisation == _e.organisation) & (_of_others.id == _e.record))
    .where(
        _e.organisation == bindparam("in_organisation"),
        (_of_others.assignee == bindparam("owner")) | (_of_others.owner == bindparam("owner")),
        _e.actor == bindparam("of_actor"),
        _e.kind.in_(("act", "change")),
        _e.at >= bindparam("since"),
        _e.at < bindparam("until"),
    )
    .order_by(_e.at.desc(), _e.record, _e.sequence.desc())
    .limit(bindparam("limit"))
)
_insert = insert(tables.event)
_erase = update(tables.event).where(*_place, _e.sequence == bindparam("at_sequence")).values(payload=None, salt=None)


def replay(events: Iterable[StoredEvent]) -> Replayed:
    """Return the record that *events*, oldest first, lead to."""
    result = Replayed()
    for event in events:
        result.is_whole = result.is_whole and not event.erased
        _lay(result, event.payload)
    return result


def _lay(result: Replayed, payload: Payload) -> None:
    data = payload.get("data")
    if isinstance(data, dict):
        result.data.update(data)
    properties = payload.get("record")
    if isinstance(properties, dict):
        result.record.update(properties)
    for name in ("hidden", "filled"):
        names = payload.get(name)
        if isinstance(names, list):
            setattr(result, name, frozenset(map(str, names)))


class EventReading(Transaction):
    """Reads histories. Asks nobody whether the reader may."""

    def events_on_records_of(
        self, organisation: str, owner: str, actor: str, since: datetime, until: datetime, limit: int
    ) -> list[tuple[str, datetime, int, str | None]]:
        """Return (record, moment, version, action) of what *actor* did to records that are owned by, or assigned to,
        *owner*; the newest first.
        """
        bound = {
            "in_organisation": organisation, "owner": owner, "of_actor": actor, "since": write_moment(since),
            "until": write_moment(until), "limit": limit,
        }  # fmt: skip
        return [(row[0], read_moment(row[1]), row[2], row[3]) for row in self.rows(_on_records_of, bound)]

    def events(
        self, organisation: str, record: str, before: int | None = None, limit: int | None = None
    ) -> list[StoredEvent]:
        """Return the events of a record, newest first: at most *limit*, of those before the sequence *before*."""
        bound: dict[str, object] = {"in_organisation": organisation, "of_record": record}
        if before is None and limit is None:
            return [from_row(row) for row in self.rows(_newest, bound)]
        most = 2**62
        bound.update(before=most if before is None else before, limit=most if limit is None else limit)
        return [from_row(row) for row in self.rows(_page, bound)]

    def moves(self, organisation: str, record: str, limit: int) -> list[StoredEvent]:
        """Return the events of a record that can have led it into another state, newest first: at most *limit*."""
        bound = {"in_organisation": organisation, "of_record": record, "limit": limit}
        return [from_row(row) for row in self.rows(_moves, bound)]


class EventWriting(EventReading, ActWriting):
    """Appends to histories."""

    #: Returns a new random text; set by the store.
    new_salt: Any = None

    def append_event(self, event: NewEvent) -> StoredEvent:
        """Append *event* to its record's history, give it its sequence number and chain it to the one before."""
        sequence, previous = self._end(event)
        payload, salt = write_json(event.payload), self.new_salt()
        header = _header(event, sequence)
        digest = payload_digest(salt, payload)
        hash = event_hash(previous, header, digest)
        row = dict(zip(HEADER, header, strict=True))
        self.do("event.insert", _insert, {**row, "salt": salt, "payload": payload, "digest": digest, "hash": hash})
        self.note(
            event.organisation, EVENT, event.record, f"{sequence} {hash}", at=write_moment(event.at), by=event.actor
        )
        return StoredEvent(**{**event.__dict__, "sequence": sequence, "hash": hash, "erased": False})

    def _end(self, event: NewEvent) -> tuple[int, str]:
        if event.kind == "create":
            return 1, START
        row = self.first(_last, {"in_organisation": event.organisation, "of_record": event.record})
        return (1, START) if row is None else (row[0] + 1, row[1])

    def erase_event(self, organisation: str, record: str, sequence: int) -> bool:
        """Take payload and salt of an event away for ever; its place in the chain stays. False: no such event."""
        bound = {"in_organisation": organisation, "of_record": record, "at_sequence": sequence}
        is_there = self.do("event.erase", _erase, bound) == 1
        if is_there:
            self.note(organisation, ERASED, record, str(sequence))
        return is_there


#: The names of a Header's values.
HEADER = ("organisation", "record", "sequence", "at", "actor", "kind", "action", "version", "cause")


def _header(event: NewEvent, sequence: int) -> Header:
    return (
        event.organisation, event.record, sequence, write_moment(event.at), event.actor,
        event.kind, event.action, event.version, event.cause,
    )  # fmt: skip


def from_row(row: Row) -> StoredEvent:
    """Return the event of a row."""
    return StoredEvent(
        organisation=row[0],
        record=row[1],
        sequence=row[2],
        at=read_moment(row[3]),
        actor=row[4],
        kind=row[5],
        action=row[6],
        version=row[7],
        cause=row[8],
        payload={} if row[9] is None else json.loads(row[9]),
        erased=row[9] is None,
        hash=row[10],
    )
