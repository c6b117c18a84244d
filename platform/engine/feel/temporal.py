"""Dates, times and durations as texts: reading and writing them as ISO 8601 and the standard's `@zone` say."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import Final, TypeAlias
from zoneinfo import ZoneInfo

from blankett.engine.feel.values import YearsMonths

Temporal: TypeAlias = date | time | datetime | timedelta | YearsMonths

_DATE = re.compile(r"(-?)([1-9]\d{4,8}|\d{4})-(\d\d)-(\d\d)", re.ASCII)
_TIME = re.compile(r"(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(Z|[zZ]|[+-]\d\d:\d\d(?::\d\d)?|@[A-Za-z0-9_+/-]+)?", re.ASCII)
_DAYS_TIME = re.compile(r"(-?)P(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.(\d*))?S)?)?", re.ASCII)
_YEARS_MONTHS = re.compile(r"(-?)P(?:(\d+)Y)?(?:(\d+)M)?", re.ASCII)
_MAX_OFFSET: Final = timedelta(hours=18)


@lru_cache(maxsize=512)
def zone_named(name: str) -> tzinfo | None:
    """Return the time zone called *name* (`Europe/Paris`), or None where there is none."""
    try:
        return ZoneInfo(name)
    except (ValueError, OSError):  # no such zone, or not a name a zone could have
        return None


def read_date(text: str) -> date | None:
    """Return the date written in *text* (`2026-01-31`), or None."""
    match = _DATE.fullmatch(text)
    if not match or match[1] or len(match[2]) > 4:
        return None
    try:
        return date(int(match[2]), int(match[3]), int(match[4]))
    except ValueError:
        return None


def read_time(text: str) -> time | None:
    """Return the time of day written in *text* (`10:30:00`, `10:30:00+02:00`, `10:30:00@Europe/Paris`), or None."""
    match = _TIME.fullmatch(text)
    if not match:
        return None
    zone = read_zone(match[5])
    if match[5] and zone is None:
        return None
    micro = int((match[4] or "0")[:6].ljust(6, "0"))
    if is_day_end(text):
        return time(tzinfo=zone)
    try:
        return time(int(match[1]), int(match[2]), int(match[3]), micro, tzinfo=zone)
    except ValueError:
        return None


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


def read_datetime(text: str) -> datetime | None:
    """Return the date and time written in *text* (`2026-01-31T10:30:00Z`; a day alone is its midnight), or None."""
    day_text, separator, time_text = text.partition("T")
    day = read_date(day_text)
    clock = read_time(time_text) if separator else time()
    if day is None or clock is None:
        return None
    moment = datetime.combine(day, clock)
    try:
        return moment + timedelta(days=1) if is_day_end(time_text) else moment
    except OverflowError:
        return None


def is_day_end(text: str) -> bool:
    """Say whether *text* is the clock time 24:00:00, the midnight at the end of a day."""
    return text.startswith("24:00:00") and not text[8:].startswith(".")


def read_duration(text: str) -> timedelta | YearsMonths | None:
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
    micro = int((match[6] or "0")[:6].ljust(6, "0"))
    try:
        days, hours, minutes, seconds = (int(match[part] or 0) for part in (2, 3, 4, 5))
        length = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds, microseconds=micro)
    except (OverflowError, ValueError):  # too long a duration, or too many digits
        return None
    return -length if match[1] else length


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


def time_text(value: time | datetime) -> str:
    """Return the clock time of *value* and its zone."""
    fraction = f".{value.microsecond:06}".rstrip("0") if value.microsecond else ""
    return f"{value.hour:02}:{value.minute:02}:{value.second:02}{fraction}{zone_text(value.tzinfo)}"


def datetime_text(value: datetime) -> str:
    """Return *value* as `2026-01-31T10:30:00Z`."""
    return f"{value.year:04}-{value.month:02}-{value.day:02}T{time_text(value)}"


def duration_text(value: timedelta | YearsMonths) -> str:
    """Return *value* as `P1DT2H30M`; the sign stands first."""
    if isinstance(value, YearsMonths):
        years, months = divmod(abs(value.total), 12)
        parts = (f"{years}Y" if years else "") + (f"{months}M" if months else "")
        return ("-" if value.total < 0 else "") + "P" + (parts or "0M")
    micro = abs(value) // timedelta(microseconds=1)
    seconds, micro = divmod(micro, 1_000_000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    second_text = f"{seconds}" + (f".{micro:06}".rstrip("0") if micro else "")
    clock = (
        (f"{hours}H" if hours else "")
        + (f"{minutes}M" if minutes else "")
        + (f"{second_text}S" if seconds or micro else "")
    )
    parts = (f"{days}D" if days else "") + (f"T{clock}" if clock else "")
    return ("-" if value < timedelta() else "") + "P" + (parts or "T0S")


def temporal_text(value: Temporal) -> str:
    """Return *value* as it is written in a formula."""
    if isinstance(value, datetime):
        return datetime_text(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return time_text(value)
    return duration_text(value)
