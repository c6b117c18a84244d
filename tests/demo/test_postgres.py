"""The product on PostgreSQL: the demo's whole story, its verification, and the pages people look at."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient

from blankett.demo import build_demo
from blankett.engine.records.blueprint_cache import load_published
from blankett.engine.store import Store
from blankett.engine.store.schema import upgrade
from blankett.engine.verify import verify
from blankett.web import create_app
from blankett.web.services import services_over
from blankett.web.settings import Settings

pytestmark = pytest.mark.postgres
NOW = datetime(2026, 11, 20, 10, 30, tzinfo=UTC)


@pytest.fixture
def store(make_postgres_database: Callable[[], str]) -> Iterator[Store]:
    """A migrated database on PostgreSQL in which the demo's story was told."""
    found = Store(make_postgres_database())
    upgrade(found)
    build_demo(found, NOW)
    yield found
    found.close()


@pytest.fixture
def mette(store: Store) -> FlaskClient:
    """A browser with the sales manager signed in."""
    settings = Settings(database=store.url, secret_key="s" * 40, mode="demo", secure_cookie=False)
    client = create_app(settings, services_over(settings, store, lambda: NOW)).test_client()
    page = client.get("/sign-in").text
    user = re.search(r'name="user" value="([^"]+)"[^>]*>(?:(?!</form>).)*Mette Holm', page, re.DOTALL)
    assert user is not None
    assert client.post("/sign-in/demo", data={"user": user[1], "csrf_token": token(page)}).status_code == 303
    return client


def token(page: str) -> str:
    """Return the token that the page's forms carry."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found is not None
    return found[1]


def test_the_whole_story_and_the_pages_work_on_postgresql(store: Store, mette: FlaskClient) -> None:
    assert verify(store, load=load_published) == []
    inbox = mette.get("/inbox")
    waiting = re.findall(r'href="/records/(\w+)"', inbox.text)
    assert (inbox.status_code, len(waiting) > 0) == (200, True)
    found = mette.get("/forms/order_management/order?q=宁波")  # two characters are enough to find Chinese words
    assert (found.status_code, "宁波海拓工业品有限公司" in found.text, "Malmö" in found.text) == (200, True, False)
    record = mette.get(f"/records/{waiting[0]}").text
    sent = {"csrf_token": token(record), "comment": "Looks good.", "_intent": "a" * 26}
    assert mette.post(f"/records/{waiting[0]}/comments", data=sent).status_code == 303
    assert "Looks good." in mette.get(f"/records/{waiting[0]}").text
    assert verify(store, load=load_published) == []
