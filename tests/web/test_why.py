"""Why and why not on a record's page: what fails in words, details in place or on a page of their own, in both
languages, and only as far as the reader may see.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from blankett.web.services import Services

from .conftest import HX, SHOP, Clock, Visitor, publish
from .pages import words
from .test_entry import NEW, customer, made, order
from .test_records import act

__all__ = ["customer"]


@pytest.fixture
def large(anna: Visitor, customer: str) -> str:
    """The id of an order in review that is too large to be approved."""
    return made(anna.post(NEW, order(anna, do="action.submit", line__quantity="9000")))


def in_place(id: str) -> dict[str, str]:
    """Return the headers of htmx that wants what goes into the element *id*."""
    return {**HX, "HX-Target": f"div#{id}"}


def test_an_action_that_is_off_says_what_fails_and_offers_the_rest(mette: Visitor, large: str) -> None:
    page = mette.get(f"/records/{large}").text
    why = re.search(r'id="why-approve">(.*?)</span></span>', page, re.S)
    assert why is not None
    assert words(why[1]) == "“Total” is DKK 22,500.00 and must be at most DKK 10,000.00."
    assert f'href="/records/{large}/actions/approve/why"' in page


def test_the_details_of_an_action_are_a_page_without_javascript(mette: Visitor, large: str) -> None:
    page = mette.get(f"/records/{large}/actions/approve/why")
    assert page.status_code == 200
    text = words(page.text)
    assert "Why not “Approve”" in text
    assert "false: “Total” is DKK 22,500.00, asked for: at most DKK 10,000.00" in text
    assert "shop.yaml, version 1, line" in text
    assert "/blueprints/shop/versions/1#L" not in page.text  # a manager does not read the blueprint's text


def test_the_details_of_an_action_come_in_place(mette: Visitor, large: str) -> None:
    part = mette.get(f"/records/{large}/actions/approve/why", **in_place("why-more-approve")).text
    assert "<html" not in part
    assert "asked for: at most DKK 10,000.00" in words(part)


def test_who_may_not_take_an_action_is_told_who_could(anna: Visitor, large: str) -> None:
    text = words(anna.get(f"/records/{large}").text)
    assert "Only for: Manager." in text


def test_the_timeline_says_why(anna: Visitor, mette: Visitor, customer: str) -> None:
    small = made(anna.post(NEW, order(anna, do="action.submit")))
    assert act(mette, small, "approve") == 303
    page = mette.get(f"/records/{small}").text
    assert set(re.findall(r'href="/records/\w+/(events/\d+/why)"', page)) == {"events/2/why"}
    assert f'href="/records/{small}/events/2/why"' in page
    part = mette.get(f"/records/{small}/events/2/why", **in_place("why-2")).text
    assert "What “Approve” asks for true: “Total” is" in words(part)


def test_the_question_before_an_action_tells_what_decides_about_it(
    anna: Visitor, mette: Visitor, customer: str
) -> None:
    small = made(anna.post(NEW, order(anna, do="action.submit")))
    page = mette.get(f"/records/{small}/actions/approve").text
    assert f'href="/records/{small}/actions/approve/why"' in page
    assert "/why" not in mette.get(f"/records/{small}/actions/cancel").text
    assert "true: “Total” is DKK 7.50, asked for: at most DKK 10,000.00" in words(
        mette.get(f"/records/{small}/actions/approve/why").text
    )


def test_it_is_told_in_chinese(signed_in: Callable[[str], Visitor], large: str) -> None:
    wu = signed_in("wu")
    text = words(wu.get(f"/records/{large}").text)
    assert "“Total”为DKK 22,500.00，必须不超过DKK 10,000.00。" in text
    detail = words(wu.get(f"/records/{large}/actions/approve/why").text)
    assert "为什么不能“Approve”" in detail
    assert "要求不超过" in detail


@pytest.mark.parametrize("path", ["events/99/why", "actions/no_such/why", "events/0/why", "actions/%3Cb%3E/why"])
def test_what_there_is_nothing_to_say_of_is_not_found(mette: Visitor, large: str, path: str) -> None:
    assert mette.get(f"/records/{large}/{path}").status_code == 404


def test_nobody_is_told_of_a_record_they_may_not_see(signed_in: Callable[[str], Visitor], large: str) -> None:
    olga = signed_in("olga")
    for path in ("events/1/why", "actions/approve/why"):
        assert olga.get(f"/records/{large}/{path}").status_code == 404


def test_what_may_not_be_seen_is_not_told(
    anna: Visitor, mette: Visitor, customer: str, services: Services, clock: Clock
) -> None:
    source = SHOP.read_text(encoding="utf-8").replace(
        "        by: clerk\n      approve:", "        by: clerk\n      approve:"
    )
    source = source.replace("when: total <= 10000", "when: cost < 777").replace(
        "by: manager\n        when", "by: clerk\n        when"
    )
    publish(services.store, source, clock(), 2)
    sent = made(anna.post(NEW, order(anna, do="action.submit")))
    text = anna.get(f"/records/{sent}").text
    assert "It depends on a value you may not see." in words(text)
    assert "777" not in text
    detail = anna.get(f"/records/{sent}/actions/approve/why").text
    assert "777" not in detail
    assert "777" in mette.get(f"/records/{sent}/actions/approve/why").text


def test_a_failed_check_says_what_its_author_wrote_and_no_more(anna: Visitor, customer: str) -> None:
    answer = anna.post(NEW, order(anna, do="action.submit", line__quantity="90000"))
    assert answer.status_code == 422
    text = words(answer.text)
    assert "is too large." in text
    assert "must be at most" not in text
