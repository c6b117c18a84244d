"""What a condition needs: nothing when it holds; meeting all of it enables, failing any of it disables."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from blankett.engine import feel
from blankett.engine.language.model import Formula, Place
from blankett.engine.trace import Need, needs_of, readable, trace

from .test_traces import MOMENT, NAMES, formula

# Shapes ---------------------------------------------------------------------------------------------------------------


def sketch(need: Need) -> Any:
    """Return a need in short: its text, or its ways."""
    if need.ways:
        return [[sketch(each) for each in way] for way in need.ways]
    return need.trace.text


SHAPES: dict[str, tuple[str, Any]] = {
    "it holds": ("total > limit", []),
    "one part": ("total <= limit", ["total <= limit"]),
    "only what fails": ('total < 100 and tier = "silver" and (limit > 200)', ["total < 100", "limit > 200"]),
    "a choice": ("total < 1 or limit < 1", [[["total < 1"], ["limit < 1"]]]),
    "a choice that is made": ("urgent or total > limit", []),
    "of a way only what fails": (
        '(tier = "silver" and total < 1) or urgent',
        [[["total < 1"], ["urgent"]]],
    ),
    "a choice in a choice": ("total < 1 or (urgent or limit < 1)", [[["total < 1"], ["urgent"], ["limit < 1"]]]),
    "not of an or": ("not(total > 100 or limit > 200)", ["not(total > 100)"]),
    "what is missing": ("paid and urgent", ["paid", "urgent"]),
    "lines": ("every l in lines satisfies l.price < 6", ["every l in lines satisfies l.price < 6"]),
}


@pytest.mark.parametrize(("text", "expected"), SHAPES.values(), ids=SHAPES)
def test_a_condition_needs_what_fails_and_nothing_else(text: str, expected: Any) -> None:
    assert [sketch(need) for need in needs_of(trace(formula(text), NAMES, MOMENT))] == expected


def test_a_need_that_may_not_be_seen_stays_a_need() -> None:
    found = trace(formula("total <= limit and urgent"), NAMES, MOMENT)
    needs = [readable(need, lambda path: path != ("limit",)) for need in needs_of(found)]
    assert [(need.trace.is_hidden, need.trace.text) for need in needs] == [(True, ""), (False, "urgent")]


# The promise ----------------------------------------------------------------------------------------------------------
# Every test of the generated conditions reads a value of its own, so that each can be met and failed alone; `place`
# says which. Conditions that share values are held to what still can be promised.

SLOTS = 8
KINDS = {
    "flag": feel.Boolean(nullable=True),
    "number": feel.Number(nullable=True),
    "word": feel.Text(nullable=True),
    "items": feel.ListOf(feel.Context({"price": feel.Number(nullable=True)})),
}
SCOPE = feel.Scope({f"{kind}{slot}": type for kind, type in KINDS.items() for slot in range(SLOTS)})

#: Test of a value → (values that meet it, values that fail it).
TESTS: dict[str, tuple[list[Any], list[Any]]] = {
    "flag{0}": ([True], [False, None]),
    "flag{0} = false": ([False], [True, None]),
    "number{0} >= 10": ([Decimal(10), Decimal(11)], [Decimal(9), None]),
    "10 > number{0}": ([Decimal(9)], [Decimal(10), None]),
    "number{0} between 1 and 5": ([Decimal(1), Decimal(5)], [Decimal(0), Decimal(6), None]),
    "number{0} in (1, [7..9], > 20)": ([Decimal(1), Decimal(8), Decimal(21)], [Decimal(2), None]),
    "number{0} = null": ([None], [Decimal(1)]),
    "number{0} != null": ([Decimal(1)], [None]),
    'word{0} = "gold"': (["gold"], ["silver", None]),
    'word{0} != "gold"': (["silver", None], ["gold"]),
    'word{0} in ["gold", "vip"]': (["gold", "vip"], ["silver", None]),
    'starts with(word{0}, "g")': (["gold"], ["silver", None]),
    "(every i in items{0} satisfies i.price > 0)": (
        [[], [{"price": Decimal(1)}]],
        [[{"price": Decimal(1)}, {"price": Decimal(0)}], [{"price": None}]],
    ),
    "(some i in items{0} satisfies i.price > 0)": ([[{"price": Decimal(1)}]], [[], [{"price": Decimal(0)}]]),
    "count(items{0}) > 1": ([[{"price": None}] * 2], [[], [{"price": None}]]),
}


@st.composite
def guards(draw: st.DrawFn) -> str:
    """Return a condition of and, or and not over tests that each read a value of their own."""
    slots = draw(st.permutations(range(SLOTS)))
    count = draw(st.integers(1, 6))
    parts = [draw(st.sampled_from(sorted(TESTS))).format(slot) for slot in slots[:count]]
    while len(parts) > 1:
        taken = draw(st.integers(2, min(3, len(parts))))
        joined = f" {draw(st.sampled_from(['and', 'or']))} ".join(parts[:taken])
        inner = f"not({joined})" if draw(st.booleans()) else f"({joined})"
        parts = [*parts[taken:], inner]
    return parts[0]


@st.composite
def records(draw: st.DrawFn) -> dict[str, Any]:
    """Return a record: a value for every name, empty ones too."""
    choices = {
        "flag": [True, False, None],
        "number": [None, *map(Decimal, (0, 1, 3, 8, 9, 10, 21))],
        "word": [None, "gold", "silver", "vip"],
        "items": [[], [{"price": Decimal(1)}], [{"price": None}, {"price": Decimal(0)}]],
    }
    return {f"{kind}{slot}": draw(st.sampled_from(values)) for kind, values in choices.items() for slot in range(SLOTS)}


def guard(text: str) -> Formula:
    """Return *text* as a checked formula."""
    expression = feel.parse_expression(text)
    return Formula(text, Place(1, 1), feel.check(expression, SCOPE), expression, SCOPE)


def name_in(need: Need) -> str:
    """Return the one name a test reads."""
    (name,) = {path[0] for seen in need.trace.seen for path in [seen.path]}
    return name


def values_for(need: Need, *, met: bool) -> list[Any]:
    """Return the values with which the test of a need holds, or does not."""
    name, found = name_in(need), []
    slot = name[-1]
    candidates = [value for kind in (True, False) for pair in TESTS.values() for value in pair[not kind]]
    text = guard(need.trace.text)
    for value in candidates:
        fits = type(value) in _TYPES[name.removesuffix(slot)]
        if fits and (text.evaluate({name: value}, MOMENT) is True) is met:
            found.append(value)
    return found


_TYPES: dict[str, set[type]] = {
    "flag": {bool, type(None)},
    "number": {Decimal, type(None)},
    "word": {str, type(None)},
    "items": {list},
}


def settled(need: Need, record: dict[str, Any], data: st.DataObject, *, met: bool) -> dict[str, Any]:
    """Return *record* with *need* met (a choice by one of its ways) or failed (all of its ways)."""
    if not need.ways:
        return {**record, name_in(need): data.draw(st.sampled_from(values_for(need, met=met)))}
    if met:
        for each in data.draw(st.sampled_from(need.ways)):
            record = settled(each, record, data, met=True)
        return record
    for way in need.ways:
        record = settled(data.draw(st.sampled_from(way)), record, data, met=False)
    return record


@settings(max_examples=150, deadline=None)
@given(guards(), records(), st.data())
def test_meeting_the_needs_enables_and_failing_any_single_one_disables_again(
    text: str, record: dict[str, Any], data: st.DataObject
) -> None:
    condition = guard(text)
    needs = needs_of(trace(condition, record, MOMENT))
    holds = condition.evaluate(record, MOMENT) is True
    assert (needs == ()) is holds
    enabled = record
    for need in needs:
        enabled = settled(need, enabled, data, met=True)
    assert condition.evaluate(enabled, MOMENT) is True
    for need in needs:
        assert condition.evaluate(settled(need, enabled, data, met=False), MOMENT) is not True


@settings(max_examples=150, deadline=None)
@given(guards(), records(), records())
def test_a_record_that_fails_a_need_is_refused_whatever_else_it_holds(
    text: str, record: dict[str, Any], other: dict[str, Any]
) -> None:
    condition = guard(text)
    needs = needs_of(trace(condition, record, MOMENT))
    assume(needs)
    if condition.evaluate(other, MOMENT) is True:
        assert all(is_met(need, other) for need in needs)


def is_met(need: Need, record: dict[str, Any]) -> bool:
    """Tell whether a record meets a need."""
    if need.ways:
        return any(all(is_met(each, record) for each in way) for way in need.ways)
    return guard(need.trace.text).evaluate(record, MOMENT) is True
