"""Traces: a condition as a tree with what each part saw, as JSON and back, and what of it a reader may see."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blankett.engine import feel
from blankett.engine.feel.values import NO_END, Range, Reference, YearsMonths
from blankett.engine.language.model import Formula, Place
from blankett.engine.trace import Several, Trace, plain, redacted, trace, trace_from_json, value_from
from blankett.engine.trace.traced_condition import kept

MOMENT = feel.Moment(datetime(2026, 3, 2, 9, tzinfo=UTC), ZoneInfo("UTC"))
NUMBER, TEXT, YES = feel.Number(nullable=True), feel.Text(nullable=True), feel.Boolean(nullable=True)
LINE = feel.Context({"price": NUMBER, "kind": TEXT})
SCOPE = feel.Scope(
    {
        "total": NUMBER,
        "limit": NUMBER,
        "tier": TEXT,
        "urgent": YES,
        "paid": YES,
        "lines": feel.ListOf(LINE),
        "customer": feel.Context({"tier": TEXT, "blocked": YES}, nullable=True),
    }
)
NAMES: dict[str, Any] = {
    "total": Decimal(120),
    "limit": Decimal(100),
    "tier": "silver",
    "urgent": False,
    "paid": None,
    "lines": [{"price": Decimal(number), "kind": "a"} for number in range(8)],
    "customer": {"tier": None, "blocked": True},
}


def formula(text: str) -> Formula:
    """Return a checked formula."""
    expression = feel.parse_expression(text)
    return Formula(text, Place(7, 3), feel.check(expression, SCOPE), expression, SCOPE)


def traced(text: str, names: dict[str, Any] = NAMES) -> Trace:
    """Return the trace of *text*."""
    return trace(formula(text), names, MOMENT)


def sketch(found: Trace) -> Any:
    """Return a trace in short: (test or operator, holds, operands' values or parts)."""
    if found.operator:
        parts = [sketch(part) for part in found.parts]
        return (found.operator, found.holds, parts)
    return (found.test, found.holds, [operand.value for operand in found.operands])


CASES: dict[str, tuple[str, Any]] = {
    "a comparison": ("total < 100", ("<", False, [Decimal(120), Decimal(100)])),
    "a constant first": ("100 > total", ("<", False, [Decimal(120), Decimal(100)])),
    "and and or": (
        'tier = "gold" and (urgent or total > limit)',
        ("and", False, [
            ("=", False, ["silver", "gold"]),
            ("or", True, [("true", False, [False]), (">", True, [Decimal(120), Decimal(100)])]),
        ]),
    ),
    "a value that is missing": ("customer.tier > tier", (">", None, [None, "silver"])),
    "not of a comparison": ("not(total >= 100)", ("<", False, [Decimal(120), Decimal(100)])),
    "not of an and": (
        "not(total > limit and urgent)",
        ("or", True, [("<=", False, [Decimal(120), Decimal(100)]), ("false", True, [False])]),
    ),
    "not twice": ("not(not(urgent))", ("true", False, [False])),
    "a yes": ("customer.blocked = false", ("false", False, [True])),
    "null": ("paid != null", ("not null", False, [None])),
    "not null": ("not(paid != null)", ("null", True, [None])),
    "between": ("total between 1 and 100", ("between", False, [Decimal(120), Decimal(1), Decimal(100)])),
    "in": ('tier in ("gold", "vip")', ("in", False, ["silver", "gold", "vip"])),
    "in a list": ('not(tier in ["gold", "silver"])', ("not in", False, ["silver", "gold", "silver"])),
    "in a range": ("total in [1..5]", ("in", False, [Decimal(120), Range(Decimal(1), Decimal(5))])),
    "in a test": ("total in (< 5)", ("in", False, [Decimal(120), Range(NO_END, Decimal(5), False, False)])),
    "a function": ('starts with(tier, "g")', ("true", False, [False])),
    "what is counted": ("count(lines) > 9", (">", False, [Decimal(8), Decimal(9)])),
    "every": (
        "every l in lines satisfies l.price < 6",
        ("every", False, [("<", False, [Decimal(6), Decimal(6)]), ("<", False, [Decimal(7), Decimal(6)])]),
    ),
    "some that holds": (
        "some l in lines satisfies l.price > 6",
        ("some", True, [(">", True, [Decimal(7), Decimal(6)])]),
    ),
    "no line is": (
        "not(some l in lines satisfies l.price > 6)",
        ("every", False, [("<=", False, [Decimal(7), Decimal(6)])]),
    ),
    "two loops": (
        "some l in lines, m in [7] satisfies l.price >= m",
        ("some", True, [("some", True, [(">=", True, [Decimal(7), Decimal(7)])])]),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), CASES.values(), ids=CASES)
def test_a_condition_is_traced_as_a_tree(text: str, expected: Any) -> None:
    assert sketch(traced(text)) == expected


def test_a_part_tells_its_text_place_and_paths() -> None:
    found = traced("urgent and every l in lines satisfies l.price > 0")
    assert (found.text, found.place.line, found.operator) == (
        "urgent and every l in lines satisfies l.price > 0",
        7,
        "and",
    )
    (part,) = found.parts[1].parts
    assert (part.number, part.text, part.operands[0].path, part.operands[0].reads) == (
        1,
        "l.price > 0",
        ("lines", "price"),
        (("lines", "price"),),
    )


def test_what_takes_too_long_is_said_so() -> None:
    found = traced("count(for a in 1..999999, b in 1..999999 return a) > total")
    assert (found.test, found.holds) == ("slow", None)


VALUES = [
    None, True, "text", Decimal("12.50"), date(2026, 3, 2), datetime(2026, 3, 2, 9, tzinfo=UTC), time(9, 30),
    timedelta(days=30, seconds=5), YearsMonths(14), Reference("01J"), Range(Decimal(1), NO_END, True, False),
    Several(3), ["a", Decimal(1)],
]  # fmt: skip


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_a_value_is_json_and_back(value: Any) -> None:
    assert value_from(json.loads(json.dumps(plain(value)))) == value


def test_a_value_is_kept_small() -> None:
    assert kept([Decimal(number) for number in range(9)]) == [Decimal(number) for number in range(5)]
    assert kept("x" * 1_000) == "x" * 200
    assert kept([{"secret": 1}, {"secret": 2}]) == Several(2)
    assert kept(Reference("c1", "ACME", {"secret": 1})).fields == {}


@pytest.mark.parametrize("raw", [{"number": "x"}, {"date": "yesterday"}, {"new kind": 1}, {"range": [1]}, 7, {}])
def test_a_value_of_a_later_version_is_null(raw: Any) -> None:
    assert value_from(raw) is None


@pytest.mark.parametrize("text", [text for text, _ in CASES.values()], ids=CASES)
def test_a_trace_is_json_and_back(text: str) -> None:
    found = traced(text)
    assert trace_from_json(json.loads(json.dumps(found.to_json()))) == trace_from_json(found.to_json())
    assert sketch(trace_from_json(found.to_json())) == sketch(found)


@pytest.mark.parametrize(
    "raw",
    [None, [], {}, {"parts": 3, "operands": [1], "test": "later", "at": "x", "seen": [{"path": 1}]}],
)
def test_a_trace_that_is_not_understood_says_nothing(raw: Any) -> None:
    found = trace_from_json(raw)
    assert (found.text, found.holds, found.test, found.operands, found.parts) == ("", None, "", (), ())


def test_what_the_reader_may_not_see_is_gone_text_and_all() -> None:
    found = redacted(
        traced('tier = "gold" and (urgent or total > limit)'),
        lambda path: path != ("limit",),
    )
    assert "limit" not in json.dumps(found.to_json())
    assert "120" not in json.dumps(found.to_json())
    assert sketch(found) == (
        "and",
        False,
        [("=", False, ["silver", "gold"]), ("or", True, [("true", False, [False]), ("", None, [])])],
    )
    assert found.parts[1].parts[1].is_hidden


def test_nothing_is_hidden_from_who_may_read_all() -> None:
    found = traced('tier = "gold" and every l in lines satisfies l.price > 3')
    assert redacted(found, lambda path: True) is found


def test_values_of_lines_are_redacted_by_their_columns() -> None:
    found = redacted(traced("every l in lines satisfies l.price > 3"), lambda path: path != ("lines", "price"))
    assert all(leaf.is_hidden for leaf in found.leaves())
    assert found.text == ""


# Never at odds with the evaluator -------------------------------------------------------------------------------------

ATOMS = st.sampled_from(
    ["total > limit", "total < 100", 'tier = "gold"', "customer.tier != null", "limit in [1..100]", "urgent",
     "paid = true", "every l in lines satisfies l.price > total", 'some l in lines satisfies l.kind = tier']
)  # fmt: skip
CONDITIONS = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: f"({' and '.join(parts)})"),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: f"({' or '.join(parts)})"),
        inner.map(lambda part: f"not({part})"),
    ),
    max_leaves=6,
)
NUMBERS = st.one_of(st.none(), st.integers(0, 200).map(Decimal))
TIERS = st.sampled_from([None, "gold", "new"])
RECORDS = st.fixed_dictionaries(
    {
        "total": NUMBERS,
        "limit": NUMBERS,
        "tier": TIERS,
        "urgent": st.sampled_from([None, True, False]),
        "paid": st.sampled_from([None, True, False]),
        "lines": st.lists(st.fixed_dictionaries({"price": NUMBERS, "kind": TIERS}), max_size=3),
        "customer": st.sampled_from([None, {"tier": None}, {"tier": "gold"}]),
    }
)


@settings(max_examples=200)
@given(CONDITIONS, RECORDS)
def test_a_trace_says_what_the_evaluator_says(text: str, names: dict[str, Any]) -> None:
    condition = formula(text)
    assert trace(condition, names, MOMENT).holds is condition.evaluate(names, MOMENT)
