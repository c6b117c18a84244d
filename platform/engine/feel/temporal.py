"""Dates, times and durations, those too that Python's own cannot hold: their arithmetic, and their texts as ISO 8601
and the standard's `@zone` say.

Those that Python cannot hold (years before 1 and after 9999, and nanoseconds) exist inside formulas only. What Python
can hold is never one of these (`narrowed`), and a formula whose value is one answers null to the platform. Years go to
999,999,999 either way; the calendar is the one of today, back to the beginning.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from decimal import Decimal
from functools import lru_cache
from typing import Any as Value
from typing import Final, TypeAlias
from zoneinfo import ZoneInfo

from blankett.engine.feel.values import YearsMonths

# What Python's own cannot hold ----------------------------------------------------------------------------------------


MAX_YEAR: Final = 999_999_999
DAY: Final = 86_400 * 10**9
_CYCLE_YEARS: Final = 400
_CYCLE_DAYS: Final = 146_097
_MICROSECOND: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class WideDate:
    """A day of any year."""

    year: int
    month: int
    day: int


@dataclass(frozen=True, slots=True)
class WideTime:
    """A time of day in nanoseconds since midnight."""

    nanoseconds: int
    zone: tzinfo | None


@dataclass(frozen=True, slots=True)
class WideDateTime:
    """A day of any year with a time in nanoseconds since its midnight."""

    day: WideDate
    nanoseconds: int
    zone: tzinfo | None


@dataclass(frozen=True, slots=True)
class WideDuration:
    """A length of time in nanoseconds."""

    nanoseconds: int


AnyDate: TypeAlias = date | WideDate
AnyTime: TypeAlias = time | WideTime
AnyDateTime: TypeAlias = datetime | WideDateTime
AnyDuration: TypeAlias = timedelta | WideDuration

WIDE: Final = frozenset([WideDate, WideTime, WideDateTime, WideDuration])
#: {Python's class: its wide twin}
TWINS: Final[dict[type, type]] = {date: WideDate, time: WideTime, datetime: WideDateTime, timedelta: WideDuration}


# ---- days ----


def python_day(day: WideDate) -> date:
    """Return the day of a year that Python knows, with the same month, day, weekday and length of the year.

    Raises ValueError for a day that is not in the calendar.
    """
    return date(day.year % _CYCLE_YEARS + 4 * _CYCLE_YEARS, day.month, day.day)


def days_of(day: WideDate) -> int:
    """Return the number of the day, 1 being the first day of year 1."""
    return python_day(day).toordinal() + (day.year // _CYCLE_YEARS - 4) * _CYCLE_DAYS


def day_numbered(days: int) -> WideDate:
    """Return the day with that number. Raises OverflowError beyond the years there are."""
    cycles, rest = divmod(days - 1, _CYCLE_DAYS)
    day = date.fromordinal(rest + 1)
    return checked_day(WideDate(day.year + cycles * _CYCLE_YEARS, day.month, day.day))


def checked_day(day: WideDate) -> WideDate:
    """Return *day*. Raises OverflowError beyond the years there are, ValueError where it is not in the calendar."""
    if abs(day.year) > MAX_YEAR:
        raise OverflowError(day.year)
    python_day(day)
    return day


# ---- to and from Python's own ----


def widened(value: Value) -> Value:
    """Return *value* as a wide one; other values as they are."""
    if type(value) is datetime:
        return WideDateTime(WideDate(value.year, value.month, value.day), _nanoseconds(value.time()), value.tzinfo)
    if type(value) is date:
        return WideDate(value.year, value.month, value.day)
    if type(value) is time:
        return WideTime(_nanoseconds(value), value.tzinfo)
    return WideDuration(value // _MICROSECOND * 1000) if type(value) is timedelta else value


def _nanoseconds(clock: time) -> int:
    seconds = (clock.hour * 60 + clock.minute) * 60 + clock.second
    return seconds * 10**9 + clock.microsecond * 1000


def narrowed(value: Value) -> Value:
    """Return *value* as Python's own where that can hold it."""
    if type(value) is WideDate and 1 <= value.year <= 9999:
        return date(value.year, value.month, value.day)
    if type(value) is WideTime and value.nanoseconds % 1000 == 0:
        return _clock(value.nanoseconds, value.zone)
    if type(value) is WideDateTime and value.nanoseconds % 1000 == 0 and 1 <= value.day.year <= 9999:
        return datetime.combine(narrowed(value.day), _clock(value.nanoseconds, value.zone))
    if type(value) is WideDuration and value.nanoseconds % 1000 == 0:
        try:
            return timedelta(microseconds=value.nanoseconds // 1000)
        except OverflowError:
            return value
    return value


def _clock(nanoseconds: int, zone: tzinfo | None) -> time:
    seconds, rest = divmod(nanoseconds, 10**9)
    return time(seconds // 3600, seconds // 60 % 60, seconds % 60, rest // 1000, tzinfo=zone)


def without_wide(value: Value) -> Value:
    """Return *value* for the platform: null in place of what Python's own dates and times cannot hold."""
    if type(value) in WIDE:
        return None
    if type(value) is list:
        return [without_wide(item) for item in value]
    if type(value) is dict:
        return {name: without_wide(item) for name, item in value.items()}
    return value


# ---- parts ----


def clock_parts(nanoseconds: int) -> tuple[int, int, Decimal]:
    """Return the hours, minutes and seconds of a time of day."""
    seconds, rest = divmod(nanoseconds, 10**9)
    second = Decimal(seconds % 60) + Decimal(rest).scaleb(-9) if rest else Decimal(seconds % 60)
    return seconds // 3600, seconds // 60 % 60, second


def offset_of(value: WideDateTime | WideTime) -> timedelta | None:
    """Return how far its zone is from UTC; None without a zone, or where a named zone needs a day to tell."""
    if not isinstance(value.zone, ZoneInfo):
        return None if value.zone is None else value.zone.utcoffset(None)
    if isinstance(value, WideTime):
        return None
    clock = _clock(value.nanoseconds // 1000 * 1000, value.zone)
    return datetime.combine(_zone_day(value.day), clock).utcoffset()


def _zone_day(day: WideDate) -> date:
    """Return the day on which Python is asked what time a zone has: itself, or one far off on the same side."""
    if 1 <= day.year < 9999:
        return date(day.year, day.month, day.day)
    like = python_day(day)
    return like if day.year < 1 else like.replace(year=like.year + 20 * _CYCLE_YEARS)


# ---- arithmetic and order ----


def instant(value: WideDate | WideTime | WideDateTime | WideDuration) -> int:
    """Return where *value* lies on its line: days, or nanoseconds; in UTC where it has a zone."""
    if isinstance(value, WideDate):
        return days_of(value)
    if isinstance(value, WideDuration):
        return value.nanoseconds
    return _clock_instant(value)


def _clock_instant(value: WideTime | WideDateTime) -> int:
    offset = offset_of(value)
    shift = 0 if offset is None else offset // _MICROSECOND * 1000
    if isinstance(value, WideTime):
        return value.nanoseconds - shift
    return days_of(value.day) * DAY + value.nanoseconds - shift


def comparable(left: Value, right: Value) -> tuple[int, int] | None:
    """Return two values of one kind as numbers in the same order, or None where they have none."""
    left, right = widened(left), widened(right)
    if type(left) is not type(right) or type(left) not in WIDE:
        return None
    if isinstance(left, (WideTime, WideDateTime)) and (left.zone is None) != (right.zone is None):
        return None
    return instant(left), instant(right)


def later(value: Value, nanoseconds: int) -> Value:
    """Return the date, time or date and time so much later, in real time where a zone changes its clocks."""
    if isinstance(value, WideTime):
        return narrowed(WideTime((value.nanoseconds + nanoseconds) % DAY, value.zone))
    if isinstance(value, WideDate):
        return narrowed(day_numbered(days_of(value) + nanoseconds // DAY))
    if not isinstance(value.zone, ZoneInfo):
        return _moved(value, nanoseconds, value.zone)
    shift = offset_of(value) or timedelta()
    universal = widened(_moved(value, nanoseconds - shift // _MICROSECOND * 1000, UTC))
    return _moved(universal, _offset_then(universal, value.zone), value.zone)


def _moved(value: WideDateTime, nanoseconds: int, zone: tzinfo | None) -> Value:
    """Return the clock's face moved by *nanoseconds*, said to be in *zone*."""
    days, rest = divmod(value.nanoseconds + nanoseconds, DAY)
    return narrowed(WideDateTime(day_numbered(days_of(value.day) + days), rest, zone))


def _offset_then(universal: WideDateTime, zone: ZoneInfo) -> int:
    """Return how far *zone* is from UTC at a moment in UTC, in nanoseconds."""
    clock = _clock(universal.nanoseconds // 1000 * 1000, UTC)
    offset = datetime.combine(_zone_day(universal.day), clock).astimezone(zone).utcoffset()
    return (offset or timedelta()) // _MICROSECOND * 1000


def months_later(value: Value, months: int) -> Value:
    """Return the date or date and time so many months later, on the month's last day where the day does not exist."""
    day = value if isinstance(value, WideDate) else value.day
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for number in (day.day, 30, 29, 28):
        try:
            moved = checked_day(WideDate(year, month + 1, min(day.day, number)))
        except ValueError:
            continue
        return narrowed(moved if value is day else WideDateTime(moved, value.nanoseconds, value.zone))
    return None


def difference(left: Value, right: Value) -> Value:
    """Return the time from *right* to *left*; a date is its midnight in UTC."""
    if type(left) is not type(right) or isinstance(left, WideDate):
        left, right = _as_moment(left), _as_moment(right)
    numbers = comparable(left, right)
    return None if numbers is None else narrowed(WideDuration(numbers[0] - numbers[1]))


def _as_moment(value: Value) -> Value:
    return WideDateTime(value, 0, UTC) if isinstance(value, WideDate) else value


def at_clock(day: AnyDate | AnyDateTime, clock: AnyTime) -> AnyDateTime:
    """Return the day at that time, in the zone of the time."""
    wide_day, wide_clock = widened(day), widened(clock)
    if isinstance(wide_day, WideDateTime):
        wide_day = wide_day.day
    moment: AnyDateTime = narrowed(WideDateTime(wide_day, wide_clock.nanoseconds, wide_clock.zone))
    return moment


# Texts ----------------------------------------------------------------------------------------------------------------


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
    moment = at_clock(day, clock)
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
