"""Whatever is sent, the engine answers: never an exception, never a half, never beyond its budget."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from blankett.engine.fields.base import Lookup
from blankett.engine.records import ListRequest, Receipt, Refusal

from .conftest import TRADE, Trade, messages

TEXTS = ["\ud800", "a\x00b", "x" * 1_000_000, "'; drop table record;--", "../../etc/passwd", ""]


def looking(trade: Trade) -> Lookup:
    """Return what finds what Anna types."""
    return trade.engine.lookup(trade.actor("anna"), "trade")


#: Where a text can be sent to.
DOORS: dict[str, Callable[[Trade, str], Any]] = {
    "record": lambda trade, text: trade.apply("anna", "order", text, note="x"),
    "form": lambda trade, text: trade.apply("anna", text),
    "link": lambda trade, text: trade.apply("anna", "order", customer=text),
    "person": lambda trade, text: trade.apply("anna", "order", approver=text),
    "column": lambda trade, text: trade.apply("anna", "order", lines=[{"product": text}]),
    "line": lambda trade, text: trade.apply("anna", "order", lines=[{"id": text}]),
    "field": lambda trade, text: trade.apply("anna", "order", **{text: "x"}),
    "input": lambda trade, text: trade.apply("anna", "order", action="submit", inputs={text: text}),
    "action": lambda trade, text: trade.apply("anna", "order", action=text),
    "workspace": lambda trade, text: trade.apply("anna", "order", workspace=text),
    "comment": lambda trade, text: trade.apply("anna", "order", comment=text),
    "intent": lambda trade, text: trade.apply("anna", "order", intent=text),
    "typed": lambda trade, text: trade.apply("anna", "order", note="x", typed=frozenset({text})),
    "refill": lambda trade, text: trade.apply("anna", "order", refill=frozenset({text, "lines/x/y/z", "a/b"})),
    "open": lambda trade, text: trade.engine.open(trade.actor("anna"), text),
    "copy": lambda trade, text: trade.engine.new(trade.actor("anna"), "trade", "order", copy=text),
    "search": lambda trade, text: trade.engine.query(
        trade.actor("anna"), ListRequest(blueprint="trade", form="order", search=text, list=text)
    ),
    "choices": lambda trade, text: trade.engine.choices(trade.command("anna", "order"), ("customer",), text),
    "choices of": lambda trade, text: trade.engine.choices(trade.command("anna", "order"), (text, text), text),
    "link by text": lambda trade, text: trade.engine.lookup(trade.actor("anna"), "trade").link_by_text(
        "customer", text
    ),
    "user by text": lambda trade, text: trade.engine.lookup(trade.actor("anna"), "trade").user_by_text(text),
}


@pytest.mark.parametrize("door", DOORS.values(), ids=DOORS)
def test_every_text_gets_an_answer_at_every_door(trade: Trade, door: Callable[[Trade, str], Any]) -> None:
    for text in TEXTS:
        door(trade, text)
    trade.check_sound()


THINGS: list[Any] = [object(), {1, 2}, b"x", 1, 1.5, True, [[[]]], {"a": 1}, Decimal("Infinity"), Decimal("1e400")]


@pytest.mark.parametrize("key", ["customer", "caller", "promised", "discount", "lines", "channel", "approver", "note"])
def test_a_value_of_another_kind_is_refused(trade: Trade, key: str) -> None:
    answers = [trade.apply("anna", "order", intent="form-1", **{key: thing}) for thing in THINGS]
    assert {getattr(answer, "kind", "stored") for answer in answers} == {"invalid"}
    assert trade.records("order") == []


LONG = "count(for i in 1..2000, j in 1..2000 return i)"
BODY = "      body: {type: long_text}\n"


def test_a_formula_that_runs_too_long_is_stopped(trade: Trade) -> None:
    endless = f"      endless: {{type: number, compute: 'if topic = \"Endless\" then {LONG} else 1'}}\n"
    trade.publish(TRADE.replace(BODY, BODY + endless))
    refused = trade.refused("max", "memo", topic="Endless")
    assert [problem.message for problem in refused.problems] == ["formula.budget"]
    assert isinstance(trade.engine.preview(trade.command("max", "memo", topic="Endless")), Refusal)
    assert trade.view("max", trade.done("max", "memo", topic="Other").record).values["endless"] == 1


def test_a_live_field_that_runs_too_long_leaves_the_page_standing(trade: Trade) -> None:
    late = f"      late: {{type: number, compute: 'if today() > @\"2026-03-02\" then {LONG} else 1'}}\n"
    trade.publish(TRADE.replace(BODY, BODY + late))
    memo = trade.done("max", "memo", topic="Soon late").record
    trade.now += timedelta(days=1)
    assert trade.view("max", memo).values == {**trade.view("max", memo).values, "topic": "Soon late", "late": None}
    assert messages(trade.refused("max", "memo", memo, topic="Late")) == [((), "formula.budget")]


def test_records_that_link_in_a_circle_are_read(trade: Trade) -> None:
    trade.publish(TRADE.replace(BODY, BODY + "      depth: {type: number, compute: after.depth + 1}\n"))
    first = trade.done("max", "memo", topic="A").record
    second = trade.done("max", "memo", topic="B", after=first).record
    assert isinstance(trade.apply("max", "memo", first, after=second), Receipt)
    assert trade.view("max", first).values["depth"] is None
