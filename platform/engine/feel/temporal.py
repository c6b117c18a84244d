"""Dates, times and durations as texts: reading and writing them as ISO 8601 and the standard's `@zone` say."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import Final, TypeAlias
from zoneinfo import ZoneInfo

from blankett.engine.feel.extended_temporal import (
    DAY,
    AnyDate,
    AnyDateTime,
    AnyDuration,
    AnyTime,
    WideDate,
    WideDateTime,
    WideDuration,
    WideTime,
    checked_day,
    combined,
    later,
    narrowed,
    widened,
)
from blankett.engine.feel.values import YearsMonths

Temporal: TypeAlias = AnyDate | AnyTime | AnyDateTime | AnyDuration | YearsMonths

_DATE = re.compile(r"(-?)([1-9]\d{4,8}|\d{4})-(\d\d)-(\d\d)", re.ASCII)
_TIME = re.compile(r"(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(Z|[zZ]|[+-]\d\d:\d\d(?::\d\d)?|@[A-Za-z0-9_+/-]+)?", re.ASCII)
_DAYS_TIME = re.compile(r"(-?)P(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.(\d*))?S)?)?", re.ASCII)
_YEARS_MONTHS = re.compile(r"(-?)P(?:(\d+)Y)?(?:(\d+)M)?", re.ASCII)
#: The longest duration, in seconds.
MAX_SECONDS: Final = 86_400 * 366 * 1_000_000_000
_MAX_OFFSET: Final = timedelta(hours=18)


@lru_cache(maxsize=512)
def zone_named(name: str) -> tzinfo | None:
    """Return the time zone called *name* (`Europe/Paris`), or None where there is none."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # no such zone, or not a name a zone could have
        return None


def read_date(text: str) -> AnyDate | None:
    """Return the date written in *text* (`2026-01-31`), or None."""
    match = _DATE.fullmatch(text)
    if not match:
        return None
    year = int(match[2]) * (-1 if match[1] else 1)
    try:
        return made_date(year, int(match[3]), int(match[4]))
    except (ValueError, OverflowError):
        return None


def made_date(year: int, month: int, day: int) -> AnyDate:
    """Return the date. Raises ValueError or OverflowError where there is none such."""
    made: AnyDate = narrowed(checked_day(WideDate(year, month, day)))
    return made


def read_time(text: str) -> AnyTime | None:
    """Return the time of day written in *text* (`10:30:00`, `10:30:00+02:00`, `10:30:00@Europe/Paris`), or None."""
    match = _TIME.fullmatch(text)
    if not match:
        return None
    zone = read_zone(match[5])
    hour, minute, second = (int(match[part]) for part in (1, 2, 3))
    if is_day_end(text):
        hour = 0
    if (match[5] and zone is None) or hour > 23 or minute > 59 or second > 59:
        return None
    return made_time((hour * 60 + minute) * 60 + second, _billionths(match[4]), zone)


def made_time(seconds: int, nanoseconds: int, zone: tzinfo | None) -> AnyTime:
    """Return the time of day so much after midnight."""
    made: AnyTime = narrowed(WideTime(seconds * 10**9 + nanoseconds, zone))
    return made


def _billionths(digits: str | None) -> int:
    """Return the digits after a point as billionths; further digits are cut off."""
    return int((digits or "0")[:9].ljust(9, "0"))


def read_zone(text: str | None) -> tzinfo | None:
    """Return the zone written as `Z`, `+02:00` or `@Europe/Paris`; None for no text or no such zone."""
    if not text:
        return None
    if text.startswith("@"):
        return zone_named(text[1:])
    if text in ("Z", "z"):
        return UTC
    numbers = [int(part) for part in text[1:].split(":")]
    offset = timedelta(hours=numbers[0], minutes=numbers[1], seconds=numbers[2] if len(numbers) > 2 else 0)
    if offset > _MAX_OFFSET or numbers[1] > 59:
        return None
    return offset_zone(-offset if text[0] == "-" else offset)


def offset_zone(offset: timedelta) -> tzinfo:
    """Return the zone that is *offset* from UTC, under a day."""
    return timezone(offset) if offset else UTC


def read_datetime(text: str) -> AnyDateTime | None:
    """Return the date and time written in *text* (`2026-01-31T10:30:00Z`; a day alone is its midnight), or None."""
    day_text, separator, time_text = text.partition("T")
    day = read_date(day_text)
    clock = read_time(time_text) if separator else time()
    if day is None or clock is None:
        return None
    moment = combined(day, clock)
    try:
        return later(widened(moment), DAY) if is_day_end(time_text) else moment
    except OverflowError:
        return None


def is_day_end(text: str) -> bool:
    """Say whether *text* is the clock time 24:00:00, the midnight at the end of a day."""
    return text.startswith("24:00:00") and not text[8:].startswith(".")


def read_duration(text: str) -> AnyDuration | YearsMonths | None:
    """Return the duration written in *text* (`P30D`, `PT2H`, `P1Y6M`), or None."""
    match = _YEARS_MONTHS.fullmatch(text)
    if match and (match[2] or match[3]):
        try:
            total = int(match[2] or 0) * 12 + int(match[3] or 0)
            return YearsMonths(-total if match[1] else total)
        except (OverflowError, ValueError):  # too long a duration, or too many digits
            return None
    match = _DAYS_TIME.fullmatch(text)
    if not match or not any(match.groups()[1:]):
        return None
    try:
        days, hours, minutes, seconds = (int(match[part] or 0) for part in (2, 3, 4, 5))
    except ValueError:  # too many digits
        return None
    length = ((days * 24 + hours) * 60 + minutes) * 60 + seconds
    if length > MAX_SECONDS:
        return None
    nanoseconds = length * 10**9 + _billionths(match[6])
    return narrowed(WideDuration(-nanoseconds if match[1] else nanoseconds))  # type: ignore[no-any-return]


def read_temporal(text: str) -> Temporal | None:
    """Return the value of the literal `@"text"`, or None where it is no date, time, date and time or duration."""
    if text.startswith(("P", "-P")):
        return read_duration(text)
    if "T" in text and ":" in text:
        return read_datetime(text)
    return read_time(text) if ":" in text else read_date(text)


def zone_text(zone: tzinfo | None) -> str:
    """Return how *zone* is written after a time: ``, `Z`, `+02:00` or `@Europe/Paris`."""
    if zone is None:
        return ""
    if isinstance(zone, ZoneInfo):
        return f"@{zone.key}"
    return offset_text(zone.utcoffset(None) or timedelta())


def offset_text(offset: timedelta) -> str:
    """Return an offset from UTC as `Z` or `+02:00` (with seconds where it has them)."""
    seconds = offset // timedelta(seconds=1)
    if seconds == 0:
        return "Z"
    hours, rest = divmod(abs(seconds), 3600)
    minutes, rest = divmod(rest, 60)
    return f"{'-' if seconds < 0 else '+'}{hours:02}:{minutes:02}" + (f":{rest:02}" if rest else "")


def date_text(value: AnyDate | AnyDateTime) -> str:
    """Return the day of *value* as `2026-01-31`; a year before 0 has a sign."""
    day = value.day if isinstance(value, WideDateTime) else value
    return f"{'-' if day.year < 0 else ''}{abs(day.year):04}-{day.month:02}-{day.day:02}"


def time_text(value: AnyTime | AnyDateTime) -> str:
    """Return the clock time of *value* and its zone."""
    wide = widened(value)
    seconds, rest = divmod(wide.nanoseconds, 10**9)
    fraction = f".{rest:09}".rstrip("0") if rest else ""
    clock = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return f"{clock}{fraction}{zone_text(wide.zone)}"


def duration_text(value: AnyDuration | YearsMonths) -> str:
    """Return *value* as `P1DT2H30M`; the sign stands first."""
    if isinstance(value, YearsMonths):
        years, months = divmod(abs(value.total), 12)
        parts = (f"{years}Y" if years else "") + (f"{months}M" if months else "")
        return ("-" if value.total < 0 else "") + "P" + (parts or "0M")
    nanoseconds: int = widened(value).nanoseconds
    seconds, rest = divmod(abs(nanoseconds), 10**9)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    second = f"{seconds}" + (f".{rest:09}".rstrip("0") if rest else "")
    clock = (
        (f"{hours}H" if hours else "") + (f"{minutes}M" if minutes else "") + (f"{second}S" if seconds or rest else "")
    )
    parts = (f"{days}D" if days else "") + (f"T{clock}" if clock else "")
    return ("-" if nanoseconds < 0 else "") + "P" + (parts or "T0S")


def temporal_text(value: Temporal) -> str:
    """Return *value* as it is written in a formula."""
    if isinstance(value, (datetime, WideDateTime)):
        return f"{date_text(value)}T{time_text(value)}"
    if isinstance(value, (date, WideDate)):
        return date_text(value)
    if isinstance(value, (time, WideTime)):
        return time_text(value)
    return duration_text(value)
