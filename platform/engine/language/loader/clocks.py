"""Clocks: in which states they begin, stand still and stop, and how long there is."""

from __future__ import annotations

from collections.abc import Iterable

from blankett.engine import feel
from blankett.engine.calendar import read_length
from blankett.engine.feel.builtins.working_time import length_fault
from blankett.engine.feel.types import in_words
from blankett.engine.fields.base import Field
from blankett.engine.formula import Formula
from blankett.engine.language.loader.calendars import calendar_of
from blankett.engine.language.loader.formulas import is_formula, read_formula
from blankett.engine.language.loader.partial_blueprint import FormDraft, PartialBlueprint
from blankett.engine.language.source import Map, Scalar

_LENGTHS = (feel.Text, feel.DaysTimeDuration, feel.Any)


def read_clock(
    draft: PartialBlueprint, form: FormDraft, head: Field, tree: Map, scope: feel.Scope
) -> dict[str, object]:
    """Return what is said of a clock; what is wrong with it is told."""
    starts, pauses, stops = (
        _names(draft, form, tree, key, form.actions if key == "stops" else ()) for key in ("starts", "pauses", "stops")
    )
    _check_apart(draft, form, head, tree)
    within = _within(draft, tree.scalar("within"), scope)
    found: dict[str, object] = {"starts": starts, "pauses": pauses, "stops": stops}
    if within is not None:
        found["within"] = within
    calendar = calendar_of(draft, tree, tree.key_place("within"), counts=_counts(within))
    if calendar is not None:
        found["calendar"] = calendar
    return {key: value for key, value in found.items() if value}


def _scalars(tree: Map, key: str) -> tuple[Scalar, ...]:
    one = tree.get(key)
    return (one,) if isinstance(one, Scalar) else tuple(tree.scalars(key))


def _names(draft: PartialBlueprint, form: FormDraft, tree: Map, key: str, beside: Iterable[str]) -> tuple[str, ...]:
    """Return the states, or what is named *beside* them, under a key; unknown ones are told."""
    known = [*form.states, *beside]
    found = []
    for scalar in _scalars(tree, key):
        if scalar.text in known:
            found.append(scalar.text)
        elif form.states:
            draft.unknown("unknown_state", scalar, known, form=form.key)
    return tuple(dict.fromkeys(found))


def _check_apart(draft: PartialBlueprint, form: FormDraft, head: Field, tree: Map) -> None:
    """Tell of states that say two things of a clock, and of final ones, in which it stops by itself."""
    said: dict[str, str] = {}
    for key in ("starts", "pauses", "stops"):
        for scalar in _scalars(tree, key):
            state = form.tree.map("states").map(scalar.text)
            if scalar.text in said and said[scalar.text] != key:
                draft.report.add("clock_state_twice", scalar.place, state=scalar.text, one=said[scalar.text], other=key)
            elif key != "stops" and (state.is_yes("final") or state.text("final") == "stopped"):
                draft.report.add("clock_in_final", scalar.place, clock=head.key, state=scalar.text, key=key)
            said.setdefault(scalar.text, key)


def _within(draft: PartialBlueprint, scalar: Scalar | None, scope: feel.Scope) -> str | Formula | None:
    """Return how long there is: a length, or a formula that gives one."""
    if scalar is None:
        return None
    if is_formula(scalar):
        formula = read_formula(draft, scalar, scope, start=1)
        if formula is not None and not formula.checked.errors and not isinstance(formula.checked.type, _LENGTHS):
            message = (
                f"this must be a text such as '2 working days' or a duration, it is {in_words(formula.checked.type)}"
            )
            draft.report.add("wrong_result", draft.source.place_in(scalar, 1, len(scalar.text)), message=message)
            return None
        return formula
    fault = length_fault(scalar.text)
    if fault is not None:
        message = feel.message_text("feel.bad_length", {"value": fault[0], "instead": fault[1]})
        draft.report.add("bad_literal", scalar.place, message=message)
        return None
    return scalar.text.strip()


def _counts(within: str | Formula | None) -> bool | None:
    """Tell whether a clock counts working time; None where only its formula's value says so."""
    length = read_length(within) if isinstance(within, str) else None
    return length.is_working if length is not None else None
