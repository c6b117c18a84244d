"""The SQL subset gives the same answer as the evaluator, null included."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal as D
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from tests.departments import directory_of

from blankett.engine import feel
from blankett.engine.feel.builtins.departments import department_reference

DIRECTORY = directory_of(
    ("sales", None, "u1"), ("north", "sales", None), ("empty", None, None), members=(("u2", "north"),)
)
MOMENT = feel.Moment(datetime(2026, 3, 1, 12, tzinfo=UTC), ZoneInfo("UTC"), directory=lambda: DIRECTORY)
KINDS = {
    "n": "number", "m": "number", "t": "text", "u": "text", "d": "date", "e": "datetime", "b": "boolean",
    "customer": "link", "agent": "user", "branch": "department",
}  # fmt: skip
TYPES: dict[str, feel.Type] = {
    "n": feel.Number(nullable=True),
    "m": feel.Number(nullable=True),
    "t": feel.Text(nullable=True),
    "u": feel.Text(nullable=True),
    "d": feel.Date(nullable=True),
    "e": feel.DateTime(nullable=True),
    "b": feel.Boolean(nullable=True),
    "customer": feel.RecordType("customer", nullable=True),
    "agent": feel.RecordType("user", nullable=True),
    "branch": feel.RecordType("department", nullable=True),
}
ENGINE = sa.create_engine("sqlite://")
SCOPE = feel.Scope(
    {
        **TYPES,
        "this": feel.Context(TYPES),
        "user": feel.RecordType("user"),
        "record": feel.Context({"state": feel.Text(), "created_at": feel.DateTime()}),
        "notes": feel.Text(nullable=True),
    },
    forms=lambda form: feel.Context({"name": feel.Text(), "customer": feel.RecordType("customer", nullable=True)}),
)


class Columns:
    """Fields by their first name, each a literal of the row at hand, or a bare column."""

    def __init__(self, row: Mapping[str, Any] | None = None) -> None:
        self.row = row

    def column(self, path: tuple[str, ...]) -> feel.SqlColumn | None:
        kind = KINDS.get(path[0]) if len(path) == 1 else {"state": "text"}.get(path[-1])
        if kind is None:
            return None
        element: sa.ColumnElement[Any] = sa.column(path[-1])
        if self.row is not None:
            element = sa.literal(
                stored(self.row[path[0]]), sa.String() if isinstance(stored(self.row[path[0]]), str) else sa.Integer()
            )
        return feel.SqlColumn(kind, element)  # type: ignore[arg-type]


def stored(value: Any) -> Any:
    """Return *value* as a column stores it."""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, D):
        return int(value.scaleb(6))
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    if isinstance(value, date):
        return (value - date(1970, 1, 1)).days
    return value.id if isinstance(value, feel.Reference) else value


def both_answers(formula: str, row: Mapping[str, Any], this: Mapping[str, Any]) -> tuple[Any, Any]:
    """Return what the evaluator and what SQL says of *formula*."""
    expression = feel.parse_expression(formula)
    outside = {"this": dict(this), "user": feel.Reference("u1")}
    said = feel.compile(expression, SCOPE).evaluate({**row, **outside}, MOMENT)
    condition = feel.to_sql(expression, SCOPE, Columns(row), outside, MOMENT)
    with ENGINE.connect() as connection:
        found = connection.execute(sa.select(sa.type_coerce(condition, sa.Integer()))).scalar()
    return said, None if found is None else bool(found)


# ---- by hand ----

ROW: dict[str, Any] = {
    "n": D("10.5"), "m": None, "t": "b", "u": "B", "d": date(2026, 2, 1), "e": datetime(2026, 2, 1, 8, tzinfo=UTC),
    "b": True, "customer": feel.Reference("c1"), "agent": None,
    "branch": department_reference(MOMENT, "north"),
}  # fmt: skip
THIS = {**ROW, "customer": feel.Reference("c1"), "n": D("10.5000001"), "m": None, "agent": feel.Reference("u1")}
THIS["branch"] = department_reference(MOMENT, "sales")

BY_HAND = [
    ("n = 10.5", True),
    ("n = 10.5000001", False),
    ("n != 10.5000001", True),
    ("n < 10.5000001", True),
    ("n > 10.4999999", True),
    ("n >= this.n", False),
    ("n = this.m", False),
    ("m = this.m", True),
    ("m < 1", None),
    ("m != 1", True),
    ("not(m = 1)", True),
    ("not(m > 1)", None),
    ("n < 1e30", True),
    ("n > -1e30", True),
    ("n = 1e30", False),
    ("t > u", True),
    ("t in (\"a\", \"b\")", True),
    ("u in this.t", False),
    ("n in [1..10.5]", True),
    ("n in (> 10, < 3)", True),
    ("m in (null, 3)", True),
    ("n between 1 and m", None),
    ("12 between n and 13", True),
    ("customer = this.customer", True),
    ("agent = user", False),
    ("user in (agent, customer)", False),
    ("agent = null and b", True),
    ("d >= today() - duration(\"P30D\")", True),
    ("e < now()", True),
    ("b = true and not(b)", False),
    ("this.b", True),
    ("b or m > 1", True),
    ("n - 10 > 0.4999999", True),
    ("n - 10 > 0.5", False),
    ("-n + 20 = 9.5", True),
    ("1 - n < this.n", True),
    ("n + m > 0", None),
    ("n + m = null", True),
    ("n + m = 3", False),
    ("n + n = 21", True),
    ("n + n - n = n", True),
    ("n + this.m > 1", None),
    ("n - 0.0000001 < n", True),
    ("n + 1e13 > 1e13", True),
    ("n + 1e25 - n < 1e30", True),
    ("n in [n - 1..n + 1]", True),
    ('today() - d > duration("P27D")', True),
    ('today() - d > duration("P28D")', False),
    ('d - today() < duration("-P27DT1H")', True),
    ('d - today() = duration("-P28D")', True),
    ("(today() - d).days = 28", True),
    ("(d - d).days = 0 and d - d = this.d - this.d", True),
    ("(this.d - d).days - n < 0", True),
    ("today() - d > 3", None),
    ("branch = this.branch", False),
    ("branch != this.branch", True),
    ("belongs to(branch, this.branch)", True),
    ('not(belongs to(branch, "empty"))', True),
    ('belongs to(branch, "empty")', False),
    ('belongs to(branch, "gone")', None),
    ("belongs to(agent, this.branch)", None),
    ('belongs to(agent, "empty") or b', True),
]  # fmt: skip


@pytest.mark.parametrize(("formula", "answer"), BY_HAND, ids=[case[0] for case in BY_HAND])
def test_condition_is_answered_alike(formula: str, answer: bool | None) -> None:
    assert both_answers(formula, ROW, THIS) == (answer, answer)


FINDINGS = [
    ("n + 1 > 2 and m - n in (1, 2) and (today() - d).days > 3", []),
    ("n * 2 > 2", [("feel.sql_two_columns", "n * 2")]),
    ('d + duration("P1D") > today()', [("feel.sql_two_columns", 'd + duration("P1D")')]),
    ('now() - e > duration("P1D")', [("feel.sql_two_columns", "now() - e")]),
    ("string length(t) > 2", [("feel.sql_unsupported", "string length(t)")]),
    ('notes = "x"', [("feel.sql_no_column", "notes")]),
    ('customer.name = "x" and m > 1', [("feel.sql_no_column", "customer.name")]),
    ("if b then n > 1 else m > 1", [("feel.sql_unsupported", "if b then n > 1 else m > 1")]),
    ('record.state = "draft" and customer = user.customer', []),
    ("string length(this.t) > 2 or this.n + 1 > n", []),
    ("belongs to(branch, this.branch)", []),
    ("belongs to(this.agent, branch)", [("feel.sql_unsupported", "belongs to(this.agent, branch)")]),
]


@pytest.mark.parametrize(("formula", "expected"), FINDINGS, ids=[case[0] for case in FINDINGS])
def test_what_is_outside_the_subset_is_found(formula: str, expected: list[tuple[str, str]]) -> None:
    findings = feel.sql_findings(feel.parse_expression(formula), SCOPE, Columns())
    assert [(finding.code, formula[finding.start : finding.end]) for finding in findings] == expected


def test_sql_refuses_what_the_findings_name() -> None:
    with pytest.raises(ValueError, match="'if' cannot be used"):
        feel.to_sql(feel.parse_expression("if b then n > 1 else m > 1"), SCOPE, Columns(), {}, MOMENT)


# ---- by chance ----

numbers = st.integers(-3_000_000, 3_000_000).map(lambda number: D(number).scaleb(-6)) | st.sampled_from(
    [D(0), D(1), D("0.5")]
)
texts = st.sampled_from(["", "a", "b", "B", "ä", "z", "🐎", "ab"])
days = st.integers(-2, 2).map(lambda number: date(1970, 1, 1) + timedelta(days=number))
moments = st.integers(-2, 2).map(lambda number: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(microseconds=number))
ids = st.sampled_from(["c1", "c2"]).map(feel.Reference)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "number": numbers,
    "text": texts,
    "date": days,
    "datetime": moments,
    "boolean": st.booleans(),
    "link": ids,
    "user": ids,
    "department": st.sampled_from(["sales", "north"]).map(lambda id: department_reference(MOMENT, id)),
}
rows = st.fixed_dictionaries({name: st.none() | VALUES[kind] for name, kind in KINDS.items()})

LITERALS: dict[str, st.SearchStrategy[str]] = {
    "department": st.just("user"),
    "number": st.sampled_from(["0", "1", "0.5", "0.0000001", "-0.0000005", "1e20", "-1e20", "2.999999"]),
    "text": texts.map(lambda text: f'"{text}"'),
    "date": days.map(lambda day: f'@"{day.isoformat()}"'),
    "datetime": moments.map(lambda moment: f'@"{moment.isoformat()}"') | st.just('@"2026-01-01T00:00:00"'),
    "boolean": st.sampled_from(["true", "false"]),
    "link": st.just("user"),
    "user": st.just("user"),
}


@st.composite
def operands(draw: st.DrawFn, kind: str) -> str:
    """Return a column, a value of this record or a literal, mostly of one kind."""
    of_kind = [name for name, its in KINDS.items() if its == kind]
    column = st.sampled_from(of_kind)
    outside = column.map(lambda name: f"this.{name}")
    odd = st.sampled_from(["null", "1", '"a"', "this.b"])
    return draw(st.one_of(column, column, outside, LITERALS[kind], odd))


@st.composite
def computed(draw: st.DrawFn, kind: str, column: str) -> str:
    """Return a sum or a difference with a column in it."""
    value = draw(operands(kind))
    if kind == "date":
        return draw(st.sampled_from([f"{column} - {value}", f"{value} - {column}"]))
    sign = draw(st.sampled_from("+-"))
    return draw(st.sampled_from([f"({column} {sign} {value})", f"({value} {sign} {column})", f"-{column}"]))


@st.composite
def comparisons(draw: st.DrawFn) -> str:
    kind = draw(st.sampled_from(sorted(VALUES)))
    column = draw(st.sampled_from([name for name, its in KINDS.items() if its == kind]))
    value = operands(kind)
    sign = st.sampled_from(["=", "!=", "<", "<=", ">", ">="])
    shape = draw(st.integers(0, 7 if kind in ("number", "date") else 6))
    if shape == 7:
        sum_ = draw(computed(kind, column))
        other = draw(st.one_of(value, computed(kind, column)) if kind == "number" else st.just('duration("P1D")'))
        return f"{sum_} {draw(sign)} {other}"
    if shape <= 2:
        return f"{column} {draw(sign)} {draw(value)}"
    if shape == 3:
        return f"{draw(value)} {draw(sign)} {column}"
    if shape == 4:
        return f"{column} between {draw(value)} and {draw(value)}"
    if shape == 5:
        opening, closing = draw(st.sampled_from(["[", "("])), draw(st.sampled_from(["]", ")"]))
        return f"{column} in {opening}{draw(value)}..{draw(value)}{closing}"
    fixed = st.one_of(
        LITERALS[kind], st.sampled_from(["null", "1", '"a"', f"this.{column}", f"< {draw(LITERALS[kind])}"])
    )
    return f"{column} in ({', '.join(draw(st.lists(fixed, min_size=2, max_size=3)))})"


conditions = st.recursive(
    comparisons()
    | st.sampled_from(["b", "this.b", "not(b)", "belongs to(branch, this.branch)", 'belongs to(agent, "sales")']),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(lambda parts: f"({' '.join(parts)})"),
        inner.map(lambda condition: f"not({condition})"),
    ),
    max_leaves=4,
)


@given(conditions, rows, rows)
def test_any_condition_is_answered_alike(formula: str, row: dict[str, Any], this: dict[str, Any]) -> None:
    expression = feel.parse_expression(formula)
    if feel.sql_findings(expression, SCOPE, Columns()):
        return
    said, found = both_answers(formula, row, this)
    assert found == (said if isinstance(said, bool) else None)
