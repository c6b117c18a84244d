"""axe finds nothing on the main pages: at a desk in English and light, on a phone in Chinese and dark."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from .desk import Desk

#: The phone's window is as tall as the pages: what happens to lie half under its tab bar is no finding.
LOOKS = {
    "desk-en-light": ({"width": 1280, "height": 900}, "en", "light"),
    "phone-zh-dark": ({"width": 390, "height": 6000}, "zh", "dark"),
}
PAGES = {
    "inbox": ("Mette Holm", "/inbox"),
    "list": ("Mette Holm", "/forms/order_management/order?list=all"),
    "form": ("Mette Holm", "/forms/order_management/order/new"),
    "blueprint": ("Astrid Vik", "/blueprints/order_management"),
    "blueprints": ("Astrid Vik", "/blueprints"),
    "publish": ("Astrid Vik", "/blueprints/order_management/publish"),
    "table tried": (
        "Astrid Vik",
        "/blueprints/order_management/tables/approvers/try?try.total=400&try.tier=silver&try.urgent=no",
    ),
    "table out of a file": ("Astrid Vik", "/blueprints/order_management/bring-in?table=approvers"),
    "rates": ("Astrid Vik", "/rates"),
    "rule engine": ("Astrid Vik", "/rule-engine"),
    "workspaces": ("Astrid Vik", "/workspaces"),
    "settings": ("Astrid Vik", "/settings"),
}


@pytest.fixture(params=LOOKS, ids=list(LOOKS))
def look(request: pytest.FixtureRequest, browser: Browser) -> Iterator[tuple[Page, str, str]]:
    """A page of a certain size, with the language and theme to be set."""
    size, language, theme = LOOKS[request.param]
    context = browser.new_context(viewport=size, locale="en-GB", color_scheme=theme)  # type: ignore[arg-type]
    yield context.new_page(), language, theme
    context.close()


def test_axe_finds_nothing(address: str, look: tuple[Page, str, str]) -> None:
    page, language, theme = look
    found: dict[str, list[str]] = {}
    for person in dict.fromkeys(person for person, _ in PAGES.values()):
        desk = Desk(page, address, person)
        for key, value in (("theme", theme), ("language", language)):
            post(desk, f"/settings/{key}", {key: value})
        for name, (who, path) in PAGES.items():
            if who == person:
                desk.go(path)
                found[name] = violations(page)
        if person == "Mette Holm":
            desk.go("/forms/order_management/order?list=all")
            page.locator("main tbody tr a").first.click()
            page.wait_for_url("**/records/**")
            found["record"] = violations(page)
        page.context.clear_cookies()
    assert found == {name: [] for name in found}


def post(desk: Desk, path: str, values: dict[str, str]) -> None:
    """Send a form as the pages do."""
    token = desk.page.locator("input[name=csrf_token]").first.input_value()
    answer = desk.page.request.post(desk.address + path, form={"csrf_token": token, **values})
    assert answer.ok, answer.status_text


def violations(page: Page) -> list[str]:
    """Return what axe finds: rule and the first place of each."""
    result = Axe().run(
        page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
    )
    return [f"{each['id']}: {each['nodes'][0]['html'][:160]}" for each in result.response["violations"]]
