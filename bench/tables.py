"""What a decision table costs by the number of its rows: a thousand on three inputs beside ten.

`python -m bench.tables` prints the table alone, in a few seconds. Both sides of a ratio are taken in turns over inputs
that hit all over the table, and the best of many rounds counts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from bench.formulas import best_of
from blankett.engine import feel
from blankett.engine.feel.decision_table import DecisionRow, DecisionTable, InputColumn, Output

FEW, MANY = 10, 1_000
#: How often the few rows the many may cost.
AIM = 5.0
MOMENT = feel.Moment(datetime(2026, 6, 1, tzinfo=UTC), ZoneInfo("UTC"))
#: So many different inputs are decided one after the other.
INPUTS = 50

TIERS = ("new", "bronze", "silver", "gold", "platinum")
BEGIN = date(2026, 1, 1)
_WIDTH = 100


@dataclass(frozen=True)
class Shape:
    """A kind of table on three inputs: its columns, its hit policy, a row's cells and the inputs that hit it."""

    title: str
    hit: feel.Hit
    columns: Mapping[str, feel.Type]
    cells: Callable[[int], tuple[str, str, str]]
    inputs: Callable[[int], tuple[Any, Any, Any]]


def _matrix_cells(row: int) -> tuple[str, str, str]:
    band, rest = divmod(row, 10)
    tier, urgent = TIERS[rest // 2], "true" if rest % 2 else "false"
    return f"[{band * _WIDTH}..{(band + 1) * _WIDTH})", f'"{tier}"', urgent


def _matrix_inputs(row: int) -> tuple[Any, Any, Any]:
    band, rest = divmod(row, 10)
    return Decimal(band * _WIDTH + 50), TIERS[rest // 2], bool(rest % 2)


SHAPES: Sequence[Shape] = (
    Shape(
        "amount × tier × urgent, unique",
        "unique",
        {"total": feel.Number(), "tier": feel.Text(), "urgent": feel.Boolean()},
        _matrix_cells,
        _matrix_inputs,
    ),
    Shape(
        "code × day × weight, first of several",
        "first",
        {"code": feel.Text(), "day": feel.Date(), "weight": feel.Number()},
        lambda row: (f'"P-{row}"', f'>= @"{BEGIN + timedelta(days=row)}"', "-" if row % 2 else f"< {row + 5}"),
        lambda row: (f"P-{row}", BEGIN + timedelta(days=row + 3), Decimal(row)),
    ),
    Shape(
        "not this country, from this weight on, on this side, first of several",
        "first",
        {"country": feel.Text(), "weight": feel.Number(), "side": feel.Text()},
        lambda row: (f'not("C{row}")', f">= {MANY - row}", '"left", "right"' if row % 3 else '"left"'),
        lambda row: (f"C{row + 1}", Decimal(MANY - row), "left"),
    ),
)  # fmt: skip


@dataclass(frozen=True)
class TableCost:
    """What one decision costs, in microseconds, with few rows and with many."""

    title: str
    few: float
    many: float

    @property
    def ratio(self) -> float:
        """How many times the few rows the many cost."""
        return self.many / self.few


def made_table(shape: Shape, rows: int) -> DecisionTable:
    """Return a table of *shape* with so many rows; each gives its number."""
    scope = feel.Scope(dict(shape.columns))
    return DecisionTable(
        shape.title,
        shape.hit,
        [InputColumn(name, type_) for name, type_ in shape.columns.items()],
        [Output("row")],
        [
            DecisionRow(
                tuple(feel.parse_unary_tests(cell) for cell in shape.cells(row)),
                (feel.parse_expression(str(row)),),
            )
            for row in range(rows)
        ],
        scope,
    )


def inputs_for(shape: Shape, rows: int) -> list[dict[str, Any]]:
    """Return inputs that hit rows all over a table with so many."""
    chosen = [at * rows // INPUTS for at in range(INPUTS)]
    return [dict(zip(shape.columns, shape.inputs(row), strict=True)) for row in chosen]


def decider(shape: Shape, rows: int) -> Callable[[], list[Any]]:
    """Return what decides all inputs of a table once."""
    table, inputs = made_table(shape, rows), inputs_for(shape, rows)

    def decide() -> list[Any]:
        with feel.evaluating(MOMENT) as run:
            return [table.decide(run, names) for names in inputs]

    return decide


def measure(rounds: int = 40) -> list[TableCost]:
    """Return what each shape costs."""
    found = []
    for shape in SHAPES:
        sides = [decider(shape, FEW), decider(shape, MANY)]
        if any(value is None for side in sides for value in side()):
            raise ValueError(f"an input hits nothing: {shape.title}")
        few, many = (each / INPUTS for each in best_of(sides, 20, rounds))
        found.append(TableCost(shape.title, few, many))
    return found


def cost_table(costs: Sequence[TableCost]) -> str:
    """Return the costs as a Markdown table; what missed its aim is in bold."""
    lines = [f"| decision table | {FEW} rows | {MANY:,} rows | ratio (aim {AIM:g} ×) |", "|---|---:|---:|---:|"]
    for cost in costs:
        ratio = f"{cost.ratio:.1f} ×" if cost.ratio <= AIM else f"**{cost.ratio:.1f} ×**"
        lines.append(f"| {cost.title} | {cost.few:.1f} µs | {cost.many:.1f} µs | {ratio} |")
    return "\n".join(lines)


if __name__ == "__main__":
    print(cost_table(measure()))
