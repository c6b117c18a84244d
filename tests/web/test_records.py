"""A record's page: what it shows to whom, its actions with reasons, asks in a dialog, comments and history."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

import pytest

from .conftest import HX, Clock, Visitor
from .pages import form_pairs, words
from .test_entry import NEW, customer, draft, edited, made, order

__all__ = ["customer", "draft"]

IN_DIALOG = {**HX, "HX-Target": "dialog#dialog"}


@pytest.fixture
def sent(anna: Visitor, customer: str) -> str:
    """The id of an order in review."""
    return made(anna.post(NEW, order(anna, do="action.submit")))


def ask(visitor: Visitor, record: str, action: str) -> dict[str, str]:
    """Return what the page of an action would post."""
    address = f"/records/{record}/actions/{action}"
    return dict(form_pairs(visitor.get(address).text, address))


def act(visitor: Visitor, record: str, action: str, **inputs: str) -> int:
    """Take an action by its page and return the status."""
    return visitor.post(f"/records/{record}/actions/{action}", {**ask(visitor, record, action), **inputs}).status_code


# What it shows -------------------------------------------------------------------------------------------------------


def test_a_record_shows_its_title_state_amount_and_values(anna: Visitor, sent: str) -> None:
    page = words(anna.get(f"/records/{sent}").text).replace("\xa0", " ")
    for part in ("SO-2026-0001 Acme Ltd", "In review", "DKK 7.50", "Customer Acme Ltd", "Channel Phone", "Urgent No"):
        assert part in page


def test_private_values_are_for_their_roles(anna: Visitor, mette: Visitor, customer: str) -> None:
    assert "€900.00" in mette.get(f"/records/{customer}").text
    assert ("€900.00" in anna.get(f"/records/{customer}").text, anna.get(f"/records/{customer}").status_code) == (
        False,
        200,
    )


def test_a_record_is_not_there_for_strangers(signed_in: Callable[[str], Visitor], sent: str) -> None:
    olga = signed_in("olga")
    for address in (f"/records/{sent}", f"/records/{sent}/edit", f"/records/{sent}/actions/approve"):
        assert olga.get(address).status_code == 404
    for address in ("edit", "edit/recalculate", "actions/approve", "comments"):
        assert olga.post(f"/records/{sent}/{address}", {"comment": "x"}).status_code == 404


def test_the_path_shows_where_it_was_is_and_goes(anna: Visitor, draft: str) -> None:
    act(anna, draft, "submit")
    page = anna.get(f"/records/{draft}").text
    steps = re.findall(r'<li class="is-(\w+)[^"]*"[^>]*><span><span class="b-state [^"]*">([^<]+)', page)
    assert steps == [("past", "Draft"), ("now", "In review"), ("next", "Approved"), ("next", "Done")]


def test_a_record_names_the_keys_that_do_something_on_it(
    anna: Visitor, mette: Visitor, draft: str, sent: str, customer: str
) -> None:
    told = {}
    for name, visitor, record in (("draft", anna, draft), ("sent", mette, sent), ("customer", anna, customer)):
        page = visitor.get(f"/records/{record}").text
        said = words(page.split('class="b-keys"', 1)[1])
        told[name] = "E edit" in said, "action by its place" in said
        assert told[name] == ('data-key="e"' in page, 'data-key="1"' in page)
    assert told == {"draft": (True, True), "sent": (True, True), "customer": (False, False)}


def test_links_lead_to_the_linked_record(anna: Visitor, sent: str, customer: str) -> None:
    assert f'<a href="/records/{customer}">Acme Ltd</a>' in anna.get(f"/records/{sent}").text


def test_records_that_link_here_are_related(anna: Visitor, sent: str, customer: str) -> None:
    page = anna.get(f"/records/{customer}").text
    assert f'<a class="b-open" href="/records/{sent}">SO-2026-0001 Acme Ltd</a>' in page


# Actions -------------------------------------------------------------------------------------------------------------


def buttons(page: str) -> list[str]:
    """Return the actions that can be taken, in order."""
    return re.findall(r'<a class="btn[^"]*" role="button" href="[^"]*/actions/(\w+)[?"]', page)


def test_the_action_that_leads_on_is_the_primary_one(mette: Visitor, sent: str) -> None:
    page = mette.get(f"/records/{sent}").text
    assert buttons(page) == ["approve", "send_back", "cancel"]
    assert re.findall(r'btn-primary" role="button" href="[^"]*/actions/(\w+)[?"]', page) == ["approve"]


def test_an_action_for_others_stays_with_who_may(anna: Visitor, sent: str) -> None:
    page = anna.get(f"/records/{sent}").text
    assert buttons(page) == ["cancel"]
    button = re.search(
        r'aria-disabled="true" aria-describedby="why-approve".*?id="why-approve">(.*?)</span></span>', page, re.S
    )
    assert button is not None
    assert words(button[1]) == "Only for: Manager."
    assert "btn-primary" not in page[page.index("b-actions") : page.index("b-cols")]


def test_a_guard_that_does_not_hold_is_told_with_its_values(anna: Visitor, mette: Visitor, customer: str) -> None:
    large = made(anna.post(NEW, order(anna, do="action.submit", line__quantity="9000")))
    page = mette.get(f"/records/{large}").text
    why = re.search(r'id="why-approve"><span>(.*?)</span></span>', page, re.S)
    assert why is not None
    assert words(why[1]) == "“Total” is DKK 22,500.00 and must be at most DKK 10,000.00."
    assert "22,500" in words(why[1])
    assert act(mette, large, "approve") == 422


def test_an_action_is_taken_after_its_page(mette: Visitor, sent: str) -> None:
    assert act(mette, sent, "approve") == 303
    page = words(mette.get(f"/records/{sent}").text)
    assert "Approved. It is now: Approved." in page
    assert "Mette Holm approved" in page


def test_an_action_asks_and_refuses_what_is_missing(mette: Visitor, sent: str) -> None:
    address = f"/records/{sent}/actions/send_back"
    answer = mette.post(address, ask(mette, sent, "send_back"))
    assert answer.status_code == 422
    assert "There is a problem Fill in “Why”." in words(answer.text)
    long = mette.post(address, {**ask(mette, sent, "send_back"), "why": "x" * 41})
    assert long.status_code == 422
    assert "Use at most 40 characters; this is 41." in words(long.text)
    assert dict(form_pairs(long.text, address))["why"] == "x" * 41


def test_what_was_answered_is_in_the_history(anna: Visitor, mette: Visitor, sent: str) -> None:
    assert act(mette, sent, "send_back", why="The price is odd") == 303
    page = words(anna.get(f"/records/{sent}").text)
    assert "Why The price is odd" in page
    assert "Draft" in page


def test_a_dialog_is_the_inside_of_the_page(mette: Visitor, sent: str) -> None:
    address = f"/records/{sent}/actions/send_back"
    opened = mette.get(address, **IN_DIALOG)
    assert ("<html" in opened.text, 'id="dialog-title"' in opened.text) == (False, True)
    refused = mette.post(address, ask(mette, sent, "send_back"), **IN_DIALOG)
    assert (refused.status_code, "<html" in refused.text, "Fill in “Why”." in refused.text) == (422, False, True)
    done = mette.post(address, {**ask(mette, sent, "send_back"), "why": "x"}, **IN_DIALOG)
    assert (done.status_code, done.headers["HX-Redirect"]) == (204, f"/records/{sent}")


def test_a_sentence_is_asked_before_breaking_off(anna: Visitor, sent: str) -> None:
    assert "Really cancel it?" in anna.get(f"/records/{sent}/actions/cancel").text


def test_an_action_out_of_another_state_is_409(anna: Visitor, mette: Visitor, sent: str) -> None:
    prepared = ask(mette, sent, "approve")
    act(anna, sent, "cancel")
    answer = mette.post(f"/records/{sent}/actions/approve", prepared)
    assert answer.status_code == 409
    assert "Approve cannot be done now: Anna Lindqvist moved this record to Cancelled" in words(answer.text)


def test_an_action_on_a_changed_record_shows_it_again(anna: Visitor, mette: Visitor, sent: str) -> None:
    prepared = ask(mette, sent, "approve")
    anna.post(f"/records/{sent}/edit", edited(anna, sent, their_number="new"))
    answer = mette.post(f"/records/{sent}/actions/approve", prepared)
    assert answer.status_code == 409
    told = words(answer.text)
    assert "Anna Lindqvist changed this record after you opened it." in told
    assert "Their number new" in told
    again = dict(form_pairs(answer.text, f"/records/{sent}/actions/approve"))
    assert mette.post(f"/records/{sent}/actions/approve", again).status_code == 303


def link_to(visitor: Visitor, record: str, action: str) -> str:
    """Return where the button of an action leads from the record's page as it is now."""
    found = re.search(rf'href="(/records/{record}/actions/{action}[^"]*)"', visitor.get(f"/records/{record}").text)
    assert found is not None
    return html.unescape(found[1])


def test_what_changed_behind_an_open_page_is_told_before_the_action_is_asked(
    anna: Visitor, mette: Visitor, sent: str
) -> None:
    link = link_to(mette, sent, "approve")
    assert "changed this record" not in words(mette.get(link).text)
    anna.post(f"/records/{sent}/edit", edited(anna, sent, their_number="PO-2"))
    dialog = mette.get(link, **IN_DIALOG).text
    told = words(dialog)
    assert "Anna Lindqvist changed this record after you opened it." in told
    assert "Their number PO-2" in told
    # The second look counts: what is confirmed now was shown.
    shown = dict(form_pairs(dialog, f"/records/{sent}/actions/approve"))
    assert mette.post(f"/records/{sent}/actions/approve", shown).status_code == 303


def test_every_change_since_the_page_was_drawn_is_told(anna: Visitor, mette: Visitor, sent: str) -> None:
    link = link_to(mette, sent, "approve")
    for number in ("PO-2", "PO-3"):
        anna.post(f"/records/{sent}/edit", edited(anna, sent, their_number=number))
    anna.post(f"/records/{sent}/comments", {"comment": "Please hurry", "_intent": "a comment"})
    told = words(mette.get(link).text)
    assert ("PO-2 PO-3" in told, told.count("changed 1 field")) == (True, 2)


def test_a_comment_behind_an_open_page_asks_nothing_anew(anna: Visitor, mette: Visitor, sent: str) -> None:
    link = link_to(mette, sent, "approve")
    anna.post(f"/records/{sent}/comments", {"comment": "Please hurry", "_intent": "a comment"})
    assert "changed this record" not in words(mette.get(link).text)


def test_an_answer_that_does_not_say_what_was_seen_is_asked_again(mette: Visitor, sent: str) -> None:
    prepared = ask(mette, sent, "approve")
    del prepared["_revision"]
    answer = mette.post(f"/records/{sent}/actions/approve", prepared)
    assert answer.status_code == 409
    assert "did not say which revision you saw" in words(answer.text)
    again = dict(form_pairs(answer.text, f"/records/{sent}/actions/approve"))
    assert mette.post(f"/records/{sent}/actions/approve", again).status_code == 303


@pytest.mark.parametrize("seen", ["", "x", "-1", "9" * 40, "999"])
def test_a_revision_in_the_address_that_is_none_is_passed_over(mette: Visitor, sent: str, seen: str) -> None:
    page = mette.get(f"/records/{sent}/actions/approve?seen={seen}")
    assert (page.status_code, "changed this record" in words(page.text)) == (200, False)


def test_a_repeated_action_has_one_effect(mette: Visitor, sent: str) -> None:
    prepared = ask(mette, sent, "approve")
    address = f"/records/{sent}/actions/approve"
    assert mette.post(address, prepared).status_code == 303
    assert mette.post(address, prepared).status_code in (303, 409)
    assert words(mette.get(f"/records/{sent}").text).count("Mette Holm approved") == 1


@pytest.mark.parametrize("action", ["nothing", "x" * 300, "__class__"])
def test_an_unknown_action_is_404(mette: Visitor, sent: str, action: str) -> None:
    assert mette.get(f"/records/{sent}/actions/{action}").status_code == 404


def test_taking_an_action_one_may_not_take_is_403(anna: Visitor, sent: str) -> None:
    assert anna.post(f"/records/{sent}/actions/approve", {"_revision": "1", "_intent": "i"}).status_code == 403


def test_unknown_answers_are_refused(mette: Visitor, sent: str) -> None:
    answer = mette.post(
        f"/records/{sent}/actions/send_back", {**ask(mette, sent, "send_back"), "why": "x", "other": "y"}
    )
    assert answer.status_code == 422
    assert "no field other" in words(answer.text)


# Comments and history ------------------------------------------------------------------------------------------------


def test_a_comment_is_added(anna: Visitor, mette: Visitor, sent: str) -> None:
    answer = anna.post(f"/records/{sent}/comments", {"comment": "Please <hurry>", "_intent": "one"})
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/records/{sent}#timeline")
    assert "Please &lt;hurry&gt;" in mette.get(f"/records/{sent}").text


def test_a_comment_by_htmx_brings_the_history_anew(anna: Visitor, sent: str) -> None:
    answer = anna.post(
        f"/records/{sent}/comments", {"comment": "Hello", "_intent": "one"}, **HX, **{"HX-Target": "section#timeline"}
    )
    assert (answer.status_code, "<html" in answer.text, "Hello" in answer.text) == (200, False, True)


def test_an_empty_comment_says_so_and_a_long_one_is_kept(anna: Visitor, sent: str) -> None:
    empty = anna.post(f"/records/{sent}/comments", {"comment": "  "})
    assert (empty.status_code, "Write something first." in empty.text) == (422, True)
    long = anna.post(f"/records/{sent}/comments", {"comment": "x" * 20_000})
    assert (long.status_code, "x" * 20_000 in long.text) == (422, True)


def test_a_repeated_comment_is_said_once(anna: Visitor, sent: str) -> None:
    for _ in range(2):
        anna.post(f"/records/{sent}/comments", {"comment": "Only once", "_intent": "same"})
    assert anna.get(f"/records/{sent}").text.count("Only once") == 1


def test_the_history_tells_who_changed_what(anna: Visitor, draft: str, clock: Clock) -> None:
    clock.pass_by(hours=5)
    anna.post(f"/records/{draft}/edit", edited(anna, draft, their_number="K-2", urgent="yes", reason="Fair"))
    page = words(anna.get(f"/records/{draft}").text)
    assert "Anna Lindqvist changed 3 fields 14:30 Their number K-1 K-2 Urgent no yes Reason Fair" in page
    assert "Anna Lindqvist created it 09:30" in page
