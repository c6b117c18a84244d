"""Words longer than their place: they break or end in dots, and no page is wider than the window for them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from .small_company import sign_in_clerk, small_company

FORM = Path(__file__).with_name("long_words.yaml")
WIDTHS = (390, 768, 1280)
#: What stands further right than the window, outside of what scrolls by itself.
OUTSIDE = """() => [...document.querySelectorAll('main *')]
  .filter((one) => one.offsetParent && !one.closest('.b-scroll, .visually-hidden, details:not([open]) > :not(summary)'))
  .filter((one) => one.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
  .map((one) => `${one.tagName} ${one.className} ${one.textContent.slice(0, 30)}`)"""


@pytest.fixture
def paper(page: Page, tmp_path: Path) -> Iterator[list[str]]:
    """The addresses of a new paper, of one, of what edits it, and of the list and the search that show it."""
    with small_company(tmp_path, FORM) as address:
        sign_in_clerk(page, address)
        page.goto(f"{address}/forms/words/paper/new")
        page.locator("#f-name").fill("Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz")
        page.get_by_role("button", name="Weiterleiten").click()
        page.wait_for_url("**/records/**")
        record = page.url
        pages = ["/forms/words/paper/new", "/forms/words/paper", "/inbox?view=mine", "/search?q=rindfleisch"]
        yield [record, f"{record}/edit", *(address + path for path in pages)]


def test_no_page_is_wider_than_the_window(page: Page, paper: list[str]) -> None:
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        for address in paper:
            page.goto(address)
            expect(page.locator("main h1")).to_be_visible()
            assert page.evaluate(OUTSIDE) == [], (width, address)
    page.goto(paper[1])
    measure = page.locator("label[for=f-price] small").first
    expect(measure).to_have_text("EUR")
    expect(measure).to_be_in_viewport(ratio=1)
