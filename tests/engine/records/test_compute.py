"""Default, fill, compute and visible: what is worked out, when, and what wins over it."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from .conftest import NOW, TRADE, Trade, messages
from .told import in_words


def line(trade: Trade, record: str, number: int = 0) -> dict[str, Any]:
    """Return a stored line without its id."""
    return {key: value for key, value in trade.stored(record).data["lines"][number].items() if key != "id"}


def resend(trade: Trade, record: str, number: int = 0, **changes: Any) -> list[dict[str, Any]]:
    """Return the lines of a record by their ids, one of them changed."""
    lines: list[dict[str, Any]] = [{"id": line["id"]} for line in trade.stored(record).data["lines"]]
    lines[number].update(changes)
    return lines


def test_a_fill_copies_and_converts(trade: Trade) -> None:
    order = trade.order(customer=trade.customers["NORD"])
    record = trade.stored(order.record)
    assert (record.data["currency"], line(trade, order.record)["price"]) == ("DKK", "74.6")
    assert {path.split("/")[-1] for path in record.filled} == {"currency", "price"}


def test_a_fill_follows_what_it_reads(trade: Trade) -> None:
    order = trade.order()
    trade.done("anna", "order", order.record, customer=trade.customers["NORD"])
    assert (trade.stored(order.record).data["currency"], line(trade, order.record)["price"]) == ("DKK", "74.6")
    trade.done("anna", "order", order.record, lines=resend(trade, order.record, product=trade.products["P-2"]))
    assert line(trade, order.record)["price"] == "742.27"


def test_what_was_typed_wins(trade: Trade) -> None:
    order = trade.order()
    trade.done("anna", "order", order.record, lines=resend(trade, order.record, price=Decimal(9)))
    trade.done("anna", "order", order.record, lines=resend(trade, order.record, product=trade.products["P-2"]))
    assert line(trade, order.record)["price"] == "9"
    assert {path.split("/")[-1] for path in trade.stored(order.record).filled} == {"currency", "price"}


def test_giving_up_what_was_typed_fills_again(trade: Trade) -> None:
    order = trade.order()
    trade.done("anna", "order", order.record, lines=resend(trade, order.record, price=Decimal(9)))
    path = f"lines/{trade.stored(order.record).data['lines'][0]['id']}/price"
    trade.done("anna", "order", order.record, refill=frozenset({path}))
    assert line(trade, order.record)["price"] == "10"
    assert path in trade.stored(order.record).filled
    trade.check_sound()


def test_emptying_a_filled_field_is_typing(trade: Trade) -> None:
    order = trade.order()
    trade.done("anna", "order", order.record, currency=None)
    assert "currency" not in trade.stored(order.record).data
    trade.done("anna", "order", order.record, customer=trade.customers["NORD"])
    assert "currency" not in trade.stored(order.record).data


def test_a_fill_waits_for_what_it_needs(trade: Trade) -> None:
    order = trade.order(customer=None)
    assert "currency" in trade.stored(order.record).filled
    trade.done("anna", "order", order.record, customer=trade.customers["NORD"])
    assert trade.stored(order.record).data["currency"] == "DKK"


def test_a_later_price_of_the_product_does_not_change_an_order(trade: Trade) -> None:
    order = trade.order()
    trade.done("max", "product", trade.products["P-1"], price=Decimal(11))
    trade.done("anna", "order", order.record, note="Still at ten")
    assert line(trade, order.record)["price"] == "10"


def test_a_form_that_knows_what_was_typed_may_send_filled_values_along(trade: Trade) -> None:
    lines = [{"id": "+1", "product": trade.products["P-1"], "quantity": Decimal(1), "price": Decimal(123)}]
    order = trade.order(lines=lines, typed=frozenset({"customer", "caller", "lines/+1/product", "lines/+1/quantity"}))
    assert line(trade, order.record)["price"] == "10"


def test_a_value_typed_as_it_was_filled_stays(trade: Trade) -> None:
    lines = [{"id": "+1", "product": trade.products["P-1"], "quantity": Decimal(1), "price": Decimal(10)}]
    order = trade.order(lines=lines, typed=frozenset({"customer", "caller", "lines/+1/price"}))
    assert trade.stored(order.record).filled == frozenset({"currency"})


def test_a_default_is_given_once(trade: Trade) -> None:
    order = trade.order()
    assert trade.stored(order.record).data["channel"] == "phone"
    trade.done("anna", "order", order.record, channel=None)
    assert "channel" not in trade.stored(order.record).data


def test_a_hidden_field_keeps_its_value_and_counts_as_null(trade: Trade) -> None:
    order = trade.order()
    trade.done("anna", "order", order.record, lines=resend(trade, order.record, rush=True, rush_fee=Decimal(5)))
    assert trade.stored(order.record).data["total"] == "234"
    trade.done("anna", "order", order.record, lines=resend(trade, order.record, rush=False), channel="web")
    record = trade.stored(order.record)
    assert (line(trade, order.record)["rush_fee"], record.data["caller"], record.data["total"]) == ("5", "Bob", "229")
    assert {path.split("/")[-1] for path in record.hidden} == {"caller", "rush_fee"}
    trade.done("anna", "order", order.record, lines=resend(trade, order.record, rush=True))
    assert trade.stored(order.record).data["total"] == "234"
    trade.check_sound()


def test_a_field_that_shows_while_it_holds_something_appears_when_it_is_set(trade: Trade) -> None:
    trade.publish(
        TRADE.replace("      note: {type: long_text, ", "      note: {visible: note != null, type: long_text, ")
    )
    order = trade.order()
    assert "note" in trade.stored(order.record).hidden
    trade.done("anna", "order", order.record, action="submit")
    trade.done("max", "order", order.record, action="send_back", inputs={"reason": "Too dear"})
    record = trade.stored(order.record)
    assert (record.data["note"], "note" in record.hidden) == ("Too dear", False)


def test_a_hidden_field_is_not_asked(trade: Trade) -> None:
    order = trade.order(channel="web", caller=None)
    assert trade.done("anna", "order", order.record, action="submit").state == "review"


def test_live_fields_are_worked_out_when_shown(trade: Trade) -> None:
    order = trade.order()
    assert "limit_left" not in trade.stored(order.record).data
    assert trade.view("max", order.record).values["limit_left"] == Decimal(49_771)
    trade.done("max", "customer", trade.customers["ACME"], credit_limit=Decimal(1_000))
    assert trade.view("max", order.record).values["limit_left"] == Decimal(771)


def test_a_snapshot_is_stored_at_the_entry_of_its_state(trade: Trade) -> None:
    order = trade.released()
    assert trade.stored(order.record).data["limit_left"] == "49771"
    trade.done("max", "customer", trade.customers["ACME"], credit_limit=Decimal(1_000))
    assert trade.view("max", order.record).values["limit_left"] == Decimal(49_771)
    trade.check_sound()


def test_lines_that_are_gone_leave_no_trace_in_the_sets(trade: Trade) -> None:
    order = trade.order()
    keep = {"id": trade.stored(order.record).data["lines"][1]["id"]}
    trade.done("anna", "order", order.record, lines=[keep])
    record = trade.stored(order.record)
    assert record.filled == frozenset({"currency", f"lines/{keep['id']}/price"})
    assert record.hidden == frozenset({f"lines/{keep['id']}/rush_fee"})


def test_money_is_rounded_to_its_currency(trade: Trade) -> None:
    trade.done("max", "product", trade.products["P-1"], price=Decimal("10.05"))
    japan = trade.done("max", "customer", code="JP", name="Jp", currency="JPY").record
    order = trade.order(customer=japan, lines=trade.lines(("P-1", 1)))
    assert line(trade, order.record)["price"] == "1709"


def test_more_decimals_than_the_currency_has_are_refused(trade: Trade) -> None:
    lines = [{"product": trade.products["P-1"], "quantity": Decimal(1), "price": Decimal("10.055")}]
    refused = trade.refused("anna", "order", customer=trade.customers["ACME"], lines=lines)
    assert [(problem.path[-1], problem.message, problem.params) for problem in refused.problems] == [
        ("price", "field.too_precise", {"currency": "EUR"})
    ]


def test_without_a_rate_there_is_no_price(trade: Trade) -> None:
    trade.now -= timedelta(days=60)  # rates are known from thirty days ago on
    order = trade.order(customer=trade.customers["NORD"])
    assert "price" not in line(trade, order.record)
    assert trade.stored(order.record).data["total"] == "0"


def test_a_live_field_of_a_linked_record_is_worked_out_too(trade: Trade) -> None:
    text = TRADE.replace(
        "      blocked: {type: yes_no, default: no, index: true}\n",
        "      blocked: {type: yes_no, default: no, index: true}\n"
        "      since: {type: date}\n"
        '      is_new: {type: yes_no, compute: since > today() - duration("P30D")}\n',
    )
    trade.publish(text.replace("        max: 30\n", "        max: 30\n        editable: customer.is_new\n"))
    customer = trade.done("max", "customer", code="F", name="F", tier="gold", since=NOW.date()).record
    order = trade.order(customer=customer, discount=Decimal("0.1"))
    trade.now += timedelta(days=40)
    refused = trade.refused("anna", "order", order.record, discount=Decimal("0.2"))
    assert messages(refused) == [(("discount",), "field.not_editable")]


def test_formulas_may_compare_with_the_values_before(trade: Trade) -> None:
    check = (
        "      shrinking:\n        that: old = null or count(lines) <= count(old.lines)\n"
        '        message: "From {count(old.lines)} lines to {count(lines)}."\n        when: record.state != "draft"\n'
    )
    trade.publish(TRADE.replace("      not_too_large:\n", check + "      not_too_large:\n"))
    order = trade.order("max", action="submit")
    new = trade.lines(("P-1", 1))
    refused = trade.refused("max", "order", order.record, lines=resend(trade, order.record) + new)
    assert [in_words(problem.params) for problem in refused.problems] == [{"text": "From 2 lines to 3."}]
    assert trade.done("max", "order", order.record, lines=resend(trade, order.record)[:1]).revision == 2
