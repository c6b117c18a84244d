"""Timers that run: a row for each of a record, written in the transaction that writes the record.

Functions on an open transaction. When a timer is due is worked out by `records.write.timers`; here it is only kept,
found by when it is to be looked at, and counted.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import bindparam, delete, func, insert, select, update

from blankett.engine.store import tables
from blankett.engine.store.timestamps import read_moment, write_moment
from blankett.engine.store.transaction import Row, Transaction

#: pending: waits for its time · over: was done as often as it is to be · stopped: by an effect · failed: could not be
#: done as often as it is tried.
TimerState = Literal["pending", "over", "stopped", "failed"]
#: Counting what pends stops here.
COUNT_CAP = 10_000


@dataclass(frozen=True, kw_only=True)
class TimerRow:
    """A timer of a record, and how far it is."""

    organisation: str
    record: str
    #: The key of the timer in the version that the record lives by.
    key: str
    state: TimerState = "pending"
    #: The moment it counts from, and the one it is due by that: the first time, where it is repeated.
    since: datetime
    due_at: datetime
    #: When it is looked at next: when it is due, due again, or to be tried again.
    look_at: datetime
    #: How many times it was due and looked at since it began to run.
    round: int = 0
    #: How many timers let it begin, one after another, each at once.
    depth: int = 0
    #: Attempts since it was done last.
    tries: int = 0
    #: The calendars that its moment was counted in.
    calendars: frozenset[str] = frozenset()
    #: Why it failed the last time: the id of a sentence, and what it says literally.
    reason: str = ""
    detail: str = ""


_t = tables.timer.c
_columns = (
    _t.organisation, _t.record, _t.key, _t.state, _t.since, _t.due_at, _t.look_at, _t.round, _t.depth, _t.tries,
    _t.calendars, _t.reason, _t.detail,
)  # fmt: skip
_here = _t.organisation == bindparam("in_organisation")
_this = (_here, _t.record == bindparam("of_record"), _t.key == bindparam("of_key"))
_of_record = select(*_columns).where(_here, _t.record == bindparam("of_record")).order_by(_t.key)
_locked = select(*_columns).where(*_this).with_for_update()
_in_state = (
    select(*_columns)
    .where(_here, _t.state == bindparam("in_state"))
    .order_by(_t.look_at, _t.record, _t.key)
    .limit(bindparam("most"))
)
_due = (
    select(*_columns)
    .where(_here, _t.state == "pending", _t.look_at <= bindparam("until"))
    .order_by(_t.look_at, _t.record, _t.key)
    .limit(bindparam("most"))
)
_counted = select(_t.record).where(_here, _t.state == bindparam("in_state")).limit(COUNT_CAP).subquery()
_count = select(func.count()).select_from(_counted)
_by_calendar = (
    select(_t.record)
    .where(
        _here, _t.state == "pending", _t.calendars.like(bindparam("named"), escape="!"), _t.record > bindparam("after")
    )
    .distinct()
    .order_by(_t.record)
    .limit(bindparam("most"))
)
_count_by_calendar = select(func.count()).where(
    _here, _t.state == "pending", _t.calendars.like(bindparam("named"), escape="!")
)
_insert = insert(tables.timer)
_update = update(tables.timer).where(*_this)
_delete = delete(tables.timer).where(*_this)
_delete_all = delete(tables.timer).where(_here, _t.record == bindparam("of_record"))


def record_timers(reading: Transaction, organisation: str, record: str) -> list[TimerRow]:
    """Return the timers of a record, whatever state they are in."""
    return [_row_of(row) for row in reading.rows(_of_record, {"in_organisation": organisation, "of_record": record})]


def lock_timer(writing: Transaction, organisation: str, record: str, key: str) -> TimerRow | None:
    """Return a timer that nobody else can change until this transaction ends; None where it runs no more."""
    row = writing.first(_locked, {"in_organisation": organisation, "of_record": record, "of_key": key})
    return None if row is None else _row_of(row)


def due_timers(reading: Transaction, organisation: str, now: datetime, most: int) -> list[TimerRow]:
    """Return timers that are due, those first that have been so longest."""
    bound = {"in_organisation": organisation, "until": write_moment(now), "most": most}
    return [_row_of(row) for row in reading.rows(_due, bound)]


def timers_in_state(reading: Transaction, organisation: str, state: TimerState, most: int) -> list[TimerRow]:
    """Return timers of one state, by when they are looked at."""
    bound = {"in_organisation": organisation, "in_state": state, "most": most}
    return [_row_of(row) for row in reading.rows(_in_state, bound)]


def count_timers(reading: Transaction, organisation: str, state: TimerState) -> int:
    """Return how many timers are in a state, `COUNT_CAP` at most."""
    row = reading.first(_count, {"in_organisation": organisation, "in_state": state})
    return 0 if row is None else int(row[0])


def records_timed_by(reading: Transaction, organisation: str, calendar: str, after: str, most: int) -> list[str]:
    """Return records behind the id *after* with timers that count in a calendar, in order."""
    bound = {"in_organisation": organisation, "named": _named(calendar), "after": after, "most": most}
    return [str(row[0]) for row in reading.rows(_by_calendar, bound)]


def count_timed_by(reading: Transaction, organisation: str, calendar: str) -> int:
    """Return how many timers that wait count in a calendar."""
    row = reading.first(_count_by_calendar, {"in_organisation": organisation, "named": _named(calendar)})
    return 0 if row is None else int(row[0])


def put_timer(writing: Transaction, timer: TimerRow, before: TimerRow | None) -> None:
    """Write a timer over what it was *before*."""
    values = _values_of(timer)
    if before is None:
        row = {"organisation": timer.organisation, "record": timer.record, "key": timer.key, **values}
        writing.do("timer.insert", _insert, row)
        return
    bound = {"in_organisation": timer.organisation, "of_record": timer.record, "of_key": before.key}
    writing.do("timer.update", _update, {"key": timer.key, **values, **bound})


def drop_timers(writing: Transaction, rows: Iterable[TimerRow]) -> None:
    """Remove timers: they run no more."""
    for row in rows:
        bound = {"in_organisation": row.organisation, "of_record": row.record, "of_key": row.key}
        writing.do("timer.delete", _delete, bound)


def drop_timers_of(writing: Transaction, organisation: str, record: str) -> None:
    """Remove all timers of a record."""
    writing.do("timer.delete", _delete_all, {"in_organisation": organisation, "of_record": record})


def _named(calendar: str) -> str:
    """Return the pattern of texts that name a calendar, whose key may hold the sign for any letter."""
    return f"% {calendar.replace('_', '!_')} %"


def _values_of(timer: TimerRow) -> dict[str, Any]:
    return {
        "state": timer.state,
        "since": write_moment(timer.since),
        "due_at": write_moment(timer.due_at),
        "look_at": write_moment(timer.look_at),
        "round": timer.round,
        "depth": timer.depth,
        "tries": timer.tries,
        "calendars": "".join(f" {key}" for key in sorted(timer.calendars)) + " ",
        "reason": timer.reason,
        "detail": timer.detail,
    }


def _row_of(row: Row) -> TimerRow:
    return TimerRow(
        organisation=row[0], record=row[1], key=row[2], state=row[3], since=read_moment(row[4]),
        due_at=read_moment(row[5]), look_at=read_moment(row[6]), round=row[7], depth=row[8], tries=row[9],
        calendars=frozenset(row[10].split()), reason=row[11], detail=row[12],
    )  # fmt: skip
