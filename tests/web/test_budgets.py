"""Formulas that loop cost a page, or a save, a bounded number of steps, however many of them there are."""

from __future__ import annotations

import pytest
from flask import Flask

from blankett.engine.feel.budget import STEPS_TOGETHER, Run
from blankett.web.services import Services

from .conftest import SHOP, Clock, Visitor, publish
from .pages import form_pairs, words

#: Each of them alone is within what one evaluation may take.
COMPUTES = 60
LOOP = "sum(for i in 1..30000 return i)"


@pytest.fixture
def used(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Steps that each evaluation took."""
    found: list[int] = []
    settle = Run.settle

    def count(run: Run) -> None:
        found.append(run.given - max(run.left, 0))
        settle(run)

    monkeypatch.setattr(Run, "settle", count)
    return found


@pytest.fixture
def looping(services: Services, app: Flask, clock: Clock) -> Visitor:
    """Somebody in front of orders with many looping fields."""
    fields = "".join(f"      loop{number}: {{type: number, compute: '{LOOP}'}}\n" for number in range(COMPUTES))
    source = SHOP.read_text(encoding="utf-8").replace(
        "      urgent: {type: yes_no", f"{fields}      urgent: {{type: yes_no"
    )
    publish(services.store, source, clock(), number=2)
    visitor = Visitor(app.test_client())
    visitor.sign_in("mette")
    return visitor


def test_a_page_takes_so_many_steps_in_all(looping: Visitor, used: list[int]) -> None:
    looping.get("/forms/shop/customer/new")  # the version has been read
    used.clear()
    answer = looping.get("/forms/shop/order/new")
    assert sum(used) > 500_000, "the fields were worked out"
    assert sum(used) <= STEPS_TOGETHER
    assert answer.status_code in (200, 422)


def test_a_save_takes_so_many_steps_in_all_and_says_so(looping: Visitor, used: list[int]) -> None:
    answer = looping.post("/forms/shop/order/new", {"customer": "", "currency": "DKK", "_do": "save"})
    assert answer.status_code == 422
    assert "Tell whoever looks after the blueprint." in words(answer.text)
    assert sum(used) <= 3 * STEPS_TOGETHER


def test_other_pages_are_as_before(looping: Visitor) -> None:
    assert looping.get("/inbox").status_code == 200
    assert form_pairs(looping.get("/forms/shop/customer/new").text)
