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


class Column:
    """The tests of one operand. *tests* maps a way to its tests of the operand, which must all hold."""

    __slots__ = (
        "asking",
        "elsewhere",
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

    def place(self, value: Value) -> int:
        """Return the segment of *value*, which must be of the column's kind."""
        return bisect_left(self.points, value) + bisect_right(self.points, value)

    def _answered_segments(self) -> list[int]:
        answered: list[int] = []
        for place in range(2 * len(self.points) + 1):
            sample = self._sample(place)
            # Nothing lies in a stretch without a sample.
            answered.append(self.elsewhere if sample is None else self.ways_for(sample))
        return answered

    def _sample(self, segment: int) -> Value:
        """Return a value of a segment, or None where there is none."""
        place, is_point = divmod(segment, 2)
        if is_point:
            return self.points[place]
        if self.kind is bool:
            return None
        if self.kind is None:  # compared with null alone, so that any value is as good as another
            return Decimal(0)
        after, before = _NEXT_TO[self.kind]
        try:
            sample = after(self.points[place - 1]) if place else before(self.points[0])
        except OverflowError:  # the first day, the last day
            return None
        return None if sample in self.points else sample

    def _as_words(self) -> dict[Value, int] | None:
        stretches = self.segments[::2]
        if self.kind not in (str, bool) or (self.kind is str and len(set(stretches)) > 1):
            return None
        return dict(zip(self.points, self.segments[1::2], strict=True))


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
