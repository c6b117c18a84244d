"""The values of a table's column, cut into segments of which every cell accepts all or nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any as Value
from zoneinfo import ZoneInfo

from blankett.engine import feel
from blankett.engine.blueprint.model import Formula
from blankett.engine.blueprint.tables import TableCell, TableInput
from blankett.engine.feel import tree
from blankett.engine.feel.cells import Accepted, accepted_by
from blankett.engine.feel.segments import points_of
from blankett.engine.rules.comparisons import compared_constants, names_null
from blankett.engine.rules.cuts import Cut, Segment, bits, chosen, few_values, option_bounds
from blankett.engine.rules.scales import Scale, scale_of_column

#: When conditions are tried; none that is asks for the time.
NO_MOMENT = feel.Moment(datetime(2000, 1, 1, tzinfo=UTC), ZoneInfo("UTC"))


class Axis:
    """The segments of one input, and which of them each of its cells accepts."""

    def __init__(self, column: TableInput, cells: Iterable[TableCell]) -> None:
        self.column = column
        self.scale = scale_of_column(column)
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
        return chosen(self.segments, mask, None if self.scale is None else self.scale.nice).example


#: The segments, and {text of a cell: those it accepts, None where that cannot be told}.
_Cut = tuple[list[Segment], dict[str, int | None]]


def _listed_values(column: TableInput) -> Sequence[Value] | None:
    """Return all values of a column that has few; None for others."""
    values, domain = few_values(column.type), column.values
    return None if values is None else [value for value in values if domain is None or _holds(domain, value)]


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
    named = {*points_of(each for each in read.values() if each is not None)}
    named.update(end for ends in tried.values() for end in ends)
    cut = Cut(scale, named, _bounds(column, scale))
    masks: dict[str, int | None] = {}
    for text, accepted in read.items():
        if accepted is not None:
            masks[text] = cut.mask(accepted)
        else:
            masks[text] = _by_trying(tests[text], cut.segments) if text in tried else None
    return cut.segments, masks


def _bounds(column: TableInput, scale: Scale) -> list[Accepted]:
    """Return what the values of a column are bound by: its `values`, and the least and greatest of its field."""
    listed = None if column.values is None else _accepted(column.values, scale)
    return [*([] if listed is None else [listed]), *option_bounds(column.field.options, scale)]


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
    return bits(at for at, segment in enumerate(segments) if _holds(formula, segment.example))


def _holds(formula: Formula, value: Value) -> bool:
    try:
        return formula.evaluate({"?": value}, NO_MOMENT) is True
    except feel.FeelRuntimeError:
        return False
