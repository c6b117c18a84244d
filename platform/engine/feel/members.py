"""Reads the parts of values: entries of contexts and records, parts of dates and durations, ends of ranges."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any as Value
from typing import Final
from zoneinfo import ZoneInfo

from blankett.engine.feel.budget import charge
from blankett.engine.feel.values import NO_END, Range, Reference, YearsMonths

_SECOND: Final = timedelta(seconds=1)


def read_member(value: Value, name: str) -> Value:
    """Return the part *name* of *value*, of each item where it is a list; null where there is none."""
    kind = type(value)
    if kind is list:
        charge(len(value))
        return [read_member(item, name) for item in value]
    if kind is dict:
        return value.get(name)
    if kind is Reference:
        return value.fields.get(name)
    read = _PARTS.get((kind, name))
    if read is not None:
        return read(value)
    return value.get(name) if isinstance(value, Mapping) else None


def _seconds(value: timedelta) -> int:
    """Return the whole seconds, truncated toward zero."""
    return abs(value) // _SECOND * (-1 if value < timedelta() else 1)


def _duration_part(whole: int, limit: int | None) -> Callable[[timedelta], Decimal]:
    """Return a reader of how often *whole* seconds fit, below *limit*, with the duration's sign."""

    def read(value: timedelta) -> Decimal:
        seconds = _seconds(value)
        count = abs(seconds) // whole
        return Decimal((count % limit if limit else count) * (-1 if seconds < 0 else 1))

    return read


def _second(value: time | datetime) -> Decimal:
    return Decimal(value.second) + Decimal(value.microsecond).scaleb(-6) if value.microsecond else Decimal(value.second)


def _zone_name(value: time | datetime) -> str | None:
    return value.tzinfo.key if isinstance(value.tzinfo, ZoneInfo) else None


def _end(value: Value) -> Value:
    return None if value is NO_END else value


def _of_days(kind: type) -> dict[tuple[type, str], Callable[[Value], Value]]:
    return {
        (kind, "year"): lambda value: Decimal(value.year),
        (kind, "month"): lambda value: Decimal(value.month),
        (kind, "day"): lambda value: Decimal(value.day),
        (kind, "weekday"): lambda value: Decimal(value.isoweekday()),
    }


def _of_clocks(kind: type) -> dict[tuple[type, str], Callable[[Value], Value]]:
    return {
        (kind, "hour"): lambda value: Decimal(value.hour),
        (kind, "minute"): lambda value: Decimal(value.minute),
        (kind, "second"): _second,
        (kind, "time offset"): lambda value: value.utcoffset(),
        (kind, "timezone"): _zone_name,
    }


_PARTS: Final[dict[tuple[type, str], Callable[[Value], Value]]] = {
    **_of_days(date),
    **_of_days(datetime),
    **_of_clocks(time),
    **_of_clocks(datetime),
    (timedelta, "days"): _duration_part(86_400, None),
    (timedelta, "hours"): _duration_part(3_600, 24),
    (timedelta, "minutes"): _duration_part(60, 60),
    (timedelta, "seconds"): _duration_part(1, 60),
    (YearsMonths, "years"): lambda value: Decimal(value.years),
    (YearsMonths, "months"): lambda value: Decimal(value.months),
    (Range, "start"): lambda value: _end(value.low),
    (Range, "end"): lambda value: _end(value.high),
    (Range, "start included"): lambda value: value.low_closed,
    (Range, "end included"): lambda value: value.high_closed,
}
