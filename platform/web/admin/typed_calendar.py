"""What was typed on the pages of calendars, and what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from zoneinfo import ZoneInfo, available_timezones

from flask import request

from blankett.engine.calendar import (
    FIRST_YEAR,
    LAST_YEAR,
    WEEKDAYS,
    Calendar,
    CalendarDefinition,
    Hours,
    OwnDay,
    read_hours,
    read_length,
    week_fault,
)
from blankett.engine.calendar.public_holidays import is_region
from blankett.engine.fields import locale_formats
from blankett.engine.fields.typed_times import read_clock, read_day, written_clock
from blankett.engine.language.model import KEY
from blankett.engine.store import StoredCalendar
from blankett.web.form_text import is_line
from blankett.web.page_locale import the_day, the_reader
from blankett.web.services import services
from blankett.web.templating import t

LONGEST_TITLE, LONGEST_KEY = 80, 40

Mistakes = list[tuple[str, str]]


@dataclass(frozen=True)
class Trial:
    """What was tried: when it begins, how long it lasts, and when it ends."""

    day: str
    clock: str
    lasts: str
    ends: str = ""
    mistakes: Mistakes = field(default_factory=list)


@dataclass(frozen=True)
class TypedHours:
    """What was typed to change a calendar."""

    title: str
    hours: tuple[str, ...]
    since: str
    revision: str


@dataclass(frozen=True)
class TypedDay:
    """What was typed to add a day."""

    day: str = ""
    title: str = ""
    hours: str = ""


@dataclass(frozen=True)
class TypedCalendar:
    """What was typed to make a calendar."""

    title: str = ""
    key: str = ""
    zone: str = ""
    region: str = ""


def mistakes_in(made: TypedCalendar) -> Mistakes:
    """Return what is wrong with a new calendar."""
    mistakes: Mistakes = []
    if not is_line(made.title, LONGEST_TITLE):
        mistakes.append(("title", t("calendars.title_missing")))
    if not KEY.match(made.key) or len(made.key) > LONGEST_KEY:
        mistakes.append(("key", t("calendars.key_wrong")))
    if made.zone not in available_timezones():
        mistakes.append(("zone", t("setup.zone_unknown")))
    if made.region and not is_region(made.region):
        mistakes.append(("region", t("calendars.region_unknown")))
    return mistakes


def read_change(text: TypedHours, today: date) -> tuple[date | None, list[Hours], Mistakes]:
    """Return from when the hours hold, the hours of the weekdays, and what is wrong."""
    mistakes: Mistakes = [] if is_line(text.title, LONGEST_TITLE) else [("title", t("calendars.title_missing"))]
    days: list[Hours] = []
    for name, written in zip(WEEKDAYS, text.hours, strict=True):
        found = read_hours(written)
        if isinstance(found, str):
            mistakes.append((name, t(f"calendars.hours_{found}", text=written[:60])))
        days.append(() if isinstance(found, str) else found)
    fault = None if mistakes else week_fault(days)
    if fault == "empty":
        mistakes.append((WEEKDAYS[0], t("calendars.week_empty")))
    elif fault is not None:
        mistakes.append((WEEKDAYS[fault], t("calendars.night_too_long", text=text.hours[fault])))
    since = read_typed_day(text.since)
    if since is None or since < today:
        example = locale_formats.typed_day(today, the_reader().locale)
        mistakes.append(("since", t("calendars.since_wrong", example=example)))
    return since, days, mistakes


def read_own_day(text: TypedDay, definition: CalendarDefinition) -> tuple[date | None, OwnDay, Mistakes]:
    """Return the day, what is said of it, and what is wrong."""
    mistakes: Mistakes = []
    day = read_typed_day(text.day)
    if day is None:
        example = locale_formats.typed_day(the_day(), the_reader().locale)
        mistakes.append(("day", t("calendars.day_wrong", example=example)))
    elif day in definition.days:
        there = definition.days[day].title
        mistakes.append(("day", t("calendars.day_there", title=there)))
    if not is_line(text.title, LONGEST_TITLE):
        mistakes.append(("name", t("calendars.day_title_missing")))
    hours = read_hours(text.hours)
    if isinstance(hours, str):
        mistakes.append(("hours", t(f"calendars.hours_{hours}", text=text.hours[:60])))
        hours = ()
    return day, OwnDay(text.title, hours), mistakes


def read_typed_day(text: str) -> date | None:
    """Return a day that calendars know, as the reader types it."""
    day = read_day(text, the_reader().locale, the_day()).day
    return day if day is not None and FIRST_YEAR <= day.year <= LAST_YEAR else None


def read_plain_day(text: str) -> date | None:
    """Return the day that a page carries: ``2026-12-24``."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def tried(calendar: StoredCalendar) -> Trial:
    """Return what the address asks to be tried; by default something that begins now."""
    now = services().clock().astimezone(ZoneInfo(calendar.definition.zone))
    locale = the_reader().locale
    if "lasts" not in request.args:
        return Trial(locale_formats.typed_day(now.date(), locale), written_clock(time(now.hour, now.minute)), "")
    day_text, clock_text, lasts = (request.args.get(name, "").strip()[:60] for name in ("begins", "clock", "lasts"))
    trial = Trial(day_text, clock_text, lasts)
    day, clock, length = read_typed_day(trial.day), read_clock(trial.clock), read_length(trial.lasts)
    mistakes: Mistakes = []
    if day is None:
        mistakes.append(("begins", t("calendars.day_wrong", example=locale_formats.typed_day(the_day(), locale))))
    if clock is None:
        mistakes.append(("clock", t("calendars.clock_wrong")))
    if length is None:
        mistakes.append(("lasts", t("calendars.lasts_wrong")))
    if day is None or clock is None or length is None:
        return replace(trial, mistakes=mistakes)
    zone = ZoneInfo(calendar.definition.zone)
    ends = Calendar(calendar.definition).advance(datetime.combine(day, clock, zone), length)
    if ends is None:
        return replace(trial, ends=t("calendars.too_far", first=str(FIRST_YEAR), last=str(LAST_YEAR)))
    ended = f"{locale_formats.spoken_day(ends.date(), locale)} {written_clock(time(ends.hour, ends.minute))}"
    return replace(trial, ends=t("calendars.ends", moment=ended))
