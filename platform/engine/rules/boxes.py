"""Boxes of segments: what a row of a table matches is a set of segments in each column, and the table is such boxes.

Sets of segments, and sets of rows, are the bits of whole numbers. All work is counted, for the number of combinations
has no bound.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from itertools import accumulate
from operator import and_, or_, xor
from typing import TypeAlias

#: The segments accepted in each column.
Box: TypeAlias = tuple[int, ...]


class TooMuchWork(Exception):
    """There are too many combinations to look at all."""


class Work:
    """Counts steps, and raises TooMuchWork when there are more than *most*, or more than *shared* has left."""

    def __init__(self, most: int, shared: Work | None = None) -> None:
        self.left = most
        self._shared = shared

    def spend(self, steps: int) -> None:
        """Take *steps* from what is left."""
        self.left -= steps
        if self.left < 0:
            raise TooMuchWork
        if self._shared is not None:
            self._shared.spend(steps)


class Boxes:
    """The boxes of a table's rows in *space*, ready to be asked which of them meet, hold or cover another box."""

    def __init__(self, space: Box, boxes: Sequence[Box], work: Work) -> None:
        self.space = space
        self.boxes = list(boxes)
        self.work = work
        self.everyone = (1 << len(boxes)) - 1
        #: For each column and segment, the rows that accept it.
        self.rows_at = [
            _turned([box[column] for box in boxes], mask.bit_length(), work) for column, mask in enumerate(space)
        ]
        self._known: dict[tuple[int, int], tuple[int, int]] = {}

    def meeting(self, box: Box) -> int:
        """Return the rows that have something in common with *box*."""
        return reduce(and_, (self._related(column, mask)[0] for column, mask in enumerate(box)), self.everyone)

    def holding(self, box: Box) -> int:
        """Return the rows that hold all of *box*."""
        return reduce(and_, (self._related(column, mask)[1] for column, mask in enumerate(box)), self.everyone)

    def _related(self, column: int, mask: int) -> tuple[int, int]:
        """Return the rows that accept a segment of *mask* in a column, and those that accept them all."""
        found = self._known.get((column, mask))
        if found is None:
            rows = self.rows_at[column]
            inside = [rows[at] for at in bits_of(mask)]
            self.work.spend(len(inside))
            found = self._known[column, mask] = reduce(or_, inside, 0), reduce(and_, inside, self.everyone)
        return found

    def find_hole(self, space: Box, rows: int) -> Box | None:
        """Return a box in *space* apart from the boxes of *rows*; None where they cover it. Raises TooMuchWork."""
        if not all(space):
            return None
        rows &= self.meeting(space)
        # Columns that tell the fewest boxes apart come first: what they leave is settled once for many segments.
        near = [self.boxes[row] for row in bits_of(rows)]
        self.work.spend(len(near))
        order = sorted(range(len(space)), key=lambda column: len({box[column] & space[column] for box in near}))
        hole = self._hole(space, order, rows, set())
        if hole is None:
            return None
        found = dict(zip(order, hole, strict=True))
        return tuple(found[column] for column in range(len(space)))

    def _hole(self, space: Box, order: Sequence[int], rows: int, covered: set[tuple[int, int]]) -> Box | None:
        """Return what a hole is in the columns *order*, among the boxes of *rows*, which hold what is chosen before."""
        if not rows:
            return tuple(space[column] for column in order)
        whole = reduce(and_, (self._related(column, space[column])[1] for column in order), rows)
        if whole or (len(order), rows) in covered:
            return None
        column, rest = order[0], order[1:]
        groups: dict[int, int] = {}
        inside = bits_of(space[column])
        self.work.spend(len(inside))
        for at in inside:
            left = self.rows_at[column][at] & rows
            groups[left] = groups.get(left, 0) | 1 << at
        # What the fewest rows accept is the most likely to have a hole.
        for left in sorted(groups, key=int.bit_count):
            hole = self._hole(space, rest, left, covered)
            if hole is not None:
                return (groups[left], *hole)
        covered.add((len(order), rows))
        return None

    def widened(self, hole: Box) -> Box:
        """Return a hole made as wide as it can be, column by column: what does not matter to it is the whole column."""
        for column in range(len(hole)):
            wide = (*hole[:column], self.space[column], *hole[column + 1 :])
            if not self.meeting(wide):
                hole = wide
        return hole

    def with_box(self, box: Box) -> Boxes:
        """Return these boxes and one more."""
        return Boxes(self.space, [*self.boxes, box], self.work)


def _turned(masks: Sequence[int], count: int, work: Work) -> list[int]:
    """Return for each of *count* segments the rows whose mask has it."""
    rows_by_mask: dict[int, int] = {}
    for row, mask in enumerate(masks):
        rows_by_mask[mask] = rows_by_mask.get(mask, 0) | 1 << row
    # Rows are turned on where a stretch of their mask begins, and off behind it.
    turns = [0] * (count + 1)
    for mask, rows in rows_by_mask.items():
        work.spend(mask.bit_count())
        for at in bits_of(mask ^ mask << 1):
            turns[at] ^= rows
    return list(accumulate(turns[:-1], xor))


#: So few bits are looked up one by one.
_FEW = 64


def bits_of(mask: int) -> list[int]:
    """Return the places of the bits of *mask*, the lowest first."""
    if mask.bit_count() <= _FEW:
        found = []
        while mask:
            lowest = mask & -mask
            found.append(lowest.bit_length() - 1)
            mask ^= lowest
        return found
    return [at for at, bit in enumerate(reversed(f"{mask:b}")) if bit == "1"]


def common_box(one: Box, other: Box) -> Box:
    """Return what two boxes that meet have in common."""
    return tuple(a & b for a, b in zip(one, other, strict=True))
