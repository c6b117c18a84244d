"""A record: where it stands, what it says, what happened to it, and saying something about it."""

from __future__ import annotations

import flask
from flask import request
from flask.typing import ResponseReturnValue

from blankett.engine.records.command import Command, Refusal
from blankett.engine.records.read.results import RecordView
from blankett.web import htmx
from blankett.web.access_policy import SIGNED_IN, allow
from blankett.web.errors import refuse, words_of
from blankett.web.identity import the_actor
from blankett.web.lookup import find_record
from blankett.web.record.approval import strip_of
from blankett.web.record.view import record_context, timeline_context
from blankett.web.replay_post import is_again, say_why_again, shows_again
from blankett.web.request_unit import RequestUnit
from blankett.web.templating import render, t

pages = flask.Blueprint("records", __name__)


@pages.get("/records/<record>")
@allow(SIGNED_IN)
def show_record(request_unit: RequestUnit, record: str) -> ResponseReturnValue:
    """Show a record."""
    return render_record(find_record(request_unit, record))


@pages.post("/records/<record>/comments")
@allow(SIGNED_IN)
@shows_again
def add_comment(request_unit: RequestUnit, record: str) -> ResponseReturnValue:
    """Add a comment to a record's history."""
    found, said = find_record(request_unit, record), request.form.get("comment", "").strip()
    if is_again():
        say_why_again()
        return render_record(found, "", request.form.get("comment", ""))
    if not said:
        return render_timeline(found, t("record.comment_missing"), ""), 422
    answer = request_unit.apply(
        Command(
            intent=request.form.get("_intent", "")[:100],
            actor=the_actor(),
            blueprint=found.blueprint,
            form=found.form.key,
            record=found.id,
            comment=said,
        )
    )
    if isinstance(answer, Refusal):
        return (render_timeline(found, words_of(answer), said), 422) if answer.kind == "invalid" else refuse(answer)
    if htmx.wants_fragment("timeline"):
        return render_timeline(find_record(request_unit, record), "", "")
    flask.flash(t("record.commented"), "good")
    return htmx.go_to(f"/records/{record}#timeline")


def render_record(record: RecordView, mistake: str = "", comment: str = "") -> str:
    """Return the record's page."""
    return render(
        "pages/record.html",
        here=record.form_now.name,
        strip=strip_of(record),
        **record_context(record),
        **timeline_context(record, comment, mistake),
    )


def render_timeline(record: RecordView, mistake: str, comment: str) -> str:
    """Return the record's history alone for htmx, else its page."""
    if not htmx.wants_fragment("timeline"):
        return render_record(record, mistake, comment)
    return render(
        "fragments/_timeline.html",
        **timeline_context(record, comment, mistake),
    )
