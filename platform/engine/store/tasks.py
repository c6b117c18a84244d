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
    def longest(self) -> Mapping[str, sa.Select[Any]]:
        """Return by state what reads those that wait in it, the longest unchanged first, up to `most`; behind each
        record whether each of its `open_actions` is open.
        """
        return {
            state: self._in_state(state, *COLUMNS, *map(_is_met, self.open_actions.get(state, {}).values()))
            .order_by(_r.changed_at, _r.id)
            .limit(_MOST)
            for state in self.states
        }

    @cached_property
    def states(self) -> tuple[str, ...]:
        """Return the states in which something may wait."""
        return tuple(state for state, condition in self.conditions.items() if not is_never(condition))

    def _in_state(self, state: str, *columns: sa.ColumnElement[Any]) -> sa.Select[Any]:
        """Return what reads those that wait in a state."""
        here = all_of(rows_of(self.organisation, self.form), _r.state == state, _r.version == self.version)
        return sa.select(*columns).where(here, unindexed(self.conditions[state]))


def _is_met(condition: Condition) -> sa.ColumnElement[int]:
    """Return 1 where the condition holds, else 0."""
    return sa.case((condition, 1), else_=0)


@dataclass(frozen=True, slots=True)
class WaitingRecord:
    """A record that waits, or may."""

    record: StoredRecord
    #: Keys of the actions that are open; None where the record itself must be asked.
    open_actions: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
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
        found = [(state, row) for state, asked in waiting.longest.items() for row in self.rows(asked, {"most": most})]
        found.sort(key=lambda each: (each[1][_CHANGED_AT], each[1][_ID]))
        return [_waiting_record(row, waiting.open_actions.get(state)) for state, row in found[:most]]

    def handed_on(self, organisation: str, records: Iterable[str]) -> dict[str, HandedOn]:
        """Return who brought each of the *records* to where it is, and when, by id."""
        return {
            row[0]: HandedOn(row[1], read_moment(row[2]))
            for piece in pieces(sorted(set(records)))
            for row in self.rows(_handed_on, {"organisation": organisation, "records": piece})
        }


_CHANGED_AT, _ID = COLUMNS.index(_r.changed_at), COLUMNS.index(_r.id)


def _waiting_record(row: Row, actions: Iterable[str] | None) -> WaitingRecord:
    """Return the record of a row, with those of *actions* that the row says are open."""
    if actions is None:
        return WaitingRecord(from_row(row))
    told = zip(actions, row[WIDTH:], strict=True)
    return WaitingRecord(from_row(row), frozenset(action for action, is_open in told if is_open))
