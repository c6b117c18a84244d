"""The checks of arithmetic, comparisons and membership: kinds, currencies, options, null."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from blankett.engine.feel import tree
from blankett.engine.feel.findings import nearest
from blankett.engine.feel.found import Found
from blankett.engine.feel.narrowing import is_null
from blankett.engine.feel.types import (
    Any,
    Boolean,
    Currency,
    Date,
    DateTime,
    DaysTimeDuration,
    ListOf,
    Null,
    Number,
    RangeOf,
    Text,
    Time,
    Type,
    YearsMonthsDuration,
    currency_in_words,
    fits,
    in_words,
)

if TYPE_CHECKING:
    from blankett.engine.feel.checker import Checker

_Table = dict[tuple[type[Type], type[Type]], type[Type]]
_DURATIONS: Final = (DaysTimeDuration, YearsMonthsDuration)
_MOVED: Final[_Table] = {
    (Date, DaysTimeDuration): Date,
    (Date, YearsMonthsDuration): Date,
    (DateTime, DaysTimeDuration): DateTime,
    (DateTime, YearsMonthsDuration): DateTime,
    (Time, DaysTimeDuration): Time,
}
_SAME: Final[_Table] = {(kind, kind): kind for kind in (Number, *_DURATIONS)}
#: {operator: {(left, right): result}}
RESULTS: Final[dict[str, _Table]] = {
    "+": {**_SAME, (Text, Text): Text, **_MOVED, **{(b, a): result for (a, b), result in _MOVED.items()}},
    "-": {
        **_SAME,
        **_MOVED,
        **{(a, b): DaysTimeDuration for a in (Date, DateTime) for b in (Date, DateTime)},
        (Time, Time): DaysTimeDuration,
    },
    "*": {
        (Number, Number): Number,
        **{(Number, length): length for length in _DURATIONS},
        **{(length, Number): length for length in _DURATIONS},
    },
    "/": {
        (Number, Number): Number,
        **{(length, Number): length for length in _DURATIONS},
        **{(length, length): Number for length in _DURATIONS},
    },
    "**": {(Number, Number): Number},
}
ORDERED_TYPES: Final = (Number, Text, Date, Time, DateTime, *_DURATIONS)


# ---- arithmetic ----


def check_negation(checker: Checker, part: tree.Negation) -> Found:
    """Check `-amount`."""
    type = checker.type_of(part.operand)
    if isinstance(type, (Any, Number, *_DURATIONS)):
        checker.warn_null(part.operand)
        return Found(type)
    checker.report("feel.wrong_operand", part, operator="'-'", type=in_words(type))
    return Found(Any())


def check_arithmetic(checker: Checker, part: tree.Arithmetic) -> Found:
    """Check `left + right` and its kin."""
    left, right = checker.type_of(part.left), checker.type_of(part.right)
    if isinstance(left, Any) or isinstance(right, Any):
        return Found(Any())
    result = RESULTS[part.operator].get((type(left), type(right)))
    if result is None:
        _report_operands(checker, part, left, right)
        return Found(Any())
    currency: Currency | None = None
    if isinstance(left, Number) and isinstance(right, Number):
        if not _currencies_fit(checker, part, left.currency, right.currency):
            return Found(Number(nullable=True))
        currency = _currency_of_result(part.operator, left.currency, right.currency)
    checker.warn_null(part.left)
    checker.warn_null(part.right)
    nullable = left.nullable or right.nullable or _may_be_undefined(part)
    return Found(Number(currency, nullable=nullable) if result is Number else result(nullable=nullable))


def _may_be_undefined(part: tree.Arithmetic) -> bool:
    """Say whether the operation has no answer for some numbers: dividing by what is not written out."""
    return part.operator == "/" and not (isinstance(part.right, tree.Literal) and bool(part.right.value))


def _report_operands(checker: Checker, part: tree.Arithmetic, left: Type, right: Type) -> None:
    texts = isinstance(left, Text) + isinstance(right, Text)
    code = "feel.text_and_number" if part.operator == "+" and texts == 1 else "feel.wrong_operands"
    checker.report(code, part, operator=f"'{part.operator}'", left=in_words(left), right=in_words(right))


def _currencies_fit(checker: Checker, part: tree.Arithmetic, left: Currency | None, right: Currency | None) -> bool:
    """Say whether amounts may meet in the operation, reporting where they may not."""
    return part.operator not in ("+", "-", "/") or same_currency(checker, part, left, right)


def _currency_of_result(operator: str, left: Currency | None, right: Currency | None) -> Currency | None:
    if operator == "/":
        return left if right is None else None
    if operator == "**":
        return None
    return left if left is not None else right


def same_currency(checker: Checker, part: tree.Part, left: Currency | None, right: Currency | None) -> bool:
    """Report where amounts of two different currencies meet at *part*; return whether they are the same."""
    if left is None or right is None or left == right:
        return True
    one, other = currency_in_words(left), currency_in_words(right)
    checker.report("feel.mixed_currencies", part, left=one, right=other)
    return False


# ---- comparisons ----


def check_comparison(checker: Checker, part: tree.Comparison) -> Found:
    """Check `left < right` and its kin."""
    left, right = checker.type_of(part.left), checker.type_of(part.right)
    if part.operator in ("=", "!="):
        _check_equality(checker, part, left, right)
        return Found(Boolean())
    nullable = left.nullable or right.nullable
    for type, operand in ((left, part.left), (right, part.right)):
        if not isinstance(type, (Any, *ORDERED_TYPES)):
            checker.report("feel.cannot_order", operand, operator=f"'{part.operator}'", type=in_words(type))
            return Found(Boolean(nullable=True))
    if comparable(checker, part, left, right):
        checker.warn_null(part.left)
        checker.warn_null(part.right)
    return Found(Boolean(nullable=nullable))


def _check_equality(checker: Checker, part: tree.Comparison, left: Type, right: Type) -> None:
    if is_null(part.left) or is_null(part.right):
        return
    if comparable(checker, part, left, right):
        check_options(checker, left, part.right)
        check_options(checker, right, part.left)


def comparable(checker: Checker, part: tree.Part, left: Type, right: Type) -> bool:
    """Report where values of the two types have no common ground; return whether they have."""
    if not (fits(left, right) or fits(right, left)):
        dates = {type(left), type(right)} == {Date, DateTime}
        code = "feel.date_and_datetime" if dates else "feel.cannot_compare"
        checker.report(code, part, left=in_words(left), right=in_words(right))
        return False
    if isinstance(left, Number) and isinstance(right, Number):
        return same_currency(checker, part, left.currency, right.currency)
    return True


def check_options(checker: Checker, type: Type, part: tree.Expression) -> None:
    """Report each text written in *part* that is not an option of *type*."""
    if not isinstance(type, Text) or type.options is None:
        return
    if isinstance(part, tree.If):
        check_options(checker, type, part.then)
        check_options(checker, type, part.otherwise)
    elif isinstance(part, tree.ListLiteral):
        for item in part.items:
            check_options(checker, type, item)
    elif isinstance(part, tree.UnaryTest) and part.operator in ("=", "!="):
        check_options(checker, type, part.value)
    elif isinstance(part, tree.Literal) and isinstance(part.value, str) and part.value not in type.options:
        checker.report(
            "feel.not_an_option",
            part,
            suggestion=nearest(part.value, type.options),
            value=repr(part.value),
            options=", ".join(type.options),
        )


def check_between(checker: Checker, part: tree.Between) -> Found:
    """Check `value between low and high`."""
    types = [checker.type_of(operand) for operand in (part.value, part.low, part.high)]
    for operand, type in zip((part.value, part.low, part.high), types, strict=True):
        checker.warn_null(operand)
        if not isinstance(type, (Any, *ORDERED_TYPES)):
            checker.report("feel.cannot_order", operand, operator="'between'", type=in_words(type))
            return Found(Boolean(nullable=True))
    if comparable(checker, part.low, types[0], types[1]):
        comparable(checker, part.high, types[0], types[2])
    return Found(Boolean(nullable=any(type.nullable for type in types)))


# ---- membership ----


def check_in(checker: Checker, part: tree.In) -> Found:
    """Check `value in (test, …)`."""
    value = checker.type_of(part.value)
    nullable = False
    for test in part.tests:
        type = checker.type_of(test)
        if isinstance(type, RangeOf):
            checker.warn_null(part.value)
            nullable = nullable or value.nullable
        tested = _tested_type(value, type)
        if not isinstance(value, Null) and comparable(checker, test, value, tested):
            check_options(checker, value, test)
    return Found(Boolean(nullable=nullable))


def check_unary_tests(checker: Checker, part: tree.UnaryTests) -> Found:
    """Check a cell of a decision table; `?` in the scope is what it tests."""
    tested = checker.find("?")
    for test in part.tests:
        type = checker.type_of(test)
        if tree.mentions_input(test):
            if not fits(type, Boolean()):
                checker.report("feel.not_boolean", test, where="a test with '?'", type=in_words(type))
        elif tested is not None and not isinstance(tested.type, Any):
            _check_cell_test(checker, test, tested.type, type)
    return Found(Boolean(nullable=True))


def _check_cell_test(checker: Checker, test: tree.Expression, tested: Type, type: Type) -> None:
    operator = test.operator if isinstance(test, tree.UnaryTest) else ".."
    if isinstance(type, RangeOf) and operator not in ("=", "!=") and not isinstance(tested, (*ORDERED_TYPES, RangeOf)):
        checker.report("feel.cannot_order", test, operator=f"'{operator}'", type=in_words(tested))
    elif comparable(checker, test, tested, _tested_type(tested, type)):
        check_options(checker, tested, test)


def _tested_type(value: Type, test: Type) -> Type:
    """Return what a value is compared with by a test of type *test*: the items of a list, the ends of a range."""
    if isinstance(test, RangeOf) and not isinstance(value, RangeOf):
        return test.item
    if isinstance(test, ListOf) and not (isinstance(value, ListOf) and fits(value, test)):
        return _tested_type(value, test.item)
    return test
