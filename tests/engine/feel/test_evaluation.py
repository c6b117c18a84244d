"""Formulas and their values: (formula, names, value)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal as D
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from blankett.engine import feel

MOMENT = feel.Moment(datetime(2026, 3, 1, 23, 30, tzinfo=UTC), ZoneInfo("Europe/Copenhagen"))

NAMES = {
    "total": D("12400"),
    "nothing": None,
    "customer": feel.Reference("c1", "ACME", {"tier": "gold", "balance": D(100)}),
    "lines": [{"quantity": D(2), "price": D("1.50")}, {"quantity": D(10), "price": None}],
    "due": date(2026, 3, 31),
}

CASES: list[tuple[str, Any]] = [
    ("1 + 2 * 3", D(7)),
    ("0.1 + 0.2", D("0.3")),
    ("-2 ** 2", D(4)),
    ("1 / 0", None),
    ('"a" + "b"', "ab"),
    ('total > 10000 and customer.tier = "gold"', True),
    ("nothing + 1", None),
    ("nothing > 1", None),
    ("nothing = null", True),
    ("total != null", True),
    ("nothing > 1 and false", False),
    ("nothing > 1 or true", True),
    ("not(nothing > 1)", None),
    ('if nothing then "yes" else "no"', "no"),
    ("total(lines.price)", D("1.50")),
    ("sum(lines.price)", None),
    ("total([])", D(0)),
    ("lines[quantity > 5].quantity", [D(10)]),
    ("lines[1].price", D("1.50")),
    ("lines[-1].quantity", D(10)),
    ("lines[3]", None),
    ("some l in lines satisfies l.quantity > 5", True),
    ("every l in lines satisfies l.quantity > 5", False),
    ("for l in lines return l.quantity * 2", [D(4), D(20)]),
    ("for i in 1..3 return i * i", [D(1), D(4), D(9)]),
    ("total in [1..20000]", True),
    ('customer.tier in ("gold", "silver")', True),
    ("total between 1 and 2", False),
    ('due - today() > duration("P28D")', True),
    ("today()", date(2026, 3, 2)),
    ('due + duration("P1M")', date(2026, 4, 30)),
    ('date("2026-01-31").month', D(1)),
    ("{a: 1, b: a + 1}.b", D(2)),
    ("{f: function(n) if n <= 1 then 1 else n * f(n - 1)}.f(5)", D(120)),
    ('string length("naïve 🐎")', D(7)),
    ("min(3, 1, 2)", D(1)),
    ("customer.nickname", None),
    ("10 ** 999999999", None),
]


@pytest.mark.parametrize(("formula", "expected"), CASES, ids=[case[0] for case in CASES])
def test_formula_has_value(formula: str, expected: Any) -> None:
    scope = feel.Scope({name: feel.Any() for name in NAMES})
    assert feel.compile(feel.parse_expression(formula), scope).evaluate(NAMES, MOMENT) == expected


def test_an_if_with_durations_of_both_kinds_moves_days() -> None:
    scope = feel.Scope({"long": feel.Boolean(), "day": feel.Date(), "maybe": feel.DaysTimeDuration(nullable=True)})
    length = 'if long then duration("P1M") else if day = null then maybe else duration("P1D")'

    def answer(text: str, **names: object) -> object:
        return feel.compile(feel.parse_expression(text), scope).evaluate(names, MOMENT)

    def found(text: str) -> list[str]:
        return [finding.code for finding in feel.check(feel.parse_expression(text), scope).findings]

    moved = f"day + 2 * ({length})"
    days = [answer(moved, long=long, day=date(2026, 1, 31)) for long in (True, False)]
    assert (days, found(moved)) == ([date(2026, 3, 31), date(2026, 2, 2)], ["feel.may_be_null"])
    assert found(f'({length}) > duration("P1D")') == ["feel.cannot_order"]
    assert found(f"({length}).days") == ["feel.no_members"]
