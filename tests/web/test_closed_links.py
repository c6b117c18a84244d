"""A link to a record that one may not choose answers as one to nothing: nothing is filled or worked out through it."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from werkzeug.test import TestResponse

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


def test_no_address_tells_that_a_record_exists(people: tuple[Visitor, Visitor], app: Flask) -> None:
    anna, mette = people
    values = {"code": "ACME", "name": "Acme Ltd", "currency": "EUR", "tier": "normal", "limit": "900", "_do": "save"}
    closed = mette.post("/forms/shop/customer/new", values).headers["Location"].rpartition("/")[2]
    told = []
    for rule in app.url_map.iter_rules():
        if "record" not in rule.arguments:
            continue
        other = re.sub(r"<(?:int:)?(?!record>)[^>]*>", "1", rule.rule)
        one, none = (other.replace("<record>", id) for id in (closed, NOBODY))
        pairs = [("_name", "currency"), ("comment", "x"), ("_do", "save")]
        for headers in ({}, HX):
            if "GET" in (rule.methods or ()):
                told.append((rule.rule, get_without_ids(anna, one, headers, closed)))
                assert told[-1] == (rule.rule, get_without_ids(anna, none, headers, NOBODY))
            if "POST" in (rule.methods or ()):
                told.append((rule.rule, without_ids(anna, one, pairs, headers, closed)))
                assert told[-1] == (rule.rule, without_ids(anna, none, pairs, headers, NOBODY))
    assert len(told) > 30
    assert {status for _, (status, _) in told} == {403, 404}


def sent(base: list[Pair], id: str, do: str, is_picked: bool) -> list[Pair]:
    """Return a form in which the customer is *id*, typed, or chosen from a list that somebody made up."""
    customer = [("customer", "Acme"), ("_picked", f"customer={id}|Acme")] if is_picked else [("customer", id)]
    return [*base, *customer, ("_do", do)]


def without_ids(anna: Visitor, address: str, pairs: list[Pair], headers: dict[str, str], id: str) -> tuple[int, str]:
    """Return an answer without what differs from one to the next."""
    return stripped(anna.post(address, pairs, **headers), id)


def get_without_ids(anna: Visitor, address: str, headers: dict[str, str], id: str) -> tuple[int, str]:
    return stripped(anna.get(address, **headers), id)


def stripped(answer: TestResponse, id: str) -> tuple[int, str]:
    text = re.sub(r'(?:id|for|value|name|href|aria-[a-z]+)="[^"]*(?:\+|csrf|[\w.-]{60})[^"]*"', "", answer.text)
    text = re.sub(r'name="(?:_intent|csrf_token)" value="[^"]*"|\+\w+', "", text)
    return answer.status_code, text.replace(id, "ID")
