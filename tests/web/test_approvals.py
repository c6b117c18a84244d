"""Approvals on pages: the record's head, the page of steps and verbs, the inbox, several at once, refusals in words."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from blankett.web.services import Services

from .conftest import Visitor, publish
from .pages import form_pairs, with_values, words

LOANS = """\
blueprint: loans
language: 1
title: Loans
roles:
  clerk: {title: Clerk}
  manager: {title: Manager}
forms:
  loan:
    title: Loan
    show: "{name}"
    fields:
      name: {type: text, required: yes}
      sum: {type: number, required: yes}
    states:
      draft: {title: Draft, start: true}
      review: {title: In review}
      granted: {title: Granted}
      refused: {title: Refused, final: stopped}
    actions:
      ask:
        title: Ask for it
        from: draft
        during: review
        to: granted
        by: clerk
        approval: granting
        rejected: refused
        approves: [sum]
      undo: {title: Undo, from: granted, to: refused, by: manager}
    approvals:
      granting:
        title: Granting
        decide_on: [sum]
        steps:
          manager: {title: The manager, approvers: manager, due: 3 hours}
    grants:
      - {who: clerk, may: [view, create, edit]}
      - {who: manager, may: view}
"""


@pytest.fixture
def anna(services: Services, clock: Any, signed_in: Callable[[str], Visitor]) -> Visitor:
    publish(services.store, LOANS, clock())
    return signed_in("anna")


def loan(visitor: Visitor, name: str) -> str:
    """Let a visitor ask for a loan, and return its address."""
    typed = with_values(form_pairs(visitor.get("/forms/loans/loan/new").text), name=name, sum="500", _do="save")
    made = visitor.post("/forms/loans/loan/new", typed)
    address = made.headers["Location"]
    asked = visitor.post(f"{address}/actions/ask", {"_intent": f"ask-{name}", "_revision": "1"})
    assert asked.status_code == 303, asked.text
    return address


def decide(visitor: Visitor, address: str, verb: str, **sent: str) -> Any:
    page = visitor.get(f"{address}/approval").text
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
    hidden.pop("csrf_token", None)
    hidden.pop("verb", None)
    return visitor.post(f"{address}/approval", {**hidden, "_intent": f"{verb}-{sent}", "verb": verb, **sent})


def test_who_asked_sees_where_it_stands_and_why_they_may_not_decide(anna: Visitor) -> None:
    address = loan(anna, "Boat")
    head, page = words(anna.get(address).text), words(anna.get(f"{address}/approval").text)
    assert "Mette Holm is asked The manager" in head
    assert "Step 1 of 1" in page
    assert "Approve" not in page


def test_the_inbox_leads_to_the_decision_and_it_is_made_in_two_presses(
    anna: Visitor, signed_in: Callable[[str], Visitor]
) -> None:
    address, mette = loan(anna, "Boat"), signed_in("mette")
    inbox = mette.get("/inbox").text
    assert f'href="{address}/approval?from=inbox"' in inbox
    assert "Granting: Boat" in words(inbox)
    answer = decide(mette, address, "approve")
    assert (answer.status_code, answer.headers["Location"]) == (303, address)
    page = words(mette.get(address).text)
    assert "Approved. It is now: Granted" in page
    assert "approved: The manager" in page
    assert "Granting: Boat" not in words(mette.get("/inbox").text)


def test_a_no_without_a_reason_is_asked_for_it_and_loses_nothing(
    anna: Visitor, signed_in: Callable[[str], Visitor]
) -> None:
    address, mette = loan(anna, "Boat"), signed_in("mette")
    answer = decide(mette, address, "reject")
    assert answer.status_code == 409
    assert "Nothing was decided." in words(answer.text)
    assert decide(mette, address, "reject", comment="Too much").status_code == 303
    assert "Too much" in words(anna.get(address).text)


def test_what_was_typed_into_another_way_stands_there_again(anna: Visitor, signed_in: Callable[[str], Visitor]) -> None:
    address, mette = loan(anna, "Boat"), signed_in("mette")
    answer = decide(mette, address, "transfer", comment="You know boats", user="mette")
    assert answer.status_code == 409
    assert re.search(r'id="comment-transfer"[^>]*>You know boats<', answer.text)
    assert re.search(r'id="comment" name="comment"[^>]*><', answer.text)


def test_several_are_decided_at_once_each_with_its_own_result(
    anna: Visitor, signed_in: Callable[[str], Visitor]
) -> None:
    first, second, mette = loan(anna, "Boat"), loan(anna, "Car"), signed_in("mette")
    picks = re.findall(r'name="pick"\s+value="([^"]+)"', mette.get("/inbox").text)
    decide(mette, first, "approve")
    done = mette.post("/inbox", [("_intent", "all"), *(("pick", pick) for pick in picks)])
    assert done.status_code == 200
    page = words(done.text)
    assert "Car: Approved. It is now: Granted" in page
    assert "Boat: " in page
    assert words(mette.get(second).text).count("Granted") > 0


def test_each_of_many_results_is_told_and_what_is_too_much_waits(signed_in: Callable[[str], Visitor]) -> None:
    done = signed_in("mette").post("/inbox", [("pick", f"gone{number}") for number in range(102)])
    page = words(done.text)
    assert page.count("A request is not there any more.") == 100
    assert "2 more were chosen and still wait here: 100 are decided at once." in page
    assert all(len(cookie) < 1000 for cookie in done.headers.getlist("Set-Cookie"))


def test_who_may_not_see_the_record_finds_no_approval(anna: Visitor, signed_in: Callable[[str], Visitor]) -> None:
    address, olga = loan(anna, "Boat"), signed_in("olga")
    assert olga.get(f"{address}/approval").status_code == 404
    assert olga.post(f"{address}/approval", {"verb": "approve", "_intent": "x"}).status_code == 404


def test_the_page_speaks_chinese(anna: Visitor, signed_in: Callable[[str], Visitor]) -> None:
    address = loan(anna, "Boat")
    assert "第 1 步，共 1 步" in words(signed_in("wu").get(f"{address}/approval").text)


def test_who_changes_what_was_agreed_to_reads_who_is_asked_again_and_why(
    anna: Visitor, signed_in: Callable[[str], Visitor]
) -> None:
    address = loan(anna, "Boat")
    decide(signed_in("mette"), address, "approve")
    typed = with_values(form_pairs(anna.get(f"{address}/edit").text), sum="900", _do="save")
    assert anna.post(f"{address}/edit", typed).status_code == 303
    page = words(anna.get(address).text)
    assert "Sum changed, so “Granting” is asked again of Mette Holm." in page
    assert "changed 1 field and opened the approval again" in page


def test_before_it_is_asked_for_the_page_says_who_would_decide(anna: Visitor) -> None:
    typed = with_values(form_pairs(anna.get("/forms/loans/loan/new").text), name="Van", sum="500", _do="save")
    address = anna.post("/forms/loans/loan/new", typed).headers["Location"]
    said = words(anna.get(f"{address}/actions/ask").text)
    assert re.search(r"Then these decide, one step after the other: The manager ?: \w+", said), said
    assert "until" in said


def test_who_manages_approvals_names_who_decides_where_nobody_can(
    services: Services, clock: Any, signed_in: Callable[[str], Visitor]
) -> None:
    asking = "manager: {title: The manager, approvers: manager, due: 3 hours}"
    gone = "both: {together: {first: {approvers: manager}, second: {title: The other, approvers: = patron}}}"
    text = LOANS.replace(asking, gone).replace("who: manager, may: view", "who: manager, may: [view, administer]")
    publish(services.store, text.replace("    states:", "      patron: {type: user}\n    states:"), clock())
    anna, mette = signed_in("anna"), signed_in("mette")
    address = loan(anna, "Boat")
    page = mette.get(f"{address}/approval").text
    assert re.findall(r'<option value="(first|second)"', page) == ["second", "first"]
    assert "Name who decides" not in words(anna.get(f"{address}/approval").text)
    assert decide(mette, address, "replace", step="second", user="mette").status_code == 303
    assert "nobody can decide" in words(page)
    assert "nobody can decide" not in words(mette.get(f"{address}/approval").text)
    decide(mette, address, "approve", step="first", opening="0")
    decide(mette, address, "approve", step="second", opening="0")
    assert "Granted" in words(mette.get(address).text)
