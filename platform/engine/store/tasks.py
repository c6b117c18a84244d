"""Reads records that may wait for somebody, by a condition that access and guards were put into.

What a task is, and whose, is decided by `blankett.engine.records.read.inbox`.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.base import Executable

from blankett.engine.feel.sql import Condition
from blankett.engine.language.model import Form
from blankett.engine.store import tables
from blankett.engine.store.candidates import states_of, unindexed
from blankett.engine.store.query import rows_of
from blankett.engine.store.records import COLUMNS, WIDTH, StoredRecord, from_row
from blankett.engine.store.row_conditions import all_of, is_never
from blankett.engine.store.timestamps import read_moment, write_moment
from blankett.engine.store.transaction import Row, Transaction, pieces

_r = tables.record.c
_e = tables.event.c
#: What is told of a record that waits, in the order of `WaitingRecord`.
BRIEF = (_r.id, _r.title, _r.number, _r.state, _r.assignee, _r.changed_at)
_MOST = sa.bindparam("most", type_=sa.Integer())
_step = tables.event.alias("step").c
#: The last event of each record in which somebody made it or took an action on it.
_handed_on = sa.select(_e.record, _e.actor, _e.at).where(
    _e.organisation == sa.bindparam("organisation"),
    _e.record.in_(sa.bindparam("records", expanding=True)),
    _e.sequence
    == sa.select(sa.func.max(_step.sequence))
    .where(_step.organisation == _e.organisation, _step.record == _e.record, _step.kind.in_(("create", "act")))
    .scalar_subquery(),
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

    def narrowed(self, condition: Condition) -> Waiting:
        """Return those of them for which *condition* holds too."""
        return replace(self, conditions={state: all_of(each, condition) for state, each in self.conditions.items()})

    @cached_property
    def counts(self) -> tuple[sa.Select[Any], ...]:
        """Return what counts those that wait in each state, up to `most`. Kept: a statement asked again costs less.

        In the order of the index, which PostgreSQL would leave for a look through the table.
        """
        parts = (self._in_state(state, _r.changed_at).order_by(_r.changed_at) for state in self.states)
        found = (part.limit(_MOST).subquery() for part in parts)
        return tuple(sa.select(sa.func.count()).select_from(each) for each in found)

    def longest(self, columns: Sequence[sa.ColumnElement[Any]], *, limits_parts: bool) -> Executable | None:
        """Return what reads *columns* of those that wait, the longest unchanged first, up to `most`, and behind them
        which of its `open_actions` are open, as the bits of a number. None where none can wait.

        The index of waiting records has those of each state in order. SQLite puts them together as they come, and looks
        at as many as it gives; PostgreSQL follows the index only in a part that is limited by itself (*limits_parts*).
        """
        key = (columns, limits_parts)
        if key not in self._longest:
            self._longest[key] = self._made(columns, limits_parts=limits_parts)
        return self._longest[key]

    @cached_property
    def _longest(self) -> dict[Hashable, Executable | None]:
        """Return the statements that were made. Kept: a statement asked again costs less."""
        return {}

    def _made(self, columns: Sequence[sa.ColumnElement[Any]], *, limits_parts: bool) -> Executable | None:
        parts = [self._in_state(state, *columns, self._bits(state).label("bits")) for state in self.states]
        if len(parts) < 2:
            return parts[0].order_by(_r.changed_at, _r.id).limit(_MOST) if parts else None
        if limits_parts:
            ordered = (part.order_by(_r.changed_at, _r.id).limit(_MOST).subquery() for part in parts)
            parts = [sa.select(part) for part in ordered]
        every = sa.union_all(*parts)
        return every.order_by(every.selected_columns.changed_at, every.selected_columns.id).limit(_MOST)

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

    def opened_by(self, state: str | None, bits: int) -> frozenset[str] | None:
        """Return the actions out of *state* that the *bits* of a record say are open; None where they do not tell."""
        if (state, bits) not in self._opened:
            actions = self.open_actions.get(state or "")
            told = None if actions is None else [action for place, action in enumerate(actions) if bits >> place & 1]
            self._opened[state, bits] = None if told is None else frozenset(told)
        return self._opened[state, bits]

    @cached_property
    def _opened(self) -> dict[tuple[str | None, int], frozenset[str] | None]:
        """Return what bits were found to say: the same of many records."""
        return {}


@dataclass(slots=True)
class WaitingRecord:
    """A record that waits, or may."""

    id: str
    title: str
    number: str | None
    state: str | None
    assignee: str | None
    #: When it was last changed, as it is kept.
    changed_at: str
    #: Keys of the actions that are open; None where the record itself must be asked.
    open_actions: frozenset[str] | None
    #: The record with its values, where it was read whole.
    record: StoredRecord | None = None

    @property
    def waits_since(self) -> datetime:
        """Return when it was last changed."""
        return read_moment(self.changed_at)


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
        """Return at most *most* records that are *waiting*, the longest unchanged first, without their values."""
        rows = self._longest_waiting(waiting, BRIEF, most)
        return [
            WaitingRecord(id, title, number, state, assignee, changed_at, waiting.opened_by(state, bits))
            for id, title, number, state, assignee, changed_at, bits in rows
        ]

    def waiting_whole(self, waiting: Waiting, most: int) -> list[WaitingRecord]:
        """Return the same with the records themselves."""
        rows = self._longest_waiting(waiting, COLUMNS, most)
        return [_with_record(from_row(row), waiting, row[WIDTH]) for row in rows]

    def _longest_waiting(self, waiting: Waiting, columns: Sequence[sa.ColumnElement[Any]], most: int) -> Sequence[Row]:
        statement = waiting.longest(columns, limits_parts=self.dialect == "postgresql")
        return self.rows(statement, {"most": most}) if statement is not None else ()

    def handed_on(self, organisation: str, records: Iterable[str]) -> dict[str, HandedOn]:
        """Return who brought each of the *records* to where it is, and when, by id."""
        return {
            row[0]: HandedOn(row[1], read_moment(row[2]))
            for piece in pieces(sorted(set(records)))
            for row in self.rows(_handed_on, {"organisation": organisation, "records": piece})
        }


def _with_record(record: StoredRecord, waiting: Waiting, bits: int) -> WaitingRecord:
    told = record.id, record.title, record.number, record.state, record.assignee, write_moment(record.changed_at)
    return WaitingRecord(*told, waiting.opened_by(record.state, bits), record)
