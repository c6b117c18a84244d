"""What is worked out of a form once and kept: its schema, and which of its fields change their look."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from marshmallow import Schema

from blankett.engine.language.model import Action, Form
from blankett.forms.entry_form import changing_fields
from blankett.forms.schemas import form_schema, inputs_schema

#: Plans of so many forms are kept; versions never change, so nothing ever needs to be thrown away sooner.
MOST_PLANS = 500


@dataclass(frozen=True)
class FormPlan:
    """What follows from a form of one version alone."""

    form: Form
    schema: Schema
    #: Paths of fields that are required, locked or shown by a formula.
    changing: frozenset[tuple[str, ...]]


_plans: dict[int, FormPlan] = {}
_inputs: dict[int, tuple[Action, Schema]] = {}
_lock = threading.Lock()


def plan_of(form: Form) -> FormPlan:
    """Return the plan of *form*, made at the first call. The form is held, so that its id stays its own."""
    found = _plans.get(id(form))
    if found is not None:
        return found
    made = FormPlan(form, form_schema(form), changing_fields(form))
    with _lock:
        if len(_plans) >= MOST_PLANS:
            _plans.clear()
        return _plans.setdefault(id(form), made)


def inputs_plan(action: Action) -> Schema:
    """Return the schema of what *action* asks, made at the first call."""
    found = _inputs.get(id(action))
    if found is None:
        with _lock:
            if len(_inputs) >= MOST_PLANS:
                _inputs.clear()
            found = _inputs.setdefault(id(action), (action, inputs_schema(action.ask)))
    return found[1]
