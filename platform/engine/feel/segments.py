"""The line of a column's values, cut where its cells say so: every value of a segment is answered alike by every cell.

With the points p0 < p1 < … the segments are, in order: what is below p0, p0 itself, what lies between p0 and p1, p1, …
So segment 2·i + 1 is the point i, and even segments are the stretches around the points.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from typing import Any as Value
from typing import TypeAlias

from blankett.engine.feel.cells import Accepted, Interval
from blankett.engine.feel.values import NO_END

#: First and last segment, both included.
Stretch: TypeAlias = tuple[int, int]


class Line:
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
