"""Finds the rows of a decision table whose cell in a column accepts a value, without looking at every row.

Rows are sets of bits in whole numbers, bit i for row i. A column is cut into segments (see `segments`); for each there
is one such set, so a value costs one look-up, and the columns' sets are intersected.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from typing import Any as Value

from blankett.engine.feel.cells import Accepted
from blankett.engine.feel.segments import Line, points_of


class ColumnIndex:
    """The cells of one column by what they accept. None among them stands for a cell that cannot be read off."""

    __slots__ = ("_at_points", "_between", "_points", "is_uneven", "kind", "nulls", "unread")

    def __init__(self, cells: Sequence[Accepted | None]) -> None:
        #: The class of values the column is indexed for; None where no cell that is read compares with any.
        self.kind = _common_kind(cells)
        read = [cell if cell is not None and cell.kind in (None, self.kind) else None for cell in cells]
        #: Rows whose cell must be tried by itself.
        self.unread = _rows(cell is None for cell in read)
        #: Rows whose cell accepts null, or must be tried.
        self.nulls = _rows(cell is None or cell.null is True for cell in read)
        line = Line(points_of(cell for cell in read if cell is not None))
        by_segment = self._by_segment(read, line)
        self._points = line.points
        self._at_points = {point: by_segment[2 * place + 1] for place, point in enumerate(line.points)}
        #: Rows by the stretches between the points.
        self._between = by_segment[::2]
        #: Whether the stretches differ; where they do not, as among words, a value that is no point needs no search.
        self.is_uneven = len(set(self._between)) > 1

    def _by_segment(self, read: Sequence[Accepted | None], line: Line) -> list[int]:
        """Return the rows that accept each segment: a row is turned on where a stretch of it begins, off behind it."""
        turns = [0] * (line.count + 1)
        for row, cell in enumerate(read):
            for first, last in line.stretches(cell) if cell is not None else [(0, line.count - 1)]:
                turns[first] ^= 1 << row
                turns[last + 1] ^= 1 << row
        found: list[int] = []
        rows = 0
        for turn in turns[:-1]:
            rows ^= turn
            found.append(rows)
        return found

    def rows_for(self, value: Value) -> int:
        """Return the rows that accept *value*, of the column's kind, with those that must be tried."""
        if not self._at_points:
            return self._between[0]
        found = self._at_points.get(value)
        if found is not None:
            return found
        return self._between[bisect_left(self._points, value)] if self.is_uneven else self._between[0]


def _common_kind(cells: Sequence[Accepted | None]) -> type | None:
    """Return the kind most cells compare with."""
    kinds = [cell.kind for cell in cells if cell is not None and cell.kind is not None]
    return max(set(kinds), key=lambda kind: (kinds.count(kind), kind.__name__), default=None)


def _rows(flags: Iterable[bool]) -> int:
    rows = 0
    for row, flag in enumerate(flags):
        if flag:
            rows |= 1 << row
    return rows


def rows_in(rows: int) -> list[int]:
    """Return the numbers of the rows in a set of bits, in order."""
    found: list[int] = []
    while rows:
        lowest = rows & -rows
        found.append(lowest.bit_length() - 1)
        rows ^= lowest
    return found
