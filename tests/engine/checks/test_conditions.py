"""Conditions that can never hold are found by reading them; others are left alone."""

from __future__ import annotations

import pytest

from blankett.engine import feel
from blankett.engine.checks.conditions import never_holds

NEVER = [
    "false",
    "null",
    "1 > 2",
    '"a" = "b"',
    "not(true)",
    "a > 10 and a < 5",
    "a >= 10 and a < 10",
    "a > 10 and a = 10",
    "a = 1 and a = 2",
    "a = 1 and a != 1",
    'a = "x" and b and a = "y"',
    "a = null and a > 1",
    "a = null and a != null",
    "a and not(a)",
    "a = true and not(a)",
    "10 < a and 5 > a",
    "a between 1 and 3 and a > 3",
    "a.b > 3 and a.b < 2",
    "a > 1 and false",
    "(a > 2 and a < 1) or false",
    'a > @"2026-01-02" and a < @"2026-01-01"',
    "a > 0.1 + 0.2 and a <= 0.3",
    "abs(-1) = 2",
]
MAY = [
    "true",
    "a",
    "a > 10 and a < 50",
    "a >= 10 and a <= 10",
    "a > 10 or a < 5",
    "a = 1 or a = 2",
    "a > 10 and b < 5",
    'a > 10 and a < "x"',
    "a = null or a > 1",
    "a != 1 and a != 2",
    'today() > @"2020-01-01"',
    "some x in [1, 2] satisfies x > a",
    "f(a) > 1 and f(a) < 0",
    "a in [1..2] and a > 5",
    "if a then false else true",
    "a > b and a < b",
]


@pytest.mark.parametrize("text", NEVER)
def test_a_condition_that_can_never_hold_is_found(text: str) -> None:
    assert never_holds(feel.parse_expression(text))


@pytest.mark.parametrize("text", MAY)
def test_a_condition_that_may_hold_or_cannot_be_judged_is_left_alone(text: str) -> None:
    assert not never_holds(feel.parse_expression(text))
