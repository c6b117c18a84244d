"""Discarding a record by its pages: offered, asked, done; told to whoever had it open."""

from __future__ import annotations

import pytest

from blankett.web.services import Services

from .conftest import HX, SHOP, Clock, Visitor, publish
from .pages import form_pairs, with_values, words
from .test_entry import NEW, customer, draft, made, order

__all__ = ["customer", "draft"]

SOURCE = SHOP.read_text(encoding="utf-8")
GRANT = "      - {who: owner, may: delete, states: [draft]}\n"


@pytest.fixture
def services(services: Services, clock: Clock) -> Services:
    """Services over the shop, in which who begins an order may discard it."""
    begins = "      - {who: clerk, may: create}\n"
    publish(services.store, SOURCE.replace(begins, begins + GRANT, 1), clock(), 2)
    return services


def discard(visitor: Visitor, record: str) -> dict[str, str]:
    """Return what the page that asks would post."""
    address = f"/records/{record}/discard"
    return dict(form_pairs(visitor.get(address + "?seen=1").text, address))


def test_draft_is_discarded_after_being_asked(anna: Visitor, draft: str) -> None:
    page = anna.get(f"/records/{draft}").text
    assert f'/records/{draft}/discard?seen=1" hx-get' in page
    assert f'href="/records/{draft}/discard?seen=1"' in anna.get(f"/records/{draft}/edit").text
    dialog = anna.get(f"/records/{draft}/discard?seen=1", **HX, **{"HX-Target": "dialog#dialog"}).text
    assert "Discard?" in words(dialog)
    assert "cannot be brought back" in words(dialog)
    answer = anna.post(f"/records/{draft}/discard", discard(anna, draft))
    assert (answer.status_code, answer.headers["Location"]) == (303, "/forms/shop/order")
    assert "is discarded." in words(anna.get("/forms/shop/order").text)
    assert draft not in anna.get("/forms/shop/order").text


def test_discarded_record_says_who_did_it(anna: Visitor, mette: Visitor, draft: str) -> None:
    anna.post(f"/records/{draft}/discard", discard(anna, draft))
    for address in (f"/records/{draft}", f"/records/{draft}/edit", f"/records/{draft}/discard"):
        answer = mette.get(address)
        assert (answer.status_code, "Anna Lindqvist discarded this record (09:30)." in words(answer.text)) == (
            410,
            True,
        )


def test_what_was_typed_into_a_discarded_record_stands_in_a_new_one(anna: Visitor, mette: Visitor, draft: str) -> None:
    typed = with_values(form_pairs(mette.get(f"/records/{draft}/edit").text), their_number="K-77", _do="save")
    anna.post(f"/records/{draft}/discard", discard(anna, draft))
    answer = mette.post(f"/records/{draft}/edit", typed)
    assert answer.status_code == 410
    assert "What you typed stands here, in a new one that is not saved yet." in words(answer.text)
    again = with_values(form_pairs(answer.text), _do="save")
    assert dict(again)["their_number"] == "K-77"
    assert made(mette.post(NEW, again)) != draft


def test_who_may_not_discard_is_offered_nothing(anna: Visitor, mette: Visitor, draft: str, customer: str) -> None:
    sent = made(anna.post(NEW, order(anna, do="action.submit")))
    assert f"/records/{sent}/discard" not in anna.get(f"/records/{sent}").text
    assert anna.post(f"/records/{sent}/discard", discard(anna, sent)).status_code == 403
    refused = mette.post(f"/records/{sent}/discard", discard(mette, sent))
    assert (refused.status_code, "from a series without gaps" in words(refused.text)) == (409, True)
    used = mette.post(f"/records/{customer}/discard", discard(mette, customer))
    assert used.status_code == 422
    assert "This record stays, because 2 records point to it:" in words(used.text)


def test_change_behind_an_open_page_is_told_before_discarding(anna: Visitor, mette: Visitor, draft: str) -> None:
    asked = discard(anna, draft)
    edited = with_values(form_pairs(mette.get(f"/records/{draft}/edit").text), their_number="K-78", _do="save")
    mette.post(f"/records/{draft}/edit", edited)
    late = anna.post(f"/records/{draft}/discard", asked)
    assert (late.status_code, "K-78" in words(late.text)) == (409, True)
    assert anna.get(f"/records/{draft}").status_code == 200
    assert anna.post(f"/records/{draft}/discard", {"_intent": "x"}).status_code == 409
