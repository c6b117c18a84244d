"""Making and editing records: the form, what follows from typing, saving, and meeting somebody else's save."""

from __future__ import annotations

import secrets
from collections.abc import Mapping

import flask
from flask import request
from flask.typing import ResponseReturnValue

from blankett.engine.records.command import FormPreview, Receipt, RecordNow, Refusal
from blankett.engine.records.read.results import RecordHead
from blankett.forms.errors import Mistake
from blankett.web.access_policy import SIGNED_IN, allow
from blankett.web.entry.conflict import conflict_page, merge_with
from blankett.web.entry.form import ACTION, Entering, new_line_id, primary_action
from blankett.web.entry.recalculate import answer_to
from blankett.web.errors import refuse
from blankett.web.lookup import RecordGone, find_entering, find_new, gone_or_404, may_create
from blankett.web.next_page import done_notice, go_on, warning_texts
from blankett.web.record.head import told_context
from blankett.web.replay_post import is_again, say_why_again, shows_again
from blankett.web.request_unit import RequestUnit
from blankett.web.templating import in_sentence, render, t

pages = flask.Blueprint("entry", __name__)


@pages.get("/forms/<blueprint>/<form>/new")
@allow(SIGNED_IN)
def show_new(request_unit: RequestUnit, blueprint: str, form: str) -> ResponseReturnValue:
    """Show an empty form, or one that starts as a copy of ``?copy=<record>``."""
    return show_form(find_new(request_unit, blueprint, form, copy=request.args.get("copy")))


@pages.post("/forms/<blueprint>/<form>/new")
@allow(SIGNED_IN)
@shows_again
def create_record(request_unit: RequestUnit, blueprint: str, form: str) -> ResponseReturnValue:
    """Make the record, or show the form again with what is wrong."""
    return take(request_unit, find_new(request_unit, blueprint, form))


@pages.post("/forms/<blueprint>/<form>/new/recalculate")
@allow(SIGNED_IN)
def recalculate_new(request_unit: RequestUnit, blueprint: str, form: str) -> ResponseReturnValue:
    """Answer what follows from what is typed."""
    return answer_to(find_new(request_unit, blueprint, form))


@pages.get("/records/<record>/edit")
@allow(SIGNED_IN)
def show_edit(request_unit: RequestUnit, record: str) -> ResponseReturnValue:
    """Show the record in a form."""
    return show_form(find_entering(request_unit, record))


@pages.post("/records/<record>/edit")
@allow(SIGNED_IN)
@shows_again
def save_record(request_unit: RequestUnit, record: str) -> ResponseReturnValue:
    """Save the record, or show the form again with what is wrong; in a new one where somebody discarded the record."""
    try:
        return take(request_unit, find_entering(request_unit, record))
    except RecordGone as gone:
        return begin_anew(request_unit, gone)


@pages.post("/records/<record>/edit/recalculate")
@allow(SIGNED_IN)
def recalculate(request_unit: RequestUnit, record: str) -> ResponseReturnValue:
    """Answer what follows from what is typed."""
    return answer_to(find_entering(request_unit, record))


def show_form(entering: Entering) -> ResponseReturnValue:
    """Show the form as it is first seen."""
    worked = entering.first()
    if isinstance(worked, Refusal):
        return refuse(worked)
    return render_form(entering, worked, [], posted=False)


def take(request_unit: RequestUnit, entering: Entering) -> ResponseReturnValue:
    """Do what the pressed button says: change the form, or save it and perhaps take an action."""
    if is_again():
        return come_back(entering)
    sent = entering.submission
    if sent.edit is not None or sent.do in ("", "recalculate"):
        return change_form(entering)
    action = sent.do.removeprefix(ACTION) if sent.do.startswith(ACTION) else None
    if entering.draft.unknown:
        return show_again(entering, action, ())
    answer = entering.save(action)
    if isinstance(answer, Refusal) and answer.kind == "stale" and answer.current is not None:
        return meet(entering, answer.current)
    if isinstance(answer, Receipt):
        return done(request_unit, entering, answer, action)
    if answer.kind == "gone" and entering.record_id is not None:
        gone_or_404(request_unit, entering.record_id)
    if answer.kind in ("invalid", "guard", "state", "loop"):
        return show_again(entering, action, answer.problems)
    return refuse(answer)


def come_back(entering: Entering) -> ResponseReturnValue:
    """Show the form as it was typed before the person was signed out; nothing is saved or dropped."""
    worked = entering.work_out()
    if isinstance(worked, Refusal):
        return refuse(worked)
    say_why_again()
    return render_form(entering, worked, entering.mistakes(()), posted=True)


def begin_anew(request_unit: RequestUnit, gone: RecordGone) -> ResponseReturnValue:
    """Show what was typed into a record that was discarded meanwhile in the form of a new one, for who may make one."""
    entering = find_new(request_unit, gone.blueprint, gone.form)
    worked = entering.work_out() if may_create(request_unit, entering.form) else None
    if worked is None or isinstance(worked, Refusal):
        raise gone
    flask.flash(gone.text + " " + t("discard.typed"), "warn")
    return render_form(entering, worked, [], posted=True), gone.code or 410


def meet(entering: Entering, current: RecordNow) -> ResponseReturnValue:
    """Show what two people changed, put together where it can be, to choose from where both changed the same."""
    merge = merge_with(entering, current)
    return refuse(merge) if isinstance(merge, Refusal) else conflict_page(merge)


def change_form(entering: Entering) -> ResponseReturnValue:
    """Add, drop or undo without saving, for browsers without JavaScript; Enter in a field works the form out."""
    sent = entering.submission
    kind, name = sent.edit or ("", "")
    if kind == "drop":
        sent.drop_line(name)
    elif kind == "add" and name in sent.lines:
        sent.add_lines(name, [new_line_id()])
    worked = entering.work_out()
    if isinstance(worked, Refusal):
        return refuse(worked)
    return render_form(entering, worked, entering.mistakes(entering.unread(worked.problems)), posted=True)


def show_again(entering: Entering, action: str | None, problems: tuple[object, ...]) -> ResponseReturnValue:
    """Show the form with everything that is wrong, and everything that was typed: 422."""
    worked = entering.work_out(action)
    if isinstance(worked, Refusal):
        return refuse(worked)
    found = [*problems, *worked.problems]
    mistakes = list(dict.fromkeys(entering.mistakes(found)))  # type: ignore[arg-type]
    return render_form(entering, worked, mistakes, posted=True), 422


def done(request_unit: RequestUnit, entering: Entering, receipt: Receipt, action: str | None) -> ResponseReturnValue:
    """Go to the record, and say there what happened."""
    found = entering.current.actions.get(action or "") or entering.form.actions.get(action or "")
    if found is not None:
        language, state = entering.reader.language, entering.form.states.get(receipt.state or "")
        said = found.done.say(language) if found.done else None
        flask.flash(done_notice(found.title.say(language), said, state.title if state else None), "good")
    elif entering.record_id is None:
        flask.flash(t("record.created", title=receipt.title), "good")
    else:
        flask.flash(t("record.saved"), "good")
    return go_on(request_unit, entering.form, receipt)


def entry_head(record: RecordHead | None) -> Mapping[str, object]:
    """Return what the head of the page says of a record that exists."""
    if record is None:
        return {"banners": (), "begun": "", "state_help": ""}
    return told_context(record)


def render_form(entering: Entering, worked: FormPreview, mistakes: list[Mistake], *, posted: bool) -> str:
    """Return the page of the form."""
    entry = entering.draw(worked, mistakes, posted=posted, rights=entering.rights)
    record, language = entering.record, entering.reader.language
    single = entering.current.title.say(language)
    action = primary_action(entering.first_actions)
    state = record.state if record else None
    start = entering.form.start
    return render(
        "pages/entry.html",
        here=entering.form.name,
        heading=t("form.edit", title=record.title) if record else t("form.new", name=in_sentence(single)),
        help=entering.current.help.say(language) if entering.current.help and not record else "",
        plural=entering.current.plural.say(language),
        entry=entry,
        warnings=warning_texts(worked),
        record=record,
        **entry_head(record),
        state_now={"kind": state.kind, "label": state.title}
        if state
        else {"kind": "start", "label": start.title.say(language)}
        if start
        else None,
        address=entering.address,
        list_address=entering.list_address,
        record_address=entering.record_address,
        recalculate=f"{entering.address}/recalculate",
        pick=f"{entering.address}/pick",
        intent=entering.submission.intent if posted and entering.submission.intent else secrets.token_urlsafe(12),
        revision=(entering.submission.revision if posted else record.revision) if record else None,
        shown=entering.submission.shown if posted else entering.shown(entry),
        discards=f"{entering.record_address}/discard?seen={record.revision}" if record and record.may_discard else "",
        submit={"key": action.key, "label": action.title.say(language)} if action else None,
        saves=t("form.save_draft") if action else t("form.save"),
        all_touched=bool(mistakes),
        posted=posted,
    )
