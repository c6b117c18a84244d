"""Checks of conditions: those that can never hold, found by comparing what they ask, without trying records."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from blankett.engine import feel
from blankett.engine.analysis.regions import Spaces, Statement, StepCounter, TooMuchWork
from blankett.engine.analysis.value_segments import bits
from blankett.engine.checks.lists import wheres
from blankett.engine.checks.subject import Subject
from blankett.engine.language.model import Form, Formula
from blankett.engine.rules.conditions import IS_TRUE, ways_where
from blankett.engine.rules.value_origins import Origins

#: Steps that are spent on the conditions of a blueprint.
MOST_STEPS = 200_000


def never_holds(
    formula: Formula, origins: Origins, states: Collection[str] | None = None, work: StepCounter | None = None
) -> bool:
    """Tell whether a condition is false or null whatever the values are, for records in *states*. Says no where it
    cannot tell. Raises TooMuchWork when *work* is used up.
    """
    statement = Statement(ways_where(formula, IS_TRUE), formula.text)
    spaces = Spaces(origins, [statement], shared=work)
    boxes = spaces.boxes(statement)
    at = spaces.at(("record", "state"))
    if at is None or states is None:
        return not boxes
    segments = spaces.dimensions[at].segments
    inside = bits(place for place, segment in enumerate(segments) if segment.example in states)
    return all(not box[at] & inside for box in boxes)


@dataclass(frozen=True)
class CheckedCondition:
    """A condition, the names it reads, and what follows if it never holds; *states*: of a guard, where it is asked."""

    formula: Formula
    origins: Origins
    what: str
    states: Collection[str] | None = None


def check_conditions(subject: Subject) -> None:
    """Tell of conditions that can never hold; once, where there are too many to look at all."""
    work = StepCounter(MOST_STEPS)
    for asked in _every_condition(subject, work):
        try:
            if not asked.formula.checked.errors and never_holds(asked.formula, asked.origins, asked.states, work):
                subject.report.add("never_holds", asked.formula.place, what=asked.what)
        except TooMuchWork:
            subject.report.add("conditions_not_compared", asked.formula.place)
            return


def _every_condition(subject: Subject, work: StepCounter) -> Iterator[CheckedCondition]:
    """Yield every condition, form by form: guards first."""
    forms = {form.name: form for form in subject.forms()}
    is_sound = subject.is_sound("tables")
    origins = {name: Origins(form, forms, has_tables=is_sound, spend=work.spend) for name, form in forms.items()}
    for form in subject.forms():
        own = origins[form.name]
        for action in form.actions.values():
            if action.when is not None:
                what = f"the action {action.key!r} can never be taken"
                yield CheckedCondition(action.when, own, what, action.sources)
        tables = [table for table, of in form.fields.items() if of.columns]
        lines = {table: Origins(form, forms, table, has_tables=is_sound, spend=work.spend) for table in tables}
        for formula, table, what in _conditions(form):
            yield CheckedCondition(formula, lines.get(table, own), what)
        for formula, name, what in _picking(form):
            if name in origins:
                yield CheckedCondition(formula, origins[name], what)


def _conditions(form: Form) -> Iterator[tuple[Formula, str, str]]:
    """Yield every condition on a form's own records, with the table in whose lines it is asked, empty for none, and
    what follows if it never holds.
    """
    for check in form.checks.values():
        yield check.that, "", f"the check {check.key!r} always refuses"
        if check.when is not None:
            yield check.when, "", f"the check {check.key!r} is never looked at"
    for found in form.every_field():
        if found.visible is not None and found.visible.text != "false":  # `visible: no` is the author's word
            yield found.visible, found.table or "", f"the field {found.key!r} is never shown"
        if found.check is not None:
            yield found.check.that, found.table or "", f"the check of {found.key!r} always refuses"
    for found in form.every_field():
        if found.compute is not None and isinstance(found.type.feel_type(found), feel.Boolean):
            yield found.compute, found.table or "", f"the field {found.key!r} is never yes"
    for rule in form.rules.values():
        if rule.when is not None:
            yield rule.when, "", f"the rule {rule.key!r} never fires"


def _picking(form: Form) -> Iterator[tuple[Formula, str, str]]:
    """Yield every condition that picks records, with the full name of their form."""
    said = {id(grant.where): "the grant opens nothing" for grant in form.grants}
    said |= {id(view.where): f"the list {view.key!r} is always empty" for view in form.lists.values()}
    said |= {id(fact.where): f"the fact {fact.key!r} counts nothing" for fact in form.facts.values()}
    for formula, name in wheres(form):
        yield formula, name, said.get(id(formula), "it picks no record")
