"""Formulas that try to escape, to run long or to grow: each ends quickly with a value, null or a refusal."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal as D
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blankett.engine import feel

MOMENT = feel.Moment(datetime(2026, 3, 1, tzinfo=UTC), ZoneInfo("UTC"))
NAMES: dict[str, Any] = {
    "text": "abc",
    "number": D(3),
    "items": [D(1), D(2), None],
    "lines": [{"a": D(1)}, {"a": None}],
    "customer": feel.Reference("c1", "ACME", {"name": "ACME"}),
    "day": datetime(2026, 3, 1, tzinfo=UTC).date(),
    "nothing": None,
}
SCOPE = feel.Scope({name: feel.Any() for name in NAMES})


def evaluated(formula: str) -> Any:
    return feel.compile(feel.parse_expression(formula), SCOPE).evaluate(NAMES, MOMENT)


ESCAPES = [
    'text.__class__',
    '"".__class__.__mro__',
    'number.__init__.__globals__',
    'customer.fields',
    'customer.id',
    'items.append',
    '{a: 1}.keys',
    'lines.__len__',
    '(function(x) x).call',
    '(function(x) x).__code__',
    'day.today',
    'today().max',
    'get value({a: 1}, "__class__")',
    '[1..2].low',
    'duration("P1D").resolution',
]  # fmt: skip


@pytest.mark.parametrize("formula", ESCAPES)
def test_nothing_of_python_is_within_reach(formula: str) -> None:
    value = evaluated(formula)
    assert value is None or value in ([None, None], [None, None, None])


@pytest.mark.parametrize("name", ["__import__", "eval", "exec", "open", "getattr", "globals", "self", "frame"])
def test_python_names_are_not_known(name: str) -> None:
    codes = [finding.code for finding in feel.check(feel.parse_expression(f"{name}(text)"), SCOPE).findings]
    assert (codes, evaluated(f"{name}(text)")) == (["feel.unknown_function"], None)


TOO_DEEP = [
    "(" * 5000,
    "(" * 200 + "1" + ")" * 200,
    "[" * 3000,
    "{a:" * 2000,
    "not(" * 2000 + "true" + ")" * 2000,
    "-" * 5000 + "1",
    "1" + "+1" * 2000,
    "a" + ".a" * 2000,
    "items" + "[1]" * 2000,
    "f" + "()" * 2000,
    "if a then " * 500 + "1",
    "for a in " * 500 + "1",
    "1 in " * 1000 + "1",
    "function() " * 500 + "1",
    "a instance of " + "list<" * 1500,
    "x" * 10_001,
]


@pytest.mark.parametrize("formula", TOO_DEEP, ids=[formula[:12] for formula in TOO_DEEP])
def test_formula_that_is_too_much_to_read_is_refused(formula: str) -> None:
    with pytest.raises(feel.FeelSyntaxError):
        feel.parse_expression(formula)


def test_a_long_chain_of_conditions_is_not_deep() -> None:
    assert evaluated(" and ".join(["number = 3"] * 600)) is True


STOPPED = {
    "nested loops": "for a in 1..100000, b in 1..100000 return a",
    "nested quantifiers": "every a in 1..1000 satisfies every b in 1..1000 satisfies a + b > 0",
    "a loop without end": "for a in 1..1e30 return a",
    "endless recursion": "{f: function(n) f(n + 1)}.f(1)",
    "recursion that branches": "{f: function(n) f(n + 1) + f(n + 2)}.f(1)",
    "a text that doubles": '{f: function(n, t) if n = 0 then t else f(n - 1, t + t)}.f(30, "abc")',
    "a list that doubles": "{f: function(n, t) if n = 0 then t else f(n - 1, concatenate(t, t))}.f(30, [1])",
    "a list of lists that doubles": "{f: function(n, t) if n = 0 then t else f(n - 1, [t, t])}.f(30, [1])",
    "comparing such lists": "{f: function(n, t) if n = 0 then t else f(n - 1, [t, t]),"
    " a: f(28, [1]), b: f(28, [1]), c: a = b}.c",
    "flattening it": "flatten({f: function(n, t) if n = 0 then t else f(n - 1, [t, t])}.f(30, []))",
    "writing it": "string({f: function(n, t) if n = 0 then t else f(n - 1, [t, t])}.f(30, []))",
    "reading through it": "count({f: function(n, t) if n = 0 then t else f(n - 1, [t, t])}.f(30, {x: 1}).x)",
    "testing its type": "{f: function(n, t) if n = 0 then t else f(n - 1, [t, t])}.f(30, [1]) instance of "
    + "list<" * 31 + "number" + ">" * 31,
    "replacing everywhere": 'replace(string join(for a in 1..50000 return "a", ""), "a", "' + "b" * 100 + '")',
    "joining long texts": 'string join(for a in 1..90000 return "' + "b" * 100 + '", "")',
    "copying a long list often": "for a in 1..90000 return count(append(for b in 1..90000 return b, a))",
    "sorting by a function": "sort(for a in 1..90000 return a, function(a, b) a > b)",
    "different values": "distinct values(for a in 1..90000 return a)",
    "a list in its own loop": "for a in 1..90000 return partial",
}  # fmt: skip


def work_of(formula: str) -> float:
    """Return how long the processor works on *formula*, however busy the machine is."""
    began = time.thread_time()
    with suppress(feel.BudgetExceeded):
        evaluated(formula)
    return time.thread_time() - began


@pytest.fixture(scope="module")
def whole_budget() -> float:
    """How long the processor works on the plainest formula that uses up its budget."""
    return min(work_of(STOPPED["nested loops"]) for _ in range(3))


@pytest.mark.parametrize("formula", STOPPED.values(), ids=STOPPED.keys())
def test_formula_that_runs_or_grows_without_end_is_stopped(formula: str, whole_budget: float) -> None:
    with pytest.raises(feel.BudgetExceeded):
        evaluated(formula)
    assert work_of(formula) < 100 * whole_budget


QUICK = [
    ("10 ** 999999999", None),
    ("10 ** -999999999", D(0)),
    ("exp(1e10)", None),
    ("decimal(1.5, 1e9)", None),
    ("round up(1.5, 6176)", D("1.5")),
    ("1e6000 * 1e6000", None),
    ('duration("P99999999999999999999D")', None),
    ('day + duration("P999999999Y")', None),
    ('day + duration("P999999999D")', None),
    ("substring(text, 1e6000)", None),
    ("items[1e6000]", None),
    ("sublist(items, 1, 1e6000)", None),
    ("insert before(items, -1e6000, 1)", None),
    ("partition(items, 1e6000)", [[D(1), D(2), None]]),
    ("modulo(1e6000, 3)", D(1)),
    ("odd(1e6000)", False),
    ("even(1e34 + 1)", True),
    ("date(1e6000, 1, 1)", None),
    ("time(1e6000, 1, 1)", None),
    ('time(1, 1, 1, duration("P999D"))', None),
    ('matches("' + "a" * 5000 + '!", "^(a+)+$")', False),
    ('matches(text, "' + "(a{1,1000}){1,1000}" + '")', None),
    ('replace(text, "", "x")', None),
    ('split(text, "(a|aa)+$")', ["abc"]),
    ('number("' + "9" * 5000 + '")', D("1e5000")),
    ('string(1e-6000) = "x"', False),
    ('duration("P1Y") * 1e6000', None),
    ('@"P1D" / 1e-6000', None),
]


@pytest.mark.parametrize(("formula", "expected"), QUICK, ids=[case[0][:40] for case in QUICK])
def test_extreme_numbers_and_patterns_are_answered_quickly(formula: str, expected: Any, whole_budget: float) -> None:
    assert evaluated(formula) == expected
    assert work_of(formula) < 10 * whole_budget


# ---- by chance ----


def read(reader: Callable[[str], Any], text: str) -> Any:
    """Return what *reader* makes of *text*, or its error."""
    try:
        return reader(text)
    except feel.FeelSyntaxError as error:
        return error


WORDS = st.sampled_from(
    'text number items lines customer day nothing l item partial ( ) [ ] { } , : . .. + - * / ** = != < <= > >= and or '
    'not if then else for some every in return satisfies between instance of function true false null list<number> '
    '1 0 2.5 -1 1e99 "a" "" @"P1D" @"P1Y" @"2026-03-01" @"10:00:00" @"2026-03-01T10:00:00Z" ? total( sum( string( '
    'date( duration( date and time( sort( min( matches( replace( substring( concatenate( range( before( context('
    .split(" ")
)  # fmt: skip


@given(st.lists(WORDS, max_size=14).map(" ".join))
def test_any_words_give_a_value_or_a_placed_error(formula: str) -> None:
    expression = read(feel.parse_expression, formula)
    if isinstance(expression, feel.FeelSyntaxError):
        assert 0 <= expression.start <= expression.end <= len(formula)
        return
    for finding in feel.check(expression, SCOPE).findings:
        assert 0 <= finding.start <= finding.end <= len(formula)
    feel.compile(expression, SCOPE).evaluate(NAMES, MOMENT)


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    for reader in (feel.parse_expression, feel.parse_unary_tests, feel.parse_template):
        found = read(reader, text)
        if isinstance(found, feel.FeelSyntaxError):
            assert 0 <= found.start <= found.end <= len(text)


ATOMS = st.sampled_from(
    ["text", "number", "items", "lines", "customer", "day", "nothing", "1", "0", "-2.5", '"a"', "null", "true", "[]",
     '@"P1D"', '@"-P1Y2M"', '@"2026-02-28"', '@"2026-03-01T10:00:00@Europe/Paris"', '@"10:00:00+02:00"', "[1..3]",
     "(> 2)", "{a: 1}", "(function(x) x)", "[1, null, 3]", '["a", "b"]', "1e6000", '"[a-z]+"', '@"10:00:00"']
)  # fmt: skip
FUNCTION_NAMES = st.sampled_from(sorted(feel.BUILTINS))
SIGNS = st.sampled_from(["+", "-", "*", "/", "**", "=", "!=", "<", ">=", "and", "or", "in"])
FORMULAS = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.tuples(inner, SIGNS, inner).map(lambda parts: f"({' '.join(parts)})"),
        st.tuples(FUNCTION_NAMES, st.lists(inner, max_size=4)).map(lambda call: f"{call[0]}({', '.join(call[1])})"),
        st.tuples(inner, inner).map(lambda parts: f"{parts[0]}[{parts[1]}]"),
        st.tuples(inner, inner).map(lambda parts: f"(for item in {parts[0]} return {parts[1]})"),
        st.tuples(inner, inner, inner).map(lambda parts: f"(if {parts[0]} then {parts[1]} else {parts[2]})"),
        st.tuples(inner, inner, inner).map(lambda parts: f"({parts[0]} between {parts[1]} and {parts[2]})"),
        inner.map(lambda part: f"(-{part})"),
        inner.map(lambda part: f"({part}).a"),
    ),
    max_leaves=6,
)


@given(FORMULAS)
def test_any_formula_gives_a_value_or_a_refusal(formula: str) -> None:
    expression = feel.parse_expression(formula)
    feel.check(expression, SCOPE)
    with suppress(feel.BudgetExceeded):
        feel.compile(expression, SCOPE).evaluate(NAMES, MOMENT)
