"""Calendars: the hours and own days that formulas of working time count in, and whose holidays they have.

Whether those are known is looked at by `checks`: a published version is not asked again.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from zoneinfo import ZoneInfo, available_timezones

from blankett.engine.calendar import FIRST_YEAR, LAST_YEAR, WEEKDAYS, Hours, OwnDay, read_hours, week_fault
from blankett.engine.language.loader.partial_blueprint import PartialBlueprint
from blankett.engine.language.loader.translations import read_title
from blankett.engine.language.model import Place, WorkCalendar
from blankett.engine.language.problems import suggest
from blankett.engine.language.source import Map, Scalar

#: What is wrong with hours, in words that follow them.
HOURS_FAULTS: Mapping[str, str] = {
    "unreadable": "are no hours; write '8:00-17:00' or '8:00-12:00, 13:00-17:00'",
    "overlap": "has hours that begin before those in front of them end",
    "too_many": "has more than six stretches of work",
    "endless": "is more than 24 hours",
}


def read_calendars(draft: PartialBlueprint) -> dict[str, WorkCalendar]:
    """Return the calendars that are right, by key."""
    trees = draft.tree.map("calendars")
    found = {key: _read_calendar(draft, key, tree) for key, tree in trees.maps()}
    return {key: calendar for key, calendar in found.items() if calendar is not None}


def calendar_of(draft: PartialBlueprint, tree: Map, place: Place, *, counts: bool | None) -> str | None:
    """Return the calendar that *tree* names, or the only one; None where there is none to go by. *counts*: whether
    working time is counted, which needs one; None where that is not known. What is missing is told at *place*.
    """
    known, scalar = draft.calendar_keys, tree.scalar("calendar")
    if scalar is not None:
        if scalar.text in known:
            return scalar.text
        message = f"there is no calendar {scalar.text[:60]!r} under 'calendars' of the blueprint"
        draft.report.add("unknown_calendar", scalar.place, suggestion=suggest(scalar.text, known), message=message)
        return None
    if counts is False:
        return None
    if len(known) == 1:
        return known[0]
    if counts:
        message = (
            f"several calendars are there: say 'calendar: {known[0]}' or another"
            if known
            else "working time needs a calendar, and the blueprint has none under 'calendars'"
        )
        draft.report.add("unknown_calendar", place, message=message)
    return None


def _read_calendar(draft: PartialBlueprint, key: str, tree: Map) -> WorkCalendar | None:
    place = draft.tree.map("calendars").key_place(key)
    title = read_title(draft.translations, tree, ("calendars", key), place)
    zone, hours = _read_zone(draft, tree), _read_week(draft, key, tree)
    days = _read_days(draft, tree)
    if zone is None or hours is None:
        return None
    return WorkCalendar(key, title, zone, hours, tree.text("holidays") or "", MappingProxyType(days), place)


def _read_zone(draft: PartialBlueprint, tree: Map) -> str | None:
    scalar = tree.scalar("zone")
    if scalar is None:
        return None
    try:
        return ZoneInfo(scalar.text).key
    except (ValueError, OSError, KeyError):
        suggestion = suggest(scalar.text, sorted(available_timezones()))
        draft.report.add("unknown_zone", scalar.place, suggestion=suggestion, name=scalar.text[:60])
        return None


def _read_week(draft: PartialBlueprint, key: str, tree: Map) -> tuple[Hours, ...] | None:
    """Return the hours of the weekdays, Monday first; None where they are wrong."""
    written = tree.map("hours")
    found: list[Hours] = []
    is_right = True
    for day in WEEKDAYS:
        scalar = written.scalar(day)
        hours = _read_hours(draft, scalar) if scalar is not None else ()
        is_right = is_right and hours is not None
        found.append(hours or ())
    fault = week_fault(found) if is_right and isinstance(tree.get("hours"), Map) else None
    if fault == "empty":
        draft.report.add("no_working_time", tree.key_place("hours"), key=key)
    elif fault is not None:
        night = written.scalar(WEEKDAYS[fault])
        assert night is not None
        following = WEEKDAYS[(fault + 1) % len(WEEKDAYS)].capitalize()
        reason = f"reaches into the hours of {following}"
        draft.report.add("bad_hours", night.place, text=night.text[:60], reason=reason)
    return tuple(found) if is_right and fault is None else None


def _read_hours(draft: PartialBlueprint, scalar: Scalar) -> Hours | None:
    found = read_hours(scalar.text)
    if isinstance(found, str):
        draft.report.add("bad_hours", scalar.place, text=scalar.text[:60], reason=HOURS_FAULTS[found])
        return None
    return found


def _read_days(draft: PartialBlueprint, tree: Map) -> dict[date, OwnDay]:
    days: dict[date, OwnDay] = {}
    for text, entry in tree.map("days").entries.items():
        day = _read_day(text)
        hours: Hours | None = ()
        title = entry.value.text if isinstance(entry.value, Scalar) else ""
        if isinstance(entry.value, Map):
            title, scalar = entry.value.text("title") or "", entry.value.scalar("hours")
            hours = _read_hours(draft, scalar) if scalar is not None else ()
        if day is None:
            first, last = f"{FIRST_YEAR}-01-01", f"{LAST_YEAR}-12-31"
            draft.report.add("bad_day", entry.key.place, text=text[:60], first=first, last=last)
        elif hours is not None:
            days[day] = OwnDay(title, hours)
    return days


def _read_day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if FIRST_YEAR <= day.year <= LAST_YEAR and text == day.isoformat() else None
