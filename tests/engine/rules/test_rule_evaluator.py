"""Rules decided by the predicates."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from zoneinfo import ZoneInfo

import pytest
from tests.engine.rules.made_rules import MOMENT, by_definition, described, made_record, made_rules, rule

from blankett.engine import feel
from blankett.engine.language.model import Rule
from blankett.engine.rules.conditions import MAX_WAYS, ways_of
from blankett.engine.rules.rule_evaluator import Predicates

#: How many sets of rules are made; `make nightly` makes more.
CASES = int(os.environ.get("BLANKETT_RULE_CASES", "500"))


def keys(rules: list[Rule], names: dict[str, object], moment: feel.Moment = MOMENT) -> list[str]:
    return [rules[number].key for number in Predicates(rules).fired(names, moment)]


@pytest.mark.parametrize("seed", range(10))
def test_rules_compiled_together_fire_as_each_would_alone(seed: int) -> None:
    random = Random(seed)
    for _ in range(CASES // 10):
        rules = made_rules(random)
        together = Predicates(rules)
        for _ in range(3):
            names = made_record(random)
            fired = tuple(rules[number].key for number in together.fired(names, MOMENT))
            assert fired == by_definition(rules, names), described(rules, names)


@pytest.mark.parametrize(
    ("when", "unless", "names", "fires"),
    [
        (None, None, {}, True),
        ("total > 100", None, {"total": Decimal(101)}, True),
        ("total > 100", None, {"total": None}, False),
        ("not(total > 100)", None, {"total": None}, False),
        ("not(total > 100)", None, {"total": Decimal(100)}, True),
        (None, "urgent", {"urgent": None}, True),
        (None, "urgent", {"urgent": False}, True),
        (None, "urgent", {"urgent": True}, False),
        (None, "total > 100 and urgent", {"total": None, "urgent": True}, True),
        ('tier != "gold"', None, {"tier": None}, True),
        ('tier != "gold"', None, {"tier": "gold"}, False),
        ("total > 100 or urgent", None, {"urgent": True}, True),
        ("note = 1", None, {"note": "1"}, False),
        ('upper case("1") = note and upper case(note) = "1"', None, {"note": "1"}, True),
        ("odd", None, {"odd": Decimal(1)}, False),
        ("not(odd)", None, {"odd": [False]}, True),
        ("total in ([1..3], 7, null)", None, {"total": None}, True),
        ("total in ([1..3], 7, null)", None, {"total": Decimal(7)}, True),
        ("true", None, {}, True),
        ("null", None, {}, False),
        (None, "null", {}, True),
    ],
)
def test_a_rule_fires_where_its_condition_is_true(
    when: str | None, unless: str | None, names: dict[str, object], fires: bool
) -> None:
    assert keys([rule("only", when, unless)], names) == (["only"] if fires else [])


def test_rules_come_in_the_order_they_were_given() -> None:
    rules = [rule("b", "total > 1"), rule("a", "total > 2 or total > 3"), rule("c", "total > 1")]
    assert keys(rules, {"total": Decimal(9)}) == ["b", "a", "c"]


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (datetime(2025, 12, 31, 22, 59, tzinfo=UTC), ["always"]),
        (datetime(2025, 12, 31, 23, 0, tzinfo=UTC), ["dated", "always"]),
        (datetime(2026, 12, 31, 22, 59, tzinfo=UTC), ["dated", "always"]),
        (datetime(2026, 12, 31, 23, 0, tzinfo=UTC), ["always"]),
    ],
)
def test_a_rule_is_in_force_on_its_days_in_the_zone_of_the_moment(now: datetime, expected: list[str]) -> None:
    rules = [rule("dated", valid_from=date(2026, 1, 1), valid_to=date(2026, 12, 31)), rule("always")]
    together = Predicates(rules)
    for moment in (
        feel.Moment(now - timedelta(days=800), MOMENT.zone),
        feel.Moment(now, ZoneInfo("Europe/Copenhagen")),
    ):
        fired = [rules[number].key for number in together.fired({}, moment)]
    assert fired == expected


@pytest.fixture
def counting() -> Callable[[str], int]:
    """Return how often the function `counted` is called while rules with the given conditions are decided."""

    def count(*conditions: str) -> int:
        calls: list[object] = []
        scope = feel.Scope(
            {"total": feel.Number(), "urgent": feel.Boolean()},
            {"counted": feel.FunctionType({"of": feel.Number()}, feel.Number())},
        )
        moment = feel.Moment(MOMENT.now, MOMENT.zone, functions={"counted": lambda of: calls.append(of) or of})
        rules = [rule(f"rule_{number}", text, scope=scope) for number, text in enumerate(conditions)]
        Predicates(rules).fired({"total": Decimal(5), "urgent": False}, moment)
        return len(calls)

    return count


@pytest.mark.parametrize(
    ("conditions", "calls"),
    [
        (["counted(total) > 3", "counted(total) > 4 and total > 1"], 1),
        (["counted(total) + 1 > total", "counted(total) > total"], 1),
        (["counted(total) > 3", "counted(total + 1) > 3"], 2),
        (["urgent and counted(total) > 3"], 0),
        (["counted(total) > 3 and urgent", "urgent and counted(total) > total"], 0),
    ],
    ids=["one operand", "inside operands", "two calls", "not needed", "not needed by any"],
)
def test_what_several_rules_ask_is_worked_out_once_and_only_where_it_is_needed(
    counting: Callable[..., int], conditions: list[str], calls: int
) -> None:
    assert counting(*conditions) == calls


def test_a_number_and_a_text_that_look_alike_are_not_taken_for_each_other() -> None:
    rules = [
        rule("number", "string(1.0) = note"),
        rule("text", 'string("1") = note'),
        rule("short", "string(1) = note"),
    ]
    assert keys(rules, {"note": "1"}) == list(by_definition(rules, {"note": "1"}))


def test_what_takes_too_long_is_stopped_for_all_rules_together() -> None:
    loop = "(every a in 1..300 satisfies every b in 1..{} satisfies a + b > 0)"
    rules = [rule(f"rule_{number}", loop.format(100 + number)) for number in range(4)]
    with pytest.raises(feel.BudgetExceeded):
        Predicates(rules).fired({}, MOMENT)
    assert Predicates(rules[:1]).fired({}, MOMENT) == (0,)


def test_a_condition_of_many_alternatives_is_taken_apart_into_a_few() -> None:
    pairs = " and ".join(f"(total = {number} or urgent)" for number in range(12))
    assert 1 < len(ways_of(rule("wide", pairs))) <= MAX_WAYS
    assert keys([rule("wide", pairs)], {"urgent": True}) == ["wide"]
    assert keys([rule("wide", pairs)], {"urgent": None, "total": Decimal(3)}) == []
