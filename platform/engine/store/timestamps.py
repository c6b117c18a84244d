"""How moments and days are kept: texts of fixed width in UTC, which sort by time, and whole days since 1970."""

from __future__ import annotations

from datetime import UTC, date, datetime

#: The ordinal of 1970-01-01 as Python counts days.
FIRST_DAY = date(1970, 1, 1).toordinal()
#: Characters of ``2026-11-22T04:50:49.123456`` without its zone.
WIDTH = 26


def write_moment(moment: datetime) -> str:
    """Return an aware *moment* as it is kept: ``2026-11-22T04:50:49.123456Z``."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")[:WIDTH] + "Z"


def read_moment(kept: str) -> datetime:
    """Return the moment kept as that text, in UTC."""
    return datetime.fromisoformat(kept)


def to_days(day: date) -> int:
    """Return the days from 1970-01-01 to *day*; negative before it."""
    return day.toordinal() - FIRST_DAY


def from_days(days: int) -> date:
    """Return the day that is *days* after 1970-01-01."""
    return date.fromordinal(days + FIRST_DAY)
