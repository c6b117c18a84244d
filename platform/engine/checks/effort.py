"""Checks of what formulas cost: loops over ranges that are known, added up for each form."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from math import prod

from blankett.engine.checks.subject import Subject
from blankett.engine.feel import tree
from blankett.engine.feel.budget import STEPS_TOGETHER
from blankett.engine.feel.constants import UNKNOWN, constant_of
from blankett.engine.language.model import Form, Formula


def check_effort(subject: Subject) -> None:
    """Tell of forms whose formulas loop more often than one request, or one save, lets them."""
    for form in subject.forms():
        steps = [(rounds_of(formula.expression), formula) for formula in _worked_out(form)]
        together = sum(count for count, _ in steps)
        if together > STEPS_TOGETHER:
            most = max(steps, key=lambda each: each[0])[1]
            subject.report.add(
                "too_much_effort", most.place, form=form.key, steps=f"{together:,}", limit=f"{STEPS_TOGETHER:,}"
            )


def _worked_out(form: Form) -> Iterator[Formula]:
    """Yield the formulas that are evaluated each time a form is drawn or saved."""
    for of in form.every_field():
        for formula in (of.compute, of.visible, of.required, of.editable):
            if isinstance(formula, Formula):
                yield formula
    for check in form.checks.values():
        yield check.that


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
