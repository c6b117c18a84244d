"""Reads records that may wait for somebody, by a condition that access and guards were put into.

What a task is, and whose, is decided by `blankett.engine.records.read.inbox`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

import sqlalchemy as sa

from blankett.engine.feel.sql import Condition
from blankett.engine.language.model import Form
from blankett.engine.store import tables
from blankett.engine.store.candidates import states_of, unindexed
from blankett.engine.store.conditions import all_of, is_never
from blankett.engine.store.query import rows_of
from blankett.engine.store.records import COLUMNS, WIDTH, StoredRecord, from_row
from blankett.engine.store.timestamps import read_moment
from blankett.engine.store.transaction import Row, Transaction, pieces

_r = tables.record.c
_e = tables.event.c
_MOST = sa.bindparam("most", type_=sa.Integer())
#: The last event of each record in which somebody made it or took an action on it.
_last_steps = (
    sa.select(_e.record, sa.func.max(_e.sequence).label("sequence"))
    .where(
        _e.organisation == sa.bindparam("organisation"),
        _e.record.in_(sa.bindparam("records", expanding=True)),
        _e.kind.in_(("create", "act")),
    )
    .group_by(_e.record)
    .subquery()
)
_handed_on = sa.select(_e.record, _e.actor, _e.at).join(
    _last_steps,
    sa.and_(
        _e.organisation == sa.bindparam("organisation"),
        _e.record == _last_steps.c.record,
        _e.sequence == _last_steps.c.sequence,
    ),
)


@dataclass(frozen=True)
class Waiting:
    """Which records of a version of a form wait: state → where those in it do. Each state follows its own index."""

    organisation: str
    form: Form
    version: int
    conditions: Mapping[str, Condition]
    #: State → action → where it is open, for all actions out of the state; no entry where not everything can be told.
    open_actions: Mapping[str, Mapping[str, Condition]] = field(default_factory=dict)

    @cached_property
    def counts(self) -> tuple[sa.Select[Any], ...]:
        """Return what counts those that wait in each state, up to `most`. Kept: a statement asked again costs less."""
        found = (self._in_state(state, _r.id).limit(_MOST).subquery() for state in self.states)
        return tuple(sa.select(sa.func.count()).select_from(each) for each in found)

    @cached_property
    def longest(self) -> sa.Select[Any] | None:
        """Return what reads those that wait, the longest unchanged first, up to `most`; behind each record, as the bits
        of a number, which of its `open_actions` are open. Only of those that are read, the whole row is looked up.
        """
        parts = [
            self._in_state(state, _r.changed_at, _r.id, self._bits(state).label("bits"))
            .order_by(_r.changed_at, _r.id)
            .limit(_MOST)
            .subquery()
            for state in self.states
        ]
        if not parts:
            return None
        every = sa.union_all(*(sa.select(part) for part in parts)).subquery()
        first = sa.select(every).order_by(every.c.changed_at, every.c.id).limit(_MOST).subquery()
        here = sa.and_(_r.organisation == self.organisation, _r.id == first.c.id)
        read = sa.select(*COLUMNS, first.c.bits).select_from(first.join(tables.record, here))
        return read.order_by(first.c.changed_at, first.c.id)

    def _bits(self, state: str) -> sa.ColumnElement[int]:
        """Return the number whose bits say of each action out of *state* whether it is open."""
        found: sa.ColumnElement[int] = sa.literal(0, sa.Integer())
        for place, condition in enumerate(self.open_actions.get(state, {}).values()):
            found = found + sa.case((condition, 1 << place), else_=0)
        return found

    @cached_property
    def states(self) -> tuple[str, ...]:
        """Return the states in which something may wait."""
        return tuple(state for state, condition in self.conditions.items() if not is_never(condition))

    def _in_state(self, state: str, *columns: sa.ColumnElement[Any]) -> sa.Select[Any]:
        """Return what reads those that wait in a state."""
        here = all_of(rows_of(self.organisation, self.form), _r.state == state, _r.version == self.version)
        return sa.select(*columns).where(here, unindexed(self.conditions[state]))


@dataclass(slots=True)
class WaitingRecord:
    """A record that waits, or may."""

    record: StoredRecord
    #: Keys of the actions that are open; None where the record itself must be asked.
    open_actions: frozenset[str] | None = None


@dataclass(slots=True)
class HandedOn:
    """Who made a record, or took the last action on it, and when."""

    actor: str
    at: datetime


class TaskReading(Transaction):
    """Reads what may wait for somebody."""

    def older_versions(self, organisation: str, form: Form, newest: int, ended: Collection[str]) -> frozenset[int]:
        """Return the versions before *newest* that records of *form* in a state not in *ended* live by: one look into
        the index for each state and version.
        """
        within = rows_of(organisation, form)
        states = [row[0] for row in self.rows(states_of(within), {}) if row[0] not in ended]
        after = sa.bindparam("after", type_=sa.BigInteger())
        lowest = sa.select(sa.func.min(_r.version)).where(within, _r.state == sa.bindparam("of_state"))
        lowest = lowest.where(_r.version > after)
        found: set[int] = set()
        for state in states:
            version = 0
            while (row := self.first(lowest, {"of_state": state, "after": version})) is not None and row[0]:
                version = int(row[0])
                found.add(version)
        return frozenset(found - {newest})

    def waiting_count(self, waiting: Waiting, most: int) -> int:
        """Return how many records are *waiting*, counted up to *most*."""
        number = 0
        for counting in waiting.counts:
            row = self.first(counting, {"most": most - number})
            number += 0 if row is None else int(row[0])
            if number >= most:
                break
        return number

    def waiting(self, waiting: Waiting, most: int) -> list[WaitingRecord]:
        """Return at most *most* records that are *waiting*, the longest unchanged first."""
        if waiting.longest is None:
            return []
        return [_waiting_record(row, waiting.open_actions) for row in self.rows(waiting.longest, {"most": most})]

    def handed_on(self, organisation: str, records: Iterable[str]) -> dict[str, HandedOn]:
        """Return who brought each of the *records* to where it is, and when, by id."""
        return {
            row[0]: HandedOn(row[1], read_moment(row[2]))
            for piece in pieces(sorted(set(records)))
            for row in self.rows(_handed_on, {"organisation": organisation, "records": piece})
        }


def _waiting_record(row: Row, open_actions: Mapping[str, Iterable[str]]) -> WaitingRecord:
    """Return the record of a row, with the actions that its bits say are open."""
    record = from_row(row)
    actions = open_actions.get(record.state or "")
    if actions is None:
        return WaitingRecord(record)
    return WaitingRecord(record, frozenset(action for place, action in enumerate(actions) if row[WIDTH] >> place & 1))
