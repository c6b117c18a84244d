"""Menus, dialogs and the place of the focus, by keyboard alone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from .desk import Desk, expect_soon
from .quiet import settle

NEW = "/forms/order_management/order/new"
ORDERS = "/forms/order_management/order?list=all"


#: Where an element stands that is not whole between the top line and the bar at the bottom; null where it is.
OUT_OF_VIEW = """e => {
  const box = (one) => document.querySelector(one).getBoundingClientRect();
  const [here, top, bottom] = [e.getBoundingClientRect(), box('.b-top').bottom, box('.b-bar').top];
  return top <= here.top && here.bottom <= bottom ? null : `${here.top}–${here.bottom} in ${top}–${bottom}`;
}"""


@pytest.fixture
def anna(page: Page, address: str) -> Desk:
    return Desk(page, address, "Anna Lindqvist")


def test_a_menu_takes_the_focus_and_gives_it_back(anna: Desk) -> None:
    anna.go(ORDERS)
    anna.page.locator("main a.b-open").nth(2).focus()
    before = anna.focused()
    anna.press("c")
    menu = anna.page.locator("header details.b-menu[open]")
    expect(menu.get_by_role("link").first).to_be_focused()
    anna.press("ArrowDown")
    expect(menu.get_by_role("link").nth(1)).to_be_focused()
    anna.press("End", "ArrowDown")
    expect(menu.get_by_role("link").first).to_be_focused()
    anna.press("ArrowUp", "Home", "Escape")
    expect(anna.page.locator("details.b-menu[open]")).to_have_count(0)
    expect_soon(anna.focused, before)
    anna.press("c", "Enter")
    anna.page.wait_for_url("**/new")


def test_a_letter_leads_to_the_next_item_of_a_menu_that_begins_with_it(anna: Desk) -> None:
    anna.go(ORDERS)
    anna.press("c", "c")
    menu = anna.page.locator("header details.b-menu[open]")
    expect(menu.get_by_role("link", name="Complaint")).to_be_focused()
    anna.press("c")
    expect(menu.get_by_role("link", name="Customer")).to_be_focused()
    anna.press("c", "o", "Enter")
    anna.page.wait_for_url("**/order/new")


def test_every_menu_opens_by_arrow_and_closes_when_left(anna: Desk) -> None:
    anna.go(ORDERS)
    count = anna.page.locator("details.b-menu > summary").count()
    assert count >= 3
    for place in range(count):
        summary = anna.page.locator("details.b-menu > summary").nth(place)
        if not summary.is_visible():
            continue
        summary.focus()
        anna.press("ArrowDown")
        expect(anna.page.locator("details.b-menu > div :focus")).to_have_count(1)
        anna.press("Escape")
        expect(summary).to_be_focused()
        anna.press("Enter")
        expect(anna.page.locator("details.b-menu[open]")).to_have_count(1)
        expect(anna.page.locator("details.b-menu > div :focus")).to_have_count(1)
        anna.press("Shift+Tab", "Shift+Tab")
        expect(anna.page.locator("details.b-menu[open]")).to_have_count(0)


def test_a_dialog_is_sent_by_ctrl_enter_also_when_an_answer_is_missing(anna: Desk) -> None:
    anna.go(NEW)
    anna.page.locator("#f-channel").select_option(label="E-mail")
    anna.page.locator("#f-customer").focus()
    anna.pick("Bergen")
    anna.page.locator('[name$=".product"]').first.focus()
    anna.pick("PT-2000")
    anna.type("1")
    anna.press("Control+Enter")
    anna.page.wait_for_url("**/records/**")
    anna.page.get_by_role("button", name="Cancel order").click()
    dialog = anna.page.locator("dialog[open]")
    expect(dialog.get_by_label("Reason")).to_be_focused()
    for area in dialog.locator("textarea").all():
        area.evaluate("e => { e.style.height = '90px'; }")  # as when somebody draws it larger
    anna.press("Control+Enter")
    expect(dialog.locator(".b-errors")).to_be_focused()
    dialog.get_by_label("Reason").select_option(label="Entered twice")
    dialog.get_by_label("Reason").focus()
    anna.press("Control+Enter")
    anna.expect_state("Cancelled")


def test_tab_goes_from_cell_to_cell_and_a_key_removes_a_line(anna: Desk) -> None:
    anna.go(NEW)
    anna.page.locator("#f-channel").select_option(label="E-mail")
    anna.page.locator("#f-customer").focus()
    anna.pick("Bergen")
    anna.page.locator('[name$=".product"]').first.focus()
    anna.pick("PT-2000")
    anna.type("1")
    anna.press("Tab")
    anna.expect_focus(r"\.price$")
    anna.press("Tab")
    anna.expect_focus(r"\.product$")
    anna.press("Shift+Tab", "Alt+Delete")
    expect(anna.page.locator("tr[data-line]")).to_have_count(1)
    settle(anna.page)


def test_what_has_the_focus_stays_in_view_whatever_is_drawn_above_it(anna: Desk) -> None:
    anna.page.set_viewport_size({"width": 1280, "height": 800})
    anna.go(NEW)
    cell = anna.page.locator('[name$=".quantity"]').first
    cell.focus()
    for height in (150, 400, 900):
        anna.page.locator("#entry-warnings").evaluate(
            """(place, height) => {
                const note = document.createElement('div');
                note.className = `b-test-${height}`;
                note.setAttribute('aria-hidden', 'true');
                note.append(...Array.from({length: height / 25}, () => document.createElement('p')));
                note.querySelectorAll('p').forEach((line) => { line.textContent = 'A note.'; });
                document.querySelector('main .b-head').after(note);
            }""",
            height,
        )
        expect_soon(lambda: cell.evaluate(OUT_OF_VIEW), None)


def test_pages_scroll_at_once(anna: Desk) -> None:
    anna.go(NEW)
    assert anna.page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "auto"


def test_every_record_has_its_menu_with_print(anna: Desk) -> None:
    anna.open_from_list(ORDERS, "Closed")
    anna.page.get_by_role("group", name="Actions").locator("details.b-menu > summary").click()
    expect(anna.page.get_by_role("button", name="Print")).to_be_visible()


def test_draft_is_discarded_by_keys_and_a_filter_chosen(anna: Desk) -> None:
    page = anna.page
    anna.go(NEW)
    page.locator("[name=channel]").select_option(label="Phone")
    page.locator("[name=caller]").fill("Katja Brandt")
    page.locator("[name=customer]").focus()
    page.keyboard.type("Ostsee", delay=25)
    anna.press("Tab")
    expect(page.locator("[name=customer]")).to_have_value("Ostsee Werft Rostock GmbH")
    settle(page)
    page.locator("button[name=_do][value=save]").click()
    page.wait_for_url("**/records/**")
    settle(page)
    record = page.url
    anna.press("x")
    expect(page.locator("dialog[open] h1")).to_have_text("Discard?")
    anna.press("Enter")  # there is no way back: it cancels
    expect(page.locator("dialog[open]")).to_have_count(0)
    assert page.url == record
    anna.press("x")
    expect(page.locator("dialog[open] a").filter(has_text="Cancel")).to_be_focused()
    anna.press("Shift+Tab", "Enter")
    page.wait_for_url("**/forms/order_management/order")
    expect(page.get_by_text("Ostsee Werft Rostock GmbH is discarded.")).to_be_visible()
    answer = page.request.get(record)
    assert answer.status == 410

    anna.go("/forms/order_management/order?list=all&filter=customer")
    expect(page.locator("input[name=customer]")).to_be_focused()
    page.keyboard.type("Lofoten", delay=25)
    anna.press("Enter")
    expect(page.locator("input[name=customer]")).to_have_value("Lofoten Seafood AS")
    anna.press("Enter")
    expect(page.locator(".b-chip").first).to_contain_text("Lofoten Seafood AS")
    customers = page.locator("main tbody tr td:nth-child(2)")
    expect_soon(lambda: set(customers.all_inner_texts()), {"Lofoten Seafood AS"})
