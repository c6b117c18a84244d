"""A link to a record that one may not choose answers as one to nothing: nothing is filled or worked out through it."""

from __future__ import annotations

import re

import pytest

from blankett.web.services import Services
from blankett.web.settings import Settings

from .conftest import HX, SHOP, Clock, Visitor, make_app, publish
from .pages import Pair, form_pairs

NOBODY = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
NEW = "/forms/shop/order/new"


@pytest.fixture
def people(services: Services, settings: Settings, clock: Clock) -> tuple[Visitor, Visitor]:
    """A clerk who may choose gold customers only, and a manager."""
    gold = SHOP.read_text(encoding="utf-8").replace(
        "- {who: clerk, may: [view, pick]}", '- {who: clerk, may: [view, pick], where: tier = "gold"}'
    )
    publish(services.store, gold, clock(), number=2)
    app = make_app(settings, services)
    anna, mette = Visitor(app.test_client()), Visitor(app.test_client())
    assert [anna.sign_in("anna").status_code, mette.sign_in("mette").status_code] == [303, 303]
    return anna, mette


@pytest.mark.parametrize("do", ["recalculate", "save", "action:submit"])
@pytest.mark.parametrize("is_picked", [False, True], ids=["typed", "picked"])
def test_existence_is_not_told(people: tuple[Visitor, Visitor], do: str, is_picked: bool) -> None:
    anna, mette = people
    values = {"code": "ACME", "name": "Acme Ltd", "currency": "EUR", "tier": "normal", "limit": "900", "_do": "save"}
    closed = mette.post("/forms/shop/customer/new", values).headers["Location"].rpartition("/")[2]
    draft = anna.post(NEW, {"customer": "", "currency": "", "_do": "save"}).headers["Location"]
    for address in (NEW, f"{draft}/edit"):
        base = [pair for pair in form_pairs(anna.get(address).text) if pair[0] not in ("customer", "_picked", "_do")]
        for headers in ({}, HX):
            one, other = (
                without_ids(anna, address, sent(base, id, do, is_picked), headers, id) for id in (closed, NOBODY)
            )
            assert one == other


def sent(base: list[Pair], id: str, do: str, is_picked: bool) -> list[Pair]:
    """Return a form in which the customer is *id*, typed, or chosen from a list that somebody made up."""
    customer = [("customer", "Acme"), ("_picked", f"customer={id}|Acme")] if is_picked else [("customer", id)]
    return [*base, *customer, ("_do", do)]


def without_ids(anna: Visitor, address: str, pairs: list[Pair], headers: dict[str, str], id: str) -> tuple[int, str]:
    """Return an answer without what differs from one to the next."""
    answer = anna.post(address, pairs, **headers)
    text = re.sub(r'(?:id|for|value|name|href|aria-[a-z]+)="[^"]*(?:\+|csrf|[\w.-]{60})[^"]*"', "", answer.text)
    text = re.sub(r'name="(?:_intent|csrf_token)" value="[^"]*"|\+\w+', "", text)
    return answer.status_code, text.replace(id, "ID")
