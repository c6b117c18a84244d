"""Checks of what an action does one time and not another: conditions of its effects that decide nothing.

They are compared with what is known when they are looked at: the action's guard held, in one of its states, unless
something that came before may have changed what the guard read.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from blankett.engine.analysis.regions import Box, Spaces, Statement, TooMuchWork
from blankett.engine.analysis.value_segments import bits
from blankett.engine.checks.subject import Subject
from blankett.engine.effects import Effect
from blankett.engine.language.model import Action, DecisionPoint, Form, Formula, rules_at
from blankett.engine.rules.conditions import IS_TRUE, ways_where
from blankett.engine.rules.value_origins import Origins

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
