"""Pages that outlive their session: whatever ended it, signing in leads back, and everything typed is there."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from .conftest import MakeContext
from .desk import Desk
from .latency import LATENCIES, slow_down

NEW = "/forms/order_management/order/new"


def lose_cookie(desk: Desk) -> None:
    """The browser forgets who is signed in."""
    desk.page.context.clear_cookies()


def sign_out_elsewhere(desk: Desk) -> None:
    """Sign out in another tab."""
    other = desk.page.context.new_page()
    other.goto(f"{desk.address}/inbox")
    other.locator("header details.b-menu > summary").last.click()
    other.get_by_role("button", name="Sign out").click()
    other.wait_for_url("**/sign-in")
    other.close()


def sign_in_again_elsewhere(desk: Desk) -> None:
    """Sign out and in again in another tab."""
    sign_out_elsewhere(desk)
    other = desk.page.context.new_page()
    Desk(other, desk.address, "Anna Lindqvist")
    other.close()


ENDS = {"lost cookie": lose_cookie, "signed out": sign_out_elsewhere, "signed in again": sign_in_again_elsewhere}
End = Callable[[Desk], None]


@pytest.fixture
def anna(page: Page, address: str) -> Iterator[Desk]:
    desk = Desk(page, address, "Anna Lindqvist")
    yield desk
    desk.settle()


@pytest.fixture(params=ENDS, ids=list(ENDS))
def end(request: pytest.FixtureRequest) -> End:
    """A way in which a session ends while a page is open."""
    return ENDS[request.param]


def come_back(desk: Desk, name: str = "Anna Lindqvist") -> None:
    """Sign in where the page asks for it; where one is signed in already, nothing asks."""
    button = desk.page.get_by_role("button", name=re.compile(f"^{name}|{name}"))
    told = desk.page.get_by_text("You were signed out in between").first
    expect(button.or_(told).first).to_be_visible()
    if button.count():
        button.first.click()
    expect(told).to_be_visible()
    desk.page.wait_for_load_state()  # keys are for a page that is all there


def type_order(desk: Desk) -> None:
    """Fill the head and a line of a new order."""
    desk.go(NEW)
    desk.choose("Came in by", "E-mail")
    desk.page.locator("#f-customer").focus()
    desk.pick("Bergen")
    desk.page.locator('[name$=".product"]').first.focus()
    desk.pick("PT-2000")
    desk.type("12")
    desk.press("Enter")
    expect(desk.page.locator("#bar-total")).not_to_have_text("")


def expect_order(desk: Desk) -> None:
    """Expect what `type_order` typed."""
    expect(desk.page.locator("#f-customer")).to_have_value(re.compile("Bergen"))
    expect(desk.page.locator('[name$=".product"]').first).to_have_value(re.compile("PT-2000"))
    expect(desk.page.locator('[name$=".quantity"]').first).to_have_value("12")
    expect(desk.page.locator("#f-channel")).to_have_value("email")


def test_stepping_in_leads_to_the_inbox(page: Page, address: str) -> None:
    page.goto(f"{address}/sign-in")
    page.get_by_role("button", name="Anna Lindqvist").click()
    page.wait_for_url("**/inbox")
    expect(page.locator("header")).to_contain_text("Anna Lindqvist")


def test_a_form_that_is_sent_leads_to_signing_in_and_back(anna: Desk, end: End) -> None:
    type_order(anna)
    end(anna)
    anna.press("Control+Enter")
    come_back(anna)
    expect_order(anna)
    anna.press("Control+Enter")
    anna.page.wait_for_url("**/records/**")
    expect(anna.page.locator("main table tbody tr")).to_have_count(1)


@pytest.mark.parametrize("latency", LATENCIES)
def test_recalculation_tells_and_keeps_and_leads_back(anna: Desk, latency: int) -> None:
    type_order(anna)
    anna.settle()
    lose_cookie(anna)
    slow_down(anna.page, latency)
    anna.page.locator("#f-contact").focus()
    anna.press("Control+A")
    anna.type_quickly("Somebody else")
    anna.press("Tab")
    note = anna.page.locator(".b-signedout")
    expect(note).to_be_visible()
    expect(anna.page.locator("#f-contact")).to_have_value("Somebody else")
    note.get_by_role("button", name="Sign in and come back").click()
    come_back(anna)
    expect_order(anna)
    expect(anna.page.locator("#f-contact")).to_have_value("Somebody else")


def test_pickers_tell_it_too(anna: Desk, end: End) -> None:
    anna.go(NEW)
    end(anna)
    anna.page.locator("#f-customer").focus()
    anna.type("Berg")
    expect(anna.page.locator(".b-signedout")).to_be_visible()
    anna.page.locator(".b-signedout button").click()
    come_back(anna)
    expect(anna.page.locator("#f-customer")).to_have_value(re.compile("Berg"))


def test_a_dialog_that_is_sent_comes_back_with_its_answers(anna: Desk, end: End) -> None:
    type_order(anna)
    anna.press("Control+Enter")
    anna.page.wait_for_url("**/records/**")
    anna.page.get_by_role("button", name="Cancel order").click()
    dialog = anna.page.locator("dialog[open]")
    dialog.get_by_label("Reason").select_option(label="Entered twice")
    end(anna)
    dialog.locator("button[type=submit]").click()
    come_back(anna)
    expect(anna.page.get_by_label("Reason").locator("option:checked")).to_have_text("Entered twice")
    anna.page.get_by_role("button", name="Yes: Cancel order").click()
    anna.expect_state("Cancelled")


def test_a_comment_comes_back(anna: Desk, end: End) -> None:
    anna.open_from_list("/forms/order_management/order", "")
    box = anna.page.locator("#say")
    box.fill("Mind the gate\nat night.")
    end(anna)
    anna.page.get_by_role("button", name="Say it").or_(anna.page.locator("#timeline form button")).first.click()
    come_back(anna)
    expect(box).to_have_value("Mind the gate\nat night.")


def test_what_was_typed_is_shown_to_nobody_else(anna: Desk) -> None:
    type_order(anna)
    lose_cookie(anna)
    anna.press("Control+Enter")
    anna.page.get_by_role("button", name="Mette").first.click()
    expect(anna.page.locator("main")).to_contain_text("What was typed here belongs to somebody else")
    expect(anna.page.locator("main")).not_to_contain_text("Bergen")
    anna.page.get_by_role("button", name="Anna Lindqvist").click()
    expect_order(anna)


def test_a_page_of_one_person_is_not_sent_as_another(anna: Desk) -> None:
    type_order(anna)
    sign_out_elsewhere(anna)
    other = anna.page.context.new_page()
    Desk(other, anna.address, "Mette")
    anna.press("Control+Enter")
    expect(anna.page.locator("main")).to_contain_text("You are signed in as Mette")
    come_back(anna)
    expect_order(anna)


def test_without_scripts_signing_in_leads_back_too(address: str, make_context: MakeContext) -> None:
    context = make_context(java_script_enabled=False)
    desk = Desk(context.new_page(), address, "Anna Lindqvist")
    desk.go(NEW)
    desk.page.get_by_label("Came in by").select_option(label="E-mail")
    desk.page.get_by_label("Customer", exact=True).fill("BERGEN")
    context.clear_cookies()
    desk.page.get_by_role("button", name="Submit for review").click()
    desk.page.get_by_role("button", name="Anna Lindqvist").click()
    desk.page.get_by_role("button", name="Go on with what you typed").click()
    expect(desk.page.locator("#f-customer")).to_have_value(re.compile("Bergen", re.I))
    expect(desk.page.locator("#f-channel")).to_have_value("email")
