"""What is worked out of a form once: its schema, and which of its fields change their look. It hangs on the form."""

from __future__ import annotations

from dataclasses import dataclass

from marshmallow import Schema

from blankett.engine.language.model import Action, Form
from blankett.forms.entry_form import changing_fields
from blankett.forms.schemas import form_schema, inputs_schema


@dataclass(frozen=True)
class FormPlan:
    """What follows from a form of one version alone."""

    schema: Schema
    #: Paths of fields that are required, locked or shown by a formula.
    changing: frozenset[tuple[str, ...]]


def plan_of(form: Form) -> FormPlan:
    """Return the plan of *form*, made at the first call."""
    return form.once(_plan)


def inputs_plan(action: Action) -> Schema:
    """Return the schema of what *action* asks, made at the first call."""
    return action.once(_inputs)


def _plan(form: Form) -> FormPlan:
    return FormPlan(form_schema(form), changing_fields(form))


def _inputs(action: Action) -> Schema:
    return inputs_schema(action.ask)
