"""Working time of the demo company: Monday to Friday, eight to five, in the company's time zone.

The story is told in working hours, so that it reads the same on whichever day the demo is started: an order that was
submitted "three working hours ago" was submitted on Friday when today is Sunday.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

#: Where the company keeps its hours.
ZONE = ZoneInfo("Europe/Copenhagen")

OPENS = time(8)
CLOSES = time(17)
HOURS_A_DAY = 9.0

SATURDAY = 5


def at_work(moment: datetime) -> datetime:
    """Return *moment*, or the last moment of work before it when nobody was at work then."""
    local = moment.astimezone(ZONE)
    if local.weekday() < SATURDAY and local.time() >= OPENS:
        return min(local, _at(local, CLOSES))
    day = local - timedelta(days=1)
    while day.weekday() >= SATURDAY:
        day -= timedelta(days=1)
    return _at(day, CLOSES)


def earlier(moment: datetime, hours: float) -> datetime:
    """Return the moment *hours* working hours before *moment*."""
    local = at_work(moment)
    left = timedelta(hours=hours)
    while left > local - _at(local, OPENS):
        left -= local - _at(local, OPENS)
        local = at_work(_at(local, OPENS) - timedelta(microseconds=1))
    return local - left


def later(moment: datetime, hours: float) -> datetime:
    """Return the moment *hours* working hours after *moment*."""
    local = at_work(moment)
    left = timedelta(hours=hours)
    while left > _at(local, CLOSES) - local:
        left -= _at(local, CLOSES) - local
        local = _next_opening(local)
    return local + left


def _next_opening(local: datetime) -> datetime:
    day = local + timedelta(days=1)
    while day.weekday() >= SATURDAY:
        day += timedelta(days=1)
    return _at(day, OPENS)


def _at(local: datetime, clock: time) -> datetime:
    return datetime.combine(local.date(), clock, ZONE)
