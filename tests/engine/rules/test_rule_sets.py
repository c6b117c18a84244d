"""The rules of a form at a decision point."""

from __future__ import annotations

import gc
import weakref
from dataclasses import replace
from decimal import Decimal

import pytest
from tests.engine.rules.made_rules import MOMENT, rule

from blankett.engine.language.loader import read_blueprint
from blankett.engine.language.model import SAVE, DecisionPoint, Form, Rule
from blankett.engine.rules import Fired, rule_set

ORDERS = """
blueprint: orders
language: 1
languages: [en]
title: Orders
forms:
  order:
    title: Order
    fields:
      total: {type: number}
"""


@pytest.fixture
def form() -> Form:
    """Return a form with four rules, at three decision points."""
    submit, completed = DecisionPoint("request", "submit"), DecisionPoint("completed", "submit")
    rules: list[Rule] = [
        replace(rule("low", "total > 1"), at=(SAVE, submit)),
        replace(rule("high", "total > 2", priority=5), at=(SAVE,)),
        replace(rule("also_low", "total > 1"), at=(SAVE,)),
        replace(rule("counted", "facts.complaints > 2", 'facts.last = @"2026-01-01"'), at=(completed,)),
    ]
    blueprint = read_blueprint(ORDERS)
    return replace(blueprint.forms["order"], rules={each.key: each for each in rules})


def test_a_set_holds_the_rules_of_its_point_in_order_of_priority(form: Form) -> None:
    names = {"total": Decimal(3)}
    assert rule_set(form, SAVE).fired(names, MOMENT).keys == ("high", "low", "also_low")
    assert rule_set(form, DecisionPoint("request", "submit")).fired(names, MOMENT).keys == ("low",)
    assert rule_set(form, DecisionPoint("request", "cancel")).fired(names, MOMENT) == Fired((), "python")


def test_a_set_says_which_facts_it_reads(form: Form) -> None:
    assert rule_set(form, DecisionPoint("completed", "submit")).facts == {"complaints", "last"}
    assert rule_set(form, SAVE).facts == frozenset()


def test_a_set_is_compiled_once_and_goes_with_its_form(form: Form) -> None:
    own = replace(form)
    assert rule_set(own, SAVE) is rule_set(own, SAVE)
    assert rule_set(own, SAVE) is not rule_set(form, SAVE)
    kept = weakref.ref(rule_set(own, SAVE))
    del own
    gc.collect()
    assert kept() is None
