"""Calendars of the organisation: their hours, holidays and own days, and trying how long something takes by them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo, available_timezones

import flask
from flask import request
from flask.typing import ResponseReturnValue

from blankett.engine.calendar import (
    FIRST_YEAR,
    LAST_YEAR,
    WEEKDAYS,
    Calendar,
    CalendarDefinition,
    Hours,
    OwnDay,
    Week,
    read_hours,
    read_length,
    week_fault,
    written_hours,
)
from blankett.engine.calendar.changes import holiday_changes, renewed, with_day, with_hours
from blankett.engine.calendar.public_holidays import NO_HOLIDAYS, is_region, public_holidays, regions
from blankett.engine.fields import locale_formats
from blankett.engine.fields.typed_times import read_clock, read_day, written_clock
from blankett.engine.language.model import KEY
from blankett.engine.store import StoredCalendar
from blankett.web import htmx
from blankett.web.access_policy import ADMINISTRATORS, WORKSPACE_ADMINISTRATORS, allow
from blankett.web.form_text import is_line, typed, whole_number
from blankett.web.identity import the_actor
from blankett.web.page_locale import the_day, the_reader
from blankett.web.replay_post import is_again, say_why_again, shows_again
from blankett.web.request_unit import RequestUnit
from blankett.web.services import services
from blankett.web.templating import render, t

pages = flask.Blueprint("calendars", __name__)

LONGEST_TITLE, LONGEST_KEY = 80, 40
#: Days that a change of holidays shows one by one.
MOST_SHOWN = 60
#: The hours a new calendar starts with, Monday to Friday.
USUAL = "8:00-16:00"
WORKDAYS = 5
#: Any Monday.
MONDAY = date(2026, 3, 2)

Mistakes = list[tuple[str, str]]


# What the page shows --------------------------------------------------------------------------------------------------


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


# Looking --------------------------------------------------------------------------------------------------------------


@pages.get("/calendars")
@allow(WORKSPACE_ADMINISTRATORS)
def show_calendars(request_unit: RequestUnit) -> ResponseReturnValue:
    """Show the first calendar, or what a first one takes."""
    known = request_unit.reading.calendars(the_actor().organisation)
    return htmx.go_to(f"/calendars/{known[0].key}") if known else render_new(request_unit, TypedCalendar(), [])


@pages.get("/calendars/<key>")
@allow(WORKSPACE_ADMINISTRATORS)
def show_calendar(request_unit: RequestUnit, key: str) -> str:
    """Show a calendar: its hours, the days of a year that are otherwise, and what was tried."""
    return render_calendar(request_unit, find_calendar(request_unit, key))


# Changing -------------------------------------------------------------------------------------------------------------


@pages.get("/new-calendar")
@allow(ADMINISTRATORS)
def show_new_calendar(request_unit: RequestUnit) -> str:
    """Ask for what a new calendar is."""
    return render_new(request_unit, TypedCalendar(), [])


@pages.post("/new-calendar")
@allow(ADMINISTRATORS)
@shows_again
def make_calendar(request_unit: RequestUnit) -> ResponseReturnValue:
    """Make a calendar with the usual hours and the public holidays of a country."""
    made = TypedCalendar(**{name: typed(name) for name in ("title", "key", "zone", "region")})
    if is_again():
        say_why_again()
        return render_new(request_unit, made, [])
    mistakes = mistakes_in(made)
    if mistakes:
        return render_new(request_unit, made, mistakes), 422
    usual = read_hours(USUAL)
    assert not isinstance(usual, str)
    week = Week(tuple(usual if number < WORKDAYS else () for number in range(len(WEEKDAYS))))
    public = public_holidays(made.region) if made.region else NO_HOLIDAYS
    definition = CalendarDefinition(made.zone, (week,), made.region, public.days, public.worked)
    with request_unit.writing() as writing:
        is_new = writing.put_calendar(the_actor().organisation, StoredCalendar(made.key, made.title, definition))
    if not is_new:
        return render_new(request_unit, made, [("key", t("calendars.key_taken", key=made.key))]), 422
    flask.flash(t("calendars.made", title=made.title), "good")
    return htmx.go_to(f"/calendars/{made.key}")


@pages.post("/calendars/<key>")
@allow(ADMINISTRATORS)
@shows_again
def change_hours(request_unit: RequestUnit, key: str) -> ResponseReturnValue:
    """Change the title and, from a day on, the hours; refused with both where somebody else was faster."""
    calendar = find_calendar(request_unit, key)
    text = TypedHours(
        typed("title"), tuple(typed(name) for name in WEEKDAYS), typed("since"), request.form.get("revision", "")
    )
    if is_again():
        say_why_again()
        return render_calendar(request_unit, calendar, text)
    since, days, mistakes = read_change(text, calendar)
    if mistakes or since is None:
        return render_calendar(request_unit, calendar, text, mistakes=mistakes), 422
    changed = replace(
        calendar,
        title=text.title,
        definition=with_hours(calendar.definition, days, since),
        revision=calendar.revision + 1,
    )
    is_seen = whole_number(text.revision) == calendar.revision
    if not is_seen or not put(request_unit, changed):
        now = find_calendar(request_unit, key)
        return render_calendar(request_unit, now, replace(text, revision=str(now.revision)), is_stale=True), 409
    flask.flash(t("calendars.saved", title=text.title), "good")
    return htmx.go_to(f"/calendars/{key}")


@pages.post("/calendars/<key>/days")
@allow(ADMINISTRATORS)
@shows_again
def add_day(request_unit: RequestUnit, key: str) -> ResponseReturnValue:
    """Add a day that is otherwise. One that is there already is not replaced."""
    calendar = find_calendar(request_unit, key)
    text = TypedDay(typed("day"), typed("name"), typed("hours"))
    if is_again():
        say_why_again()
        return render_calendar(request_unit, calendar, day=text)
    day, own, mistakes = read_own_day(text, calendar.definition)
    if mistakes or day is None:
        return render_calendar(request_unit, calendar, day=text, mistakes=mistakes), 422
    changed = replace(calendar, definition=with_day(calendar.definition, day, own), revision=calendar.revision + 1)
    if not put(request_unit, changed):
        now = find_calendar(request_unit, key)
        return render_calendar(request_unit, now, day=text, is_stale=True), 409
    flask.flash(t("calendars.day_added", day=locale_formats.spoken_day(day, the_reader().locale)), "good")
    return htmx.go_to(f"/calendars/{key}?year={day.year}#days")


@pages.post("/calendars/<key>/days/remove")
@allow(ADMINISTRATORS)
def remove_day(request_unit: RequestUnit, key: str) -> ResponseReturnValue:
    """Take a day back that is otherwise; one that is gone already is as wanted."""
    calendar = find_calendar(request_unit, key)
    day = read_plain_day(typed("day"))
    if day is None:
        flask.abort(404)
    if day in calendar.definition.days:
        changed = replace(calendar, definition=with_day(calendar.definition, day, None), revision=calendar.revision + 1)
        if not put(request_unit, changed):
            return render_calendar(request_unit, find_calendar(request_unit, key), is_stale=True), 409
    flask.flash(t("calendars.day_removed", day=locale_formats.spoken_day(day, the_reader().locale)), "good")
    return htmx.go_to(f"/calendars/{key}?year={day.year}#days")


@pages.get("/calendars/<key>/holidays")
@allow(ADMINISTRATORS)
def show_holidays(request_unit: RequestUnit, key: str) -> str:
    """Show which days would change if public holidays were taken over as they are known now."""
    calendar = find_calendar(request_unit, key)
    return render_holidays(calendar, request.args.get("region", calendar.definition.region))


@pages.post("/calendars/<key>/holidays")
@allow(ADMINISTRATORS)
def take_holidays(request_unit: RequestUnit, key: str) -> ResponseReturnValue:
    """Take public holidays over as they are known now, from today on; shown anew where the calendar has changed."""
    calendar, region = find_calendar(request_unit, key), typed("region")
    if region and not is_region(region):
        return render_holidays(calendar, region), 422
    changed = replace(
        calendar, definition=renewed(calendar.definition, region, today_in(calendar)), revision=calendar.revision + 1
    )
    if whole_number(typed("revision")) != calendar.revision or not put(request_unit, changed):
        return render_holidays(find_calendar(request_unit, key), region, is_stale=True), 409
    flask.flash(t("calendars.holidays_taken", title=calendar.title), "good")
    return htmx.go_to(f"/calendars/{key}#days")


def put(request_unit: RequestUnit, changed: StoredCalendar) -> bool:
    """Keep a calendar; tell whether nobody was faster."""
    with request_unit.writing() as writing:
        return writing.put_calendar(the_actor().organisation, changed)


def find_calendar(request_unit: RequestUnit, key: str) -> StoredCalendar:
    """Return a calendar as it is now; 404 where there is none."""
    found = request_unit.reading.calendar(the_actor().organisation, key)
    if found is None:
        flask.abort(404)
    return found


def today_in(calendar: StoredCalendar) -> date:
    """Return the day it is where the calendar is."""
    return services().clock().astimezone(ZoneInfo(calendar.definition.zone)).date()


# Reading what was typed -----------------------------------------------------------------------------------------------


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


def read_change(text: TypedHours, calendar: StoredCalendar) -> tuple[date | None, list[Hours], Mistakes]:
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
    if since is None or since < today_in(calendar):
        example = locale_formats.typed_day(today_in(calendar), the_reader().locale)
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


# Drawing --------------------------------------------------------------------------------------------------------------


def render_calendar(
    request_unit: RequestUnit,
    calendar: StoredCalendar,
    text: TypedHours | None = None,
    *,
    day: TypedDay | None = None,
    mistakes: Mistakes | None = None,
    is_stale: bool = False,
) -> str:
    """Return the page of a calendar, with what was typed; *is_stale*: somebody else has changed it meanwhile."""
    definition, reader, today = calendar.definition, the_reader(), today_in(calendar)
    week = definition.week_on(today)
    hours = text.hours if text else tuple(written_hours(each, "–") for each in week.days)
    shown = text or TypedHours(
        calendar.title, hours, locale_formats.typed_day(today, reader.locale), str(calendar.revision)
    )
    year = whole_number(request.args.get("year", "")) or today.year
    year = min(max(year, FIRST_YEAR), LAST_YEAR)
    return render(
        "pages/calendar.html",
        here="calendars",
        kept=calendar,
        calendars=request_unit.reading.calendars(the_actor().organisation),
        used_by=used_by(request_unit, calendar.key),
        rows=[hours_row(number, written) for number, written in enumerate(hours)],
        week_total=figure(sum(length_of(each) for each in week.days)),
        later=[
            (locale_formats.shown_day(each.since, reader.locale), week_in_words(each))
            for each in definition.weeks
            if each.since is not None and each.since > today
        ],
        changes_of_clock=changes_of_clock(definition.zone, today),
        typed=shown,
        typed_day=day or TypedDay(),
        mistakes=mistakes or [],
        is_stale=is_stale,
        year=year,
        years=(FIRST_YEAR, LAST_YEAR),
        days=days_of(definition, year),
        months=months_of(definition, year, today),
        weekdays=[
            (locale_formats.narrow_weekday(day, reader.locale), locale_formats.full_weekday(day, reader.locale))
            for day in (MONDAY + timedelta(days=number) for number in range(len(WEEKDAYS)))
        ],
        trial=tried(calendar),
        may_change=the_actor().is_admin,
    )


def render_new(request_unit: RequestUnit, made: TypedCalendar, mistakes: Mistakes) -> str:
    """Return the page that makes a calendar."""
    organisation = request_unit.reading.organisation(the_actor().organisation)
    zone = made.zone or (organisation.zone if organisation else "UTC")
    return render(
        "pages/new_calendar.html",
        here="calendars",
        typed=replace(made, zone=zone),
        mistakes=mistakes,
        zones=sorted(available_timezones()),
        regions=region_choices(),
        is_first=not request_unit.reading.calendars(the_actor().organisation),
        may_change=the_actor().is_admin,
    )


def render_holidays(calendar: StoredCalendar, region: str, *, is_stale: bool = False) -> str:
    """Return the page that shows what taking public holidays over would change."""
    is_known = not region or is_region(region)
    changes = (
        holiday_changes(calendar.definition, renewed(calendar.definition, region, today_in(calendar)))
        if is_known
        else ()
    )
    locale = the_reader().locale
    return render(
        "pages/calendar_holidays.html",
        here="calendars",
        kept=calendar,
        region=region,
        regions=region_choices(),
        changes=[(locale_formats.spoken_day(each.day, locale), each.was, each.now) for each in changes[:MOST_SHOWN]],
        more=max(0, len(changes) - MOST_SHOWN),
        is_same=is_known and not changes and region == calendar.definition.region,
        mistakes=[] if is_known else [("region", t("calendars.region_unknown"))],
        is_stale=is_stale,
    )


def region_choices() -> list[tuple[str, str]]:
    """Return the countries and their regions with their names, those of a country behind it."""
    names = locale_formats.country_names(the_reader().locale)
    countries = sorted(regions(), key=lambda country: names.get(country, country))
    found = [("", t("calendars.no_holidays"))]
    for country in countries:
        title = names.get(country, country)
        found.append((country, title))
        found += [(f"{country}-{region}", f"{title}, {region}") for region in regions()[country]]
    return found


def used_by(request_unit: RequestUnit, key: str) -> list[str]:
    """Return the titles of the blueprints whose newest version declares the calendar."""
    catalog, language = request_unit.catalog, the_reader().language
    newest = (catalog.newest_blueprint(blueprint) for blueprint in sorted(catalog.newest))
    return [found.title.say(language) for found in newest if found is not None and key in found.calendars]


def hours_row(number: int, text: str) -> HoursRow:
    """Return a weekday as the table shows it, with what was typed."""
    read = read_hours(text)
    hours = () if isinstance(read, str) else read
    title = locale_formats.full_weekday(MONDAY + timedelta(days=number), the_reader().locale)
    bars = tuple((span.start, min(span.end, 1440) - span.start) for span in hours)
    bars += tuple((0, span.end - 1440) for span in hours if span.end > 1440)
    return HoursRow(WEEKDAYS[number], title, text, figure(length_of(hours)) if hours else "", bars)


def length_of(hours: Hours) -> int:
    """Return the minutes of a day's hours, as the clock shows them."""
    return sum(span.end - span.start for span in hours)


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


def changes_of_clock(zone: str, today: date) -> list[str]:
    """Return the next days on which the clock is put forward or back, in words."""
    found, where = [], ZoneInfo(zone)
    for number in range(366):
        day = today + timedelta(days=number)
        start, end = (datetime.combine(each, time(), where).utcoffset() for each in (day, day + timedelta(days=1)))
        if start is not None and end is not None and start != end:
            shown = locale_formats.spoken_day(day, the_reader().locale)
            found.append(t("calendars.clock_forward" if end > start else "calendars.clock_back", day=shown))
    return found


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
