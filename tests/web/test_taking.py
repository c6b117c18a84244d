"""New blueprints in a workspace: templates, clones, texts of one's own."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from typing import Any

import pytest

from blankett.engine.store import Member, StoredBlueprint, Workspace
from blankett.web.services import Services

SignedIn = Callable[[str], Any]


@pytest.fixture
def admin(signed_in: SignedIn, services: Services) -> Any:
    with services.store.writing() as writing:
        writing.put_workspace(Workspace(organisation="acme", id="west", title="Sales West"))
    return signed_in("admin")


@pytest.fixture
def olga(admin: Any, services: Services, signed_in: SignedIn) -> Any:
    """Somebody who administers Sales West, and works in Sales North."""
    with services.store.writing() as writing:
        writing.put_member(Member(organisation="acme", workspace="west", user="olga", administers=True))
        writing.put_member(Member(organisation="acme", workspace="sales", user="olga", roles=frozenset({"clerk"})))
    return signed_in("olga")


def stored(services: Services, key: str) -> StoredBlueprint | None:
    with services.store.reading() as reading:
        return reading.blueprint("acme", key)


def source_of(services: Services, key: str) -> str:
    with services.store.reading() as reading:
        found = reading.version("acme", key, 1)
    assert found is not None
    return found.source


def mistakes(page: str) -> list[str]:
    found = re.search(r'class="b-errors".*?<ul>(.*?)</ul>', page, re.S)
    return re.findall(r">([^<>]+)</a>", found[1]) if found else []


# Templates -------------------------------------------------------------------------------------------------------


def test_a_template_becomes_version_1_in_the_workspace(admin: Any, services: Services) -> None:
    page = admin.get("/templates/leave_request").text
    assert 'value="leave_request"' in page
    typed = {"title": "Time off", "key": "time_off", "workspace": "west"}
    answer = admin.post("/templates/leave_request", typed)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/blueprints/time_off")
    found = stored(services, "time_off")
    assert found is not None
    assert found.workspace == "west"
    source = source_of(services, "time_off")
    assert "\nblueprint: time_off\n" in source
    assert "\ntitle: Time off\n" in source
    assert "Time off is published." in admin.get("/blueprints/time_off").text


@pytest.mark.parametrize(
    ("typed", "status", "said"),
    [
        (
            {"title": "", "key": ""},
            422,
            ["Enter a title, in at most 200 characters.", "Enter a key, like order_management."],
        ),
        (
            {"key": "Time off"},
            422,
            ["“Time off” cannot be a key: use small letters, digits and _, beginning with a letter."],
        ),
        ({"key": "shop"}, 422, ["There is a blueprint “shop” already. Choose another key."]),
        ({"workspace": "nowhere"}, 404, ["There is no such workspace."]),
    ],
    ids=["nothing", "bad key", "key taken", "no such workspace"],
)
def test_a_template_with_bad_answers_is_refused_with_what_was_typed(
    admin: Any, services: Services, typed: dict[str, str], status: int, said: list[str]
) -> None:
    whole = {"title": "Time off", "key": "time_off", "workspace": "west", **typed}
    answer = admin.post("/templates/leave_request", whole)
    assert (answer.status_code, mistakes(answer.text)) == (status, said)
    assert f'value="{whole["title"]}"' in answer.text
    assert f'value="{whole["key"]}"' in answer.text
    assert stored(services, "time_off") is None


def test_a_template_goes_only_where_one_administers(olga: Any, services: Services) -> None:
    assert re.findall(r'<option value="(\w+)"', olga.get("/templates/leave_request").text) == ["west"]
    answer = olga.post("/templates/leave_request", {"title": "Time off", "key": "time_off", "workspace": "sales"})
    assert (answer.status_code, stored(services, "time_off")) == (403, None)


# Clones ----------------------------------------------------------------------------------------------------------


def test_a_clone_shares_the_reference_forms(admin: Any, services: Services) -> None:
    page = admin.get("/blueprints/shop/clone").text
    assert re.findall(r'name="form\.(\w+)" value="share"[^>]* checked', page) == ["customer"]
    typed = {"title": "Shop West", "key": "shop_west", "workspace": "west", "form.customer": "share"}
    answer = admin.post("/blueprints/shop/clone", typed)
    assert answer.headers["Location"] == "/blueprints/shop_west"
    found = stored(services, "shop_west")
    assert found is not None
    assert (found.workspace, found.origin, found.origin_version) == ("west", "shop", 1)
    origin = stored(services, "shop")
    assert origin is not None
    assert [(share.form, share.workspace) for share in origin.shares] == [("customer", "west")]
    assert "to: shop.customer" in source_of(services, "shop_west")
    assert "from Shop, version 1" in admin.get("/blueprints").text


def test_a_clone_may_have_reference_forms_of_its_own(admin: Any, services: Services) -> None:
    typed = {"title": "Shop West", "key": "shop_west", "workspace": "west", "form.customer": "copy"}
    assert admin.post("/blueprints/shop/clone", typed).status_code == 303
    assert "to: customer," in source_of(services, "shop_west")
    origin = stored(services, "shop")
    assert origin is not None
    assert origin.shares == ()


def test_a_clone_is_changed_without_the_origin(admin: Any, services: Services) -> None:
    typed = {"title": "Shop West", "key": "shop_west", "workspace": "west", "form.customer": "copy"}
    admin.post("/blueprints/shop/clone", typed)
    source = source_of(services, "shop_west").replace("title: In review", "title: Being looked at")
    admin.post("/blueprints/shop_west", {"source": source, "revision": "0"})
    page = admin.get("/blueprints/shop_west/publish").text
    values = {key: re.search(rf'name="{key}" value="([^"]*)"', page)[1] for key in ("base", "digest")}  # type: ignore[index]
    assert admin.post("/blueprints/shop_west/publish", {**values, "move": "stay"}).status_code == 303
    with services.store.reading() as reading:
        assert reading.newest_versions("acme") == {"shop": 1, "shop_west": 2}


def test_only_its_administrators_share_what_a_workspace_has(olga: Any, services: Services) -> None:
    page = olga.get("/blueprints/shop/clone").text
    assert "Only administrators of their workspace can share them." in page
    assert re.findall(r'name="form\.customer" value="(\w+)"[^>]* checked', page) == ["copy"]
    typed = {"title": "Shop West", "key": "shop_west", "workspace": "west"}
    answer = olga.post("/blueprints/shop/clone", {**typed, "form.customer": "share"})
    assert (answer.status_code, stored(services, "shop_west")) == (403, None)
    assert "Copy it instead." in answer.text
    assert olga.post("/blueprints/shop/clone", {**typed, "form.customer": "copy"}).status_code == 303


def test_the_same_key_cannot_be_taken_twice(admin: Any) -> None:
    typed = {"title": "Shop West", "key": "shop_west", "workspace": "west", "form.customer": "copy"}
    assert admin.post("/blueprints/shop/clone", typed).status_code == 303
    answer = admin.post("/blueprints/shop/clone", typed)
    said = ["There is a blueprint “shop_west” already. Choose another key."]
    assert (answer.status_code, mistakes(answer.text)) == (422, said)


# From nothing ----------------------------------------------------------------------------------------------------


def starter(page: str) -> str:
    found = re.search(r'<textarea[^>]*name="source"[^>]*>\n(.*?)</textarea>', page, re.S)
    assert found is not None
    return html.unescape(found[1])


def test_a_blueprint_from_nothing_begins_as_a_draft_and_is_published(admin: Any, services: Services) -> None:
    source = starter(admin.get("/new-blueprint").text).replace("my_blueprint", "fair")
    answer = admin.post("/new-blueprint", {"workspace": "west", "source": source.replace("\n", "\r\n")})
    assert answer.headers["Location"] == "/blueprints/fair"
    page = admin.get("/blueprints/fair").text
    assert starter(page) == source
    assert "Not published yet" in page
    assert "never published" in admin.get("/blueprints").text
    page = admin.get("/blueprints/fair/publish").text
    assert "No errors" in page
    values = {key: re.search(rf'name="{key}" value="([^"]*)"', page)[1] for key in ("base", "digest")}  # type: ignore[index]
    answer = admin.post("/blueprints/fair/publish", {**values, "move": "stay", "note": "First"})
    assert answer.headers["Location"] == "/blueprints/fair/versions"
    with services.store.reading() as reading:
        assert reading.newest_versions("acme")["fair"] == 1
        assert reading.draft("acme", "fair") is None


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("title: Nothing\n", "The text gives the blueprint no key."),
        ("", "The text gives the blueprint no key."),
        ("blueprint: shop\n", "There is a blueprint “shop” already. Choose another key."),
        ("blueprint: Shop\n", "“Shop” cannot be a key: use small letters, digits and _, beginning with a letter."),
    ],
    ids=["no key", "empty", "key taken", "bad key"],
)
def test_a_text_without_a_free_key_is_refused_and_kept(admin: Any, source: str, said: str) -> None:
    answer = admin.post("/new-blueprint", {"workspace": "west", "source": source})
    assert answer.status_code == 422
    assert mistakes(answer.text)[0].startswith(said)
    assert starter(answer.text) == source
