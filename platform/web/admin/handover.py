"""Handing over everything of somebody who leaves: what there is, to whom it goes, and how far that is."""

from __future__ import annotations

from collections.abc import Sequence

import flask
from flask.typing import ResponseReturnValue

from blankett.engine.departments import DirectoryFault
from blankett.engine.people.handover import MOST_COUNTED, begin_handover, belongings_of
from blankett.web import htmx
from blankett.web.access_policy import ADMINISTRATORS, allow
from blankett.web.admin.departments import words_of
from blankett.web.form_text import typed
from blankett.web.identity import current_language, the_actor
from blankett.web.lookup import find_user, offered_people, person_named
from blankett.web.page_locale import the_day
from blankett.web.replay_post import is_again, say_why_again, shows_again
from blankett.web.request_unit import RequestUnit
from blankett.web.services import services
from blankett.web.templating import render, t

pages = flask.Blueprint("handover", __name__)


@pages.get("/people/<id>/hand-over")
@allow(ADMINISTRATORS)
def show_handover(request_unit: RequestUnit, id: str) -> str:
    """Show what somebody has that can be handed over."""
    return draw_handover(request_unit, id)


@pages.post("/people/<id>/hand-over")
@allow(ADMINISTRATORS)
@shows_again
def hand_person_over(request_unit: RequestUnit, id: str) -> ResponseReturnValue:
    """Hand over everything of somebody."""
    user, text = find_user(request_unit, id), typed("heir")
    if is_again():
        say_why_again()
        return draw_handover(request_unit, id, text)
    heir = person_named(request_unit.reading, "heir", text)
    if isinstance(heir, DirectoryFault):
        return draw_handover(request_unit, id, text, words_of(heir)), 422
    actor, today = the_actor(), the_day()
    with request_unit.writing() as writing:
        done = begin_handover(writing, actor.organisation, id, heir.id, actor.user, services().clock(), today)
    if isinstance(done, DirectoryFault):
        return draw_handover(request_unit, id, text, words_of(done)), 422
    flask.flash(t("handover.begun", leaver=user.name, heir=heir.name), "good")
    return htmx.go_to(f"/people/{id}/hand-over")


def count_words(count: int) -> str:
    """Return how many records there are, as far as they were counted."""
    return t("handover.at_least", count=count) if count >= MOST_COUNTED else str(count)


def draw_handover(request_unit: RequestUnit, id: str, text: str = "", mistakes: Sequence[tuple[str, str]] = ()) -> str:
    """Return the page, with who was typed."""
    user, reading = find_user(request_unit, id), request_unit.reading
    found = belongings_of(reading, request_unit.catalog, id, the_day())
    return render(
        "pages/handover.html",
        here="workspaces",
        user=user,
        found=found,
        records=[(title.say(current_language()), count_words(count)) for title, _, count in found.records],
        typed=text,
        mistakes=list(mistakes),
        people=offered_people(request_unit, apart_from=id),
    )
