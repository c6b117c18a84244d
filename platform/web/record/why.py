"""Why: what decided an event of a record, what stands in the way of an action, and what somebody else sees of it."""

from __future__ import annotations

from collections.abc import Sequence

import flask
from flask import request
from flask.typing import ResponseReturnValue

from blankett.engine.records.explain import view_as as view_as
from blankett.engine.records.explain import why
from blankett.engine.records.explain.reasons import Reason
from blankett.engine.records.explain.why import Explained
from blankett.engine.records.read import record_view
from blankett.engine.records.read.results import RecordView
from blankett.web import htmx
from blankett.web.access_policy import SIGNED_IN, WORKSPACE_ADMINISTRATORS, allow
from blankett.web.identity import the_actor
from blankett.web.lookup import LONGEST_KEY, find_record, found_or_404
from blankett.web.request_unit import RequestUnit
from blankett.web.templating import render, t

pages = flask.Blueprint("why", __name__)


@pages.get("/records/<record>/events/<int:sequence>/why")
@allow(SIGNED_IN)
def explain_event(request_unit: RequestUnit, record: str, sequence: int) -> ResponseReturnValue:
    """Say what decided what an event tells."""
    found = find_record(request_unit, record)
    told = found_or_404(why.explain_event(request_unit.unit, record, sequence))
    return render_why(request_unit, found, t("why.event"), (), told.decisions, f"why-{sequence}")


@pages.get("/records/<record>/actions/<action>/why")
@allow(SIGNED_IN)
def explain_action(request_unit: RequestUnit, record: str, action: str) -> ResponseReturnValue:
    """Say what an action asks for, and what stands in its way."""
    found = find_record(request_unit, record)
    told = found_or_404(why.explain_action(request_unit.unit, record, action))
    heading = t("why.not" if told.reasons else "why.action", action=told.title)
    return render_why(request_unit, found, heading, told.reasons, told.decisions, f"why-more-{action}")


@pages.get("/records/<record>/as")
@allow(WORKSPACE_ADMINISTRATORS)
def show_seen_by(request_unit: RequestUnit, record: str) -> ResponseReturnValue:
    """Show a record as somebody else sees it, to who administers its workspace."""
    unit, is_long = request_unit.unit, len(record) > LONGEST_KEY
    askable = found_or_404(None if is_long else view_as.askable(unit, record))
    asked = request.args.get("person", "")[:LONGEST_KEY]
    seen = found_or_404(view_as.seen_by(unit, record, asked, unit.again)) if asked else None
    own = record_view.open_record(unit, record)
    return render(
        "pages/seen_by.html",
        here=askable.form,
        address=f"/records/{record}",
        title=own.title if own else askable.form_title,
        may_open_record=own is not None,
        people=askable.people,
        asked=asked,
        seen=seen,
        may_open=seen is not None and the_actor().may_administer(home_of(request_unit, seen.blueprint)),
    )


def render_why(
    request_unit: RequestUnit,
    record: RecordView,
    heading: str,
    reasons: Sequence[Reason],
    decisions: Sequence[Explained],
    place: str,
) -> str:
    """Return the page, or only what decided for the element *place* of the record's page."""
    in_place = htmx.wants_fragment(place)
    return render(
        "pages/why.html",
        "content" if in_place else None,
        here=record.form_now.name,
        record=record,
        address=f"/records/{record.id}",
        heading=heading,
        reasons=reasons,
        decisions=decisions,
        may_open=the_actor().may_administer(home_of(request_unit, record.blueprint)),
        in_place=in_place,
    )


def home_of(request_unit: RequestUnit, blueprint: str) -> str:
    """Return the workspace of a blueprint; empty when it has none."""
    reading = request_unit.reading
    found = reading.blueprint(the_actor().organisation, blueprint)
    return found.workspace if found is not None else ""
