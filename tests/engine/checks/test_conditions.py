"""Conditions that can never hold are found by reading them; others are left alone."""

from __future__ import annotations

import pytest

from blankett.engine.analysis.value_origins import Origins
from blankett.engine.checks import check_blueprint
from blankett.engine.checks.conditions import never_holds

HEAD = """\
blueprint: shop
language: 1
title: Shop
forms:
  tier:
    life: reference
    fields:
      name: {type: text, required: yes}
      size: {type: number}
    grants:
      - {who: everyone, may: all}
  order:
    fields:
      a: {type: number}
      b: {type: number}
      n: {type: number, decimals: 0, min: 0, max: 9}
      large: {type: number, min: 0, compute: a * 2}
      flag: {type: yes_no}
      word: {type: text}
      day: {type: date}
      level: {type: choice, options: [low, high]}
      tier: {type: link, to: tier}
      lines:
        type: table
        fields:
          piece: {type: number}
    checks:
      it:
        that: %s
        message: No.
    states:
      draft: {start: yes}
      sent: {final: yes}
    actions:
      send: {from: draft, to: sent, by: everyone}
    grants:
      - {who: everyone, may: all}
tables:
  rank:
    in: {level: order.level}
    out: {rank: number}
    rows:
      - [low, 9]
      - [high, 2]
    default: 1
"""
NEVER = [
    "false",
    "1 > 2",
    '"a" = "b"',
    "not(true)",
    "a > 10 and a < 5",
    "a >= 10 and a < 10",
    "a > 10 and a = 10",
    "a = 1 and a = 2",
    "a = 1 and a != 1",
    'word = "x" and flag and word = "y"',
    "a = null and a > 1",
    "a = null and a != null",
    "flag and not(flag)",
    "flag = true and not(flag)",
    "10 < a and 5 > a",
    "a between 1 and 3 and a > 3",
    "a in [1..2] and a > 5",
    "tier.size > 3 and tier.size < 2",
    "a > 1 and false",
    "(a > 2 and a < 1) or false",
    'day > @"2026-01-02" and day < @"2026-01-01"',
    'day > @"2026-01-01" and day < @"2026-01-02"',
    "a > 0.1 + 0.2 and a <= 0.3",
    "abs(-1) = 2",
    "a > b and a < b",
    "a > b and b >= a",
    "not(a > b) and b < a",
    "not(a = b) and b = a",
    "a * 2 > 10 and a * 2 < 5",
    "count(lines) > 3 and count(lines) < 2",
    "(some l in lines satisfies l.piece > 3) and not(some l in lines satisfies l.piece > 3)",
    "n > 9",
    "n < 0",
    "n > 3 and n < 4",
    "not(n in [0..9]) and n != null",
    'level != "low" and level != "high" and level != null',
    'record.state = "draft" and record.state = "sent"',
    'flag and (level = "low" or a > 5) and not(flag)',
    'list contains(["low"], level) and level = "high"',
    'upper case(level) = "LOW" and level != "low"',
    "string length(level) > 4",
    "(if flag then 1 else 2) > 1 and flag",
    'rank(level) > 5 and level = "high"',
    "rank(level) = 3",
]
MAY = [
    "true",
    "flag",
    "a > 10 and a < 50",
    "a >= 10 and a <= 10",
    "a > 10 or a < 5",
    "a = 1 or a = 2",
    "a > 10 and b < 5",
    "a = null or a > 1",
    "a != 1 and a != 2",
    "not(a > 5) and not(a < 1)",
    'today() > @"2020-01-01"',
    "some x in [1, 2] satisfies x > a",
    "if flag then false else true",
    "a > b and a < b + 10",
    "not(a > b) and not(a < b)",
    "large < 0",
    "n > 3 and n < 5",
    'list contains(["low"], level) and level = "low"',
    "string length(level) > 3",
    "rank(level) = 9",
    'rank(level) > 5 and level = "low"',
    "n = null",
    "level = null",
    "now() > record.created_at and now() < record.changed_at",
    "(some l in lines satisfies l.piece > 3) and not(some l in lines satisfies l.piece > 4)",
]


@pytest.mark.parametrize("text", NEVER)
def test_a_condition_that_can_never_hold_is_found(text: str) -> None:
    assert found_never(text)


@pytest.mark.parametrize("text", MAY)
def test_a_condition_that_may_hold_or_cannot_be_judged_is_left_alone(text: str) -> None:
    assert not found_never(text)


def found_never(text: str) -> bool:
    """Tell whether the condition of a check is found never to hold."""
    loaded = check_blueprint(HEAD % f"'{text}'")
    assert loaded.partial is not None
    form = loaded.partial.forms["order"]
    assert not form.checks["it"].that.checked.errors
    origins = Origins(form, {each.name: each for each in loaded.partial.forms.values()})
    assert never_holds(form.checks["it"].that, origins) == any(
        problem.name == "never_holds" for problem in loaded.problems
    )
    return never_holds(form.checks["it"].that, origins)


def test_a_column_is_no_field_of_the_same_name() -> None:
    text = (HEAD % "'true'").replace("piece: {type: number}", "n: {type: number, check: {that: n > 9}}")
    assert "never_holds" not in [problem.name for problem in check_blueprint(text).problems]
    text = text.replace("n: {type: number, check", "n: {type: number, max: 5, check")
    assert "never_holds" in [problem.name for problem in check_blueprint(text).problems]


def test_this_is_no_record_of_the_form_that_is_picked() -> None:
    fact = "    facts:\n      many: {count: tier, where: this.a > 9 and name != null}\n"
    rule = "    rules:\n      it: {at: save, when: facts.many > 1, then: [{warn: Hm.}]}\n"
    text = (HEAD % "'true'").replace("    checks:\n", f"{fact}{rule}    checks:\n")
    text = text.replace("name: {type: text, required: yes}", "name: {type: text}\n      a: {type: number, max: 5}")
    assert "never_holds" not in [problem.name for problem in check_blueprint(text).problems]
