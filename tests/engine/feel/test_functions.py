"""The built-in functions, by what they answer: (formula, value as the language writes it)."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal as D
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.departments import directory_of

from blankett.engine import calendar, feel
from blankett.engine.feel.builtins.conversion import text_of

OFFICE = calendar.Calendar(
    calendar.CalendarDefinition(
        "Europe/Copenhagen",
        (calendar.Week(((calendar.Span(480, 960),),) * 3 + ((), (calendar.Span(480, 720),), (), ())),),
    )
)
NIGHTS = calendar.Calendar(
    calendar.CalendarDefinition("Europe/Copenhagen", (calendar.Week(((calendar.Span(1320, 1800),),) * 7),))
)
CALENDARS = {"office": OFFICE, "nights": NIGHTS}
#: management above sales (which ada heads) above north; bo is in north, and may decide for 100.
DIRECTORY = directory_of(
    ("management", None, "dora"),
    ("sales", "management", "ada"),
    ("north", "sales", None),
    posts=(("buyer", "north", "bo", 100), ("vacancy", "sales", None, 900), ("director", "management", "dora", 9000)),
    members=(("bo", "north"), ("ada", "sales")),
)
MOMENT = feel.Moment(
    datetime(2026, 3, 1, 23, 30, tzinfo=UTC),
    ZoneInfo("Europe/Copenhagen"),
    lambda source, target, day: D("7.46") if (source, target) == ("EUR", "DKK") else None,
    CALENDARS.get,
    lambda: DIRECTORY,
    lambda id: feel.Reference(id, id, {"id": id}),
)
SCOPE = feel.Scope(
    {
        "price": feel.Number("EUR"),
        "other": feel.Number("USD"),
        "list": feel.ListOf(feel.Any()),
        **{name: feel.RecordType("user", nullable=True) for name in ("bo", "ada", "nobody")},
    },
    forms=lambda name: feel.Context({"department": feel.RecordType("department", nullable=True)}),
    calendars=["office"],
)
NAMES = {
    "price": D(100),
    "other": D(5),
    "list": [D(1), None, "a"],
    "bo": feel.Reference("bo"),
    "ada": feel.Reference("ada"),
    "nobody": None,
}

CASES = [
    ("abs(-5)", "5"), ('abs(@"-P1D")', '@"P1D"'), ('abs(@"-P14M")', '@"P1Y2M"'),
    ("floor(-1.5)", "-2"), ("floor(1.57, 1)", "1.5"), ("ceiling(1.5)", "2"), ("decimal(2.5, 0)", "2"),
    ("decimal(1.115, 2)", "1.12"), ("round up(1.121, 2)", "1.13"), ("round down(-1.129, 2)", "-1.12"),
    ("round half up(2.5, 0)", "3"), ("round half down(2.5, 0)", "2"), ("round up(1234, -2)", "1300"),
    ("modulo(-12, 5)", "3"), ("modulo(12, -5)", "-3"), ("modulo(10.1, 4.5)", "1.1"), ("modulo(1, 0)", "null"),
    ("sqrt(16)", "4"), ("sqrt(-1)", "null"), ("log(1)", "0"), ("log(0)", "null"), ("exp(0)", "1"),
    ("odd(3)", "true"), ("odd(3.5)", "null"), ("even(-2)", "true"),
    ("random number() < 1 and random number() >= 0", "true"),
    ('substring("foobar", 3)', '"obar"'), ('substring("foobar", -2, 1)', '"a"'), ('substring("foobar", 0)', "null"),
    ('substring("🐎ab", 2)', '"ab"'), ('string length("🐎")', "1"), ('upper case("straße")', '"STRASSE"'),
    ('lower case("ÆØÅ")', '"æøå"'), ('substring before("a-b-c", "-")', '"a"'), ('substring before("abc", "x")', '""'),
    ('substring after("a-b-c", "-")', '"b-c"'), ('contains("abc", "b")', "true"),
    ('starts with("abc", "ab")', "true"),
    ('ends with("abc", "bc")', "true"), ('matches("SO-2026-00001", "^SO-\\d{4}-\\d+$")', "true"),
    ('matches("b", "[a-z-[aeiou]]")', "true"), ('matches("e", "[a-z-[aeiou]]")', "false"),
    ('matches("é", "\\p{IsLatin-1Supplement}")', "true"), ('matches("a", "[")', "null"),
    ('matches("A", "a", "i")', "true"),
    ('replace("abcd", "(ab)|(a)", "[1=$1][2=$2]")', '"[1=ab][2=]cd"'), ('replace("a.b", ".", "-", "q")', '"a-b"'),
    ('replace("abc", "b", "$x")', "null"), ('split("a; b;c", ";\\s*")', '["a", "b", "c"]'),
    ('string join(["a", null, "b"], ", ")', '"a, b"'), ('trim("  a ")', '"a"'),
    ('extract("a1b22", "[0-9]+")', '["1", "22"]'),
    ("list contains([1, 2], 2)", "true"), ("count([1, null])", "2"), ("min(3, 1)", "1"), ('max(["b", "a"])', '"b"'),
    ("max([])", "null"), ("min(1, \"a\")", "null"), ("sum(1, 2)", "3"), ("sum([])", "null"), ("mean(1, 2, 6)", "3"),
    ("median(8, 2, 5, 3)", "4"), ("stddev(2, 4, 7, 5) > 2.08", "true"), ("mode(6, 3, 9, 6, 6, 3, 3)", "[3, 6]"),
    ("product(2, 3, 4)", "24"), ("all(true, null, false)", "false"), ("all([])", "true"), ("all(true, null)", "null"),
    ("any(false, null, true)", "true"), ("any([])", "false"), ("sublist([1, 2, 3], 2)", "[2, 3]"),
    ("sublist([1, 2, 3], -2, 1)", "[2]"), ("append([1], 2, 3)", "[1, 2, 3]"),
    ("concatenate([1], [2, 3])", "[1, 2, 3]"),
    ("insert before([1, 3], 2, 2)", "[1, 2, 3]"), ("remove([1, 2, 3], 2)", "[1, 3]"),
    ("list replace([2, 4, 7], 3, 6)", "[2, 4, 6]"), ("list replace([2, 4, 7], function(i, n) i < n, 5)", "[5, 5, 7]"),
    ("reverse([1, 2])", "[2, 1]"), ("index of([1, 2, 3, 2], 2)", "[2, 4]"), ("union([1, 2], [2, 3])", "[1, 2, 3]"),
    ("distinct values([1, 2, 1])", "[1, 2]"), ("flatten([[1, [2]], 3])", "[1, 2, 3]"),
    ("sort([3, 1, 2], function(x, y) x > y)", "[3, 2, 1]"), ("sort([3, 1, 2])", "[1, 2, 3]"),
    ("partition([1, 2, 3], 2)", "[[1, 2], [3]]"),
    ('get value({a: 1}, "a")', "1"), ('get value({a: {b: 2}}, ["a", "b"])', "2"),
    ('get entries({a: 1})', '[{key: "a", value: 1}]'),
    ('context([{key: "a", value: 1}])', "{a: 1}"), ('context put({a: 1}, "b", 2)', "{a: 1, b: 2}"),
    ('context put({a: {b: 1}}, ["a", "c"], 2)', "{a: {b: 1, c: 2}}"),
    ("context merge([{a: 1}, {a: 2, b: 3}])", "{a: 2, b: 3}"),
    ('date("2026-02-28")', '@"2026-02-28"'), ("date(2026, 2, 30)", "null"),
    ('date(@"2026-02-28T10:00:00")', '@"2026-02-28"'),
    ('date("12026-02-28")', '@"12026-02-28"'), ('time("10:30:00.5+02:00")', '@"10:30:00.5+02:00"'),
    ('time(10, 30, 1.25, @"-PT1H")', '@"10:30:01.25-01:00"'), ('time("24:00:00")', '@"00:00:00"'),
    ('date and time("2026-02-28T24:00:00")', '@"2026-03-01T00:00:00"'),
    ('date and time(@"2026-02-28", @"10:00:00@Europe/Paris")', '@"2026-02-28T10:00:00@Europe/Paris"'),
    ('duration("P1DT2H")', '@"P1DT2H"'), ('duration("-P14M")', '@"-P1Y2M"'), ('duration("PT36H")', '@"P1DT12H"'),
    ('years and months duration(@"2026-03-31", @"2025-03-01")', '@"-P1Y"'), ('day of year(@"2026-03-01")', "60"),
    ('day of week(@"2026-03-01")', '"Sunday"'), ('month of year(@"2026-03-01")', '"March"'),
    ('week of year(@"2026-01-01")', "1"), ('last day of month(@"2024-02-01")', "29"),
    ('range("[1..3)")', "[1..3)"), ('range("[3..1]")', "null"), ("before(1, [2..3])", "true"),
    ("before([1..2], (2..3])", "true"),
    ("after([5..6], 4)", "true"), ("meets([1..3], [3..5])", "true"), ("met by([3..5], [1..3])", "true"),
    ("overlaps([1..3], (3..5])", "false"), ("overlaps before([1..4], [3..6])", "true"),
    ("overlaps after([3..6], [1..4])", "true"),
    ("finishes(5, [1..5])", "true"), ("finished by([1..5], [3..5])", "true"), ("includes([1..5], 3)", "true"),
    ("during([2..3], [1..5])", "true"), ("starts(1, [1..5])", "true"), ("started by([1..5], [1..2])", "true"),
    ("coincides([1..2], [1..2])", "true"), ("during(2, (> 1))", "true"),
    ("string(1.50)", '"1.50"'), ('string([1, "a", null])', '"[1, \\"a\\", null]"'), ("string(null)", "null"),
    ('number("1.234,5", ".", ",")', "1234.5"), ('number("1,5", null, ",")', "1.5"), ('number("x")', "null"),
    ("not(null)", "null"), ("not(false)", "true"), ('is(@"10:00:00Z", @"10:00:00+00:00")', "true"),
    ('is(@"2026-01-01T10:00:00Z", @"2026-01-01T11:00:00+01:00")', "false"),
    ("total([1, null, 2.5])", "3.5"), ("total([])", "0"), ("total(null)", "0"), ('total(["a"])', "null"),
    ('convert(price, "DKK", today())', "746.00"), ('convert(price, "EUR", today())', "100"),
    ('convert(other, "DKK", today())', "null"), ('convert(null, "DKK", today())', "null"),
    ('working time(@"2026-03-02", @"2026-03-04")', '@"PT16H"'),
    ('working time(@"2026-03-02T12:00:00", @"2026-03-02T09:00:00")', '@"-PT3H"'),
    ('working time(@"2026-03-02T08:00:00Z", @"2026-03-02T09:00:00Z")', '@"PT1H"'),
    ('working days(@"2026-03-02", @"2026-03-09")', "4"), ('working days(@"2026-03-09", @"2026-03-02")', "-4"),
    ('working days(@"2026-03-02", @"2026-03-09", "none")', "null"), ('working days(null, @"2026-03-09")', "null"),
    ('add working time(@"2026-03-02T15:00:00", duration("PT2H"))', '@"2026-03-03T09:00:00@Europe/Copenhagen"'),
    ('add working days(@"2026-03-02", 4)', '@"2026-03-09"'), ('add working days(@"2026-03-02", 1.5)', "null"),
    ('add working days(@"2026-03-02", 30000)', "null"), ('add working days(@"12026-03-02", 1)', "null"),
    ('add working days(days: 4, from: @"2026-03-02")', '@"2026-03-09"'),
    ('is working day(@"2026-03-05")', "false"), ('is working day(@"2026-03-05", "nights")', "true"),
    ('is working day(date: @"2026-03-05", calendar: "nights")', "true"), ('is working day(@"2100-01-01")', "null"),
    ('next working day(@"2026-03-06T10:00:00")', '@"2026-03-09"'),
    ('deadline(@"2026-03-02T15:00:00", "1 working day")', '@"2026-03-03T15:00:00@Europe/Copenhagen"'),
    ('deadline(@"2026-03-02", "PT8H")', '@"2026-03-02T08:00:00@Europe/Copenhagen"'),
    ('deadline(@"2026-03-02", "soon")', "null"),
    ('head of("north") = ada', "true"), ('head of("north", 3).id', '"dora"'), ('head of("sales", 9).id', '"dora"'),
    ('head of("gone")', "null"), ('head of("north", 0)', "null"), ('head of("north", 1.5)', "null"),
    ('belongs to(bo, "sales")', "true"), ('belongs to(ada, "north")', "false"), ('belongs to(bo, "gone")', "null"),
    ('belongs to(nobody, "sales")', "null"), ('holder of("buyer") = bo', "true"), ('holder of("vacancy")', "null"),
    ('holder of("gone")', "null"), ('authorised for("north", 100) = bo', "true"),
    ('authorised for("north", 101).id', '"dora"'), ('authorised for("north", 9001)', "null"),
    ("today()", '@"2026-03-02"'), ("now()", '@"2026-03-02T00:30:00@Europe/Copenhagen"'), ("now() = now()", "true"),
]  # fmt: skip


@pytest.mark.parametrize(("formula", "expected"), CASES, ids=[case[0] for case in CASES])
def test_function_answers(formula: str, expected: str) -> None:
    value = feel.compile(feel.parse_expression(formula), SCOPE).evaluate_wide(NAMES, MOMENT)
    assert text_of(value, quoted=True) == expected


def test_every_function_has_a_case() -> None:
    called = {name for formula, _ in CASES for name in re.findall(r"[a-z][a-z ]*(?=\()", formula)}
    assert sorted(feel.BUILTINS.keys() - called) == []


#: What has no answer as Python's own dates and times is null outside of formulas.
WIDE = [
    ('date("12026-02-28")', None),
    ('[date("12026-02-28"), 1]', [None, D(1)]),
    ('@"-0044-03-15" < today()', True),
    ('(date("10000-01-01") - date("9999-12-31")).days', D(1)),
    ('duration("PT0.000000001S") > duration("PT0S")', True),
    ('@"10:00:00.123456789"', None),
    ('string(@"2026-01-01T10:00:00.123456789Z")', "2026-01-01T10:00:00.123456789Z"),
    ('@"12026-03-01".month', D(3)),
    ('day of week(@"12026-03-01")', "Sunday"),
    ('@"9999-12-31" + @"P1D" = null', True),
]


@pytest.mark.parametrize(("formula", "expected"), WIDE, ids=[case[0] for case in WIDE])
def test_dates_beyond_pythons_stay_inside_formulas(formula: str, expected: object) -> None:
    assert feel.compile(feel.parse_expression(formula), SCOPE).evaluate(NAMES, MOMENT) == expected


ARITHMETIC = [
    ('@"2026-01-31" + @"P1M"', '@"2026-02-28"'), ('@"2026-03-31" - @"P1M"', '@"2026-02-28"'),
    ('@"2026-03-01" - @"2026-02-01"', '@"P28D"'), ('@"10:00:00" + @"PT15H"', '@"01:00:00"'),
    ('@"2026-03-01T10:00:00" - @"PT11H"', '@"2026-02-28T23:00:00"'), ('@"P1D" * 1.5', '@"P1DT12H"'),
    ('@"P1Y" / 5', '@"P2M"'), ('@"P1Y" / @"P1M"', "12"), ('@"P1D" / @"P0D"', "null"), ('-@"P1D"', '@"-P1D"'),
    ('@"2026-03-29T04:00:00@Europe/Copenhagen" - @"2026-03-29T01:00:00@Europe/Copenhagen"', '@"PT2H"'),
    ('@"2026-01-01" + 1', "null"), ('"a" + 1', "null"), ("1 / 3 * 3", "0.9999999999999999999999999999999999"),
    ("0.1 + 0.2 = 0.3", "true"), ("2 ** 0.5 > 1.41", "true"), ("1e3", "1000"), ("1.50 = 1.5", "true"),
    ("[1, 2] = [1, 2.0]", "true"), ("{a: 1} = {a: 1, b: 2}", "false"), ('1 = "1"', "null"), ("null = null", "true"),
    ('@"P1Y" = @"P365D"', "null"), ('"b" > "a"', "true"), ('"B" < "a"', "true"), ("true > false", "null"),
]  # fmt: skip


@pytest.mark.parametrize(("formula", "expected"), ARITHMETIC, ids=[case[0] for case in ARITHMETIC])
def test_operator_answers(formula: str, expected: str) -> None:
    value = feel.compile(feel.parse_expression(formula), SCOPE).evaluate_wide(NAMES, MOMENT)
    assert text_of(value, quoted=True) == expected


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**20), max_value=10**20, places=6)
    | st.text(max_size=8)
    | st.dates()
    | st.datetimes(timezones=st.none() | st.just(UTC))
    | st.times()
    | st.timedeltas()
    | st.integers(-10_000, 10_000).map(feel.YearsMonths),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(VALUES)
def test_a_value_written_out_is_read_again_as_itself(value: object) -> None:
    written = text_of(value, quoted=True)
    assert feel.compile(feel.parse_expression(written), SCOPE).evaluate({}, MOMENT) == value
