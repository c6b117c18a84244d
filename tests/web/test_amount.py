"""The amount a record is about: at its title, in the bar and in dialogs it is the one the form names, never a guess."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeAlias

import pytest

from blankett.web.services import Services

from .conftest import HX, Clock, Visitor, publish
from .pages import form_pairs, with_values, words
from .test_entry import made

#: Makes a trip of a form with this `amount` (and these further fields), and returns its id.
Ask: TypeAlias = Callable[..., str]
FORM = """
blueprint: travel
language: 1
title: Travel
roles: {{clerk: {{}}, manager: {{}}}}
forms:
  trip:
    show: "{{subject}}"
    currency: EUR
    {amount}
    fields:
      subject: {{type: text, required: yes}}
      fare: {{type: money}}
      {more}
      nights: {{type: number, unit: nights}}
    states: {{draft: {{start: true}}, asked: {{}}, agreed: {{final: true}}}}
    actions:
      ask: {{from: draft, to: asked, by: clerk}}
      agree: {{from: asked, to: agreed, by: manager, confirm: Pay it?}}
    grants:
      - {{who: [clerk, manager], may: all}}
      - {{who: clerk, may: view, hide: [budget_left]}}
"""
MORE = """hotel: {type: money}
      total: {type: money, compute: fare + hotel}
      budget_left: {type: money, compute: 5000 - total, private: [manager]}"""
ONLY_FARE = "budget_left: {type: text}"


def travel(amount: str, more: str = MORE) -> str:
    return FORM.format(amount=amount, more=more)


@pytest.fixture
def asked(services: Services, clock: Clock, anna: Visitor) -> Ask:
    """Publish the form with an `amount` and make a trip that waits for an answer; return its id."""

    def make(amount: str, more: str = MORE) -> str:
        publish(services.store, travel(amount, more), clock())
        values = {"subject": "Bergen", "fare": "100", "hotel": "25", "nights": "2"}
        pairs = form_pairs(anna.get("/forms/travel/trip/new").text)
        pairs = with_values(pairs, **{name: values[name] for name, _text in pairs if name in values})
        return made(anna.post("/forms/travel/trip/new", [*pairs, ("_do", "action.ask")]))

    return make


def head(visitor: Visitor, record: str) -> str:
    """Return what stands beside the title of a record's page."""
    found = re.search(r'class="b-head">.*?</div>', visitor.get(f"/records/{record}").text, re.S)
    assert found is not None
    return words(found[0])


def dialog(visitor: Visitor, record: str) -> str:
    """Return the head of the dialog that asks before the trip is agreed to."""
    address = f"/records/{record}/actions/agree"
    return words(visitor.get(address, **HX, **{"HX-Target": "dialog#dialog"}).text)


def bar(visitor: Visitor, record: str) -> str:
    """Return what the bar of the edit page shows."""
    found = re.search(r'id="bar-total">([^<]*)<', visitor.get(f"/records/{record}/edit").text)
    return found[1] if found else ""


def test_the_amount_the_form_names_stands_at_the_title_in_the_dialog_and_in_the_bar(asked: Ask, mette: Visitor) -> None:
    record = asked("amount: total")
    assert (head(mette, record).endswith("€125.00"), bar(mette, record)) == (True, "€125.00")
    assert "Bergen · €125.00" in dialog(mette, record)


def test_an_amount_may_be_typed_and_may_be_a_number(asked: Ask, mette: Visitor) -> None:
    record = asked("amount: nights")
    assert (head(mette, record).endswith("2 nights"), bar(mette, record)) == (True, "2\xa0nights")


def test_among_several_amounts_none_is_guessed(asked: Ask, mette: Visitor) -> None:
    record = asked("")
    assert ("€" in head(mette, record), "€" in dialog(mette, record), bar(mette, record)) == (False, False, "")


def test_the_only_amount_of_a_form_is_what_it_is_about(asked: Ask, mette: Visitor) -> None:
    record = asked("", ONLY_FARE)
    assert (head(mette, record).endswith("€100.00"), bar(mette, record)) == (True, "€100.00")


def test_an_amount_one_may_not_read_is_not_shown(asked: Ask, anna: Visitor, mette: Visitor) -> None:
    record = asked("amount: budget_left")
    assert ("€4,875.00" in head(mette, record), "€" in head(anna, record)) == (True, False)


def test_a_phones_list_keeps_the_amount_the_form_names(asked: Ask, mette: Visitor) -> None:
    lists = "\n    lists: {all: {columns: [subject, total, fare]}}"
    asked(f"amount: total{lists}")
    cells = re.findall(r'<td class="([^"]+)">([^<]+)', mette.get("/forms/travel/trip").text)
    assert [text for kind, text in cells if "b-hide-s" not in kind] == ["€125.00"]


def test_records_of_older_versions_follow_the_newest_word(
    asked: Ask, services: Services, clock: Clock, mette: Visitor
) -> None:
    record = asked("amount: fare")
    publish(services.store, travel("amount: total"), clock(), number=2)
    assert head(mette, record).endswith("€125.00")
