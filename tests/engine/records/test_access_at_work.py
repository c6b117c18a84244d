"""Access in commands and views: before and after a change, field by field, without telling what is closed."""

from __future__ import annotations

from decimal import Decimal

import pytest

from .conftest import TRADE, Trade, messages
from .told import in_words


def test_who_may_not_create_is_told_so(trade: Trade) -> None:
    refused = trade.refused("wilma", "order", note="x")
    assert (refused.kind, messages(refused)) == ("forbidden", [((), "refusal.may_not_create")])


def test_who_may_not_see_a_record_is_not_told_of_it(trade: Trade) -> None:
    order = trade.order()
    assert trade.refused("wilma", "order", order.record, note="x").kind == "missing"
    assert trade.engine.open(trade.actor("wilma"), order.record) is None
    assert trade.engine.open(trade.actor("nobody"), order.record) is None


def test_a_grant_ends_with_its_states(trade: Trade) -> None:
    order = trade.order(action="submit")
    refused = trade.refused("anna", "order", order.record, note="x")
    assert (refused.kind, messages(refused)) == ("forbidden", [((), "refusal.may_not_edit")])


def test_an_action_of_others(trade: Trade) -> None:
    order = trade.order(action="submit")
    refused = trade.refused("anna", "order", order.record, action="approve")
    assert (refused.kind, messages(refused)) == ("forbidden", [((), "refusal.may_not_act")])


def test_the_owner_may_what_the_owner_may(trade: Trade) -> None:
    order = trade.order(action="submit")
    assert trade.refused("bo", "order", order.record, action="cancel").kind == "forbidden"
    assert trade.done("anna", "order", order.record, action="cancel").state == "cancelled"


def test_a_grant_with_a_condition_opens_the_records_it_holds_for(trade: Trade) -> None:
    small = trade.order(action="submit")
    large = trade.order(lines=trade.lines(("P-2", 100)), action="submit")
    assert trade.engine.open(trade.actor("wilma"), small.record) is None
    view = trade.view("wilma", large.record)
    assert [field.field.key for section in view.sections for field in section.fields] == ["customer"]


def test_a_private_field_is_neither_shown_nor_written(trade: Trade) -> None:
    order = trade.order()
    trade.done("max", "order", order.record, secret="Beware")
    assert "secret" not in trade.view("anna", order.record).values
    assert trade.view("anna", order.record).find("secret") is None
    refused = trade.refused("anna", "order", order.record, secret="Mine")
    assert (refused.kind, messages(refused)) == ("forbidden", [(("secret",), "field.not_writable")])


def test_a_private_field_is_not_guessed_by_sending_what_it_holds(trade: Trade) -> None:
    order = trade.order()
    trade.done("max", "order", order.record, secret="Beware")
    right = trade.refused("anna", "order", order.record, secret="Beware")
    wrong = trade.refused("anna", "order", order.record, secret="Nonsense")
    assert messages(right) == messages(wrong)


def test_what_is_derived_from_a_private_field_is_private_too(trade: Trade) -> None:
    order = trade.order()
    trade.done("max", "order", order.record, secret="Beware")
    assert trade.view("max", order.record).values["hint"] == "Beware!"
    assert trade.view("max", order.record).values["margin"] == Decimal(94)
    hidden = {"hint", "margin", "limit_left", "secret"}
    assert hidden.isdisjoint(trade.view("anna", order.record).values)
    assert hidden.isdisjoint(trade.preview("anna", "order", order.record).values)


def test_the_timeline_leaves_out_what_is_closed(trade: Trade) -> None:
    order = trade.order()
    trade.done("max", "order", order.record, secret="Beware", note="Call")
    assert [change.title for change in trade.view("max", order.record).timeline[0].changes] == [
        "Note",
        "Secret",
        "Hint",
    ]
    assert [change.title for change in trade.view("anna", order.record).timeline[0].changes] == ["Note"]


def test_grants_open_single_columns(trade: Trade) -> None:
    order = trade.order()
    view = trade.view("ada", order.record)
    fields = {field.field.key: field for section in view.sections for field in section.fields}
    assert list(fields) == ["customer", "total", "lines"]
    assert [list(line.cells) for line in fields["lines"].lines] == [["amount"], ["amount"]]
    assert [sorted(line) for line in view.values["lines"]] == [["amount", "id"], ["amount", "id"]]


def test_a_notice_shows_nothing_private(trade: Trade) -> None:
    order = trade.released()
    assert [text for text, _ in trade.told("wilma", "zh")] == [f"Acme 的 {order.number} 已放行。"]
    assert order.notified == (("wilma", "released"),)


def test_a_reason_shows_nothing_private(trade: Trade) -> None:
    trade.publish(TRADE.replace("when: total < 10000 and customer.tier != null", 'when: secret = "yes"'))
    order = trade.order(action="submit")
    reasons = {action.key: action.reasons for action in trade.view("anna", order.record).actions}
    assert [(reason.message, in_words(reason.params)) for reason in reasons["approve"]] == [
        ("reason.who", {"who": ("Manager",)}),
        ("need.hidden", {}),
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["anna", "wilma", "ada", "nobody"])
def test_nobody_but_its_readers_sees_a_private_value_anywhere(trade: Trade, name: str) -> None:
    order = trade.order()
    trade.done("max", "order", order.record, secret="CANARY")
    trade.done("max", "order", order.record, secret="CANARY2")
    trade.done("max", "customer", trade.customers["ACME"], credit_limit=Decimal(987_654))
    actor = trade.actor(name)
    seen = [
        trade.engine.open(actor, order.record),
        trade.engine.open(actor, trade.customers["ACME"]),
        trade.engine.preview(trade.command(name, "order", order.record)),
        trade.engine.apply(trade.command(name, "order", order.record, secret="?", revision=1)),
        trade.engine.apply(trade.command(name, "order", order.record, secret="?")),
    ]
    text = repr(seen)
    assert "CANARY" not in text
    assert "987654" not in text
