"""Stars, boxes of choices and codes of scanners, by keyboard alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from .conftest import MakeContext
from .desk import expect_soon
from .quiet import settle
from .small_company import sign_in_clerk, small_company

FORM = Path(__file__).with_name("field_widgets.yaml")
CHOSEN = "(name) => [...document.querySelectorAll(`input[name=${name}]:checked`)].map((one) => one.value)"


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with small_company(tmp_path_factory.mktemp("widgets"), FORM) as address:
        yield address


@pytest.fixture
def clerk(page: Page, company: str) -> Iterator[Page]:
    sign_in_clerk(page, company)
    yield page
    settle(page)


def new(page: Page, company: str) -> None:
    page.goto(f"{company}/forms/parcels/parcel/new")
    expect(page.locator("#f-code")).to_be_focused()


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def scan(page: Page, code: str) -> None:
    """Type as a scanner does, Enter at the end."""
    page.keyboard.type(code)
    press(page, "Enter")


def expect_at(page: Page, name: str) -> None:
    """Wait until the control *name* has the focus: of stars and boxes ``marks=dry``, of cells the end of their name."""
    key, _, value = name.partition("=")
    which = f"[value='{value}']" if "=" in name else ""
    expect(page.locator(f"[name$='{key}']{which}:focus")).to_have_count(1)


def expect_chosen(page: Page, name: str, *values: str) -> None:
    """Wait until stars or boxes are chosen as *values* say."""
    expect_soon(lambda: page.evaluate(CHOSEN, name), list(values))


def send(page: Page, company: str, code: str) -> None:
    """Fill a parcel in and send it by Ctrl+Enter, which an impatient person presses twice."""
    new(page, company)
    scan(page, code)
    press(page, "ArrowRight", "Enter", "Enter", "Space")
    for _ in range(2):
        page.keyboard.press("Control+Enter")
    page.wait_for_url("**/records/**")
    expect(page.locator(".b-head .b-state")).to_have_text("Sent")


def test_enter_leads_from_control_to_control_and_sends_nothing(clerk: Page, company: str) -> None:
    new(clerk, company)
    scan(clerk, "]C1AB-100")
    expect_at(clerk, "mark=")
    press(clerk, "ArrowRight", "ArrowRight", "ArrowRight")
    expect_at(clerk, "mark=3")
    press(clerk, "Enter")
    expect_at(clerk, "speed=")
    press(clerk, "Enter")
    expect_at(clerk, "marks=fragile")
    press(clerk, "Shift+Enter", "Shift+Enter")
    expect_at(clerk, "mark=3")
    clerk.locator("[name$='.item']").focus()
    scan(clerk, "ITEM-1")
    expect_at(clerk, ".packed")
    press(clerk, "Enter", "Enter")
    expect_at(clerk, ".item")
    scan(clerk, "ITEM-2")
    expect_at(clerk, ".packed")
    settle(clerk)
    assert clerk.url.endswith("/parcel/new")
    expect_chosen(clerk, "mark", "3")
    expect(clerk.locator("[data-line-count]")).to_have_text("2")


def test_stars_and_boxes_stay_as_chosen_when_their_mistake_goes(clerk: Page, company: str) -> None:
    new(clerk, company)
    clerk.keyboard.press("Control+Enter")
    expect(clerk.locator("#e-mark")).to_be_visible()
    clerk.locator("[name=mark]:checked").focus()
    press(clerk, "ArrowRight", "ArrowRight")
    expect(clerk.locator("#e-mark")).to_have_count(0)
    expect_at(clerk, "mark=2")
    expect_chosen(clerk, "mark", "2")
    clerk.locator("[name=marks][value=dry]").focus()
    press(clerk, "Space")
    expect(clerk.locator("#e-marks")).to_have_count(0)
    expect_at(clerk, "marks=dry")
    expect_chosen(clerk, "marks", "dry")


def test_an_action_is_answered_by_scanner_and_ends_only_when_meant(clerk: Page, company: str) -> None:
    send(clerk, company, "AB-200")
    record = clerk.url
    clerk.get_by_role("button", name="Give up").click()
    expect(clerk.locator("dialog[open] a").filter(has_text="Cancel")).to_be_focused()
    press(clerk, "Enter")
    expect(clerk.locator("dialog[open]")).to_have_count(0)
    expect(clerk.locator(".b-head .b-state")).to_have_text("Sent")
    clerk.get_by_role("button", name="Take back").click()
    expect(clerk.locator("dialog[open] [name=scanned]")).to_be_focused()
    scan(clerk, "AB-200")
    expect_at(clerk, "late=late")
    scan(clerk, "AB-200")
    expect_at(clerk, "late=broken")  # a scan that lands on a box sends nothing either
    assert clerk.url == record
    press(clerk, "Space")
    clerk.keyboard.press("Control+Enter")
    expect(clerk.locator(".b-head .b-state")).to_have_text("Back")


def test_a_dialog_is_closed_beside_it_and_not_by_a_press_that_began_inside(clerk: Page, company: str) -> None:
    send(clerk, company, "AB-250")
    clerk.get_by_role("button", name="Take back").click()
    scanned = clerk.locator("dialog[open] [name=scanned]")
    expect(scanned).to_be_focused()
    clerk.keyboard.type("AB-2")
    scanned.hover()
    clerk.mouse.down()
    clerk.mouse.move(3, 3)
    clerk.mouse.up()
    settle(clerk)
    expect(scanned).to_have_value("AB-2")
    clerk.mouse.click(3, 3)
    expect(clerk.locator("dialog[open]")).to_have_count(0)


def test_a_calendar_gives_the_day_of_a_moment_and_leaves_its_time(clerk: Page, company: str) -> None:
    new(clerk, company)
    packed = clerk.locator("[name^='contents.+'][name$='.packed']").first
    packed.focus()
    press(clerk, "F4", "Enter")
    expect(packed).to_be_focused()
    clerk.keyboard.type("9:30")
    expect(packed).to_have_value(re.compile(r".+ 9:30$"))
    day = packed.input_value().removesuffix(" 9:30")
    press(clerk, "F4", "ArrowRight", "ArrowLeft", "Enter")
    expect(packed).to_have_value(f"{day} 9:30")
    settle(clerk)
    expect(clerk.locator("[data-table=contents] .b-rowerror").first).to_be_hidden()


def test_what_is_sent_twice_is_one_record(clerk: Page, company: str) -> None:
    send(clerk, company, "AB-300")
    clerk.goto(f"{company}/forms/parcels/parcel?list=all&code=AB-300")
    expect(clerk.locator("main tbody tr")).to_have_count(1)


def test_without_scripts_enter_behind_a_code_sends_nothing(
    make_context: MakeContext, clerk: Page, company: str
) -> None:
    send(clerk, company, "AB-400")
    page = make_context(java_script_enabled=False, storage_state=clerk.context.storage_state()).new_page()
    page.goto(clerk.url)
    page.get_by_role("button", name="Take back").click()
    page.locator("[name=scanned]").focus()
    page.keyboard.type("AB-400")
    page.keyboard.press("Enter")
    expect(page.locator("[name=scanned]")).to_have_value("AB-400")
    page.goto(f"{company}/forms/parcels/parcel/new")
    page.locator("[name=code]").focus()
    page.keyboard.type("AB-500")
    page.keyboard.press("Enter")
    expect(page.locator("[name=code]")).to_have_value("AB-500")
    page.goto(f"{company}/forms/parcels/parcel?list=all&code=AB-500")
    expect(page.locator("main tbody tr")).to_have_count(0)
