"""Random texts at random places while the server answers slowly: each control holds what was typed there last."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from .desk import Desk
from .latency import LATENCIES, slow_down

NEW = "/forms/order_management/order/new"
#: What people type, readable or not.
TEXTS = ("250,50", "12,5", "1e5", "-5", "30,5", "196", "1.000", "abc", "7", "1/11", "fri", "9" * 70)
HEADS = ("payment_days", "freight", "promised", "customer_reference")
CELLS = ("quantity", "price")


@pytest.fixture
def anna(page: Page, address: str) -> Iterator[Desk]:
    desk = Desk(page, address, "Anna Lindqvist", NEW)
    yield desk
    desk.settle()


def begin(anna: Desk) -> str:
    """Fill an order up to a line whose price is filled; return the line's name."""
    anna.tab_to("^channel$")
    anna.type("E-mail")
    anna.tab_to("^customer$")
    anna.pick("Bergen")
    anna.page.locator('tr[data-line] [name$=".product"]').focus()
    line = anna.focused().removesuffix(".product")
    anna.pick("PT-2000")
    expect(anna.page.locator(f'[name="{line}.price"]')).to_have_value(re.compile(r"\d"))
    return line


def type_into(anna: Desk, name: str, text: str) -> None:
    control = anna.page.locator(f'[name="{name}"]')
    control.focus()
    control.press("Control+a")
    anna.type_quickly(text)


@pytest.mark.parametrize("latency", LATENCIES)
def test_every_control_holds_what_was_typed_last_or_what_was_filled(anna: Desk, latency: int) -> None:
    line = begin(anna)
    slow_down(anna.page, latency)
    chance, typed = random.Random(latency), dict[str, str]()
    for _ in range(12):
        name = chance.choice((*HEADS, *(f"{line}.{key}" for key in CELLS)))
        typed[name] = chance.choice(TEXTS)
        type_into(anna, name, typed[name])
        if chance.random() < 0.5:
            anna.press("Tab")
        anna.page.wait_for_timeout(chance.choice((0, 50, 350)))
    type_into(anna, f"{line}.price", "250,50")
    typed[f"{line}.price"] = "250,50"
    anna.press("Tab", "Control+Enter")
    expect(anna.page.locator(".b-errors")).to_be_visible()
    for name, text in typed.items():
        expect(anna.page.locator(f'[name="{name}"]')).to_have_value(text)
    price = anna.page.locator(f'[name="{line}.price"]')
    expect(price).to_have_attribute("aria-invalid", "true")
    told = "“250,50” is not how numbers are written here. Write it as 250.50."
    expect(anna.page.locator(".b-errors")).to_contain_text(told)


def test_a_reading_is_shown_while_typing_and_a_press_takes_the_right_way(anna: Desk) -> None:
    promised = anna.page.locator("#f-promised")
    type_into(anna, "promised", "+7")
    expect(anna.page.locator("#u-promised .b-read")).to_have_text(re.compile("^read as "))
    type_into(anna, "freight", "12,5")
    anna.press("Tab")
    anna.page.locator("#u-freight").get_by_role("button", name="12.5").click()
    expect(anna.page.locator("#f-freight")).to_have_value("12.5")
    expect(anna.page.locator("#u-freight .b-error")).to_have_count(0)
    expect(promised).to_have_value("+7")


def test_a_day_is_chosen_in_a_calendar_by_keyboard_alone(anna: Desk) -> None:
    promised = anna.page.locator("#f-promised")
    promised.focus()
    anna.press("Alt+ArrowDown")
    calendar = anna.page.locator(".b-cal")
    expect(calendar.locator(":focus")).to_have_count(1)
    anna.press("PageDown", "Home", "ArrowRight", "Enter")
    expect(calendar).to_have_count(0)
    expect(promised).to_be_focused()
    expect(promised).to_have_value(re.compile(r"^\d\d/\d\d/\d{4}$"))
    anna.press("F4", "Escape")
    expect(calendar).to_have_count(0)
    expect(promised).to_be_focused()
