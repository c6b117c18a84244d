"""Decision tables as the DMN standard has them: rows of tests and results, which rows hit, and what is done when
several do.
"""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any as Value
from typing import Final, Literal, TypeAlias, get_args

from blankett.engine.feel import tree
from blankett.engine.feel.budget import Run
from blankett.engine.feel.builtins.lists import count, highest, lowest, total_of
from blankett.engine.feel.cell_values import Accepted, SegmentLine, accepted_by, points_of
from blankett.engine.feel.compile import CompiledFormula, compile
from blankett.engine.feel.constants import UNKNOWN, constant_of
from blankett.engine.feel.operators import equal
from blankett.engine.feel.scope import Scope
from blankett.engine.feel.types import Any, Type


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
        line = SegmentLine(points_of(cell for cell in read if cell is not None))
        by_segment = self._by_segment(read, line)
        self._points = line.points
        self._at_points = {point: by_segment[2 * place + 1] for place, point in enumerate(line.points)}
        #: Rows by the stretches between the points.
        self._between = by_segment[::2]
        #: Whether the stretches differ; where they do not, as among words, a value that is no point needs no search.
        self.is_uneven = len(set(self._between)) > 1

    def _by_segment(self, read: Sequence[Accepted | None], line: SegmentLine) -> list[int]:
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


Hit = Literal[
    "unique",
    "any",
    "priority",
    "first",
    "rule order",
    "output order",
    "collect",
    "collect sum",
    "collect min",
    "collect max",
    "collect count",
]
#: Every way to treat the rows that hit, in the order of the standard.
HITS: Final[tuple[Hit, ...]] = get_args(Hit)
#: Those that give a list of results.
LISTING: Final = frozenset({"rule order", "output order", "collect"})
#: Those that choose or sort by the order of the outputs' values.
RANKING: Final = frozenset({"priority", "output order"})
#: Those that make one value of the results of one output.
COLLECTING: Final[Mapping[str, Callable[[list[Value]], Value]]] = {
    "collect sum": lambda results: total_of(results) if all(type(each) is Decimal for each in results) else None,
    "collect min": lowest,
    "collect max": highest,
    "collect count": count,
}


@dataclass(frozen=True, slots=True)
class TableDecision:
    """How a table decided: its value, the rows whose cells all hold, and those of them that gave the value.

    The first row is 0. A table that needs only the first row that hits looks no further.
    """

    value: Value
    matched: tuple[int, ...] = ()
    won: tuple[int, ...] = ()


Policy: TypeAlias = "Callable[[DecisionTable, Run, Mapping[str, Value], Iterator[int]], TableDecision]"


def _unique(table: DecisionTable, run: Run, names: Mapping[str, Value], matched: Iterator[int]) -> TableDecision:
    """Give the result of the one row that hits; null where several do."""
    rows = tuple(matched)
    if len(rows) == 1:
        return TableDecision(table.result(run, names, rows[0]), rows, rows)
    return TableDecision(None, rows) if rows else TableDecision(table.default(run, names))


def _any(table: DecisionTable, run: Run, names: Mapping[str, Value], matched: Iterator[int]) -> TableDecision:
    """Give the result that all rows that hit have in common; null where they differ."""
    rows = tuple(matched)
    if not rows:
        return TableDecision(table.default(run, names))
    results = [table.result(run, names, row) for row in rows]
    is_one = all(equal(result, results[0]) is True for result in results[1:])
    return TableDecision(results[0], rows, rows) if is_one else TableDecision(None, rows)


def _first(table: DecisionTable, run: Run, names: Mapping[str, Value], matched: Iterator[int]) -> TableDecision:
    """Give the result of the first row that hits."""
    row = next(matched, None)
    if row is None:
        return TableDecision(table.default(run, names))
    return TableDecision(table.result(run, names, row), (row,), (row,))


def _priority(table: DecisionTable, run: Run, names: Mapping[str, Value], matched: Iterator[int]) -> TableDecision:
    """Give the most important result; the first of equally important ones."""
    rows = tuple(matched)
    if not rows:
        return TableDecision(table.default(run, names))
    results = {row: table.result(run, names, row) for row in rows}
    best = min(rows, key=lambda row: table.rank(results[row]))
    return TableDecision(results[best], rows, (best,))


def _rule_order(table: DecisionTable, run: Run, names: Mapping[str, Value], matched: Iterator[int]) -> TableDecision:
    """Give the results of all rows that hit, in the order of the rows."""
    rows = tuple(matched)
    if not rows:
        return _listed_default(table, run, names)
    return TableDecision([table.result(run, names, row) for row in rows], rows, rows)


def _output_order(table: DecisionTable, run: Run, names: Mapping[str, Value], matched: Iterator[int]) -> TableDecision:
    """Give the results of all rows that hit, the most important first."""
    rows = tuple(matched)
    if not rows:
        return _listed_default(table, run, names)
    results = [table.result(run, names, row) for row in rows]
    return TableDecision(sorted(results, key=table.rank), rows, rows)


def _listed_default(table: DecisionTable, run: Run, names: Mapping[str, Value]) -> TableDecision:
    """Give what a list is when no row hits: the default as its only item, or empty."""
    return TableDecision([table.default(run, names)] if table.has_default else [])


def _collected(table: DecisionTable, run: Run, names: Mapping[str, Value], matched: Iterator[int]) -> TableDecision:
    """Give one value made of the results of all rows that hit."""
    rows = tuple(matched)
    if not rows and (table.has_default or table.hit != "collect count"):
        return TableDecision(table.default(run, names))
    return TableDecision(COLLECTING[table.hit]([table.result(run, names, row) for row in rows]), rows, rows)


POLICIES: Final[Mapping[Hit, Policy]] = {
    "unique": _unique,
    "any": _any,
    "priority": _priority,
    "first": _first,
    "rule order": _rule_order,
    "output order": _output_order,
    "collect": _rule_order,
    "collect sum": _collected,
    "collect min": _collected,
    "collect max": _collected,
    "collect count": _collected,
}


ANYTHING: Final = Any()


@dataclass(frozen=True)
class InputColumn:
    """An input: its name, its type, and what gives its value; without that it is the name itself."""

    name: str
    type: Type = ANYTHING
    expression: tree.Expression | None = None


@dataclass(frozen=True)
class Output:
    """An output: its name, its values from the most to the least important, and what it is when no row hits."""

    name: str
    ranking: tuple[Value, ...] = ()
    default: tree.Expression | None = None


@dataclass(frozen=True)
class DecisionRow:
    """The cells of a row, as many as the table has columns, and its results, as many as it has outputs."""

    tests: tuple[tree.UnaryTests, ...]
    results: tuple[tree.Expression, ...]


class DecisionTable:
    """A decision table, ready to decide. *scope* is what its cells and results see beside `?`."""

    def __init__(
        self,
        name: str,
        hit: Hit,
        columns: Sequence[InputColumn],
        outputs: Sequence[Output],
        rows: Sequence[DecisionRow],
        scope: Scope,
    ) -> None:
        self.name = name
        self.hit = hit
        self.columns = tuple(columns)
        self.outputs = tuple(outputs)
        self.rows = tuple(rows)
        self.scope = scope
        self._readers = [None if column.expression is None else compile(column.expression, scope) for column in columns]
        read: dict[tree.UnaryTests, Accepted | None] = {test: accepted_by(test) for row in rows for test in row.tests}
        self._indexes = [ColumnIndex([read[row.tests[at]] for row in rows]) for at in range(len(columns))]
        self._every_row = (1 << len(rows)) - 1
        self._cells: dict[tuple[int, int], CompiledFormula] = {}
        self._results: dict[int, Callable[[Run, Mapping[str, Value]], Value]] = {}

    # ---- deciding ----

    def decide(self, run: Run, names: Mapping[str, Value]) -> Value:
        """Return the value for *names*, as a part of the evaluation *run*. Raises BudgetExceeded only."""
        return self.decision(run, names).value

    def decision(self, run: Run, names: Mapping[str, Value]) -> TableDecision:
        """Return how the table decides for *names*; null where no row hits and nothing else is said."""
        run.enter_call()
        matched = self._matched(run, names, self._values(run, names))
        found = POLICIES[self.hit](self, run, names, matched)
        run.leave_call()
        if WITNESS.hits is not None:
            WITNESS.hits.append((self.name, found.won))
        return found

    def _values(self, run: Run, names: Mapping[str, Value]) -> list[Value]:
        return [
            names.get(column.name) if reader is None else reader.value_in(run, names)
            for column, reader in zip(self.columns, self._readers, strict=True)
        ]

    def _matched(self, run: Run, names: Mapping[str, Value], values: Sequence[Value]) -> Iterator[int]:
        """Yield the rows whose cells all hold, in order."""
        rows = self._every_row
        #: Columns, with the rows whose cell there must be tried.
        tried: list[tuple[int, int]] = []
        for at, (index, value) in enumerate(zip(self._indexes, values, strict=True)):
            if value is None:
                rows &= index.nulls
            elif index.kind is None or index.kind is type(value):
                rows &= index.rows_for(value)
            else:
                tried.append((at, self._every_row))
                continue
            if index.unread:
                tried.append((at, index.unread))
        while rows:
            lowest = rows & -rows
            rows ^= lowest
            row = lowest.bit_length() - 1
            if all(self.cell_holds(run, names, row, at, values[at]) for at, doubtful in tried if doubtful & lowest):
                yield row

    def cell_holds(self, run: Run, names: Mapping[str, Value], row: int, column: int, value: Value) -> bool:
        """Tell whether one cell holds for *value*, by trying it."""
        return self.cell_answer(run, names, row, column, value) is True

    def cell_answer(self, run: Run, names: Mapping[str, Value], row: int, column: int, value: Value) -> Value:
        """Return what one cell says of *value*: true, false, or null where it has no answer."""
        cell = self._cells.get((row, column))
        if cell is None:
            scope = self.scope.child({"?": self.columns[column].type})
            cell = self._cells[row, column] = compile(self.rows[row].tests[column], scope)
        run.spend(1)
        return cell.value_in(run, {**names, "?": value})

    # ---- results ----

    @property
    def has_default(self) -> bool:
        """Tell whether an output says what it is when no row hits."""
        return any(output.default is not None for output in self.outputs)

    def result(self, run: Run, names: Mapping[str, Value], row: int) -> Value:
        """Return the result of one row: the value of the only output, or all of them by name."""
        found = self._results.get(row)
        if found is None:
            found = self._results[row] = self._result_of(self.rows[row].results)
        return found(run, names)

    def default(self, run: Run, names: Mapping[str, Value]) -> Value:
        """Return what the outputs are when no row hits: null where none of them says."""
        if not self.has_default:
            return None
        return self._result_of([output.default or _NULL for output in self.outputs])(run, names)

    def _result_of(self, parts: Sequence[tree.Expression]) -> Callable[[Run, Mapping[str, Value]], Value]:
        readers = [_reader(part, self.scope) for part in parts]
        if len(readers) == 1:
            return readers[0]
        names = [output.name for output in self.outputs]
        return lambda run, given: {name: read(run, given) for name, read in zip(names, readers, strict=True)}

    def rank(self, result: Value) -> tuple[int, ...]:
        """Return how far behind a result comes by its outputs' values; a value that is none of them comes last."""
        values = [result] if len(self.outputs) == 1 else [result[output.name] for output in self.outputs]
        return tuple(
            _place_in(output.ranking, value)
            for output, value in zip(self.outputs, values, strict=True)
            if output.ranking
        )


_NULL: Final = tree.Literal(None, start=0, end=0)


def _reader(part: tree.Expression, scope: Scope) -> Callable[[Run, Mapping[str, Value]], Value]:
    value = constant_of(part)
    if value is UNKNOWN or type(value) in (list, dict):
        return compile(part, scope).value_in
    return lambda run, names: value


def _place_in(ranking: tuple[Value, ...], value: Value) -> int:
    return next((place for place, ranked in enumerate(ranking) if equal(ranked, value) is True), len(ranking))


# ---- watching ----


class _TableWitness(threading.local):
    """Takes down what tables decide in this thread, while somebody asks for it."""

    hits: list[tuple[str, tuple[int, ...]]] | None = None


WITNESS: Final = _TableWitness()


@contextmanager
def watching_tables() -> Iterator[list[tuple[str, tuple[int, ...]]]]:
    """Collect (name of a table, rows that gave its value) of every decision taken inside, in this thread."""
    before, hits = WITNESS.hits, list[tuple[str, tuple[int, ...]]]()
    WITNESS.hits = hits
    try:
        yield hits
    finally:
        WITNESS.hits = before
