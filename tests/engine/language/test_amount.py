"""Which field a record is about: named, or the only one there is."""

from __future__ import annotations

import pytest

from blankett.engine.language.diff import diff
from blankett.engine.language.loader import load_blueprint, read_blueprint
from blankett.engine.publish.impact import is_same_process

FORM = """
blueprint: travel
language: 1
title: Travel
forms:
  trip:
    currency: EUR
    {key}
    fields:
      subject: {{type: text}}
      fare: {{type: money}}
      {more}
    grants: [{{who: everyone, may: all}}]
"""


def problems(key: str, more: str = "") -> list[str]:
    return [problem.line("t.yaml") for problem in load_blueprint(FORM.format(key=key, more=more)).problems]


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("amount: fair", "t.yaml:8:13 BL203 there is no field 'fair' in 'trip'. Did you mean 'fare'?"),
        ("amount: subject", "t.yaml:8:13 BL212 'subject' must be a field of money or a number."),
    ],
    ids=["unknown", "no amount"],
)
def test_an_amount_must_be_a_field_that_can_be_one(key: str, said: str) -> None:
    assert problems(key) == [said]


def test_naming_another_amount_is_told_but_moves_no_record() -> None:
    more = "hotel: {type: money}"
    one, other = (read_blueprint(FORM.format(key=f"amount: {name}", more=more)) for name in ("fare", "hotel"))
    assert is_same_process(one.forms["trip"], other.forms["trip"])
    assert [(change.aspect, change.old, change.new) for change in diff(one, other)] == [("amount", "fare", "hotel")]


def test_a_reference_record_is_about_no_amount_unless_it_says_so() -> None:
    form = read_blueprint(FORM.format(key="life: reference", more="")).forms["trip"]
    assert form.amount_field is None
