"""The question before an action says where it leads, where that depends."""

from __future__ import annotations

import pytest

from blankett.web.services import Services

from .conftest import Visitor, publish
from .pages import form_pairs, with_values, words

CLAIMS = """\
blueprint: claims
language: 1
title: Claims
roles: {clerk: {}}
forms:
  claim:
    fields:
      total: {type: number, required: yes}
    states: {draft: {start: true}, checked: {title: Being checked}, paid: {final: true}}
    actions:
      send:
        from: draft
        by: clerk
        confirm: Send it?
        to:
          - {when: total > 100, to: checked}
          - {to: paid}
      pay: {from: checked, to: paid, by: clerk, confirm: Pay it?}
      turn:
        from: checked
        by: clerk
        ask: {back: {type: yes_no, default: no}}
        to:
          - {when: inputs.back = true, to: draft}
          - {to: paid}
    grants: [{who: clerk, may: all}]
"""


@pytest.fixture
def claims(services: Services) -> None:
    publish(services.store, CLAIMS, services.clock())


def claim(anna: Visitor, total: str) -> str:
    """Return the address of a claim."""
    pairs = form_pairs(anna.get("/forms/claims/claim/new").text)
    return anna.post("/forms/claims/claim/new", with_values(pairs, total=total, _do="save")).headers["Location"]


@pytest.mark.usefixtures("claims")
@pytest.mark.parametrize(("total", "state"), [("101", "Being checked"), ("100", "Paid")])
def test_the_question_says_where_the_action_leads_and_it_leads_there(anna: Visitor, total: str, state: str) -> None:
    address = claim(anna, total)
    page = anna.get(f"{address}/actions/send").text
    assert f"It leads to “{state}”." in words(page)
    assert anna.post(f"{address}/actions/send", form_pairs(page, f"{address}/actions/send")).status_code == 303
    assert state in words(anna.get(address).text)


@pytest.mark.usefixtures("claims")
def test_it_says_what_may_be_where_the_answer_decides_and_nothing_where_nothing_does(anna: Visitor) -> None:
    address = claim(anna, "101")
    send = f"{address}/actions/send"
    anna.post(send, form_pairs(anna.get(send).text, send))
    assert "It leads to one of: Draft, Paid." in words(anna.get(f"{address}/actions/turn").text)
    assert "leads to" not in words(anna.get(f"{address}/actions/pay").text)
