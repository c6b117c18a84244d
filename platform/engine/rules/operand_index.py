"""One operand and all tests of it: a value is looked up among the constants, and every test is answered at once.

Ways are sets of bits in whole numbers, bit i for way i (as rows are in the index of a decision table). The answers are
FEEL's own, taken beforehand for each constant, for a value between each two, and for null; for a value of another kind
they are taken when it comes.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Context, Decimal
from typing import TYPE_CHECKING, Final
from typing import Any as Value

from blankett.engine.feel.values import YearsMonths

if TYPE_CHECKING:
    from blankett.engine.rules.conditions import Operand, Test


class OperandTests:
    """The tests of one operand. *tests* maps a way to its tests of the operand, which must all hold."""

    __slots__ = (
        "asking",
        "elsewhere",
        "empty",
        "kind",
        "null",
        "operand",
        "points",
        "same",
        "segments",
        "tests",
    )

    def __init__(self, operand: Operand, kind: type | None, tests: Mapping[int, Sequence[Test]], ways: int) -> None:
        self.operand = operand
        self.kind = kind
        self.tests = tests
        #: The ways that ask the operand; the others are content with any value.
        self.asking = sum(1 << way for way in tests)
        self.elsewhere = ((1 << ways) - 1) ^ self.asking
        points = {point for each in tests.values() for test in each for point in test.points}
        self.points: list[Value] = [False, True] if kind is bool else sorted(points)
        #: Segments in which no value lies, as between a day and the next.
        self.empty = {place for place, sample in enumerate(_samples(kind, self.points)) if sample is None}
        #: The ways that accept each segment: below the first point, the point, between it and the next…
        self.segments = self._answered_segments()
        self.null = self.ways_for(None)
        #: {point: ways} where all other values are answered alike, as texts are that are only compared for equality.
        self.same = self._as_words()

    def ways_for(self, value: Value) -> int:
        """Return the ways that accept *value*, by asking each test."""
        found = self.elsewhere
        for way, tests in self.tests.items():
            if all(test.holds(value) for test in tests):
                found |= 1 << way
        return found

    def accepting(self, value: Value) -> int:
        """Return the ways that accept *value*, as `ways_for` does, by looking it up where it can be."""
        if value is None:
            return self.null
        if self.kind is None:
            return self.segments[0]
        if type(value) is not self.kind:
            return self.ways_for(value)
        if self.same is not None:
            return self.same.get(value, self.segments[0])
        return self.segments[bisect_left(self.points, value) + bisect_right(self.points, value)]

    def examples(self) -> list[Value]:
        """Return null, and a value of each segment that has any."""
        return [None, *(sample for sample in _samples(self.kind, self.points) if sample is not None)]

    def _answered_segments(self) -> list[int]:
        """Return the ways that accept each segment: a way is turned off where it begins to refuse, and on again."""
        every = self.elsewhere | self.asking
        if self.kind is None or self.kind is bool:
            return [self.ways_for(sample) for sample in _samples(self.kind, self.points)]
        places = {point: 2 * place + 1 for place, point in enumerate(self.points)}
        turns = [0] * (2 * len(self.points) + 2)
        for way, tests in self.tests.items():
            for first, last in _merged(stretch for test in tests for stretch in self._refused(test, places)):
                turns[first] ^= 1 << way
                turns[last + 1] ^= 1 << way
        return [every := every ^ turn for turn in turns[:-1]]

    def _refused(self, test: Test, places: Mapping[Value, int]) -> Iterable[tuple[int, int]]:
        """Yield the stretches of segments that *test* refuses; it answers all alike between two points of its own."""
        points = sorted(test.points)
        ends = [places[point] for point in points]
        for segment, sample in enumerate(_samples(test.kind, points)):
            at, is_point = divmod(segment, 2)
            if sample is not None and test.holds(sample):
                continue
            if is_point:
                yield ends[at], ends[at]
            else:
                yield ends[at - 1] + 1 if at else 0, ends[at] - 1 if at < len(ends) else 2 * len(self.points)

    def _as_words(self) -> dict[Value, int] | None:
        stretches = self.segments[::2]
        if self.kind not in (str, bool) or (self.kind is str and len(set(stretches)) > 1):
            return None
        return dict(zip(self.points, self.segments[1::2], strict=True))


def _samples(kind: type | None, points: Sequence[Value]) -> list[Value]:
    """Return a value of each segment around *points*, None where it has none."""
    if kind is None:  # compared with null alone, so that any value is as good as another
        return [Decimal(0)]
    return [
        points[place // 2] if place % 2 else _beside(kind, points, place // 2) for place in range(2 * len(points) + 1)
    ]


def _beside(kind: type, points: Sequence[Value], place: int) -> Value:
    """Return a value that lies before the point at *place* and behind the one before it, or None."""
    if kind is bool or not points:
        return None
    after, before = _NEXT_TO[kind]
    try:
        sample = after(points[place - 1]) if place else before(points[0])
    except OverflowError:  # the first day, the last day
        return None
    return None if place < len(points) and sample == points[place] else sample


def _merged(stretches: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for first, last in sorted(stretches):
        if merged and first <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(merged[-1][1], last)
        elif first <= last:
            merged.append((first, last))
    return merged


# ---- the value next to another one: {kind: (after it, before it)} ----

_EXACT: Final = Context(prec=200)
_DAY: Final = timedelta(1)
_MICROSECOND: Final = timedelta(microseconds=1)
_NEXT_TO: Final[Mapping[type, tuple[Callable[[Value], Value], Callable[[Value], Value]]]] = {
    Decimal: (_EXACT.next_plus, _EXACT.next_minus),
    str: (lambda text: f"{text}\0", lambda text: ""),
    date: (lambda day: day + _DAY, lambda day: day - _DAY),
    timedelta: (lambda length: length + _MICROSECOND, lambda length: length - _MICROSECOND),
    YearsMonths: (lambda length: YearsMonths(length.total + 1), lambda length: YearsMonths(length.total - 1)),
}


def bits(rows: int) -> Iterable[int]:
    """Yield the numbers in a set of bits, in order."""
    while rows:
        lowest = rows & -rows
        yield lowest.bit_length() - 1
        rows ^= lowest
