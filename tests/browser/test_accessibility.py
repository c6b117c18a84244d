"""axe finds nothing on the main pages: at a desk in English and light, on a phone in Chinese and dark.

On the pages people work at it finds nothing at two more widths either.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from .axe import violations
from .conftest import MakeContext
from .desk import Desk

#: The phone's window is as tall as the pages: what happens to lie half under its tab bar is no finding.
LOOKS = {
    "desk-en-light": ({"width": 1280, "height": 900}, "en", "light"),
    "phone-zh-dark": ({"width": 390, "height": 6000}, "zh", "dark"),
    "tablet-en-dark": ({"width": 768, "height": 6000}, "en", "dark"),
    "wide-zh-light": ({"width": 1600, "height": 6000}, "zh", "light"),
}
#: Looks in which only the pages people work at are tried.
FEW = ("tablet", "wide")
WORKED_AT = ("inbox", "list", "form", "customers")
PAGES = {
    "inbox": ("Mette Holm", "/inbox"),
    "list": ("Mette Holm", "/forms/order_management/order?list=all"),
    "form": ("Mette Holm", "/forms/order_management/order/new"),
    "customers": ("Mette Holm", "/forms/order_management/customer"),
    "blueprint": ("Astrid Vik", "/blueprints/order_management"),
    "blueprints": ("Astrid Vik", "/blueprints"),
    "publish": ("Astrid Vik", "/blueprints/order_management/publish"),
    "table tried": (
        "Astrid Vik",
        "/blueprints/order_management/tables/approvers/try?try.total=400&try.tier=silver&try.urgent=no",
    ),
    "table out of a file": ("Astrid Vik", "/blueprints/order_management/bring-in?table=approvers"),
    "rates": ("Astrid Vik", "/rates"),
    "jobs": ("Astrid Vik", "/jobs"),
    "calendar": ("Astrid Vik", "/calendars"),
    "new calendar": ("Astrid Vik", "/new-calendar"),
    "rule engine": ("Astrid Vik", "/rule-engine"),
    "workspaces": ("Astrid Vik", "/workspaces"),
    "settings": ("Astrid Vik", "/settings"),
}


@pytest.fixture(params=LOOKS, ids=list(LOOKS))
def look(request: pytest.FixtureRequest, make_context: MakeContext) -> tuple[Page, str, str, bool]:
    """A page of a certain size, with the language and theme to be set, and whether few pages are enough."""
    size, language, theme = LOOKS[request.param]
    page = make_context(viewport=size, color_scheme=theme).new_page()
    return page, language, theme, request.param.startswith(FEW)


def test_axe_finds_nothing(address: str, look: tuple[Page, str, str, bool]) -> None:
    page, language, theme, is_few = look
    found: dict[str, dict[str, list[str]]] = {}
    pages = {name: place for name, place in PAGES.items() if name in WORKED_AT or not is_few}
    for person in dict.fromkeys(person for person, _ in pages.values()):
        desk = Desk(page, address, person)
        for key, value in (("theme", theme), ("language", language)):
            post(desk, f"/settings/{key}", {key: value})
        for name, (who, path) in pages.items():
            if who == person:
                desk.go(path)
                found[name] = violations(page)
        if person == "Mette Holm":
            desk.go("/forms/order_management/order?list=all")
            page.locator("main tbody tr a").first.click()
            page.wait_for_url("**/records/**")
            found["record"] = violations(page)
            desk.go("/forms/order_management/order?list=on_hold")
            page.locator("main tbody tr a").first.click()
            page.wait_for_url("**/records/**")
            found["held"] = violations(page)
            desk.go("/forms/order_management/customer")
            page.locator("main tbody tr a").first.click()
            page.wait_for_url("**/records/**")
            found["customer"] = violations(page)
        page.context.clear_cookies()
    assert found == {name: {} for name in found}


def post(desk: Desk, path: str, values: dict[str, str]) -> None:
    """Send a form as the pages do."""
    token = desk.page.locator("input[name=csrf_token]").first.input_value()
    answer = desk.page.request.post(desk.address + path, form={"csrf_token": token, **values})
    assert answer.ok, answer.status_text
