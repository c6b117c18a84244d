"""The examples of the page on formulas, run as they stand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal as D
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from blankett.engine import feel
from blankett.engine.feel import budget, lexer
from blankett.engine.feel import lexer as cursor

PAGE = Path(__file__).resolve().parents[3] / "docs" / "feel.md"
MOMENT = feel.Moment(datetime(2026, 3, 1, tzinfo=UTC), ZoneInfo("UTC"))
NAMES = {
    "total": D(12400),
    "customer": feel.Reference("c1", "ACME", {"tier": "gold"}),
    "due": date(2026, 3, 31),
    "note": None,
    "discount": None,
    "lines": [
        {"product": "P-1", "quantity": D(2), "price": D("1.50")},
        {"product": "P-2", "quantity": D(10), "price": D("5.00")},
    ],
}


def examples() -> Iterator[tuple[str, str]]:
    """Yield (formula, its value as a formula) of every line with an arrow."""
    for block in re.findall(r"```feel\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL):
        for line in block.splitlines():
            formula, _, value = line.partition("→")
            yield formula.strip(), value.strip()


@pytest.mark.parametrize(("formula", "value"), list(examples()), ids=[example[0] for example in examples()])
def test_example_has_the_value_beside_it(formula: str, value: str) -> None:
    scope = feel.Scope({name: feel.Any() for name in NAMES})
    shown = [feel.compile(feel.parse_expression(text), scope).evaluate(NAMES, MOMENT) for text in (formula, value)]
    assert shown[0] == shown[1]


def test_the_limits_are_those_of_the_code() -> None:
    limits = [
        lexer.MAX_LENGTH,
        cursor.MAX_DEPTH,
        MOMENT.steps,
        budget.MAX_SECONDS,
        budget.MAX_NESTING,
        budget.MAX_CALLS,
        budget.MAX_TEXT,
        budget.MAX_LIST,
    ]
    table = PAGE.read_text(encoding="utf-8").partition("## Limits")[2]
    shown = [int(found.replace(",", "")) for found in re.findall(r"^\| [a-z].*\| ([\d,]+)", table, re.MULTILINE)]
    assert shown == limits
