"""Warnings that a value may be empty: told where it may, quiet where something known says that it is there."""

from __future__ import annotations

import pytest

from blankett.engine.checks import check_blueprint

SHOP = """
blueprint: shop
language: 1
title: Shop
roles: {{a: {{}}}}
forms:
  order:
    fields:
      n: {{type: number}}
      must: {{type: number, required: yes}}
      kind: {{type: choice, options: [a, b, c], required: yes}}
      two: {{type: choice, options: [x, y], required: yes}}
      urgent: {{type: yes_no, default: no}}
      of_a: {{type: number, visible: kind = "a", required: yes}}
      needed: {{type: number, required: kind = "a"}}
      of_ab: {{type: number, visible: 'kind in ("a", "b")', required: yes}}
      of_urgent: {{type: number, visible: urgent, required: yes}}
      of_large: {{type: number, visible: must > 10, required: yes}}
      of_x: {{type: number, visible: two != "y", required: yes}}
      shown: {{type: number, visible: kind = "a"}}
      kinds: {{type: choices, options: [None, small]}}
      of_none: {{type: number, visible: 'list contains(kinds, "None")', required: yes}}
      of_down: {{type: number, visible: 'count(for i in must..1 return i) > 2', required: yes}}
      both: {{type: number, visible: kind = "a" and urgent, required: must > 3}}
      fee: {{type: number, compute: fees(kind)}}
      part: {{type: number, compute: 'halves(n)'}}
      lines:
        type: table
        fields:
          what: {{type: choice, options: [a, b], required: yes}}
          price: {{type: number, visible: what = "a", required: yes}}
          kinds: {{type: choices, options: [None, small]}}
          of_none: {{type: number, visible: 'list contains(kinds, "None")', required: yes}}
          extra: {{type: number, visible: parent.urgent, required: yes}}
      {field}
    checks:
      c: {{that: '{that}', message: No.{when}}}
    grants: [{{who: everyone, may: all}}]
tables:
  fees: {{in: {{kind: order.kind}}, out: {{fee: number}}, rows: [[a, 1], ["b, c", 2]]}}
  halves: {{in: {{n: number}}, out: {{half: number}}, rows: [["< 5", 1], [">= 5", 2]]}}
"""


def warned(that: str = "true", when: str = "", field: str = "z: {type: text}") -> list[str]:
    """Return the names that are said to be empty, of a check or of a field's keys."""
    source = SHOP.format(that=that, when=f", when: '{when}'" if when else "", field=field)
    problems = [problem for problem in check_blueprint(source).problems if problem.id not in ("BL705", "BL409")]
    assert {problem.id for problem in problems} <= {"BL313"}, problems
    return [problem.message.split()[0] for problem in problems]


QUIET = [
    ("must > 1", ""),
    ("of_a > 1", 'kind = "a"'),
    ('kind != "a" or of_a > 1', ""),
    ('if kind = "a" then of_a > 1 else true', ""),
    ('kind = "a" and of_a > 1', ""),
    ('not(kind != "a") and of_a > 1', ""),
    ("needed > 1", 'kind = "a"'),
    ("of_ab > 1", 'kind = "b"'),
    ("of_ab > 1", 'kind in ("a", "b")'),
    ("of_ab > 1", 'kind = "a" or kind = "b"'),
    ("of_ab > 1", 'kind != "c"'),
    ("of_urgent > 1", "urgent"),
    ("of_urgent > 1", "urgent = true"),
    ("not(urgent) or of_urgent > 1", ""),
    ("of_large > 1", "must > 10"),
    ("of_large > 1", "must > 20"),
    ("of_large > 1", "10 < must"),
    ("of_x > 1", 'two = "x"'),
    ('two = "y" or of_x > 1', ""),
    ("both > 1", 'kind = "a" and urgent and must > 3'),
    ("fee > 1", ""),
    ("of_none > 1", 'list contains(kinds, "None")'),
    ("of_down > 1", "count(for i in must..1 return i) > 2"),
    ('every l in lines satisfies l.what != "a" or l.price > 1', ""),
]
TOLD = [
    ("n > 1", "", ["n"]),
    ("of_a > 1", "", ["of_a"]),
    ("of_a > 1", 'kind = "b"', ["of_a"]),
    ("of_ab > 1", 'kind != "a"', ["of_ab"]),
    ("of_large > 1", "must > 9", ["of_large"]),
    ("of_large > 1", "must >= 10", ["of_large"]),
    ("shown > 1", 'kind = "a"', ["shown"]),
    ("both > 1", 'kind = "a" and urgent', ["both"]),
    ("part > 1", "", ["part"]),
    ("of_none > 1", "list contains(kinds, null)", ["of_none"]),
    ("of_down > 1", "count(for i in [must..1] return i) > 2", ["of_down"]),
    ('every l in lines satisfies not(list contains(kinds, "None")) or l.of_none > 1', "", ["l.of_none"]),
    ("every l in lines satisfies l.price > 1", "", ["l.price"]),
    ('every l in lines satisfies kind != "a" or l.price > 1', "", ["l.price"]),
]


@pytest.mark.parametrize(("that", "when"), QUIET, ids=[f"{that} {when}".strip() for that, when in QUIET])
def test_what_must_be_there_is_not_said_to_be_empty(that: str, when: str) -> None:
    assert warned(that, when) == []


@pytest.mark.parametrize(("that", "when", "names"), TOLD, ids=[f"{that} {when}".strip() for that, when, _ in TOLD])
def test_what_may_be_empty_is_told(that: str, when: str, names: list[str]) -> None:
    assert warned(that, when) == names


@pytest.mark.parametrize(
    "field",
    [
        "z: {type: number, check: {that: z > 0, message: No.}}",
        'z: {type: number, visible: kind = "a", check: {that: z > of_a, message: No.}}',
        'z: {type: number, visible: kind = "a", required: of_a > 3}',
        "z: {type: number, visible: n != null, required: n > 3, editable: n < 10}",
    ],
)
def test_a_field_is_asked_and_checked_only_where_it_is_shown_and_filled_in(field: str) -> None:
    assert warned(field=field) == []


def test_a_column_is_checked_only_where_it_is_shown_and_filled_in() -> None:
    column = (
        "z: {type: table, fields: {n: {type: number, visible: parent.urgent, check: {that: n > parent.of_urgent}}}}"
    )
    assert warned(field=column) == []
