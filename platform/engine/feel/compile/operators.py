"""Closures of arithmetic, comparisons, logic and membership, with a short way for what is common.

Decimals and texts.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from decimal import Decimal
from typing import Any as Value
from typing import Final

from blankett.engine.feel import tree
from blankett.engine.feel.compile.compiler import DIRECT, NAMES, Closure, Compiler, Frame
from blankett.engine.feel.operators import ARITHMETIC, COMPARISONS, between, holds, in_range, negate
from blankett.engine.feel.typecheck.null_facts import is_null

#: {operator: Python's operator on two decimals}
_ON_DECIMALS: Final[dict[str, Callable[[Value, Value], Value]]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def compile_negation(compiler: Compiler, part: tree.Negation) -> Closure:
    """Compile `-amount`."""
    operand = compiler.compiled(part.operand)
    return lambda frame: negate(operand(frame))


# ---- arithmetic ----


def compile_arithmetic(compiler: Compiler, part: tree.Arithmetic) -> Closure:
    """Compile `left + right` and its kin."""
    left, right = compiler.compiled(part.left), compiler.compiled(part.right)
    slow = ARITHMETIC[part.operator]
    fast = (_ON_DECIMALS if compiler.computes else DIRECT).get(part.operator)
    if fast is None:
        return lambda frame: slow(left(frame), right(frame))
    if isinstance(part.right, tree.Literal) and type(part.right.value) is Decimal:
        return _with_number(fast, slow, left, part.right.value)

    def compute(frame: Frame) -> Value:
        one, other = left(frame), right(frame)
        if type(one) is Decimal and type(other) is Decimal:
            try:
                return fast(one, other)
            except ArithmeticError:
                return None
        return slow(one, other)

    one, other = compiler.slot_member(part.left), compiler.slot_member(part.right)
    if one is not None and other is not None and one[0] == other[0]:
        return _of_one_item(fast, compute, one[0], one[1], other[1])
    return compute


def _of_one_item(
    fast: Callable[[Value, Value], Value], otherwise: Closure, slot: int, first: str, second: str
) -> Closure:
    """Return the closure of `l.quantity * l.price`: both are read in one step where the item is a line."""

    def compute(frame: Frame) -> Value:
        item = frame[slot]
        if type(item) is dict:
            one, other = item.get(first), item.get(second)
            if type(one) is Decimal and type(other) is Decimal:
                try:
                    return fast(one, other)
                except ArithmeticError:
                    return None
        return otherwise(frame)

    return compute


def _with_number(
    fast: Callable[[Value, Value], Value], slow: Callable[[Value, Value], Value], left: Closure, number: Decimal
) -> Closure:
    def compute(frame: Frame) -> Value:
        value = left(frame)
        if type(value) is Decimal:
            try:
                return fast(value, number)
            except ArithmeticError:
                return None
        return slow(value, number)

    return compute


# ---- comparisons ----


def compile_comparison(compiler: Compiler, part: tree.Comparison) -> Closure:
    """Compile `left < right` and its kin."""
    if part.operator in ("=", "!=") and (is_null(part.left) or is_null(part.right)):
        tested = compiler.compiled(part.right if is_null(part.left) else part.left)
        if part.operator == "=":
            return lambda frame: tested(frame) is None
        return lambda frame: tested(frame) is not None
    left, right = compiler.compiled(part.left), compiler.compiled(part.right)
    slow = COMPARISONS[part.operator]
    if isinstance(part.right, tree.Literal) and isinstance(part.right.value, (Decimal, str)):
        if isinstance(part.left, tree.Name) and compiler.place_of(part.left.name) == ("root", 0):
            return _name_with_constant(part.operator, part.left.name, part.right.value)
        member = compiler.slot_member(part.left)
        if member is not None:
            return _member_with_constant(part.operator, left, member, part.right.value)
        return _with_constant(part.operator, left, part.right.value)
    fast = _ON_DECIMALS.get(part.operator)
    if fast is None:
        return lambda frame: slow(left(frame), right(frame))

    def compare(frame: Frame) -> Value:
        one, other = left(frame), right(frame)
        if type(one) is Decimal and type(other) is Decimal:
            return fast(one, other)
        return slow(one, other)

    return compare


def _with_constant(sign: str, left: Closure, value: Decimal | str) -> Closure:
    """Return the closure that compares with a number or text that is written out."""
    kind, slow = type(value), COMPARISONS[sign]
    fast = _ON_DECIMALS.get(sign) or (operator.eq if sign == "=" else operator.ne)

    def compare(frame: Frame) -> Value:
        given = left(frame)
        return fast(given, value) if type(given) is kind else slow(given, value)

    return compare


def _member_with_constant(sign: str, left: Closure, member: tuple[int, str], value: Decimal | str) -> Closure:
    """Return the closure of `l.quantity > 100`, for each line of a loop."""
    kind, slow = type(value), COMPARISONS[sign]
    fast = _ON_DECIMALS.get(sign) or (operator.eq if sign == "=" else operator.ne)
    slot, name = member

    def compare(frame: Frame) -> Value:
        item = frame[slot]
        given = item.get(name) if type(item) is dict else left(frame)
        return fast(given, value) if type(given) is kind else slow(given, value)

    return compare


def _name_with_constant(sign: str, name: str, value: Decimal | str) -> Closure:
    """Return the closure that compares a name of the scope with what is written out: the most common condition."""
    kind, slow = type(value), COMPARISONS[sign]
    fast = _ON_DECIMALS.get(sign) or (operator.eq if sign == "=" else operator.ne)

    def compare(frame: Frame) -> Value:
        try:
            given = frame[NAMES][name]
        except KeyError:
            given = None
        return fast(given, value) if type(given) is kind else slow(given, value)

    return compare


# ---- logic ----


def compile_logic(compiler: Compiler, part: tree.Logic) -> Closure:
    """Compile `a and b and c`, or the same with `or`."""
    operands = [compiler.compiled(operand) for operand in part.operands]
    deciding = part.operator == "or"
    if len(operands) == 2:
        return _two(operands[0], operands[1], deciding)
    return _many(operands, deciding)


def _two(left: Closure, right: Closure, deciding: bool) -> Closure:
    """Return the closure of two operands; *deciding* is the value that decides whatever the other is."""
    other = not deciding

    def decide(frame: Frame) -> Value:
        first = left(frame)
        if first is deciding:
            return deciding
        second = right(frame)
        if second is deciding:
            return deciding
        return other if first is other and second is other else None

    return decide


def _many(operands: list[Closure], deciding: bool) -> Closure:
    other = not deciding

    def decide(frame: Frame) -> Value:
        answer: bool | None = other
        for operand in operands:
            value = operand(frame)
            if value is deciding:
                return deciding
            if value is not other:
                answer = None
        return answer

    return decide


# ---- membership ----


def compile_between(compiler: Compiler, part: tree.Between) -> Closure:
    """Compile `value between low and high`."""
    value, low, high = compiler.compiled(part.value), compiler.compiled(part.low), compiler.compiled(part.high)
    return lambda frame: between(value(frame), low(frame), high(frame))


def compile_in(compiler: Compiler, part: tree.In) -> Closure:
    """Compile `value in (test, …)`."""
    value = compiler.compiled(part.value)
    tests = [test_closure(compiler, test) for test in part.tests]
    if len(tests) == 1:
        only = tests[0]
        return lambda frame: only(frame, value(frame))
    return lambda frame: any_holds(tests, frame, value(frame))


Test = Callable[[Frame, Value], Value]


def any_holds(tests: list[Test], frame: Frame, value: Value) -> bool | None:
    """Return whether a test is true of *value*; null where none is and one cannot be answered."""
    answer: bool | None = False
    for test in tests:
        found = test(frame, value)
        if found is True:
            return True
        if found is None:
            answer = None
    return answer


def test_closure(compiler: Compiler, part: tree.Expression) -> Test:
    """Return the closure that tests a value by *part*."""
    if isinstance(part, tree.UnaryTest):
        compare, end = COMPARISONS[part.operator], compiler.compiled(part.value)
        return lambda frame, value: compare(value, end(frame))
    tested = compiler.compiled(part)
    if isinstance(part, tree.RangeLiteral):
        return lambda frame, value: (
            in_range(value, tested(frame)) if type(value) in _POINTS else holds(value, tested(frame))
        )
    return lambda frame, value: holds(value, tested(frame))


_POINTS: Final = frozenset([Decimal, str])


def compile_tests(compiler: Compiler, part: tree.UnaryTests) -> Closure:
    """Compile a cell of a decision table; what it tests is the name `?`."""
    tests = [cell_test(compiler, test) for test in part.tests]
    value = compiler.name("?")

    def decide(frame: Frame) -> Value:
        answer = any_holds(tests, frame, value(frame)) if tests else True
        return negated(answer) if part.negated else answer

    return decide


def negated(answer: bool | None) -> bool | None:
    """Return the opposite of an answer of three-valued logic."""
    return None if answer is None else not answer


def cell_test(compiler: Compiler, part: tree.Expression) -> Test:
    """Return the closure of one test of a cell: an expression that uses `?` and is true holds, too."""
    if not tree.mentions_input(part):
        return test_closure(compiler, part)
    condition = compiler.compiled(part)
    return lambda frame, value: condition(frame)
