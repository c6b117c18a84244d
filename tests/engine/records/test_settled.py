"""What nothing that changed has a word in is not worked out again: it would come out the same."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from blankett.engine.records import Receipt
from blankett.engine.records import record_change as work
from blankett.engine.records.command import FieldProblem
from blankett.engine.records.compiled_form import Process
from blankett.engine.records.evaluation_context import Situation
from blankett.engine.records.write.compute import Changes

from .conftest import BLUEPRINT, Trade


@pytest.fixture
def both_ways(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Let each record be worked out in full beside, and give how many were, of stored ones."""
    derive, seen = work.derive, [0]

    def compared(situation: Situation, changes: Changes) -> list[FieldProblem]:
        if not changes.is_settled:
            return derive(situation, changes)
        beside = Situation(
            situation.process, situation.linked, copy.deepcopy(situation.values), dict(situation.ambient),
            frozenset(situation.hidden), frozenset(situation.filled), frozenset(situation.frozen),
        )  # fmt: skip
        full = derive(beside, replace(changes, is_settled=False, **copies_of(changes)))
        assert derive(situation, changes) == full
        assert held_by(situation) == held_by(beside)
        seen[0] += 1
        return full

    monkeypatch.setattr(work, "derive", compared)
    return seen


def copies_of(changes: Changes) -> dict[str, set[str]]:
    return {name: set(getattr(changes, name)) for name in ("typed", "changed", "new_lines")}


def held_by(situation: Situation) -> Any:
    return situation.values, situation.hidden, situation.filled, situation.frozen


def changed_lines(trade: Trade, order: str, chance: random.Random) -> list[dict[str, Any]]:
    """Return the order's lines as somebody might send them: one changed, one gone, one more."""
    stored = trade.stored(order).data["lines"]
    assert isinstance(stored, list)
    lines: list[dict[str, Any]] = [{"id": line["id"]} for line in stored if isinstance(line, dict)]
    chance.shuffle(lines)
    lines = lines[: chance.randint(1, 4)]
    lines[0]["quantity"] = Decimal(chance.randint(1, 5))
    lines[-1]["rush"] = chance.random() < 0.5
    return lines + trade.lines(("P-2", 1)) * chance.randint(0, 1)


EDITS: dict[str, Callable[[Trade, str, random.Random], dict[str, Any]]] = {
    "a field of its own": lambda trade, order, chance: {"note": f"Note {chance.random()}"},
    "what shows another": lambda trade, order, chance: {"channel": chance.choice(["phone", "web"]), "caller": "Bob"},
    "what is filled through": lambda trade, order, chance: {"customer": chance.choice(list(trade.customers.values()))},
    "what amounts are in": lambda trade, order, chance: {"currency": chance.choice(["EUR", "DKK"])},
    "its lines": lambda trade, order, chance: {"lines": changed_lines(trade, order, chance)},
    "nothing": lambda trade, order, chance: {"action": chance.choice(["submit", "approve", "send_back"]),
                                             "inputs": {}},
    "what is filled again": lambda trade, order, chance: {"refill": frozenset({"currency"})},
}  # fmt: skip


@pytest.mark.parametrize("seed", range(3))
def test_a_record_is_as_if_all_of_it_were_worked_out(trade: Trade, both_ways: list[int], seed: int) -> None:
    chance = random.Random(seed)
    order = trade.order().record
    taken = 0
    for _ in range(25):
        if chance.random() < 0.2:
            product = chance.choice(list(trade.products.values()))
            trade.done("max", "product", product, price=Decimal(chance.randint(1, 90)))
        edit = EDITS[chance.choice(list(EDITS))]
        taken += isinstance(trade.apply("max", "order", order, **edit(trade, order, chance)), Receipt)
    assert taken > 8
    assert both_ways[0] > 20
    trade.check_sound()


def test_what_only_values_of_the_record_decide_is_known() -> None:
    steps = Process(BLUEPRINT, 1, BLUEPRINT.forms["order"]).steps
    assert {"/".join(step.field.path): step.settled_by and sorted(step.settled_by) for step in steps} == {
        "caller": ["caller", "channel"],
        "channel": ["channel"],
        "count_shipped": ["count_shipped"],
        "currency": None,
        "discount": None,
        "hint": ["hint", "secret"],
        "limit_left": None,
        "lines/amount": ["currency", "lines"],
        "lines/price": None,
        "lines/rush": ["lines"],
        "lines/rush_fee": ["currency", "lines"],
        "margin": None,
        "total": ["currency", "lines", "total"],
    }
