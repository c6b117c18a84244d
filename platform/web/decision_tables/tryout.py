"""Trying a decision table out: inputs in, the row that hits out, and why each other row does not. Stores nothing."""

from __future__ import annotations

from collections.abc import Mapping

import flask
from flask import request
from flask.typing import ResponseReturnValue

from blankett.engine import feel
from blankett.engine.fields.base import Fault, TextReading
from blankett.engine.language.model import Table
from blankett.engine.publish.results import BlueprintDraft, Refused
from blankett.engine.rules.table_trace import read_inputs
from blankett.forms.controls import Control
from blankett.forms.table_tryout import PREFIX, input_controls, try_table
from blankett.web import htmx
from blankett.web.access_policy import WORKSPACE_ADMINISTRATORS, allow
from blankett.web.decision_tables.exchange import is_sound
from blankett.web.decision_tables.findings import check_text
from blankett.web.decision_tables.grid_submission import read_grid
from blankett.web.decision_tables.routes import find_draft, source_with
from blankett.web.identity import current_language
from blankett.web.page_locale import the_lookup, the_reader, the_reading
from blankett.web.request_unit import RequestUnit
from blankett.web.services import services
from blankett.web.studio.publish_view import answer_refused, find_home
from blankett.web.templating import reader_zone, render

pages = flask.Blueprint("table_tryout", __name__)

#: So many rows that do not give the value are explained.
MOST_SHOWN = 100
#: A longer text is no input of a table.
LONGEST = 1000


@pages.get("/blueprints/<key>/tables/<table>/try")
@allow(WORKSPACE_ADMINISTRATORS)
def show_tryout(request_unit: RequestUnit, key: str, table: str) -> ResponseReturnValue:
    """Show how a table of the saved text decides for the inputs in the address."""
    draft = find_draft(request_unit, key)
    return (
        answer_refused(draft) if isinstance(draft, Refused) else answer(request_unit, key, table, draft, draft.source)
    )


@pages.post("/blueprints/<key>/tables/<table>/try")
@allow(WORKSPACE_ADMINISTRATORS)
def try_typed(request_unit: RequestUnit, key: str, table: str) -> ResponseReturnValue:
    """Show how a table decides with the rows that stand on its page, saved or not."""
    draft = find_draft(request_unit, key)
    if isinstance(draft, Refused):
        return answer_refused(draft)
    source = source_with(draft, table, read_grid(request.form)) if "row" in request.form else draft.source
    return answer(request_unit, key, table, draft, draft.source if source is None else source)


# Steps ---------------------------------------------------------------------------------------------------------


def answer(request_unit: RequestUnit, key: str, name: str, draft: BlueprintDraft, source: str) -> ResponseReturnValue:
    """Return the page, or the part of it that htmx asks for; 422 where what was typed is no input."""
    home, checked = find_home(request_unit, key), check_text(request_unit, source)
    table = checked.partial.tables.get(name) if checked.partial is not None else None
    if table is None:
        flask.abort(404)
    typed = typed_inputs(table)
    values, faults = read_inputs(table, typed, reading_for(key))
    tried = None
    if is_sound(checked.problems, name) and not faults and is_asked():
        tried = try_table(table, values, the_reader(), feel.Moment(services().clock(), reader_zone()))
    page = render(
        "pages/table_try.html",
        "tried" if htmx.wants_fragment("tried") else None,
        here="blueprints",
        key=key,
        blueprint=key,
        title=home.title,
        draft=draft,
        table=table,
        table_title=table.title.say(current_language()),
        inputs=input_controls(table, typed, faults if is_asked() else {}, the_reader()),
        is_sound=is_sound(checked.problems, name),
        tried=tried,
        most=MOST_SHOWN,
        faulty=sorted(faults) if is_asked() else [],
    )
    return flask.make_response(page, 422 if faults and is_asked() else 200)


def is_asked() -> bool:
    """Tell whether inputs were sent."""
    return any(name.startswith(PREFIX) for name in request.values)


def typed_inputs(table: Table) -> dict[str, str]:
    """Return {input: what was typed}."""
    return {key: request.values.get(f"{PREFIX}{key}", "")[:LONGEST] for key in table.inputs}


def reading_for(key: str) -> TextReading:
    """Return how people write values here; links and people are found by what they are called."""
    return the_reading(the_lookup(key))


@pages.app_template_global("tryout_inputs")
def tryout_inputs(table: Table) -> tuple[Control, ...]:
    """Return empty controls for the inputs of *table*, for the panel on its page."""
    nothing: Mapping[str, Fault] = {}
    return input_controls(table, {}, nothing, the_reader())
