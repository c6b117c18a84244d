"""The README's five minutes, followed to the letter: each sentence of it is a step, in its order, in one demo."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from .conftest import PATIENCE, SIZES, Demo, Enter, MakeContext
from .desk import Desk

README = Path(__file__).parents[2] / "README.md"
#: Everything happens in one browser size but the director's approval, which happens on a phone.
pytestmark = pytest.mark.parametrize("enter", ["desk"], indirect=True, ids=["desk"])

ROW = "[20000..50000]"


@pytest.fixture
def address(own_demo: Demo) -> str:
    return own_demo.address


def says(*sentences: str) -> None:
    """Hold what is played to what is printed: each of *sentences* stands in the README's five minutes."""
    text = README.read_text(encoding="utf-8").partition("## Five minutes")[2].partition("| | |")[0]
    printed = " ".join(text.split())
    missing = [sentence for sentence in sentences if sentence not in printed]
    assert missing == []


def test_the_five_minutes_go_as_they_are_printed(enter: Enter, make_context: MakeContext) -> None:
    order = anna_enters_an_order(enter("Anna Lindqvist"))
    mette_sends_it_back(enter("Mette Holm"), order)
    anna_submits_it_again(enter("Anna Lindqvist"), order)
    lars_approves_on_a_phone(make_context, enter("Lars Bakke").address, order)
    it_goes_its_way(enter, order)
    ellen_finds_an_order_on_hold(enter("Ellen Dahl"))
    signe_has_return_requests(enter("Signe Kj"))
    astrid = enter("Astrid Vik")
    astrid_adds_a_row(astrid)
    the_next_order_follows_it(enter)
    astrid_adds_a_field(astrid)
    astrid_clones(astrid)
    anna_sets_her_pages(enter("Anna Lindqvist"))


def anna_enters_an_order(anna: Desk) -> str:
    """Enter an order by keyboard, as step 1 prints it; return its address."""
    says(
        "Press `C` and choose *Order*.",
        "Type `Phone`, Tab, a name, Tab, `Ostsee`, Enter",
        "In the lines type `PT-2000`, Enter, `60`, Enter, Enter",
        "Ctrl+Enter submits it; the form asks first whether sixty is meant.",
    )
    anna.press("c")
    anna.page.locator(".b-top [role=menu], .b-top details[open]").get_by_text("Order", exact=True).focus()
    anna.press("Enter")
    anna.page.wait_for_url("**/order/new")
    expect(anna.page.locator("[name=channel]")).to_be_focused()
    anna.type("Phone")
    anna.press("Tab")
    anna.type("Katja Brandt")
    anna.press("Tab")
    anna.type("Ostsee")
    anna.press("Enter")
    main = anna.page.locator("main")
    for label in ("Contact", "Currency", "Payment term"):
        expect(anna.control(label)).not_to_have_value("")
    anna.tab_to(r"^lines\..*product$")
    anna.type("PT-2000")
    anna.press("Enter")
    anna.type("60")
    anna.press("Enter", "Enter")
    expect(main).to_contain_text("23,340.00")
    anna.press("Control+Enter")
    expect(anna.page.get_by_role("alert")).to_contain_text("Ask the customer whether this is meant")
    expect(anna.page.locator(".b-errors")).to_be_focused()
    anna.press("Tab", "Enter")
    anna.expect_focus("^unusual_meant$")
    anna.press("Space", "Control+Enter")
    anna.page.wait_for_url("**/records/**")
    anna.expect_state("In review")
    return anna.page.url.removeprefix(anna.address)


def mette_sends_it_back(mette: Desk, order: str) -> None:
    says("opens it from *Orders*", "*Approve* is not hers to press", "She presses *Send back*")
    mette.page.get_by_role("link", name="Orders").first.click()
    mette.page.wait_for_url("**/forms/order_management/order*")
    mette.page.locator("main tbody tr").filter(has_text="Ostsee").first.get_by_role("link").first.click()
    mette.page.wait_for_url(f"**{order}")
    mette.page.locator(".b-others > summary").click()
    approve = mette.page.get_by_role("button", name="Approve", exact=True)
    expect(approve).to_have_attribute("aria-disabled", "true")
    expect(mette.page.locator("#why-approve")).to_contain_text("Only for: Director. Row")
    expect(mette.page.locator("#why-approve")).to_contain_text("Approval matrix")
    mette.act("Send back", What_must_change="Ask for their order number, please.")
    mette.expect_state("Draft")


def anna_submits_it_again(anna: Desk, order: str) -> None:
    says("reads it in the timeline, presses `E`, adds *Their order number*, and submits again.")
    anna.go(order)
    expect(anna.page.locator("#timeline")).to_contain_text("Ask for their order number, please.")
    anna.press("e")
    anna.page.wait_for_url("**/edit")
    anna.fill("Their order number", "4500 77 12")
    anna.press("Control+Enter")
    anna.page.wait_for_url(re.compile("records/[0-9A-Z]+$"))
    anna.expect_state("In review")


def lars_approves_on_a_phone(make_context: MakeContext, address: str, order: str) -> None:
    says("approves it; on a phone, if you like.")
    lars = Desk(make_context(viewport=SIZES["phone"]).new_page(), address, "Lars Bakke")
    lars.go(order)
    lars.act("Approve")
    lars.expect_state("Approved")
    lars.fits()


def it_goes_its_way(enter: Enter, order: str) -> None:
    says("Anna releases it", "picks, packs and ships it", "notes the signed receipt", "The order closes.")
    anna = enter("Anna Lindqvist")
    anna.go(order)
    anna.act("Release to warehouse", Who_confirmed_the_order="Katja Brandt")
    henrik = enter("Henrik Olsen")
    henrik.go(order)
    henrik.act("Start picking")
    henrik.open_from_list("/forms/order_management/shipment", "Ostsee")
    shipment = henrik.page.url.removeprefix(henrik.address)
    henrik.go(f"{shipment}/edit")
    henrik.page.get_by_label(re.compile("picked", re.IGNORECASE)).first.fill("60")
    henrik.fill("Packages", "3")
    henrik.press("Control+Enter")
    henrik.page.wait_for_url(re.compile("records/[0-9A-Z]+$"))
    if henrik.state() == "Picking":
        henrik.act("Goods are packed")
    henrik.act("Hand to carrier", Carrier="DSV", Tracking_number="DSV-1", Expected_at_the_customer="2027-01-15")
    signe = enter("Signe Kj")
    signe.go(shipment)
    signe.act("Note signed receipt", Signed_for_by="Katja Brandt")
    ellen = enter("Ellen Dahl")
    ellen.go(order)
    ellen.act("Prepare invoice")
    ellen.open_from_list("/forms/order_management/invoice?list=to_issue", "Ostsee")
    ellen.act("Issue invoice")
    ellen.act("Note full payment")
    anna.go(order)
    anna.expect_state("Closed")


def ellen_finds_an_order_on_hold(ellen: Desk) -> None:
    says("finds an order on credit hold in her notices", "*Why?* in its timeline shows the limit", "hold* lets it go")
    ellen.go("/inbox?view=notices")
    ellen.page.get_by_role("link", name=re.compile("is on credit hold")).first.click()
    ellen.page.wait_for_url("**/records/**")
    why = ellen.page.locator("#timeline")
    why.get_by_text("Why?").last.click()
    expect(why).to_contain_text("Rule Credit hold")
    expect(why).to_contain_text("“Unpaid invoices + Total” is")
    expect(why).to_contain_text("Credit limit")
    ellen.act("Lift credit hold", Reason="They pay on Friday.")
    expect(ellen.page.locator("main")).to_contain_text("Lifted the credit hold.")


def signe_has_return_requests(signe: Desk) -> None:
    says("has return requests: the policy proposes refund, exchange, repair or refusal")
    signe.go("/forms/order_management/return_request?list=all")
    signe.page.locator("main tbody tr").first.get_by_role("link").first.click()
    expect(signe.page.locator("main")).to_contain_text("By the policy")


def astrid_adds_a_row(astrid: Desk) -> None:
    says(
        "Under *Blueprints* → *Order management* → *…* → *Decision tables* she adds a row to the approval matrix",
        "is told which row it overlaps with an example, mends it, and publishes",
    )
    page = astrid.page
    page.set_default_timeout(PATIENCE * 2000)
    page.get_by_role("link", name="Blueprints").first.click()
    page.wait_for_url("**/blueprints")
    page.get_by_role("link", name="Order management", exact=True).click()
    page.wait_for_url("**/blueprints/order_management")
    page.locator(".b-split__bar .b-menu summary").click()
    page.get_by_role("link", name="Decision tables").click()
    page.wait_for_url("**/tables")
    page.get_by_role("link", name="Approval matrix").first.click()
    page.wait_for_url("**/tables/approvers")
    page.locator("#rows tr", has=page.locator("[name=key][value=largest]")).locator("[name=c0]").focus()
    astrid.press("Alt+Shift+Enter")
    for text in (ROW, "silver", "no", "sales_manager", "2"):
        page.keyboard.press("ControlOrMeta+a")
        page.keyboard.type(text)
        page.keyboard.press("Tab")
    expect(page.locator("#rows")).to_contain_text("(largest): total in EUR 20 000 with tier silver and urgent no")
    largest = page.locator("#rows tr", has=page.locator("[name=key][value=largest]")).locator("[name=c0]")
    largest.fill("> 50000")
    largest.press("Tab")
    page.get_by_role("button", name="Add a row for this").first.click()
    for text in (ROW, "not(silver)", "no", "director", "3"):
        page.keyboard.press("ControlOrMeta+a")
        page.keyboard.type(text)
        page.keyboard.press("Tab")
    expect(page.locator("#found")).to_contain_text("No problem")
    page.get_by_role("button", name="Publish…").click()
    page.locator("[name=move][value=stay]").check()
    page.get_by_role("button", name=re.compile("Publish version")).click()
    page.wait_for_url("**/versions")


def the_next_order_follows_it(enter: Enter) -> None:
    says("the next order follows it.")
    order = anna_enters_an_order(enter("Anna Lindqvist"))
    mette = enter("Mette Holm")
    mette.go(order)
    mette.act("Approve")  # before, the director's
    mette.expect_state("Approved")


def astrid_adds_a_field(astrid: Desk) -> None:
    line = '`cost_centre: {type: text, title: Cost centre, required: yes, default: "100"}`'
    says(line, "and presses *Check*: a warning that the title is not translated yet", "scenarios pass")
    page = astrid.page
    page.goto(f"{astrid.address}/blueprints/order_management")
    page.locator("#i-source").evaluate(
        """text => {
          const order = text.value.indexOf('\\n  order:\\n');
          const below = text.value.indexOf('\\n    fields:\\n', order) + '\\n    fields:\\n'.length;
          text.focus();
          text.setSelectionRange(below, below);
        }"""
    )
    page.keyboard.insert_text("      " + line.strip("`") + "\n")
    page.get_by_role("button", name="Check").click()
    expect(page.locator("#problems")).to_contain_text("is not in zh")
    expect(page.locator("#scenarios")).to_contain_text(re.compile("all .* passed|passed", re.IGNORECASE))
    says("*Publish…* shows which open orders can move and which stay; she publishes, and orders under way go on.")
    page.get_by_role("button", name="Publish…").click()
    expect(page.locator("main")).to_contain_text("Cost centre")
    page.locator("[name=move][value=move]").check()
    page.get_by_role("button", name=re.compile("Publish version")).click()
    page.wait_for_url("**/versions")


def astrid_clones(astrid: Desk) -> None:
    says("*…* → *Clone* makes a copy for another workspace, with a title of its own")
    page = astrid.page
    page.goto(f"{astrid.address}/blueprints/order_management")
    page.locator(".b-split__bar .b-menu summary").click()
    page.get_by_role("link", name="Clone").click()
    page.get_by_role("textbox", name="Title").fill("Order management North")
    page.get_by_role("textbox", name="Key").fill("orders_north")
    page.get_by_role("button", name="Make the clone").click()
    expect(page.locator("main")).to_contain_text("Order management North is published.")


def anna_sets_her_pages(anna: Desk) -> None:
    says("Chinese, the dark theme, and under *Settings* a compact table. `?` shows every key.")
    page = anna.page
    anna.settle()  # before htmx has begun, the key leads to a page instead
    anna.press("?")
    expect(page.locator("dialog[open]")).to_contain_text("Ctrl")
    anna.press("Escape")
    initials = page.locator(".b-top details.b-menu").last
    initials.locator("summary").click()
    initials.get_by_role("link", name="Settings").click()
    page.wait_for_url("**/settings")
    page.locator("[name=density]").select_option("compact")
    page.locator("main form").filter(has=page.locator("[name=density]")).get_by_role("button").click()
    expect(page.locator("html")).to_have_attribute("data-density", "compact")
    initials.locator("summary").click()
    initials.locator("[name=theme]").click()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    initials.locator("summary").click()
    initials.locator("[name=language][value=zh]").click()
    expect(page.locator("html")).to_have_attribute("lang", re.compile("^zh"))
