"""Intents, two people at once, and faults in the middle of a write: nothing twice, nothing lost, nothing half."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from tests.counters import last_number

from blankett.engine.records import Command, Receipt, Refusal
from blankett.engine.store import Reading

from .conftest import ORGANISATION, Trade, messages


def at_once(*works: Callable[[], Any]) -> list[Any]:
    """Do all of *works* in threads that start together; return what each gave, in order."""
    start, results = threading.Barrier(len(works)), [None] * len(works)

    def run(number: int, work: Callable[[], Any]) -> None:
        start.wait(10)
        results[number] = work()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return results


# Intents ------------------------------------------------------------------------------------------------------------


def test_a_repeated_intent_gets_the_same_receipt(trade: Trade) -> None:
    first = trade.order(intent="form-1", action="submit")
    assert trade.order(intent="form-1", action="submit") == first
    assert len(trade.records("order")) == 1


def test_a_repeated_intent_gets_its_receipt_whatever_has_happened_since(trade: Trade) -> None:
    order = trade.order()
    sent = trade.command("anna", "order", order.record, revision=1, action="submit", intent="form-2")
    first = trade.engine.apply(sent)
    trade.done("max", "order", order.record, action="approve")
    assert trade.engine.apply(sent) == first


def test_an_intent_is_used_for_one_thing(trade: Trade) -> None:
    trade.order(intent="form-1")
    other = trade.refused("anna", "order", intent="form-1", note="Something else")
    thief = trade.refused("bo", "order", intent="form-1", note="Something else")
    assert (other.kind, messages(other), thief.kind) == ("intent", [((), "refusal.intent_used")], "intent")


def test_a_refused_form_may_be_sent_again_with_its_intent(trade: Trade) -> None:
    refused = trade.refused("anna", "order", intent="form-1", channel="fax")
    assert refused.kind == "invalid"
    assert trade.order(intent="form-1").revision == 1


def test_a_form_sent_many_times_at_once_takes_effect_once(file_trade: Trade) -> None:
    receipts = at_once(*[lambda: file_trade.order(intent="form-1", action="submit")] * 8)
    assert len({receipt.record for receipt in receipts}) == 1
    assert len(set(receipts)) == 1
    assert len(file_trade.records("order")) == 1
    file_trade.check_sound()


def test_an_action_sent_many_times_at_once_is_taken_once(file_trade: Trade) -> None:
    order = file_trade.order()
    sent = file_trade.command("anna", "order", order.record, revision=1, action="submit", intent="form-2")
    receipts = at_once(*[lambda: file_trade.engine.apply(sent)] * 8)
    assert len(set(receipts)) == 1
    assert isinstance(receipts[0], Receipt)
    file_trade.check_sound()


# Two people ---------------------------------------------------------------------------------------------------------


def test_of_two_who_change_the_same_revision_one_is_told(file_trade: Trade) -> None:
    order = file_trade.order()

    def change(name: str) -> Callable[[], Receipt | Refusal]:
        return lambda: file_trade.apply(name, "order", order.record, revision=1, note=f"From {name}")

    answers = at_once(*[change(name) for name in ("anna", "bo", "max")])
    kinds = sorted(answer.kind if isinstance(answer, Refusal) else "done" for answer in answers)
    assert kinds == ["done", "stale", "stale"]
    assert file_trade.stored(order.record).revision == 2
    file_trade.check_sound()


def test_two_cannot_both_take_the_last_step(file_trade: Trade) -> None:
    order = file_trade.order(action="submit")
    answers = at_once(
        lambda: file_trade.apply("max", "order", order.record, action="approve"),
        lambda: file_trade.apply("anna", "order", order.record, action="cancel"),
    )
    assert sum(isinstance(answer, Receipt) for answer in answers) == 1
    assert file_trade.stored(order.record).revision == 2
    file_trade.check_sound()


def test_numbers_drawn_at_once_are_different_and_without_gaps(file_trade: Trade) -> None:
    orders = at_once(*[lambda: file_trade.order(action="submit")] * 12)
    assert sorted(order.number for order in orders) == [f"SO-2026-{number:04}" for number in range(1, 13)]
    file_trade.check_sound()


def test_one_of_many_gets_a_value_that_must_be_unique(file_trade: Trade) -> None:
    answers = at_once(*[lambda: file_trade.apply("max", "customer", code="ONE", name="One")] * 6)
    assert sum(isinstance(answer, Receipt) for answer in answers) == 1
    assert {tuple(messages(answer)) for answer in answers if isinstance(answer, Refusal)} == {
        ((("code",), "field.not_unique_of"),)
    }
    file_trade.check_sound()


def test_what_was_read_is_looked_at_again_under_the_lock(file_trade: Trade, monkeypatch: pytest.MonkeyPatch) -> None:
    order = file_trade.order()
    writing_on = file_trade.store.writing_on

    def writing_after_another(reading: Reading) -> Any:
        # The floor price rises between the evaluation and the lock.
        monkeypatch.setattr(file_trade.store, "writing_on", writing_on)
        file_trade.done("max", "product", file_trade.products["P-1"], floor=Decimal(11))
        return writing_on(reading)

    monkeypatch.setattr(file_trade.store, "writing_on", writing_after_another)
    refused = file_trade.refused("anna", "order", order.record, action="submit")
    assert [problem.key for problem in refused.problems] == ["floor_price"]
    assert file_trade.stored(order.record).revision == 1


# Faults -------------------------------------------------------------------------------------------------------------


class PowerCut(Exception):
    """What a fault point raises."""


def points_of(trade: Trade, command: Command) -> list[str]:
    """Return the places between the statements of a write, in order."""
    points: list[str] = []
    trade.store.fault_points = points.append
    answer = trade.engine.apply(command)
    trade.store.fault_points = None
    assert isinstance(answer, Receipt), answer
    return points


COMMANDS: dict[str, Callable[[Trade], Command]] = {
    "making and submitting": lambda trade: trade.command(
        "anna", "order", customer=trade.customers["ACME"], caller="Bob", lines=trade.lines(("P-1", 1)), action="submit",
        intent="form-1",
    ),
    "shipping, which makes and packs another record": lambda trade: trade.command(
        "wilma", "order", trade.released().record, action="ship", intent="form-1"
    ),
    "changing a customer's code": lambda trade: trade.command(
        "max", "customer", trade.customers["ACME"], code="ACME2", intent="form-1"
    ),
    "sending back, which tells somebody": lambda trade: trade.command(
        "max", "order", trade.order(action="submit").record, action="send_back", inputs={"reason": "No"},
        intent="form-1",
    ),
}  # fmt: skip


@pytest.mark.parametrize("make", COMMANDS.values(), ids=COMMANDS)
def test_a_fault_between_any_two_statements_leaves_all_or_nothing(
    make_file_trade: Callable[[], Trade], make: Callable[[Trade], Command]
) -> None:
    rehearsal = make_file_trade()
    points = points_of(rehearsal, make(rehearsal))
    trade = make_file_trade()
    command = make(trade)
    before = state_of(trade)
    for number in range(len(points)):
        trade.store.fault_points = cut_at(number)
        with pytest.raises(PowerCut):
            trade.engine.apply(command)
        trade.store.fault_points = None
        assert state_of(trade) == before, points[number]
    receipt = trade.engine.apply(command)
    assert isinstance(receipt, Receipt)
    assert trade.engine.apply(command) == receipt
    trade.check_sound()


def cut_at(number: int) -> Callable[[str], None]:
    """Return a fault point that raises before the statement with that number."""
    seen: list[str] = []

    def cut(point: str) -> None:
        if len(seen) == number:
            raise PowerCut(point)
        seen.append(point)

    return cut


def state_of(trade: Trade) -> Any:
    """Return everything the store holds of records, histories, counters and notices."""
    with trade.store.reading() as reading:
        forms = ("customer", "product", "order", "shipment", "memo")
        records = [replace(record, data=dict(record.data)) for form in forms for record in trade.records(form)]
        events = {record.id: reading.events(ORGANISATION, record.id) for record in records}
        counters = [
            last_number(reading, ORGANISATION, name)
            for name in ("trade.order SO-2026-{counter:4}", "trade.shipment SH-{counter:3}")
        ]
        notices = [reading.notifications(ORGANISATION, name) for name in ("anna", "wilma")]
        return records, events, counters, notices, reading.intent(ORGANISATION, "form-1")
