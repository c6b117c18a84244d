"""When the timers of a record are due, and the rows that say so, which each write of the record brings up to date.

Every write of a record works all its deadlines out anew from its values and compares them with the rows, so that
nothing has to be remembered that a deadline depends on. What happens when one is due is carried out by `due_timer`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from blankett.engine.calendar import Calendar, Length, advance_plainly, read_length
from blankett.engine.feel.temporal import months_later, widened
from blankett.engine.feel.values import YearsMonths
from blankett.engine.language.model import Timer, TimerLength
from blankett.engine.records.read.timeline import state_of
from blankett.engine.records.record_change import Work
from blankett.engine.records.unit_of_work import Unit
from blankett.engine.records.write.approvals import approval_timers
from blankett.engine.store import Writing
from blankett.engine.store.timers import TimerRow, drop_timers, put_timer, record_timers

#: Events that are looked back over for the one that led a record into its state.
MOST_MOVES = 50
#: How many timers may let each other begin, one after another, each due within a moment of the last.
DEEPEST = 10
AT_ONCE = timedelta(minutes=1)
#: Why a timer is not done any more that others let begin again and again.
GOES_ROUND = "timers.why_goes_round"


@dataclass(frozen=True)
class Deadline:
    """When a timer is due."""

    #: The moment it counts from. UTC, as all of them.
    since: datetime
    due: datetime
    #: The calendars that were asked.
    calendars: frozenset[str]


# When a timer is due --------------------------------------------------------------------------------------------------


def deadline_of(unit: Unit, work: Work, timer: Timer, since: datetime | None) -> Deadline | None:
    """Return when a timer of a record is due as its values are now; None where nothing says so. *since*: when it began
    to run, of one that counts from that.
    """
    return _Reckoning(unit, work, timer).deadline(since)


def next_due(unit: Unit, work: Work, timer: Timer, last: datetime, now: datetime) -> datetime | None:
    """Return when a timer that was due at *last* is due again; never in the past, so that nothing is made up for."""
    assert timer.repeat is not None
    reckoning, every = _Reckoning(unit, work, timer), timer.repeat.every.length
    assert every is not None
    found = reckoning.advance(last, every)
    return reckoning.advance(now, every) if found is not None and found <= now else found


class _Reckoning:
    """Reckons the deadline of one timer of one record."""

    def __init__(self, unit: Unit, work: Work, timer: Timer) -> None:
        self.unit, self.work, self.timer = unit, work, timer
        self.asked: set[str] = set()
        places = unit.catalog.places
        #: Days begin where the record is.
        self.here = places.zone(work.record.workspace)
        moment = unit.linked.moment
        self.moment = replace(moment, zone=self.here, calendar=self.calendar)

    def calendar(self, key: str) -> Calendar | None:
        """Return a calendar, and remember that it was asked."""
        self.asked.add(key)
        return self.unit.calendars(key)

    @property
    def zone(self) -> ZoneInfo:
        """Return the zone in which the timer's days are: its calendar's, else the record's."""
        found = self.calendar(self.timer.calendar) if self.timer.calendar is not None else None
        return found.zone if found is not None else self.here

    def deadline(self, since: datetime | None) -> Deadline | None:
        """Return the deadline, or None."""
        start = since if self.timer.runs_by_state else self._start()
        found = self._after(start) if start is not None else None
        if start is None or found is None:
            return None
        if self.timer.time is not None:
            day = found.astimezone(self.zone).date()
            found = self._at_clock(day)
            if self.timer.runs_by_state and found < start:  # that time has passed on the day it would be
                found = self._at_clock(day + timedelta(days=1))
        return Deadline(start.astimezone(UTC), found.astimezone(UTC), frozenset(self.asked))

    def _start(self) -> datetime | None:
        """Return the moment that the record's values say it counts from."""
        timer = self.timer
        if timer.field is not None:
            value: Any = self.work.situation.names.get(timer.field)
        elif timer.at is not None:
            value = timer.at.compiled.evaluate(self.work.situation.names_for(timer.at), self.moment)
        else:
            value = None
        if isinstance(value, datetime):
            return value if value.tzinfo is not None else value.replace(tzinfo=self.here)
        return self._at_clock(value) if isinstance(value, date) else None

    def _at_clock(self, day: date) -> datetime:
        """Return when a day has come as far as the timer's time of day."""
        return datetime.combine(day, self.timer.time or time(), self.zone).astimezone(UTC)

    def _after(self, start: datetime) -> datetime | None:
        timer = self.timer
        if timer.before is not None:
            return self._later(start, timer.before, -1)
        return self._later(start, timer.after, 1) if timer.after is not None else start

    def _later(self, start: datetime, lasts: TimerLength, sign: int) -> datetime | None:
        if lasts.formula is None:
            return self.advance(start, lasts.length, sign) if lasts.length is not None else None
        value: Any = lasts.formula.compiled.evaluate(self.work.situation.names_for(lasts.formula), self.moment)
        try:
            if isinstance(value, timedelta):
                return start.astimezone(UTC) + sign * value
            if isinstance(value, YearsMonths):
                found: Any = months_later(widened(start.astimezone(self.zone)), sign * value.total)
                return found if isinstance(found, datetime) else None
        except OverflowError:
            return None
        length = read_length(value) if isinstance(value, str) else None
        return self.advance(start, length, sign) if length is not None else None

    def advance(self, start: datetime, length: Length, sign: int = 1) -> datetime | None:
        """Return when a length has passed since *start*; with *sign* -1 when it had to begin."""
        signed = length if sign == 1 else -length
        calendar = self.calendar(self.timer.calendar) if self.timer.calendar is not None else None
        if calendar is not None:
            return calendar.advance(start, signed)
        return None if length.is_working else advance_plainly(start, signed, self.here)


# The rows -------------------------------------------------------------------------------------------------------------


def put_timers(
    writing: Writing,
    unit: Unit,
    work: Work,
    *,
    others: bool = False,
    moved: bool = False,
    recounted: bool = False,
) -> None:
    """Bring the rows of a record's timers up to date with what it is now.

    *others*: there may be rows although its form has no timers. *moved*: it came from another version. *recounted*:
    nothing of it is otherwise, only a calendar: what was done is not done again.
    """
    timers = work.process.form.timers
    if not timers and not others and not work.process.form.approvals:
        return
    found = record_timers(writing, unit.actor.organisation, work.id) if work.before is not None else ()
    rows = {row.key: row for row in found}
    kept: list[tuple[TimerRow, TimerRow | None]] = []
    for timer in timers.values():
        row = rows.pop(timer.key, None) or rows.pop(timer.was or "", None)
        wanted = _wanted(writing, unit, work, timer, row, moved=moved)
        if wanted is not None and recounted and row is not None and row.round and row.state != "pending":
            wanted = row
        if wanted is None:
            if row is not None:
                rows[row.key] = row
        elif wanted != row:
            kept.append((wanted, row))
    kept += [pair for pair in approval_timers(unit, work, rows) if pair[0] != pair[1]]
    drop_timers(writing, rows.values())
    for wanted, row in kept:
        put_timer(writing, wanted, row)


def _wanted(
    writing: Writing, unit: Unit, work: Work, timer: Timer, row: TimerRow | None, *, moved: bool
) -> TimerRow | None:
    """Return the row a timer is to have; None where it does not run."""
    if not timer.lives_in(work.process.form.states.get(work.record.state or "")):
        return None
    is_fresh = timer.key in work.started or (not moved and _was_left(work, timer))
    if is_fresh:
        row = None
    elif row is None and timer.is_started:
        return None
    elif row is not None and work.fired is not None and work.fired.key == timer.key:
        row = _advanced(unit, work, timer, row)
    since = _since(writing, unit, work, timer, row, is_fresh=is_fresh) if timer.runs_by_state else None
    deadline = deadline_of(unit, work, timer, since)
    if deadline is None:
        return _suspended(timer, row)
    if row is not None and row.state == "over":
        row = _taken_up(unit, work, timer, row)
    if row is None:
        row = _begun(unit, work, timer, deadline)
    else:
        row = replace(_moved(unit, replace(row, key=timer.key), deadline), calendars=deadline.calendars)
    return replace(row, state="stopped") if timer.key in work.stopped and row.state == "pending" else row


def _begun(unit: Unit, work: Work, timer: Timer, deadline: Deadline) -> TimerRow:
    """Return the row of a timer that begins to run."""
    begun = TimerRow(
        organisation=unit.actor.organisation,
        record=work.id,
        key=timer.key,
        since=deadline.since,
        due_at=deadline.due,
        look_at=deadline.due,
        calendars=deadline.calendars,
    )
    return _let_begin(unit, begun)


def _let_begin(unit: Unit, row: TimerRow) -> TimerRow:
    """Return the row of a timer that is due at a moment it was not due at before: by another timer's or its own doing
    at once, over and over, it has failed.
    """
    fired = unit.fired
    depth = fired.depth + 1 if fired is not None and row.look_at <= unit.now + AT_ONCE else 0
    row = replace(row, depth=depth)
    return replace(row, state="failed", reason=GOES_ROUND) if depth > DEEPEST else row


def _advanced(unit: Unit, work: Work, timer: Timer, row: TimerRow) -> TimerRow:
    """Return the row of a timer that was due, as it goes on."""
    due = None
    if timer.repeat is not None and row.round < timer.repeat.most:
        due = next_due(unit, work, timer, row.look_at, unit.now)
    done = replace(row, round=row.round + 1, tries=0, reason="", detail="")
    return replace(done, state="over") if due is None else replace(done, look_at=due.astimezone(UTC))


def _suspended(timer: Timer, row: TimerRow | None) -> TimerRow | None:
    """Return what is kept of a timer that nothing says the day of now, since the clock it hangs on is paused: that it
    was done or stopped, which holds when there is a day again.
    """
    if row is None or not (row.round or row.state == "stopped"):
        return None
    return replace(row, key=timer.key, state="stopped" if row.state == "stopped" else "over")


def _taken_up(unit: Unit, work: Work, timer: Timer, row: TimerRow) -> TimerRow:
    """Return the row of a timer that was suspended before it was done as often as it is to be: it goes on."""
    if timer.repeat is None or row.round > timer.repeat.most:
        return row
    due = next_due(unit, work, timer, unit.now, unit.now)
    return row if due is None else replace(row, state="pending", look_at=due.astimezone(UTC))


def _moved(unit: Unit, row: TimerRow, deadline: Deadline) -> TimerRow:
    """Return the row of a timer that runs as it is to be with a deadline.

    What was done for the last one is done again only for one that is still to come. What failed is tried again, since
    the record is another now.
    """
    is_same = (row.since, row.due_at) == (deadline.since, deadline.due)
    has_failed = bool(row.reason)
    if is_same and not has_failed:
        return row
    if row.reason == GOES_ROUND and unit.fired is not None:
        return row
    moved = replace(row, since=deadline.since, due_at=deadline.due)
    is_done = row.round > 0 and deadline.due <= unit.now
    if row.state == "stopped" or (is_done and not has_failed):
        return moved
    look_at = unit.now if is_done or is_same else deadline.due
    rounds = row.round if is_done or is_same else 0
    renewed = replace(moved, state="pending", look_at=look_at, round=rounds, tries=0, reason="", detail="")
    return _let_begin(unit, renewed)


def _was_left(work: Work, timer: Timer) -> bool:
    """Tell whether a record that is in a state of the timer was in none on the way, by this command."""
    if timer.states is None or work.before is None:
        return False
    return any(state not in timer.states for state in (work.before.state, *work.visited))


def _since(writing: Writing, unit: Unit, work: Work, timer: Timer, row: TimerRow | None, *, is_fresh: bool) -> datetime:
    """Return since when a timer runs that counts from when the record came into its states, or was started."""
    if row is not None:
        return row.since
    if is_fresh or work.before is None or timer.states is None:
        return unit.now
    return _entered_at(writing, unit, work, timer.states)


def _entered_at(writing: Writing, unit: Unit, work: Work, states: Iterable[str]) -> datetime:
    """Return when a record came into the states it is in, as its history tells."""
    found = None
    for event in writing.moves(unit.actor.organisation, work.id, MOST_MOVES):
        state = state_of(event)
        if state is None:
            continue
        if found is not None and state not in states:  # the last one is the record's, whatever it was called then
            break
        found = event.at
    return found or work.record.created_at
