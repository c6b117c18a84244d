"""Fields that appear while one types: Tab goes there, no key lands beside them, however slowly the server answers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from .desk import Desk
from .latency import LATENCIES, slow_down
from .quiet import settle
from .small_company import sign_in_clerk, small_company

NEW = "/forms/order_management/order/new"


@pytest.fixture
def anna(page: Page, address: str) -> Iterator[Desk]:
    desk = Desk(page, address, "Anna Lindqvist", NEW)
    yield desk
    desk.settle()


@pytest.mark.parametrize("latency", LATENCIES)
def test_tab_goes_to_what_a_choice_shows(anna: Desk, latency: int) -> None:
    slow_down(anna.page, latency)
    anna.page.locator("#f-channel").focus()
    anna.type_quickly("Pho")
    anna.press("Tab")
    anna.expect_focus("^caller$")
    anna.type_quickly("Ingrid Voss")
    anna.press("Tab")
    anna.expect_focus("^customer$")
    anna.settle()
    expect(anna.page.locator("#f-caller")).to_have_value("Ingrid Voss")
    expect(anna.page.locator("#f-customer")).to_have_value("")


@pytest.mark.parametrize("latency", LATENCIES)
def test_tab_passes_by_what_a_choice_hides_and_brings_its_text_back(anna: Desk, latency: int) -> None:
    slow_down(anna.page, latency)
    channel = anna.page.locator("#f-channel")
    channel.focus()
    anna.type_quickly("Pho")
    anna.press("Tab")
    anna.type_quickly("Ingrid Voss")
    anna.press("Shift+Tab")
    anna.type_quickly("E-m")
    expect(anna.page.locator("#u-caller")).to_be_hidden()
    anna.press("Tab")
    anna.expect_focus("^customer$")
    anna.settle()
    expect(anna.page.locator("#u-caller")).to_be_hidden()
    channel.focus()
    anna.type_quickly("Pho")
    expect(anna.page.locator("#f-caller")).to_have_value("Ingrid Voss")
    anna.settle()
    expect(anna.page.locator("#f-caller")).to_have_value("Ingrid Voss")


def test_without_scripts_nothing_is_posted_twice(anna: Desk) -> None:
    expect(anna.page.locator("template#l-caller")).to_have_count(1)
    expect(anna.page.locator("#f-caller")).to_have_count(0)


# A form whose conditions are of every kind ----------------------------------------------------------------------------

FORM = Path(__file__).with_name("conditions.yaml")


@pytest.fixture
def small(tmp_path: Path, page: Page) -> Iterator[Page]:
    """A new record of a form whose conditions are of every kind."""
    with small_company(tmp_path, FORM) as address:
        sign_in_clerk(page, address)
        page.goto(f"{address}/forms/parcels/parcel/new")
        yield page
        settle(page)


def type_at(page: Page, name: str, text: str, *keys: str) -> None:
    """Type *text* over what stands in the control *name*, and press *keys*."""
    page.locator(f"#f-{name}").focus()
    page.keyboard.press("Control+A")
    page.keyboard.type(text, delay=25)
    for key in keys:
        page.keyboard.press(key)


@pytest.mark.parametrize("latency", LATENCIES)
def test_keys_wait_for_what_only_the_server_knows(small: Page, latency: int) -> None:
    slow_down(small, latency)
    type_at(small, "value", "5000", "Tab")
    small.keyboard.type("Fragile, insured", delay=25)
    expect(small.locator("#f-insurance")).to_have_value("Fragile, insured")
    expect(small.locator("#f-value")).to_have_value("5000")
    expect(small.locator("#f-remark")).to_have_value("")
    type_at(small, "value", "3", "Tab")
    small.keyboard.type("Nothing dear", delay=25)
    expect(small.locator("#f-remark")).to_have_value("Nothing dear")
    expect(small.locator("#u-insurance")).to_be_hidden()


@pytest.mark.parametrize("latency", LATENCIES)
def test_enter_waits_too_and_every_kind_of_key_comes_in_its_order(small: Page, latency: int) -> None:
    slow_down(small, latency)
    type_at(small, "value", "5000", "Enter")
    small.keyboard.type("Glas", delay=25)
    small.keyboard.press("Backspace")
    small.keyboard.press("Enter")
    small.keyboard.type("On top", delay=25)
    small.keyboard.press("Tab")
    small.keyboard.press("Space")
    expect(small.locator("#f-insurance")).to_have_value("Gla")
    expect(small.locator("#f-remark")).to_have_value("On top")
    expect(small.locator("#f-gift")).to_be_checked()


def test_keys_wait_a_second_at_most(small: Page) -> None:
    questions: list[Route] = []
    small.route("**/recalculate", lambda question: questions.append(question))
    type_at(small, "value", "5000", "Tab")
    expect(small.locator("#f-remark")).to_be_focused()
    expect(small.locator("#u-insurance")).to_be_hidden()  # nothing was answered yet
    small.route("**/recalculate", lambda question: question.continue_())
    for question in questions:
        question.continue_()
    expect(small.locator("#u-insurance")).to_be_visible()


@pytest.mark.parametrize("latency", LATENCIES)
def test_boxes_show_fields_and_these_show_others(small: Page, latency: int) -> None:
    slow_down(small, latency)
    small.locator("#f-gift").focus()
    small.keyboard.press("Space")
    small.keyboard.press("Tab")
    expect(small.locator("#f-wrapping")).to_be_focused()
    small.keyboard.type("Rib", delay=25)
    small.keyboard.press("Tab")
    expect(small.locator("#f-colour")).to_be_focused()
    small.keyboard.type("red", delay=25)
    small.locator("#f-gift").focus()
    small.keyboard.press("Space")
    expect(small.locator("#u-wrapping")).to_be_hidden()
    expect(small.locator("#u-colour")).to_be_hidden()
    settle(small)
    expect(small.locator("#u-colour")).to_be_hidden()


@pytest.mark.parametrize("latency", LATENCIES)
def test_cells_of_lines_appear_at_once(small: Page, latency: int) -> None:
    slow_down(small, latency)
    small.locator('[name$=".what"]').first.focus()
    small.keyboard.type("Vase", delay=25)
    small.keyboard.press("Enter")
    expect(small.locator("[name$='.cold']:focus")).to_have_count(1)
    settle(small)
    expect(small.locator('[name$=".degrees"]')).to_have_count(0)
    small.keyboard.press("Space")
    small.keyboard.press("Enter")
    expect(small.locator("[name$='.degrees']:focus")).to_have_count(1)
    small.keyboard.type("4", delay=25)
    small.keyboard.press("Enter")
    settle(small)
    expect(small.locator('[name$=".degrees"]').first).to_have_value("4")


@pytest.mark.parametrize("latency", LATENCIES)
def test_a_section_that_a_choice_fills_appears_with_it(small: Page, latency: int) -> None:
    slow_down(small, latency)
    expect(small.get_by_role("heading", name="Customs")).to_be_hidden()
    small.locator("[name=abroad]").last.focus()
    small.keyboard.press("Space")
    expect(small.get_by_role("heading", name="Customs")).to_be_visible()
    settle(small)
    expect(small.get_by_role("heading", name="Customs")).to_be_visible()
