"""Discarding a record: asking whether it is meant, in a dialog or on a page, and what keeps it."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

import flask
from flask import request
from flask.typing import ResponseReturnValue

from blankett.engine.records.command import Command, Refusal
from blankett.engine.records.read.results import RecordView
from blankett.web import htmx
from blankett.web.access_policy import SIGNED_IN, allow
from blankett.web.errors import STATUS, refuse, words_of
from blankett.web.form_text import whole_number
from blankett.web.identity import the_actor
from blankett.web.lookup import find_record, may_visit
from blankett.web.record.facts import headline_of
from blankett.web.record.view import entry_of
from blankett.web.replay_post import is_again, say_why_again, shows_again
from blankett.web.request_unit import RequestUnit
from blankett.web.templating import render, t

pages = flask.Blueprint("discard", __name__)


@pages.get("/records/<record>/discard")
@allow(SIGNED_IN)
def ask_to_discard(request_unit: RequestUnit, record: str) -> ResponseReturnValue:
    """Ask whether it is meant; *seen* in the address is the revision of the page from which it is asked."""
    return draw_question(find_record(request_unit, record), (), seen=whole_number(request.args.get("seen", "")))


@pages.post("/records/<record>/discard")
@allow(SIGNED_IN)
@shows_again
def discard_record(request_unit: RequestUnit, record: str) -> ResponseReturnValue:
    """Discard the record, or say what keeps it."""
    found = find_record(request_unit, record)
    if is_again():
        say_why_again()
        return draw_question(found, ())
    seen = whole_number(request.form.get("_revision", ""))
    if seen is None:
        return draw_question(found, [t("record.nothing_seen")]), STATUS["stale"]
    command = Command(
        intent=request.form.get("_intent", "")[:100],
        actor=the_actor(),
        blueprint=found.blueprint,
        form=found.form.key,
        record=found.id,
        revision=seen,
        discard=True,
    )
    answer = request_unit.apply(command)
    if isinstance(answer, Refusal):
        return refuse_discard(request_unit, record, answer, seen)
    flask.flash(t("discard.done", title=found.title), "good")
    return htmx.go_to(
        f"/forms/{found.blueprint}/{found.form_now.key}" if may_visit(request_unit, found.form_now) else "/inbox"
    )


def refuse_discard(request_unit: RequestUnit, record: str, answer: Refusal, seen: int) -> ResponseReturnValue:
    """Ask again with what somebody else did meanwhile, or say what keeps the record."""
    if answer.kind in ("missing", "busy", "intent"):
        return refuse(answer)
    if answer.kind == "stale":
        return draw_question(find_record(request_unit, record), (), seen), STATUS["stale"]
    return draw_question(find_record(request_unit, record), [words_of(answer)]), STATUS[answer.kind]


def draw_question(record: RecordView, mistakes: Sequence[str], seen: int | None = None) -> str:
    """Return the page that asks, or the inside of the dialog; what happened after the revision *seen* is told first."""
    news = tuple(map(entry_of, record.since(seen))) if seen is not None else ()
    in_dialog = htmx.wants_fragment("dialog")
    return render(
        "pages/ask.html",
        "content" if in_dialog else None,
        here=record.form_now.name,
        record=record,
        headline=headline_of(record.amount),
        action={
            "title": t("discard.title"),
            "confirm": t("discard.confirm"),
            "help": None,
            "leads": "",
            "is_destructive": True,
            "follows": (),
        },
        controls=(),
        address=f"/records/{record.id}",
        post_to=f"/records/{record.id}/discard",
        intent=secrets.token_urlsafe(12),
        revision=record.revision,
        entry={"mistakes": [("", mistake) for mistake in mistakes]},
        in_dialog=in_dialog,
        why="",
        why_place="",
        news=news,
        changed_by=list(dict.fromkeys(entry.name for entry in news)),
    )
