"""Opening records, forms as typed, lists, the inbox and choices: what a person sees, and nothing else."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from blankett.engine.fields.base import Lookup
from blankett.engine.fields.reader import Reader, shown_field
from blankett.engine.records import Choice, Command, FieldView, FormPreview, ListPage, ListRequest, Refusal
from blankett.engine.records.evaluation_context import StoredNames, situation_of
from blankett.engine.store import Count, Filter, QueryProblem

from .conftest import NOW, Trade
from .told import in_words, row_texts


def listed(trade: Trade, name: str, **parts: Any) -> ListPage:
    """Return a page of orders."""
    page = trade.engine.query(trade.actor(name), ListRequest(**{"blueprint": "trade", "form": "order", **parts}))
    assert isinstance(page, ListPage), page
    return page


def words_of(view: FieldView) -> str:
    """Return the value of a field or cell as people read it."""
    if view.target is not None:
        return view.target.title
    return shown_field(view.field, view.value, Reader.of_language("en"), view.currency, empty="")


# One record -----------------------------------------------------------------------------------------------------------


def test_a_record_is_shown_with_its_words(trade: Trade) -> None:
    order = trade.order(promised=date(2026, 3, 9))
    view = trade.view("anna", order.record)
    fields = {field.field.key: field for section in view.sections for field in section.fields}
    assert [section.key for section in view.sections] == ["details", "lines"]
    assert {key: words_of(field) for key, field in fields.items()} == {
        "customer": "Acme", "channel": "Phone", "caller": "Bob", "currency": "EUR", "promised": "9 Mar 2026",
        "note": "", "total": "€229.00", "discount": "", "approver": "", "count_shipped": "0", "shipment": "",
        "lines": "",
    }  # fmt: skip
    assert [[words_of(cell) for cell in line.cells.values()] for line in fields["lines"].lines] == [
        ["Widget", "3", "€10.00", "no", "€30.00"],
        ["Gadget", "2", "€99.50", "no", "€199.00"],
    ]
    assert (view.form_title, view.state.title if view.state else None, view.owner.title if view.owner else None) == (
        "Order", "Draft", "Anna",
    )  # fmt: skip


def test_names_made_one_by_one_are_those_made_together(trade: Trade) -> None:
    order = trade.order(promised=date(2026, 3, 9))
    with trade.store.reading() as reading:
        unit = trade.engine.unit(reading, trade.actor("anna"))
        linked, names = unit.linked, []
        for id, key in ((order.record, "channel"), (str(trade.stored(order.record).data["customer"]), "name")):
            stored = linked.record(id)
            assert stored is not None
            hidden = replace(stored, hidden=frozenset({key}))
            for each in (stored, hidden):
                process = unit.catalog.process_of(each)
                together = situation_of(process, each, linked).names
                names.append((dict(StoredNames(process, each, linked, {"this": 1})), {**together, "this": 1}))
    assert [one for one, _ in names] == [together for _, together in names]


def test_a_form_tells_which_fields_can_be_typed_must_be_and_were_filled(trade: Trade) -> None:
    preview = trade.preview("anna", "order", trade.order().record)
    keys = ("customer", "currency", "total", "count_shipped", "note")
    flags = {key: (key not in preview.locked, key in preview.required, key in preview.filled) for key in keys}
    assert flags == {
        "customer": (True, True, False),
        "currency": (True, True, True),
        "total": (False, False, False),
        "count_shipped": (False, False, False),
        "note": (True, False, False),
    }


def test_hidden_fields_are_not_shown(trade: Trade) -> None:
    view = trade.view("anna", trade.order(channel="web").record)
    assert view.find("caller") is None
    assert "caller" not in view.values


def test_actions_say_why_they_cannot_be_taken(trade: Trade) -> None:
    order = trade.order(lines=trade.lines(("P-2", 200)), action="submit")
    actions = {action.key: action for action in trade.view("anna", order.record).actions}
    assert {key: action.is_enabled for key, action in actions.items()} == {
        "approve": False, "send_back": False, "cancel": True, "flag": False,
    }  # fmt: skip
    assert [(reason.message, in_words(reason.params)) for reason in actions["approve"].reasons] == [
        ("reason.who", {"who": ("Manager",)}),
        ("need.test", {"title": "Total", "value": "€19,900.00", "what": "less than €10,000.00"}),
    ]


def test_the_timeline_tells_who_changed_what(trade: Trade) -> None:
    order = trade.order()
    lines = [{"id": line["id"]} for line in trade.stored(order.record).data["lines"]]
    lines[0]["quantity"] = Decimal(5)
    new = {"product": trade.products["P-1"], "quantity": Decimal(1)}
    trade.now = NOW + timedelta(hours=1)
    trade.done("bo", "order", order.record, lines=[lines[0], new], customer=trade.customers["NORD"])
    entries = trade.view("anna", order.record).timeline
    assert [(entry.kind, entry.user.title, entry.at) for entry in entries] == [
        ("change", "Bo", NOW + timedelta(hours=1)),
        ("create", "Anna", NOW),
    ]
    assert [(change.title, change.before, change.after, change.line, change.kind) for change in entries[0].changes] == [
        ("Customer", "Acme", "Nord", None, "changed"),
        ("Currency", "EUR", "DKK", None, "changed"),
        ("Lines / Quantity", "3", "5", 1, "changed"),
        ("Lines / Price", "€10.00", "DKK\xa074.60", 1, "changed"),
        ("Lines / Amount", "€30.00", "DKK\xa0373.00", 1, "changed"),
        ("Lines", "", "", 2, "came"),
        ("Lines", "", "", 2, "went"),
        ("Total", "€229.00", "DKK\xa0447.60", None, "changed"),
    ]


def test_the_way_of_a_record_through_its_states(trade: Trade) -> None:
    order = trade.order(action="submit")
    trade.done("max", "order", order.record, action="send_back", inputs={"reason": "No"})
    trade.done("anna", "order", order.record, action="submit")
    view = trade.view("anna", order.record)
    assert [state.key for state in view.travelled] == ["review", "draft", "review"]
    assert [state.kind for state in view.states] == ["start", "work", "half", "done", "stop"]


def test_related_records_are_those_that_link_here_as_far_as_the_reader_may_open_them(trade: Trade) -> None:
    order = trade.released()
    trade.done("wilma", "order", order.record, action="ship")

    def related(name: str) -> list[Any]:
        return [
            (group.title, group.through, [other.title for other in group.records])
            for group in trade.view(name, order.record).related
        ]

    assert (related("wilma"), related("anna")) == ([("Shipment", "Order", ["SH-001"])], [])


def test_opening_costs_as_many_queries_however_many_lines(trade: Trade) -> None:
    def queries(count: int) -> int:
        order = trade.order(lines=trade.lines(*[("P-1", 1), ("P-2", 1)] * count))
        statements: list[str] = []
        with trade.store.reading() as reading:
            driver = reading.connection.connection.dbapi_connection
        assert isinstance(driver, sqlite3.Connection)
        driver.set_trace_callback(statements.append)
        trade.view("anna", order.record)
        driver.set_trace_callback(None)
        return len(statements)

    queries(1)
    assert queries(1) == queries(20)


# Forms as typed -------------------------------------------------------------------------------------------------------


def test_a_new_form_has_its_defaults(trade: Trade) -> None:
    form = trade.engine.new(trade.actor("anna"), "trade", "order")
    assert isinstance(form, FormPreview)
    assert (form.values["channel"], form.values["lines"], form.problems) == ("phone", [], ())
    assert {"customer", "currency", "caller"} <= form.required
    assert {"total", "count_shipped", "shipment"} <= form.locked


def test_a_form_is_worked_out_as_it_is_typed(trade: Trade) -> None:
    lines = [{"id": "+1", "product": trade.products["P-1"], "quantity": Decimal(2), "rush": True}]
    form = trade.preview("anna", "order", customer=trade.customers["NORD"], lines=lines)
    (line,) = form.values["lines"]
    assert (line["id"], line["price"], line["amount"], form.values["total"]) == (
        "+1", Decimal("74.6"), Decimal("149.2"), Decimal("149.2"),
    )  # fmt: skip
    assert (form.filled, "lines/+1/rush_fee" in form.hidden) == (frozenset({"currency", "lines/+1/price"}), False)
    assert form.currencies["lines/+1/price"] == "DKK"
    assert form.titles[trade.customers["NORD"]] == "Nord"
    assert trade.records("order") == []


def test_a_preview_tells_what_is_wrong_without_refusing(trade: Trade) -> None:
    form = trade.preview("anna", "order", channel="fax", action="submit", lines=[])
    assert [(problem.path, problem.message) for problem in form.problems] == [
        (("channel",), "field.no_such_option"),
        (("customer",), "field.required"),
        (("currency",), "field.required"),
        (("lines",), "field.no_line"),
    ]


def test_a_preview_of_a_record_keeps_what_is_stored(trade: Trade) -> None:
    order = trade.order()
    form = trade.preview("anna", "order", order.record, customer=trade.customers["NORD"])
    assert [line["price"] for line in form.values["lines"]] == [Decimal("74.6"), Decimal("742.27")]
    assert trade.stored(order.record).data["currency"] == "EUR"


def test_a_copy_starts_with_what_was_typed(trade: Trade) -> None:
    order = trade.order(note="Ring first")
    copy = trade.engine.new(trade.actor("bo"), "trade", "order", copy=order.record)
    assert isinstance(copy, FormPreview)
    assert (copy.values["note"], copy.values["total"], copy.filled >= {"currency"}) == (
        "Ring first",
        Decimal(229),
        True,
    )
    assert all(line["id"].startswith("+") for line in copy.values["lines"])
    unique = trade.engine.new(trade.actor("max"), "trade", "customer", copy=trade.customers["ACME"])
    assert isinstance(unique, FormPreview)
    assert (unique.values["code"], unique.values["name"]) == (None, "Acme")


def test_a_copy_of_what_is_closed_is_refused(trade: Trade) -> None:
    order = trade.order()
    answer = trade.engine.new(trade.actor("wilma"), "trade", "order", copy=order.record)
    assert isinstance(answer, Refusal)
    assert answer.kind == "missing"


# Lists ----------------------------------------------------------------------------------------------------------------


def test_a_list_has_the_authors_columns_and_order(trade: Trade) -> None:
    trade.order(promised=date(2026, 3, 9))
    trade.order(customer=trade.customers["NORD"], lines=trade.lines(("P-2", 9)), action="submit")
    page = listed(trade, "anna")
    titles = [(column.key, column.field and column.field.title.say("en")) for column in page.columns]
    assert (page.title, titles) == (
        "All orders",
        [("record.number", None), ("customer", "Customer"), ("promised", "Promised"), ("total", "Total"),
         ("record.state", None)],
    )  # fmt: skip
    assert row_texts(page) == [
        ("SO-2026-0001", "Nord", "", "DKK\N{NO-BREAK SPACE}6,680.43", "In review"),
        ("", "Acme", "9 Mar 2026", "€229.00", "Draft"),
    ]


def test_a_list_holds_what_the_reader_may_see(trade: Trade) -> None:
    trade.order()
    trade.order(action="submit")
    assert [len(listed(trade, name).rows) for name in ("anna", "max", "wilma", "ada", "nobody")] == [2, 2, 0, 2, 0]
    page = listed(trade, "ada", columns=("customer", "promised", "margin", "total"))
    assert tuple(values[0] for values in page.values) == ("Acme", None, None, Decimal(229))


def test_a_column_that_no_slot_holds_is_read_from_the_record(trade: Trade) -> None:
    trade.order(note="Ring first")
    page = listed(trade, "max", columns=("note", "margin"))
    assert row_texts(page) == [("Ring first", "€94.00")]
    assert [column.is_sortable for column in page.columns] == [False, False]
    assert row_texts(listed(trade, "anna", columns=("note", "margin"))) == [("Ring first", "")]


def test_lists_are_filtered_searched_and_paged(trade: Trade) -> None:
    orders = [trade.order(lines=trade.lines(("P-1", count))) for count in (1, 2, 3)]
    trade.done("anna", "order", orders[0].record, action="submit")
    drafts = Filter(("record", "state"), "equals", "draft")
    assert list(listed(trade, "anna", filters=(drafts,)).values[3]) == [Decimal(30), Decimal(20)]
    assert [row.number for row in listed(trade, "anna", search="so-2026").rows] == ["SO-2026-0001"]
    first = listed(trade, "anna", limit=2)
    assert [len(first.rows), len(listed(trade, "anna", limit=2, after=first.next).rows)] == [2, 1]
    count = trade.engine.count(trade.actor("anna"), ListRequest(blueprint="trade", form="order", filters=(drafts,)))
    assert count == Count(2, capped=False)


def test_a_list_of_ones_own(trade: Trade) -> None:
    trade.order("anna")
    trade.order("bo", action="submit")
    assert [row.number for row in listed(trade, "bo", list="mine").rows] == ["SO-2026-0001"]


def test_a_list_that_cannot_be_asked_says_why(trade: Trade) -> None:
    answer = trade.engine.query(
        trade.actor("anna"), ListRequest(blueprint="trade", form="order", sort=((("note",), False),))
    )
    assert isinstance(answer, QueryProblem)
    assert (answer.message, answer.params) == ("query.no_slot", {"field": "note"})


# Inbox and choices ----------------------------------------------------------------------------------------------------


def test_the_inbox_holds_what_one_can_move_on(trade: Trade) -> None:
    old = trade.order(action="submit")
    trade.now = NOW + timedelta(hours=1)
    trade.order(lines=trade.lines(("P-2", 200)), action="submit")  # too large for him to approve
    trade.now = NOW + timedelta(hours=2)
    draft = trade.order()

    def inbox(name: str) -> list[Any]:
        return [(item.id, [key for key, _ in item.actions]) for item in trade.engine.inbox(trade.actor(name)).items]

    assert inbox("max") == [
        (old.record, ["approve", "send_back", "cancel", "flag"]),
        (draft.record, ["submit", "cancel"]),
    ]
    assert inbox("anna") == [(draft.record, ["submit", "cancel"])]
    assert inbox("wilma") == inbox("ada") == []


def test_what_is_handed_to_somebody_says_so(trade: Trade) -> None:
    order = trade.order(action="submit")
    trade.done("max", "order", order.record, action="send_back", inputs={"reason": "No"})
    items = trade.engine.inbox(trade.actor("anna")).items
    assert [(item.id, item.is_assigned) for item in items] == [(order.record, True)]


def test_the_inbox_stays_within_its_bound(trade: Trade) -> None:
    orders = [trade.order() for _ in range(4)]
    items = trade.engine.inbox(trade.actor("anna"), 2).items
    assert [item.id for item in items] == [order.record for order in orders[:2]]


def test_a_picker_offers_what_may_be_chosen(trade: Trade) -> None:
    form = trade.command("anna", "order", lines=[{"id": "+1"}])

    def offered(path: tuple[str, ...], text: str = "", command: Command = form) -> list[tuple[str, str]]:
        return [(choice.title, choice.hint) for choice in trade.engine.choices(command, path, text)]

    assert offered(("customer",)) == [("Acme", "ACME"), ("Nord", "NORD")]
    assert offered(("customer",), "nor") == [("Nord", "NORD")]
    assert offered(("lines", "+1", "product"), "gad") == [("Gadget", "P-2")]
    assert trade.engine.choices(form, ("approver",)) == (Choice("max", "Max", "max@acme.example"),)
    assert offered(("note",)) == offered(("nothing",)) == []
    assert offered(("customer",), "", trade.command("nobody", "order")) == []


def test_a_typed_name_stands_for_a_record_one_may_choose(trade: Trade) -> None:
    lookup: Lookup = trade.engine.lookup(trade.actor("anna"), "trade")
    acme = trade.customers["ACME"]
    assert [lookup.link_by_text("customer", text) for text in ("ACME", "Acme", acme, "Acm")] == [
        [(acme, "Acme")], [(acme, "Acme")], [(acme, "Acme")], [],
    ]  # fmt: skip
    assert lookup.user_by_text("max@acme.example") == [("max", "Max")]
    stranger = trade.engine.lookup(trade.actor("nobody"), "trade")
    assert stranger.link_by_text("customer", "ACME") == []
