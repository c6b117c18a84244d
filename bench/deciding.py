"""What rules cost: twenty conditions on an order beside a Python function of the same, two hundred rules.

Nothing is served; each figure is the best of several rounds in this process, so that a busy machine hardly shows.
"""

from __future__ import annotations

import timeit
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from blankett.engine import feel
from blankett.engine.blueprint.rules import Rule
from blankett.engine.blueprint.texts import Formula, Place, Words
from blankett.engine.feel import Reference
from blankett.engine.rules.predicates import Predicates

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
ORDER: Mapping[str, object] = {
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


def by_hand(order: Mapping[str, object]) -> list[int]:
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


def two_hundred() -> list[str]:
    """Return two hundred conditions: the twenty, and each again with other numbers and words."""
    tiers = ("new", "silver", "gold", "platinum")
    found = list(TWENTY)
    for times in range(1, 10):
        for condition in TWENTY:
            words = condition.split()
            made = [str(int(word) * (times + 1)) if word.isdigit() else word for word in words]
            found.append(f'{" ".join(made)} and customer.tier = "{tiers[times % 4]}"')
    return found


def seconds(do: Callable[[], object], rounds: int = 7) -> float:
    """Return the seconds that *do* takes at its quickest."""
    timer = timeit.Timer(do)
    count, _ = timer.autorange(lambda number, took: None)
    return min(timer.repeat(rounds, max(1, count // 4))) / max(1, count // 4)


def main() -> None:
    """Measure and print."""
    twenty, many = made_set(TWENTY), made_set(two_hundred())
    assert list(twenty.fired(ORDER, MOMENT)) == by_hand(ORDER)
    unit, one = seconds(lambda: by_hand(ORDER)), seconds(lambda: twenty.fired(ORDER, MOMENT))
    ten_times = seconds(lambda: many.fired(ORDER, MOMENT))
    print(f"twenty conditions by hand: {unit * 1e6:.2f} µs")
    print(f"twenty conditions: {one * 1e6:.2f} µs, {one / unit:.1f} × by hand")
    print(f"two hundred rules: {ten_times * 1e6:.2f} µs, {ten_times / one:.1f} × the twenty")


def made_set(conditions: Sequence[str]) -> Predicates:
    """Return rules with *conditions*, compiled together."""
    return Predicates([made_rule(number, condition) for number, condition in enumerate(conditions)])


if __name__ == "__main__":
    main()
