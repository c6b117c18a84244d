"""Values cut into segments of which every condition that was looked at accepts all or nothing.

A segment is a single value, or a stretch between two values that nothing tells apart. Sets of segments are the bits of
whole numbers. Whole numbers and days have nothing between neighbours, so `<= 9` and `>= 10` leave no segment between.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any as Value

from blankett.engine import feel
from blankett.engine.feel.cells import Accepted, Interval
from blankett.engine.feel.segments import Line, points_of
from blankett.engine.feel.values import NO_END
from blankett.engine.rules.scales import Scale


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of all values, with one of them as an example. *is_named*: a condition names just that value."""

    example: Value
    is_named: bool = True


class Cut:
    """Ordered values, cut at those that are *named* and at the ends of *bounds*; what lies outside them is left out."""

    def __init__(self, scale: Scale, named: Collection[Value], bounds: Sequence[Accepted]) -> None:
        self._line = Line(sorted({*named, *points_of(bounds)}))
        inside = [frozenset(_numbers(self._line.stretches(accepted))) for accepted in bounds]
        #: How many segments stand before each part of the line: those of a stretch follow each other.
        self._before: list[int] = []
        self.segments: list[Segment] = []
        for number in range(self._line.count):
            self._before.append(len(self.segments))
            segment = _segment(self._line, number, scale, named)
            if segment is not None and all(number in numbers for numbers in inside):
                self.segments.append(segment)
        self._before.append(len(self.segments))

    def mask(self, accepted: Accepted) -> int:
        """Return the segments in *accepted*, whose ends must have been named."""
        mask = 0
        for first, last in self._line.stretches(accepted):
            start, end = self._before[first], self._before[last + 1]
            mask |= ((1 << (end - start)) - 1) << start
        return mask


def _segment(line: Line, number: int, scale: Scale, named: Collection[Value]) -> Segment | None:
    """Return a segment of a line; None for one in which there is no value."""
    at, is_point = divmod(number, 2)
    if is_point:
        return Segment(line.points[at], line.points[at] in named) if scale.has(line.points[at]) else None
    low = line.points[at - 1] if at else NO_END
    high = line.points[at] if at < len(line.points) else NO_END
    example = scale.between(low, high)
    return None if example is None else Segment(example, is_named=False)


def few_values(type: feel.Type) -> Sequence[Value] | None:
    """Return all values of a type that has few; None for others."""
    if isinstance(type, feel.Boolean):
        return (True, False)
    return type.options if isinstance(type, feel.Text) else None


def option_bounds(options: Mapping[str, object], scale: Scale) -> list[Accepted]:
    """Return what the values of a field are bound by: its least and its greatest, where they are known."""
    least, most = options.get("min"), options.get("max")
    found = []
    if type(least) is scale.kind:
        found.append(Accepted((Interval(low=least),), False, None, scale.kind))
    if type(most) is scale.kind:
        found.append(Accepted((Interval(high=most),), False, None, scale.kind))
    return found


def chosen(segments: Sequence[Segment], mask: int, nice: Value) -> Segment:
    """Return the segment of *mask* with the best example: not null, one that a condition names, a *nice* one."""
    inside = [segment for at, segment in enumerate(segments) if mask >> at & 1]
    return min(inside, key=lambda each: (each.example is None, not each.is_named, each.example != nice))


def bits(places: Iterable[int]) -> int:
    """Return the whole number whose bits are at *places*."""
    mask = 0
    for place in places:
        mask |= 1 << place
    return mask


def _numbers(stretches: Iterable[tuple[int, int]]) -> Iterator[int]:
    return (number for first, last in stretches for number in range(first, last + 1))
