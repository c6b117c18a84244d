"""One run of a clock: a time within which something is to be done, that stands still while others are waited for.

What is kept is moments: when it began, by when it is due, since when it is paused, when it stopped. What was paused
puts off when it is due by as much working time, or by as much plain time where the clock counts that. A calendar that
is None is gone: then what it counted is counted in plain time.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from blankett.engine.calendar.calendar import Calendar
from blankett.engine.calendar.length import Length, advance_plainly

RunState = Literal["running", "paused", "stopped"]

_NO_TIME = timedelta(0)


@dataclass(frozen=True, slots=True)
class ClockRun:
    """When a clock began, and what became of it. Moments are in UTC, to the second."""

    began: datetime
    #: By when it is due if it goes on now; where it is paused, as if it had gone on then.
    due: datetime
    paused: datetime | None = None
    stopped: datetime | None = None
    #: How long it was paused before, as it counts time.
    held: timedelta = _NO_TIME
    #: Whether it counts the working time of its calendar, and not plain time.
    in_working_time: bool = False

    @property
    def state(self) -> RunState:
        """Return whether it runs."""
        return "stopped" if self.stopped is not None else "paused" if self.paused is not None else "running"

    @property
    def runs_until(self) -> datetime | None:
        """Return when it is due; None while nothing is, because it is paused or has stopped."""
        return self.due if self.state == "running" else None

    @property
    def is_kept(self) -> bool | None:
        """Tell whether it stopped in time; None before."""
        return None if self.stopped is None else self.stopped <= self.due

    # What becomes of it -----------------------------------------------------------------------------------------------

    def pause(self, now: datetime) -> ClockRun:
        """Return it standing still from now on."""
        return replace(self, paused=_second(now))

    def resume(self, now: datetime, calendar: Calendar | None) -> ClockRun:
        """Return it going on now, where it is paused."""
        if self.paused is None:
            return self
        pause = self._between(self.paused, _second(now), calendar)
        return replace(self, paused=None, held=self.held + pause, due=self._later(self.due, pause, calendar))

    def stop(self, now: datetime) -> ClockRun:
        """Return it at its end; one that is paused ends where it was paused."""
        return replace(self, paused=None, stopped=self.paused or _second(now))

    def renew(self, length: Length, calendar: Calendar | None, zone: ZoneInfo) -> ClockRun:
        """Return it due as *length* says, which may be another than when it began."""
        renewed = begin_run(self.began, length, calendar, zone)
        if renewed is None:
            return self
        held = replace(self, in_working_time=renewed.in_working_time)
        return replace(held, due=held._later(renewed.due, self.held, calendar))

    # Measuring --------------------------------------------------------------------------------------------------------

    def left(self, now: datetime, calendar: Calendar | None) -> timedelta:
        """Return how much time is left, below zero where it is late; of one that stopped, what was left then."""
        return self._between(self.stopped or self.paused or now, self.due, calendar)

    def share_used(self, now: datetime, calendar: Calendar | None) -> float:
        """Return which share of its time is used: 0.75 of eight hours after six."""
        whole = self._between(self.began, self.due, calendar) - self.held
        return 1.0 if whole <= _NO_TIME else 1 - self.left(now, calendar) / whole

    def _between(self, start: datetime, end: datetime, calendar: Calendar | None) -> timedelta:
        counted = calendar.time_between(start, end) if calendar is not None and self.in_working_time else None
        return end - start if counted is None else counted

    def _later(self, moment: datetime, time: timedelta, calendar: Calendar | None) -> datetime:
        if not time:
            return moment
        counted = calendar.add_time(moment, time) if calendar is not None and self.in_working_time else None
        return moment + time if counted is None else _second(counted)


def begin_run(now: datetime, length: Length, calendar: Calendar | None, zone: ZoneInfo) -> ClockRun | None:
    """Return a run of *length* that begins now; None where no calendar knows when it is due.

    *zone*: where its days begin without a calendar.
    """
    began = _second(now)
    if calendar is not None:
        due = calendar.advance(began, length)
    else:
        due = None if length.is_working else advance_plainly(began, length, zone)
    return None if due is None else ClockRun(began, _second(due), in_working_time=length.is_working)


def _second(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(microsecond=0)
