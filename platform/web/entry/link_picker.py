"""What a picker offers while somebody types: records or people a link of the form may point to."""

from __future__ import annotations

from collections.abc import Sequence

import flask
from flask import request
from flask.typing import ResponseReturnValue

from blankett.engine.records.read import link_choices
from blankett.engine.records.read.link_choices import Choice
from blankett.web.access_policy import SIGNED_IN, allow
from blankett.web.entry.form import Entering
from blankett.web.lookup import find_entering, find_form, find_new, may_see, may_visit
from blankett.web.request_unit import RequestUnit
from blankett.web.templating import render, short_time, t

pages = flask.Blueprint("picking", __name__)

#: The engine gives so many at most; then there may be more.
MOST = 20
LONGEST = 200


@pages.post("/forms/<blueprint>/<form>/new/pick")
@allow(SIGNED_IN)
def pick_for_new(request_unit: RequestUnit, blueprint: str, form: str) -> ResponseReturnValue:
    """Offer choices for a link of a new record."""
    return offer(request_unit, find_new(request_unit, blueprint, form))


@pages.post("/records/<record>/edit/pick")
@allow(SIGNED_IN)
def pick_for_edit(request_unit: RequestUnit, record: str) -> ResponseReturnValue:
    """Offer choices for a link of a record being edited; 404 for one that may not be seen, as for none."""
    entering = find_entering(request_unit, record)
    if not may_see(request_unit, record):
        flask.abort(404)
    return offer(request_unit, entering)


def offer(request_unit: RequestUnit, entering: Entering) -> str:
    """Return the choices for the control named in the request that fit the words typed there."""
    name, words = request.form.get("_name", "")[:LONGEST], request.form.get("_words", "")[:LONGEST]
    found = link_choices.choices(request_unit.unit, entering.loose_command(name), tuple(name.split(".")), words.strip())
    return draw_picks(found)


@pages.post("/forms/<blueprint>/<form>/filter/pick")
@allow(SIGNED_IN)
def pick_filter(request_unit: RequestUnit, blueprint: str, form: str) -> ResponseReturnValue:
    """Offer choices for a filter on a link of a list."""
    found = find_form(request_unit, blueprint, form)
    if not may_visit(request_unit, found):
        flask.abort(404)
    name, words = request.form.get("_name", "")[:LONGEST], request.form.get("_words", "")[:LONGEST]
    return draw_picks(link_choices.filter_choices(request_unit.unit, found, name, words.strip()))


def draw_picks(found: Sequence[Choice]) -> str:
    """Return the rows of a picker: titles, and what tells those apart that are alike."""
    picks = [(choice.id, choice.title, hint_of(choice)) for choice in found]
    return render("fragments/_picks.html", picks=picks, has_more=len(picks) >= MOST)


def hint_of(choice: Choice) -> str:
    """Return what stands beside the title of a choice."""
    if choice.begun is None:
        return choice.hint
    begun = t("record.begun", name=choice.begun[0], time=short_time(choice.begun[1]))
    return f"{choice.hint} · {begun}" if choice.hint else begun
