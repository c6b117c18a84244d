"""What the cell of a decision table accepts, as far as it can be read off: values, and stretches between values.

`< 10`, `[10..20), 30`, `not("new")` can be read off; a cell that looks at other names, or computes with what it tests,
cannot. Whoever decides or compares rows by these must treat a cell that is not read off as one that may say anything.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any as Value
from typing import Final, TypeAlias

from blankett.engine.feel import tree
from blankett.engine.feel.constants import UNKNOWN, constant_of
from blankett.engine.feel.values import NO_END, Range, YearsMonths

#: Kinds of values that are equal and ordered as Python has it. Times with and without zones are not among them.
PLAIN_KINDS: Final = frozenset([bool, Decimal, str, date, timedelta, YearsMonths])
#: Kinds of values that are so among themselves: times of day without a zone, moments with one.
CLOCK_KINDS: Final = frozenset([time, datetime])


@dataclass(frozen=True, slots=True)
class Interval:
    """A stretch of values; NO_END where it has no end. A single value is a stretch from itself to itself."""

    low: Value = NO_END
    high: Value = NO_END
    low_closed: bool = True
    high_closed: bool = True


@dataclass(frozen=True, slots=True)
class Accepted:
    """What a cell accepts of its kind of values: those in any of the intervals, or, negated, those in none."""

    intervals: tuple[Interval, ...]
    negated: bool
    #: Whether the cell accepts null; None where it has no answer to it, which accepts it no more than False does.
    null: bool | None
    #: The class of the values it compares with; None for a cell that compares with none.
    kind: type | None


EVERYTHING: Final = Accepted((Interval(),), False, True, None)


@dataclass(frozen=True, slots=True)
class _Test:
    """What one test of a cell accepts."""

    intervals: tuple[Interval, ...]
    null: bool | None


def kind_of(value: Value) -> type | None:
    """Return the class of values that *value* is equal to and ordered among; None for one that has none."""
    kind = type(value)
    if kind in CLOCK_KINDS:
        return kind if (value.tzinfo is None) is (kind is time) else None
    return kind if kind in PLAIN_KINDS else None


def accepted_by(cell: tree.UnaryTests, kinds: frozenset[type] = PLAIN_KINDS) -> Accepted | None:
    """Return what *cell* accepts, or None where that cannot be read off, or is not of one of the *kinds*.

    `CLOCK_KINDS` are for columns that are known to have no other values of their class. Moments are given in UTC.
    """
    if not cell.tests:
        return EVERYTHING
    tests = [_read(test) for test in cell.tests]
    read = [test for test in tests if test is not None]
    met = {type(end) for test in read for interval in test.intervals for end in _ends(interval)}
    if len(read) < len(tests) or len(met) > 1 or not met <= kinds:
        return None
    null = _any_of([test.null for test in read])
    if cell.negated:
        null = None if null is None else not null
    intervals = tuple(interval for test in read for interval in test.intervals)
    return Accepted(intervals, cell.negated, null, next(iter(met), None))


def _ends(interval: Interval) -> Iterator[Value]:
    return (end for end in (interval.low, interval.high) if end is not NO_END)


def _any_of(answers: list[bool | None]) -> bool | None:
    if True in answers:
        return True
    return None if None in answers else False


def _read(test: tree.Expression) -> _Test | None:
    if isinstance(test, tree.UnaryTest):
        value = constant_of(test.value)
        return None if value is UNKNOWN else _compared(test.operator, value)
    if isinstance(test, tree.RangeLiteral):
        low, high = constant_of(test.low), constant_of(test.high)
        return _between(Range(low, high, test.low_closed, test.high_closed))
    value = constant_of(test)
    if value is UNKNOWN:
        return None
    return _in_list(value) if type(value) is list else _compared("=", value)


def _compared(operator: str, value: Value) -> _Test | None:
    """Return what `operator value` accepts. A comparison with null, or an order where there is none, is not read."""
    if value is None:
        if operator == "=":
            return _Test((), True)
        return _Test((Interval(),), False) if operator == "!=" else None
    kind, value = kind_of(value), in_utc(value)
    if kind is None:
        return None
    if operator == "=":
        return _Test((Interval(value, value),), False)
    if operator == "!=":
        return _Test((Interval(high=value, high_closed=False), Interval(low=value, low_closed=False)), True)
    if kind is bool:
        return None
    closed = operator in ("<=", ">=")
    is_below = operator in ("<", "<=")
    found = Interval(high=value, high_closed=closed) if is_below else Interval(low=value, low_closed=closed)
    return _Test((found,), None)


def _between(found: Range) -> _Test | None:
    kind = kind_of(found.low)
    if kind in (None, bool) or kind is not kind_of(found.high):
        return None
    return _Test((Interval(in_utc(found.low), in_utc(found.high), found.low_closed, found.high_closed),), None)


def in_utc(value: Value) -> Value:
    """Return a moment in UTC, where an hour that a zone has twice is two; any other value as it is."""
    return value.astimezone(UTC) if kind_of(value) is datetime else value


def _in_list(values: list[Value]) -> _Test | None:
    """Return what a list of values and ranges accepts; lists in it are not read."""
    tests: list[_Test] = []
    for value in values:
        test = _between(value) if type(value) is Range else _compared("=", value)
        if test is None:
            return None
        tests.append(test)
    null = _any_of([test.null for test in tests])
    return _Test(tuple(interval for test in tests for interval in test.intervals), null)


#: First and last segment, both included.
Stretch: TypeAlias = tuple[int, int]


class SegmentLine:
    """The segments of one column; values must be of one kind that has an order."""

    __slots__ = ("count", "places", "points")

    def __init__(self, points: Sequence[Value]) -> None:
        self.points = list(points)
        self.places = {point: place for place, point in enumerate(points)}
        self.count = 2 * len(points) + 1

    def segment_of(self, value: Value) -> int:
        """Return the segment that *value* lies in."""
        place = self.places.get(value)
        return 2 * bisect_left(self.points, value) if place is None else 2 * place + 1

    def stretches(self, accepted: Accepted) -> list[Stretch]:
        """Return the segments that a cell accepts, apart and in order. The cell's ends must be points of the line."""
        found = _merged(stretch for interval in accepted.intervals if (stretch := self._stretch(interval)))
        return _others(found, self.count) if accepted.negated else found

    def _stretch(self, interval: Interval) -> Stretch | None:
        first, last = 0, self.count - 1
        if interval.low is not NO_END:
            first = 2 * self.places[interval.low] + (1 if interval.low_closed else 2)
        if interval.high is not NO_END:
            last = 2 * self.places[interval.high] + (1 if interval.high_closed else 0)
        return (first, last) if first <= last else None


def points_of(cells: Iterable[Accepted]) -> list[Value]:
    """Return the ends of all intervals, each once and in order."""
    ends = {end for cell in cells for interval in cell.intervals for end in (interval.low, interval.high)}
    return sorted(end for end in ends if end is not NO_END)


def _merged(stretches: Iterable[Stretch]) -> list[Stretch]:
    merged: list[Stretch] = []
    for first, last in sorted(stretches):
        if merged and first <= merged[-1][1] + 1:
            merged[-1] = merged[-1][0], max(merged[-1][1], last)
        else:
            merged.append((first, last))
    return merged


def _others(stretches: Iterable[Stretch], count: int) -> list[Stretch]:
    """Return what the stretches leave of *count* segments."""
    left: list[Stretch] = []
    reached = 0
    for first, last in stretches:
        if first > reached:
            left.append((reached, first - 1))
        reached = last + 1
    if reached < count:
        left.append((reached, count - 1))
    return left
