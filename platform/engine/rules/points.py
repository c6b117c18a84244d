"""The rules of one decision point as spaces: where each may fire, given what is known of every record there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any as Value
from typing import Literal

from blankett.engine import feel
from blankett.engine.blueprint.model import Action, Form, Formula, Setting
from blankett.engine.blueprint.rules import DecisionPoint, Rule, rules_at
from blankett.engine.blueprint.walk import every_effect
from blankett.engine.effects import Effect
from blankett.engine.rules.boxes import Box, Work
from blankett.engine.rules.conditions import IS_NOT_TRUE, IS_TRUE, Wanted, ways_where
from blankett.engine.rules.cuts import bits
from blankett.engine.rules.dimensions import Dimension
from blankett.engine.rules.origins import Origins
from blankett.engine.rules.spaces import Spaces, Statement
from blankett.engine.rules.wording import value_words

#: What leaves a rule less than its `when` does: its `unless`, its days, what records can be, the action's guard.
Narrowing = Literal["unless", "valid", "records", "guard"]
NARROWING: tuple[Narrowing, ...] = ("unless", "valid", "records", "guard")
#: Stands among the fields for whom a record is handed to.
ASSIGNEE = "record.assignee"
_ALWAYS = Statement([()], "")


@dataclass(frozen=True)
class Given:
    """What an outcome gives to one thing of the record: a field, or `record.assignee`."""

    field: str
    setting: Setting
    outcome: Effect

    @property
    def text(self) -> str:
        """Return what is given, to be compared: two of one text are alike."""
        return text_of_setting(self.setting)

    def words(self, form: Form) -> str:
        """Return what is given in an author's words: ``yes``, ``= total * 2``."""
        formula = self.setting.formula
        return f"= {formula.text}" if formula else value_words(self.setting.constant, form.fields.get(self.field))


def text_of_setting(setting: Setting) -> str:
    """Return a setting to be compared: two of one text give the same."""
    return f"= {setting.formula.text}" if setting.formula is not None else repr(setting.constant)


def givens(rule: Rule) -> list[Given]:
    """Return everything a rule gives to the record, in the author's order."""
    return [given for outcome in rule.then for given in givens_of(outcome)]


def givens_of(outcome: Effect) -> list[Given]:
    """Return what an outcome gives to the record; nothing for those that only say something."""
    found = [Given(key, setting, outcome) for key, setting in outcome.given.items()]
    return found if outcome.assignee is None else [*found, Given(ASSIGNEE, outcome.assignee, outcome)]


class PointRules:
    """The rules of a form at one point, the first to decide first."""

    def __init__(self, form: Form, forms: Mapping[str, Form], point: DecisionPoint, shared: Work | None = None) -> None:
        self.form = form
        self._forms = forms
        self.point = point
        self.rules = rules_at(form.rules, point)
        #: Fields that a rule of the point sets.
        self.changed = frozenset(given.field for rule in self.rules for given in givens(rule))
        origins = Origins(form, forms)
        guard = self._guard()
        whens = {rule.key: _statement(rule.when, IS_TRUE) for rule in self.rules}
        excepts = {rule.key: _statement(rule.unless, IS_NOT_TRUE) for rule in self.rules}
        excluded = {rule.key: _statement(rule.unless, IS_TRUE) for rule in self.rules if rule.unless is not None}
        days = {rule.key: _days(rule) for rule in self.rules}
        groups: Iterable[Mapping[str, Statement]] = (whens, excepts, excluded, days)
        self.spaces = Spaces(
            origins, [guard, *(each for group in groups for each in group.values())], self._points(self.rules),
            shared,
        )  # fmt: skip
        #: Where the `when` of each rule holds, and where its `unless` does.
        self.when = {key: self.spaces.boxes(statement) for key, statement in whens.items()}
        self.unless = {key: self.spaces.boxes(statement) for key, statement in excluded.items()}
        not_excluded = {key: self.spaces.boxes(statement) for key, statement in excepts.items()}
        in_force = {key: self.spaces.boxes(statement) for key, statement in days.items()}
        records, guarded = [self._records()], self._guarded(guard)
        #: What each rule is left by what narrows it, in this order.
        self.left: dict[str, dict[Narrowing, list[Box]]] = {}
        for key, boxes in self.when.items():
            left = self.left[key] = {}
            for name, other in zip(NARROWING, (not_excluded[key], in_force[key], records, guarded), strict=True):
                boxes = left[name] = self.spaces.meeting(boxes, other)
        self.world = self.spaces.meeting(records, guarded)
        #: Where the conditions of each rule hold, and where it may also fire at this point.
        self.holds = {key: left["valid"] for key, left in self.left.items()}
        self.fires = {key: left["guard"] for key, left in self.left.items()}

    # What is known here -----------------------------------------------------------------------------------------------

    @property
    def action(self) -> Action | None:
        """Return the action of the point."""
        return self.form.actions.get(self.point.action)

    def _guard(self) -> Statement:
        action = self.action
        return _statement(action.when if action is not None else None, IS_TRUE)

    @cached_property
    def effected(self) -> Mapping[str, Value]:
        """Return the constants that the action's effects have given when its point is after them, {field: value}."""
        action = self.action
        if action is None or self.point.moment != "completed" or _reaches_on(action):
            return {}
        given = [(each, item) for each in action.effects for item in each.given.items()]
        unsure = {key for each, (key, _setting) in given if each.when is not None}
        last = {
            key: (setting, self.form.fields[key])
            for _each, (key, setting) in given
            if key not in self.changed and key not in unsure
        }
        return {
            key: each.constant
            for key, (each, of) in last.items()
            if each.formula is None and of.visible is None and of.fill is None
        }

    def _points(self, rules: Iterable[Rule]) -> dict[tuple[str, ...], list[Value]]:
        """Return the constants that rules and effects set, by field: where a set leads, a segment begins and ends."""
        points: dict[tuple[str, ...], list[Value]] = {
            (key,): [value] for key, value in self.effected.items() if value is not None
        }
        for given in (given for rule in rules for given in givens(rule)):
            if given.setting.formula is None and given.setting.constant is not None:
                points.setdefault((given.field,), []).append(given.setting.constant)
        return points

    def _records(self) -> Box:
        """Return where a record can be when rules look at it: in a state of the action, no required field empty, as
        effects made it.
        """
        base = list(self.spaces.everything)
        for at, dimension in enumerate(self.spaces.dimensions):
            if dimension.path == ("record", "state"):
                base[at] &= self._in_states(dimension)
            elif dimension.path is not None and dimension.path[-1] in self.effected and len(dimension.path) == 1:
                base[at] &= segment_of(dimension, self.effected[dimension.path[-1]]) or dimension.everything
            elif self._is_filled(dimension):
                base[at] &= ~bits(at for at, segment in enumerate(dimension.segments) if segment.example is None)
        return tuple(base)

    def _guarded(self, guard: Statement) -> list[Box]:
        """Return where the guard held, unless rules of the point change what it looks at."""
        boxes = self.spaces.boxes(guard)
        is_steady = all(self.is_steady(at) for box in boxes for at in self.said(box))
        return boxes if self.point.moment == "request" and is_steady else [self.spaces.everything]

    def _in_states(self, dimension: Dimension) -> int:
        action = self.action
        states: Sequence[str] = tuple(self.form.states)
        if action is not None and self.point.moment == "request":
            states = action.sources
        elif action is not None and action.targets and not _reaches_on(action):
            states = action.targets
        return bits(at for at, segment in enumerate(dimension.segments) if segment.example in states)

    def _is_filled(self, dimension: Dimension) -> bool:
        """Tell whether a dimension is a field that cannot be empty here: required, and the record is no draft then."""
        of, action = dimension.field, self.action
        if of is None or dimension.path != (of.key,) or action is None or of.required is not True or of.visible:
            return False
        reached = action.targets or action.sources
        states = [self.form.states.get(key) for key in reached]
        is_whole = all(state and not (state.start or state.stopped) for state in states)
        return is_whole and of.key not in self.changed and not self._is_looked_at_late(action)

    def _is_looked_at_late(self, action: Action) -> bool:
        """Tell whether rules may see a record of which nobody has looked yet whether it is complete."""
        taken = (effect for form in self._forms.values() for effect in every_effect(form))
        if any(effect.takes == action.key for effect in taken):
            return True
        return self.point.moment == "completed" and bool(action.effects)

    def said(self, box: Box) -> list[int]:
        """Return the dimensions that a box says something of."""
        return [at for at, mask in enumerate(box) if mask != self.spaces.everything[at]]

    def is_steady(self, at: int) -> bool:
        """Tell whether no rule of the point changes a dimension, or what may change it."""
        return all(path[0] not in self.changed for path in self.spaces.dimensions[at].influences)


def _statement(formula: Formula | None, wanted: Wanted) -> Statement:
    """Return where *formula* is wanted; without one always."""
    if formula is None or formula.checked.errors:
        return _ALWAYS
    return Statement(ways_where(formula, wanted), formula.text)


def _days(rule: Rule) -> Statement:
    """Return the days on which a rule is in force, as a condition."""
    ends = [(">=", rule.valid_from), ("<=", rule.valid_to)]
    texts = [f'today() {operator} @"{day.isoformat()}"' for operator, day in ends if day is not None]
    if not texts:
        return _ALWAYS
    text, scope = " and ".join(texts), feel.Scope({})
    expression = feel.parse_expression(text)
    formula = Formula(text, rule.place, feel.check(expression, scope), expression, scope)
    return Statement(ways_where(formula, IS_TRUE), text)


def _reaches_on(action: Action) -> bool:
    """Tell whether effects of an action touch other records, which may lead its own record on."""
    return any(effect.reaches_on for effect in action.effects)


def segment_of(dimension: Dimension, value: Value) -> int:
    """Return the segment that is just *value*; none where there is no such."""
    return bits(at for at, each in enumerate(dimension.segments) if each.is_named and each.example == value)
