"""What is said of a table before it decides: exact, with an example, and never wrong."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import product
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blankett.engine import feel
from blankett.engine.analysis.examples import example_words
from blankett.engine.analysis.table_analysis import TableFinding, analyse
from blankett.engine.checks import check_blueprint
from blankett.engine.language.model import Table

from .made_tables import make_table, table_text

MOMENT = feel.Moment(datetime(2026, 3, 2, tzinfo=UTC), ZoneInfo("UTC"))


def told(table: Table) -> list[str]:
    """Return the findings in short: ``overlap 4 2: total 10 with tier silver``."""

    def words(finding: TableFinding) -> str:
        rows = [finding.row.key] if finding.row else []
        cell = [finding.cell.column] if finding.cell else []
        head = " ".join([finding.kind, *rows, *(other.key for other in finding.others), *cell])
        examples = ", ".join(example_words(table, example) for example in finding.examples)
        return f"{head}: {examples}" if examples else head

    return [words(finding) for finding in analyse(table)]


# ---- one kind after the other ----

TOTAL_TIER = {"total": "order.total", "tier": "order.tier"}


@pytest.mark.parametrize(
    ("hit", "columns", "rows", "findings"),
    [
        (
            "unique",
            TOTAL_TIER,
            ["< 10|-|a", ">= 10|silver|a", ">= 10|new, gold|b", "[10..20]|silver, gold|c"],
            ["overlap 4 2: total 10 with tier silver"],
        ),
        ("unique", TOTAL_TIER, ["> 0|-|a"], ["gap: total 0"]),
        ("unique", TOTAL_TIER, ["<= 10|-|a", "> 10.01|-|b"], ["gap: total 10.01"]),
        ("unique", TOTAL_TIER, ["<= 10|-|a", ">= 10.01|-|b"], []),
        ("unique", {"total": "number"}, ["<= 10|a", ">= 10.01|b"], ["gap: total 10.001"]),
        ("unique", {"pieces": "order.pieces"}, ["<= 10|a", ">= 11|b"], []),
        ("unique", {"pieces": "order.pieces"}, ["< 10|a", "> 10|b"], ["gap: pieces 10"]),
        ("unique", {"pieces": "{type: number, values: [1, 2]}"}, ["1|a", "2|b"], []),
        ("unique", {"pieces": "{type: number, values: '[0..9]'}"}, ["< 5|a", "(5..9]|b"], ["gap: pieces 5"]),
        ("unique", {"rebate": "order.rebate"}, ["< 0.1|a", "[0.1..0.5]|b"], []),
        ("unique", {"rebate": "order.rebate"}, ["< 0.1|a", "[0.1..0.4999]|b"], ["gap: rebate 50 %"]),
        ("unique", {"day": "order.day"}, ["< 2026-01-01|a", ">= 2026-01-02|b"], ["gap: day 2026-01-01"]),
        ("unique", {"day": "order.day"}, ["<= 2026-01-01|a", ">= 2026-01-02|b"], []),
        ("unique", {"clock": "order.clock"}, ["< 09:00|a", "[09:00..17:00]|b", "> 17:00|c"], []),
        ("unique", {"clock": "order.clock"}, ["< 09:00|a", "(09:00..23:59:59]|b"], ["gap: clock 09:00"]),
        ("unique", {"clock": "order.clock"}, ["<= 09:00|a", "> 09:00:01|b"], ["gap: clock 09:00:01"]),
        ("unique", {"clock": "time"}, ["<= 09:00|a", ">= 09:00:01|b"], []),
        ("unique", {"clock": "time"}, ["? >= 22:00 or ? < 06:00|a", "[06:00..22:00]|b"], ["overlap 2 1: clock 22:00"]),
        ("first", {"clock": "time"}, [">= 09:00|a", "-|b", ">= 17:00|c"], ["masked 3 1: clock 17:00"]),
        (
            "unique",
            {"at": "order.at"},
            ["< 2026-01-01T00:00Z|a", "[2026-01-01T00:00Z..2027-01-01T00:00@Europe/Oslo)|b", ">= 2027-01-01T00:00Z|c"],
            ["gap: at 2026-12-31T23:00Z"],
        ),
        ("unique", {"at": "order.at"}, ["< 2026-01-01T01:00+01:00|a", ">= 2026-01-01T00:00Z|b"], []),
        (
            "unique",
            {"at": "order.at"},
            [
                "<= 2026-10-25T02:30+02:00|a",
                "[2026-10-25T02:30+01:00..2026-10-25T04:00@Europe/Oslo]|b",
                "> 2026-10-25T04:00@Europe/Oslo|c",
            ],
            ["gap: at 2026-10-25T01:00Z"],
        ),
        ("unique", {"at": "order.at"}, ["< 2026-01-01T00:00|a"], ["open 1 at"]),
        ("unique", {"urgent": "yes_no"}, ["yes|a"], ["gap: urgent no"]),
        ("unique", {"tier": "order.tier"}, ["new|a", "not(new, gold)|b"], ["gap: tier gold"]),
        ("unique", {"country": "order.country"}, ['"DK"|a', 'not("DK")|b'], []),
        ("unique", {"country": "order.country"}, ['"DK"|a', '!= "DK"|b'], []),
        ("unique", {"country": "order.country"}, ['"DK"|a', '"NO", null|b'], ['gap: country "other"']),
        ("unique", {"country": "order.country"}, ['< "M"|a', '>= "M"|b'], ["gap: country empty"]),
        ("unique", {"country": "text"}, ['< "M"|a', '>= "M"|b'], []),
        (
            "unique",
            {"total": "number"},
            ["? > 5 and ? < 9|a", "[7..8]|b", "? <= 5 or ? >= 9|c"],
            ["overlap 2 1: total 7"],
        ),
        ("unique", {"total": "number"}, ["not(? in [1..3])|a", "2|b", "1, 3|b", "(1..2), (2..3)|c"], []),
        (
            "unique",
            {"buyer": "order.buyer", "tier": "order.tier"},
            ["-|new|a", "-|new, gold|b", "-|silver|c"],
            ["overlap 2 1: tier new"],
        ),
        (
            "unique",
            {"pieces": "order.pieces"},
            ["0|a", "> 99|b", "[5..1]|c", "-|a"],
            ["empty 1 pieces", "empty 2 pieces", "empty 3 pieces"],
        ),
        ("any", {"total": "order.total"}, [">= 10|a", ">= 5|a", "<= 5|b"], ["conflict 3 2: total 5"]),
        ("any", {"total": "order.total"}, ["-|a", '> 5|= "b"', "> 7|a"], []),
        ("first", {"total": "number"}, [">= 10|a", ">= 5|b", "-|c"], []),
        ("first", {"total": "number"}, [">= 10|a", "-|b", ">= 20|c"], ["masked 3 1: total 20"]),
        (
            "first",
            TOTAL_TIER,
            [">= 10|-|a", "< 10|new|a", "< 10|not(new)|b", "[5..15]|gold|c"],
            ["masked 4 1 3: total 10 with tier gold"],
        ),
        (
            "first",
            TOTAL_TIER,
            [">= 100000|-|a", ">= 10000|new|b", "-|-|c"],
            [],
        ),
        ("first", TOTAL_TIER, [">= 100000|-|a", ">= 10000|new|a", "-|-|c"], []),
        (
            "first",
            TOTAL_TIER,
            ["-|new|a", ">= 10|-|b", "[5..20]|new, gold|b", "-|-|c"],
            [],
        ),
        (
            "priority",
            {"total": "order.total"},
            [">= 10|b", ">= 5|a", "<= 5|c", "20|c"],
            ["masked 1 2: total 10", "masked 4 1: total 20"],
        ),
        ("collect", {"total": "order.total"}, ["1|a", "1|b"], []),
        ("rule order", {"pieces": "order.pieces"}, ["0|a"], ["empty 1 pieces"]),
        ("unique", {"takes": "duration"}, ["< PT1H|a", "[PT1H..PT8H]|b", ">= PT8H|c"], ["overlap 3 2: takes PT8H"]),
    ],
)
def test_a_table_is_looked_through(hit: str, columns: Mapping[str, str], rows: list[str], findings: list[str]) -> None:
    assert told(make_table(hit, columns, [row.split("|") for row in rows])) == findings


def test_a_default_closes_every_gap() -> None:
    assert told(make_table("unique", {"urgent": "yes_no"}, [["yes", "a"]], default="b")) == []


def test_several_gaps_are_told_as_wide_as_they_are() -> None:
    columns = {"urgent": "yes_no", "tier": "order.tier", "pieces": "order.pieces"}
    rows = [["yes", "new", "-", "a"], ["yes", "silver", "> 5", "b"], ["no", "-", "<= 50", "c"]]
    assert told(make_table("unique", columns, rows)) == [
        "gap: urgent no with pieces 51, urgent yes with tier gold, urgent yes with tier silver and pieces 5"
    ]


def test_a_cell_that_looks_at_another_input_is_left_open() -> None:
    columns = {"total": "number", "limit": "number"}
    rows = [["> limit", "-", "a"], ["<= limit", "-", "b"], ["-", "5", "c"]]
    assert told(make_table("unique", columns, rows)) == ["open 1 total", "open 2 total"]
    assert told(make_table("first", columns, [["-", "-", "a"], ["> limit", "-", "b"]])) == [
        "open 2 total",
        "masked 2 1: total 0 with limit 0",
    ]


def test_a_table_without_end_is_given_up_with_a_word() -> None:
    columns = {f"n{at}": "number" for at in range(6)}
    rows = [[f"[{(7 * row + at) % 10}..{(7 * row + at) % 10 + 6})" for at in range(6)] + ["a"] for row in range(40)]
    table = make_table("unique", columns, rows)
    assert [finding.kind for finding in analyse(table, most_steps=1_000)][-1] == "unfinished"


def test_rows_and_examples_are_told_at_the_row() -> None:
    rows = {"small": ["< 20000", "a"], "large": [">= 10000", "b"]}
    problems = check_blueprint(table_text("unique", {"total": "order.total"}, rows)).problems
    assert [problem.line("shop.yaml") for problem in problems if problem.is_error] == [
        "shop.yaml:30:7 BL910 total 10 000 matches rows 'small' and 'large'; with 'hit: unique' only one row may match."
    ]


# ---- against trying everything ----

NUMBERS = st.integers(0, 6).map(str) | st.sampled_from(["2.5", "4.5"])
RANGES = st.builds("{}{}..{}{}".format, st.sampled_from("[("), NUMBERS, NUMBERS, st.sampled_from("])"))
ORDERED = st.builds("{} {}".format, st.sampled_from(["<", "<=", ">", ">=", "!="]), NUMBERS)
CONDITIONS = st.builds(
    "? {} {} {} ? {} {}".format,
    st.sampled_from(["<", ">="]),
    NUMBERS,
    st.sampled_from(["and", "or"]),
    st.sampled_from([">", "="]),
    NUMBERS,
)
NUMBER_CELLS = (
    st.just("-")
    | NUMBERS
    | RANGES
    | ORDERED
    | CONDITIONS
    | st.lists(NUMBERS | RANGES, min_size=2, max_size=3).map(", ".join)
    | RANGES.map("not({})".format)
)
WORD_CELLS = st.sampled_from(
    ["-", "-", "new", "silver", "gold", "new, gold", "not(new)", "null", "not(null)", "? = new or ? = null"]
)
FLAG_CELLS = st.sampled_from(["-", "-", "yes", "no", "not(yes)"])
RESULTS = st.sampled_from(["a", "b", "c"])
ROWS = st.lists(st.tuples(NUMBER_CELLS, NUMBER_CELLS, WORD_CELLS, FLAG_CELLS, RESULTS), min_size=1, max_size=7)
COLUMNS = {
    "dense": "{type: number, values: '[0..6]'}",
    "whole": "{type: number, decimals: 0, values: '[0..6]'}",
    "tier": "order.tier",
    "urgent": "yes_no",
}


def every_input(table: Table) -> Iterator[dict[str, Any]]:
    """Yield inputs of which every cell answers alike around them: each end, and a value between each two."""
    has_null = any("null" in cell.text for row in table.rows for cell in row.cells if cell.column == "tier")
    dense = [Decimal(number) / 4 for number in range(25)]
    whole = [Decimal(number) for number in range(7)]
    tiers = ["new", "silver", "gold", *([None] if has_null else [])]
    for values in product(dense, whole, tiers, (True, False)):
        yield dict(zip(COLUMNS, values, strict=True))


def matched(table: Table, names: Mapping[str, Any]) -> list[int]:
    """Return the rows that match, by trying each cell."""
    with feel.evaluating(MOMENT) as run:
        return [
            row
            for row in range(len(table.rows))
            if all(table.decision.cell_holds(run, names, row, at, names[key]) for at, key in enumerate(table.inputs))
        ]


def completed(table: Table, example: Mapping[str, Any]) -> dict[str, Any]:
    """Return an example with any value for what does not matter to it."""
    return {**next(every_input(table)), **example}


def rows_of(found: Iterable[TableFinding], *kinds: str) -> set[int]:
    """Return the rows, from 0, that findings of some kinds are about."""
    return {finding.row.number - 1 for finding in found if finding.kind in kinds and finding.row}


@settings(max_examples=60, deadline=None)
@given(ROWS)
def test_overlaps_and_gaps_are_all_there_and_only_those(rows: list[tuple[str, ...]]) -> None:
    table = make_table("unique", COLUMNS, rows)
    found = analyse(table)
    seen = [matched(table, names) for names in every_input(table)]
    hit = {row for rows in seen for row in rows}
    assert {finding.row.number - 1 for finding in found if finding.kind == "empty" and finding.row} <= set(
        range(len(rows))
    ) - hit
    overlapping = {row for rows in seen for row in rows[1:]}
    assert {finding.row.number - 1 for finding in found if finding.kind == "overlap" and finding.row} == overlapping
    assert any(finding.kind == "gap" for finding in found) == ([] in seen)
    for finding in found:
        for example in finding.examples:
            wanted = {row.number - 1 for row in (*finding.others, *([finding.row] if finding.row else []))}
            assert wanted <= set(matched(table, completed(table, example)))
            assert finding.kind != "gap" or matched(table, completed(table, example)) == []


CLOCKS = st.sampled_from(["00:00", "00:00:01", "09:00", "09:00:02", "23:59:59"])
CLOCK_CELLS = (
    CLOCKS
    | st.builds("{} {}".format, st.sampled_from(["<", "<=", ">", ">=", "!="]), CLOCKS)
    | st.builds("{}{}..{}{}".format, st.sampled_from("[("), CLOCKS, CLOCKS, st.sampled_from("])"))
    | st.builds("not({}, {})".format, CLOCKS, CLOCKS)
    | st.builds("? {} {}".format, st.sampled_from(["<", ">=", "="]), CLOCKS)
)


@settings(max_examples=60, deadline=None)
@given(st.lists(CLOCK_CELLS, min_size=1, max_size=4), st.booleans())
def test_overlaps_and_gaps_of_clocks_are_all_there_and_only_those(cells: list[str], is_moment: bool) -> None:
    column, write = "clock", str
    if is_moment:
        column, write = "at", lambda cell: re.sub(r"\d\d:\d\d(?::\d\d)?", r"2026-03-29T\g<0>@Europe/Oslo", cell)
    table = make_table("unique", {column: f"order.{column}"}, [(write(cell), "a") for cell in cells])
    found = analyse(table)
    seconds = [0, 1, 2, 32399, 32400, 32401, 32402, 32403, 86398, 86399, *([-1, 86400] if is_moment else [])]
    seen = []
    for second in seconds:
        at = datetime(2026, 3, 29, tzinfo=ZoneInfo("UTC")) + timedelta(seconds=second)
        # What the clocks in Oslo say: that day is an hour short.
        value = at.replace(tzinfo=ZoneInfo("Europe/Oslo")).astimezone(UTC) if is_moment else at.time()
        seen.append(matched(table, {column: value}))
    assert rows_of(found, "overlap") == {row for rows in seen for row in rows[1:]}
    assert rows_of(found, "empty") == set(range(len(cells))) - {row for rows in seen for row in rows}
    assert any(finding.kind == "gap" for finding in found) == ([] in seen)
    assert [finding for finding in found if finding.kind == "open"] == []


@settings(max_examples=60, deadline=None)
@given(ROWS)
def test_rows_that_never_decide_are_all_there_and_only_those(rows: list[tuple[str, ...]]) -> None:
    table = make_table("first", COLUMNS, rows)
    found = analyse(table)
    seen = [matched(table, names) for names in every_input(table)]
    dead = set(range(len(rows))) - {rows[0] for rows in seen if rows}
    assert rows_of(found, "masked", "empty") == dead


@settings(max_examples=60, deadline=None)
@given(ROWS)
def test_rows_that_never_win_are_all_there_and_only_those(rows: list[tuple[str, ...]]) -> None:
    table = make_table("priority", COLUMNS, rows)
    found = analyse(table)
    winners = set()
    for names in every_input(table):
        with feel.evaluating(MOMENT) as run:
            winners |= set(table.decision.decision(run, names).won)
    assert rows_of(found, "masked", "empty") == set(range(len(rows))) - winners


def test_examples_are_what_an_author_would_write() -> None:
    table = make_table(
        "unique", {"day": "order.day", "rebate": "order.rebate", "total": "order.total"}, [["-", "-", "-", "a"]]
    )
    example = {"day": date(2026, 1, 31), "rebate": Decimal("0.075"), "total": Decimal("1234567.50")}
    assert example_words(table, example) == "day 2026-01-31 with rebate 7.5 % and total 1 234 567.5"
