"""Checks of conditions: those that never hold, or hold always, where they are asked.

They are compared with each other, without trying records; those of an action's effects also with what is known when
they are looked at: its guard held, in one of its states, unless something before may have changed what it read.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from blankett.engine import feel
from blankett.engine.analysis.regions import Box, Spaces, Statement, StepCounter, TooMuchWork
from blankett.engine.analysis.value_origins import Origins
from blankett.engine.analysis.value_segments import bits
from blankett.engine.checks.queries import wheres
from blankett.engine.checks.subject import Subject
from blankett.engine.effects import Effect
from blankett.engine.language.model import Action, DecisionPoint, Form, Formula, rules_at
from blankett.engine.rules.conditions import IS_TRUE, ways_where

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
    for approval in form.approvals.values():
        for step in (step for each in approval.steps.values() for step in (each, *each.together.values())):
            if step.when is not None:
                yield step.when, "", f"the step {step.key!r} is never asked"
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


# Conditions of what an action does one time and not another -----------------------------------------------------------


_STATE = ("record", "state")
_ALWAYS = Statement([()], "")


def check_ways(subject: Subject) -> None:
    """Tell of conditions of effects and destinations that never hold, or always do, and of cases that lead nowhere."""
    forms = {form.name: form for form in subject.forms()}
    is_sound = subject.is_sound("tables")
    for form in subject.forms():
        origins = Origins(form, forms, has_tables=is_sound)
        for action in form.actions.values():
            if subject.is_sound("forms", form.key, "actions", action.key):
                _check_effects(subject, form, action, origins)
                _check_destinations(subject, form, action, origins)


def _check_effects(subject: Subject, form: Form, action: Action, origins: Origins) -> None:
    for number, effect in enumerate(action.effects):
        if effect.when is None:
            continue
        known = Known(form, action, origins, [effect.when], action.effects[:number])
        what = f"the effect '{effect.word}' of {action.key!r} is"
        try:
            boxes = known.where(effect.when)
            if not boxes:
                subject.report.add("never_holds", effect.when.place, what=f"{what} never done")
            elif known.spaces.covers(boxes, known.world):
                subject.report.add("always_holds", effect.when.place, what=f"{what} always done")
        except TooMuchWork:
            continue


def _check_destinations(subject: Subject, form: Form, action: Action, origins: Origins) -> None:
    """Tell of destinations an action never leads to, and of cases in which it leads nowhere."""
    if not action.depends:
        return
    known = Known(form, action, origins, [each.when for each in action.destinations if each.when is not None])
    taken: list[Box] = []
    try:
        for destination in action.destinations:
            boxes = known.where(destination.when) if destination.when is not None else known.world
            if not boxes and destination.when is not None:
                what = f"{action.key!r} never leads to {destination.to!r} by it"
                subject.report.add("never_holds", destination.when.place, what=what)
            elif taken and known.spaces.covers(taken, boxes):
                subject.report.add("never_led_to", destination.place, action=action.key)
            elif not taken and destination.when is not None and known.spaces.covers(boxes, known.world):
                what = f"{action.key!r} always leads to {destination.to!r}"
                subject.report.add("always_holds", destination.when.place, what=what)
            taken += boxes
        hole = known.spaces.hole(taken, known.world)
    except TooMuchWork:
        hole = known.spaces.everything
    if hole is not None and all(each.when is not None for each in action.destinations):
        words = known.spaces.words(hole)
        example = f", say for {words}" if words else " in some case"
        subject.report.add("leads_nowhere", action.destinations[-1].place, action=action.key, example=example)


@dataclass(frozen=True)
class _Changes:
    """What came before a condition is looked at, and may have changed what the guard saw."""

    fields: frozenset[str]
    #: Effects that reach other records may come back to this one.
    anything: bool


class Known:
    """What is known when conditions of an action are looked at: before it begins, or after the effects *before*."""

    def __init__(
        self,
        form: Form,
        action: Action,
        origins: Origins,
        conditions: Iterable[Formula],
        before: Iterable[Effect] | None = None,
    ) -> None:
        guard = _statement(action.when)
        self.statements: Mapping[int, Statement] = {id(each): _statement(each) for each in conditions}
        self.spaces = Spaces(origins, [guard, *self.statements.values()])
        changes = _changes(form, action, before)
        states: Collection[str] = form.states
        if not changes.anything:
            states = action.sources if before is None or not action.targets else action.targets
        #: Where a record can be.
        self.world = [self._inside(box, states) for box in self._loosened(self.spaces.boxes(guard), changes)]
        if not any(form.states[key].start or form.states[key].stopped for key in states if key in form.states):
            self.world = [self._filled(box, changes) for box in self.world]

    def where(self, condition: Formula) -> list[Box]:
        """Return where a condition holds here."""
        return self.spaces.meeting(self.world, self.spaces.boxes(self.statements[id(condition)]))

    def _loosened(self, boxes: list[Box], changes: _Changes) -> list[Box]:
        """Return boxes without what they say of values that may have changed."""
        if changes.anything:
            return [self.spaces.everything]
        loose = {
            at
            for at, dimension in enumerate(self.spaces.dimensions)
            if any(path[0] in changes.fields or path == _STATE for path in dimension.influences)
        }
        everything = self.spaces.everything
        return [tuple(everything[at] if at in loose else mask for at, mask in enumerate(box)) for box in boxes]

    def _filled(self, box: Box, changes: _Changes) -> Box:
        """Return a box without required fields that are empty: a record that left its start state is whole."""
        masks = list(box)
        for at, dimension in enumerate(self.spaces.dimensions):
            of = dimension.field
            is_own = of is not None and dimension.path == (of.key,) and of.key not in changes.fields
            if of is not None and is_own and of.required is True and not of.visible and not changes.anything:
                masks[at] &= ~bits(each for each, segment in enumerate(dimension.segments) if segment.example is None)
        return tuple(masks)

    def _inside(self, box: Box, states: Collection[str]) -> Box:
        at = self.spaces.at(_STATE)
        if at is None:
            return box
        segments = self.spaces.dimensions[at].segments
        inside = bits(place for place, segment in enumerate(segments) if segment.example in states)
        return tuple(mask & inside if place == at else mask for place, mask in enumerate(box))


def _changes(form: Form, action: Action, before: Iterable[Effect] | None) -> _Changes:
    effects = tuple(before or ())
    rules = rules_at(form.rules, DecisionPoint("request", action.key))
    outcomes = [outcome for rule in rules for outcome in rule.then]
    given = {key for each in (*effects, *outcomes) for key in each.given}
    links = {key for each in effects for name, keys in each.writes(form.name, "") if name == form.name for key in keys}
    # What is stored when a state is entered is worked out anew where the action leads to another.
    stored = {of.path[0] for of in form.every_field() if of.snapshot} if before is not None else set()
    return _Changes(frozenset(given | links | stored), any(each.reaches_on for each in (*effects, *outcomes)))


def _statement(condition: Formula | None) -> Statement:
    if condition is None or condition.checked.errors:
        return _ALWAYS
    return Statement(ways_where(condition, IS_TRUE), condition.text)
