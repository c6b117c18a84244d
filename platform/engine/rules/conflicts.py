"""What can be said of rules before they decide: those that contradict each other, and those that decide nothing.

The rules of each decision point are compared as spaces (see `spaces`), so nothing is said that could be false.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from blankett.engine.blueprint.model import Blueprint, Form
from blankett.engine.blueprint.rules import DecisionPoint, rules_at
from blankett.engine.rules.boxes import TooMuchWork, Work
from blankett.engine.rules.contradictions import asked_apart, set_twice
from blankett.engine.rules.findings import RuleFinding
from blankett.engine.rules.idle import idle, never_firing
from blankett.engine.rules.loops import restless
from blankett.engine.rules.points import PointRules

#: What is looked for at each point, in this order.
LOOKS: tuple[Callable[[PointRules], Iterator[RuleFinding]], ...] = (never_firing, set_twice, idle, restless)


def rule_findings(
    form: Form, forms: Mapping[str, Form], blueprint: Blueprint, shared: Work | None = None
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
    form: Form, forms: Mapping[str, Form], point: DecisionPoint, blueprint: Blueprint, shared: Work | None
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
