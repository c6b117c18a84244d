"""Decision tables as the DMN standard has them: rows of tests and results, and what is done when several rows hit.

A table is compiled once: an index finds the rows that can hit (see `decision_index`), the cells that cannot be indexed
are tried one by one. Reading a blueprint's tables and saying what is wrong with them happens elsewhere.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any as Value
from typing import Final

from blankett.engine.feel import tree
from blankett.engine.feel.budget import Run
from blankett.engine.feel.cells import Accepted, accepted_by
from blankett.engine.feel.compiler import Formula, compile
from blankett.engine.feel.constants import UNKNOWN, constant_of
from blankett.engine.feel.decision_index import ColumnIndex
from blankett.engine.feel.hit_policies import POLICIES, Decision, Hit
from blankett.engine.feel.operators import equal
from blankett.engine.feel.scope import Scope
from blankett.engine.feel.types import Any, Type

ANYTHING: Final = Any()


@dataclass(frozen=True)
class Column:
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
class Row:
    """The cells of a row, as many as the table has columns, and its results, as many as it has outputs."""

    tests: tuple[tree.UnaryTests, ...]
    results: tuple[tree.Expression, ...]


class DecisionTable:
    """A decision table, ready to decide. *scope* is what its cells and results see beside `?`."""

    def __init__(
        self,
        name: str,
        hit: Hit,
        columns: Sequence[Column],
        outputs: Sequence[Output],
        rows: Sequence[Row],
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
        self._cells: dict[tuple[int, int], Formula] = {}
        self._results: dict[int, Callable[[Run, Mapping[str, Value]], Value]] = {}

    # ---- deciding ----

    def decide(self, run: Run, names: Mapping[str, Value]) -> Value:
        """Return the value for *names*, as a part of the evaluation *run*. Raises BudgetExceeded only."""
        return self.decision(run, names).value

    def decision(self, run: Run, names: Mapping[str, Value]) -> Decision:
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


class _Witness(threading.local):
    """Takes down what tables decide in this thread, while somebody asks for it."""

    hits: list[tuple[str, tuple[int, ...]]] | None = None


WITNESS: Final = _Witness()


@contextmanager
def watching_tables() -> Iterator[list[tuple[str, tuple[int, ...]]]]:
    """Collect (name of a table, rows that gave its value) of every decision taken inside, in this thread."""
    before, hits = WITNESS.hits, list[tuple[str, tuple[int, ...]]]()
    WITNESS.hits = hits
    try:
        yield hits
    finally:
        WITNESS.hits = before
