"""Functions that count in working time, by a calendar that the moment brings along.

The compiler gives the calendar where the formula leaves it out. What the calendar does not know is null.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final, TypeVar

from blankett.engine.calendar import Calendar, meant_length, read_length
from blankett.engine.feel.budget import Run
from blankett.engine.feel.builtins.registry import overload
from blankett.engine.feel.temporal import AnyDate, AnyDateTime

T = TypeVar("T")

#: Steps that one answer is worth: a year's work may have to be laid out for it.
_STEPS: Final = 10
#: No calendar knows more working days than this.
_MOST_DAYS: Final = 40_000


def working_time(run: Run, start: AnyDate | AnyDateTime, end: AnyDate | AnyDateTime, name: str | None) -> timedelta:
    """Return the working time between two moments; a date is its midnight."""
    calendar = _calendar(run, name)
    found = calendar.time_between(_moment(run, calendar, start), _moment(run, calendar, end))
    return _known(found)


def working_days(run: Run, start: AnyDate | AnyDateTime, end: AnyDate | AnyDateTime, name: str | None) -> Decimal:
    """Return how many working days one comes to from one day to another."""
    calendar = _calendar(run, name)
    return Decimal(_known(calendar.days_between(_day(run, calendar, start), _day(run, calendar, end))))


def add_working_time(run: Run, start: AnyDate | AnyDateTime, length: timedelta, name: str | None) -> datetime:
    """Return when *length* of work is done that begins at *start*."""
    calendar = _calendar(run, name)
    return _known(calendar.add_time(_moment(run, calendar, start), length))


def add_working_days(run: Run, start: AnyDate | AnyDateTime, count: Decimal, name: str | None) -> date:
    """Return the working day *count* after *start*."""
    calendar = _calendar(run, name)
    if count != count.to_integral_value() or abs(count) > _MOST_DAYS:
        raise ValueError(count)
    return _known(calendar.add_days(_day(run, calendar, start), int(count)))


def is_working_day(run: Run, day: AnyDate | AnyDateTime, name: str | None) -> bool:
    """Tell whether work begins on *day*."""
    calendar = _calendar(run, name)
    return _known(calendar.is_working_day(_day(run, calendar, day)))


def next_working_day(run: Run, day: AnyDate | AnyDateTime, name: str | None) -> date:
    """Return the first working day after *day*."""
    calendar = _calendar(run, name)
    return _known(calendar.add_days(_day(run, calendar, day), 1))


def deadline(run: Run, start: AnyDate | AnyDateTime, lasts: str, name: str | None) -> datetime:
    """Return when the length of a text has passed since *start*: ``2 working days``."""
    calendar = _calendar(run, name)
    return _known(calendar.advance(_moment(run, calendar, start), _known(read_length(lasts))))


def length_fault(text: str) -> tuple[str, str | None] | None:
    """Return (value, instead) of `feel.bad_length` for a text that is no length; None for one that is."""
    if read_length(text) is not None:
        return None
    meant = meant_length(text)
    return repr(text), None if meant is None else f'"{meant}"'


def _calendar(run: Run, name: str | None) -> Calendar:
    run.spend(_STEPS)
    return _known(None if name is None else run.moment.calendar(name))


def _known(found: T | None) -> T:
    if found is None:
        raise ValueError("not known to the calendar")
    return found


def _moment(run: Run, calendar: Calendar, value: AnyDate | AnyDateTime) -> datetime:
    """Return a moment as the rest of the formula sees it: in the zone of the evaluation."""
    if type(value) is date:
        return datetime(value.year, value.month, value.day, tzinfo=calendar.zone).astimezone(run.moment.zone)
    if type(value) is not datetime:
        raise ValueError(value)
    return value.replace(tzinfo=run.moment.zone) if value.tzinfo is None else value.astimezone(run.moment.zone)


def _day(run: Run, calendar: Calendar, value: AnyDate | AnyDateTime) -> date:
    """Return a day, or that of a moment where the calendar is."""
    return value if type(value) is date else _moment(run, calendar, value).astimezone(calendar.zone).date()


def _signature(written: str) -> str:
    return written.replace(") ->", ", calendar?: string or null) ->")


FUNCTIONS: Final = tuple(
    overload(_signature(written), function, with_run=True)
    for written, function in (
        (
            "working time(from: date or date and time, to: date or date and time) -> days and time duration",
            working_time,
        ),
        ("working days(from: date or date and time, to: date or date and time) -> number", working_days),
        (
            "add working time(from: date or date and time, duration: days and time duration) -> date and time",
            add_working_time,
        ),
        ("add working days(from: date or date and time, days: number) -> date", add_working_days),
        ("is working day(date: date or date and time) -> boolean", is_working_day),
        ("next working day(date: date or date and time) -> date", next_working_day),
        ("deadline(from: date or date and time, lasts: string) -> date and time", deadline),
    )
)
#: The functions that ask a calendar; each takes one as its last parameter.
CALENDAR_FUNCTIONS: Final = frozenset(each.name for each in FUNCTIONS)
#: The name of that parameter.
CALENDAR: Final = "calendar"
