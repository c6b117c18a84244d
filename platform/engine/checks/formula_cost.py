"""Checks of what formulas cost: loops over ranges that are known, added up for each form."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from math import prod

from blankett.engine.checks.subject import Subject
from blankett.engine.feel import tree
from blankett.engine.feel.budget import STEPS_TOGETHER
from blankett.engine.feel.constants import UNKNOWN, constant_of
from blankett.engine.fields.base import Setting
from blankett.engine.language.model import SAVE, Action, Form, Formula, Place


def check_effort(subject: Subject) -> None:
    """Tell of forms whose formulas loop more often than one request, or one save, lets them."""
    for form in subject.forms():
        groups = (_saved(form), *(_offered(form, state) for state in form.states), *map(_asked, form.actions.values()))
        told: set[Place] = set()
        for together in groups:
            steps = [(rounds_of(formula.expression), formula) for formula in map(_formula, together) if formula]
            total = sum(count for count, _ in steps)
            most = max(steps, key=lambda each: each[0])[1] if steps else None
            if most is not None and total > STEPS_TOGETHER and most.place not in told:
                told.add(most.place)
                subject.report.add(
                    "too_much_effort", most.place, form=form.key, steps=f"{total:,}", limit=f"{STEPS_TOGETHER:,}"
                )


def _formula(found: object) -> Formula | None:
    """Return the formula of what an author may give a formula for."""
    found = found.formula if isinstance(found, Setting) else found
    return found if isinstance(found, Formula) else None


def _saved(form: Form) -> Iterator[object]:
    """Yield what is evaluated each time a form is filled in or saved; a table is taken to have one line."""
    for of in form.every_field():
        yield from (of.compute, of.visible, of.required, of.editable, of.default, of.fill)
        yield from of.options.values()
    for check in form.checks.values():
        yield from (check.when, check.that)
    for rule in form.rules.values():
        if SAVE in rule.at:
            yield from (rule.when, rule.unless)


def _offered(form: Form, state: str) -> Iterator[object]:
    """Yield what is evaluated to know which actions are offered in a state."""
    yield from (action.when for action in form.actions.values() if state in action.sources)


def _asked(action: Action) -> Iterator[object]:
    """Yield what is evaluated each time the questions of an action are drawn or answered."""
    for of in action.ask.values():
        yield from (of.compute, of.visible, of.required, of.default, of.fill, *of.options.values())


def rounds_of(part: tree.Part) -> int:
    """Return how many rounds the loops of a formula may take, as far as their ranges are written in it."""
    if isinstance(part, (tree.For, tree.Quantified)):
        body = part.body if isinstance(part, tree.For) else part.condition
        rounds = prod(_size(loop.source) for loop in part.loops)
        return rounds * (1 + rounds_of(body)) + sum(rounds_of(loop.source) for loop in part.loops)
    if isinstance(part, tree.If):
        return rounds_of(part.condition) + max(rounds_of(part.then), rounds_of(part.otherwise))
    return sum(map(rounds_of, tree.children(part)))


def _size(source: tree.Expression) -> int:
    """Return how many items a loop goes over; 1 where that is not known."""
    if not isinstance(source, tree.RangeLiteral):
        return 1
    low, high = constant_of(source.low), constant_of(source.high)
    is_known = low is not UNKNOWN and high is not UNKNOWN
    return int(abs(high - low)) + 1 if is_known and isinstance(low, Decimal) and isinstance(high, Decimal) else 1
