"""Entering lines by keyboard alone, however slowly the server answers: no keystroke, no focus is lost."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from decimal import Decimal

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from .conftest import MakeContext
from .desk import Desk
from .latency import slow_down

NEW = "/forms/order_management/order/new"


@pytest.fixture
def anna(page: Page, address: str) -> Iterator[Desk]:
    """Anna at a new order of a customer who pays in NOK, in the first cell of the lines."""
    anna = Desk(page, address, "Anna Lindqvist", NEW)
    anna.tab_to("^channel$")
    anna.type("E-mail")
    anna.tab_to("^customer$")
    anna.pick("Bergen")
    anna.tab_to(r"^lines\..*product$")
    yield anna
    anna.settle()


def cells(page: Page, column: str) -> Locator:
    """Return the controls of a column of the lines, the blank line included."""
    return page.locator(f'tr[data-line] [name$=".{column}"]')


def expect_cells(page: Page, column: str, *texts: str) -> None:
    """Wait until *texts* stand in a column of the lines, the blank line included."""
    expect(cells(page, column)).to_have_count(len(texts))
    for place, text in enumerate(texts):
        expect(cells(page, column).nth(place)).to_have_value(text)


def amount(control: Locator) -> Decimal:
    """Return the amount in a control, as soon as there is one."""
    expect(control).to_have_value(re.compile(r"\d"))
    return Decimal(control.input_value().replace(",", ""))


def enter_line(desk: Desk, product: str, quantity: str) -> None:
    """Type a line: product, quantity, and past the price into the next line."""
    desk.pick(product)
    desk.type(quantity)
    desk.press("Enter", "Enter")


def test_enter_leads_from_cell_to_cell_and_makes_lines(anna: Desk) -> None:
    enter_line(anna, "PT-2000", "12")
    enter_line(anna, "TL-110", "3")
    expect_cells(anna.page, "quantity", "12", "3", "")
    anna.expect_focus(r"\.product$")
    expect(anna.page.locator("[data-line-count]")).to_have_text("2")
    expect(anna.page.locator("tfoot")).to_contain_text("Freight")
    truck, light = (amount(cells(anna.page, "price").nth(line)) for line in (0, 1))  # in NOK, by the rate of the day
    goods = 12 * truck + 3 * light
    expect(anna.page.locator("tfoot")).to_contain_text(f"{goods:,.2f}")
    total = goods + amount(anna.page.locator("#f-freight"))  # filled by the answer that gave the goods
    expect(anna.page.locator("#bar-total")).to_have_text(f"NOK\N{NO-BREAK SPACE}{total:,.2f}")


def test_a_filled_price_follows_and_a_typed_one_stays(anna: Desk) -> None:
    anna.pick("PT-2000")
    anna.type("1")
    anna.press("Enter")
    price = cells(anna.page, "price").first
    expect(price).to_have_value(re.compile(r"\d"))
    expect(anna.page.locator('tr[data-line] input[name="_filled"]').first).to_be_attached()
    anna.type("4000")
    anna.press("Enter")
    expect(anna.page.locator("tfoot")).to_contain_text("4,000.00")
    total = 4000 + amount(anna.page.locator("#f-freight"))
    expect(anna.page.locator("#bar-total")).to_contain_text(f"{total:,.2f}")
    anna.press("ArrowUp", "ArrowUp")
    expect(price).to_have_value("4000")


def test_arrows_move_escape_undoes_and_ctrl_d_copies(anna: Desk) -> None:
    enter_line(anna, "PT-2000", "12")
    anna.press("ArrowUp")
    anna.expect_focus(r"\.product$")
    anna.press("ArrowRight")
    anna.expect_focus(r"\.quantity$")
    anna.type("99")
    anna.press("Escape")
    expect_cells(anna.page, "quantity", "12", "")
    anna.press("ArrowDown")
    anna.press("Control+d")
    expect_cells(anna.page, "quantity", "12", "12", "")
    anna.press("ArrowLeft", "Control+d", "Enter")
    truck = "PT-2000 Hand pallet truck 2.0 t"
    expect_cells(anna.page, "product", truck, truck, "")
    expect(anna.page.locator("[data-line-count]")).to_have_text("2")


def test_lines_are_moved_and_removed(anna: Desk) -> None:
    enter_line(anna, "PT-2000", "1")
    enter_line(anna, "TL-110", "2")
    anna.press("ArrowUp", "Alt+ArrowUp")
    expect_cells(anna.page, "quantity", "2", "1", "")
    expect(anna.page.locator("tr[data-line] .b-lineno")).to_have_text(["1", "2", "3"])
    anna.page.get_by_role("button", name="Remove line 1").first.click()
    expect_cells(anna.page, "quantity", "1", "")


def test_a_mistake_shows_in_its_line_after_leaving_and_goes_when_mended(anna: Desk) -> None:
    anna.pick("PT-2000")
    anna.type("many")
    anna.press("Enter")
    error = anna.page.locator(".b-rowerror:not([hidden])")
    expect(error).to_contain_text("Quantity: Enter a number such as 250; “many” is not one.")
    anna.press("ArrowLeft")
    anna.type("5")
    anna.press("Enter")
    expect(error).to_have_count(0)
    expect(anna.page.locator("#mistake-count")).to_have_text("")


def test_nothing_typed_is_lost_while_answers_are_slow(anna: Desk) -> None:
    def slowly(route: Route) -> None:
        time.sleep(0.4)
        route.continue_()

    anna.page.route("**/recalculate", slowly)
    for product, quantity in (("PT-2", "11"), ("TL-1", "22"), ("BC-9", "33")):
        anna.type(product)
        anna.press("Enter")
        anna.type(quantity)
        anna.press("Enter", "Enter")
    anna.page.unroute("**/recalculate")
    expect(cells(anna.page, "product").nth(2)).to_have_value("BC-9 Barcode gun, cold store")
    expect_cells(anna.page, "quantity", "11", "22", "33", "")
    anna.press("Control+Enter")
    anna.page.wait_for_url("**/records/**")
    expect(anna.page.locator("main table tbody tr")).to_have_count(3)


def test_a_field_that_appears_takes_no_focus(anna: Desk) -> None:
    anna.pick("PT-2000")
    anna.type("60")
    expect(anna.page.locator("#f-unusual_meant")).to_be_visible()
    anna.expect_focus(r"\.quantity$")


def test_what_is_pressed_is_still_there_when_it_is_lifted(anna: Desk) -> None:
    freight, button = (
        anna.page.locator("#f-freight"),
        anna.page.locator("#u-freight").get_by_role("button", name="12.5"),
    )
    freight.fill("12,5")
    anna.press("Tab")
    expect(button).to_be_visible()
    anna.page.locator("#f-contact").focus()
    anna.type("Somebody else")
    button.hover()
    slow_down(anna.page, 0)
    with anna.page.expect_response("**/recalculate"):
        anna.page.mouse.down()  # leaving the contact asks, and the answer draws the mistake and its button anew
    anna.page.wait_for_timeout(200)
    anna.page.mouse.up()
    expect(freight).to_have_value("12.5")


def test_leaving_with_something_typed_asks(anna: Desk) -> None:
    anna.page.on("dialog", lambda dialog: dialog.dismiss())
    anna.type("PT")
    with anna.page.expect_event("dialog") as asked:
        anna.page.get_by_role("link", name="Cancel").click()
    assert asked.value.type == "beforeunload"
    assert anna.page.url.endswith(NEW)


def test_a_change_of_what_was_filled_can_be_undone(anna: Desk) -> None:
    contact = anna.page.locator("#f-contact")
    expect(contact).to_have_value("Terje Haugen")
    contact.fill("Somebody else")
    anna.press("Tab")
    anna.page.get_by_role("button", name="Undo your change of Contact").click()
    expect(contact).to_have_value("Terje Haugen")


def test_without_scripts_an_order_is_entered_too(address: str, make_context: MakeContext) -> None:
    page = make_context(java_script_enabled=False).new_page()
    page.goto(f"{address}/sign-in")
    page.get_by_role("button", name="Anna Lindqvist").click()
    page.goto(f"{address}{NEW}")
    page.get_by_label("Came in by").select_option(label="E-mail")
    page.get_by_label("Customer", exact=True).fill("BERGEN")
    page.get_by_label("Line 1 Product").fill("PT-2000")
    page.get_by_label("Line 1 Quantity").fill("12")
    page.get_by_role("button", name="Add a line").click()
    expect(page.locator("#f-contact")).to_have_value("Terje Haugen")
    page.get_by_label("Line 2 Product").fill("TL-110")
    page.get_by_label("Line 2 Quantity").fill("3")
    page.get_by_role("button", name="Submit for review").click()
    expect(page.locator(".b-head .b-state--pill")).to_have_text("In review")
    expect(page.locator("main table tbody tr")).to_have_count(2)
    page.get_by_role("button", name="Cancel order").click()
    page.get_by_label("Reason").select_option(label="Entered twice")
    page.get_by_role("button", name="Yes: Cancel order").click()
    expect(page.locator(".b-head .b-state--pill")).to_have_text("Cancelled")
