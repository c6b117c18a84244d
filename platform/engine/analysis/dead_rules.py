"""Rules that decide nothing: they never fire, or nothing comes of it when they do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from blankett.engine.analysis.examples import joined
from blankett.engine.analysis.findings import (
    RuleFinding,
    finding,
    finding_everywhere,
    for_example,
    is_later,
    rule_words,
)
from blankett.engine.analysis.regions import ASSIGNEE, Narrowing, PointRules, givens, segment_of
from blankett.engine.language.diff import AS_WRITTEN
from blankett.engine.language.model import Rule


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
