"""The author's texts beside a record: what they say of it is there in the dialog, at the buttons and at the fields."""

from __future__ import annotations

import pytest

from blankett.web.services import Services

from .conftest import HX, Clock, Visitor, publish
from .pages import form_pairs, with_values, words
from .test_entry import made

WISH = """
blueprint: leave
language: 1
languages: [en, zh]
title: Leave
roles: {clerk: {}, manager: {}}
forms:
  wish:
    show: "{subject}"
    fields:
      subject: {type: text, title: Subject, required: yes}
      days: {type: number, title: Days, help: "There are {10 - days} left of {{10}}."}
      salary: {type: number, title: Salary, private: [manager]}
    states:
      draft: {start: true, title: Draft}
      asked: {title: Asked}
      gone: {title: Gone, final: stopped}
    actions:
      ask: {title: Ask, from: draft, to: asked, by: clerk}
      withdraw:
        title: "Withdraw {subject}"
        from: asked
        to: gone
        by: [clerk, manager]
        confirm: "Withdraw {subject} of {days} days at {salary}?"
      lower:
        title: Lower
        help: "{subject} becomes shorter."
        from: asked
        by: clerk
        ask: {to: {type: number, title: To, help: "Now {days}."}}
    grants:
      - {who: [clerk, manager], may: all}
translations:
  zh:
    forms:
      wish:
        actions: {withdraw: {confirm: "撤回 {subject}？"}}
"""


@pytest.fixture
def wish(services: Services, clock: Clock, anna: Visitor) -> str:
    """The id of a wish for five days of Bergen."""
    publish(services.store, WISH, clock())
    pairs = with_values(form_pairs(anna.get("/forms/leave/wish/new").text), subject="Bergen", days="3")
    return made(anna.post("/forms/leave/wish/new", [*pairs, ("_do", "action.ask")]))


def dialog(visitor: Visitor, record: str, action: str) -> str:
    address = f"/records/{record}/actions/{action}"
    return words(visitor.get(address, **HX, **{"HX-Target": "dialog#dialog"}).text)


def test_a_dialog_asks_with_what_the_record_holds(wish: str, anna: Visitor) -> None:
    assert "Withdraw Bergen of 3 days at (hidden)?" in dialog(anna, wish, "withdraw")


def test_a_translation_says_it_too(wish: str, signed_in) -> None:  # type: ignore[no-untyped-def]
    assert "撤回 Bergen？" in dialog(signed_in("wu"), wish, "withdraw")


def test_a_button_and_the_helps_of_an_action_say_it(wish: str, anna: Visitor) -> None:
    assert "Withdraw Bergen…" in words(anna.get(f"/records/{wish}").text)
    asked = dialog(anna, wish, "lower")
    assert ("Bergen becomes shorter." in asked, "Now 3." in asked) == (True, True)


def test_the_help_of_a_field_follows_what_is_typed(wish: str, anna: Visitor) -> None:
    assert "There are 7 left of {10}." in words(anna.get(f"/records/{wish}/edit").text)
    pairs = with_values(form_pairs(anna.get("/forms/leave/wish/new").text), days="4")
    answer = anna.post("/forms/leave/wish/new/recalculate", pairs, **HX)
    assert "There are 6 left of {10}." in answer.text
