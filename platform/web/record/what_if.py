"""What if: other values for a record, tried without saving. A panel of the record's page, or a page of its own."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import flask
from flask import request
from flask.typing import ResponseReturnValue

from blankett.engine.fields.base import Value
from blankett.engine.language.model import Field
from blankett.engine.records.command import Command, Refusal
from blankett.engine.records.explain import what_if
from blankett.engine.records.explain.what_if import Tryable, WhatIf
from blankett.engine.records.read import link_choices
from blankett.engine.records.read.results import RecordView
from blankett.forms.controls import Control
from blankett.forms.draft import Draft, read_form
from blankett.forms.entry_form import EntrySource, first_mistakes, make_control
from blankett.forms.errors import Mistake, all_mistakes
from blankett.forms.schemas import schema_of
from blankett.forms.submission import read_inputs
from blankett.web import htmx
from blankett.web.access_policy import SIGNED_IN, allow
from blankett.web.entry.form import settle_links
from blankett.web.entry.link_picker import draw_picks
from blankett.web.errors import refuse
from blankett.web.identity import current_language, the_actor
from blankett.web.lookup import find_record, found_or_404
from blankett.web.page_locale import the_reader, the_reading
from blankett.web.record.why import home_of
from blankett.web.replay_post import shows_again
from blankett.web.request_unit import RequestUnit
from blankett.web.templating import render, t

pages = flask.Blueprint("what_if", __name__)

#: The element of the record's page that holds the panel.
PANEL = "what-if"


@dataclass(frozen=True)
class TriedValues:
    """The values to be tried, as a form worked out: nothing is hidden, required or filled."""

    values: Mapping[str, Value]
    titles: Mapping[str, str]
    currencies: Mapping[str, str]
    required: frozenset[str] = field(default_factory=frozenset)
    hidden: frozenset[str] = frozenset()
    filled: frozenset[str] = frozenset()
    locked: frozenset[str] = frozenset()
    helps: Mapping[str, str] = field(default_factory=dict)


@pages.get("/records/<record>/what-if")
@allow(SIGNED_IN)
def ask_what_if(request_unit: RequestUnit, record: str) -> ResponseReturnValue:
    """Show the values that may be tried."""
    found = find_record(request_unit, record)
    return render_what_if(request_unit, found, find_tryable(request_unit, record), None, [], None)


@pages.post("/records/<record>/what-if")
@allow(SIGNED_IN)
@shows_again
def show_what_if(request_unit: RequestUnit, record: str) -> ResponseReturnValue:
    """Show what other values would change. Saves nothing."""
    found, tried = find_record(request_unit, record), find_tryable(request_unit, record)
    draft = values_sent(request_unit, found, tried)
    if not draft.is_valid:
        mistakes = all_mistakes(draft.faults, draft.unknown, (), the_reader())
        return render_what_if(request_unit, found, tried, draft, mistakes, None), 422
    changed = {key: value for key, value in draft.values.items() if value != tried.values.get(key)}
    unit = request_unit.unit
    answer = what_if.what_if(unit, record, changed, unit.again)
    if answer is None:
        flask.abort(404)
    if isinstance(answer, Refusal):
        return refuse(answer)
    mistakes = all_mistakes({}, (), answer.problems, the_reader(), lambda path: trial_title(tried, path))
    told = None if mistakes else answer
    return render_what_if(request_unit, found, tried, draft, mistakes, told, is_same=not changed), (
        422 if mistakes else 200
    )


@pages.post("/records/<record>/what-if/pick")
@allow(SIGNED_IN)
def pick_for_what_if(request_unit: RequestUnit, record: str) -> ResponseReturnValue:
    """Offer choices for a link whose value is tried."""
    found = find_record(request_unit, record)
    name, words = request.form.get("_name", "")[:80], request.form.get("_words", "")[:200]
    picks = link_choices.choices(request_unit.unit, command_on(found), (name,), words.strip())
    return draw_picks(picks)


def find_tryable(request_unit: RequestUnit, record: str) -> Tryable:
    """Return what may be tried of a record; 404 when there is none for whoever asks."""
    return found_or_404(what_if.tryable(request_unit.unit, record))


def command_on(record: RecordView) -> Command:
    """Return a command that does nothing to the record; choices are asked for with it."""
    return Command(intent="", actor=the_actor(), blueprint=record.blueprint, form=record.form.key, record=record.id)


def controls_for(tried: Tryable) -> Mapping[str, Field]:
    """Return the fields as they are typed here: a worked-out one too, and none of them required."""
    return {
        each.key: replace(
            each, compute=None, fill=None, default=None, required=False, editable=True, visible=None, help=None
        )
        for each in tried.fields
    }


def values_sent(request_unit: RequestUnit, record: RecordView, tried: Tryable) -> Draft:
    """Return what was typed, in values."""
    fields = controls_for(tried)
    sent = read_inputs(fields, request.form.items(multi=True))
    draft = read_form(fields, schema_of(fields), sent, the_reading())

    def only_choice(name: str, text: str) -> str | None:
        found = link_choices.choices(request_unit.unit, command_on(record), (name,), text)
        return found[0].id if len(found) == 1 else None

    settle_links(draft, lambda path: fields.get(path[0]), the_actor(), record.blueprint, only_choice)
    return draft


def trial_title(tried: Tryable, path: tuple[str, ...]) -> str:
    """Return the title of a field."""
    found = tried.form.fields.get(path[0]) if path else None
    return found.title.say(current_language()) if found is not None else ""


def render_what_if(
    request_unit: RequestUnit,
    record: RecordView,
    tried: Tryable,
    draft: Draft | None,
    mistakes: Sequence[Mistake],
    answer: WhatIf | None,
    *,
    is_same: bool = False,
) -> str:
    """Return the page, or only the panel."""
    in_place = htmx.wants_fragment(PANEL)
    controls = trial_controls(tried, draft, mistakes)
    deciding = [control for control in controls if control.name in tried.deciding]
    rest = [control for control in controls if control.name not in tried.deciding]
    return render(
        "pages/what_if.html",
        "content" if in_place else None,
        here=record.form_now.name,
        record=record,
        address=f"/records/{record.id}",
        controls=deciding or rest,
        rest=rest if deciding else [],
        rest_is_open=any(control.error for control in rest),
        entry={"mistakes": [(mistake.name, mistake.text) for mistake in mistakes]},
        answer=answer,
        is_same=is_same,
        groups=groups_of(answer) if answer is not None else (),
        blueprint=tried.blueprint,
        version=tried.version,
        may_open=answer is not None and the_actor().may_administer(home_of(request_unit, record.blueprint)),
        intent=secrets.token_urlsafe(12),
        in_place=in_place,
    )


def trial_controls(tried: Tryable, draft: Draft | None, mistakes: Sequence[Mistake]) -> list[Control]:
    """Return a control for each value, with what it is or what was typed."""
    said = first_mistakes(mistakes)
    values = {**tried.values, **(draft.values if draft else {})}
    worked = TriedValues(values, tried.titles, tried.currencies)
    source = EntrySource(tried.form, tried.form, worked, the_reader(), draft)
    return [make_control(source, each, key, values.get(key), said) for key, each in controls_for(tried).items()]


#: Kind of difference → the message its group stands under.
HEADINGS: Mapping[str, str] = {
    "action": "what_if.actions",
    "rule": "what_if.rules",
    "table": "what_if.tables",
    "check": "what_if.checks",
    "value": "what_if.value",
}


def groups_of(answer: WhatIf) -> list[tuple[str, list[object]]]:
    """Return the differences by kind, what people can do first: (heading, differences)."""
    found = [
        (t(message), [each for each in answer.differences if each.kind == kind]) for kind, message in HEADINGS.items()
    ]
    return [(heading, list(differences)) for heading, differences in found if differences]
