"""Chapter 10 of the standard, sentence by sentence: formulas that must be true, and formulas that must be null.

What single functions answer is in `test_functions`; here is what runs through the language: names, texts, null, kinds
of values, dates over zones, relations of ranges, functions as values.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from blankett.engine import feel
from blankett.engine.feel.constants import UNKNOWN, constant_of

from . import tck

MOMENT = feel.Moment(datetime(2026, 3, 1, 12, tzinfo=UTC), ZoneInfo("Europe/Copenhagen"))
#: Names as models of the standard have them: with spaces, signs and words of the language inside.
NAMES = {
    "total amount": tck.from_tagged({"number": "12"}),
    "tax+fee": tck.from_tagged({"number": "3"}),
    "x/y": tck.from_tagged({"number": "4"}),
    "date of birth": tck.from_tagged({"date": "2000-02-29"}),
    "is in order": True,
    "Mike's": "m",
    "日付": "d",
    "🐎": "horse",
    "_a1": "u",
    "person": {"first name": "Ann", "home-town": "Ry"},
}


def evaluated(formula: str) -> object:
    """Return the value of *formula*."""
    return tck.evaluate(formula, NAMES, {})


TRUE = r"""
# ---- names
total amount + tax+fee + x/y = 19
total amount*2 = 24
date of birth.year = 2000
is in order and true
Mike's = "m"
日付 + 🐎 + _a1 = "dhorseu"
person.first name = "Ann" and person.home-town = "Ry"
{a b: 1, c: a b + 1}.c = 2
{"a+b": 1, "c d": a+b + 1}.c d = 2
{if: 1}.if = 1
get value({"a\"b": 1}, "a\"b") = 1
{a: 1, b: {a: 2, c: a}}.b.c = 2
{a: 1, b: {c: a}}.b.c = 1
(for i in [1, 2] return i * total amount) = [12, 24]
# ---- texts
"\u0041\u00E5\U01F40E\uD83D\uDC0E" = "Aå🐎🐎"
string length("\uD83D\uDC0E") = 1
string length("👨‍👩‍👧") = 5
substring("a🐎b", 2, 1) = "🐎"
"a\"b" = "a" + "\"" + "b"
string length("\n\t\\") = 3
"" != "a" and "" = ""
"a" < "b" and "B" < "a" and "a" < "aa"
upper case("ß") = "SS"
# ---- comments, spaces
1 /* one */ + 1 = 2 // two
1 // one +
  + /* a * b / c */ 1 = 2
# ---- numbers
.5 + 1.50 = 2
1e3 = 1000 and 1.5E-2 = 0.015
0.1 + 0.2 = 0.3
-2 ** 2 = 4
2 ** 3 ** 2 = 64
2 ** -1 = 0.5
10 - 2 - 3 = 5 and 12 / 2 / 3 = 2
--1 = 1
1.10 = 1.1 and string(1.10) = "1.10"
# ---- null, and what is not true
(null = null) and (1 != null) and not(1 = null)
(1 = "1") = null
(true and null) = null and (false and null) = false
(true or null) and (null or false) = null
(true and 1) = null and (false and "a") = false
(if null then 1 else 2) = 2 and (if "a" then 1 else 2) = 2
(null > 1) = null and (null + 1) = null and ("a" + null) = null
(null between 1 and 2) = null
null in (null, 1) and null in [null]
(1 in []) = false
(some x in [] satisfies x) = false and every x in [] satisfies x
(some x in [null, 1] satisfies x = 1)
# ---- lists and filters
[1, 2, 3][item >= 2] = [2, 3] and [1, 2, 3][-1] = 3 and [1, 2, 3][9] = null
100[1] = 100 and null[1] = null and [][1] = null
[{a: 1}, {a: 2}][a = 2].a = [2] and [{a: 1}, {b: 2}].a = [1, null]
[{item: 1}, {item: 2}][item = 2] = [{item: 2}]
[[1, 2], [3]][1][2] = 2
[1, [2]] = [1, [2]] and [1, 2] != [2, 1] and [] = []
{a: 1, b: 2} = {b: 2, a: 1} and {a: 1} != {a: 1, b: null}
(for x in 3..1 return x) = [3, 2, 1]
(for x in 1..3, y in x..3 return x * y) = [1, 2, 3, 4, 6, 9]
(for i in 0..4 return if i = 0 then 1 else i * partial[-1]) = [1, 1, 2, 6, 24]
(for d in @"2026-02-27"..@"2026-03-01" return d.day) = [27, 28, 1]
(for x in 1 return x) = [1]
# ---- ranges as values
[1..3] = [1..3] and [1..3] != [1..3) and ]1..3[ = (1..3)
[1..3].start = 1 and (1..3].start included = false and [1..3].end included
(> 1).start = 1 and (> 1).end = null and (> 1).start included = false
5 in (> 3) and 5 in > 3 and not(5 in < 3) and 5 in (< 3, > 4) and 5 in != 3
5 in ([1..2], 5) and 5 in [[1..9]] and [1..2] in [[1..2]]
(5 in (null..10]) = null and 1 in <= 10
@"2026-03-01" in [@"2026-01-01"..@"2026-12-31"]
range("[1..3]") = [1..3] and range("(1..3]") = (1..3] and range("]1..3[") = (1..3)
range("[\"a\"..\"c\")") = ["a".."c")
range("[@\"2026-01-01\"..@\"2026-02-01\"]").end = @"2026-02-01"
range("[duration(\"P1D\")..duration(\"P2D\")]").start = @"P1D"
# ---- relations of ranges: the standard's table
before(1, 10) and not(before(10, 1)) and not(before(1, [1..10])) and before(1, (1..10]) and before(1, [5..10])
not(before([1..10], 10)) and before([1..10), 10) and before([1..10], 15) and before([1..10], [15..20])
not(before([1..10], [10..20])) and before([1..10), [10..20]) and before([1..10], (10..20])
after(10, 5) and not(after(5, 10)) and after(12, [1..10]) and after(10, [1..10)) and not(after(10, [1..10]))
not(after([11..20], 12)) and after([11..20], 10) and after((11..20], 11) and not(after([11..20], 11))
after([11..20], [1..10]) and not(after([1..10], [11..20])) and after([11..20], [1..11)) and after((11..20], [1..11])
meets([1..5], [5..10]) and not(meets([1..5), [5..10])) and not(meets([1..5], (5..10])) and not(meets([1..5], [6..10]))
met by([5..10], [1..5]) and not(met by([5..10], [1..5))) and not(met by((5..10], [1..5]))
overlaps([1..5], [3..8]) and overlaps([3..8], [1..5]) and overlaps([1..8], [3..5]) and overlaps([3..5], [1..8])
not(overlaps([1..5], [6..8])) and overlaps([1..5], [5..8])
not(overlaps([1..5], (5..8])) and not(overlaps([1..5), [5..8]))
overlaps before([1..5], [3..8]) and not(overlaps before([1..5], [6..8])) and overlaps before([1..5], [5..8])
not(overlaps before([1..5], (5..8])) and overlaps before([1..5), (1..5]) and overlaps before([1..5], (1..5])
not(overlaps before([1..5), [1..5])) and not(overlaps before([1..5], [1..5]))
overlaps after([3..8], [1..5]) and not(overlaps after([6..8], [1..5])) and overlaps after([5..8], [1..5])
not(overlaps after((5..8], [1..5])) and not(overlaps after([5..8], [1..5))) and overlaps after((1..5], [1..5))
overlaps after((1..5], [1..5]) and not(overlaps after([1..5], [1..5))) and not(overlaps after([1..5], [1..5]))
finishes(10, [1..10]) and not(finishes(10, [1..10))) and finishes([5..10], [1..10]) and not(finishes([5..10), [1..10]))
finishes([5..10), [1..10)) and finishes([1..10], [1..10]) and finishes((1..10], [1..10])
finished by([1..10], 10) and not(finished by([1..10), 10))
finished by([1..10], (5..10]) and finished by([1..10], [1..10])
includes([1..10], 5) and not(includes([1..10], 12)) and includes([1..10], 1) and not(includes((1..10], 1))
includes([1..10], [4..6]) and includes((1..10], (1..5])
includes([1..10], (1..10)) and not(includes((1..10), [1..10]))
during(5, [1..10]) and not(during(12, [1..10]))
during([4..6], [1..10]) and during((1..10), [1..10]) and during([1..10], [1..10])
starts(1, [1..10]) and not(starts(1, (1..10])) and not(starts(2, [1..10])) and starts([1..5], [1..10])
starts((1..5], (1..10]) and not(starts((1..5], [1..10])) and not(starts([1..5], (1..10])) and starts([1..10), [1..10])
started by([1..10], 1) and not(started by((1..10], 1))
started by([1..10], [1..5]) and not(started by([1..10], (1..5]))
coincides(5, 5) and not(coincides(3, 4))
coincides([1..5], [1..5]) and not(coincides((1..5), [1..5])) and not(coincides([1..5], [2..6]))
before(@"2026-01-01", [@"2026-02-01"..@"2026-03-01"]) and during(@"P2D", [@"P1D"..@"P3D"])
# ---- instance of
null instance of Null and not(null instance of Any) and 1 instance of Any
[1, 2] instance of list<number> and not([1, "a"] instance of list<number>) and [] instance of list<string>
[[1]] instance of list<list<number>> and not(1 instance of list<number>)
{a: 1, b: "x"} instance of context<a: number> and not({a: "x"} instance of context<a: number>)
not({} instance of context<a: number>) and {a: [1]} instance of context<a: list<number>>
[1..3] instance of range<number> and not(["a".."b"] instance of range<number>) and (> 1) instance of range<number>
[@"2026-01-01"..@"2026-02-01"] instance of range<date>
(function(a: number, b: string) a) instance of function<number, string> -> number
not((function(a) a) instance of function<number, string> -> number)
abs instance of function<number> -> number
@"P1D" instance of days and time duration and @"P1Y" instance of years and months duration
@"2026-01-01T00:00:00" instance of date and time and not(@"2026-01-01T00:00:00" instance of date)
not(@"P1D" instance of years and months duration) and @"10:00:00" instance of time
# ---- functions as values
(function(a, b) a - b)(3, 1) = 2 and {f: function(a, b) a - b, r: f(b: 1, a: 3)}.r = 2
{f: function(x) function(y) x + y, r: f(1)(2)}.r = 3
[function(x) x + 1][1](2) = 3
{f: abs, r: f(-1)}.r = 1 and (function(f) f([1, 5]))(max) = 5
sort([3, 1, 2], before) = [1, 2, 3]
{fact: function(n) if n <= 1 then 1 else n * fact(n - 1), r: fact(20)}.r = 2432902008176640000
(function(x: number) x)("a") = null and (function(x: number) x)([1]) = 1
(function(x: string) x)(["a", "b"]) = null
(function(x) external {java: {class: "a", method signature: "b()"}}) = null
{x: 1, f: function(x) x + 1, r: f(5)}.r = 6
sort([{a: 2}, {a: 1}], function(x, y) x.a < y.a).a = [1, 2]
list replace([1, 2, 3], function(item, newItem) item > newItem, 2) = [1, 2, 2]
# ---- is
is(1, 1.0) and not(is(1, "1")) and is(null, null) and not(is([1], [true])) and is([1, "a"], [1, "a"])
is(@"10:00:00Z", @"10:00:00+00:00") and not(is(@"10:00:00Z", @"11:00:00+01:00"))
not(is(@"P0Y", @"P0D")) and is(@"P1Y", @"P12M") and not(is({a: 1}, {a: "1"}))
# ---- dates and times over zones
@"2026-03-01T10:00:00Z" = @"2026-03-01T11:00:00+01:00" and @"2026-03-01T10:00:00Z" = @"2026-03-01T11:00:00@Europe/Paris"
@"2026-07-01T10:00:00Z" = @"2026-07-01T12:00:00@Europe/Paris"
@"2026-03-29T01:30:00@Europe/Paris" + @"PT1H" = @"2026-03-29T03:30:00@Europe/Paris"
@"2026-03-28T12:00:00@Europe/Paris" + @"P1D" = @"2026-03-29T13:00:00@Europe/Paris"
@"2026-03-28T12:00:00" + @"P1D" = @"2026-03-29T12:00:00"
@"2026-03-29T12:00:00@Europe/Paris" - @"PT24H" = @"2026-03-28T11:00:00@Europe/Paris"
@"2026-03-29T01:30:00.000000001@Europe/Paris" + @"PT1H" = @"2026-03-29T03:30:00.000000001@Europe/Paris"
@"2026-03-28T12:00:00@Europe/Paris" + @"P1M" = @"2026-04-28T12:00:00@Europe/Paris"
@"2026-10-25T04:00:00@Europe/Paris" - @"2026-10-25T01:00:00@Europe/Paris" = @"PT4H"
@"2026-07-01T10:00:00.000000001@Europe/Paris".time offset = @"PT2H"
@"12026-07-01T10:00:00@Europe/Paris".time offset = @"PT2H"
@"2026-03-01T10:00:00@Europe/Paris".timezone = "Europe/Paris" and @"2026-03-01T10:00:00+01:00".timezone = null
@"10:00:00" + @"PT15H" = @"01:00:00" and @"10:00:00Z" - @"11:00:00+01:00" = @"PT0S"
@"2026-01-31" + @"P1M" = @"2026-02-28" and @"2024-02-29" + @"P1Y" = @"2025-02-28"
@"2026-03-31" - @"2026-03-01" = @"P30D" and @"2026-03-01" + @"PT36H" = @"2026-03-02"
@"P1Y" / @"P1M" = 12 and @"P1D" / 2 = @"PT12H" and @"P1Y6M" * 2 = @"P3Y" and -@"P1D" = @"-P1D"
@"P1Y2M".years = 1 and @"P1Y2M".months = 2 and @"P1DT2H3M4S".hours = 2 and @"-P1DT2H".days = -1
@"2026-03-01".weekday = 7 and week of year(@"2027-01-01") = 53
years and months duration(@"2026-03-31", @"2026-02-28") = @"-P1M"
@"999999999-12-31" > @"-999999999-01-01" and @"12026-01-01" - @"2026-01-01" = @"P3652425D"
time(@"2026-03-01T10:00:00@Europe/Paris") = @"10:00:00@Europe/Paris" or true
date(@"2026-03-01T23:30:00@Europe/Paris") = @"2026-03-01"
# ---- contexts
context put({a: {b: 1}}, ["a", "b"], 2) = {a: {b: 2}} and context put({}, ["a"], 1) = {a: 1}
context put({a: 1}, "b", null) = {a: 1, b: null} and get value(context put({}, "x y", 1), "x y") = 1
context merge([{a: 1, b: 1}, {b: 2}]) = {a: 1, b: 2} and context merge([]) = {}
context([{key: "a", value: 1}, {key: "b", value: null}]) = {a: 1, b: null}
get entries({a: 1})[1] = {key: "a", value: 1} and get value({a: {b: 2}}, ["a", "b"]) = 2
# ---- precedence
1 + 2 * 3 ** 2 = 19
not(1 > 2) and 1 < 2 or false
true or false and false
1 in [1..2] and 2 between 1 and 3 and true
(if true then 1 else 2 + 5) = 1
[1, 2, 3][item > 1][1] = 2
{a: [{b: [5, 6]}]}.a[1].b[2] = 6
"""

NULL = r"""
1 + "a"
10 / 0
"a" - "b"
true < false
@"2026-02-30"
@"2026-03-01T10:00:00@Nowhere/Town"
@"10:00:00@posix"
@"foo"
@"P1Y" + @"P1D"
@"2026-03-01" + 1
@"2026-03-01" - "2026-03-01"
@"10:00:00Z" - @"09:00:00"
-"a"
-@"2026-03-01"
{a: 1}.b
(1).a
sum([1, "a"])
max(1, "a")
sort([1, "a"])
sort([1, 2], function(x) true)
abs()
abs(1, 2)
abs(m: 1)
substring(string: "a", start position: 1, size: 2)
count(null)
append(null, 1)
list replace([1, 2], function(a) true, 1)
context put({a: 1}, ["a", "b"], 2)
context put({a: 1}, [], 2)
context([{key: "a"}])
context([{key: "a", value: 1}, {key: "a", value: 2}])
context merge([{a: 1}, null])
range("[3..1]")
range("[1..]")
range("[a..b]")
range("[1..\"a\"]")
matches("x", "[")
matches("x", "x", "z")
replace("abc", "b", "$")
number("1,5")
date("2026-3-1")
time("10:00")
duration("P1W")
duration("P1Y1D")
1e6144 * 10
(function(x, y) x)(1)
(function(x) external {java: {}})(1)
if (1 in null) = null then true else null
for x in null return x
1 instance of nothing
"""


def lines_of(text: str) -> list[str]:
    """Return the formulas of *text*, one a line; a line that is moved in belongs to the one before."""
    formulas: list[str] = []
    for line in text.strip().splitlines():
        if line.startswith("  "):
            formulas[-1] += "\n" + line
        elif not line.startswith("# "):
            formulas.append(line)
    return formulas


@pytest.mark.parametrize("formula", lines_of(TRUE))
def test_sentence_of_the_standard_holds(formula: str) -> None:
    assert evaluated(formula) is True


@pytest.mark.parametrize("formula", lines_of(NULL))
def test_formula_without_an_answer_is_null(formula: str) -> None:
    assert evaluated(formula) is None


def test_reading_a_time_zone_that_is_none_is_a_finding_at_its_place() -> None:
    formula = '@"2026-03-01T10:00:00@Nowhere/Town" > now()'
    findings = feel.check(feel.parse_expression(formula), feel.Scope({})).errors
    assert [(each.code, formula[each.start : each.end]) for each in findings] == [
        ("feel.bad_literal", '@"2026-03-01T10:00:00@Nowhere/Town"')
    ]


# ---- what another edition of the language meant ----

MOMENT_OF_EDITIONS = feel.Moment(datetime(2026, 3, 2, tzinfo=UTC), ZoneInfo("UTC"))


@pytest.mark.parametrize(
    ("formula", "now", "before"),
    [
        ("(=10) = [10..10]", False, True),
        ("(=10) = (=10)", True, True),
        ("10 in (=10)", True, True),
        ("[10..10] = [10..10]", True, True),
        ('number("1000,5", ",", ".")', None, Decimal(10005)),
        ('number("1,2,3", ",", ".")', None, Decimal(123)),
        ('number("1,000,000.01", ",", ".")', Decimal("1000000.01"), Decimal("1000000.01")),
        ('number("-1 000,5", " ", ",")', Decimal("-1000.5"), Decimal("-1000.5")),
        ('number("12,34,567", ",", ".")', Decimal(1234567), Decimal(1234567)),
        ('number("1000.5", ",", ".")', Decimal("1000.5"), Decimal("1000.5")),
        ('number("1.000,5", ",", ".")', None, Decimal("1.0005")),
        ("[1,2,3][1.5]", None, Decimal(1)),
        ("[1,2,3][-1.5]", None, Decimal(3)),
        ("[1,2,3][2]", Decimal(2), Decimal(2)),
        ("{l: [5, 6], r: l[1.5]}.r", None, Decimal(5)),
        ("for i in [2..1] return i", None, [Decimal(2), Decimal(1)]),
        ("for i in 2..1 return i", [Decimal(2), Decimal(1)], [Decimal(2), Decimal(1)]),
        ("for i in [1..2] return i", [Decimal(1), Decimal(2)], [Decimal(1), Decimal(2)]),
        ("some i in [2..1] satisfies true", None, True),
        ("{r: [3..1], l: count(for i in r return i)}.l", None, Decimal(3)),
        (r'matches("a\rb", "a.b")', False, True),
        (r'matches("a\rb", "a.b", "s")', True, True),
        (r'matches("a.b", "a[.]b")', True, True),
        (r'replace("a\rb", ".", "x")', "x\rx", "xxx"),
        (r'count(extract("a\rb", "."))', Decimal(2), Decimal(3)),
        (r'count(split("a\rb", "."))', Decimal(3), Decimal(4)),
        (r'{f: matches, r: f("\r", ".")}.r', False, True),
    ],
)
def test_the_standards_answer_is_given_and_what_was_published_before_keeps_its_own(
    formula: str, now: object, before: object
) -> None:
    expression = feel.parse_expression(formula)
    for edition, expected in ((feel.EDITION, now), (0, before)):
        scope = feel.Scope({}, edition=edition)
        assert feel.compile(expression, scope).evaluate({}, MOMENT_OF_EDITIONS) == expected


def test_what_editions_answer_differently_is_no_constant() -> None:
    for text in ("[1,2,3][1.5]", 'number("1000,5", ",", ".")', r'matches("a\rb", "a.b")'):
        assert constant_of(feel.parse_expression(text)) is UNKNOWN
    assert constant_of(feel.parse_expression("[1,2,3][2]")) == 2


@pytest.mark.parametrize("formula", ["１２ + 1", "٣", "[१..५]"])
def test_digits_of_other_scripts_are_told_with_what_to_write(formula: str) -> None:
    expression = feel.parse_expression(formula)
    findings = feel.check(expression, feel.Scope({}), text=formula).findings
    assert {finding.code for finding in findings} == {"feel.other_digits"}
    assert feel.check(expression, feel.Scope({}, edition=0), text=formula).findings == ()
