"""Records that look alike are told apart, in lists and pickers; filters on links are pickers that send ids."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest

from .conftest import HX, Clock, Visitor
from .pages import words
from .test_entry import NEW, customer, made, order

__all__ = ["customer"]

PICK = "/forms/shop/order/filter/pick"


@pytest.fixture
def drafts(anna: Visitor, mette: Visitor, customer: str, clock: Clock) -> tuple[str, str]:
    """The ids of two drafts for one customer."""
    first = made(anna.post(NEW, order(anna)))
    clock.pass_by(minutes=35)
    return first, made(mette.post(NEW, order(mette)))


def test_drafts_of_one_customer_are_told_apart_in_a_list(anna: Visitor, drafts: tuple[str, str]) -> None:
    page = anna.get("/forms/shop/order").text
    names = re.findall(r'<a class="b-open b-tnum" href="/records/(\w+)">([^<]*)</a>', page)
    assert dict(names) == {drafts[0]: "Acme Ltd, begun 09:30", drafts[1]: "Acme Ltd, begun 10:05"}


def test_they_are_told_apart_in_a_search_and_among_ones_own_too(anna: Visitor, customer: str, clock: Clock) -> None:
    made(anna.post(NEW, order(anna)))
    clock.pass_by(minutes=35)
    made(anna.post(NEW, order(anna)))
    for address in ("/search?q=acme", "/inbox?view=mine"):
        page = words(anna.get(address).text)
        assert [f"Acme Ltd, begun {time}" in page for time in ("09:30", "10:05")] == [True, True]


def test_filter_on_a_link_is_a_picker_of_what_one_may_choose(anna: Visitor, customer: str) -> None:
    page = anna.get("/forms/shop/order?filter=customer").text
    assert f'data-from="{PICK}"' in page
    assert 'data-pick="filter"' in page
    offered = anna.post(PICK, {"_name": "customer", "_words": "acm"}, **HX).text
    assert f'data-id="{customer}" data-title="Acme Ltd"' in offered
    assert "data-id" not in anna.post(PICK, {"_name": "customer", "_words": "zzz"}, **HX).text
    assert "data-id" not in anna.post(PICK, {"_name": "total", "_words": ""}, **HX).text


def test_what_was_picked_is_filtered_by_and_shown_by_its_title(
    anna: Visitor, customer: str, drafts: tuple[str, str]
) -> None:
    asked = f"/forms/shop/order?customer=Acme+Ltd&_picked={quote(f'customer={customer}|Acme Ltd')}"
    page = anna.get(asked).text
    assert all(id in page for id in drafts)
    assert f"customer={customer}" in page
    assert "Customer Acme Ltd" in words(page)
    assert f"customer={customer}|" not in page
    again = anna.get(f"/forms/shop/order?customer={customer}&filter=customer").text
    assert 'name="customer" value="Acme Ltd"' in again
    # Without JavaScript a name is looked up as before; a title typed over what was picked counts.
    assert anna.get("/forms/shop/order?customer=Acme+Ltd").status_code == 200
    other = f"/forms/shop/order?customer=Other&_picked={quote(f'customer={customer}|Acme Ltd')}"
    assert drafts[0] not in anna.get(other).text
