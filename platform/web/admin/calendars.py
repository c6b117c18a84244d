"""Calendars of the organisation: their hours, holidays and own days, and trying how long something takes by them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
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
    Week,
    minutes_of,
    read_hours,
    written_hours,
)
from blankett.engine.calendar.changes import holiday_changes, renewed, with_day, with_hours
from blankett.engine.calendar.public_holidays import NO_HOLIDAYS, is_region, public_holidays, regions
from blankett.engine.fields import locale_formats
from blankett.engine.jobs.deadlines_job import change_calendar
from blankett.engine.store import StoredCalendar
from blankett.web import htmx
from blankett.web.access_policy import ADMINISTRATORS, WORKSPACE_ADMINISTRATORS, allow
from blankett.web.admin.calendar_view import (
    changes_of_clock,
    days_of,
    figure,
    hours_row,
    months_of,
    week_in_words,
    weekday_heads,
)
from blankett.web.admin.typed_calendar import (
    Mistakes,
    TypedCalendar,
    TypedDay,
    TypedHours,
    mistakes_in,
    read_change,
    read_own_day,
    read_plain_day,
    tried,
)
from blankett.web.form_text import typed, whole_number
from blankett.web.identity import the_actor
from blankett.web.page_locale import the_reader
from blankett.web.replay_post import is_again, say_why_again, shows_again
from blankett.web.request_unit import RequestUnit
from blankett.web.services import services
from blankett.web.templating import render, t

pages = flask.Blueprint("calendars", __name__)

#: Days that a change of holidays shows one by one.
MOST_SHOWN = 60
#: The hours a new calendar starts with, Monday to Friday.
USUAL = "8:00-16:00"
WORKDAYS = 5


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
    since, days, mistakes = read_change(text, today_in(calendar))
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
    """Keep a calendar, and say how many deadlines are worked out anew; tell whether nobody was faster."""
    actor = the_actor()
    with request_unit.writing() as writing:
        count = change_calendar(writing, actor.organisation, changed, actor.user, services().clock())
    if count:
        flask.flash(t("calendars.deadlines", count=count), "info")
    return count is not None


def find_calendar(request_unit: RequestUnit, key: str) -> StoredCalendar:
    """Return a calendar as it is now; 404 where there is none."""
    found = request_unit.reading.calendar(the_actor().organisation, key)
    if found is None:
        flask.abort(404)
    return found


def today_in(calendar: StoredCalendar) -> date:
    """Return the day it is where the calendar is."""
    return services().clock().astimezone(ZoneInfo(calendar.definition.zone)).date()


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
        week_total=figure(sum(map(minutes_of, week.days))),
        later=[
            (locale_formats.shown_day(each.since, reader.locale), week_in_words(each))
            for each in definition.weeks
            if each.since is not None and each.since > today
        ],
        changes_of_clock=changes_of_clock(Calendar(definition), today),
        typed=shown,
        typed_day=day or TypedDay(),
        mistakes=mistakes or [],
        is_stale=is_stale,
        year=year,
        years=(FIRST_YEAR, LAST_YEAR),
        days=days_of(definition, year),
        months=months_of(definition, year, today),
        weekdays=weekday_heads(),
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
