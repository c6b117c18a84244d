"""Why a condition does not hold: the parts that fail with what they saw, never at odds with the evaluator."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blankett.engine import feel
from blankett.engine.blueprint.model import Formula, Place
from blankett.engine.explain import failing

MOMENT = feel.Moment(datetime(2026, 3, 2, 9, tzinfo=UTC), ZoneInfo("UTC"))
SCOPE = feel.Scope(
    {
        "total": feel.Number(nullable=True),
        "limit": feel.Number(nullable=True),
        "tier": feel.Text(nullable=True),
        "lines": feel.ListOf(feel.Context({"price": feel.Number(nullable=True)})),
        "customer": feel.Context({"tier": feel.Text(nullable=True)}, nullable=True),
    }
)


def formula(text: str) -> Formula:
    """Return a checked formula."""
    expression = feel.parse_expression(text)
    return Formula(text, Place(1, 1), feel.check(expression, SCOPE), expression, SCOPE)


NAMES: dict[str, Any] = {
    "total": Decimal(120),
    "limit": Decimal(100),
    "tier": "gold",
    "lines": [{"price": Decimal(number)} for number in range(8)],
    "customer": {"tier": None},
}

CASES: dict[str, tuple[str, list[tuple[str, bool | None, list[tuple[str, Any]]]]]] = {
    "it holds": ("total > limit", []),
    "one part": ("total <= limit", [("total <= limit", False, [("limit", Decimal(100)), ("total", Decimal(120))])]),
    "two of three": (
        'total < 100 and tier = "gold" and (limit > 200)',
        [("total < 100", False, [("total", Decimal(120))]), ("limit > 200", False, [("limit", Decimal(100))])],
    ),
    "parts in brackets": (
        'tier = "gold" and (total < 1 and limit < 1)',
        [("total < 1", False, [("total", Decimal(120))]), ("limit < 1", False, [("limit", Decimal(100))])],
    ),
    "an or is one part": (
        "total < 1 or limit < 1",
        [("total < 1 or limit < 1", False, [("limit", Decimal(100)), ("total", Decimal(120))])],
    ),
    "a value that is missing": ("customer.tier > tier", [
        ("customer.tier > tier", None, [("customer.tier", None), ("tier", "gold")])
    ]),
    "the first of many values": (
        "every l in lines satisfies l.price > 3",
        [("every l in lines satisfies l.price > 3", False,
          [("lines.price", [Decimal(number) for number in range(5)])])],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), CASES.values(), ids=CASES)
def test_the_parts_that_fail_are_told_with_what_they_saw(text: str, expected: list[Any]) -> None:
    found = failing(formula(text), NAMES, MOMENT)
    told = [
        (condition.text, condition.holds, [(".".join(seen.path), seen.value) for seen in condition.seen])
        for condition in found
    ]
    assert told == expected


def test_what_the_reader_may_not_see_is_not_told() -> None:
    (condition,) = failing(formula("total <= limit"), NAMES, MOMENT, lambda path: path != ("limit",))
    assert [(seen.path, seen.value, seen.is_hidden) for seen in condition.seen] == [
        (("limit",), None, True),
        (("total",), Decimal(120), False),
    ]
    assert condition.missing == ()


def test_a_missing_value_is_named() -> None:
    (condition,) = failing(formula("customer.tier = tier and total > limit"), NAMES, MOMENT)
    assert condition.missing == (("customer", "tier"),)


ATOMS = st.sampled_from(["total > limit", "total < 100", 'tier = "gold"', "customer.tier != null", "limit in [1..100]"])
VALUES = st.fixed_dictionaries(
    {
        "total": st.one_of(st.none(), st.integers(0, 200).map(Decimal)),
        "limit": st.one_of(st.none(), st.integers(0, 200).map(Decimal)),
        "tier": st.sampled_from([None, "gold", "new"]),
        "customer": st.sampled_from([None, {"tier": None}, {"tier": "gold"}]),
    }
)


@given(st.lists(ATOMS, min_size=1, max_size=4), VALUES)
def test_an_explanation_never_disagrees_with_the_decision(atoms: list[str], names: dict[str, Any]) -> None:
    guard = formula(" and ".join(atoms))
    holds = guard.evaluate(names, MOMENT) is True
    assert (failing(guard, names, MOMENT) == ()) is holds
