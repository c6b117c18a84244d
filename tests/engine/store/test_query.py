"""Lists: filters, order, pages, search, counts, and what a reader does not see."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal as D
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from bench.steps import Steps, meter_of
from hypothesis import given
from hypothesis import strategies as st

from blankett.engine import feel
from blankett.engine.feel.budget import Moment
from blankett.engine.language.model import Formula, Place
from blankett.engine.store import Count, Filter, FullAccess, Page, Query, QueryProblem, Store, new_id
from blankett.engine.store.row_conditions import ALWAYS, NEVER, in_states

MOMENT = Moment(datetime(2026, 3, 2, 9, tzinfo=UTC), ZoneInfo("UTC"))

ROWS: list[dict[str, Any]] = [
    {
        "subject": "Bolts",
        "total": D("12.5"),
        "due": date(2026, 3, 1),
        "urgent": True,
        "channel": "phone",
        "state": "done",
    },
    {"subject": "nuts", "total": D(-3), "due": None, "urgent": False, "channel": "mail", "number": "SO-2"},
    {"subject": None, "total": None, "due": date(1969, 5, 1), "title": "采购订单 Ærø"},
    {"subject": "螺栓和螺母", "total": D("12.500001"), "due": date(2026, 3, 1), "urgent": None},
    {"subject": "Ödland 100%_x", "total": D(12), "owner": "anna", "title": "Müller & Söhne"},
]


@pytest.fixture
def listed(any_store: Store, shelf: Any, shop: Any, order_slots: Any) -> Callable[..., Any]:
    """Give what asks the orders of ROWS and returns their positions in ROWS."""
    made = shelf.fill(any_store, ROWS)
    positions = {record.id: position for position, record in enumerate(made)}

    def ask(**asked: Any) -> Any:
        query = make_query(shop, order_slots, **asked)
        with any_store.reading() as reading:
            found = reading.page(query)
        return found if isinstance(found, QueryProblem) else [positions[record.id] for record in found.records]

    return ask


def make_query(shop: Any, order_slots: Any, **asked: Any) -> Query:
    asked.setdefault("access", FullAccess())
    return Query(organisation="acme", form=shop.forms["order"], slots=order_slots, moment=MOMENT, **asked)


def where(text: str) -> Formula:
    """Return a condition on orders."""
    scope = feel.Scope({"total": feel.Number(nullable=True), "due": feel.Date(nullable=True)})
    expression = feel.parse_expression(text)
    return Formula(text, Place(1, 1), feel.check(expression, scope), expression, scope)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("total - 12 > 0.5", [3]),
        ("total + total = 25", [0]),
        ("total + total + total > 9000000000000000", []),
        ("1 - total >= 4", [1]),
        ('today() - due > duration("P1D")', [2]),
        ("(today() - due).days = 1", [3, 0]),
        ('due - due = duration("P0D")', [3, 2, 0]),
    ],
)
def test_a_list_computes_sums_and_days(listed: Callable[..., Any], text: str, expected: list[int]) -> None:
    assert listed(where=(where(text),)) == expected


def test_a_list_shows_the_newest_first(listed: Callable[..., Any]) -> None:
    assert listed() == [4, 3, 2, 1, 0]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        (Filter(("subject",), "equals", "nuts"), {1}),
        (Filter(("subject",), "not_equals", "nuts"), {0, 2, 3, 4}),
        (Filter(("subject",), "contains", "UTS"), {1}),
        (Filter(("subject",), "contains", "螺母"), {3}),
        (Filter(("subject",), "contains", "öDLAND"), {4}),
        (Filter(("subject",), "contains", "0%_"), {4}),
        (Filter(("subject",), "contains", "0%x"), set()),
        (Filter(("subject",), "starts", "bo"), {0}),
        (Filter(("subject",), "contains", "\0"), set()),
        (Filter(("subject",), "in", ("nuts", "\ud800")), set()),
        (Filter(("subject",), "empty"), {2}),
        (Filter(("subject",), "filled"), {0, 1, 3, 4}),
        (Filter(("total",), "equals", D("12.5")), {0}),
        (Filter(("total",), "equals", D("12.50000001")), set()),
        (Filter(("total",), "less", D("12.5000005")), {0, 1, 4}),
        (Filter(("total",), "at_least", D("12.5")), {0, 3}),
        (Filter(("total",), "more", D("1e30")), set()),
        (Filter(("total",), "between", (D(0), D(12))), {4}),
        (Filter(("total",), "between", (None, D(0))), {1}),
        (Filter(("due",), "at_most", date(1970, 1, 1)), {2}),
        (Filter(("due",), "in", (date(2026, 3, 1), date(1969, 5, 1))), {0, 2, 3}),
        (Filter(("urgent",), "equals", True), {0}),
        (Filter(("urgent",), "equals", False), {1}),
        (Filter(("channel",), "in", ("mail", "phone")), {0, 1}),
        (Filter(("record", "state"), "equals", "done"), {0}),
        (Filter(("record", "owner"), "equals", "anna"), {4}),
        (Filter(("record", "number"), "equals", "SO-2"), {1}),
    ],
    ids=lambda value: f"{'.'.join(value.path)} {value.operator} {value.value}" if isinstance(value, Filter) else "",
)
def test_filters(listed: Callable[..., Any], asked: Filter, found: set[int]) -> None:
    assert set(listed(filters=(asked,))) == found


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        (((("total",), False),), [1, 4, 0, 3, 2]),
        (((("total",), True),), [3, 0, 4, 1, 2]),
        (((("due",), False),), [2, 0, 3, 1, 4]),
        (((("due",), True), (("subject",), False)), [0, 3, 2, 1, 4]),
        (((("subject",), False),), [0, 1, 4, 3, 2]),
        (((("record", "state"), True),), [4, 3, 2, 1, 0]),
        (((("record", "created_at"), False),), [0, 1, 2, 3, 4]),
        (((("record", "number"), False),), [1, 0, 2, 3, 4]),
    ],
    ids=lambda value: str(value) if isinstance(value, tuple) else "",
)
def test_empty_values_come_last_whichever_way_a_list_is_sorted(
    listed: Callable[..., Any], sort: Any, order: list[int]
) -> None:
    assert listed(sort=sort) == order


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("采购", {2}),
        ("müller", {4}),
        ("MÜLLER söhne", {4}),
        ("ærø", {2}),
        ("so-2", {1}),
        ("bolts", {0}),
        ("螺栓", {3}),
        ("bolts müller", set()),
        ("%", {4}),
        ("  ", {0, 1, 2, 3, 4}),
        ("\\", set()),
        ("\0", set()),
        ("bolts \ud800", set()),
    ],
)
def test_search_looks_through_numbers_titles_and_text_fields(
    listed: Callable[..., Any], search: str, found: set[int]
) -> None:
    assert set(listed(search=search)) == found


@pytest.mark.parametrize(
    ("asked", "problem"),
    [
        ({"filters": (Filter(("note",), "equals", "x"),)}, QueryProblem("query.no_slot", {"field": "note"})),
        ({"sort": ((("note",), False),)}, QueryProblem("query.no_slot", {"field": "note"})),
        ({"filters": (Filter(("lines", "item"), "empty"),)}, QueryProblem("query.no_slot", {"field": "lines.item"})),
        ({"filters": (Filter(("x",), "empty"),)}, QueryProblem("query.unknown_field", {"field": "x"})),
        (
            {"filters": (Filter(("record", "data"), "empty"),)},
            QueryProblem("query.unknown_field", {"field": "record.data"}),
        ),
        ({"filters": (Filter(("total",), "contains", "1"),)}, QueryProblem("query.not_a_text", {"field": "total"})),
        ({"filters": (Filter(("total",), "empty"),), "verb": "pick"}, QueryProblem("query.no_filter", {})),
        ({"after": "x"}, QueryProblem("query.bad_cursor", {})),
        ({"after": "WyJhIiwiYiJd"}, QueryProblem("query.bad_cursor", {})),
        ({"after": "WyJcdWQ4MDAiXQ"}, QueryProblem("query.bad_cursor", {})),
        ({"after": "x" * 5000}, QueryProblem("query.bad_cursor", {})),
        ({"sort": ((("total",), False),), "after": "WyJhIiwiYiJd"}, QueryProblem("query.bad_cursor", {})),
    ],
    ids=[
        "no slot",
        "sort",
        "column",
        "unknown",
        "property",
        "not a text",
        "pick",
        "garbage",
        "columns",
        "surrogate",
        "long",
        "kind",
    ],
)
def test_what_cannot_be_asked_is_refused(
    listed: Callable[..., Any], asked: dict[str, Any], problem: QueryProblem
) -> None:
    assert listed(**asked) == problem


SORTS = [
    (),
    ((("total",), False),),
    ((("total",), True),),
    ((("due",), True), (("total",), False)),
    ((("channel",), False), (("due",), False), (("total",), True)),
    ((("record", "state"), False), (("total",), True)),
    ((("record", "title"), True),),
]


@pytest.mark.parametrize("sort", SORTS, ids=str)
def test_pages_show_every_record_once_in_the_order_of_one_long_page(
    any_store: Store, shelf: Any, shop: Any, order_slots: Any, sort: Any
) -> None:
    shelf.fill(any_store, some_rows())
    whole = walk(any_store, make_query(shop, order_slots, sort=sort, limit=500))
    for limit in (1, 3, 7):
        assert walk(any_store, make_query(shop, order_slots, sort=sort, limit=limit)) == whole
    assert len(whole) == len(set(whole)) == 60


def some_rows() -> Iterable[dict[str, Any]]:
    """Yield 60 rows with many equal and empty values."""
    for number in range(60):
        yield {
            "total": None if number % 4 == 0 else D(number % 7),
            "due": None if number % 3 == 0 else date(2026, 1, 1 + number % 5),
            "channel": (None, "mail", "phone")[number % 3],
            "state": ("draft", "done")[number % 2],
            "title": f"Order {number % 10}",
        }


def walk(store: Store, query: Query) -> list[str]:
    """Return the ids of all pages."""
    found: list[str] = []
    with store.reading() as reading:
        page = reading.page(query)
        while isinstance(page, Page):
            found.extend(record.id for record in page.records)
            if page.next is None:
                return found
            page = reading.page(Query(**{**query.__dict__, "after": page.next}))
    raise AssertionError(page)


VALUES = st.tuples(
    st.one_of(st.none(), st.decimals(-5, 5, places=1)),
    st.one_of(st.none(), st.dates(date(2026, 1, 1), date(2026, 1, 4))),
)
ORDERS = st.lists(
    st.tuples(st.sampled_from([("total",), ("due",)]), st.booleans()), max_size=2, unique_by=lambda by: by[0]
)


@given(rows=st.lists(VALUES, max_size=12), sort=ORDERS, limit=st.integers(1, 4))
def test_pages_are_sorted_as_python_sorts(
    make_shelf: Callable[[], Any], shop: Any, order_slots: Any, rows: Any, sort: Any, limit: int
) -> None:
    store = Store("sqlite://")
    store.create_schema()
    made = make_shelf().fill(store, [{"total": total, "due": due} for total, due in rows])
    keys = {
        record.id: dict(zip((("total",), ("due",)), row, strict=True)) for record, row in zip(made, rows, strict=True)
    }
    expected = sorted((record.id for record in made), reverse=not sort or sort[0][1])
    for path, descending in reversed(sort):
        filled = [id for id in expected if keys[id][path] is not None]
        filled = sorted(filled, key=lambda id: keys[id][path], reverse=descending)
        # Sorting in reverse keeps the order of equal ones, as sorting forward does.
        expected = filled + [id for id in expected if keys[id][path] is None]
    assert walk(store, make_query(shop, order_slots, sort=tuple(sort), limit=limit)) == expected
    store.close()


def test_cells_are_the_values_of_the_columns(any_store: Store, shelf: Any, shop: Any, order_slots: Any) -> None:
    target = shelf.fill(any_store, [{"title": "ACME"}])[0]
    values = {"customer": target.id, "total": D("1000"), "due": date(2026, 3, 1), "urgent": False, "channel": "mail"}
    with any_store.writing() as writing:
        record = shelf.put(writing, shelf.order(**values, number="SO-9"), {target.id: "ACME"})
    paths = (
        ("customer",),
        ("total",),
        ("due",),
        ("urgent",),
        ("channel",),
        ("subject",),
        ("record", "number"),
        ("record", "created_at"),
    )
    query = make_query(shop, order_slots, cells=paths, sort=((("total",), True),), limit=1)
    with any_store.reading() as reading:
        page = reading.page(query)
    assert isinstance(page, Page)
    assert page.records == (record,)
    assert [column[0] for column in page.cells.values()] == [
        "ACME",
        D(1000),
        date(2026, 3, 1),
        False,
        "mail",
        None,
        "SO-9",
        record.created_at,
    ]


# Access -------------------------------------------------------------------------------------------------------------


class Masked:
    """Sees orders in draft and done; totals of the done ones alone; subjects never."""

    def scope(self, verb: str, columns: Any, moment: Moment) -> Any:
        return in_states(["draft", "done"]) if verb == "view" else NEVER

    def opens(self, path: Any, columns: Any, moment: Moment) -> Any:
        return {("total",): in_states(["done"]), ("subject",): NEVER}.get(path, ALWAYS)


@pytest.fixture
def masked(any_store: Store, shelf: Any, shop: Any, order_slots: Any) -> Callable[..., Any]:
    """Give what asks with `Masked` and returns titles."""
    rows = [
        {"title": "a", "state": "done", "total": D(1), "subject": "secret"},
        {"title": "b", "state": "draft", "total": D(2), "subject": "secret"},
        {"title": "c", "state": "done", "total": D(3)},
        {"title": "d", "state": "held", "total": D(4)},
    ]
    shelf.fill(any_store, rows)

    def ask(**asked: Any) -> Any:
        with any_store.reading() as reading:
            found = reading.page(make_query(shop, order_slots, access=Masked(), **asked))
        assert isinstance(found, Page)
        return [record.title for record in found.records], found.cells

    return ask


def test_a_rare_value_is_found_without_looking_up_all_of_a_common_one(
    store: Store, shelf: Any, shop: Any, order_slots: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr("blankett.engine.store.query.GLANCE", 3)
    made = shelf.fill(store, [{"owner": "anna", "state": "held" if number < 2 else "done"} for number in range(9)])
    filters = (Filter(("record", "owner"), "equals", "anna"), Filter(("record", "state"), "equals", "held"))
    with store.reading() as reading:
        rows, lengths = reading.rows, list[int]()

        def counted(*told: Any) -> Any:
            lengths.append(len(found := rows(*told)))
            return found

        monkeypatch.setattr(reading, "rows", counted)
        page = reading.page(make_query(shop, order_slots, filters=filters, sort=((("record", "changed_at"), True),)))
    assert isinstance(page, Page)
    assert {record.id for record in page.records} == {record.id for record in made[:2]}
    # A glance at the owner's four, the two in that state, and the page.
    assert lengths == [4, 2, 2]


def test_records_outside_the_scope_are_not_there(masked: Callable[..., Any]) -> None:
    assert masked()[0] == ["c", "b", "a"]
    assert masked(verb="pick")[0] == []


def test_what_a_reader_may_not_see_counts_as_empty(masked: Callable[..., Any]) -> None:
    assert masked(filters=(Filter(("total",), "at_least", D(1)),))[0] == ["c", "a"]
    assert masked(filters=(Filter(("total",), "empty"),))[0] == ["b"]
    assert masked(sort=((("total",), True),))[0] == ["c", "a", "b"]
    assert masked(sort=((("subject",), True),))[0] == ["c", "b", "a"]
    assert masked(search="secret")[0] == []
    assert masked(filters=(Filter(("subject",), "filled"),))[0] == []
    cells = masked(cells=(("total",), ("subject",)))[1]
    assert list(zip(*cells.values(), strict=True)) == [(D(3), None), (None, None), (D(1), None)]


def test_masked_lists_page_too(masked: Callable[..., Any], any_store: Store, shop: Any, order_slots: Any) -> None:
    query = make_query(shop, order_slots, access=Masked(), sort=((("total",), True),), limit=1)
    assert len(walk(any_store, query)) == 3


# Counting -----------------------------------------------------------------------------------------------------------


def test_counts_stop_at_the_cap(any_store: Store, shelf: Any, shop: Any, order_slots: Any) -> None:
    shelf.fill(any_store, ROWS)
    query = make_query(shop, order_slots)
    with any_store.reading() as reading:
        counts = [reading.count(query, cap=cap) for cap in (4, 5, 1000)]
        assert reading.count(make_query(shop, order_slots, access=Masked(), verb="pick")) == Count(0, False)
    assert counts == [Count(4, True), Count(5, False), Count(5, False)]


@pytest.mark.parametrize(
    ("asked", "statements", "count"),
    [
        ({"filters": (Filter(("record", "state"), "equals", "done"),)}, 1, 1),
        ({"filters": (Filter(("record", "state"), "in", ("done", "draft")),)}, 1, 5),
        ({"filters": (Filter(("record", "state"), "equals", "done"), Filter(("urgent",), "equals", True))}, 2, 1),
        ({"filters": (Filter(("record", "owner"), "equals", "anna"),)}, 2, 1),
        ({}, 1, 5),
    ],
    ids=["by a state", "by states", "by a state and a field", "by a person", "all"],
)
def test_what_the_index_of_states_tells_is_counted_there_and_no_row_is_looked_up(
    store: Store, shelf: Any, shop: Any, order_slots: Any, asked: Any, statements: int, count: int, monkeypatch: Any
) -> None:
    shelf.fill(store, ROWS)
    asked_for: list[object] = []
    with store.reading() as reading:
        rows = reading.rows
        monkeypatch.setattr(reading, "rows", lambda *told: asked_for.append(told) or rows(*told))
        assert reading.count(make_query(shop, order_slots, **asked), cap=100) == Count(count, False)
    assert len(asked_for) == statements


class MaskedCustomers(FullAccess):
    """Sees the customers of orders in draft alone."""

    def opens(self, path: Any, columns: Any, moment: Moment) -> Any:
        return in_states(["draft"]) if path == ("customer",) else ALWAYS


#: How a list is asked whose first records are the newest.
NEWEST_FIRST = {
    "by amount": ((("total",), True),),
    "by day": ((("due",), True),),
    "by age": ((("record", "created_at"), True),),
    "newest": (),
}


def test_a_common_value_is_read_in_the_order_of_another_column_without_what_comes_before_it(
    any_store: Store, shelf: Any, shop: Any, order_slots: Any, monkeypatch: Any
) -> None:
    """Ten orders of one customer stand behind more and more of another's, whichever way they are sorted."""
    for name, most in (("COUNT_CAP", 5), ("GLANCE", 3)):
        monkeypatch.setattr(f"blankett.engine.store.query.{name}", most)
    ours, theirs = new_id(MOMENT.now), new_id(MOMENT.now)
    made = shelf.fill(
        any_store, [{"customer": ours, "total": D(n), "due": date(2026, 3, 1 + n // 3)} for n in range(10)]
    )
    asked = Filter(("customer",), "equals", ours)
    queries = {
        (how, access): make_query(shop, order_slots, filters=(asked,), sort=sort, access=access, limit=4)
        for how, sort in NEWEST_FIRST.items()
        for access in (FullAccess(), MaskedCustomers())
    }
    few = pages_behind(any_store, shelf, theirs, 150, queries)
    many = pages_behind(any_store, shelf, theirs, 450, queries)
    newest = [record.id for record in reversed(made[-4:])]
    assert {question: ids for question, (ids, _) in many.items() if ids != newest} == {}
    assert {
        question: (few[question][1], steps)
        for question, (_, steps) in many.items()
        if steps.steps > 1.1 * few[question][1].steps + few[question][1].looks
    } == {}


def pages_behind(
    store: Store, shelf: Any, customer: str, orders: int, queries: Mapping[Any, Query]
) -> dict[Any, tuple[list[str], Steps]]:
    """Return the page of each query, and what it asks, behind further *orders* of a customer."""
    shelf.fill(store, [{"customer": customer, "total": D(999), "due": date(2027, 1, 1)}] * orders)
    if not store.is_sqlite:
        with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("ANALYZE")
    meter, found = meter_of(store), {}
    for question, query in queries.items():
        ids_on_page(store, query)  # statements are prepared, plans made
        ids: list[str] = []
        steps = meter.measure(partial(lambda told, asked: told.extend(ids_on_page(store, asked)), ids, query))
        found[question] = (ids, steps)
    return found


def ids_on_page(store: Store, query: Query) -> list[str]:
    with store.reading() as reading:
        page = reading.page(query)
    assert isinstance(page, Page)
    return [record.id for record in page.records]


DONE = Filter(("record", "state"), "equals", "done")


@pytest.mark.parametrize("sort", [((("due",), True),), ((("due",), False), (("total",), True))], ids=str)
@pytest.mark.parametrize("asked", [DONE, Filter(("record", "state"), "in", ("done",))], ids=["equals", "in"])
def test_pages_of_one_state_by_its_day_are_those_of_the_whole_list(
    any_store: Store, shelf: Any, shop: Any, order_slots: Any, sort: Any, asked: Filter
) -> None:
    rows = list(some_rows())
    made = shelf.fill(any_store, rows)
    states = {record.id: row["state"] for record, row in zip(made, rows, strict=True)}
    whole = walk(any_store, make_query(shop, order_slots, sort=sort, limit=7))
    found = walk(any_store, make_query(shop, order_slots, sort=sort, limit=7, filters=(asked,)))
    assert found == [id for id in whole if states[id] == "done"]
    assert len(found) == 30


@pytest.mark.parametrize(
    ("asked", "limit", "statements"),
    [
        ({"filters": (DONE,)}, 7, 1),
        ({"filters": (DONE,)}, 25, 3),
        ({"filters": (DONE, Filter(("urgent",), "empty"))}, 7, 2),
        ({"filters": (DONE,), "search": "Order"}, 7, 3),
    ],
    ids=["of one state", "with those without a day", "of which more is asked", "that is searched"],
)
def test_a_page_of_one_state_by_its_day_looks_no_ids_up(
    store: Store, shelf: Any, shop: Any, order_slots: Any, asked: Any, limit: int, statements: int, monkeypatch: Any
) -> None:
    shelf.fill(store, list(some_rows()))
    asked_for: list[object] = []
    with store.reading() as reading:
        rows = reading.rows
        monkeypatch.setattr(reading, "rows", lambda *told: asked_for.append(told) or rows(*told))
        page = reading.page(make_query(shop, order_slots, sort=((("due",), True),), limit=limit, **asked))
    assert isinstance(page, Page)
    assert (len(page.records), len(asked_for)) == (limit, statements)


def test_a_text_names_a_record_by_id_number_or_title(any_store: Store, shelf: Any, shop: Any, order_slots: Any) -> None:
    made = shelf.fill(
        any_store, [{"number": "SO-1", "title": "One"}, {"number": "One", "title": "X"}, {"title": "X"}, {"title": "X"}]
    )
    query = make_query(shop, order_slots)
    with any_store.reading() as reading:
        found = {
            text: [id for id, _ in reading.named(query, text)]
            for text in (made[0].id, " SO-1 ", "One", "X", "so-1", "", "no")
        }
    assert found == {
        made[0].id: [made[0].id],
        " SO-1 ": [made[0].id],
        "One": [made[1].id],
        "X": [made[1].id, made[2].id],
        "so-1": [],
        "": [],
        "no": [],
    }
