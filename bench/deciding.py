"""What rules cost: twenty conditions on an order beside a Python function of the same, two hundred, durable-rules.

`python -m bench.deciding` prints the table alone. Each figure is the best of many rounds in this process, both sides of
a ratio in turns, so that a busy machine hardly shows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from bench.formulas import best_of
from blankett.engine import feel
from blankett.engine.feel import Reference
from blankett.engine.language.model import Formula, Place, Rule, Words
from blankett.engine.rules import library_version
from blankett.engine.rules.durable import DurableRules
from blankett.engine.rules.rule_evaluator import Predicates

NUMBER, TEXT, YES_NO, DAY = (kind(nullable=True) for kind in (feel.Number, feel.Text, feel.Boolean, feel.Date))
CUSTOMER = feel.Context({"tier": TEXT, "country": TEXT, "blocked": YES_NO, "balance": NUMBER, "credit_limit": NUMBER})
SCOPE = feel.Scope(
    {
        "customer": feel.RecordType("customer", nullable=True),
        "total": NUMBER, "freight": NUMBER, "weight": NUMBER, "discount": NUMBER, "pieces": NUMBER,
        "channel": TEXT, "currency": TEXT, "nature": TEXT, "carrier": TEXT,
        "urgent": YES_NO, "gift": YES_NO, "hold": YES_NO, "promised": DAY, "ordered": DAY,
    },
    forms={"customer": CUSTOMER}.get,
)  # fmt: skip
MOMENT = feel.Moment(datetime(2026, 6, 1, 12, tzinfo=UTC), ZoneInfo("UTC"))

#: An order as formulas see it: the linked customer is a reference with what the rules read.
ORDER: Mapping[str, Any] = {
    "customer": Reference(
        "c1",
        "ACME",
        {"tier": "gold", "country": "DK", "blocked": False, "balance": Decimal(800), "credit_limit": Decimal(50000)},
    ),
    "total": Decimal("12400.00"), "freight": Decimal("49.50"), "weight": Decimal("18.4"), "discount": Decimal("0.05"),
    "pieces": Decimal(14), "channel": "phone", "currency": "DKK", "nature": "standard", "carrier": "dsv",
    "urgent": False, "gift": False, "hold": False,
    "promised": date(2026, 6, 9), "ordered": date(2026, 6, 1),
}  # fmt: skip

TWENTY = (
    "total >= 10000 and customer.tier = \"new\"",
    "total >= 100000",
    "customer.blocked = true",
    "customer.balance > customer.credit_limit",
    "discount > 0.2 and customer.tier != \"gold\"",
    "urgent = true and weight > 30",
    "channel = \"web\" and total < 20",
    "currency = \"NOK\" and customer.country = \"NO\"",
    "nature = \"replacement\" and total > 0",
    "nature = \"gift\" and gift = false",
    "freight > 500",
    "weight between 100 and 500 and carrier = \"gls\"",
    "pieces >= 100",
    "promised < ordered",
    "hold = true",
    "gift = true and total > 1000",
    "carrier in (\"ups\", \"fedex\") and customer.country = \"DK\"",
    "total between 10000 and 20000 and customer.tier = \"gold\"",
    "urgent = true or nature = \"rush\"",
    "customer.tier = \"silver\" and total > 5000 and discount > 0.1",
)  # fmt: skip


def by_hand(order: Mapping[str, Any]) -> list[int]:
    """Return which of the twenty conditions hold, as somebody would write it in Python."""
    customer = order["customer"].fields
    total, discount, weight, nature = order["total"], order["discount"], order["weight"], order["nature"]
    tier = customer["tier"]
    held = []
    if total >= 10000 and tier == "new":
        held.append(0)
    if total >= 100000:
        held.append(1)
    if customer["blocked"]:
        held.append(2)
    if customer["balance"] > customer["credit_limit"]:
        held.append(3)
    if discount > FIFTH and tier != "gold":
        held.append(4)
    if order["urgent"] and weight > 30:
        held.append(5)
    if order["channel"] == "web" and total < 20:
        held.append(6)
    if order["currency"] == "NOK" and customer["country"] == "NO":
        held.append(7)
    if nature == "replacement" and total > 0:
        held.append(8)
    if nature == "gift" and not order["gift"]:
        held.append(9)
    if order["freight"] > 500:
        held.append(10)
    if 100 <= weight <= 500 and order["carrier"] == "gls":
        held.append(11)
    if order["pieces"] >= 100:
        held.append(12)
    if order["promised"] < order["ordered"]:
        held.append(13)
    if order["hold"]:
        held.append(14)
    if order["gift"] and total > 1000:
        held.append(15)
    if order["carrier"] in ("ups", "fedex") and customer["country"] == "DK":
        held.append(16)
    if 10000 <= total <= 20000 and tier == "gold":
        held.append(17)
    if order["urgent"] or nature == "rush":
        held.append(18)
    if tier == "silver" and total > 5000 and discount > TENTH:
        held.append(19)
    return held


FIFTH, TENTH = Decimal("0.2"), Decimal("0.1")


#: How often the function written by hand twenty conditions may cost, how often the twenty two hundred may, and which
#: part of an action's CPU time a decision point on durable-rules may add.
AIM_TWENTY, AIM_MANY, AIM_SHARE = 40.0, 8.0, 0.1


@dataclass(frozen=True)
class RuleCosts:
    """What deciding rules for one order costs, in microseconds."""

    by_hand: float
    twenty: float
    many: float
    #: Twenty on durable-rules; None where it is not installed.
    durable: float | None


def measure() -> RuleCosts:
    """Return what the rules cost. Raise when the sides do not agree."""
    twenty, many = made_set(TWENTY), made_set(two_hundred())
    if list(twenty.fired(ORDER, MOMENT)) != by_hand(ORDER):
        raise ValueError(f"by hand {by_hand(ORDER)}, by rules {twenty.fired(ORDER, MOMENT)}")
    found = best_of(
        [lambda: by_hand(ORDER), lambda: twenty.fired(ORDER, MOMENT), lambda: many.fired(ORDER, MOMENT)], 1_000
    )
    return RuleCosts(*found, _on_durable_rules(twenty))


def _on_durable_rules(twenty: Predicates) -> float | None:
    if library_version() is None:
        return None
    library = DurableRules(twenty)
    try:
        if library.fired(ORDER, MOMENT) != twenty.fired(ORDER, MOMENT):
            raise ValueError(f"durable-rules {library.fired(ORDER, MOMENT)}")
        return best_of([lambda: library.fired(ORDER, MOMENT)], 200)[0]
    finally:
        library.close()


def rule_table(costs: RuleCosts, action: float | None = None) -> str:
    """Return the costs as a Markdown table; *action* is the CPU time of an action in milliseconds, of the same run."""
    lines = [
        "| rules | | beside | aim |",
        "|---|---:|---:|---:|",
        f"| twenty conditions by hand, in Python | {costs.by_hand:.2f} µs | | |",
        f"| twenty rules | {costs.twenty:.1f} µs | {_times(costs.twenty / costs.by_hand, AIM_TWENTY)} by hand "
        f"| {AIM_TWENTY:g} × |",
        f"| two hundred rules | {costs.many:.1f} µs | {_times(costs.many / costs.twenty, AIM_MANY)} the twenty "
        f"| {AIM_MANY:g} × |",
    ]
    if costs.durable is not None:
        share = "" if action is None else _share(costs.durable / action / 1000)
        lines.append(
            f"| twenty rules, decided by durable-rules {library_version()} | {costs.durable:.0f} µs | {share} "
            f"| {AIM_SHARE:.0%} |"
        )
    return "\n".join(lines)


def _times(ratio: float, aim: float) -> str:
    return f"{ratio:.1f} ×" if ratio <= aim else f"**{ratio:.1f} ×**"


def _share(part: float) -> str:
    words = f"{part:.1%} of an action"
    return words if part <= AIM_SHARE else f"**{words}**"


# ---- the rules ----


def made_rule(number: int, condition: str) -> Rule:
    """Return the rule *number* with *condition*, and without outcomes."""
    expression = feel.parse_expression(condition)
    checked = feel.check(expression, SCOPE, feel.Boolean())
    if checked.errors:
        raise ValueError(f"{condition}: {checked.errors[0].message}")
    here = Place(number + 1, 1)
    formula = Formula(condition, here, checked, expression, SCOPE)
    key = f"rule_{number}"
    return Rule(key, Words({"en": key}), None, (), formula, None, 0, None, None, (), here)


def made_set(conditions: Sequence[str]) -> Predicates:
    """Return rules with *conditions*, compiled together."""
    return Predicates([made_rule(number, condition) for number, condition in enumerate(conditions)])


def two_hundred() -> list[str]:
    """Return two hundred conditions: the twenty, and each again with other numbers and another tier."""
    tiers = ("new", "silver", "gold", "platinum")
    found = list(TWENTY)
    for times in range(1, 10):
        for condition in TWENTY:
            words = [str(int(word) * (times + 1)) if word.isdigit() else word for word in condition.split()]
            found.append(f'({" ".join(words)}) and customer.tier = "{tiers[times % 4]}" and pieces < {1000 * times}')
    return found


if __name__ == "__main__":
    print(rule_table(measure()))
