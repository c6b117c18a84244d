"""Regions of values: what a row matches or a rule's condition accepts is some boxes of segments, one range a
dimension.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from itertools import accumulate
from operator import and_, or_, xor
from typing import Any as Value
from typing import Literal, TypeAlias

from blankett.engine import feel
from blankett.engine.analysis.examples import value_words, with_words
from blankett.engine.analysis.value_origins import Origins
from blankett.engine.analysis.value_segments import Dimension, Key, bits, key_of_test, make_dimension, plain_test
from blankett.engine.cancellation import stop_if_cancelled
from blankett.engine.effects import Effect
from blankett.engine.feel.typecheck.null_facts import key_of
from blankett.engine.language.form_formulas import every_effect
from blankett.engine.language.model import Action, DecisionPoint, Form, Formula, Rule, Setting, rules_at
from blankett.engine.paths import Path, depend
from blankett.engine.rules.conditions import IS_NOT_TRUE, IS_TRUE, Test, Wanted, Way, ways_where

#: The segments accepted in each column.
Box: TypeAlias = tuple[int, ...]


class TooMuchWork(Exception):
    """There are too many combinations to look at all."""


class StepCounter:
    """Counts steps, and raises TooMuchWork when there are more than *most*, or more than *shared* has left."""

    def __init__(self, most: int, shared: StepCounter | None = None) -> None:
        self.left = most
        self._shared = shared

    def spend(self, steps: int) -> None:
        """Take *steps* from what is left."""
        self.left -= steps
        stop_if_cancelled()
        if self.left < 0:
            raise TooMuchWork
        if self._shared is not None:
            self._shared.spend(steps)


class Boxes:
    """The boxes of a table's rows in *space*, ready to be asked which of them meet, hold or cover another box."""

    def __init__(self, space: Box, boxes: Sequence[Box], work: StepCounter) -> None:
        self.space = space
        self.boxes = list(boxes)
        self.work = work
        self.everyone = (1 << len(boxes)) - 1
        #: For each column and segment, the rows that accept it.
        self.rows_at = [
            _turned([box[column] for box in boxes], mask.bit_length(), work) for column, mask in enumerate(space)
        ]
        self._known: dict[tuple[int, int], tuple[int, int]] = {}

    def meeting(self, box: Box) -> int:
        """Return the rows that have something in common with *box*."""
        return reduce(and_, (self._related(column, mask)[0] for column, mask in enumerate(box)), self.everyone)

    def holding(self, box: Box) -> int:
        """Return the rows that hold all of *box*."""
        return reduce(and_, (self._related(column, mask)[1] for column, mask in enumerate(box)), self.everyone)

    def _related(self, column: int, mask: int) -> tuple[int, int]:
        """Return the rows that accept a segment of *mask* in a column, and those that accept them all."""
        found = self._known.get((column, mask))
        if found is None:
            rows = self.rows_at[column]
            inside = [rows[at] for at in bits_of(mask)]
            self.work.spend(len(inside))
            found = self._known[column, mask] = reduce(or_, inside, 0), reduce(and_, inside, self.everyone)
        return found

    def find_hole(self, space: Box, rows: int) -> Box | None:
        """Return a box in *space* apart from the boxes of *rows*; None where they cover it. Raises TooMuchWork."""
        if not all(space):
            return None
        rows &= self.meeting(space)
        # Columns that tell the fewest boxes apart come first: what they leave is settled once for many segments.
        near = [self.boxes[row] for row in bits_of(rows)]
        self.work.spend(len(near))
        order = sorted(range(len(space)), key=lambda column: len({box[column] & space[column] for box in near}))
        hole = self._hole(space, order, rows, set())
        if hole is None:
            return None
        found = dict(zip(order, hole, strict=True))
        return tuple(found[column] for column in range(len(space)))

    def _hole(self, space: Box, order: Sequence[int], rows: int, covered: set[tuple[int, int]]) -> Box | None:
        """Return what a hole is in the columns *order*, among the boxes of *rows*, which hold what is chosen before."""
        if not rows:
            return tuple(space[column] for column in order)
        whole = reduce(and_, (self._related(column, space[column])[1] for column in order), rows)
        if whole or (len(order), rows) in covered:
            return None
        column, rest = order[0], order[1:]
        groups: dict[int, int] = {}
        inside = bits_of(space[column])
        self.work.spend(len(inside))
        for at in inside:
            left = self.rows_at[column][at] & rows
            groups[left] = groups.get(left, 0) | 1 << at
        # What the fewest rows accept is the most likely to have a hole.
        for left in sorted(groups, key=int.bit_count):
            hole = self._hole(space, rest, left, covered)
            if hole is not None:
                return (groups[left], *hole)
        covered.add((len(order), rows))
        return None

    def widened(self, hole: Box) -> Box:
        """Return a hole made as wide as it can be, column by column: what does not matter to it is the whole column."""
        for column in range(len(hole)):
            wide = (*hole[:column], self.space[column], *hole[column + 1 :])
            if not self.meeting(wide):
                hole = wide
        return hole

    def with_box(self, box: Box) -> Boxes:
        """Return these boxes and one more."""
        return Boxes(self.space, [*self.boxes, box], self.work)


def _turned(masks: Sequence[int], count: int, work: StepCounter) -> list[int]:
    """Return for each of *count* segments the rows whose mask has it."""
    rows_by_mask: dict[int, int] = {}
    for row, mask in enumerate(masks):
        rows_by_mask[mask] = rows_by_mask.get(mask, 0) | 1 << row
    # Rows are turned on where a stretch of their mask begins, and off behind it.
    turns = [0] * (count + 1)
    for mask, rows in rows_by_mask.items():
        work.spend(mask.bit_count())
        for at in bits_of(mask ^ mask << 1):
            turns[at] ^= rows
    return list(accumulate(turns[:-1], xor))


#: So few bits are looked up one by one.
_FEW = 64


def bits_of(mask: int) -> list[int]:
    """Return the places of the bits of *mask*, the lowest first."""
    if mask.bit_count() <= _FEW:
        found = []
        while mask:
            lowest = mask & -mask
            found.append(lowest.bit_length() - 1)
            mask ^= lowest
        return found
    return [at for at, bit in enumerate(reversed(f"{mask:b}")) if bit == "1"]


def common_box(one: Box, other: Box) -> Box:
    """Return what two boxes that meet have in common."""
    return tuple(a & b for a, b in zip(one, other, strict=True))


#: Steps that are spent on the conditions of one decision point.
MOST_STEPS = 3_000_000
#: Steps that are spent on all decision points of a blueprint.
MOST_STEPS_TOGETHER = 2_000_000
#: What trying one test on one segment is worth.
STEPS_OF_A_SEGMENT = 4


@dataclass(frozen=True)
class Statement:
    """A condition in the ways in which it holds: where all tests of one of them do. *text* is how it is written."""

    ways: Sequence[Way]
    text: str


class Spaces:
    """Statements on one scope, cut up together, so that they can be compared.

    *points*: further values to cut at, by path; a path that no statement tests is left out.
    """

    def __init__(
        self,
        origins: Origins,
        statements: Iterable[Statement],
        points: Mapping[Path, Iterable[Value]] | None = None,
        shared: StepCounter | None = None,
    ) -> None:
        self.work = StepCounter(MOST_STEPS, shared)
        self._plain: dict[Test, Test] = {}
        found: dict[Key, tuple[list[Test], str]] = {}
        for statement in statements:
            for test in (test for way in statement.ways for test in way):
                plain = self._plain.setdefault(test, plain_test(test, origins))
                found.setdefault(key_of_test(plain), ([], statement.text))[0].append(plain)
        named = points or {}
        self.dimensions = [
            make_dimension(key, tests, text, origins, named.get(key_of(tests[0].operand.part) or (), ()))
            for key, (tests, text) in found.items()
        ]
        self.work.spend(sum(len(dimension.segments) for dimension in self.dimensions))
        self._places = {dimension.key: at for at, dimension in enumerate(self.dimensions)}
        self._by_path = {of.path: at for at, of in reversed([*enumerate(self.dimensions)]) if of.path is not None}
        #: Every place there is.
        self.everything: Box = tuple(dimension.everything for dimension in self.dimensions)
        self._masks: dict[Test, int] = {}

    def boxes(self, statement: Statement) -> list[Box]:
        """Return the boxes in which a statement holds, none within another; none for a statement that never does."""
        return without_inner(box for way in statement.ways if all(box := self._box(way)))

    def _box(self, way: Way) -> Box:
        masks = list(self.everything)
        for test in (self._plain[each] for each in way):
            at = self._places[key_of_test(test)]
            if test not in self._masks:
                self.work.spend(STEPS_OF_A_SEGMENT * len(self.dimensions[at].segments))
                self._masks[test] = self.dimensions[at].accepts(test)
            masks[at] &= self._masks[test]
        return tuple(masks)

    def at(self, path: Path) -> int | None:
        """Return the place of the dimension that is the value at *path*; None where no statement tests it."""
        return self._by_path.get(path)

    # Questions --------------------------------------------------------------------------------------------------------

    def covers(self, outer: Sequence[Box], inner: Sequence[Box]) -> bool:
        """Tell whether all of the *inner* boxes lies in the *outer* ones together. Raises TooMuchWork."""
        self.work.spend(len(outer) * len(inner))
        open_boxes = [box for box in inner if not any(common_box(box, other) == box for other in outer)]
        if not open_boxes or len(outer) < 2:
            return not open_boxes
        near = [box for box in outer if any(all(common_box(box, other)) for other in open_boxes)]
        known = Boxes(self.everything, near, self.work)
        return all(known.find_hole(box, known.everyone) is None for box in open_boxes)

    def hole(self, outer: Sequence[Box], inner: Sequence[Box]) -> Box | None:
        """Return a box of the *inner* ones that lies in none of the *outer* ones; None where those cover them all.
        Raises TooMuchWork.
        """
        known = Boxes(self.everything, outer, self.work)
        return next((hole for box in inner if (hole := known.find_hole(box, known.everyone)) is not None), None)

    def meeting(self, one: Sequence[Box], other: Sequence[Box]) -> list[Box]:
        """Return the boxes that two sets of boxes have in common. Raises TooMuchWork."""
        self.work.spend(len(one) * len(other))
        return without_inner(common for left in one for right in other if all(common := common_box(left, right)))

    def certain(self, boxes: Sequence[Box]) -> Box | None:
        """Return what some boxes have in common if it is sure that there is such a place; None where it is not.

        Of dimensions that depend on each other only one may matter, and that must be free, or one box must say of it
        all that the others do: then whoever wrote that box thought it possible.
        """
        common = reduce(common_box, boxes)
        if not all(common):
            return None
        return common if all(self._is_possible(group, common, boxes) for group in self.groups) else None

    def _is_possible(self, group: Sequence[int], common: Box, boxes: Sequence[Box]) -> bool:
        said = [at for at in group if common[at] != self.everything[at]]
        if len(said) != 1:
            return not said
        (at,) = said
        return self.dimensions[at].is_free or any(box[at] == common[at] for box in boxes)

    @cached_property
    def groups(self) -> list[list[int]]:
        """Return the places of the dimensions, those together that depend on each other."""
        groups: list[list[int]] = []
        for at, dimension in enumerate(self.dimensions):
            near = [
                group
                for group in groups
                if any(depend(dimension.sources, self.dimensions[other].sources) for other in group)
            ]
            groups = [group for group in groups if group not in near] + [[at, *(each for one in near for each in one)]]
        return groups

    def words(self, box: Box) -> str:
        """Return an example of a box: ``total 10 000 with tier silver``; empty where it is everything. Raises
        TooMuchWork.
        """
        matter = [at for at, mask in enumerate(box) if mask != self.everything[at]]
        self.work.spend(sum(len(self.dimensions[at].segments) for at in matter))
        return with_words([self.dimensions[at].words(box[at]) for at in matter]) if matter else ""


def without_inner(boxes: Iterable[Box]) -> list[Box]:
    """Return boxes without those that lie in another of them."""
    found: list[Box] = []
    for box in boxes:
        if not any(common_box(box, other) == box for other in found):
            found = [other for other in found if common_box(box, other) != other]
            found.append(box)
    return found


#: What leaves a rule less than its `when` does: its `unless`, its days, what records can be, the action's guard.
Narrowing = Literal["unless", "valid", "records", "guard"]
NARROWING: tuple[Narrowing, ...] = ("unless", "valid", "records", "guard")
#: Stands among the fields for whom a record is handed to.
ASSIGNEE = "record.assignee"
_ALWAYS = Statement([()], "")


@dataclass(frozen=True)
class OutcomeValue:
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


def givens(rule: Rule) -> list[OutcomeValue]:
    """Return everything a rule gives to the record, in the author's order."""
    return [given for outcome in rule.then for given in givens_of(outcome)]


def givens_of(outcome: Effect) -> list[OutcomeValue]:
    """Return what an outcome gives to the record; nothing for those that only say something."""
    found = [OutcomeValue(key, setting, outcome) for key, setting in outcome.given.items()]
    return found if outcome.assignee is None else [*found, OutcomeValue(ASSIGNEE, outcome.assignee, outcome)]


class PointRules:
    """The rules of a form at one point, the first to decide first."""

    def __init__(
        self, form: Form, forms: Mapping[str, Form], point: DecisionPoint, shared: StepCounter | None = None
    ) -> None:
        self.form = form
        self._forms = forms
        self.point = point
        self.rules = rules_at(form.rules, point)
        #: By what a rule of the point gives something to, a field or the assignee: the rules, one for each time.
        self.giving: dict[str, list[Rule]] = {}
        for rule in self.rules:
            for given in givens(rule):
                self.giving.setdefault(given.field, []).append(rule)
        #: Fields that a rule of the point sets.
        self.changed = frozenset(self.giving)
        origins = Origins(form, forms, spend=None if shared is None else shared.spend)
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

    @cached_property
    def refusing(self) -> Sequence[Rule]:
        """Return the rules that refuse something."""
        return [rule for rule in self.rules if any(outcome.refuses for outcome in rule.then)]

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
