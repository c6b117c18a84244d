"""Formulas that can never have an answer, and sums that an empty cell leaves without one, are told."""

from __future__ import annotations

import pytest

from blankett.engine.checks import check_blueprint

SHOP = """
blueprint: shop
language: 1
title: Shop
forms:
  order:
    currency: EUR
    fields:
      t: {{type: text, required: yes}}
      n: {{type: number, required: yes}}
      m: {{type: money, required: yes}}
      p: {{type: percent, required: yes, min: 0, max: 50}}
      d: {{type: date, required: yes}}
      at: {{type: datetime, required: yes}}
      r: {{type: rating, required: yes}}
      cs: {{type: choices, options: [a, b], required: yes}}
      lines:
        type: table
        fields:
          qty: {{type: number}}
          must: {{type: number, required: yes}}
      x: {{type: {type}, compute: '{formula}'}}
    grants: [{{who: everyone, may: all}}]
"""
TOLD = [
    ("yes_no", 'matches(t, "[")', "BL322"),
    ("text", 'replace(t, "(", "x")', "BL322"),
    ("number", "n / 0", "BL322"),
    ("number", "modulo(n, 0)", "BL322"),
    ("number", "lines[0].must", "BL322"),
    ("text", "substring(t, 0, 2)", "BL322"),
    ("yes_no", 'upper case(t) = "abc"', "BL322"),
    ("yes_no", '"ABC" != lower case(t)', "BL322"),
    ("yes_no", 'day of week(d) = "Montag"', "BL322"),
    ("number", "sqrt(-1) + n", "BL322"),
    ("number", 'number("abc")', "BL322"),
    ("date", "date(2026, 2, 30)", "BL322"),
    ("yes_no", 'at > @"2026-01-01T00:00:00"', "BL325"),
    ("yes_no", 'at in [now()..date and time("2027-01-01T00:00:00")]', "BL325"),
    ("duration", 'at - date and time(d, @"09:00:00")', "BL325"),
    ("yes_no", "r > 5", "BL409"),
    ("yes_no", 'list contains(cs, "z")', "BL322"),
    ("yes_no", "n > 5 and n < 3", "BL409"),
    ("yes_no", "p > 0.6", "BL409"),
    ("money", "m + p", "BL324"),
    ("number", "sum(lines.qty)", "BL323"),
    ("number", "max(lines.qty)", "BL323"),
    ("number", "mean(for l in lines return l.qty * 2)", "BL323"),
]
QUIET = [
    ("yes_no", 'matches(t, "[a-z]")'),
    ("number", "n / 2"),
    ("number", "lines[1].must"),
    ("number", "lines[-1].must"),
    ("text", "substring(t, 1, 2)"),
    ("yes_no", 'upper case(t) = "ABC"'),
    ("yes_no", 'day of week(d) = "Monday"'),
    ("yes_no", "n > 5 and n < 7"),
    ("money", "m * (1 + p)"),
    ("number", "total(lines.qty)"),
    ("number", "sum(lines.must)"),
    ("number", "sum(lines.qty[item != null])"),
    ("number", "count(lines.qty)"),
    ("yes_no", 'at > @"2026-01-01T00:00:00Z"'),
    ("yes_no", 'date and time(d, @"09:00:00@Europe/Oslo") < at'),
    ("yes_no", '@"2026-01-01T00:00:00" < @"2027-01-01T00:00:00"'),
    ("yes_no", "r > 4"),
    ("yes_no", 'list contains(cs, "a")'),
]


def told(type_: str, formula: str) -> list[str]:
    return [problem.id for problem in check_blueprint(SHOP.format(type=type_, formula=formula)).problems]


@pytest.mark.parametrize(("type_", "formula", "id"), TOLD, ids=[formula for _, formula, _ in TOLD])
def test_what_has_no_answer_is_told(type_: str, formula: str, id: str) -> None:
    assert told(type_, formula) == [id]


@pytest.mark.parametrize(("type_", "formula"), QUIET, ids=[formula for _, formula in QUIET])
def test_what_has_one_is_quiet(type_: str, formula: str) -> None:
    assert told(type_, formula) == []
