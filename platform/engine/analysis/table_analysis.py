"""What can be said of a decision table before it decides: overlaps, gaps, and rows that never hit.

Each column is cut into segments (see `value_segments`), each row is a box of them (see `regions`), and questions are
about boxes; so the answers are exact, and each comes with an example. Cells that look at more than what they test are
left open: nothing is said that depends on them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any as Value
from typing import Literal

from blankett.engine.analysis.regions import Box, Boxes, StepCounter, TooMuchWork, bits_of, common_box
from blankett.engine.analysis.value_segments import Axis
from blankett.engine.language.model import Table, TableCell, TableRow

Kind = Literal["open", "empty", "overlap", "conflict", "masked", "gap", "unfinished"]

#: Steps that are spent on one table; a few seconds.
MOST_STEPS = 4_000_000
#: So many gaps are told.
MOST_GAPS = 3


@dataclass(frozen=True)
class TableFinding:
    """Something that can be said of a table."""

    kind: Kind
    #: The row it is about, and the others that matter to it; none for a gap.
    row: TableRow | None = None
    others: tuple[TableRow, ...] = ()
    #: The cell it is about, where it is about one.
    cell: TableCell | None = None
    #: Inputs with a value for which it shows: only those that matter, in the order of the columns.
    examples: tuple[Mapping[str, Value], ...] = ()


class Geometry:
    """One table, cut up."""

    def __init__(self, table: Table, most_steps: int = MOST_STEPS, shared: StepCounter | None = None) -> None:
        self.table = table
        columns = list(table.inputs.values())
        self.axes = [Axis(column, [row.cells[at] for row in table.rows]) for at, column in enumerate(columns)]
        self.space: Box = tuple(axis.everything for axis in self.axes)
        self.open_cells: list[tuple[TableRow, TableCell]] = []
        #: The rows' boxes; one with an open cell may match less than its box. Rows are counted from 0 here.
        self.found = [self._box(row) for row in table.rows]
        self.work = StepCounter(most_steps, shared)
        open_rows = {row.number - 1 for row, _cell in self.open_cells}
        self.sure = sum(1 << at for at in range(len(table.rows)) if at not in open_rows)

    def _box(self, row: TableRow) -> Box:
        masks = [axis.mask(cell) for axis, cell in zip(self.axes, row.cells, strict=True)]
        self.open_cells += [(row, cell) for mask, cell in zip(masks, row.cells, strict=True) if mask is None]
        return tuple(everything if mask is None else mask for mask, everything in zip(masks, self.space, strict=True))

    @cached_property
    def boxes(self) -> Boxes:
        """Return the boxes of the rows, ready to be compared. Raises TooMuchWork."""
        return Boxes(self.space, self.found, self.work)

    # ---- findings ----

    def findings(self) -> Iterator[TableFinding]:
        """Yield all that can be said, in the order of the rows, gaps last."""
        yield from (TableFinding("open", row, cell=cell) for row, cell in self.open_cells)
        yield from self._empty_cells()
        try:
            yield from _COMPARED.get(self.table.hit, Geometry._nothing)(self)
            yield from self._gaps()
        except TooMuchWork:
            yield TableFinding("unfinished")

    def _nothing(self) -> Iterator[TableFinding]:
        return iter(())

    def _empty_cells(self) -> Iterator[TableFinding]:
        for row, box in zip(self.table.rows, self.found, strict=True):
            for cell, mask in zip(row.cells, box, strict=True):
                if not mask:
                    yield TableFinding("empty", row, cell=cell)

    def _before(self, at: int) -> int:
        """Return the rows before a row that match some of what it matches, if all of them can be told."""
        rows = self.sure & ((1 << at) - 1)
        return rows & self.boxes.meeting(self.found[at]) if self.sure >> at & 1 else 0

    def _overlaps(self) -> Iterator[TableFinding]:
        """Yield rows that match what a row before them matches."""
        yield from (self._pair("overlap", at, rows) for at in range(len(self.found)) if (rows := self._before(at)))

    def _conflicts(self) -> Iterator[TableFinding]:
        """Yield rows that match what a row before them matches, and surely give something else."""
        different = self._different()
        for at in range(len(self.found)):
            rows = self._before(at) & different[at]
            if rows:
                yield self._pair("conflict", at, rows)

    def _pair(self, kind: Kind, at: int, rows: int) -> TableFinding:
        """Return the finding about a row and the first of *rows*."""
        first = bits_of(rows)[0]
        example = self.example(common_box(self.found[first], self.found[at]))
        return TableFinding(kind, self.table.rows[at], (self.table.rows[first],), examples=(example,))

    def _by_place(self) -> Iterator[TableFinding]:
        """Yield rows whose turn never comes. Rows that overlap otherwise are what an order of rows is for."""
        for at in range(len(self.found)):
            finding = self._masked(at, (1 << at) - 1)
            if finding is not None:
                yield finding

    def _by_rank(self) -> Iterator[TableFinding]:
        """Yield rows whose result is never the most important."""
        ranked = sorted((rank, at) for at in range(len(self.found)) if (rank := self._rank(at)) is not None)
        found: dict[int, TableFinding] = {}
        first = 0
        for _rank, at in ranked:
            finding = self._masked(at, first)
            if finding is not None:
                found[at] = finding
            first |= 1 << at
        yield from (found[at] for at in sorted(found))

    def _rank(self, at: int) -> tuple[int, ...] | None:
        results = constants_of(self.table.rows[at])
        if results is None:
            return None
        return self.table.decision.rank(
            results[0] if len(results) == 1 else dict(zip(self.table.outputs, results, strict=True))
        )

    def _masked(self, at: int, first: int) -> TableFinding | None:
        """Return that all a row matches goes to the rows *first*; None where it does not."""
        box = self.found[at]
        if not all(box):
            return None
        hiding = self.boxes.meeting(box) & first & self.sure
        alone = hiding & self.boxes.holding(box)
        if not hiding or (not alone and self.boxes.find_hole(box, hiding) is not None):
            return None
        rows = bits_of(alone)[:1] or bits_of(hiding)
        example = self.example(common_box(self.found[rows[0]], box))
        return TableFinding(
            "masked", self.table.rows[at], tuple(self.table.rows[row] for row in rows), examples=(example,)
        )

    def _gaps(self) -> Iterator[TableFinding]:
        """Yield what no row matches, where nothing else is given for it."""
        if self.table.default or self.table.hit not in SINGLE:
            return
        boxes = self.boxes
        examples: list[Mapping[str, Value]] = []
        while len(examples) < MOST_GAPS:
            hole = boxes.find_hole(self.space, boxes.everyone)
            if hole is None:
                break
            wide = self.boxes.widened(hole)
            boxes = boxes.with_box(wide)
            examples.append(self.example(wide))
        if examples:
            yield TableFinding("gap", examples=tuple(examples))

    def _different(self) -> list[int]:
        """Return for each row the rows that surely give something else; nothing is said of formulas."""
        results = [constants_of(row) for row in self.table.rows]
        alike: dict[tuple[Value, ...], int] = {}
        for at, each in enumerate(results):
            if each is not None:
                alike[each] = alike.get(each, 0) | 1 << at
        unsure = sum(1 << at for at, each in enumerate(results) if each is None)
        return [0 if each is None else ~alike[each] & ~unsure for each in results]

    def example(self, box: Box) -> Mapping[str, Value]:
        """Return a value for each column of a box that is not the whole column; for all where none matters."""
        matter = [at for at, mask in enumerate(box) if mask != self.space[at]] or range(len(box))
        return {self.axes[at].column.key: self.axes[at].example(box[at]) for at in matter}


#: Hit policies that give one row's result.
SINGLE = frozenset({"unique", "any", "priority", "first"})
#: What is compared, by hit policy.
_COMPARED: Mapping[str, Callable[[Geometry], Iterator[TableFinding]]] = {
    "unique": Geometry._overlaps,
    "any": Geometry._conflicts,
    "first": Geometry._by_place,
    "priority": Geometry._by_rank,
}


def analyse(table: Table, most_steps: int = MOST_STEPS, shared: StepCounter | None = None) -> tuple[TableFinding, ...]:
    """Return all that can be said of a sound table: of its rows in their order, then of what they leave out. *shared*:
    the steps that are left for all tables of a blueprint.
    """
    return tuple(Geometry(table, most_steps, shared).findings())


def constants_of(row: TableRow) -> tuple[Value, ...] | None:
    """Return what a row gives, where that is known before it decides; None where a formula says."""
    settings = [result.setting for result in row.results]
    if any(setting is None or setting.formula is not None for setting in settings):
        return None
    return tuple(setting.constant for setting in settings if setting is not None)
