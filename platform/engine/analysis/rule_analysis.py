"""What can be said of rules before they decide: those that want two things at once, decide nothing, or never come to
rest.

That rules come to no rest is tried: those that set constants are run on the segments of what they test, round by
round, as the engine would; so a loop that is found is one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import combinations, product
from math import prod

from blankett.engine import feel
from blankett.engine.analysis.examples import joined
from blankett.engine.analysis.regions import (
    ASSIGNEE,
    Box,
    Narrowing,
    OutcomeValue,
    PointRules,
    StepCounter,
    TooMuchWork,
    bits_of,
    common_box,
    givens,
    segment_of,
)
from blankett.engine.analysis.value_segments import scale_of
from blankett.engine.effects import RequireOutcome
from blankett.engine.feel import tree
from blankett.engine.feel.constants import UNKNOWN, constant_of
from blankett.engine.language.diff import AS_WRITTEN
from blankett.engine.language.model import Action, Blueprint, DecisionPoint, Form, Place, Rule, rules_at

# What is found --------------------------------------------------------------------------------------------------------


#: So many rules are named in one message.
MOST_NAMED = 4


@dataclass(frozen=True)
class RuleFinding:
    """Something that can be said of rules; *params* are those of the problem *name*."""

    name: str
    rule: Rule
    place: Place
    params: Mapping[str, object] = field(default_factory=dict)
    #: Whether it matters only where it can be said at all points of the rule.
    everywhere: bool = False

    @property
    def key(self) -> tuple[str, str, int]:
        """Return what two findings have in common that say the same at two points."""
        return self.name, self.rule.key, self.place.start


def finding(rules: PointRules, name: str, rule: Rule, place: Place, /, **params: object) -> RuleFinding:
    """Return a finding about a rule of a point."""
    return RuleFinding(name, rule, place, {"rule": rule.key, "point": rules.point, **params})


def finding_everywhere(rules: PointRules, name: str, rule: Rule, place: Place, /, **params: object) -> RuleFinding:
    """Return a finding about a rule of a point, that matters only if it can be said at all of the rule's points."""
    return replace(finding(rules, name, rule, place, **params), everywhere=True)


def rule_words(rules: Sequence[Rule]) -> str:
    """Return rules by their keys, ``'hold' and 'rush'``; of many the first few."""
    names = [repr(rule.key) for rule in rules]
    if len(names) > MOST_NAMED:
        names[MOST_NAMED - 1 :] = [f"{len(names) - MOST_NAMED + 1} others"]
    return joined(names)


def for_example(rules: PointRules, boxes: Sequence[Box]) -> str:
    """Return the end of a sentence that gives an example of boxes; empty where they are everything."""
    words = rules.spaces.words(boxes[0]) if boxes else ""
    return f", say for {words}" if words else ""


def is_later(form: Form, one: Rule, other: Rule) -> bool:
    """Tell whether *one* stands behind *other*."""
    keys = list(form.rules)
    return keys.index(one.key) > keys.index(other.key)


def surely_both(rules: PointRules, one: Rule, other: Rule) -> Box | None:
    """Return a box in which both rules surely fire; None where that is not sure.

    Where one fires only when the other does, too, it is sure, for a rule is there to fire at some time.
    """
    left, right = rules.fires[one.key], rules.fires[other.key]
    for inner, outer in ((left, right), (right, left)):
        if inner and rules.spaces.covers(outer, inner):
            return inner[0]
    pairs = ((a, b) for a in left for b in right)
    return next((found for a, b in pairs if (found := rules.spaces.certain([a, b])) is not None), None)


# Rules that decide nothing: they never fire, or nothing comes of it when they do --------------------------------------


def never_firing(rules: PointRules) -> Iterator[RuleFinding]:
    """Yield rules that never fire although their `when` may hold, and exceptions that are none."""
    for rule in rules.rules:
        if not rules.when[rule.key]:
            continue  # said of the condition itself
        condition = rule.when or rule.unless
        place = condition.place if condition is not None else rule.place
        ended = next((name for name, boxes in rules.left[rule.key].items() if not boxes), None)
        if ended is not None:
            place = rule.unless.place if ended == "unless" and rule.unless is not None else place
            yield finding(rules, "rule_never_fires", rule, place, reason=_reason(rules, rule, ended))
        elif rule.unless is not None and not rules.spaces.meeting(rules.when[rule.key], rules.unless[rule.key]):
            yield finding(rules, "unless_excludes_nothing", rule, rule.unless.place)


def _reason(rules: PointRules, rule: Rule, ended: Narrowing) -> str:
    """Return why a rule never fires."""
    if ended == "unless":
        return "wherever its 'when' holds, its 'unless' does too" if rule.when else "its 'unless' always holds"
    return {
        "valid": "its condition holds on no day of its 'valid'",
        "records": f"no record is what it looks for at {rules.point}",
        "guard": f"the 'when' of {rules.point.action!r} lets no record through for which it holds",
    }[ended]


def idle(rules: PointRules) -> Iterator[RuleFinding]:
    """Yield rules, or outcomes of them, that never show."""
    meanings = {rule.key: _all_meanings(rule) for rule in rules.rules}
    for rule in rules.rules:
        if not rules.fires[rule.key]:
            continue
        repeated = _repeated(rules, rule, meanings)
        if repeated is not None:
            yield repeated
            continue
        yield from _in_vain(rules, rule)
        yield from _refused_anyway(rules, rule)
        yield from _as_it_is(rules, rule)
        yield from _cancelled(rules, rule)


def _repeated(rules: PointRules, rule: Rule, meanings: Mapping[str, frozenset[tuple[str, ...]]]) -> RuleFinding | None:
    """Return that another rule does all that *rule* does, whenever it fires; of two alike the later one is told."""
    mine = meanings[rule.key]
    rules.spaces.work.spend(len(rules.rules))
    for other in rules.rules:
        if other is rule or not mine <= meanings[other.key]:
            continue
        inner, outer = rules.fires[rule.key], rules.fires[other.key]
        if not rules.spaces.covers(outer, inner):
            continue
        if rules.spaces.covers(inner, outer) and not is_later(rules.form, rule, other):
            continue
        return finding_everywhere(rules, "rule_repeats", rule, rule.place, other=other.key)
    return None


def _all_meanings(rule: Rule) -> frozenset[tuple[str, ...]]:
    """Return what all outcomes of a rule do."""
    return frozenset(each for outcome in rule.then for each in outcome.meanings(AS_WRITTEN))


def _in_vain(rules: PointRules, rule: Rule) -> Iterator[RuleFinding]:
    """Yield what a rule sets although rules of a higher priority always set the same."""
    for given in givens(rule):
        if given.field == ASSIGNEE:
            continue
        giving = {other.key: other for other in rules.giving[given.field]}
        winners = [other for other in giving.values() if other.priority > rule.priority]
        if not winners:
            continue
        alone = [other for other in winners if rules.spaces.covers(rules.fires[other.key], rules.fires[rule.key])]
        boxes = [box for other in winners for box in rules.fires[other.key]]
        if alone or rules.spaces.covers(boxes, rules.fires[rule.key]):
            yield finding_everywhere(
                rules,
                "sets_in_vain",
                rule,
                given.outcome.place,
                field=given.field,
                others=rule_words(alone[:1] or winners),
                example=for_example(rules, rules.fires[rule.key]),
            )


def _refused_anyway(rules: PointRules, rule: Rule) -> Iterator[RuleFinding]:
    """Yield a rule that fires only where another refuses, so that nothing comes of it."""
    if any(outcome.refuses for outcome in rule.then):
        return
    for other in rules.refusing:
        boxes = rules.fires[other.key]
        # What a rule of the point changes may end the refusal before the last round.
        steady = all(rules.is_steady(at) for box in boxes for at in rules.said(box))
        if steady and boxes and rules.spaces.covers(boxes, rules.fires[rule.key]):
            example = for_example(rules, rules.fires[rule.key])
            yield finding_everywhere(rules, "refused_anyway", rule, rule.place, other=other.key, example=example)
            return


def _as_it_is(rules: PointRules, rule: Rule) -> Iterator[RuleFinding]:
    """Yield what a rule sets although it fires only where it is so, and no other rule of the point sets it."""
    for given in givens(rule):
        formula = given.setting.formula
        alone = len(rules.giving[given.field]) == 1
        at = rules.spaces.at((given.field,))
        is_itself = formula is not None and formula.text.strip() == given.field
        is_so = False
        if formula is None and at is not None and alone:
            mask = segment_of(rules.spaces.dimensions[at], given.setting.constant)
            is_so = bool(mask) and all(box[at] & ~mask == 0 for box in rules.fires[rule.key])
        if is_itself or is_so:
            words = given.words(rules.form)
            place = given.outcome.place
            yield finding_everywhere(rules, "sets_as_is", rule, place, field=given.field, value=words)


def _cancelled(rules: PointRules, rule: Rule) -> Iterator[RuleFinding]:
    """Yield a rule whose own `set` ends its condition, so that what it says of the last round is never said."""
    late = [outcome for outcome in rule.then if outcome.stage == "last"]
    if not late:
        return
    set_alone = {
        given.field: given
        for given in givens(rule)
        if given.setting.formula is None and len(rules.giving[given.field]) == 1
    }
    places = {at: given for key, given in set_alone.items() if (at := rules.spaces.at((key,))) is not None}
    masks = {at: segment_of(rules.spaces.dimensions[at], given.setting.constant) for at, given in places.items()}
    own = {given.field for given in givens(rule)}
    if not all(masks.values()) or not masks:
        return
    after = []
    for box in rules.holds[rule.key]:
        # What else follows from what the rule sets may be anything afterwards.
        loose = [
            rules.spaces.everything[at] if any(path[0] in own for path in dimension.influences) else mask
            for at, (dimension, mask) in enumerate(zip(rules.spaces.dimensions, box, strict=True))
        ]
        after.append(tuple(masks.get(at, mask) for at, mask in enumerate(loose)))
    if not rules.spaces.meeting(after, rules.holds[rule.key]):
        outcome = late[0]
        names = joined([repr(given.field) for given in places.values()])
        word = outcome.word
        yield finding_everywhere(rules, "cancels_itself", rule, outcome.place, word=word, fields=names)


# Rules that never come to rest: each makes the other fire, or one changes a number again and again --------------------


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


# Rules that want two things at once -----------------------------------------------------------------------------------


def set_twice(rules: PointRules) -> Iterator[RuleFinding]:
    """Yield rules of one priority that give one thing two values."""
    given = {rule.key: givens(rule) for rule in rules.rules}
    giving = [rule for rule in rules.rules if given[rule.key]]
    for one, other in combinations(giving, 2):
        rules.spaces.work.spend(1)
        if one.priority != other.priority:
            continue
        mine, theirs = given[one.key], given[other.key]
        pairs = [(left, right) for left in mine for right in theirs if left.field == right.field]
        pairs = [(left, right) for left, right in pairs if left.text != right.text]
        if not pairs:
            continue
        if rules.spaces.meeting(rules.fires[one.key], rules.fires[other.key]):
            yield from _contradiction(rules, one, other, *pairs[0])


def _contradiction(
    rules: PointRules, one: Rule, other: Rule, left: OutcomeValue, right: OutcomeValue
) -> Iterator[RuleFinding]:
    later, earlier = (one, other) if is_later(rules.form, one, other) else (other, one)
    given = right if later is other else left
    place = given.outcome.place
    certain = surely_both(rules, one, other)
    values = [each.words(rules.form) for each in ((left, right) if later is other else (right, left))]
    params = {
        "one": earlier.key,
        "other": later.key,
        "field": "the assignee" if left.field == ASSIGNEE else repr(left.field),
        "point": rules.point,
        "values": joined(values),
    }
    if certain is None:
        yield finding(rules, "may_set_twice", later, place, **params)
        return
    yield finding(rules, "sets_twice", later, place, example=for_example(rules, [certain]), **params)


def asked_apart(rules: PointRules, blueprint: Blueprint) -> Iterator[RuleFinding]:
    """Yield roles that are required although those who hold them may not act, or nobody holds both of two."""
    action = rules.action
    if rules.point.moment != "request" or action is None:
        return
    takers = _takers(rules.form, action)
    asked = [(rule, each) for rule in rules.rules for each in rule.then if isinstance(each, RequireOutcome)]
    for rule, outcome in asked:
        if takers is not None and outcome.roles and not _someone(blueprint, outcome.roles, takers):
            params = {"roles": _any_of(outcome.roles), "action": action.key, "takers": _any_of(takers)}
            yield finding(rules, "required_cannot_act", rule, outcome.place, **params)
    for (one, left), (other, right) in combinations(asked, 2):
        if _someone(blueprint, left.roles, right.roles):
            continue
        certain = surely_both(rules, one, other)
        if certain is not None:
            roles = f"both {_any_of(left.roles)} and {_any_of(right.roles)}"
            names, example = rule_words([one, other]), for_example(rules, [certain])
            yield finding(rules, "requires_apart", other, right.place, names=names, roles=roles, example=example)


def _takers(form: Form, action: Action) -> frozenset[str] | None:
    """Return the roles that may take an action; None where they are not known, or anybody may."""
    whos = [action.by, *(grant.who for grant in form.grants if not grant.deny and action.key in grant.may)]
    names = frozenset(name for who in whos for name in who.names)
    if any(who.formulas for who in whos) or names & {"everyone", "owner", "assignee"}:
        return None
    return names or None


def _any_of(roles: frozenset[str]) -> str:
    return " or ".join(sorted(roles))


def _someone(blueprint: Blueprint, one: frozenset[str], other: frozenset[str]) -> bool:
    """Tell whether some role is, or includes, one of each."""
    closed = [blueprint.closed_roles(frozenset({key})) for key in blueprint.roles]
    return any(roles & one and roles & other for roles in closed)


#: What is looked for at each point, in this order.
LOOKS: tuple[Callable[[PointRules], Iterator[RuleFinding]], ...] = (never_firing, set_twice, idle, restless)


def rule_findings(
    form: Form, forms: Mapping[str, Form], blueprint: Blueprint, shared: StepCounter | None = None
) -> list[RuleFinding]:
    """Return all that can be said of the rules of a sound form, each once. *forms*: by their full names.

    *shared*: the steps that are left for all forms of the blueprint.
    """
    points = sorted({point for rule in form.rules.values() for point in rule.at}, key=str)
    told: dict[tuple[str, str, int], list[RuleFinding]] = {}
    for point in points:
        for key, found in _at_point(form, forms, point, blueprint, shared).items():
            told.setdefault(key, []).append(found)
    return [found[0] for found in told.values() if not found[0].everywhere or len(found) == len(found[0].rule.at)]


def _at_point(
    form: Form, forms: Mapping[str, Form], point: DecisionPoint, blueprint: Blueprint, shared: StepCounter | None
) -> dict[tuple[str, str, int], RuleFinding]:
    """Return what is found at one point, by key."""
    told: dict[tuple[str, str, int], RuleFinding] = {}
    try:
        rules = PointRules(form, forms, point, shared)
        for look in LOOKS:
            for found in look(rules):
                told.setdefault(found.key, found)
        for found in asked_apart(rules, blueprint):
            told.setdefault(found.key, found)
    except TooMuchWork:
        first = rules_at(form.rules, point)[0]
        unfinished = RuleFinding("rules_not_compared", first, first.place, {"point": point})
        told[unfinished.key] = unfinished
    return told
