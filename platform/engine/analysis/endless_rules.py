"""Rules that never come to rest: each changes what makes the other fire, or one changes a number again and again.

Rules that set constants are run on the segments of what they test, round by round, as the engine would; so a loop that
is found is one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import product
from math import prod

from blankett.engine import feel
from blankett.engine.analysis.examples import joined
from blankett.engine.analysis.findings import RuleFinding, finding, rule_words
from blankett.engine.analysis.regions import (
    ASSIGNEE,
    Box,
    OutcomeValue,
    PointRules,
    StepCounter,
    bits_of,
    common_box,
    givens,
)
from blankett.engine.analysis.value_segments import scale_of
from blankett.engine.feel import tree
from blankett.engine.feel.constants import UNKNOWN, constant_of
from blankett.engine.language.model import Place, Rule

#: From so many places at most rules are run.
MOST_STARTS = 20_000


@dataclass(frozen=True)
class EndlessRules:
    """Rules that never come to rest, in the author's order, and the fields that they change."""

    rules: Sequence[Rule]
    fields: Sequence[str]
    #: The outcome of the first rule that goes on and on.
    place: Place
    #: A place from which it does; None where it does from any.
    start: Box | None
    #: Whether one rule changes its own value each time.
    grows: bool = False


def find_loops(rules: PointRules) -> Iterator[EndlessRules]:
    """Yield the rules of a point that surely never come to rest. Raises TooMuchWork."""
    for rule in rules.rules:
        for given in givens(rule):
            if _grows(rules, rule, given):
                yield EndlessRules([rule], [given.field], given.outcome.place, None, grows=True)
    for ring in _rings(rules):
        loop = _run(rules, ring)
        if loop is not None:
            yield loop


def restless(rules: PointRules) -> Iterator[RuleFinding]:
    """Yield rules that never come to rest."""
    for loop in find_loops(rules):
        example = rules.spaces.words(loop.start) if loop.start is not None else ""
        yield finding(
            rules,
            "rule_grows" if loop.grows else "rules_loop",
            loop.rules[0],
            loop.place,
            names=rule_words(loop.rules),
            fields=joined([repr(key) for key in loop.fields]),
            example=f", say from {example}" if example else "",
        )


# One rule -------------------------------------------------------------------------------------------------------------


def _grows(rules: PointRules, rule: Rule, given: OutcomeValue) -> bool:
    """Tell whether a rule adds to a field each time, and nothing in its condition ends that."""
    formula = given.setting.formula
    step = _step(formula.expression, given.field) if formula is not None else None
    others = [other for other in rules.giving[given.field] if other is not rule]
    if step is None or others or not rules.fires[rule.key]:
        return False
    of = rules.form.fields.get(given.field)
    if of is None or formula is None:
        return False
    if isinstance(step, Decimal):
        scale = scale_of(feel.Number(), of)
        if scale is None or not scale.has(step):  # type: ignore[arg-type]
            return False  # what is stored is rounded, and may stay
    at = rules.spaces.at((given.field,))
    for box in rules.holds[rule.key]:
        rest = [place for place in rules.said(box) if place != at]
        if any(_follows(rules, place, given.field) for place in rest):
            continue
        if at is None or _is_open(rules, at, box[at], step):
            return True
    return False


def _step(part: tree.Expression, field: str) -> Decimal | str | None:
    """Return what a formula adds to *field*; None where it does anything else, or adds nothing."""
    if not isinstance(part, tree.Arithmetic) or part.operator not in "+-":
        return None
    sides = [part.left] if part.operator == "-" else [part.left, part.right]
    for side in sides:
        if isinstance(side, tree.Name) and side.name == field:
            found = constant_of(part.right if side is part.left else part.left)
            if found is UNKNOWN or not isinstance(found, (Decimal, str)) or not found:
                return None
            return -found if part.operator == "-" and isinstance(found, Decimal) else found
    return None


def _follows(rules: PointRules, at: int, field: str) -> bool:
    return any(path[0] == field for path in rules.spaces.dimensions[at].influences)


def _is_open(rules: PointRules, at: int, mask: int, step: Decimal | str) -> bool:
    """Tell whether *mask* holds all values beyond some value, in the direction of *step*."""
    segments = rules.spaces.dimensions[at].segments
    values = [place for place, segment in enumerate(segments) if segment.example is not None]
    if not values or isinstance(step, str):
        return mask == rules.spaces.everything[at]
    return bool(mask >> (values[-1] if step > 0 else values[0]) & 1)


# Several rules --------------------------------------------------------------------------------------------------------


def _rings(rules: PointRules) -> Iterator[list[Rule]]:
    """Yield rules each of which sets, directly or by others, what it looks at."""
    setting = {rule.key: {given.field for given in givens(rule)} for rule in rules.rules if givens(rule)}
    by_key = {rule.key: rule for rule in rules.rules}
    reads = {key: _read_roots(rules, by_key[key]) for key in setting}
    work = rules.spaces.work
    work.spend(len(setting) ** 2 // 4)
    leads = {key: {other for other in setting if setting[key] & reads[other]} for key in setting}
    reach = {key: _reached(key, leads, work) for key in setting}
    left = set(setting)
    for key in setting:
        if key in left:
            ring = {other for other in reach[key] if key in reach[other]}
            left -= ring
            if ring:
                yield [rule for rule in rules.form.rules.values() if rule.key in ring]


def _read_roots(rules: PointRules, rule: Rule) -> set[str]:
    said = {at for box in rules.holds[rule.key] for at in rules.said(box)}
    return {path[0] for at in said for path in rules.spaces.dimensions[at].influences}


def _reached(start: str, leads: Mapping[str, set[str]], work: StepCounter) -> set[str]:
    found: set[str] = set()
    waiting = [start]
    while waiting:
        work.spend(1)
        for key in leads[waiting.pop()] - found:
            found.add(key)
            waiting.append(key)
    return found


@dataclass(frozen=True)
class _Runner:
    """Rules that set constants, ready to be run on segments. A place is a segment in each dimension."""

    boxes: Sequence[tuple[Rule, Sequence[Box]]]
    #: Rule → {dimension: segment}, the dimensions it sets.
    sets: Mapping[str, Mapping[int, int]]

    def firing(self, place: Box) -> list[Rule]:
        """Return the rules that fire at a place."""
        return [rule for rule, boxes in self.boxes if any(common_box(place, box) == place for box in boxes)]

    def after(self, place: Box) -> Box:
        """Return where the rules that fire lead, the first of them to set a dimension winning."""
        masks = dict(enumerate(place))
        given: set[int] = set()
        for rule in self.firing(place):
            for at, mask in self.sets[rule.key].items():
                if at not in given:
                    given.add(at)
                    masks[at] = mask
        return tuple(masks.values())


def _run(rules: PointRules, ring: Sequence[Rule]) -> EndlessRules | None:
    """Run the rules of a ring from every place, and return the first loop."""
    fields = {given.field for rule in ring for given in givens(rule)} - {ASSIGNEE}
    setting = [rule for rule in rules.rules if any(given.field in fields for given in givens(rule))]
    changed = {given.field for rule in setting for given in givens(rule)} - {ASSIGNEE}
    sets = {rule.key: found for rule in setting if (found := _constants(rules, rule)) is not None}
    said = sorted({at for rule in setting for box in rules.holds[rule.key] for at in rules.said(box)})
    if len(sets) < len(setting) or any(not _is_plain(rules, at, changed) for at in said):
        return None
    runner = _Runner([(rule, rules.holds[rule.key]) for rule in setting], sets)
    base = rules.world[0] if rules.world else rules.spaces.everything
    choices = [bits_of(base[at]) if at in said else bits_of(base[at])[:1] for at in range(len(base))]
    if prod(len(choice) for choice in choices) > MOST_STARTS:
        return None
    for places in product(*choices):
        rules.spaces.work.spend(2 * len(runner.boxes))
        start = tuple(1 << at for at in places)
        if any(common_box(start, box) == start for rule in ring for box in rules.fires[rule.key]):
            loop = _loop_from(rules, runner, start, said)
            if loop is not None:
                return loop
    return None


def _constants(rules: PointRules, rule: Rule) -> dict[int, int] | None:
    """Return where the sets of a rule lead, {dimension: segment}, those left out that nothing tests; None where a
    formula says.
    """
    found = {}
    for given in givens(rule):
        at = rules.spaces.at((given.field,))
        if at is None:
            continue
        segments = rules.spaces.dimensions[at].segments
        value = given.setting.constant
        places = [place for place, each in enumerate(segments) if each.is_named and each.example == value]
        if given.setting.formula is not None or not places:
            return None
        found[at] = 1 << places[0]
    return found


def _is_plain(rules: PointRules, at: int, changed: set[str]) -> bool:
    """Tell whether a dimension is a field that rules change, or does not follow from any of them."""
    dimension = rules.spaces.dimensions[at]
    touched = {path[0] for path in dimension.influences} & changed
    return not touched or (dimension.path is not None and dimension.path == (next(iter(touched)),))


def _loop_from(rules: PointRules, runner: _Runner, start: Box, said: Sequence[int]) -> EndlessRules | None:
    trail: list[Box] = [start]
    while (place := runner.after(trail[-1])) not in trail:
        rules.spaces.work.spend(len(runner.boxes) + len(trail))
        trail.append(place)
    ring = trail[trail.index(place) :]
    if len(ring) < 2:
        return None
    moved = [at for at in said if len({each[at] for each in ring}) > 1]
    looping = [rule for rule, _boxes in runner.boxes if any(rule in runner.firing(each) for each in ring)]
    looping = [rule for rule in looping if any(at in runner.sets[rule.key] for at in moved)]
    if not _is_possible(rules, looping, ring, moved):
        return None
    in_order = [rule for rule in rules.form.rules.values() if rule in looping]
    names = [rules.spaces.dimensions[at].name for at in moved]
    place_of = next(given.outcome.place for given in givens(in_order[0]) if given.field in names)
    matter = {at for rule in looping for box in rules.holds[rule.key] for at in rules.said(box)}
    shown = tuple(mask if at in matter else rules.spaces.everything[at] for at, mask in enumerate(ring[0]))
    return EndlessRules(in_order, names, place_of, shown)


def _is_possible(rules: PointRules, looping: Sequence[Rule], ring: Sequence[Box], moved: Sequence[int]) -> bool:
    """Tell whether it is sure that the conditions of the rules, what they change left out, go together."""
    boxes = []
    for rule in looping:
        box = next((box for box in rules.holds[rule.key] for place in ring if common_box(place, box) == place), None)
        if box is None:
            return False
        boxes.append(tuple(rules.spaces.everything[at] if at in moved else mask for at, mask in enumerate(box)))
    return bool(boxes) and rules.spaces.certain(boxes) is not None
