"""The head of a record: the path it took, what holds it up and why it came back, and who loses sight of it."""

from __future__ import annotations

import re

import pytest

from blankett.web.record_head import Fold, Step

from .conftest import Visitor
from .pages import words
from .test_entry import NEW, customer, draft, made, order
from .test_records import act, sent

__all__ = ["customer", "draft", "sent"]


def banners(page: str) -> list[str]:
    """Return the words of each banner of a page."""
    found = re.findall(r'<div class="b-note is-\w+ b-banner">(.*?)</div></div>', page, re.DOTALL)
    return [" ".join(words(each).split()) for each in found]


# What holds it up ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", ["", "/edit"], ids=["record", "edit"])
def test_what_came_back_says_who_sent_it_and_why(anna: Visitor, mette: Visitor, sent: str, page: str) -> None:
    assert banners(anna.get(f"/records/{sent}{page}").text) == []
    act(mette, sent, "send_back", why="Wrong address")
    assert banners(anna.get(f"/records/{sent}{page}").text) == ["Mette Holm sent back, 09:30 Why: Wrong address"]


@pytest.mark.parametrize("page", ["", "/edit"], ids=["record", "edit"])
def test_a_rule_that_refuses_what_comes_next_is_told(anna: Visitor, customer: str, page: str) -> None:
    record = made(anna.post(NEW, order(anna, their_number="K-STOP")))
    assert banners(anna.get(f"/records/{record}{page}").text) == ["No number K-STOP stops here."]


def test_the_help_of_a_state_is_shown(mette: Visitor, anna: Visitor, sent: str) -> None:
    act(mette, sent, "approve")
    act(anna, sent, "put_away")
    assert "Only managers look here." in words(mette.get(f"/records/{sent}").text)


def test_drafts_are_told_apart_by_who_began_them_and_when(anna: Visitor, draft: str, sent: str) -> None:
    assert "Begun by Anna Lindqvist, 09:30" in words(anna.get(f"/records/{draft}").text)
    assert "Begun by Anna Lindqvist, 09:30" in words(anna.get(f"/records/{draft}/edit").text)
    assert "Begun by" not in words(anna.get(f"/records/{sent}").text)


# Who loses sight of it ------------------------------------------------------------------------------------------------


def test_whoever_loses_sight_of_a_record_by_acting_is_told(anna: Visitor, mette: Visitor, sent: str) -> None:
    act(mette, sent, "approve")
    address = f"/records/{sent}/actions/put_away"
    asked = anna.get(address).text
    fields = dict(re.findall(r'name="(_intent|_revision|csrf_token)" value="([^"]*)"', asked))
    answer = anna.post(address, fields)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/forms/shop/order")
    page = words(anna.get("/forms/shop/order").text)
    assert "Put away. It is now: Put away." in page
    assert "SO-2026-0001 Acme Ltd is with others now, and not among the records you may see." in page
    assert anna.get(f"/records/{sent}").status_code == 404


# The path ------------------------------------------------------------------------------------------------------------


def stops(page: str) -> list[str]:
    """Return the stops of a path as a desk shows them: titles, and what the folds say."""
    path = re.search(r'<ol class="b-path.*(?=<div class="b-pad b-actions)', page, re.DOTALL)
    assert path
    folds = re.findall(r'<span class="b-hide-s">(.*?)</span>', path[0])
    shown = re.findall(r'<li class="is-(?:past|now|next).*?<span class="b-state[^>]*>(.*?)</span>', path[0], re.DOTALL)
    return [*(each for each in folds if "before" in each), *shown, *(each for each in folds if "more" in each)]


def test_a_long_path_folds_around_the_present_state(anna: Visitor, mette: Visitor, sent: str) -> None:
    for _ in range(3):
        act(mette, sent, "send_back", why="Again")
        act(anna, sent, "submit")
    found = stops(mette.get(f"/records/{sent}").text)
    assert found == ["4 before", "In review", "Draft", "In review", "Approved", "Done"]


def test_a_fold_counts_all_of_its_steps() -> None:
    step = Step("Draft", "start", "next", "")
    assert Fold((step,), (step, step)).count == 3
