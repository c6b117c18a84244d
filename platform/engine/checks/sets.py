"""Checks of rules that give one field two values at the same time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import combinations

from blankett.engine.blueprint.aspects import text_of
from blankett.engine.blueprint.model import Form, Rule
from blankett.engine.blueprint.rules import DecisionPoint
from blankett.engine.blueprint.walk import settings_of
from blankett.engine.checks.conditions import never_holds
from blankett.engine.checks.subject import Subject
from blankett.engine.feel import parse_expression


def check_sets(subject: Subject) -> None:
    """Tell of rules of one priority that give a field different values at the same point, unless they are never both
    true.
    """
    for form in subject.forms():
        if not subject.is_sound("forms", form.key, "rules"):
            continue
        for one, other, field, point in _pairs(form):
            place = subject.place("forms", form.key, "rules", other.key)
            subject.report.add("sets_twice", place, one=one.key, other=other.key, field=field, point=point)


def _pairs(form: Form) -> Iterator[tuple[Rule, Rule, str, DecisionPoint]]:
    """Yield two rules, the field both set to something else, and the first point where they do."""
    setting = [(rule, settings_of(rule)) for rule in form.rules.values()]
    for (one, left), (other, right) in combinations([(rule, given) for rule, given in setting if given], 2):
        points = [point for point in one.at if point in other.at]
        fields = [key for key in left if key in right and text_of(left[key]) != text_of(right[key])]
        if points and fields and one.priority == other.priority and _meet(one, other):
            yield one, other, fields[0], points[0]


def _meet(one: Rule, other: Rule) -> bool:
    """Tell whether both rules may fire on the same day for the same record, as far as that can be told."""
    first = max(one.valid_from or date.min, other.valid_from or date.min)
    last = min(one.valid_to or date.max, other.valid_to or date.max)
    if first > last:
        return False
    conditions = [f"({rule.when.text})" for rule in (one, other) if rule.when is not None]
    return not conditions or not never_holds(parse_expression(" and ".join(conditions)))
