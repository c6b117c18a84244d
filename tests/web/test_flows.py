"""The four flows of docs/architecture.md: each function that a flow names is called, in the order it tells."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from .conftest import Visitor
from .pages import form_pairs
from .test_blueprints import admin, hidden, shop
from .test_entry import customer, made, order

__all__ = ["admin", "customer", "shop"]

PAGE = (Path(__file__).parents[2] / "docs" / "architecture.md").read_text(encoding="utf-8")
FLOWS = {
    title: re.findall(r"^\d+\. `([\w.]+)`", text, re.MULTILINE)
    for title, text in re.findall(r"^### (.+?)\n(.*?)(?=^### |\Z)", PAGE, re.MULTILINE | re.DOTALL)
}


@contextmanager
def noted_calls() -> Iterator[list[str]]:
    """Note the functions of ours that are called within, by dotted name, each at its first call."""
    called: dict[str, None] = {}

    def note(frame: FrameType, event: str, _: object) -> None:
        module = frame.f_globals.get("__name__", "")
        if event == "call" and module.startswith("blankett."):
            called.setdefault(f"{module.removeprefix('blankett.')}.{frame.f_code.co_qualname}")

    noted: list[str] = []
    sys.setprofile(note)
    try:
        yield noted
    finally:
        sys.setprofile(None)
        noted += called


def create(anna: Visitor) -> Callable[[], Any]:
    posted = order(anna)
    return lambda: made(anna.post("/forms/shop/order/new", posted))


def act(anna: Visitor) -> Callable[[], Any]:
    record = made(anna.post("/forms/shop/order/new", order(anna)))
    address = f"/records/{record}/actions/submit"
    posted = form_pairs(anna.get(address).text, address)
    return lambda: made(anna.post(address, posted))


def draw_list(anna: Visitor) -> Callable[[], Any]:
    return lambda: anna.get("/forms/shop/order")


def publish_anew(admin: Any, shop: str) -> Callable[[], Any]:
    changed = shop.replace("title: Order", "title: Sales order", 1)
    page = admin.get("/blueprints/shop").text
    admin.post("/blueprints/shop", {"source": changed, "_do": "save", "base": hidden(page, "base")})
    page = admin.get("/blueprints/shop/publish").text
    values = {"base": hidden(page, "base"), "digest": hidden(page, "digest"), "move": "stay", "note": ""}
    return lambda: admin.post("/blueprints/shop/publish", values)


def test_the_page_tells_four_flows_in_ten_lines_each() -> None:
    assert {title: len(names) for title, names in FLOWS.items()} == {
        "Create a record": 10,
        "Take an action": 10,
        "Draw a list": 10,
        "Publish a blueprint": 10,
    }


@pytest.mark.parametrize("title", list(FLOWS))
def test_a_flow_is_as_the_page_tells(title: str, anna: Visitor, admin: Any, customer: str, shop: str) -> None:
    run = {
        "Create a record": lambda: create(anna),
        "Take an action": lambda: act(anna),
        "Draw a list": lambda: draw_list(anna),
        "Publish a blueprint": lambda: publish_anew(admin, shop),
    }[title]()
    with noted_calls() as called:
        run()
    assert [name for name in FLOWS[title] if name not in called] == []
    assert sorted(FLOWS[title], key=called.index) == FLOWS[title]
