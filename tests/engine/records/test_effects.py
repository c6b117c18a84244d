"""Effects: with the blueprint's authority, in order, in the transaction of the action that has them."""

from __future__ import annotations

import pytest

from blankett.engine.records import Receipt

from .conftest import ORGANISATION, TRADE, Trade, messages
from .told import in_words

#: An effect of the blueprint, to be replaced by others.
SET = '      - set: {approver: "= user"}'
EMPTYING = '      - set: {approver: "= user", caller: = null}'


def test_set_gives_fields_values(trade: Trade) -> None:
    order = trade.released()
    record = trade.stored(order.record)
    assert (record.state, record.data["approver"]) == ("released", "max")


def test_create_makes_a_record_and_links_it(trade: Trade) -> None:
    order = trade.released()
    shipped = trade.done("wilma", "order", order.record, action="ship")
    (made,) = trade.records("shipment")
    assert (shipped.created, made.id) == ((made.id,), trade.stored(order.record).data["shipment"])
    assert (made.number, made.state, made.owner) == ("SH-001", "packed", "wilma")
    lines = [{key: value for key, value in line.items() if key != "id"} for line in made.data["parcels"]]
    assert (made.data["order"], made.data["customer"], lines) == (
        order.record,
        trade.customers["ACME"],
        [{"product": trade.products["P-1"], "quantity": "3"}, {"product": trade.products["P-2"], "quantity": "2"}],
    )
    assert {line["id"] for line in made.data["parcels"]}.isdisjoint(
        line["id"] for line in trade.stored(order.record).data["lines"]
    )
    trade.check_sound()


def test_every_record_that_is_touched_tells_of_it_with_its_cause(trade: Trade) -> None:
    order = trade.released()
    trade.done("wilma", "order", order.record, action="ship")
    (made,) = trade.records("shipment")
    with trade.store.reading() as reading:
        (event,) = reading.events(ORGANISATION, made.id)
        cause = reading.events(ORGANISATION, order.record)[0]
    assert (event.kind, event.action, event.actor, event.cause) == (
        "create", "pack", "wilma", f"{order.record}/{cause.sequence}",
    )  # fmt: skip
    entry = trade.view("wilma", made.id).timeline[0]
    assert entry.cause is not None
    assert (entry.cause.title, [taken.title for taken in entry.actions]) == ("SO-2026-0001 Acme", ["Pack"])


def test_update_reaches_the_records_its_condition_finds(trade: Trade) -> None:
    others = [trade.order(), trade.order()]
    foreign = trade.order(customer=trade.customers["NORD"])
    order = trade.order(action="submit")
    receipt = trade.done("max", "order", order.record, action="flag")
    assert sorted(receipt.changed) == sorted(other.record for other in others)
    assert [trade.stored(other.record).data["note"] for other in others] == [
        "flagged by SO-2026-0001 Acme was Acme"
    ] * 2
    assert "note" not in trade.stored(foreign.record).data
    trade.check_sound()


def test_assign_and_notify(trade: Trade) -> None:
    order = trade.order(action="submit")
    receipt = trade.done("max", "order", order.record, action="send_back", inputs={"reason": "Too dear"})
    assert (trade.stored(order.record).assignee, receipt.notified) == ("anna", (("anna", "sent_back"),))
    assert trade.told("anna") == [("SO-2026-0001 Acme came back: Too dear", order.record)]
    entry = trade.view("anna", order.record).timeline[0]
    assert ([taken.title for taken in entry.actions], entry.inputs) == (["Send back"], (("Reason", "Too dear"),))


def test_nobody_is_told_of_their_own_doing(trade: Trade) -> None:
    order = trade.order("max", action="submit")
    assert trade.done("max", "order", order.record, action="send_back", inputs={"reason": "No"}).notified == ()


def test_act_takes_the_action_of_another_record_in_the_same_transaction(trade: Trade) -> None:
    chain = [trade.done("max", "memo", topic="0").record]
    for number in range(1, 4):
        chain.append(trade.done("max", "memo", topic=str(number), after=chain[-1]).record)
    receipt = trade.done("ada", "memo", chain[-1], action="close")
    assert {trade.stored(memo).state for memo in chain} == {"closed"}
    assert len(receipt.changed) == 3
    trade.check_sound()


def test_actions_that_go_round_are_stopped(trade: Trade) -> None:
    first = trade.done("max", "memo", topic="A").record
    second = trade.done("max", "memo", topic="B", after=first).record
    trade.done("max", "memo", first, after=second)
    refused = trade.refused("max", "memo", first, action="close")
    assert refused.kind == "loop"
    assert {trade.stored(memo).state for memo in (first, second)} == {"open"}


def test_a_chain_of_actions_has_an_end(trade: Trade) -> None:
    chain = [trade.done("max", "memo", topic="0").record]
    for number in range(1, 8):
        chain.append(trade.done("max", "memo", topic=str(number), after=chain[-1]).record)
    refused = trade.refused("max", "memo", chain[-1], action="close")
    assert refused.kind == "loop"
    assert {trade.stored(memo).state for memo in chain} == {"open"}


def test_an_effect_that_is_refused_undoes_everything(trade: Trade) -> None:
    first = trade.done("max", "memo", topic="A", body="x").record
    second = trade.done("max", "memo", topic="B", after=first).record
    trade.done("max", "memo", first, topic="Graded")
    refused = trade.refused("max", "memo", second, action="close")
    assert (refused.kind, messages(refused)) == ("invalid", [((), "effect.refused")])
    assert refused.problems[0].params["title"] == "Graded"
    assert {trade.stored(memo).state for memo in (first, second)} == {"open"}
    trade.check_sound()


def test_the_second_check_sees_what_effects_have_done(trade: Trade) -> None:
    trade.publish(TRADE.replace(SET, EMPTYING))
    order = trade.order(action="submit")
    refused = trade.refused("max", "order", order.record, action="approve")
    assert (refused.kind, messages(refused)) == ("invalid", [(("caller",), "field.required")])
    assert trade.stored(order.record).state == "review"


def test_a_refused_action_gives_its_number_back(trade: Trade) -> None:
    text = TRADE.replace("at: submit}", "at: approve}")
    trade.publish(text.replace(SET, EMPTYING))
    order = trade.order(action="submit")
    trade.refused("max", "order", order.record, action="approve")
    trade.publish(text, 3)
    other = trade.order(action="submit")
    assert trade.done("max", "order", other.record, action="approve").number == "SO-2026-0001"


def test_an_empty_link_is_no_reason_to_refuse(trade: Trade) -> None:
    memo = trade.done("max", "memo", topic="Alone").record
    assert isinstance(trade.apply("ada", "memo", memo, action="close"), Receipt)


def test_a_table_that_is_set_keeps_the_lines_it_has(trade: Trade) -> None:
    formula = "= append(lines, {product: lines[1].product, quantity: 1})"
    trade.publish(TRADE.replace(SET, f"      - set:\n              lines: |\n                {formula}"))
    order = trade.order(action="submit")
    before = [line["id"] for line in trade.stored(order.record).data["lines"]]
    trade.done("max", "order", order.record, action="approve")
    lines = trade.stored(order.record).data["lines"]
    assert [line["id"] for line in lines[:2]] == before
    assert (len(lines), lines[2]["price"], lines[2]["amount"]) == (3, "10", "10")
    trade.check_sound()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_refusal_of_another_record_is_worded_for_the_actor(trade: Trade, language: str) -> None:
    first = trade.done("max", "memo", topic="Rated").record
    second = trade.done("max", "memo", topic="B", after=first).record
    refused = trade.refused("max", "memo", second, action="close", actor=trade.actor("max", language=language))
    reason = {"en": "This cannot be checked while Rating is empty.", "zh": "Rating为空，无法检查。"}[language]
    assert in_words(refused.problems[0].params, language) == {"title": "Rated", "reason": reason}
