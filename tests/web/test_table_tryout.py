"""A decision table tried out: which row hits, why each other one does not, in the reader's words; nothing is stored."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from blankett.engine.store import Member
from blankett.web.services import Services

from .conftest import HX, Visitor, publish
from .pages import words
from .test_tables import MATRIX, draft_of, pairs_of, typed

TRY = "/blueprints/matrix/tables/approvers/try"
TRIED = {**HX, "HX-Target": "div#tried"}


@pytest.fixture
def matrix(services: Services, clock: Any) -> None:
    publish(services.store, MATRIX, clock())


@pytest.fixture
def admin(signed_in: Callable[[str], Visitor], matrix: None) -> Visitor:
    return signed_in("admin")


def said(page: str) -> str:
    """Return what stands in the answer."""
    found = re.search(r'<div id="tried".*?(?=</section>|\Z)', page, re.S)
    assert found is not None
    return words(found[0])


def test_the_row_that_hits_is_told_and_why_each_other_one_does_not(admin: Visitor) -> None:
    answer = admin.get(f"{TRY}?try.total=12,400&try.tier=gold&try.urgent=no")
    assert (answer.status_code, said(answer.text)) == (
        200,
        "Row 3 hits. Released by Sales manager · Within days 2 "
        "Row 3 Hits. Holds: Total [10000..100000) Holds: Tier silver, gold "
        "Why not the others "
        "Row 1 Does not match. Total €12,400.00 is not >= 100000 "
        "Row 2 Does not match. Holds: Total [10000..100000) Tier Gold is not new "
        "Row 4 Does not match. Total €12,400.00 is not < 10000",
    )


def test_an_empty_input_has_no_answer_where_it_is_compared(admin: Visitor) -> None:
    answer = admin.get(f"{TRY}?try.total=&try.tier=gold&try.urgent=")
    assert said(answer.text).startswith("No row matches, so the table gives nothing. Why not the others Row 1 Does")
    assert "Total is empty: >= 100000 has no answer to that" in said(answer.text)


def test_a_row_below_the_first_is_told(admin: Visitor) -> None:
    answer = admin.get("/blueprints/matrix/tables/freight/try?try.weight=1")
    assert said(answer.text) == (
        "Row 1 (letter) hits. Class Letter Row 1 letter Hits. Holds: Weight < 2 "
        "Why not the others "
        "Row 2 parcel Also matches, but row 1 (letter) stands above it. Holds: Weight < 30 Would give Class Parcel "
        "Row 3 pallet Also matches, but row 1 (letter) stands above it. Would give Class Pallet"
    )


def test_the_words_are_the_readers(services: Services, matrix: None, signed_in: Callable[[str], Visitor]) -> None:
    with services.store.writing() as writing:
        writing.put_member(Member(organisation="acme", workspace="sales", user="wu", administers=True))
    answer = signed_in("wu").get(f"{TRY}?try.total=12400&try.tier=gold&try.urgent=no")
    assert said(answer.text).startswith("第 3 行命中。")
    assert "Total 为 €12,400.00，不符合 >= 100000" in said(answer.text)


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("try.total=much&try.tier=gold", "Total This is not a number."),
        ("try.total=1&try.tier=platinum", "Tier"),
    ],
)
def test_what_is_no_input_is_told_at_its_control(admin: Visitor, query: str, told: str) -> None:
    answer = admin.get(f"{TRY}?{query}")
    assert answer.status_code == 422
    assert told.split()[0] in said(answer.text)
    assert 'aria-invalid="true"' in answer.text
    assert "hits" not in said(answer.text)


def test_htmx_gets_the_answer_alone(admin: Visitor) -> None:
    answer = admin.post(TRY, {"try.total": "1", "try.tier": "gold", "try.urgent": "no"}, **TRIED)
    assert answer.text.lstrip().startswith('<div id="tried"')
    assert said(answer.text).startswith("Row 4 hits.")


def test_rows_that_are_not_saved_yet_are_tried(admin: Visitor, services: Services) -> None:
    pairs = typed(pairs_of(admin), (4, "c0", "< 5000"))
    answer = admin.post(TRY, [*pairs, ("try.total", "7000"), ("try.tier", "gold"), ("try.urgent", "no")], **TRIED)
    assert said(answer.text).startswith("No row matches, so the table gives nothing.")
    assert draft_of(services) == MATRIX


def test_a_table_with_errors_cannot_be_tried(admin: Visitor) -> None:
    pairs = typed(pairs_of(admin), (4, "c0", "<<"))
    answer = admin.post(TRY, [*pairs, ("try.total", "7000"), ("try.tier", "gold"), ("try.urgent", "no")], **TRIED)
    assert said(answer.text) == "There are errors in the table. Mend them first, then it can be tried."


def test_the_page_alone_asks(admin: Visitor) -> None:
    answer = admin.get(TRY)
    assert (answer.status_code, said(answer.text)) == (200, "")
    assert re.findall(r'<option value="([a-z]*)"', answer.text) == ["", "new", "silver", "gold", "", "yes", "no"]


def test_the_panel_stands_on_the_page_of_the_table(admin: Visitor) -> None:
    page = admin.get("/blueprints/matrix/tables/approvers").text
    assert f'action="{TRY}"' in page
    assert 'name="try.total"' in page


def test_an_unknown_table_is_not_found(admin: Visitor) -> None:
    assert admin.get("/blueprints/matrix/tables/nothing/try").status_code == 404
    assert admin.get("/blueprints/nothing/tables/approvers/try").status_code == 404


def test_only_administrators_of_the_blueprint_try(matrix: None, anna: Visitor, visitor: Visitor) -> None:
    assert anna.get(TRY).status_code == 403
    assert visitor.get(TRY).headers["Location"].startswith("/sign-in")
