"""What the page of a calendar shows: the hours of a week, the days of a year that are otherwise, and its months."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from blankett.engine.calendar import (
    WEEKDAYS,
    Calendar,
    CalendarDefinition,
    Week,
    minutes_of,
    read_hours,
    written_hours,
)
from blankett.engine.fields import locale_formats
from blankett.web.page_locale import the_reader
from blankett.web.templating import t

#: Any Monday.
MONDAY = date(2026, 3, 2)


@dataclass(frozen=True)
class HoursRow:
    """A weekday with its hours, as the table shows it."""

    #: The name of its control.
    name: str
    title: str
    text: str
    #: Hours in figures; empty for a day off, or for what cannot be read.
    total: str
    #: (first, length) of each stretch of work, in minutes of the day.
    bars: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class DayOff:
    """A day that is otherwise than in its week."""

    day: date
    text: str
    title: str
    hours: str
    is_own: bool


@dataclass(frozen=True)
class MonthDay:
    """A day of a month's small sheet."""

    number: int
    #: off, holiday, own, or empty for a day of work.
    kind: str
    is_today: bool
    title: str


@dataclass(frozen=True)
class MonthSheet:
    """A month: its name and its weeks, Monday first; None where a week lies in another month."""

    title: str
    weeks: tuple[tuple[MonthDay | None, ...], ...]


def hours_row(number: int, text: str) -> HoursRow:
    """Return a weekday as the table shows it, with what was typed."""
    read = read_hours(text)
    hours = () if isinstance(read, str) else read
    title = locale_formats.full_weekday(MONDAY + timedelta(days=number), the_reader().locale)
    bars = tuple((span.start, min(span.end, 1440) - span.start) for span in hours)
    bars += tuple((0, span.end - 1440) for span in hours if span.end > 1440)
    return HoursRow(WEEKDAYS[number], title, text, figure(minutes_of(hours)) if hours else "", bars)


def figure(minutes: int) -> str:
    """Return minutes as hours in figures: ``7.5``."""
    return locale_formats.shown_number(Decimal(minutes) / 60, the_reader().locale)


def week_in_words(week: Week) -> str:
    """Return a week in one line: ``Mon 8:00–16:00, Tue …``."""
    locale = the_reader().locale
    return "; ".join(
        f"{locale_formats.weekday(MONDAY + timedelta(days=number), locale)} {written_hours(hours, '–')}"
        for number, hours in enumerate(week.days)
        if hours
    )


def changes_of_clock(calendar: Calendar, today: date) -> list[str]:
    """Return the days of the coming year on which the clock is put forward or back, in words."""
    locale = the_reader().locale
    return [
        t(
            "calendars.clock_forward" if is_forward else "calendars.clock_back",
            day=locale_formats.spoken_day(day, locale),
        )
        for day, is_forward in calendar.clock_changes(today)
    ]


def weekday_heads() -> list[tuple[str, str]]:
    """Return the letter and the name of each weekday, Monday first."""
    locale, days = the_reader().locale, (MONDAY + timedelta(days=number) for number in range(len(WEEKDAYS)))
    return [(locale_formats.narrow_weekday(day, locale), locale_formats.full_weekday(day, locale)) for day in days]


def days_of(definition: CalendarDefinition, year: int) -> list[DayOff]:
    """Return the days of a year that are otherwise, in order."""
    locale = the_reader().locale
    own = {day: said for day, said in definition.days.items() if day.year == year}
    public = {day: name for day, name in definition.holidays.items() if day.year == year and day not in own}
    found = [
        DayOff(day, locale_formats.spoken_day(day, locale), said.title, written_hours(said.hours, "–"), True)
        for day, said in own.items()
    ]
    found += [DayOff(day, locale_formats.spoken_day(day, locale), name, "", False) for day, name in public.items()]
    return sorted(found, key=lambda each: each.day)


def months_of(definition: CalendarDefinition, year: int, today: date) -> list[MonthSheet]:
    """Return the months of a year."""
    return [month_of(definition, year, month, today) for month in range(1, 13)]


def month_of(definition: CalendarDefinition, year: int, month: int, today: date) -> MonthSheet:
    """Return one month."""
    first = date(year, month, 1)
    cells: list[MonthDay | None] = [None] * first.weekday()
    day = first
    while day.month == month:
        own, name = definition.days.get(day), definition.holidays.get(day)
        kind = "own" if own else "holiday" if name else "" if definition.hours_on(day) else "off"
        cells.append(MonthDay(day.day, kind, day == today, own.title if own else name or ""))
        day += timedelta(days=1)
    cells += [None] * (-len(cells) % len(WEEKDAYS))
    weeks = tuple(tuple(cells[at : at + len(WEEKDAYS)]) for at in range(0, len(cells), len(WEEKDAYS)))
    return MonthSheet(locale_formats.month_name(first, the_reader().locale), weeks)
