"""What can be said of rules before they decide: those that want two things at once, decide nothing, or never come to
rest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import combinations

from blankett.engine.analysis.dead_rules import idle, never_firing
from blankett.engine.analysis.endless_rules import restless
from blankett.engine.analysis.examples import joined
from blankett.engine.analysis.findings import RuleFinding, finding, for_example, is_later, rule_words, surely_both
from blankett.engine.analysis.regions import ASSIGNEE, OutcomeValue, PointRules, StepCounter, TooMuchWork, givens
from blankett.engine.effects import RequireOutcome
from blankett.engine.language.model import Action, Blueprint, DecisionPoint, Form, Rule, rules_at


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
