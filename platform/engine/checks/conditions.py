"""Checks of conditions: those that can never hold, found by reading them, without trying values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from blankett.engine.blueprint.model import Form, Formula
from blankett.engine.checks.subject import Subject
from blankett.engine.feel import tree
from blankett.engine.feel.constants import UNKNOWN, constant_of

#: What `a < b` says of b, seen from b.
_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "!=": "!="}
#: Values that have an order among their own kind.
Ordered = Decimal | str | date | datetime | time | timedelta


@dataclass
class Bounds:
    """What a conjunction says of one name."""

    low: object = None
    high: object = None
    low_closed: bool = True
    high_closed: bool = True
    equal: list[object] = field(default_factory=list)
    unequal: list[object] = field(default_factory=list)
    #: `= null` was said; `!= null`, or a comparison that null fails, was said.
    is_null: bool = False
    is_there: bool = False

    def is_empty(self) -> bool:
        """Tell whether no value fits."""
        if self.is_null and self.is_there:
            return True
        if any(one != self.equal[0] for one in self.equal[1:]) or any(one in self.unequal for one in self.equal):
            return True
        if any(not self._fits(one) for one in self.equal):
            return True
        return _crossed(self.low, self.high, self.low_closed and self.high_closed)

    def _fits(self, value: object) -> bool:
        return not _crossed(self.low, value, self.low_closed) and not _crossed(value, self.high, self.high_closed)

    def narrow(self, operator: str, value: object) -> None:
        """Take in that the name stands in *operator* to a constant."""
        if value is None:
            self.is_null = self.is_null or operator == "="
            self.is_there = self.is_there or operator == "!="
            return
        if operator == "!=":
            self.unequal.append(value)
            return
        self.is_there = True
        if operator == "=":
            self.equal.append(value)
        elif operator in (">", ">=") and (self.low is None or _crossed(value, self.low, False)):
            self.low, self.low_closed = value, operator == ">="
        elif operator in ("<", "<=") and (self.high is None or _crossed(self.high, value, False)):
            self.high, self.high_closed = value, operator == "<="


def _crossed(low: object, high: object, closed: bool) -> bool:
    """Tell whether nothing lies from *low* to *high*; unknown and unlike ends cross nothing."""
    if low is None or high is None or type(low) is not type(high) or not isinstance(low, Ordered):
        return False
    return low > high or (low == high and not closed)  # type: ignore[operator]


def never_holds(part: tree.Expression) -> bool:
    """Tell whether a condition is false or null whatever the values are. Says no where it cannot tell."""
    if isinstance(part, tree.Logic):
        if part.operator == "or":
            return all(never_holds(operand) for operand in part.operands)
        return any(never_holds(operand) for operand in part.operands) or _contradicts(part)
    constant = constant_of(part)
    return constant is not UNKNOWN and constant is not True


def _contradicts(part: tree.Logic) -> bool:
    bounds: dict[str, Bounds] = {}
    for name, operator, value in _comparisons(part):
        bounds.setdefault(name, Bounds()).narrow(operator, value)
    return any(found.is_empty() for found in bounds.values())


def _comparisons(part: tree.Expression) -> Iterator[tuple[str, str, object]]:
    """Yield (name, operator, constant) of every comparison that a conjunction needs to hold."""
    if isinstance(part, tree.Logic) and part.operator == "and":
        for operand in part.operands:
            yield from _comparisons(operand)
    elif isinstance(part, tree.Comparison):
        yield from _compared(part.left, part.operator, part.right)
        yield from _compared(part.right, _TURNED[part.operator], part.left)
    elif isinstance(part, tree.Between):
        yield from _compared(part.value, ">=", part.low)
        yield from _compared(part.value, "<=", part.high)
    elif isinstance(part, (tree.Name, tree.Member)) and (name := _name(part)):
        yield name, "=", True
    elif isinstance(part, tree.Call) and _is_not(part) and (name := _name(part.arguments[0].value)):
        yield name, "=", False


def _is_not(call: tree.Call) -> bool:
    return isinstance(call.function, tree.Name) and call.function.name == "not" and len(call.arguments) == 1


def _compared(left: tree.Expression, operator: str, right: tree.Expression) -> Iterator[tuple[str, str, object]]:
    name = _name(left)
    constant = constant_of(right) if name else UNKNOWN
    if name and constant is not UNKNOWN:
        yield name, operator, constant


def _name(part: tree.Expression) -> str | None:
    if isinstance(part, tree.Name):
        return part.name
    if isinstance(part, tree.Member):
        owner = _name(part.owner)
        return f"{owner}.{part.name}" if owner else None
    return None


def check_conditions(subject: Subject) -> None:
    """Tell of conditions that can never hold."""
    for form in subject.forms():
        for formula, what in _conditions(form):
            if not formula.checked.errors and never_holds(formula.expression):
                subject.report.add("never_holds", formula.place, what=what)


def _conditions(form: Form) -> Iterator[tuple[Formula, str]]:
    for action in form.actions.values():
        if action.when is not None:
            yield action.when, f"the action {action.key!r} can never be taken"
    for check in form.checks.values():
        yield check.that, f"the check {check.key!r} always refuses"
        if check.when is not None:
            yield check.when, f"the check {check.key!r} is never looked at"
    for found in form.every_field():
        if found.visible is not None:
            yield found.visible, f"the field {found.key!r} is never shown"
        if found.check is not None:
            yield found.check.that, f"the check of {found.key!r} always refuses"
    for grant in form.grants:
        if grant.where is not None:
            yield grant.where, "the grant opens nothing"
    for view in form.lists.values():
        if view.where is not None:
            yield view.where, f"the list {view.key!r} is always empty"
