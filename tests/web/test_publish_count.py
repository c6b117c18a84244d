"""The preview of a publish where very many records must be opened: they are counted beside the page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from blankett.engine.publish import preview
from blankett.web.services import Services

from .test_blueprints import changed, hidden, make_order, newest, publish, save, text_of, words

SignedIn = Callable[[str], Any]
POLL = {"HX-Request": "true", "HX-Target": "div#publish-count"}


@pytest.fixture
def admin(signed_in: SignedIn) -> Any:
    return signed_in("admin")


@pytest.fixture
def waiting(monkeypatch: pytest.MonkeyPatch) -> list[Callable[[], None]]:
    """Let two records be too many to wait for, and return the counts that are to be made beside the pages."""
    begun: list[Callable[[], None]] = []
    monkeypatch.setattr(preview, "MOST_AWAITED", 2)
    monkeypatch.setattr("blankett.web.studio.publish_view.count_beside", begun.append)
    return begun


@pytest.fixture
def orders(services: Services, admin: Any) -> list[str]:
    """Make three orders, and save a draft in which a value of each might not fit."""
    made = [make_order(services, total=str(number)) for number in (10, 20, 30)]
    save(admin, changed(text_of(services), ("      their_number:\n", "      their_number:\n        unique: yes\n")))
    return made


def test_many_records_are_counted_beside_the_page(
    admin: Any, orders: list[str], waiting: list[Callable[[], None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    page = admin.get("/blueprints/shop/publish").text
    assert "Counting: 0 of 3 records are looked at." in words(page)
    assert "You can publish when the records are counted." in words(page)
    assert 'hx-get="/blueprints/shop/publish/count"' in page
    assert 'name="move"' not in page
    with monkeypatch.context() as asked:
        asked.setattr("blankett.engine.publish.publisher.preview", lambda *_, **__: pytest.fail("made a preview"))
        polled = admin.get("/blueprints/shop/publish/count", **POLL)
    assert words(polled.text).startswith("Counting: 0 of 3")
    assert len(waiting) == 1
    waiting.pop()()
    done = admin.get("/blueprints/shop/publish/count", **POLL)
    assert (done.status_code, done.headers["HX-Redirect"]) == (204, "/blueprints/shop/publish")
    page = words(admin.get("/blueprints/shop/publish").text)
    assert "Order Can move 3" in page
    assert waiting == []


def test_without_its_place_the_count_leads_to_the_preview(
    admin: Any, orders: list[str], waiting: list[Callable[[], None]]
) -> None:
    answer = admin.get("/blueprints/shop/publish/count?again=1")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/blueprints/shop/publish?again=1")


def test_who_publishes_before_the_count_is_done_publishes_what_was_counted_then(
    admin: Any, services: Services, orders: list[str], waiting: list[Callable[[], None]]
) -> None:
    page = admin.get("/blueprints/shop/publish").text
    values = {"base": hidden(page, "base"), "digest": hidden(page, "digest"), "move": "move", "note": ""}
    waiting.pop()()
    assert admin.post("/blueprints/shop/publish", values).status_code == 303
    assert newest(services) == 2


def test_a_count_that_fails_is_made_again(
    admin: Any, orders: list[str], waiting: list[Callable[[], None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    admin.get("/blueprints/shop/publish")
    with monkeypatch.context() as broken:
        broken.setattr("blankett.engine.publish.impact_count.weigh", lambda *_, **__: 1 / 0)
        waiting.pop()()
    assert "Counting: 0 of 3" in words(admin.get("/blueprints/shop/publish").text)
    waiting.pop()()
    assert publish(admin, move="stay").status_code == 303


def test_records_that_stayed_are_counted_beside_the_page_that_moves_them(
    admin: Any, orders: list[str], waiting: list[Callable[[], None]]
) -> None:
    admin.get("/blueprints/shop/publish")
    waiting.pop()()
    assert publish(admin, move="stay").status_code == 303
    page = admin.get("/blueprints/shop/versions/move").text
    assert "Counting: 0 of 3 records are looked at." in words(page)
    assert 'hx-get="/blueprints/shop/versions/move"' in page
    assert words(admin.get("/blueprints/shop/versions/move", **POLL).text).startswith("Counting: 0 of 3")
    assert len(waiting) == 1
    waiting.pop()()
    done = admin.get("/blueprints/shop/versions/move", **POLL)
    assert (done.status_code, done.headers["HX-Redirect"]) == (204, "/blueprints/shop/versions/move")
    assert "Order Can move 3" in words(admin.get("/blueprints/shop/versions/move").text)
