"""Reads the parts of values: entries of contexts and records, parts of dates and durations, ends of ranges."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any as Value
from typing import Final
from zoneinfo import ZoneInfo

from blankett.engine.feel.budget import charge
from blankett.engine.feel.temporal import (
    AnyDuration,
    WideDate,
    WideDateTime,
    WideDuration,
    WideTime,
    clock_parts,
    offset_of,
    python_day,
    widened,
)
from blankett.engine.feel.values import NO_END, Range, Reference, YearsMonths


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


def _seconds(value: AnyDuration) -> int:
    """Return the whole seconds, truncated toward zero."""
    nanoseconds: int = widened(value).nanoseconds
    return abs(nanoseconds) // 10**9 * (-1 if nanoseconds < 0 else 1)


def _duration_part(whole: int, limit: int | None) -> Callable[[AnyDuration], Decimal]:
    """Return a reader of how often *whole* seconds fit, below *limit*, with the duration's sign."""

    def read(value: AnyDuration) -> Decimal:
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


def _of_durations(kind: type) -> dict[tuple[type, str], Callable[[Value], Value]]:
    return {
        (kind, "days"): _duration_part(86_400, None),
        (kind, "hours"): _duration_part(3_600, 24),
        (kind, "minutes"): _duration_part(60, 60),
        (kind, "seconds"): _duration_part(1, 60),
    }


def _of_its_day(name: str) -> Callable[[WideDateTime], Value]:
    return lambda value: read_member(value.day, name)


def _of_wide_clocks(kind: type) -> dict[tuple[type, str], Callable[[Value], Value]]:
    return {
        (kind, "hour"): lambda value: Decimal(clock_parts(value.nanoseconds)[0]),
        (kind, "minute"): lambda value: Decimal(clock_parts(value.nanoseconds)[1]),
        (kind, "second"): lambda value: clock_parts(value.nanoseconds)[2],
        (kind, "time offset"): offset_of,
        (kind, "timezone"): lambda value: value.zone.key if isinstance(value.zone, ZoneInfo) else None,
    }


_PARTS: Final[dict[tuple[type, str], Callable[[Value], Value]]] = {
    **_of_days(date),
    **_of_days(datetime),
    **_of_clocks(time),
    **_of_clocks(datetime),
    **_of_durations(timedelta),
    **_of_durations(WideDuration),
    (WideDate, "year"): lambda value: Decimal(value.year),
    (WideDate, "month"): lambda value: Decimal(value.month),
    (WideDate, "day"): lambda value: Decimal(value.day),
    (WideDate, "weekday"): lambda value: Decimal(python_day(value).isoweekday()),
    **{(WideDateTime, name): _of_its_day(name) for name in ("year", "month", "day", "weekday")},
    **_of_wide_clocks(WideTime),
    **_of_wide_clocks(WideDateTime),
    (YearsMonths, "years"): lambda value: Decimal(value.years),
    (YearsMonths, "months"): lambda value: Decimal(value.months),
    (Range, "start"): lambda value: _end(value.low),
    (Range, "end"): lambda value: _end(value.high),
    (Range, "start included"): lambda value: value.low_closed,
    (Range, "end included"): lambda value: value.high_closed,
}
