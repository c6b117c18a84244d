"""The values of a table's column, cut into segments of which every cell accepts all or nothing.

A segment is a single value, or a stretch between two values that no cell tells apart. Sets of segments are the bits of
whole numbers. Whole numbers and days have nothing between neighbours, so `<= 9` and `>= 10` leave no segment between.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any as Value
from zoneinfo import ZoneInfo

from blankett.engine import feel
from blankett.engine.blueprint.model import Formula
from blankett.engine.blueprint.tables import TableCell, TableInput
from blankett.engine.feel import tree
from blankett.engine.feel.cells import Accepted, Interval, accepted_by
from blankett.engine.feel.segments import Line, points_of
from blankett.engine.feel.values import NO_END
from blankett.engine.rules.comparisons import compared_constants, names_null
from blankett.engine.rules.scales import Scale, scale_of

_MOMENT = feel.Moment(datetime(2000, 1, 1, tzinfo=UTC), ZoneInfo("UTC"))


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of a column's values, with one of them as an example. *is_named*: a cell names just that value."""

    example: Value
    is_named: bool = True


class Axis:
    """The segments of one input, and which of them each of its cells accepts."""

    def __init__(self, column: TableInput, cells: Iterable[TableCell]) -> None:
        self.column = column
        self.scale = scale_of(column)
        tests = {cell.formula.text: cell.formula for cell in cells if cell.formula is not None}
        listed = _listed_values(column)
        if listed is not None:
            self.segments, self._masks = _of_few(listed, tests)
        elif self.scale is not None:
            self.segments, self._masks = _of_ordered(column, self.scale, tests)
        else:
            self.segments, self._masks = _of_any(tests)
        if column.may_be_empty or any(names_null(formula.expression) for formula in tests.values()):
            self._add_null(tests)
        #: All segments.
        self.everything = (1 << len(self.segments)) - 1

    def _add_null(self, tests: Mapping[str, Formula]) -> None:
        null = 1 << len(self.segments)
        self.segments.append(Segment(None))
        for text, mask in self._masks.items():
            if mask is not None and _accepts_null(tests[text]):
                self._masks[text] = mask | null

    def mask(self, cell: TableCell) -> int | None:
        """Return the segments a cell accepts; None where that cannot be told."""
        return None if cell.formula is None else self._masks[cell.formula.text]

    def example(self, mask: int) -> Value:
        """Return a value of the segments in *mask*: one that the table names, if there is."""
        nice = None if self.scale is None else self.scale.nice
        inside = [segment for at, segment in enumerate(self.segments) if mask >> at & 1]
        return min(inside, key=lambda each: (each.example is None, not each.is_named, each.example != nice)).example


#: The segments, and {text of a cell: those it accepts, None where that cannot be told}.
_Cut = tuple[list[Segment], dict[str, int | None]]


def _listed_values(column: TableInput) -> Sequence[Value] | None:
    """Return all values of a column that has few; None for others."""
    values: Sequence[Value]
    if isinstance(column.type, feel.Boolean):
        values = (True, False)
    elif isinstance(column.type, feel.Text) and column.type.options is not None:
        values = column.type.options
    else:
        return None
    domain = column.values
    return [value for value in values if domain is None or _holds(domain, value)]


def _of_few(values: Sequence[Value], tests: Mapping[str, Formula]) -> _Cut:
    """Cut a column of few values: each is a segment, and each cell is tried with each."""
    segments = [Segment(value) for value in values]
    return segments, {text: _by_trying(formula, segments) for text, formula in tests.items()}


def _of_any(tests: Mapping[str, Formula]) -> _Cut:
    """Cut a column of values without an order: of them only all or none can be accepted."""
    masks: dict[str, int | None] = {}
    for text, formula in tests.items():
        accepted = accepted_by(formula.expression) if isinstance(formula.expression, tree.UnaryTests) else None
        is_known = accepted is not None and accepted.kind is None
        masks[text] = int(bool(accepted.intervals) != accepted.negated) if accepted and is_known else None
    return [Segment("…", is_named=False)], masks


def _of_ordered(column: TableInput, scale: Scale, tests: Mapping[str, Formula]) -> _Cut:
    """Cut a column of values with an order at every value that its cells, or its bounds, name."""
    read = {text: _accepted(formula, scale) for text, formula in tests.items()}
    tried = {text: ends for text, each in tests.items() if read[text] is None and (ends := _compared(each, scale))}
    domain = _bounds(column, scale)
    named = {*points_of(each for each in read.values() if each is not None)}
    named.update(end for ends in tried.values() for end in ends)
    line = Line(sorted(named.union(points_of(domain))))
    inside = [frozenset(_numbers(line.stretches(accepted))) for accepted in domain]
    places: dict[int, int] = {}
    segments: list[Segment] = []
    for number in range(line.count):
        segment = _segment(line, number, scale, named)
        if segment is not None and all(number in numbers for numbers in inside):
            places[number] = len(segments)
            segments.append(segment)
    masks: dict[str, int | None] = {}
    for text, accepted in read.items():
        if accepted is not None:
            masks[text] = _bits(places[number] for number in _numbers(line.stretches(accepted)) if number in places)
        else:
            masks[text] = _by_trying(tests[text], segments) if text in tried else None
    return segments, masks


def _segment(line: Line, number: int, scale: Scale, named: set[Value]) -> Segment | None:
    """Return a segment of a line; None for one in which the column has no value."""
    at, is_point = divmod(number, 2)
    if is_point:
        return Segment(line.points[at], line.points[at] in named) if scale.has(line.points[at]) else None
    low = line.points[at - 1] if at else NO_END
    high = line.points[at] if at < len(line.points) else NO_END
    example = scale.between(low, high)
    return None if example is None else Segment(example, is_named=False)


def _bounds(column: TableInput, scale: Scale) -> list[Accepted]:
    """Return what the values of a column are bound by: its `values`, and the least and greatest of its field."""
    found = [_accepted(column.values, scale)] if column.values is not None else []
    least, most = column.field.options.get("min"), column.field.options.get("max")
    if type(least) is scale.kind:
        found.append(Accepted((Interval(low=least),), False, None, scale.kind))
    if type(most) is scale.kind:
        found.append(Accepted((Interval(high=most),), False, None, scale.kind))
    return [accepted for accepted in found if accepted is not None]


# Cells --------------------------------------------------------------------------------------------------------------


def _accepted(formula: Formula, scale: Scale) -> Accepted | None:
    """Return what a cell accepts of the column's kind of values; None where that cannot be read off."""
    accepted = accepted_by(formula.expression) if isinstance(formula.expression, tree.UnaryTests) else None
    return accepted if accepted is not None and accepted.kind in (None, scale.kind) else None


def _compared(formula: Formula, scale: Scale) -> list[Value] | None:
    """Return the constants that a cell which is a condition compares its value with; None for other cells."""
    found = compared_constants(formula.expression) if isinstance(formula.expression, tree.UnaryTests) else None
    return found if found and all(type(each) is scale.kind for each in found) else None


def _accepts_null(formula: Formula) -> bool:
    accepted = accepted_by(formula.expression) if isinstance(formula.expression, tree.UnaryTests) else None
    return _holds(formula, None) if accepted is None else accepted.null is True


def _by_trying(formula: Formula, segments: Sequence[Segment]) -> int | None:
    """Return the segments whose example a cell accepts; None where it looks at more than what it tests."""
    if formula.checked.reads - {("?",)} or formula.checked.calls & formula.scope.functions.keys():
        return None
    return _bits(at for at, segment in enumerate(segments) if _holds(formula, segment.example))


def _holds(formula: Formula, value: Value) -> bool:
    try:
        return formula.evaluate({"?": value}, _MOMENT) is True
    except feel.FeelRuntimeError:
        return False


def _numbers(stretches: Iterable[tuple[int, int]]) -> Iterator[int]:
    return (number for first, last in stretches for number in range(first, last + 1))


def _bits(places: Iterable[int]) -> int:
    mask = 0
    for place in places:
        mask |= 1 << place
    return mask
