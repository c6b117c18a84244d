"""What administrators change in a calendar. Days that have passed keep their hours and their public holidays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType

from blankett.engine.calendar.definition import CalendarDefinition, Hours, OwnDay, Week
from blankett.engine.calendar.public_holidays import NO_HOLIDAYS, PublicHolidays, public_holidays


@dataclass(frozen=True)
class HolidayChange:
    """A public holiday that comes, goes or gets another name; None where it is none."""

    day: date
    was: str | None
    now: str | None


def with_hours(definition: CalendarDefinition, days: Sequence[Hours], since: date) -> CalendarDefinition:
    """Return the calendar with the hours of a week from *since* on, until those that are to hold from a later day."""
    others = [week for week in definition.weeks if week.since != since]
    weeks: list[Week] = []
    for week in sorted([*others, Week(tuple(days), since)], key=lambda week: week.since or date.min):
        if not weeks or weeks[-1].days != week.days:
            weeks.append(week)
    return replace(definition, weeks=tuple(weeks))


def with_day(definition: CalendarDefinition, day: date, own: OwnDay | None) -> CalendarDefinition:
    """Return the calendar with *own* as what it says of *day*; None: as in every other week."""
    days = {other: said for other, said in definition.days.items() if other != day}
    if own is not None:
        days[day] = own
    return replace(definition, days=MappingProxyType(dict(sorted(days.items()))))


def with_holidays(
    definition: CalendarDefinition, region: str, public: PublicHolidays, since: date
) -> CalendarDefinition:
    """Return the calendar with public holidays as they are known now, from *since* on."""
    holidays = {day: name for day, name in definition.holidays.items() if day < since}
    holidays |= {day: name for day, name in public.days.items() if day >= since}
    worked = {day for day in definition.worked if day < since} | {day for day in public.worked if day >= since}
    return replace(definition, region=region, holidays=MappingProxyType(holidays), worked=frozenset(worked))


def renewed(definition: CalendarDefinition, region: str, since: date) -> CalendarDefinition:
    """Return the calendar with the public holidays of *region* (empty: none) as the package knows them, from *since*
    on.
    """
    return with_holidays(definition, region, public_holidays(region) if region else NO_HOLIDAYS, since)


def holiday_changes(definition: CalendarDefinition, changed: CalendarDefinition) -> tuple[HolidayChange, ...]:
    """Return which days get another public holiday, or none, in order."""
    days = sorted(definition.holidays.keys() | changed.holidays.keys())
    pairs = ((day, definition.holidays.get(day), changed.holidays.get(day)) for day in days)
    return tuple(HolidayChange(day, was, now) for day, was, now in pairs if was != now)
