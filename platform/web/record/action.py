"""Taking an action: what it asks, in a dialog or on a page, and what became of it."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import flask
from flask import request
from flask.typing import ResponseReturnValue

from blankett.engine.fields.base import Value
from blankett.engine.language.model import Action
from blankett.engine.records.command import Command, Receipt, Refusal
from blankett.engine.records.read import link_choices
from blankett.engine.records.read.results import ActionView, RecordHead, RecordView, StepForeseen
from blankett.forms.controls import Control
from blankett.forms.draft import Draft, read_form
from blankett.forms.entry_form import EntrySource, first_mistakes, inputs_plan, make_control
from blankett.forms.errors import Mistake, all_mistakes
from blankett.forms.submission import read_inputs
from blankett.web import htmx
from blankett.web.access_policy import SIGNED_IN, allow
from blankett.web.entry.form import settle_links
from blankett.web.entry.link_picker import draw_picks
from blankett.web.errors import STATUS, PageRefused, refuse
from blankett.web.form_text import whole_number
from blankett.web.identity import current_language, the_actor
from blankett.web.lookup import find_record, glance_at
from blankett.web.next_page import done_notice, go_on
from blankett.web.page_locale import the_reader, the_reading
from blankett.web.record.facts import headline_of
from blankett.web.record.view import entry_of, has_details
from blankett.web.replay_post import is_again, say_why_again, shows_again
from blankett.web.request_unit import RequestUnit
from blankett.web.templating import gap, render, short_time, t

pages = flask.Blueprint("actions", __name__)


@dataclass(frozen=True)
class ActionForm:
    """What an action asks, as a form worked out: nothing is hidden, nothing is filled."""

    values: Mapping[str, Value]
    required: frozenset[str]
    titles: Mapping[str, str] = field(default_factory=dict)
    hidden: frozenset[str] = frozenset()
    filled: frozenset[str] = frozenset()
    locked: frozenset[str] = frozenset()
    currencies: Mapping[str, str] = field(default_factory=dict)
    helps: Mapping[str, str] = field(default_factory=dict)


@pages.get("/records/<record>/actions/<action>")
@allow(SIGNED_IN)
def ask_action(request_unit: RequestUnit, record: str, action: str) -> ResponseReturnValue:
    """Ask what the action needs to know, or only whether it is meant; *seen* in the address is the revision of the page
    from which it is asked for, and what happened since is told.
    """
    found = find_record(request_unit, record, action)
    view = find_action(request_unit, found, action)
    return render_action(found, view, None, [], seen=whole_number(request.args.get("seen", "")))


@pages.post("/records/<record>/actions/<action>")
@allow(SIGNED_IN)
@shows_again
def take_action(request_unit: RequestUnit, record: str, action: str) -> ResponseReturnValue:
    """Take the action, or say what keeps it. The whole record is opened only to say so."""
    found = glance_at(request_unit, record, action)
    view = find_action(request_unit, found, action)
    draft = answers_sent(request_unit, found, view.action)
    if is_again():
        say_why_again()
        return draw_again(request_unit, view, record, draft, [])
    if draft.submission.edit is not None:  # a reading of a text was chosen
        return draw_again(request_unit, view, record, draft, [])
    if not draft.is_valid:
        mistakes = mistakes_in(draft)
        return draw_again(request_unit, view, record, draft, mistakes), 422
    taken = command(found, view, draft)
    if taken.revision is None:
        return draw_again(request_unit, view, record, draft, [Mistake("", t("record.nothing_seen"))]), STATUS["stale"]
    answer = request_unit.apply(taken)
    if not isinstance(answer, Refusal):
        return done(request_unit, found, view, answer)
    if answer.kind in ("missing", "forbidden", "busy"):
        return refuse(answer)
    if answer.kind == "stale":
        return draw_again(request_unit, view, record, draft, [], seen=taken.revision), STATUS["stale"]
    mistakes = all_mistakes({}, (), answer.problems, the_reader(), lambda path: answer_title(view.action, path))
    return draw_again(request_unit, view, record, draft, [own_name(mistake) for mistake in mistakes]), STATUS[
        answer.kind
    ]


@pages.post("/records/<record>/actions/<action>/pick")
@allow(SIGNED_IN)
def pick_for_action(request_unit: RequestUnit, record: str, action: str) -> ResponseReturnValue:
    """Offer choices for a link the action asks."""
    found = find_record(request_unit, record)
    view = find_action(request_unit, found, action)
    name, words = request.form.get("_name", "")[:80], request.form.get("_words", "")[:200]
    picks = link_choices.choices(request_unit.unit, command(found, view, None), ("inputs", name), words.strip())
    return draw_picks(picks)


def find_action(request_unit: RequestUnit, record: RecordHead, key: str) -> ActionView:
    """Return the action out of the record's state; 404 when there is none, 409 when the state has moved on."""
    found = next((view for view in record.actions if view.key == key), None)
    if found is not None:
        return found
    if key in record.form.actions:
        raise PageRefused(409, moved_on(request_unit, record.id, record.form.actions[key]))
    flask.abort(404)


def moved_on(request_unit: RequestUnit, record: str, action: Action) -> str:
    """Return that *action* does not lead out of the state the record is in now, who brought it there and when."""
    found = find_record(request_unit, record)
    state, title = found.state.title if found.state else "", action.title.say(current_language())
    if found.move is None:
        return t("record.not_from_here", action=title, state=state)
    return t("record.moved_on", action=title, state=state, name=found.move.user.title, time=short_time(found.move.at))


def answers_sent(request_unit: RequestUnit, record: RecordHead, action: Action) -> Draft:
    """Return what was answered, in values."""
    sent = read_inputs(action.ask, request.form.items(multi=True))
    draft = read_form(action.ask, inputs_plan(action), sent, the_reading())

    def only_choice(name: str, text: str) -> str | None:
        found = link_choices.choices(request_unit.unit, base_command(record, action, {}), ("inputs", name), text)
        return found[0].id if len(found) == 1 else None

    settle_links(draft, lambda path: action.ask.get(path[0]), the_actor(), record.blueprint, only_choice)
    return draft


def command(record: RecordHead, view: ActionView, draft: Draft | None) -> Command:
    """Return the action as a command."""
    return base_command(record, view.action, draft.values if draft else {})


def base_command(record: RecordHead, action: Action, inputs: Mapping[str, Value]) -> Command:
    """Return the command that takes *action* with *inputs*."""
    return Command(
        intent=request.form.get("_intent", "")[:100],
        actor=the_actor(),
        blueprint=record.blueprint,
        form=record.form.key,
        record=record.id,
        revision=whole_number(request.form.get("_revision", "")),
        action=action.key,
        inputs=inputs,
    )


def mistakes_in(draft: Draft) -> list[Mistake]:
    """Return what could not be read of the answers, worded."""
    return all_mistakes(draft.faults, draft.unknown, (), the_reader())


def answer_title(action: Action, path: tuple[str, ...]) -> str:
    """Return the title of what was asked at ("inputs", "reason")."""
    asked = action.ask.get(path[-1]) if path else None
    return asked.title.say(current_language()) if asked else ""


def own_name(mistake: Mistake) -> Mistake:
    """Return a mistake of ``inputs.reason`` at the control ``reason``."""
    return replace(mistake, name=mistake.name.removeprefix("inputs."))


def done(request_unit: RequestUnit, record: RecordHead, view: ActionView, receipt: Receipt) -> ResponseReturnValue:
    """Go to the record, and say there what happened."""
    found = record.form.states.get(receipt.state or "")
    moved = found is not None and (record.state is None or found.key != record.state.key)
    flask.flash(done_notice(view.title, view.done, found.title if moved and found else None), "good")
    return go_on(request_unit, record.form, receipt)


def draw_again(
    request_unit: RequestUnit,
    view: ActionView,
    record: str,
    draft: Draft,
    mistakes: Sequence[Mistake],
    seen: int | None = None,
) -> str:
    """Return the page that asks with what was answered and what is wrong; the record may have moved on meanwhile."""
    found = find_record(request_unit, record, view.key)
    return render_action(
        found, next((now for now in found.actions if now.key == view.key), view), draft, mistakes, seen
    )


def render_action(
    record: RecordView, view: ActionView, draft: Draft | None, mistakes: Sequence[Mistake], seen: int | None = None
) -> str:
    """Return the page that asks, or the inside of the dialog. What happened to the record after the revision *seen* is
    told first, and the answer then counts for what is shown now.
    """
    news = tuple(map(entry_of, record.since(seen))) if seen is not None else ()
    in_dialog = htmx.wants_fragment("dialog")
    controls = answer_controls(record, view, draft, mistakes)
    listed = [
        (mistake.name if mistake.name in view.action.ask else "", words_at(view.action, mistake))
        for mistake in mistakes
    ]
    if not view.is_enabled and not mistakes:
        listed = [("", t(reason.message, **reason.params)) for reason in view.reasons]
    return render(
        "pages/ask.html",
        "content" if in_dialog else None,
        here=record.form_now.name,
        record=record,
        headline=headline_of(record.amount),
        action={
            "title": view.title,
            "confirm": view.confirm,
            "help": view.help,
            "leads": view.leads,
            "follows": [step_words(step) for step in view.follows],
            "is_destructive": ends_badly(record, view.action),
        },
        controls=controls,
        address=f"/records/{record.id}",
        post_to=f"/records/{record.id}/actions/{view.key}",
        intent=draft.submission.intent if draft and draft.submission.intent else secrets.token_urlsafe(12),
        revision=record.revision,
        entry={"mistakes": listed},
        in_dialog=in_dialog,
        why=f"/records/{record.id}/actions/{view.key}/why" if has_details(view) else "",
        why_place=f"why-more-{view.key}",
        news=news,
        changed_by=list(dict.fromkeys(entry.name for entry in news)),
    )


#: How many of those who would be asked are called by name.
MOST_NAMES = 5


def step_words(step: StepForeseen) -> tuple[str, str]:
    """Return the title of a step that would follow, and whom it would ask."""
    if step.outcome == "skipped":
        return step.title, t("approvals.follows_skipped")
    if step.outcome == "nobody":
        return step.title, t("approvals.follows_nobody")
    names = step.names[:MOST_NAMES]
    more = len(step.names) - len(names)
    people = (
        t("approvals.follows_more", people=names, count=more) if more else t("approvals.follows_asks", people=names)
    )
    until = gap() + t("approvals.follows_due", time=short_time(step.due)) if step.due is not None else ""
    return step.title, f"{people}{until}"


def ends_badly(record: RecordHead, action: Action) -> bool:
    """Tell whether an action leads to nothing but ends without success, from which there is no way back."""
    ends = [record.form.states.get(key) for key in action.targets]
    return bool(ends) and all(end is not None and end.stopped for end in ends)


def words_at(action: Action, mistake: Mistake) -> str:
    """Return a mistake with the title of what it is about."""
    asked = action.ask.get(mistake.name)
    return (
        mistake.text if asked is None or mistake.is_said else f"{asked.title.say(current_language())}: {mistake.text}"
    )


def answer_controls(
    record: RecordHead, view: ActionView, draft: Draft | None, mistakes: Sequence[Mistake]
) -> list[Control]:
    """Return a control for each thing the action asks, with what it starts with or what was answered."""
    said, action = first_mistakes(mistakes), view.action
    required = frozenset(key for key, found in action.ask.items() if found.required is True)
    nothing = dict.fromkeys(action.ask)
    values = {**nothing, **view.answers, **(draft.values if draft else {})}
    asked = ActionForm(values, required, helps=view.asked_helps)
    source = EntrySource(record.form, record.form, asked, the_reader(), draft)
    return [make_control(source, found, key, values.get(key), said) for key, found in action.ask.items()]
