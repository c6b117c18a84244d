"""What a decision table does when several of its rows hit: the hit policies of the DMN standard."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final, Literal, TypeAlias, get_args
from typing import Any as Value

from blankett.engine.feel.budget import Run
from blankett.engine.feel.functions.lists import count, highest, lowest, total_of
from blankett.engine.feel.operators import equal

if TYPE_CHECKING:
    from blankett.engine.feel.decisions import DecisionTable

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
class Decision:
    """How a table decided: its value, the rows whose cells all hold, and those of them that gave the value.

    The first row is 0. A table that needs only the first row that hits looks no further.
    """

    value: Value
    matched: tuple[int, ...] = ()
    won: tuple[int, ...] = ()


Policy: TypeAlias = "Callable[[DecisionTable, Run, Mapping[str, Value], Iterator[int]], Decision]"


def _unique(table: DecisionTable, run: Run, names: Mapping[str, Value], matched: Iterator[int]) -> Decision:
    """Give the result of the one row that hits; null where several do."""
    rows = tuple(matched)
    if len(rows) == 1:
        return Decision(table.result(run, names, rows[0]), rows, rows)
    return Decision(None, rows) if rows else Decision(table.default(run, names))


def _any(table: DecisionTable, run: Run, names: Mapping[str, Value], matched: Iterator[int]) -> Decision:
    """Give the result that all rows that hit have in common; null where they differ."""
    rows = tuple(matched)
    if not rows:
        return Decision(table.default(run, names))
    results = [table.result(run, names, row) for row in rows]
    is_one = all(equal(result, results[0]) is True for result in results[1:])
    return Decision(results[0], rows, rows) if is_one else Decision(None, rows)


def _first(table: DecisionTable, run: Run, names: Mapping[str, Value], matched: Iterator[int]) -> Decision:
    """Give the result of the first row that hits."""
    row = next(matched, None)
    if row is None:
        return Decision(table.default(run, names))
    return Decision(table.result(run, names, row), (row,), (row,))


def _priority(table: DecisionTable, run: Run, names: Mapping[str, Value], matched: Iterator[int]) -> Decision:
    """Give the most important result; the first of equally important ones."""
    rows = tuple(matched)
    if not rows:
        return Decision(table.default(run, names))
    results = {row: table.result(run, names, row) for row in rows}
    best = min(rows, key=lambda row: table.rank(results[row]))
    return Decision(results[best], rows, (best,))


def _rule_order(table: DecisionTable, run: Run, names: Mapping[str, Value], matched: Iterator[int]) -> Decision:
    """Give the results of all rows that hit, in the order of the rows."""
    rows = tuple(matched)
    if not rows:
        return _listed_default(table, run, names)
    return Decision([table.result(run, names, row) for row in rows], rows, rows)


def _output_order(table: DecisionTable, run: Run, names: Mapping[str, Value], matched: Iterator[int]) -> Decision:
    """Give the results of all rows that hit, the most important first."""
    rows = tuple(matched)
    if not rows:
        return _listed_default(table, run, names)
    results = [table.result(run, names, row) for row in rows]
    return Decision(sorted(results, key=table.rank), rows, rows)


def _listed_default(table: DecisionTable, run: Run, names: Mapping[str, Value]) -> Decision:
    """Give what a list is when no row hits: the default as its only item, or empty."""
    return Decision([table.default(run, names)] if table.has_default else [])


def _collected(table: DecisionTable, run: Run, names: Mapping[str, Value], matched: Iterator[int]) -> Decision:
    """Give one value made of the results of all rows that hit."""
    rows = tuple(matched)
    if not rows and (table.has_default or table.hit != "collect count"):
        return Decision(table.default(run, names))
    return Decision(COLLECTING[table.hit]([table.result(run, names, row) for row in rows]), rows, rows)


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
