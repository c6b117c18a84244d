"""The panel that tries other values: as a page and in place, with what is wrong, and nothing saved."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from blankett.engine.store import Member
from blankett.web.services import Services

from .conftest import HX, ORGANISATION, ROOM, Visitor
from .pages import form_pairs, with_values, words
from .test_entry import NEW, customer, made, order

__all__ = ["customer"]

IN_PLACE = {**HX, "HX-Target": "section#what-if"}


@pytest.fixture
def draft(anna: Visitor, customer: str) -> str:
    """The id of a draft order."""
    return made(anna.post(NEW, order(anna)))


@pytest.fixture
def chief(services: Services, signed_in: Callable[[str], Visitor]) -> Visitor:
    """A manager who administers the workspace."""
    with services.store.writing() as writing:
        writing.put_member(
            Member(
                organisation=ORGANISATION, workspace=ROOM, user="mette", roles=frozenset({"manager"}), administers=True
            )
        )
    return signed_in("mette")


def trial(visitor: Visitor, record: str, **values: str) -> list[tuple[str, str]]:
    """Return what the form posts with other *values*."""
    address = f"/records/{record}/what-if"
    return with_values(form_pairs(visitor.get(address).text, f"{address}#what-if-answer"), **values)


def test_the_record_offers_to_try_values(anna: Visitor, draft: str) -> None:
    page = anna.get(f"/records/{draft}").text
    assert f'href="/records/{draft}/what-if"' in page


def test_the_values_that_may_be_changed_are_there_to_try(anna: Visitor, draft: str) -> None:
    names = {name for name, _ in trial(anna, draft)}
    assert {"customer", "currency", "urgent", "channel"} <= names
    assert names.isdisjoint({"cost", "total", "lines"})


def test_what_would_differ_is_told_and_nothing_is_saved(chief: Visitor, anna: Visitor, draft: str) -> None:
    anna.get(f"/records/{draft}")  # says once that it was made
    before = words(anna.get(f"/records/{draft}").text)
    answer = chief.post(f"/records/{draft}/what-if", trial(chief, draft, total="123456"))
    assert answer.status_code == 200
    text = words(answer.text)
    assert "Check of Total" in text
    assert "Then: An order of DKK 123,456.00 is too large." in text
    assert words(anna.get(f"/records/{draft}").text) == before


def test_it_comes_in_place(chief: Visitor, draft: str) -> None:
    page = chief.get(f"/records/{draft}/what-if", **IN_PLACE).text
    assert page.lstrip().startswith('<section class="b-sheet" id="what-if"')
    answer = chief.post(f"/records/{draft}/what-if", trial(chief, draft, total="123456"), **IN_PLACE).text
    assert "<html" not in answer
    assert "is too large" in words(answer)


def test_nothing_changed_is_said_so(anna: Visitor, draft: str) -> None:
    text = words(anna.post(f"/records/{draft}/what-if", trial(anna, draft)).text)
    assert "Change a value to see what it would change." in text


def test_what_cannot_be_read_is_told_at_its_control(anna: Visitor, draft: str) -> None:
    answer = anna.post(f"/records/{draft}/what-if", trial(anna, draft, promised="soon"))
    assert answer.status_code == 422
    assert 'aria-describedby="e-promised"' in answer.text


def test_what_may_not_be_changed_is_not_taken(anna: Visitor, draft: str) -> None:
    answer = anna.post(f"/records/{draft}/what-if", [*trial(anna, draft), ("cost", "1")])
    assert answer.status_code == 422
    assert anna.post(f"/records/{draft}/what-if", {"no_such": "1"}).status_code == 422


def test_a_link_is_picked(anna: Visitor, draft: str) -> None:
    picks = anna.post(f"/records/{draft}/what-if/pick", {"_name": "customer", "_words": ""})
    assert picks.status_code == 200
    assert "Nordlys" in picks.text or 'role="option"' in picks.text


def test_nobody_tries_what_they_may_not_see(signed_in: Callable[[str], Visitor], draft: str) -> None:
    olga = signed_in("olga")
    assert olga.get(f"/records/{draft}/what-if").status_code == 404
    assert olga.post(f"/records/{draft}/what-if", {}).status_code == 404
    assert olga.post(f"/records/{draft}/what-if/pick", {}).status_code == 404


def test_it_speaks_chinese(signed_in: Callable[[str], Visitor], draft: str) -> None:
    assert "假如……" in words(signed_in("wu").get(f"/records/{draft}/what-if").text)
