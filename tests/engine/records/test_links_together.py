"""What formulas read through links is asked for together, however many lines and rows there are."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from tests.engine.records.company import Company

from blankett.engine.store import Reading

TEXT = """
blueprint: shop
language: 1
title: Shop
roles: {clerk: {}}
forms:
  product:
    life: reference
    show: "{name}"
    fields: {name: {type: text}, price: {type: number}, twin: {type: link, to: product}}
    grants: [{who: clerk, may: all}]
  order:
    fields:
      name: {type: text}
      lines:
        type: table
        fields:
          product: {type: link, to: product}
          price: {type: number, fill: product.price}
      twins: {type: number, compute: sum(for line in lines return line.product.twin.price)}
    lists: {all: {title: All, columns: [name, twins]}}
    grants: [{who: clerk, may: all}]
  parcel:
    fields:
      order: {type: link, to: order}
      worth: {type: number, compute: sum(order.lines.price)}
    states: {open: {start: true}, sent: {final: true}}
    actions: {send: {from: open, to: sent, by: clerk, when: "count(order.lines[price > 0]) > 0"}}
    lists: {all: {title: All, columns: [order, worth]}}
    grants: [{who: clerk, may: all}]
"""


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Statements that read records by their ids."""
    found: list[str] = []
    records = Reading.records

    def noted(reading: Reading, organisation: str, ids: Any) -> Any:
        found.append(organisation)
        return records(reading, organisation, ids)

    monkeypatch.setattr(Reading, "records", noted)
    return found


def questions(asked: list[str], many: int) -> dict[str, int]:
    """Return how often records are read by each of what somebody does with orders of *many* lines."""
    company, found = Company(TEXT, cleo="clerk"), {}
    products = []
    for number in range(many):
        twin = company.done("cleo", "product", name=f"T{number}", price=Decimal(2)).record
        products.append(company.done("cleo", "product", name=f"P{number}", price=Decimal(2), twin=twin).record)
    lines = [{"id": f"+{number}", "product": product} for number, product in enumerate(products)]
    orders = [company.done("cleo", "order", name=f"O{number}", lines=lines).record for number in range(many)]
    parcels = [company.done("cleo", "parcel", order=order).record for order in orders]
    works: dict[str, Callable[[], object]] = {
        "a new record": lambda: company.done("cleo", "parcel", order=orders[0]),
        "a record's page": lambda: company.view("cleo", parcels[0]),
        "an action": lambda: company.done("cleo", "parcel", parcels[0], action="send"),
        "a list that reads through lines": lambda: company.page("cleo", "order"),
        "a list that reads lines behind links": lambda: company.page("cleo", "parcel"),
    }
    for name, work in works.items():
        asked.clear()
        work()
        found[name] = len(asked)
    return found


def test_as_much_is_asked_for_many_as_for_few(asked: list[str]) -> None:
    assert questions(asked, 9) == questions(asked, 2)
