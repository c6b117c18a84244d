"""Dates, times and durations that Python's own cannot hold: years before 1 and after 9999, and nanoseconds.

They exist inside formulas only. What Python can hold is never one of these (`narrowed`), and a formula whose value is
one answers null to the platform. Years go to 999,999,999 either way; the calendar is the one of today, back to the
beginning.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from typing import Any as Value
from typing import Final, TypeAlias
from zoneinfo import ZoneInfo

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


def combined(day: AnyDate | AnyDateTime, clock: AnyTime) -> AnyDateTime:
    """Return the day at that time, in the zone of the time."""
    wide_day, wide_clock = widened(day), widened(clock)
    if isinstance(wide_day, WideDateTime):
        wide_day = wide_day.day
    moment: AnyDateTime = narrowed(WideDateTime(wide_day, wide_clock.nanoseconds, wide_clock.zone))
    return moment
