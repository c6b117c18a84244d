"""Choosing records by typing: the same keys choose the same record, however slowly the server answers."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from .desk import Desk, expect_soon
from .latency import LATENCIES, slow_down

NEW = "/forms/order_management/order/new"


@pytest.fixture
def anna(page: Page, address: str) -> Iterator[Desk]:
    desk = Desk(page, address, "Anna Lindqvist")
    yield desk
    desk.settle()


@pytest.mark.parametrize("latency", LATENCIES)
def test_enter_takes_what_was_typed_and_no_row_of_an_older_answer(anna: Desk, latency: int) -> None:
    anna.go(NEW)
    slow_down(anna.page, latency)
    anna.page.locator("#f-customer").click()
    anna.type_quickly("Lofoten")
    anna.press("Enter")
    expect(anna.page.locator("#f-customer")).to_have_value(re.compile("Lofoten"))
    picked = anna.page.locator("#u-customer input[name=_picked]")
    expect(picked).to_have_value(re.compile(r"customer=.+\|.*Lofoten"))


@pytest.mark.parametrize("latency", LATENCIES)
def test_tab_takes_it_too_and_what_is_typed_next_goes_to_the_next_control(anna: Desk, latency: int) -> None:
    anna.go(NEW)
    slow_down(anna.page, latency)
    anna.page.locator("#f-customer").focus()
    anna.type_quickly("Lofoten")
    anna.press("Tab")
    expect(anna.page.locator("#f-customer")).not_to_be_focused()
    after = anna.focused()
    expect(anna.page.locator("#f-customer")).to_have_value(re.compile("Lofoten"))
    expect_soon(anna.focused, after)


@pytest.mark.parametrize("latency", LATENCIES)
def test_cells_of_lines_are_picked_as_quickly_as_they_are_typed(anna: Desk, latency: int) -> None:
    anna.go(NEW)
    slow_down(anna.page, latency)
    anna.page.locator('[name$=".product"]').first.focus()
    for product, quantity in (("PT-2", "11"), ("TL-1", "22"), ("BC-9", "33")):
        anna.type_quickly(product)
        anna.press("Enter")
        anna.type_quickly(quantity)
        anna.press("Enter", "Enter")
    titles = anna.page.locator('tr[data-line] [name$=".product"]')
    for place, title in enumerate(("PT-2", "TL-1", "BC-9")):
        expect(titles.nth(place)).to_have_value(re.compile(f"^{title}.* "))
    quantities = anna.page.locator('tr[data-line] [name$=".quantity"]')
    for place, quantity in enumerate(("11", "22", "33")):
        expect(quantities.nth(place)).to_have_value(quantity)
    expect(anna.page.locator("tr[data-line] input[name=_picked]")).to_have_count(3)


@pytest.mark.parametrize("latency", LATENCIES)
def test_arrows_pressed_before_the_answer_count_when_it_comes(anna: Desk, latency: int) -> None:
    anna.go(NEW)
    slow_down(anna.page, latency)
    anna.page.locator("#f-customer").click()
    anna.type_quickly("AS")
    anna.press("ArrowDown", "Enter")
    expect(anna.page.locator("#f-customer")).to_have_value(re.compile("^Lofoten"))


@pytest.mark.parametrize("latency", LATENCIES)
def test_a_form_sent_before_the_answer_waits_for_it(anna: Desk, latency: int) -> None:
    anna.go(NEW)
    anna.page.locator("#f-channel").select_option(label="E-mail")
    anna.page.locator('[name$=".product"]').first.focus()
    anna.pick("PT-2000")
    anna.type("1")
    slow_down(anna.page, latency)
    anna.page.locator("#f-customer").click()
    anna.type_quickly("Lofoten")
    anna.press("Control+Enter")
    anna.page.wait_for_url("**/records/**")
    expect(anna.page.locator("main")).to_contain_text("Lofoten")


def test_arrows_move_escape_closes_and_the_text_stays(anna: Desk) -> None:
    anna.go(NEW)
    anna.page.locator("#f-customer").click()
    chosen = anna.page.locator("#picks [aria-selected=true]")
    expect(anna.page.locator("#picks [role=option]").nth(1)).to_be_visible()
    expect(chosen).to_have_count(0)
    anna.press("ArrowDown", "ArrowDown")
    expect(anna.page.locator("#picks [role=option]").nth(1)).to_have_attribute("aria-selected", "true")
    expect(anna.page.locator("#f-customer")).to_have_attribute("aria-activedescendant", "picks-2")
    anna.press("Escape")
    expect(anna.page.locator("#picks")).to_be_hidden()
    expect(anna.page.locator("#f-customer")).to_be_focused()
    anna.type("Lof")
    expect(chosen).to_contain_text("Lofoten")
    anna.press("Escape")
    expect(anna.page.locator("#picks")).to_be_hidden()
    expect(anna.page.locator("#f-customer")).to_have_value("Lof")


def test_an_opened_list_marks_nothing_so_enter_takes_nothing(anna: Desk) -> None:
    anna.go(NEW)
    anna.page.locator("#f-customer").click()
    expect(anna.page.locator("#picks [role=option]").first).to_be_visible()
    anna.press("Enter")
    expect(anna.page.locator("#f-customer")).not_to_be_focused()
    expect(anna.page.locator("#f-customer")).to_have_value("")
