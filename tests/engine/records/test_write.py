"""Commands that are carried out: one transaction for each, with everything that belongs to it."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from blankett.engine.records import Receipt

from .conftest import NOW, ORGANISATION, Trade


def test_a_draft_is_stored_with_what_is_worked_out(trade: Trade) -> None:
    order = trade.order()
    record = trade.stored(order.record)
    lines = record.data["lines"]
    assert (order.state, order.number, order.revision, order.title) == ("draft", None, 1, "Acme")
    assert {key: value for key, value in record.data.items() if key != "lines"} == {
        "customer": trade.customers["ACME"], "channel": "phone", "caller": "Bob", "currency": "EUR", "total": "229",
        "count_shipped": "0",
    }  # fmt: skip
    assert [{key: value for key, value in line.items() if key != "id"} for line in lines] == [
        {"product": trade.products["P-1"], "quantity": "3", "price": "10", "rush": False, "amount": "30"},
        {"product": trade.products["P-2"], "quantity": "2", "price": "99.5", "rush": False, "amount": "199"},
    ]
    assert record.owner == record.created_by == "anna"
    trade.check_sound()


def test_making_and_submitting_are_one_command(trade: Trade) -> None:
    order = trade.order(action="submit")
    assert (order.state, order.number, order.revision, order.title) == (
        "review",
        "SO-2026-0001",
        1,
        "SO-2026-0001 Acme",
    )
    with trade.store.reading() as reading:
        events = reading.events(ORGANISATION, order.record)
    assert [(event.kind, event.action, event.payload["actions"]) for event in events] == [
        ("create", "submit", ["submit"])
    ]
    trade.check_sound()


def test_changing_and_acting_are_one_command(trade: Trade) -> None:
    order = trade.order()
    lines = trade.view("anna", order.record).values["lines"]
    lines[0]["quantity"] = Decimal(5)
    sent = [{key: line[key] for key in ("id", "quantity")} for line in lines]
    done = trade.done("anna", "order", order.record, lines=sent, action="submit", revision=1, comment="Please hurry")
    record = trade.stored(order.record)
    assert (done.revision, record.state, record.data["total"]) == (2, "review", "249")
    with trade.store.reading() as reading:
        event = reading.events(ORGANISATION, order.record)[0]
    assert (event.kind, event.payload["comment"], event.payload["data"]["total"]) == ("act", "Please hurry", "249")
    trade.check_sound()


def test_a_comment_makes_nobodys_form_stale(trade: Trade) -> None:
    order = trade.order()
    commented = trade.done("bo", "order", order.record, comment="Looks good", revision=99)
    assert commented.revision == 1
    assert trade.done("anna", "order", order.record, note="Call first", revision=1).revision == 2
    assert [entry.comment for entry in trade.view("anna", order.record).timeline] == [None, "Looks good", None]
    trade.check_sound()


def test_saving_what_is_there_already_changes_nothing(trade: Trade) -> None:
    order = trade.order()
    again = trade.done("anna", "order", order.record, caller="Bob", customer=trade.customers["ACME"])
    assert again.revision == 1
    with trade.store.reading() as reading:
        assert len(reading.events(ORGANISATION, order.record)) == 1


def test_numbers_count_by_series_and_have_no_gaps(trade: Trade) -> None:
    first, refused, second = trade.order(), trade.order(caller=None), trade.order()
    numbers = [
        answer.number if isinstance(answer, Receipt) else None
        for answer in (
            trade.apply("anna", "order", order.record, action="submit") for order in (first, refused, second)
        )
    ]
    trade.now = NOW.replace(year=2027)
    assert numbers == ["SO-2026-0001", None, "SO-2026-0002"]
    assert trade.order(action="submit").number == "SO-2027-0001"
    trade.check_sound()


def test_the_year_of_a_number_is_the_workspaces(trade: Trade) -> None:
    trade.now = NOW.replace(month=12, day=31, hour=23, minute=30)
    assert trade.order(action="submit").number == "SO-2027-0001"


def test_a_line_keeps_its_id_for_life(trade: Trade) -> None:
    order = trade.order()
    first, second = trade.stored(order.record).data["lines"]
    new = {"product": trade.products["P-1"], "quantity": Decimal(1)}
    trade.done("anna", "order", order.record, lines=[new, {"id": second["id"]}])
    kept = trade.stored(order.record).data["lines"]
    assert (kept[1]["id"], kept[1]["price"], len(kept)) == (second["id"], "99.5", 2)
    assert kept[0]["id"] not in (first["id"], second["id"])
    assert trade.stored(order.record).data["total"] == "209"
    trade.check_sound()


def test_a_new_line_keeps_the_id_the_form_gave_it(trade: Trade) -> None:
    lines = [{"id": "+01NEWLINE", "product": trade.products["P-1"], "quantity": Decimal(1)}]
    order = trade.order(lines=lines)
    record = trade.stored(order.record)
    assert record.data["lines"][0]["id"] == "01NEWLINE"
    assert record.filled == frozenset({"currency", "lines/01NEWLINE/price"})
    assert record.hidden == frozenset({"lines/01NEWLINE/rush_fee"})
    trade.check_sound()


def test_an_engine_after_a_restart_goes_on(file_trade: Trade) -> None:
    order = file_trade.order()
    file_trade.engine = file_trade.new_engine()
    assert file_trade.done("anna", "order", order.record, action="submit").number == "SO-2026-0001"
    assert file_trade.view("max", order.record).title == "SO-2026-0001 Acme"
    file_trade.check_sound()


def test_values_that_are_unique_are_given_back(trade: Trade) -> None:
    record = trade.done("max", "customer", code="NEW", name="New").record
    trade.done("max", "customer", record, code="NEWER")
    assert isinstance(trade.apply("max", "customer", code="NEW", name="Other"), Receipt)
    trade.check_sound()


def test_the_actors_language_does_not_touch_what_is_stored(trade: Trade) -> None:
    actor = replace(trade.actor("anna"), language="zh")
    order = trade.order(actor=actor, action="submit")
    assert order.title == "SO-2026-0001 Acme"


def test_a_fast_number_may_be_lost(trade: Trade) -> None:
    refused = trade.apply("wilma", "shipment", parcels=[{"quantity": Decimal(1)}], action="pack")
    first = trade.done("wilma", "shipment")
    second = trade.done("wilma", "shipment")
    assert (isinstance(refused, Receipt), first.number, second.number) == (False, "SH-001", "SH-002")
    trade.check_sound()
