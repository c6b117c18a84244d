"""What if: which checks, rules, tables and actions would answer differently, and that nothing is written."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from blankett.engine.records import Refusal
from blankett.engine.records.explain.what_if import WhatIf

from .conftest import ORGANISATION, TRADE, Trade
from .told import in_words

GUARD = "by: manager\n        when: total < 10000 and customer.tier != null"
MATRIX = """
tables:
  approvers:
    title: Approval matrix
    hit: unique
    in:
      channel: order.channel
    out:
      role: {type: role}
    rows:
      - [phone, sales]
      - [web, manager]
"""
RULES = """    rules:
      no_rush:
        title: Too early
        at: submit
        when: promised < date("2026-03-10")
        then:
          - refuse: "Nobody can promise {promised}."
      noted:
        title: Noted
        at: save
        when: note != null
        then:
          - set: {count_shipped: 7}
"""


def tried(trade: Trade, name: str, record: str, actor: Any = None, /, **values: Any) -> WhatIf:
    """Return what other values would change."""
    found = trade.engine.what_if(actor or trade.actor(name), record, values)
    assert isinstance(found, WhatIf), found
    return found


def told(found: WhatIf) -> list[tuple[str, str, str, str]]:
    """Return the differences in short."""
    return [(each.kind, *in_words((each.title, each.before, each.after))) for each in found.differences]


def test_what_is_worked_out_from_a_value_is_told(trade: Trade) -> None:
    order = trade.order().record
    found = tried(trade, "anna", order, customer=trade.customers["NORD"])
    assert ("value", "Currency", "EUR", "DKK") in told(found)


def test_an_action_that_would_be_open_is_told_with_what_is_in_its_way_now(trade: Trade) -> None:
    trade.publish(TRADE.replace("by: sales, when: total > 0", "by: sales, when: note != null"))
    order = trade.order().record
    assert told(tried(trade, "anna", order, note="Now")) == [
        ("action", "Submit", "“Note” must be filled in.", "can be taken"),
    ]


def test_a_check_that_would_fail_is_told(trade: Trade) -> None:
    order = trade.order(caller=None, channel="web", lines=trade.lines(("P-2", 20_000))).record
    assert ("check", "Check of", "holds") not in [each[:3] for each in told(tried(trade, "anna", order, note="x"))]
    found = told(tried(trade, "anna", order, channel="phone", caller="Bob"))
    assert ("check", "not_too_large") in [(kind, title.removeprefix("Check of ")) for kind, title, _, _ in found]


def test_a_rules_text_with_a_value_one_may_not_see_is_not_told(trade: Trade) -> None:
    rules = RULES.replace("promise {promised}", "promise {secret}")
    states = "    states:\n      draft: {start: true}\n      review"
    trade.publish(TRADE.replace(states, rules + states, 1))
    order = trade.order().record
    trade.done("max", "order", order, secret="CANARY")
    found = told(tried(trade, "anna", order, promised=date(2026, 3, 5)))
    assert ("action", "Submit", "can be taken", "The rule Too early refuses it.") in found
    found = told(tried(trade, "max", order, promised=date(2026, 3, 5)))
    assert ("action", "Submit", "can be taken", "Too early: Nobody can promise CANARY.") in found


def test_rules_tables_and_who_may_act_are_told(trade: Trade) -> None:
    text = TRADE.replace(GUARD, "by: '= approvers(channel)'").replace(
        "    states:\n      draft: {start: true}\n      review: {title: In review}",
        RULES + "    states:\n      draft: {start: true}\n      review: {title: In review}",
        1,
    )
    trade.publish(text + MATRIX)
    order = trade.order().record
    found = told(tried(trade, "anna", order, promised=date(2026, 3, 5), note="Soon"))
    assert ("rule", "Too early", "does not fire", "fires: refused it") in found
    assert ("rule", "Noted", "does not fire", "fires: set Count shipped") in found
    assert ("action", "Submit", "can be taken", "Too early: Nobody can promise 5 Mar 2026.") in found
    trade.done("anna", "order", order, action="submit")
    chief = trade.actor("max", administers=frozenset({"sales"}))
    found = told(tried(trade, "max", order, chief, channel="web"))
    assert ("table", "Approval matrix", "row 1 (Channel: Phone)", "row 2 (Channel: Web shop)") in found
    assert [each for each in found if each[0] == "action"] == []  # a manager is sales too


def test_an_administrator_may_try_what_is_worked_out(trade: Trade) -> None:
    order = trade.order(action="submit").record
    chief = trade.actor("max", administers=frozenset({"sales"}))
    assert isinstance(trade.engine.what_if(trade.actor("max"), order, {"total": Decimal(1)}), Refusal)
    found = told(tried(trade, "max", order, chief, total=Decimal(12_400)))
    assert (
        "action", "Approve", "can be taken", "“Total” is €12,400.00 and must be less than €10,000.00.",
    ) in found  # fmt: skip


@pytest.mark.parametrize(
    "values", [{"secret": "x"}, {"total": Decimal(1)}, {"lines": []}, {"no_such": 1}, {"x" * 999: 1}]
)
def test_what_may_not_be_changed_may_not_be_tried(trade: Trade, values: Mapping[str, Any]) -> None:
    order = trade.order().record
    found = trade.engine.what_if(trade.actor("anna"), order, values)
    assert isinstance(found, Refusal)
    assert found.kind == "forbidden"


def test_a_value_that_cannot_be_stored_is_a_problem(trade: Trade) -> None:
    order = trade.order().record
    found = tried(trade, "anna", order, customer="nobody", promised=date(2020, 1, 1))
    assert found.differences == ()
    assert {problem.path for problem in found.problems} == {("customer",), ("promised",)}


def test_nobody_tries_a_record_they_may_not_see(trade: Trade) -> None:
    order = trade.order().record
    assert trade.engine.what_if(trade.actor("nobody"), order, {}) is None
    assert trade.engine.tryable(trade.actor("nobody"), order) is None


STATES = "    states:\n      draft: {start: true}\n      review: {title: In review}"
#: What reads a private value → (what stands there, what stands there then).
PRIVATE = {
    "guard": ("by: sales, when: total > 0", "by: sales, when: secret != note"),
    "rule": (STATES, RULES.replace("note != null", "note = secret") + STATES),
    "check": ('        that: total <= 1000000\n        message: "Too large: {total}."\n        when: channel = "web"',
              '        that: note != secret\n        message: Wrong.'),
    "visible": ("      approver: {type: user",
                "      shy: {type: text, default: x, visible: note = secret}\n      approver: {type: user"),
}  # fmt: skip


@pytest.mark.parametrize(("was", "now"), PRIVATE.values(), ids=PRIVATE)
def test_a_private_value_is_not_guessed_by_trying(trade: Trade, was: str, now: str) -> None:
    assert TRADE.count(was) == 1
    trade.publish(TRADE.replace(was, now))
    order = trade.order().record
    trade.done("max", "order", order, secret="CANARY")
    right, wrong = (told(tried(trade, "anna", order, note=note)) for note in ("CANARY", "other"))
    assert right == wrong
    theirs = [told(tried(trade, "max", order, note=note)) for note in ("CANARY", "other")]
    assert theirs[0] != theirs[1]


def test_what_may_be_tried_is_what_may_be_changed(trade: Trade) -> None:
    order = trade.order().record
    own = trade.engine.tryable(trade.actor("anna"), order)
    chief = trade.engine.tryable(trade.actor("max", administers=frozenset({"sales"})), order)
    assert own is not None
    assert chief is not None
    assert {field.key for field in own.fields}.isdisjoint({"total", "secret", "lines", "count_shipped", "limit_left"})
    assert {"total", "secret", "count_shipped"} <= {field.key for field in chief.fields}
    assert {"customer", "total", "currency"} <= own.deciding


def test_nothing_is_written(trade: Trade) -> None:
    order = trade.order(action="submit").record
    before, number = trade.stored(order), trade.records("order")
    with trade.store.reading() as reading:
        events = reading.events(ORGANISATION, order)
    chief = trade.actor("max", administers=frozenset({"sales"}))
    tried(trade, "max", order, chief, total=Decimal(99), note="Tried", customer=trade.customers["NORD"])
    assert trade.stored(order) == before
    assert trade.records("order") == number
    with trade.store.reading() as reading:
        assert reading.events(ORGANISATION, order) == events
    assert told(tried(trade, "max", order, chief)) == []
    trade.check_sound()
