"""The conditions of rules taken apart: a rule fires where all tests of one of its *ways* hold.

A test looks at one operand (`total`, `customer.tier`, `count(lines)`) and accepts some of its values: those for which a
comparison with constants is true, or false, or is not true, or is not false. Everything that is no comparison with
constants is an operand of its own, whose value is true, false or neither. So a negation needs no logic of three values.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol, TypeAlias
from typing import Any as Value
from zoneinfo import ZoneInfo

from blankett.engine.feel import Any, Boolean, Moment, Scope, Type, compile, tree
from blankett.engine.feel.builtins import BUILTINS
from blankett.engine.feel.builtins.departments import ORGANISATION_FUNCTIONS
from blankett.engine.feel.cell_values import PLAIN_KINDS, in_utc, kind_of
from blankett.engine.feel.constants import UNKNOWN, constant_of
from blankett.engine.feel.tree import parts_of
from blankett.engine.feel.typecheck import examine
from blankett.engine.feel.typecheck.checker import Checker
from blankett.engine.feel.values import NO_END, Range

if TYPE_CHECKING:
    from blankett.engine.language.model import Rule

#: How many ways one condition is taken apart into; beyond, its widest part is an operand of its own.
MAX_WAYS: Final = 12

_NOWHEN: Final = Moment(datetime(2000, 1, 1, tzinfo=UTC), ZoneInfo("UTC"))
_ANYTHING: Final = Scope({"?": Any()})
_TESTED: Final = tree.Name(start=0, end=0, name="?")


class Wanted(NamedTuple):
    """What is asked of an answer: to be *answer* (*surely*), or not to be it, which null is not, either."""

    answer: bool
    surely: bool

    def fits(self, answer: object) -> bool:
        """Tell whether *answer* is what is asked."""
        return (answer is self.answer) is self.surely

    def opposite(self) -> Wanted:
        """Return what is asked of a part when this is asked of its `not()`."""
        return Wanted(not self.answer, self.surely)


IS_TRUE: Final = Wanted(True, True)
IS_NOT_TRUE: Final = Wanted(True, False)


class Condition(Protocol):
    """A parsed formula, as a rule's."""

    @property
    def expression(self) -> tree.Expression:
        """Return what was parsed."""

    @property
    def scope(self) -> Scope:
        """Return what it sees."""


@dataclass(frozen=True, eq=False)
class Operand:
    """What a test looks at, with what is needed to compile it. Operands of one *key* always have the same value."""

    part: tree.Expression
    checker: Checker
    key: tuple[object, ...]

    @property
    def type(self) -> Type:
        """Return its static type."""
        found = self.checker.found.get(self.part)
        return Any() if found is None else found.type


@dataclass(frozen=True, eq=False)
class Test:
    """A question to the value of an operand, and the answer that is wanted."""

    operand: Operand
    #: FEEL's answer for a value of the operand.
    answer: Callable[[Value], object]
    wanted: Wanted
    #: The class of the constants it compares with, bool where it asks the value itself; None for null alone.
    kind: type | None
    #: The constants.
    points: frozenset[Value]

    def holds(self, value: Value) -> bool:
        """Tell whether the operand's *value* passes."""
        return self.wanted.fits(self.answer(value))


#: Tests that must all hold.
Way: TypeAlias = tuple[Test, ...]


def ways_of(rule: Rule) -> list[Way]:
    """Return the ways in which *rule* fires: none where it never does, one without tests where it always does."""
    parts: list[list[Way]] = []
    if rule.when is not None:
        parts.append(ways_where(rule.when, IS_TRUE))
    if rule.unless is not None:
        parts.append(ways_where(rule.unless, IS_NOT_TRUE))
    return _crossed(parts)


def ways_where(condition: Condition, wanted: Wanted) -> list[Way]:
    """Return the ways in which *condition* is what is *wanted*."""
    return _ConditionReader(condition.scope, condition.expression).ways(condition.expression, wanted)


def _crossed(parts: Sequence[list[Way]]) -> list[Way]:
    """Return every way to take one of each."""
    found: list[Way] = [()]
    for ways in parts:
        found = [(*before, *way) for before in found for way in ways]
    return found


class _ConditionReader:
    """Takes one formula apart."""

    def __init__(self, scope: Scope, whole: tree.Expression) -> None:
        self._scope = scope
        self._checker = examine(whole, scope)[1]

    def ways(self, part: tree.Expression, wanted: Wanted) -> list[Way]:
        """Return the ways in which *part* is *wanted*."""
        if isinstance(part, tree.Logic):
            found = [self.ways(operand, wanted) for operand in part.operands]
            if (part.operator == "and") is (wanted.answer is wanted.surely):
                return self._all(part.operands, found, wanted)
            together = [way for ways in found for way in ways]
            return together if len(together) <= MAX_WAYS else [(self._whole(part, wanted),)]
        negated = self._negated(part)
        if negated is not None:
            return self.ways(negated, wanted.opposite())
        constant = constant_of(part)
        if constant is not UNKNOWN:
            return [()] if wanted.fits(constant) else []
        return [(self._compared(part, wanted) or self._whole(part, wanted),)]

    def _all(self, parts: Sequence[tree.Expression], found: list[list[Way]], wanted: Wanted) -> list[Way]:
        """Return the ways in which all *parts* are *wanted*, those with the most ways whole where they are too many."""
        found = list(found)
        while _product(found) > MAX_WAYS:
            widest = max(range(len(found)), key=lambda place: len(found[place]))
            found[widest] = [(self._whole(parts[widest], wanted),)]
        return _crossed(found)

    def _negated(self, part: tree.Expression) -> tree.Expression | None:
        """Return what `not(…)` negates, or None. Only of a truth value: of a list of one, it takes the item."""
        if not isinstance(part, tree.Call) or not isinstance(part.function, tree.Name) or len(part.arguments) != 1:
            return None
        inner = part.arguments[0].value
        found = self._checker.found.get(inner)
        is_plain = found is not None and isinstance(found.type, Boolean)
        is_ours = part.function.name == "not" and "not" not in self._scope.functions
        return inner if is_ours and is_plain and part.arguments[0].name in (None, "negand") else None

    def _operand(self, part: tree.Expression) -> Operand:
        return Operand(part, self._checker, operand_key(part, self._scope))

    def _whole(self, part: tree.Expression, wanted: Wanted) -> Test:
        """Return the test that asks *part* itself."""
        return Test(self._operand(part), _itself, wanted, bool, frozenset((False, True)))

    def _compared(self, part: tree.Expression, wanted: Wanted) -> Test | None:
        """Return the test that compares with constants, or None where *part* is something else."""
        return compared_test(self._operand(part), wanted, PLAIN_KINDS)


def compared_test(whole: Operand, wanted: Wanted, kinds: frozenset[type]) -> Test | None:
    """Return the test that *whole*, a comparison with constants of one of the *kinds*, is of what it compares; None
    where it is something else. Moments are points in UTC.
    """
    found = _comparison(whole.part)
    if found is None:
        return None
    tested, stand_in, constants = found
    if constant_of(tested) is not UNKNOWN:
        return None
    points = frozenset(in_utc(point) for point in constants if point is not None)
    met = {kind_of(point) for point in points}
    kind = next(iter(met), None)
    if len(met) > 1 or (met and kind not in kinds):
        return None
    checker = whole.checker
    operand = Operand(tested, checker, operand_key(tested, checker.scope))
    return Test(operand, _answering(stand_in, kind, points), wanted, kind, points)


def _itself(value: Value) -> object:
    return value


def _answering(stand_in: tree.Expression, kind: type | None, points: frozenset[Value]) -> Callable[[Value], object]:
    """Return what gives FEEL's answer to *stand_in* for a value; a long list of words is one look-up."""
    answers = compile(stand_in, _ANYTHING)
    if not isinstance(stand_in, tree.In) or any(type(constant_of(test)) is not kind for test in stand_in.tests):
        return lambda value: answers.evaluate({"?": value}, _NOWHEN)
    return lambda value: value in points if type(value) is kind else answers.evaluate({"?": value}, _NOWHEN)


def _product(found: Sequence[list[Way]]) -> int:
    product = 1
    for ways in found:
        product *= len(ways)
    return product


# ---- comparisons with constants ----

_Comparison: TypeAlias = "tuple[tree.Expression, tree.Expression, list[Value]]"


def _comparison(part: tree.Expression) -> _Comparison | None:
    """Return what *part* compares with constants, *part* with `?` in its place, and the constants."""
    if isinstance(part, tree.Comparison):
        left, right = constant_of(part.left), constant_of(part.right)
        if right is not UNKNOWN:
            return part.left, replace(part, left=_TESTED), [right]
        return None if left is UNKNOWN else (part.right, replace(part, right=_TESTED), [left])
    if isinstance(part, tree.Between):
        ends = [constant_of(part.low), constant_of(part.high)]
        return None if UNKNOWN in ends else (part.value, replace(part, value=_TESTED), ends)
    if isinstance(part, tree.In):
        constants = [constant for test in part.tests for constant in _constants(test)]
        return None if UNKNOWN in constants else (part.value, replace(part, value=_TESTED), constants)
    return None


def _constants(test: tree.Expression) -> Iterator[Value]:
    """Yield the constants that a test of `in` compares with; UNKNOWN where it is more than constants."""
    if isinstance(test, tree.UnaryTest):
        yield constant_of(test.value)
    elif isinstance(test, tree.RangeLiteral):
        yield from (constant_of(test.low), constant_of(test.high))
    else:
        yield from _flattened(constant_of(test))


def _flattened(value: Value) -> Iterator[Value]:
    """Yield the values of a list, the ends of a range, or the value itself."""
    if type(value) is list:
        for item in value:
            # A list in a list is a value of its own.
            yield from (UNKNOWN,) if type(item) is list else _flattened(item)
    elif type(value) is Range:
        yield from (end for end in (value.low, value.high) if end is not NO_END)
    else:
        yield value


# ---- when two parts of the same text mean the same ----


def operand_key(part: tree.Expression, scope: Scope) -> tuple[object, ...]:
    """Return what two parts have in common that are always worth the same in one evaluation."""
    return (tree.outline(part, is_exact=True), *_meanings(part, scope))


def _meanings(part: tree.Expression, scope: Scope) -> Iterator[object]:
    """Yield what *part* means beside its text: functions that are the scope's, or the scope where types matter."""
    for inner in parts_of(part):
        if isinstance(inner, tree.FilterExpression):
            yield id(scope)
        elif isinstance(inner, tree.Call):
            name = inner.function.name if isinstance(inner.function, tree.Name) else ""
            if name in scope.functions:
                yield id(scope.bodies.get(name))
            elif name == "convert" or name in ORGANISATION_FUNCTIONS or name not in BUILTINS:
                yield id(scope)
