"""The built-in functions that make and take apart dates, times and durations."""

from __future__ import annotations

import calendar
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Final

from blankett.engine.feel.functions.registry import overload
from blankett.engine.feel.temporal import Temporal, offset_zone, read_date, read_datetime, read_duration, read_time
from blankett.engine.feel.values import YearsMonths

_DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS: Final = tuple(calendar.month_name)[1:]


def date_from_parts(year: Decimal, month: Decimal, day: Decimal) -> date:
    """Return the date; ValueError where there is none such."""
    return date(_whole(year), _whole(month), _whole(day))


def _whole(number: Decimal) -> int:
    if number != number.to_integral_value() or abs(number) > 10**9:
        raise ValueError(number)
    return int(number)


def date_of(moment: datetime) -> date:
    """Return the day of *moment*."""
    return moment.date()


def time_of(moment: datetime) -> time:
    """Return the clock time of *moment*, with its zone."""
    return moment.timetz()


def midnight(day: date) -> time:
    """Return the start of a day, in UTC."""
    return time(tzinfo=UTC)


def time_from_parts(hour: Decimal, minute: Decimal, second: Decimal, offset: timedelta | None = None) -> time:
    """Return the time of day; ValueError where there is none such."""
    micro = int(second * 1_000_000)
    whole, micro = divmod(micro, 1_000_000)
    zone = None if offset is None else offset_zone(offset)
    return time(_whole(hour), _whole(minute), whole, micro, tzinfo=zone)


def combined(day: date, clock: time) -> datetime:
    """Return the day at that time, in the zone of the time."""
    return datetime.combine(day, clock)


def combined_of(moment: datetime, clock: time) -> datetime:
    """Return the day of *moment* at that time, in the zone of the time."""
    return datetime.combine(moment.date(), clock)


def months_between(start: date, end: date) -> YearsMonths:
    """Return the whole months from *start* to *end*, truncated toward zero."""
    if end < start:
        return YearsMonths(-_whole_months(end, start))
    return YearsMonths(_whole_months(start, end))


def _whole_months(earlier: date, later: date) -> int:
    months = (later.year - earlier.year) * 12 + later.month - earlier.month
    return months - (later.day < earlier.day)


def day_of_year(day: date) -> Decimal:
    """Return the day's number in its year, from 1."""
    return Decimal(day.timetuple().tm_yday)


def day_of_week(day: date) -> str:
    """Return the English name of the day."""
    return _DAYS[day.weekday()]


def month_of_year(day: date) -> str:
    """Return the English name of the month."""
    return _MONTHS[day.month - 1]


def week_of_year(day: date) -> Decimal:
    """Return the number of the week by ISO 8601."""
    return Decimal(day.isocalendar().week)


def last_day_of_month(day: date) -> Decimal:
    """Return the number of days in the month."""
    return Decimal(calendar.monthrange(day.year, day.month)[1])


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
    overload("date(from: date and time) -> date", date_of),
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
    overload("date and time(date: date, time: time) -> date and time", combined),
    overload("date and time(date: date and time, time: time) -> date and time", combined_of),
    overload("duration(from: string) -> Any", read_duration),
    overload(
        "years and months duration(from: date or date and time, to: date or date and time)"
        " -> years and months duration",
        lambda start, end: months_between(_day(start), _day(end)),
    ),
    overload("day of year(date: date or date and time) -> number", day_of_year),
    overload("day of week(date: date or date and time) -> string", day_of_week),
    overload("month of year(date: date or date and time) -> string", month_of_year),
    overload("week of year(date: date or date and time) -> number", week_of_year),
    overload("last day of month(date: date or date and time) -> number", last_day_of_month),
)


def _day(value: date) -> date:
    return value.date() if isinstance(value, datetime) else value
