"""The story of an order and of a complaint, played by everybody who has a part in it, at a desk and on a phone."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from .desk import Desk, Enter


def enter_order(anna: Desk) -> None:
    """Enter an order with the keyboard alone and submit it."""
    anna.go("/forms/order_management/order/new")
    anna.tab_to("^channel$")
    anna.type("Phone")
    anna.tab_to("^caller$")
    anna.type("Katja Brandt")
    anna.tab_to("^customer$")
    anna.pick("Ostsee")
    anna.tab_to(r"^lines\..*product$")
    anna.pick("PT-2000")  # taking it leads to the next cell
    anna.type("60")
    anna.press("Enter", "Enter")  # over the price, which is filled, to a new line
    anna.pick("BC-9")
    anna.type("40")
    expect(anna.page.locator("main")).to_contain_text("28,780.00")
    anna.press("Control+Enter")
    expect(anna.page.get_by_role("alert")).to_contain_text("Ask the customer whether this is meant")
    expect(anna.page.locator(".b-errors")).to_be_focused()
    anna.press("Tab", "Enter")  # the message leads to the field it speaks of
    anna.expect_focus("^unusual_meant$")
    anna.press("Space", "Control+Enter")
    anna.page.wait_for_url("**/records/**")
    anna.expect_state("In review")


def test_an_order_goes_from_the_phone_call_to_the_paid_invoice(enter: Enter) -> None:
    anna = enter("Anna Lindqvist")
    enter_order(anna)
    anna.fits()
    order = anna.page.url.removeprefix(anna.address)
    number = anna.page.locator("h1 .b-tnum").inner_text()

    mette = enter("Mette Holm")
    mette.go(order)
    approve = mette.page.get_by_role(
        "button", name="Approve", exact=True, include_hidden=True
    )  # among what others may do
    expect(approve).to_have_attribute("aria-disabled", "true")
    mette.act("Send back", What_must_change="Ask for their order number, please.")
    mette.expect_state("Draft")

    anna.go("/inbox")
    expect(anna.page.locator("main")).to_contain_text("Ostsee Werft Rostock GmbH")
    anna.go(order)
    expect(anna.page.locator("main")).to_contain_text("Ask for their order number, please.")
    anna.press("e")
    anna.page.wait_for_url("**/edit")
    anna.fill("Their order number", "4500 77 12")
    anna.press("Control+Enter")
    anna.page.wait_for_url(re.compile("records/[0-9A-Z]+$"))
    if anna.state() == "Draft":
        anna.act("Submit for review")
    anna.expect_state("In review")

    lars = enter("Lars Bakke")
    lars.open_from_list("/inbox", number)
    lars.act("Approve")
    lars.expect_state("Approved")

    anna.go(order)
    anna.act("Release to warehouse", Who_confirmed_the_order="Katja Brandt")
    anna.expect_state("Released")

    henrik = enter("Henrik Olsen")
    henrik.go(order)
    henrik.act("Start picking")
    henrik.expect_state("Picking")
    henrik.open_from_list("/forms/order_management/shipment", "Ostsee")
    henrik.go(henrik.page.url.removeprefix(henrik.address) + "/edit")
    for line, quantity in ((0, "60"), (1, "40")):
        henrik.page.get_by_label(re.compile("picked", re.IGNORECASE)).nth(line).fill(quantity)
    henrik.fill("Packages", "4")
    henrik.press("Control+Enter")
    henrik.page.wait_for_url(re.compile("records/[0-9A-Z]+$"))
    if henrik.state() == "Picking":
        henrik.act("Goods are packed")
    henrik.expect_state("Packed")
    henrik.act("Hand to carrier", Carrier="DSV", Tracking_number="DSV-4411", Expected_at_the_customer="2027-01-15")
    henrik.expect_state("On the way")
    shipment = henrik.page.url.removeprefix(henrik.address)

    signe = enter("Signe Kj")
    signe.go(shipment)
    signe.act("Note signed receipt", Signed_for_by="Katja Brandt")
    signe.expect_state("Delivered")

    ellen = enter("Ellen Dahl")
    ellen.go(order)
    ellen.act("Prepare invoice")
    ellen.open_from_list("/forms/order_management/invoice?list=to_issue", "Ostsee")
    ellen.act("Issue invoice")
    ellen.expect_state("Issued")
    ellen.act("Note full payment")
    ellen.expect_state("Paid")

    anna.go(order)
    anna.expect_state("Closed")
    anna.fits()


def test_a_complaint_is_solved(enter: Enter) -> None:
    signe = enter("Signe Kj")
    signe.go("/forms/order_management/complaint/new")
    signe.choose("Came in by", "phone")
    signe.control("Customer").focus()
    signe.pick("Kvist")
    signe.press("Tab")
    signe.choose("Category", "damaged")
    signe.fill("Subject", "Two trucks scratched")
    signe.fill("What happened", "The film was torn, two of them are scratched at the fork.")
    signe.press("Control+Enter")
    signe.page.wait_for_url("**/records/**")
    if signe.state() == "Received":
        signe.act("Take it on")
    signe.expect_state("Investigating")
    signe.press("e")
    signe.page.wait_for_url("**/edit")
    signe.fill("What we found", "The pallet was not wrapped twice.")
    signe.choose("Solution", "refund")
    signe.fill("Compensation", "120")
    signe.press("Control+Enter")
    signe.page.wait_for_url(re.compile("records/[0-9A-Z]+$"))
    if signe.state() == "Investigating":
        signe.act("Ask finance for the refund")
    signe.expect_state("Waiting for finance")
    complaint = signe.page.url.removeprefix(signe.address)
    ellen = enter("Ellen Dahl")
    ellen.go(complaint)
    ellen.act("Agree to the refund")
    ellen.expect_state("Solution proposed")
    signe.go(complaint)
    signe.page.get_by_role("group", name="Actions").get_by_role("button", name="Customer agrees").click()
    signe.page.locator("dialog[open]").get_by_label("Satisfied", exact=True).check()
    signe.page.locator("dialog[open] button[type=submit]").click()
    signe.expect_state("Closed")
    signe.fits()
