"""What the benchmark measures of rules."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from bench.deciding import MOMENT, ORDER, TWENTY, RuleCosts, by_hand, made_set, rule_table, two_hundred

from blankett.engine.feel import Reference


def other_order(random: Random) -> dict[str, Any]:
    """Return an order like the measured one, with other values."""
    customer = {
        "tier": random.choice(("new", "silver", "gold")), "country": random.choice(("DK", "NO")),
        "blocked": random.random() < 0.3, "balance": Decimal(random.randrange(60_000)), "credit_limit": Decimal(50_000),
    }  # fmt: skip
    amounts = {
        name: Decimal(random.choice((0, 5, 31, 150, 600, 12_000, 120_000))) for name in ("total", "freight", "weight")
    }
    return {
        **ORDER, **amounts, "customer": Reference("c2", "B", customer),
        "discount": random.choice((Decimal(0), Decimal("0.15"), Decimal("0.3"))),
        "pieces": Decimal(random.randrange(200)),
        "channel": random.choice(("web", "phone")), "currency": random.choice(("NOK", "DKK")),
        "nature": random.choice(("standard", "replacement", "gift", "rush")), "carrier": random.choice(("gls", "ups")),
        "urgent": random.random() < 0.5, "gift": random.random() < 0.5, "hold": random.random() < 0.5,
        "promised": date(2026, 5, random.randint(1, 31)),
    }  # fmt: skip


def test_the_function_by_hand_decides_as_the_rules_do() -> None:
    random, rules = Random(1), made_set(TWENTY)
    for _ in range(200):
        order = other_order(random)
        assert list(rules.fired(order, MOMENT)) == by_hand(order)


def test_two_hundred_rules_are_all_different() -> None:
    assert len(set(two_hundred())) == 200


@pytest.mark.parametrize(
    ("costs", "action", "expected"),
    [
        (
            RuleCosts(0.5, 10, 40, None),
            2.0,
            [
                "| twenty rules | 10.0 µs | 20.0 × by hand | 40 × |",
                "| two hundred rules | 40.0 µs | 4.0 × the twenty | 8 × |",
            ],
        ),
        (
            RuleCosts(0.5, 25, 250, None),
            None,
            [
                "| twenty rules | 25.0 µs | **50.0 ×** by hand | 40 × |",
                "| two hundred rules | 250.0 µs | **10.0 ×** the twenty | 8 × |",
            ],
        ),
    ],
    ids=["met", "missed"],
)
def test_what_missed_its_aim_is_in_bold(costs: RuleCosts, action: float | None, expected: list[str]) -> None:
    assert rule_table(costs, action).splitlines()[3:] == expected


def test_durable_rules_is_told_as_a_share_of_an_action(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bench.deciding.library_version", lambda: "2.0.28")
    rows = [rule_table(RuleCosts(0.5, 5, 6, durable), 2.0).splitlines()[-1] for durable in (100.0, 300.0)]
    assert rows == [
        "| twenty rules, decided by durable-rules 2.0.28 | 100 µs | 5.0% of an action | 10% |",
        "| twenty rules, decided by durable-rules 2.0.28 | 300 µs | **15.0% of an action** | 10% |",
    ]
