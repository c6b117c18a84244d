"""Being away: from when until when, who stands in, and afterwards what they did. Entered by oneself, or by an
administrator for somebody.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

import flask
from flask import request
from flask.typing import ResponseReturnValue

from blankett.engine.departments import Absence, DirectoryFault
from blankett.engine.fields import locale_formats
from blankett.engine.fields.typed_times import read_day
from blankett.engine.people.absence_changes import AbsenceChanges, WantedAbsence
from blankett.engine.people.stood_in import SteppedIn, done_for
from blankett.engine.store import StoredUser
from blankett.web import htmx
from blankett.web.access_policy import ADMINISTRATORS, SIGNED_IN, allow
from blankett.web.form_text import typed
from blankett.web.identity import current_language, the_actor
from blankett.web.lookup import find_user, offered_people, person_named
from blankett.web.page_locale import the_day, the_reader
from blankett.web.replay_post import is_again, say_why_again, shows_again
from blankett.web.request_unit import RequestUnit
from blankett.web.services import services
from blankett.web.templating import render, t

pages = flask.Blueprint("absences", __name__)

#: Of what was done meanwhile, so much is shown for each absence.
MOST_DONE = 100
TEXTS = ("first", "last", "substitute", "note")


@dataclass(frozen=True)
class AbsenceRow:
    """An absence as a page shows it."""

    absence: Absence
    substitute: str
    first: str
    last: str
    #: Titles; empty: all.
    blueprints: tuple[str, ...]
    #: running | coming | over
    when: str
    #: What the substitute did on records of the one who was away.
    done: tuple[SteppedIn, ...]


@pages.get("/absences")
@allow(SIGNED_IN)
def show_absences(request_unit: RequestUnit) -> str:
    """Show one's own absences, and for whom one stands in."""
    return draw_absences(request_unit, find_user(request_unit, the_actor().user))


@pages.post("/absences")
@allow(SIGNED_IN)
@shows_again
def enter_absence(request_unit: RequestUnit) -> ResponseReturnValue:
    """Enter that one will be away."""
    return entered(request_unit, the_actor().user, "/absences")


@pages.post("/absences/<absence>/end")
@allow(SIGNED_IN)
def end_absence(request_unit: RequestUnit, absence: str) -> ResponseReturnValue:
    """End one's own absence, or take it back."""
    return ended(request_unit, the_actor().user, absence, "/absences")


@pages.get("/people/<id>/absences")
@allow(ADMINISTRATORS)
def show_absences_of(request_unit: RequestUnit, id: str) -> str:
    """Show somebody's absences."""
    return draw_absences(request_unit, find_user(request_unit, id))


@pages.post("/people/<id>/absences")
@allow(ADMINISTRATORS)
@shows_again
def enter_absence_of(request_unit: RequestUnit, id: str) -> ResponseReturnValue:
    """Enter that somebody will be away."""
    return entered(request_unit, find_user(request_unit, id).id, f"/people/{id}/absences")


@pages.post("/people/<id>/absences/<absence>/end")
@allow(ADMINISTRATORS)
def end_absence_of(request_unit: RequestUnit, id: str, absence: str) -> ResponseReturnValue:
    """End somebody's absence, or take it back."""
    return ended(request_unit, id, absence, f"/people/{id}/absences")


def entered(request_unit: RequestUnit, user: str, back: str) -> ResponseReturnValue:
    """Enter what was typed; show it again with what is wrong."""
    texts = {name: typed(name) for name in TEXTS}
    if is_again():
        say_why_again()
        return draw_absences(request_unit, find_user(request_unit, user), texts)
    first, last = typed_day(texts["first"]), typed_day(texts["last"])
    wrong = [
        (name, t("calendars.day_wrong", example=locale_formats.typed_day(the_day(), the_reader().locale)))
        for name, day in (("first", first), ("last", last))
        if day is None
    ]
    if first is None or last is None:
        return draw_absences(request_unit, find_user(request_unit, user), texts, wrong), 422
    substitute = person_named(request_unit.reading, "substitute", texts["substitute"])
    if isinstance(substitute, DirectoryFault):
        return draw_absences(request_unit, find_user(request_unit, user), texts, words_of(substitute)), 422
    actor, today = the_actor(), the_day()
    chosen = frozenset(request.form.getlist("blueprints")) & request_unit.catalog.newest.keys()
    wanted = WantedAbsence(
        user=user, substitute=substitute.id, first=first, last=last, blueprints=chosen, note=texts["note"]
    )
    with request_unit.writing() as writing:
        done = AbsenceChanges(writing, actor.organisation, services().clock(), today, actor.user).enter(wanted)
    if isinstance(done, DirectoryFault):
        return draw_absences(request_unit, find_user(request_unit, user), texts, words_of(done)), 422
    flask.flash(t("absence.entered", name=substitute.name, last=spoken(done.last)), "good")
    return htmx.go_to(back)


def ended(request_unit: RequestUnit, user: str, absence: str, back: str) -> ResponseReturnValue:
    """End an absence; 404 for one that is none of that person's."""
    actor, today = the_actor(), the_day()
    with request_unit.writing() as writing:
        changes = AbsenceChanges(writing, actor.organisation, services().clock(), today, actor.user)
        done = changes.end(user, absence)
    if isinstance(done, DirectoryFault):
        flask.abort(404)
    flask.flash(t("absence.ended"), "good")
    return htmx.go_to(back)


def typed_day(text: str) -> date | None:
    """Return a day as the reader types it."""
    return read_day(text, the_reader().locale, the_day()).day


def spoken(day: date) -> str:
    """Return a day in the reader's words."""
    return locale_formats.spoken_day(day, the_reader().locale)


def words_of(fault: DirectoryFault) -> list[tuple[str, str]]:
    """Return a fault as the page shows it."""
    return [(fault.control, t(fault.message, **shown_params(fault.params)))]


def shown_params(params: Mapping[str, object]) -> dict[str, object]:
    """Return what a fault says with days in words and a chain of people as one text."""
    return {
        name: spoken(value)
        if isinstance(value, date)
        else " → ".join(map(str, value))
        if isinstance(value, tuple)
        else value
        for name, value in params.items()
    }


# Drawing --------------------------------------------------------------------------------------------------------------


def draw_absences(
    request_unit: RequestUnit,
    user: StoredUser,
    texts: Mapping[str, str] | None = None,
    mistakes: list[tuple[str, str]] | None = None,
) -> str:
    """Return the page of somebody's absences, with what was typed for a new one."""
    reading, organisation, today = request_unit.reading, the_actor().organisation, the_day()
    absences = reading.absences_of(organisation, user.id)
    names = {id: each.name for id, each in reading.users(organisation, {each.substitute for each in absences}).items()}
    titles = blueprint_titles(request_unit)
    is_self = user.id == the_actor().user
    rows = [absence_row(request_unit, each, names, titles, today, is_self=is_self) for each in absences]
    stands_in = reading.directory(organisation).stood_in_for(user.id, None, today)
    people = reading.users(organisation, stands_in)
    return render(
        "pages/absences.html",
        here="settings",
        user=user,
        is_self=is_self,
        address="/absences" if is_self else f"/people/{user.id}/absences",
        rows=sorted(rows, key=lambda row: row.absence.first, reverse=True),
        stands_in=[(people[id].name, spoken(how.until)) for id, how in stands_in.items() if id in people],
        blueprints=sorted(titles.items(), key=lambda item: item[1]),
        chosen=request.form.getlist("blueprints"),
        typed=dict.fromkeys(TEXTS, "") | dict(texts or {}),
        mistakes=mistakes or [],
        people=offered_people(request_unit, apart_from=user.id),
    )


def absence_row(
    request_unit: RequestUnit,
    absence: Absence,
    names: Mapping[str, str],
    titles: Mapping[str, str],
    today: date,
    *,
    is_self: bool,
) -> AbsenceRow:
    """Return an absence as a page shows it; what was done meanwhile is told to the person alone."""
    is_over = absence.ended_at is not None or absence.last < today
    when = "over" if is_over else "running" if absence.first <= today else "coming"
    done: tuple[SteppedIn, ...] = ()
    if is_self and absence.first <= today:
        zone = request_unit.zone
        begun = datetime.combine(absence.first, datetime.min.time(), zone)
        done = done_for(request_unit.unit, absence, begun, absence.ended_at, MOST_DONE, current_language())
    return AbsenceRow(
        absence,
        names.get(absence.substitute, absence.substitute),
        spoken(absence.first),
        spoken(absence.last),
        tuple(titles.get(key, key) for key in sorted(absence.blueprints)),
        when,
        done,
    )


def blueprint_titles(request_unit: RequestUnit) -> dict[str, str]:
    """Return the titles of the published blueprints, by key."""
    found = ((key, request_unit.catalog.newest_blueprint(key)) for key in request_unit.catalog.newest)
    return {key: blueprint.title.say(current_language()) for key, blueprint in found if blueprint is not None}
