"""Rules that want two things at once: they give one field two values, or ask for two roles that nobody holds."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from blankett.engine.blueprint.model import Action, Blueprint, Form
from blankett.engine.blueprint.rules import Rule
from blankett.engine.effects import RequireOutcome
from blankett.engine.rules.findings import RuleFinding, finding, for_example, is_later, rule_words, surely_both
from blankett.engine.rules.points import ASSIGNEE, Given, PointRules, givens
from blankett.engine.rules.wording import joined


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


def _contradiction(rules: PointRules, one: Rule, other: Rule, left: Given, right: Given) -> Iterator[RuleFinding]:
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
    if any(who.formula is not None for who in whos) or names & {"everyone", "owner", "assignee"}:
        return None
    return names or None


def _any_of(roles: frozenset[str]) -> str:
    return " or ".join(sorted(roles))


def _someone(blueprint: Blueprint, one: frozenset[str], other: frozenset[str]) -> bool:
    """Tell whether some role is, or includes, one of each."""
    closed = [blueprint.closed_roles(frozenset({key})) for key in blueprint.roles]
    return any(roles & one and roles & other for roles in closed)
