"""Decision tables: the index finds the rows that trying every cell finds, and each hit policy does what it says."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from time import perf_counter
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blankett.engine import feel
from blankett.engine.feel.decision_table import DecisionRow, DecisionTable, Hit, InputColumn, Output

MOMENT = feel.Moment(datetime(2026, 3, 2, tzinfo=UTC), ZoneInfo("UTC"))
NAMES = ("total", "tier", "urgent")


def make_table(
    rows: Sequence[Sequence[str]],
    hit: Hit = "rule order",
    names: Sequence[str] = NAMES,
    outputs: Sequence[Output] = (Output("answer"),),
) -> DecisionTable:
    """Return the table whose rows have a cell for each of *names*, then a formula for each output."""
    made = [
        DecisionRow(
            tuple(feel.parse_unary_tests(cell) for cell in row[: len(names)]),
            tuple(feel.parse_expression(cell) for cell in row[len(names) :]),
        )
        for row in rows
    ]
    scope = feel.Scope({name: feel.Any() for name in names})
    return DecisionTable("table", hit, [InputColumn(name) for name in names], outputs, made, scope)


def decide(table: DecisionTable, *values: Any) -> Any:
    """Return what *table* gives for values in the order of its columns."""
    with feel.evaluating(MOMENT) as run:
        names = {column.name: value for column, value in zip(table.columns, values, strict=True)}
        return table.decide(run, names)


def tried(table: DecisionTable, values: Sequence[Any]) -> list[int]:
    """Return the rows whose cells all hold, by trying every cell of every row."""
    names = {column.name: value for column, value in zip(table.columns, values, strict=True)}
    with feel.evaluating(MOMENT) as run:
        return [
            row
            for row in range(len(table.rows))
            if all(table.cell_holds(run, names, row, at, value) for at, value in enumerate(values))
        ]


# ---- the index ----

NUMBERS = st.integers(-3, 6).map(str) | st.sampled_from(["2.5", "0", "10 * 0.3"])
DAYS = st.integers(1, 9).map(lambda day: f'@"2026-01-0{day}"')
WORDS = st.sampled_from(['"a"', '"b"', '"bb"', '"c"', '""'])


def cells_of(ends: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Return cells that compare with *ends*."""
    ranges = st.builds("{}{}..{}{}".format, st.sampled_from("[("), ends, ends, st.sampled_from("])"))
    ordered = st.builds("{} {}".format, st.sampled_from(["<", "<=", ">", ">=", "=", "!="]), ends)
    lists = st.lists(ends | st.just("null") | ranges, min_size=1, max_size=3).map(lambda items: f"[{', '.join(items)}]")
    general = st.builds("? {} {}".format, st.sampled_from(["<", ">=", "="]), ends)
    other = st.sampled_from(["total", '"b", 3', "not(3)", "true", "> tier", "1/0"])
    tests = ends | ordered | ranges | lists | general | st.just("null") | other
    several = st.lists(tests, min_size=1, max_size=3).map(", ".join)
    return st.just("-") | several | several.map(lambda text: f"not({text})")


VALUES = (
    st.none()
    | st.integers(-4, 7).map(Decimal)
    | st.just(Decimal("2.50"))
    | st.sampled_from(["a", "ab", "bb", "", "z"])
    | st.booleans()
    | st.integers(1, 9).map(lambda day: date(2026, 1, day))
    | st.just([Decimal(3)])
)
KINDS = (cells_of(NUMBERS), cells_of(WORDS), st.sampled_from(["-", "true", "false", "not(true)", "null", "!= true"]))
MIXED = st.lists(st.tuples(*KINDS) | st.tuples(cells_of(DAYS), KINDS[1], KINDS[0]), min_size=1, max_size=12)


@settings(max_examples=300, deadline=None)
@given(MIXED, st.tuples(VALUES, VALUES, VALUES))
def test_the_index_finds_the_rows_that_trying_every_cell_finds(rows: list[tuple[str, ...]], values: Any) -> None:
    table = make_table([(*row, str(number)) for number, row in enumerate(rows)])
    assert decide(table, *values) == [Decimal(row) for row in tried(table, values)]


def test_a_thousand_rows_cost_at_most_five_times_ten_rows() -> None:
    def rows(count: int) -> list[list[str]]:
        cells = (
            (f"[{n * 10}..{n * 10 + 10})", f'"k{n % 7}", "k{n % 5}"', str(n % 2 == 0).lower()) for n in range(count)
        )
        return [[*row, str(number)] for number, row in enumerate(cells)]

    small, large = make_table(rows(10), "first"), make_table(rows(1000), "first")

    def seconds(table: DecisionTable, count: int) -> float:
        at = [(Decimal(n * 10 + 3), f"k{n % 7}", n % 2 == 0) for n in range(0, count, max(1, count // 10))]
        assert [decide(table, *values) for values in at] == [values[0] // 10 for values in at]
        times = []
        for _ in range(15):
            start = perf_counter()
            for values in at:
                decide(table, *values)
            times.append(perf_counter() - start)
        return min(times)

    ratio = seconds(large, 1000) / seconds(small, 10)
    assert ratio < 5


# ---- hit policies ----

OVERLAPPING = [["> 10", '"high"'], ["> 5", '"middle"'], ["> 5", '"middle"'], ["> 0", '"low"']]
RANKED = (Output("answer", ("middle", "high", "low")),)


@pytest.mark.parametrize(
    ("hit", "value", "answer"),
    [
        ("unique", 3, "low"),
        ("unique", 7, None),
        ("unique", 0, None),
        ("any", 3, "low"),
        ("any", 7, None),
        ("first", 20, "high"),
        ("first", 7, "middle"),
        ("first", 0, None),
        ("priority", 20, "middle"),
        ("priority", 3, "low"),
        ("rule order", 20, ["high", "middle", "middle", "low"]),
        ("rule order", 0, []),
        ("output order", 20, ["middle", "middle", "high", "low"]),
        ("collect", 7, ["middle", "middle", "low"]),
        ("collect", 0, []),
        ("collect count", 7, Decimal(3)),
        ("collect count", 0, Decimal(0)),
        ("collect min", 7, "low"),
        ("collect max", 20, "middle"),
        ("collect sum", 20, None),
    ],
)
def test_a_hit_policy_treats_several_hits(hit: Hit, value: int, answer: object) -> None:
    assert decide(make_table(OVERLAPPING, hit, ("total",), RANKED), Decimal(value)) == answer


def test_any_gives_what_the_rows_agree_on() -> None:
    table = make_table([["> 5", "1"], ["> 7", "1.0"], ["> 9", "2"]], "any", ("total",))
    assert [decide(table, Decimal(value)) for value in (6, 8, 10)] == [1, 1, None]


def test_collected_numbers_become_one() -> None:
    rows = [["> 1", "total * 2"], ["> 2", "5"], ["-", "null"]]
    assert decide(make_table(rows[:2], "collect sum", ("total",)), Decimal(3)) == 11
    assert decide(make_table(rows[:2], "collect max", ("total",)), Decimal(3)) == 6
    assert decide(make_table(rows, "collect sum", ("total",)), Decimal(3)) is None


def test_several_outputs_make_a_context() -> None:
    outputs = (Output("role"), Output("days"))
    table = make_table([["> 5", '"director"', "1 + 1"]], "unique", ("total",), outputs)
    assert decide(table, Decimal(6)) == {"role": "director", "days": Decimal(2)}


@pytest.mark.parametrize(
    ("hit", "answer"), [("first", {"role": "sales", "days": None}), ("collect", [{"role": "sales", "days": None}])]
)
def test_the_default_stands_in_where_no_row_hits(hit: Hit, answer: object) -> None:
    outputs = (Output("role", default=feel.parse_expression('"sales"')), Output("days"))
    table = make_table([["> 5", '"director"', "1"]], hit, ("total",), outputs)
    assert decide(table, Decimal(0)) == answer


def test_priority_looks_at_the_outputs_in_turn() -> None:
    outputs = (Output("role", ("director", "sales")), Output("days", (Decimal(1), Decimal(2))))
    rows = [["-", '"sales"', "1"], ["-", '"director"', "2"], ["-", '"director"', "1"], ["-", '"director"', "3"]]
    assert decide(make_table(rows, "priority", ("total",), outputs), None) == {"role": "director", "days": Decimal(1)}


def test_decisions_can_be_watched() -> None:
    table = make_table(OVERLAPPING, "priority", ("total",), RANKED)
    with feel.watching_tables() as hits:
        decide(table, Decimal(20))
        decide(table, Decimal(0))
    decide(table, Decimal(20))
    assert hits == [("table", (1,)), ("table", ())]


def test_a_table_that_calls_itself_is_stopped() -> None:
    functions = {"again": feel.FunctionType({"total": feel.Any()}, feel.Any())}
    tables: list[DecisionTable] = []
    bodies = {"again": lambda run, values: tables[0].decide(run, {"total": values[0]})}
    scope = feel.Scope({"total": feel.Any()}, functions, bodies=bodies)
    row = DecisionRow((feel.parse_unary_tests("-"),), (feel.parse_expression("again(total)"),))
    tables.append(DecisionTable("again", "first", [InputColumn("total")], [Output("answer")], [row], scope))
    formula = feel.compile(feel.parse_expression("again(1)"), scope)
    with pytest.raises(feel.BudgetExceeded, match="call each other too deeply"):
        formula.evaluate({}, MOMENT)


# ---- cells in the checker ----


@pytest.mark.parametrize(
    ("cell", "type", "messages"),
    [
        ("< 10, [20..30]", feel.Number(), []),
        ("-", feel.Number(), []),
        ("null, > 5", feel.Number(), []),
        ("? > 5 and ? < 9", feel.Number(), []),
        ("other, > other", feel.Number(), []),
        ('not("new", "gold")', feel.Text(("new", "gold")), []),
        ('"gild"', feel.Text(("new", "gold")), ["'gild' is not one of the options (new, gold)"]),
        ('["new", "gild"]', feel.Text(("new", "gold")), ["'gild' is not one of the options (new, gold)"]),
        ('"new"', feel.Number(), ["a number cannot be compared with a text"]),
        ('> "a"', feel.Number(), ["a number cannot be compared with a text"]),
        ("> true", feel.Boolean(), ["true or false has no order, so '>' does not work on it"]),
        ('[1..@"2026-01-01"]', feel.Number(), ["a range needs two ends of one kind, these are a number and a date"]),
        ("? + 1", feel.Number(), ["a test with '?' must be true or false, this is a number"]),
        ("missing", feel.Number(), ["there is no 'missing' here"]),
    ],
)
def test_a_cell_must_suit_what_it_tests(cell: str, type: feel.Type, messages: list[str]) -> None:
    scope = feel.Scope({"?": type, "other": feel.Number()})
    assert [finding.message for finding in feel.check(feel.parse_unary_tests(cell), scope).findings] == messages


def test_arguments_of_a_table_are_checked() -> None:
    params = {"tier": feel.Text(("new", "gold")), "total": feel.Number("EUR")}
    scope = feel.Scope({"price": feel.Number("DKK")}, {"approvers": feel.FunctionType(params, feel.Text())})
    found = feel.check(feel.parse_expression('approvers("gild", price)'), scope)
    assert [(finding.code, finding.start) for finding in found.findings] == [
        ("feel.not_an_option", 10),
        ("feel.mixed_currencies", 18),
    ]
