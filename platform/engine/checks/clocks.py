"""Checks of clocks: those that begin and can never stop."""

from __future__ import annotations

from blankett.engine.checks.process import ways
from blankett.engine.checks.subject import Subject
from blankett.engine.fields.clock import named_by
from blankett.engine.language.loader.process import distances
from blankett.engine.language.model import Field, Form


def check_clocks(subject: Subject) -> None:
    """Tell of clocks that no way from where they begin leads to an end of."""
    for form in subject.forms():
        if not (subject.is_sound("forms", form.key, "states") and subject.is_sound("forms", form.key, "actions")):
            continue
        for of in form.fields.values():
            if of.type.runs_by_itself and not of.retired and not _stops(form, of):
                states = ", ".join(named_by(of, "starts"))
                subject.report.add("clock_never_stops", of.place, clock=of.key, states=states)


def _stops(form: Form, of: Field) -> bool:
    starts, stops = named_by(of, "starts"), set(named_by(of, "stops"))
    reached = distances(starts, ways(form))
    if any(key in stops or form.states[key].final for key in reached if key in form.states):
        return True
    return any(
        action.key in stops and not reached.keys().isdisjoint(action.sources) for action in form.actions.values()
    )
