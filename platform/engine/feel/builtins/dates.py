"""The built-in functions that make and take apart dates, times and durations."""

from __future__ import annotations

import calendar
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Final

from blankett.engine.feel.builtins.registry import overload
from blankett.engine.feel.temporal import (
    AnyDate,
    AnyDateTime,
    AnyTime,
    Temporal,
    WideDate,
    WideDateTime,
    WideTime,
    at_clock,
    days_of,
    made_date,
    made_time,
    narrowed,
    offset_zone,
    python_day,
    read_date,
    read_datetime,
    read_duration,
    read_time,
    widened,
)
from blankett.engine.feel.values import YearsMonths

_DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS: Final = tuple(calendar.month_name)[1:]


def date_from_parts(year: Decimal, month: Decimal, day: Decimal) -> AnyDate:
    """Return the date. Raises ValueError or OverflowError where there is none such."""
    return made_date(_whole(year), _whole(month), _whole(day))


def _whole(number: Decimal) -> int:
    if number != number.to_integral_value() or abs(number) > 10**10:
        raise ValueError(number)
    return int(number)


def day_of(value: AnyDate | AnyDateTime) -> AnyDate:
    """Return the day of a date, or of a date and time."""
    if isinstance(value, WideDateTime):
        day: AnyDate = narrowed(value.day)
        return day
    return value.date() if isinstance(value, datetime) else value


def time_of(moment: AnyDateTime) -> AnyTime:
    """Return the clock time of *moment*, with its zone."""
    if isinstance(moment, WideDateTime):
        clock: AnyTime = narrowed(WideTime(moment.nanoseconds, moment.zone))
        return clock
    return moment.timetz()


def midnight(day: AnyDate) -> time:
    """Return the start of a day, in UTC."""
    return time(tzinfo=UTC)


def time_from_parts(hour: Decimal, minute: Decimal, second: Decimal, offset: timedelta | None = None) -> AnyTime:
    """Return the time of day. Raises ValueError where there is none such."""
    whole, fraction = divmod(second, 1)
    seconds = (_below(24, hour) * 60 + _below(60, minute)) * 60 + _below(60, whole)
    zone = None if offset is None else offset_zone(offset)
    return made_time(seconds, int(fraction * 10**9), zone)


def _below(limit: int, number: Decimal) -> int:
    """Return a whole number from 0 up to *limit*. Raises ValueError for another."""
    if not 0 <= number < limit:
        raise ValueError(number)
    return _whole(number)


def months_between(start: AnyDate | AnyDateTime, end: AnyDate | AnyDateTime) -> YearsMonths:
    """Return the whole months from *start* to *end*, truncated toward zero."""
    one, other = widened(day_of(start)), widened(day_of(end))
    if days_of(other) < days_of(one):
        return YearsMonths(-_whole_months(other, one))
    return YearsMonths(_whole_months(one, other))


def _whole_months(earlier: WideDate, later: WideDate) -> int:
    months = (later.year - earlier.year) * 12 + later.month - earlier.month
    return months - (later.day < earlier.day)


def _calendar_day(value: AnyDate | AnyDateTime) -> date:
    """Return a day that Python knows, alike in month, day, weekday and length of the year."""
    return python_day(widened(day_of(value)))


def day_of_year(day: AnyDate | AnyDateTime) -> Decimal:
    """Return the day's number in its year, from 1."""
    return Decimal(_calendar_day(day).timetuple().tm_yday)


def day_of_week(day: AnyDate | AnyDateTime) -> str:
    """Return the English name of the day."""
    return _DAYS[_calendar_day(day).weekday()]


def month_of_year(day: AnyDate | AnyDateTime) -> str:
    """Return the English name of the month."""
    return _MONTHS[_calendar_day(day).month - 1]


def week_of_year(day: AnyDate | AnyDateTime) -> Decimal:
    """Return the number of the week by ISO 8601."""
    return Decimal(_calendar_day(day).isocalendar().week)


def last_day_of_month(day: AnyDate | AnyDateTime) -> Decimal:
    """Return the number of days in the month."""
    known = _calendar_day(day)
    return Decimal(calendar.monthrange(known.year, known.month)[1])


#: {function: what reads the text it is given}
TEMPORAL_READERS: Final[dict[str, Callable[[str], Temporal | None]]] = {
    "date": read_date,
    "time": read_time,
    "date and time": read_datetime,
    "duration": read_duration,
}

FUNCTIONS: Final = (
    overload("date(from: string) -> date or null", read_date),
    overload("date(from: date) -> date", lambda day: day),
    overload("date(from: date and time) -> date", day_of),
    overload("date(year: number, month: number, day: number) -> date or null", date_from_parts),
    overload("time(from: string) -> time or null", read_time),
    overload("time(from: time) -> time", lambda clock: clock),
    overload("time(from: date and time) -> time", time_of),
    overload("time(from: date) -> time", midnight),
    overload(
        "time(hour: number, minute: number, second: number, offset?: days and time duration or null) -> time or null",
        time_from_parts,
    ),
    overload("date and time(from: string) -> date and time or null", read_datetime),
    overload("date and time(date: date, time: time) -> date and time", at_clock),
    overload("date and time(date: date and time, time: time) -> date and time", at_clock),
    overload("duration(from: string) -> Any", read_duration),
    overload(
        "years and months duration(from: date or date and time, to: date or date and time)"
        " -> years and months duration",
        months_between,
    ),
    overload("day of year(date: date or date and time) -> number", day_of_year),
    overload("day of week(date: date or date and time) -> string", day_of_week),
    overload("month of year(date: date or date and time) -> string", month_of_year),
    overload("week of year(date: date or date and time) -> number", week_of_year),
    overload("last day of month(date: date or date and time) -> number", last_day_of_month),
)
