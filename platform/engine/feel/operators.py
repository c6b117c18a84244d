"""What the operators do with values: arithmetic, equality, order, membership, and `instance of`; null where they have
no answer.
"""

from __future__ import annotations

import decimal
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from operator import ge, gt, le, lt
from typing import Any as Value
from typing import Final
from zoneinfo import ZoneInfo

from blankett.engine.feel.budget import charge, charge_for, refuse_long_text
from blankett.engine.feel.temporal import (
    TWINS,
    WIDE,
    WideDate,
    WideDateTime,
    WideDuration,
    WideTime,
    comparable,
    difference,
    later,
    months_later,
    narrowed,
    widened,
)
from blankett.engine.feel.types import (
    Any,
    Boolean,
    Context,
    Date,
    DateTime,
    DaysTimeDuration,
    FunctionType,
    ListOf,
    Null,
    Number,
    RangeOf,
    RecordType,
    Text,
    Time,
    Type,
    YearsMonthsDuration,
)
from blankett.engine.feel.values import NO_END, Function, Range, Reference, YearsMonths

MICROSECOND: Final = timedelta(microseconds=1)
_DAY: Final = timedelta(days=1)


# ---- arithmetic ----


def add(left: Value, right: Value) -> Value:
    """Return left + right."""
    return _applied(ADDITIONS, left, right)


def subtract(left: Value, right: Value) -> Value:
    """Return left - right."""
    return _applied(SUBTRACTIONS, left, right)


def multiply(left: Value, right: Value) -> Value:
    """Return left * right."""
    return _applied(MULTIPLICATIONS, left, right)


def divide(left: Value, right: Value) -> Value:
    """Return left / right; null for a divisor of zero."""
    return _applied(DIVISIONS, left, right)


def power(left: Value, right: Value) -> Value:
    """Return left ** right."""
    return _applied(POWERS, left, right)


def _applied(table: Table, left: Value, right: Value) -> Value:
    operation = table.get((type(left), type(right)))
    if operation is None:
        if type(left) not in WIDE and type(right) not in WIDE:
            return None
        left, right = widened(left), widened(right)
        operation = _WIDE_TABLES[id(table)].get((type(left), type(right)))
        if operation is None:
            return None
    try:
        return operation(left, right)
    except (ArithmeticError, ValueError):
        return None


def negate(value: Value) -> Value:
    """Return -value."""
    if type(value) is Decimal:
        return value.copy_negate() if value else value
    if type(value) is timedelta:
        return -value
    if type(value) is YearsMonths:
        return YearsMonths(-value.total)
    return WideDuration(-value.nanoseconds) if type(value) is WideDuration else None


def _join(left: str, right: str) -> str:
    refuse_long_text(len(left) + len(right))
    charge_for(left)
    return left + right


def _date_plus(day: date, length: timedelta) -> date:
    midnight = datetime.combine(day, time())
    return (midnight + length).date()


def _time_plus(clock: time, length: timedelta) -> time:
    start = datetime.combine(date(2000, 1, 1), clock.replace(tzinfo=None))
    moved = start + length % _DAY
    return moved.time().replace(tzinfo=clock.tzinfo)


def plus_months(day: Value, length: YearsMonths) -> Value:
    """Return the date or date and time *length* later, on the last day of the month where the day does not exist."""
    month = day.year * 12 + day.month - 1 + length.total
    year, month = divmod(month, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return day.replace(year=year, month=month + 1, day=min(day.day, last))
        except ValueError:
            continue
    return None


def _moment_plus(moment: datetime, length: timedelta) -> datetime:
    if isinstance(moment.tzinfo, ZoneInfo):
        # Python adds by the clock on the wall; the standard counts real time, over a change of the clocks, too.
        return (moment.astimezone(UTC) + length).astimezone(moment.tzinfo)
    return moment + length


def _between(left: datetime, right: datetime) -> timedelta | None:
    if (left.tzinfo is None) != (right.tzinfo is None):
        return None
    if left.tzinfo is not None:
        # Python subtracts two times of one zone by the clock on the wall; the standard counts real time.
        return left.astimezone(UTC) - right.astimezone(UTC)
    return left - right


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _time_between(left: time, right: time) -> timedelta | None:
    day = date(2000, 1, 1)
    return _between(datetime.combine(day, left), datetime.combine(day, right))


def _scaled(length: timedelta, factor: Decimal) -> timedelta:
    return timedelta(microseconds=int((length // MICROSECOND) * factor))


def _scaled_months(length: YearsMonths, factor: Decimal) -> YearsMonths:
    return YearsMonths(int(length.total * factor))


def _ratio(left: int, right: int) -> Decimal:
    return Decimal(left) / Decimal(right)


Table = dict[tuple[type, type], Callable[[Value, Value], Value]]

ADDITIONS: Final[Table] = {
    (Decimal, Decimal): lambda a, b: a + b,
    (str, str): _join,
    (timedelta, timedelta): lambda a, b: a + b,
    (YearsMonths, YearsMonths): lambda a, b: YearsMonths(a.total + b.total),
    (date, timedelta): _date_plus,
    (timedelta, date): lambda a, b: _date_plus(b, a),
    (datetime, timedelta): _moment_plus,
    (timedelta, datetime): lambda a, b: _moment_plus(b, a),
    (time, timedelta): _time_plus,
    (timedelta, time): lambda a, b: _time_plus(b, a),
    (date, YearsMonths): plus_months,
    (datetime, YearsMonths): plus_months,
    (YearsMonths, date): lambda a, b: plus_months(b, a),
    (YearsMonths, datetime): lambda a, b: plus_months(b, a),
}
SUBTRACTIONS: Final[Table] = {
    (Decimal, Decimal): lambda a, b: a - b,
    (timedelta, timedelta): lambda a, b: a - b,
    (YearsMonths, YearsMonths): lambda a, b: YearsMonths(a.total - b.total),
    (date, date): lambda a, b: a - b,
    (datetime, datetime): _between,
    (date, datetime): lambda a, b: _between(_midnight(a), b),
    (datetime, date): lambda a, b: _between(a, _midnight(b)),
    (time, time): _time_between,
    (date, timedelta): lambda a, b: _date_plus(a, -b),
    (datetime, timedelta): lambda a, b: _moment_plus(a, -b),
    (time, timedelta): lambda a, b: _time_plus(a, -b),
    (date, YearsMonths): lambda a, b: plus_months(a, YearsMonths(-b.total)),
    (datetime, YearsMonths): lambda a, b: plus_months(a, YearsMonths(-b.total)),
}
MULTIPLICATIONS: Final[Table] = {
    (Decimal, Decimal): lambda a, b: a * b,
    (timedelta, Decimal): _scaled,
    (Decimal, timedelta): lambda a, b: _scaled(b, a),
    (YearsMonths, Decimal): _scaled_months,
    (Decimal, YearsMonths): lambda a, b: _scaled_months(b, a),
}
DIVISIONS: Final[Table] = {
    (Decimal, Decimal): lambda a, b: a / b,
    (timedelta, Decimal): lambda a, b: timedelta(microseconds=int((a // MICROSECOND) / b)),
    (YearsMonths, Decimal): lambda a, b: YearsMonths(int(a.total / b)),
    (timedelta, timedelta): lambda a, b: _ratio(a // MICROSECOND, b // MICROSECOND),
    (YearsMonths, YearsMonths): lambda a, b: _ratio(a.total, b.total),
}
POWERS: Final[Table] = {(Decimal, Decimal): lambda a, b: a**b}

_MOVED_BY_TIME: Final = {
    kind: lambda value, length: later(value, length.nanoseconds) for kind in (WideDate, WideTime, WideDateTime)
}
_WIDE_ADDITIONS: Final[Table] = {
    (WideDuration, WideDuration): lambda a, b: narrowed(WideDuration(a.nanoseconds + b.nanoseconds)),
    **{(kind, WideDuration): move for kind, move in _MOVED_BY_TIME.items()},
    **{(WideDuration, kind): lambda a, b: later(b, a.nanoseconds) for kind in _MOVED_BY_TIME},
    **{(kind, YearsMonths): lambda a, b: months_later(a, b.total) for kind in (WideDate, WideDateTime)},
    **{(YearsMonths, kind): lambda a, b: months_later(b, a.total) for kind in (WideDate, WideDateTime)},
}
_WIDE_SUBTRACTIONS: Final[Table] = {
    (WideDuration, WideDuration): lambda a, b: narrowed(WideDuration(a.nanoseconds - b.nanoseconds)),
    **{(kind, WideDuration): lambda a, b: later(a, -b.nanoseconds) for kind in _MOVED_BY_TIME},
    **{(kind, YearsMonths): lambda a, b: months_later(a, -b.total) for kind in (WideDate, WideDateTime)},
    **{(one, other): difference for one in (WideDate, WideDateTime) for other in (WideDate, WideDateTime)},
    (WideTime, WideTime): difference,
}
_WIDE_MULTIPLICATIONS: Final[Table] = {
    (WideDuration, Decimal): lambda a, b: narrowed(WideDuration(int(a.nanoseconds * b))),
    (Decimal, WideDuration): lambda a, b: narrowed(WideDuration(int(b.nanoseconds * a))),
}
_WIDE_DIVISIONS: Final[Table] = {
    (WideDuration, Decimal): lambda a, b: narrowed(WideDuration(int(a.nanoseconds / b))),
    (WideDuration, WideDuration): lambda a, b: _ratio(a.nanoseconds, b.nanoseconds),
}
#: {id of a table: the table for wide values}
_WIDE_TABLES: Final[dict[int, Table]] = {
    id(ADDITIONS): _WIDE_ADDITIONS,
    id(SUBTRACTIONS): _WIDE_SUBTRACTIONS,
    id(MULTIPLICATIONS): _WIDE_MULTIPLICATIONS,
    id(DIVISIONS): _WIDE_DIVISIONS,
    id(POWERS): {},
}


# ---- equality and order ----

_PLAIN: Final = frozenset([bool, Decimal, str, date, time, datetime, timedelta, YearsMonths, Reference])
ORDERED: Final = frozenset([Decimal, str, date, time, datetime, timedelta, YearsMonths])


def equal(left: Value, right: Value) -> bool | None:
    """Return whether both are the same value; null where they are of different kinds."""
    kind = type(left)
    if kind in WIDE or type(right) in WIDE:
        return _wide_equal(left, right)
    if kind is not type(right):
        return False if left is None or right is None else None
    if kind in _PLAIN:
        return bool(left == right)
    if left is None:
        return True
    if kind is list:
        charge(len(left))
        return len(left) == len(right) and all(
            equal(one, other) is True for one, other in zip(left, right, strict=True)
        )
    if kind is dict:
        charge(len(left))
        return left.keys() == right.keys() and all(equal(value, right[name]) is True for name, value in left.items())
    if kind is Range:
        ends = equal(left.low, right.low) is True and equal(left.high, right.high) is True
        return ends and left.sides == right.sides
    return None if kind is Function else left == right


def _wide_equal(left: Value, right: Value) -> bool | None:
    if left is None or right is None:
        return False
    numbers = comparable(left, right)
    if numbers is None:
        return None if type(widened(left)) is not type(widened(right)) else False
    return numbers[0] == numbers[1]


def unequal(left: Value, right: Value) -> bool | None:
    """Return whether both are different values; null where they are of different kinds."""
    answer = equal(left, right)
    return None if answer is None else not answer


def ordering(test: Callable[[Value, Value], bool]) -> Callable[[Value, Value], bool | None]:
    """Return *test* (as `operator.lt`) as an operator of the language: null between kinds, and without an order."""

    def compare(left: Value, right: Value) -> bool | None:
        kind = type(left)
        if kind is not type(right) or kind not in ORDERED:
            numbers = comparable(left, right) if kind in WIDE or type(right) in WIDE else None
            return None if numbers is None else test(*numbers)
        try:
            return test(left, right)
        except TypeError:  # one time has a zone and the other has none
            return None

    return compare


less, less_or_equal, greater, greater_or_equal = ordering(lt), ordering(le), ordering(gt), ordering(ge)

COMPARISONS: Final[dict[str, Callable[[Value, Value], bool | None]]] = {
    "=": equal,
    "!=": unequal,
    "<": less,
    "<=": less_or_equal,
    ">": greater,
    ">=": greater_or_equal,
}
ARITHMETIC: Final[dict[str, Callable[[Value, Value], Value]]] = {
    "+": add,
    "-": subtract,
    "*": multiply,
    "/": divide,
    "**": power,
}


def between(value: Value, low: Value, high: Value) -> bool | None:
    """Return whether low <= value <= high."""
    return both(less_or_equal(low, value), less_or_equal(value, high))


def both(left: bool | None, right: bool | None) -> bool | None:
    """Return left and right of three-valued logic."""
    if left is False or right is False:
        return False
    return True if left is True and right is True else None


# ---- membership ----


def in_range(value: Value, interval: Range) -> bool | None:
    """Return whether *value* lies in *interval*; null where it cannot be compared with an end."""
    low: bool | None = True
    high: bool | None = True
    if interval.low is not NO_END:
        low = (less_or_equal if interval.low_closed else less)(interval.low, value)
    if interval.high is not NO_END:
        high = (less_or_equal if interval.high_closed else less)(value, interval.high)
    return both(low, high)


def holds(value: Value, test: Value) -> bool | None:
    """Return whether *value* is in *test*: a range, a list of values, ranges or lists, or an equal value."""
    if type(test) is Range:
        return value == test if type(value) is Range else in_range(value, test)
    if type(test) is list:
        return _in_list(value, test)
    return equal(value, test)


def _in_list(value: Value, tests: list[Value]) -> bool | None:
    if type(value) is list and equal(value, tests) is True:
        return True
    charge(len(tests))
    unknown = False
    for test in tests:
        answer = equal(value, test) if type(test) is list and type(value) is list else holds(value, test)
        if answer is True:
            return True
        unknown = unknown or (answer is None and type(test) is Range)
    return None if unknown else False


#: An impossible or too large result raises ArithmeticError; the operators turn that into null.
CONTEXT: Final = decimal.Context(
    prec=34,
    rounding=decimal.ROUND_HALF_EVEN,
    Emin=-6143,
    Emax=6144,
    traps=[decimal.InvalidOperation, decimal.DivisionByZero, decimal.Overflow],
)


def number_from(text: str) -> Decimal | None:
    """Return the number written in *text* (`1`, `.5`, `1.2e3`), rounded to 34 digits.

    None where it is none or too large.
    """
    try:
        number = CONTEXT.create_decimal(text)
    except ArithmeticError:
        return None
    return number if number.is_finite() else None


# `instance of` --------------------------------------------------------------------------------------------------------


_CLASSES: Final[dict[type[Type], type]] = {
    Boolean: bool,
    Number: Decimal,
    Text: str,
    Date: date,
    Time: time,
    DateTime: datetime,
    DaysTimeDuration: timedelta,
    YearsMonthsDuration: YearsMonths,
    FunctionType: Function,
    RecordType: Reference,
}


def is_instance(value: Value, wanted: Type) -> bool:
    """Say whether *value* is of type *wanted*; null is of type Null only."""
    if value is None:
        return isinstance(wanted, Null)
    if isinstance(wanted, Any):
        return True
    if isinstance(wanted, ListOf):
        charge(len(value) if type(value) is list else 0)
        return type(value) is list and all(_conforms(item, wanted.item) for item in value)
    if isinstance(wanted, Context):
        return type(value) is dict and all(
            name in value and _conforms(value[name], type) for name, type in wanted.fields.items()
        )
    if isinstance(wanted, RangeOf):
        return type(value) is Range and all(
            end is NO_END or _conforms(end, wanted.item) for end in (value.low, value.high)
        )
    if isinstance(wanted, FunctionType):
        return type(value) is Function and len(value.parameters) == len(wanted.params)
    kind = _CLASSES.get(type(wanted), object)
    return type(value) is kind or type(value) is TWINS.get(kind)


def _conforms(value: Value, wanted: Type) -> bool:
    """Say whether *value* may stand inside a value of a type: null may."""
    return value is None or is_instance(value, wanted)
