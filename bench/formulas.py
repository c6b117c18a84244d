"""What a formula costs: against a Python function on decimals, written by hand, and against Python's own parser.

`python -m bench.formulas` prints the table alone, in a few seconds.
"""

from __future__ import annotations

import ast
import gc
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from time import perf_counter
from typing import Any
from zoneinfo import ZoneInfo

from blankett.engine import feel

NAMES: Mapping[str, Any] = {
    "total": Decimal("12400.50"),
    "customer": {"tier": "gold", "limit": Decimal(50_000), "balance": Decimal("21300.25")},
    "lines": [
        {"product": f"P-{number}", "quantity": Decimal(number * 10), "price": Decimal("19.90")}
        for number in range(1, 6)
    ],
    "due": date(2026, 3, 31),
}
_LINE = feel.Context({"product": feel.Text(), "quantity": feel.Number(), "price": feel.Number()})
SCOPE = feel.Scope(
    {
        "total": feel.Number(),
        "customer": feel.Context({"tier": feel.Text(), "limit": feel.Number(), "balance": feel.Number()}),
        "lines": feel.ListOf(_LINE),
        "due": feel.Date(),
    }
)
MOMENT = feel.Moment(datetime(2026, 3, 1, tzinfo=UTC), ZoneInfo("UTC"))
_THRESHOLD, _FACTOR, _HUNDRED = Decimal(10_000), Decimal("1.25"), Decimal(100)


@dataclass(frozen=True)
class Formula:
    """A formula, the same written by hand in Python, and the same as Python's text."""

    text: str
    by_hand: Callable[[Mapping[str, Any]], Any]
    python: str


FORMULAS: Sequence[Formula] = (
    Formula(
        'total > 10000 and customer.tier = "gold"',
        lambda names: names["total"] > _THRESHOLD and names["customer"]["tier"] == "gold",
        'total > 10000 and customer.tier == "gold"',
    ),
    Formula(
        "sum(for l in lines return l.quantity * l.price) * 1.25",
        lambda names: sum(line["quantity"] * line["price"] for line in names["lines"]) * _FACTOR,
        "sum([l.quantity * l.price for l in lines]) * 1.25",
    ),
    Formula(
        'if total + customer.balance > customer.limit then "hold" else "release"',
        lambda names: (
            "hold" if names["total"] + names["customer"]["balance"] > names["customer"]["limit"] else "release"
        ),
        '"hold" if total + customer.balance > customer.limit else "release"',
    ),
    Formula(
        "some l in lines satisfies l.quantity > 100",
        lambda names: any(line["quantity"] > _HUNDRED for line in names["lines"]),
        "any(l.quantity > 100 for l in lines)",
    ),
)
#: How often a Python function, and how often Python's parser may be outdone.
AIM_EVALUATED, AIM_READ = 5.0, 30.0


@dataclass(frozen=True)
class Cost:
    """What one formula costs, in microseconds: evaluated and by hand, read and checked and as Python's parser reads."""

    text: str
    evaluated: float
    by_hand: float
    read: float
    parsed: float

    @property
    def evaluated_ratio(self) -> float:
        """How many times the function written by hand."""
        return self.evaluated / self.by_hand

    @property
    def read_ratio(self) -> float:
        """How many times Python's own parser."""
        return self.read / self.parsed


def measure() -> list[Cost]:
    """Return what each formula costs; both sides of a ratio are taken in turns, and the best of many rounds counts."""
    gc.collect()
    gc.freeze()  # as the server does: what lies around in this process is no cost of a formula
    return [_measured(formula) for formula in FORMULAS]


def _measured(formula: Formula) -> Cost:
    compiled = feel.compile(feel.parse_expression(formula.text), SCOPE)
    if compiled.evaluate(NAMES, MOMENT) != formula.by_hand(NAMES):
        raise ValueError(f"{formula.text} is {compiled.evaluate(NAMES, MOMENT)!r}")
    evaluated, by_hand = best_of([lambda: compiled.evaluate(NAMES, MOMENT), lambda: formula.by_hand(NAMES)], 1_000)
    read, parsed = best_of([lambda: _read(formula.text), lambda: ast.parse(formula.python, mode="eval")], 100)
    return Cost(formula.text, evaluated, by_hand, read, parsed)


def _read(text: str) -> object:
    return feel.check(feel.parse_expression(text), SCOPE)


def best_of(sides: Sequence[Callable[[], object]], calls: int, rounds: int = 40) -> list[float]:
    """Return the microseconds of one call of each side, the best of *rounds*."""
    best = [float("inf")] * len(sides)
    for _ in range(rounds):
        for place, side in enumerate(sides):
            began = perf_counter()
            for _ in range(calls):
                side()
            best[place] = min(best[place], (perf_counter() - began) / calls * 1e6)
    return best


def formula_table(costs: Sequence[Cost]) -> str:
    """Return the costs as a Markdown table; what missed its aim is in bold."""
    lines = [
        f"| formula | evaluated | by hand | ratio (aim {AIM_EVALUATED:g} ×) | read and checked | `ast.parse` "
        f"| ratio (aim {AIM_READ:g} ×) |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    for cost in costs:
        evaluated = _verdict(cost.evaluated_ratio, AIM_EVALUATED)
        read = _verdict(cost.read_ratio, AIM_READ)
        lines.append(
            f"| `{cost.text}` | {cost.evaluated:.2f} µs | {cost.by_hand:.2f} µs | {evaluated} "
            f"| {cost.read:.0f} µs | {cost.parsed:.1f} µs | {read} |"
        )
    return "\n".join(lines)


def _verdict(ratio: float, aim: float) -> str:
    return f"{ratio:.1f} ×" if ratio <= aim else f"**{ratio:.1f} ×**"


if __name__ == "__main__":
    print(formula_table(measure()))
