"""The head of a record: the path it took, what holds it up and why it came back, and who loses sight of it."""

from __future__ import annotations

import re

import pytest

from blankett.web.record.head import Fold, PathStep
from blankett.web.services import Services

from .conftest import Visitor, publish
from .pages import form_pairs, words
from .test_entry import NEW, customer, draft, edited, made, order
from .test_records import act, sent

__all__ = ["customer", "draft", "sent"]


def banners(page: str) -> list[str]:
    """Return the words of each banner of a page."""
    found = re.findall(r'<div class="b-note is-\w+ b-banner[^"]*">(.*?)</div></div>', page, re.DOTALL)
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
    step = PathStep("Draft", "start", "next", "")
    assert Fold((step,), (step, step)).count == 3


# The page under it ---------------------------------------------------------------------------------------------------


def test_totals_are_the_foot_of_the_lines(anna: Visitor, sent: str) -> None:
    page = anna.get(f"/records/{sent}").text
    foot = re.search(r"<tfoot>(.*?)</tfoot>", page, re.DOTALL)
    assert foot
    assert words(foot[1]).replace("\xa0", " ").split() == ["Total", "DKK", "7.50"]


def test_facts_stand_in_rows_and_empty_ones_are_folded(anna: Visitor, sent: str) -> None:
    page = anna.get(f"/records/{sent}").text
    folded = re.search(r'<div class="b-nofacts">(.*?)</div>', page, re.DOTALL)
    assert folded
    assert " ".join(words(folded[1]).split()) == "2 fields without a value Their number, Promised"


def test_related_records_are_a_table_with_their_amounts_open_ones_first(anna: Visitor, customer: str) -> None:
    first = made(anna.post(NEW, order(anna, do="action.submit")))
    second = made(anna.post(NEW, order(anna, do="action.submit", line__price="3.00")))
    act(anna, second, "cancel")
    page = anna.get(f"/records/{customer}").text
    table = re.search(r'<section class="b-sheet" aria-labelledby="r-1">(.*?)</section>', page, re.DOTALL)
    assert table
    rows = [
        " ".join(words(row).replace("\xa0", " ").split()) for row in re.findall(r"<tr>.*?</tr>", table[1], re.DOTALL)
    ]
    assert rows == [
        "Which State Created Total",
        "SO-2026-0001 Acme Ltd In review 09:30 DKK 7.50",
        "SO-2026-0002 Acme Ltd Cancelled 09:30 DKK 9.00",
    ]
    assert (first in table[1], "1 of 2 open" in words(table[1])) == (True, True)


PARTS = """\
blueprint: parts
language: 1
title: Parts
roles: {clerk: {}}
forms:
  part:
    show: "{name}"
    fields: {name: {type: text}}
    grants: [{who: clerk, may: all}]
  kit:
    plural: Kits
    show: Kit
    fields:
      main: {type: link, to: part, title: Main part}
      lines: {type: table, title: Contents, fields: {part: {type: link, to: part}}}
    grants: [{who: clerk, may: all}]
"""


def test_related_records_of_one_form_tell_by_which_field_they_link(anna: Visitor, services: Services) -> None:
    publish(services.store, PARTS, services.clock())
    pairs = [*form_pairs(anna.get("/forms/parts/part/new").text), ("_do", "save")]
    part = made(
        anna.post("/forms/parts/part/new", [(name, "Bolt" if name == "name" else text) for name, text in pairs])
    )
    pairs = form_pairs(anna.get("/forms/parts/kit/new").text)
    cell = next(name for name, _ in pairs if name.endswith(".part"))
    linked = [(name, "Bolt" if name in ("main", cell) else text) for name, text in pairs]
    assert anna.post("/forms/parts/kit/new", [*linked, ("_do", "save")]).status_code == 303
    page = anna.get(f"/records/{part}").text
    assert sorted(re.findall(r'id="r-\d">(.*?)</h2>', page)) == ["Kits · Contents / Part", "Kits · Main part"]


# On paper ------------------------------------------------------------------------------------------------------------


def test_paper_has_a_letterhead_and_nothing_internal(anna: Visitor, mette: Visitor, sent: str) -> None:
    page = anna.get(f"/records/{sent}").text
    paper = re.search(r'<div class="b-paper">(.*?)</div>', page, re.DOTALL)
    assert paper
    assert " ".join(words(paper[1]).split()) == (
        "Sales North Order SO-2026-0001, revision 1 printed Friday, 20 November 2026 09:30 by Anna Lindqvist"
    )
    assert mette.post(f"/records/{sent}/edit", edited(mette, sent, cost="5")).status_code == 303
    seen = mette.get(f"/records/{sent}").text
    assert re.findall(r'<div class="[^"]*b-internal"><dt>(\w+)</dt>', seen) == ["Cost", "Cost"]
    assert "<dt>Cost</dt>" not in anna.get(f"/records/{sent}").text


def test_comments_are_not_printed(anna: Visitor, sent: str) -> None:
    page = anna.get(f"/records/{sent}").text
    token = re.search(r'name="csrf_token" value="([^"]*)"', page)
    assert token
    anna.post(
        f"/records/{sent}/comments", {"csrf_token": token[1], "_intent": "talk", "comment": "Their limit is low."}
    )
    entry = re.search(
        r'<li class="b-internal">((?:(?!</li>).)*Their limit is low\.)', anna.get(f"/records/{sent}").text, re.S
    )
    assert entry
