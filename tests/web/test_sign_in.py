"""Signing in and out, sessions that end, the first set-up, one's own settings."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from blankett.web.account.accounts import hashed
from blankett.web.replay_post import safe_path
from blankett.web.services import Services
from blankett.web.settings import Settings

from .conftest import ORGANISATION, PASSWORD, Clock, Visitor, make_app
from .pages import form_pairs, words


def token_of(visitor: Visitor) -> str:
    with visitor.client.session_transaction() as session:
        return str(session.get("token"))


def test_the_right_password_opens_the_inbox(visitor: Visitor) -> None:
    answer = visitor.sign_in("anna")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/inbox")
    assert "Anna Lindqvist" in visitor.get("/inbox").text


@pytest.mark.parametrize(
    ("email", "password", "said"),
    [
        ("anna@acme.example", "wrong password", "do not belong together"),
        ("nobody@acme.example", PASSWORD, "do not belong together"),
        ("anna@acme.example", "", "Enter your e-mail address and your password."),
        ("", PASSWORD, "Enter your e-mail address and your password."),
        ("a" * 300, PASSWORD, "Enter your e-mail address and your password."),
        ("anna@acme.example\x00", PASSWORD, "do not belong together"),
    ],
    ids=["password", "address", "no password", "no address", "long address", "nul"],
)
def test_anything_else_is_refused(visitor: Visitor, email: str, password: str, said: str) -> None:
    answer = visitor.post("/sign-in", {"email": email, "password": password})
    assert answer.status_code == 422
    assert said in words(answer.text)
    assert "<title>Error: " in answer.text
    assert dict(form_pairs(answer.text, "/sign-in"))["password"] == ""


def test_an_address_may_be_written_in_any_case(visitor: Visitor) -> None:
    assert visitor.post("/sign-in", {"email": " ANNA@acme.Example ", "password": PASSWORD}).status_code == 303


def test_somebody_switched_off_cannot_sign_in_and_is_out_at_once(services: Services, anna: Visitor) -> None:

    with services.store.writing() as writing:
        user = writing.user(ORGANISATION, "anna")
        assert user is not None
        writing.update_user(replace(user, active=False))
    assert anna.get("/inbox").status_code == 303
    assert anna.sign_in("anna").status_code == 422


def test_every_sign_in_has_a_token_of_its_own(visitor: Visitor) -> None:
    visitor.sign_in("anna")
    first = token_of(visitor)
    visitor.post("/sign-out")
    visitor.sign_in("anna")
    assert len(first) > 40
    assert token_of(visitor) != first


def test_signing_in_drops_what_the_cookie_held_before(visitor: Visitor) -> None:
    with visitor.client.session_transaction() as session:
        session["planted"] = "x"
    visitor.sign_in("anna")
    with visitor.client.session_transaction() as session:
        assert "planted" not in session


def test_the_store_holds_a_hash_and_no_token(services: Services, anna: Visitor) -> None:
    with services.store.reading() as reading:
        sessions = reading.sessions_of(ORGANISATION, "anna", services.clock())
    assert [session.id for session in sessions] == [hashed(token_of(anna))]
    assert token_of(anna) not in json.dumps([session.__dict__ for session in sessions], default=str)


def test_signing_out_ends_the_session_on_the_server(app: Flask, anna: Visitor) -> None:
    stolen = app.test_client()
    with anna.client.session_transaction() as session:
        kept = dict(session)
    left = anna.post("/sign-out").headers
    assert (left["Location"], left["Clear-Site-Data"]) == ("/sign-in", '"cache"')
    with stolen.session_transaction() as session:
        session.update(kept)
    assert stolen.get("/inbox").status_code == 303


def test_a_session_ends_after_eight_idle_hours(anna: Visitor, clock: Clock) -> None:
    clock.pass_by(hours=7.9)
    assert anna.get("/inbox").status_code == 200
    clock.pass_by(hours=7.9)
    assert anna.get("/inbox").status_code == 200
    clock.pass_by(hours=8.1)
    assert anna.get("/inbox").status_code == 303


def test_a_session_ends_after_a_week_however_busy(anna: Visitor, clock: Clock) -> None:
    for _ in range(23):
        clock.pass_by(hours=7)
        assert anna.get("/inbox").status_code == 200
    clock.pass_by(hours=7.5)
    assert anna.get("/inbox").status_code == 303


def test_last_seen_is_written_at_most_once_a_minute(services: Services, anna: Visitor, clock: Clock) -> None:
    def seen() -> object:
        with services.store.reading() as reading:
            return reading.sessions_of(ORGANISATION, "anna", clock())[0].seen_at

    begun = seen()
    clock.pass_by(seconds=50)
    anna.get("/inbox")
    assert seen() == begun
    clock.pass_by(seconds=20)
    anna.get("/inbox")
    assert seen() == clock()


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(visitor: Visitor) -> None:
    cookie = visitor.sign_in("anna").headers["Set-Cookie"]
    assert re.search(r"^blankett=.*HttpOnly.*SameSite=Lax", cookie)


def test_over_https_the_cookie_is_secure(settings: Settings, services: Services) -> None:
    secure = Settings(**{**settings.__dict__, "secure_cookie": True})
    client = make_app(secure, services).test_client()
    answer = client.get("/sign-in", base_url="https://localhost")
    assert re.search(r"^__Host-blankett=.*Secure", answer.headers["Set-Cookie"])
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"


def test_guessing_is_slowed_down(visitor: Visitor) -> None:
    statuses = [visitor.sign_in("anna", "guess").status_code for _ in range(9)]
    assert statuses == [422] * 8 + [429]
    assert visitor.sign_in("mette").status_code == 303


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("/forms/shop/order?q=x", "/forms/shop/order?q=x"),
        ("https://evil.example/", "/"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("/a\nb", "/"),
        ("", "/"),
    ],
    ids=["ours", "other site", "no scheme", "backslash", "line break", "nothing"],
)
def test_signing_in_leads_back_to_pages_of_this_site_only(wanted: str, found: str) -> None:
    assert safe_path(wanted) == found


def test_signing_in_leads_back_to_where_one_wanted_to_go(visitor: Visitor) -> None:
    asked = visitor.get("/forms/shop/order?q=bolt")
    assert asked.headers["Location"] == "/sign-in?next=%2Fforms%2Fshop%2Forder%3Fq%3Dbolt"
    page = visitor.get(asked.headers["Location"]).text
    values = {**dict(form_pairs(page, "/sign-in")), "email": "anna@acme.example", "password": PASSWORD}
    assert visitor.post("/sign-in", values).headers["Location"] == "/forms/shop/order?q=bolt"


def test_a_form_sent_after_the_session_ended_is_kept_and_sent_on(anna: Visitor, clock: Clock) -> None:
    pairs = [pair for pair in form_pairs(anna.get("/forms/shop/order/new").text) if pair[0] != "their_number"]
    clock.pass_by(hours=9)
    refused = anna.post("/forms/shop/order/new", [*pairs, ("their_number", "K-1 <b>"), ("_do", "save")])
    assert refused.status_code == 401
    assert "What you sent is kept on this page" in words(refused.text)
    values = {**dict(form_pairs(refused.text, "/sign-in")), "email": "anna@acme.example", "password": PASSWORD}
    offered = anna.post("/sign-in", values)
    assert "Welcome back" in words(offered.text)
    kept = form_pairs(offered.text, "/forms/shop/order/new")
    assert ("their_number", "K-1 <b>") in kept
    saved = anna.post("/forms/shop/order/new", kept)
    assert "K-1 &lt;b&gt;" in anna.get(saved.headers["Location"]).text


@pytest.mark.parametrize("parked", ["{", "[1]", '{"a": 1}', '[["a"]]', "null"])
def test_what_was_tampered_with_is_not_kept(visitor: Visitor, parked: str) -> None:
    values = {"email": "anna@acme.example", "password": PASSWORD, "parked": parked, "next": "/inbox"}
    assert visitor.post("/sign-in", values).headers["Location"] == "/inbox"


# The demo ------------------------------------------------------------------------------------------------------------


def test_in_the_demo_one_steps_in_as_somebody(settings: Settings, services: Services) -> None:
    services.settings = Settings(**{**settings.__dict__, "mode": "demo"})
    made = Visitor(make_app(services.settings, services).test_client())
    assert "Anna Lindqvist Sales" in words(made.get("/sign-in").text)
    assert made.post("/sign-in/demo", {"user": "anna"}).headers["Location"] == "/inbox"
    assert "Anna Lindqvist" in made.get("/inbox").text


def test_elsewhere_nobody_steps_in(visitor: Visitor) -> None:
    assert visitor.post("/sign-in/demo", {"user": "anna"}).status_code == 404
    assert "Anna Lindqvist" not in visitor.get("/sign-in").text


# The first set-up ----------------------------------------------------------------------------------------------------

FIRST = {
    "organisation": "Acme",
    "zone": "Europe/Oslo",
    "name": "Ada",
    "email": "ada@acme.example",
    "password": PASSWORD,
}


def set_up(visitor: Visitor, typed: dict[str, str]) -> TestResponse:
    """Post the set-up with the token of its own page: there is no other page yet."""
    token = re.search(r'name="csrf_token" value="([^"]+)"', visitor.get("/set-up").text)
    assert token is not None
    return visitor.post("/set-up", {**typed, "csrf_token": token[1]}, csrf=False)


def test_the_first_visitor_sets_the_installation_up_once(settings: Settings, empty_services: Services) -> None:
    made = Visitor(make_app(settings, empty_services).test_client())
    assert made.get("/").headers["Location"] == "/set-up"
    assert made.get("/sign-in").headers["Location"] == "/set-up"
    answer = set_up(made, FIRST)
    assert answer.headers["Location"] == "/inbox"
    assert "Ada" in made.get("/inbox").text
    assert made.get("/set-up").headers["Location"] == "/sign-in"
    assert made.post("/set-up", {**FIRST, "email": "eve@acme.example"}).headers["Location"] == "/sign-in"
    organisation = empty_services.organisation()
    assert organisation is not None
    with empty_services.store.reading() as reading:
        users = reading.all_users(organisation.id)
    assert [(user.name, user.is_admin, organisation.zone) for user in users] == [("Ada", True, "Europe/Oslo")]


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("organisation", "", "Enter the name of the organisation"),
        ("name", "x" * 201, "Enter your name"),
        ("email", "ada", "Enter an e-mail address"),
        ("zone", "Mars/Base", "Choose a time zone from the list."),
        ("password", "short", "The password needs at least 10 characters."),
    ],
)
def test_the_set_up_says_what_is_wrong_and_keeps_the_rest(
    settings: Settings, empty_services: Services, field: str, value: str, said: str
) -> None:
    made = Visitor(make_app(settings, empty_services).test_client())
    answer = set_up(made, {**FIRST, field: value})
    assert answer.status_code == 422
    assert said in words(answer.text)
    kept = dict(form_pairs(answer.text, "/set-up"))
    assert (kept["password"], kept["organisation"]) == ("", "" if field == "organisation" else "Acme")
    assert empty_services.organisation() is None


@pytest.mark.parametrize("code", ["", "wrong", "printed-at-the-start "])
def test_without_the_code_of_the_start_nobody_becomes_administrator(
    settings: Settings, empty_services: Services, code: str
) -> None:
    asking = replace(settings, set_up_code="printed-at-the-start-é")
    made = Visitor(make_app(asking, replace(empty_services, settings=asking)).test_client())
    answer = set_up(made, {**FIRST, "code": code})
    assert answer.status_code == 422
    assert "Enter the code that was printed when the server was started." in words(answer.text)
    assert empty_services.organisation() is None


def test_the_address_printed_at_the_start_carries_the_code(settings: Settings, empty_services: Services) -> None:
    asking = replace(settings, set_up_code="printed-at-the-start")
    made = Visitor(make_app(asking, replace(empty_services, settings=asking)).test_client())
    page = made.get("/set-up?code=printed-at-the-start")
    typed = {**dict(form_pairs(page.text, "/set-up")), **FIRST}
    assert set_up(made, typed).headers["Location"] == "/inbox"


# One's own settings --------------------------------------------------------------------------------------------------


def test_settings_are_kept_with_the_person(signed_in: Callable[[str], Visitor]) -> None:
    anna = signed_in("anna")
    chosen = {"language": "zh", "theme": "dark", "density": "compact", "zone": "Asia/Shanghai", "keys": "off"}
    assert anna.post("/settings", chosen).status_code == 303
    page = signed_in("anna").get("/settings").text
    assert '<html lang="zh-Hans" data-bs-theme="dark" data-density="compact"' in page
    assert 'data-keys="off"' in anna.get("/settings").text


def test_the_menu_changes_one_thing_and_stays(anna: Visitor) -> None:
    answer = anna.post("/settings/theme", {"theme": "dark"}, Referer="http://localhost/forms/shop/order?q=x")
    assert answer.headers["Location"] == "/forms/shop/order?q=x"
    assert 'data-bs-theme="dark"' in anna.get("/inbox").text
    away = anna.post("/settings/language", {"language": "zh"}, Referer="http://evil.example/")
    assert away.headers["Location"] == "/inbox"


@pytest.mark.parametrize(
    ("address", "values", "status"),
    [
        ("/settings", {"zone": "Mars/Base"}, 422),
        ("/settings/theme", {"theme": "pink"}, 400),
        ("/settings/colour", {"colour": "pink"}, 404),
        ("/settings/password", {"old": "wrong", "new": PASSWORD}, 422),
        ("/settings/password", {"old": PASSWORD, "new": "short"}, 422),
    ],
)
def test_wrong_settings_are_refused(anna: Visitor, address: str, values: dict[str, str], status: int) -> None:
    assert anna.post(address, values).status_code == status


def test_a_new_password_ends_every_other_session(signed_in: Callable[[str], Visitor]) -> None:
    here, there = signed_in("anna"), signed_in("anna")
    new = "another long password"
    assert here.post("/settings/password", {"old": PASSWORD, "new": new}).status_code == 303
    assert (here.get("/inbox").status_code, there.get("/inbox").status_code) == (200, 303)
    assert there.sign_in("anna").status_code == 422
    assert there.sign_in("anna", new).status_code == 303


def test_the_keyboard_map_is_a_page_and_a_dialog(anna: Visitor) -> None:
    assert "<html" in anna.get("/keys").text
    fragment = anna.get("/keys", **{"HX-Request": "true", "HX-Target": "dialog#dialog"}).text
    assert ("<html" in fragment, "Keyboard shortcuts" in fragment) == (False, True)


def test_the_keys_of_blueprints_are_shown_to_those_who_edit_them(signed_in: Callable[[str], Visitor]) -> None:
    maps = {one: signed_in(one).get("/keys").text for one in ("admin", "anna")}
    assert {one: "In decision tables" in page for one, page in maps.items()} == {"admin": True, "anna": False}


def test_a_stranger_chooses_the_language_of_the_sign_in_page(visitor: Visitor) -> None:
    assert "登录" in visitor.get("/sign-in?language=zh").text
    assert "登录" in visitor.get("/sign-in").text
    other = Visitor(visitor.client.application.test_client())
    assert "登录" in other.get("/sign-in", **{"Accept-Language": "zh-CN"}).text


def test_what_another_process_changes_of_the_organisation_is_seen_at_once(
    services: Services, visitor: Visitor, anna: Visitor
) -> None:
    assert "Acme" in words(visitor.get("/sign-in").text)
    with services.store.writing() as writing:
        found = writing.organisation(ORGANISATION)
        assert found is not None
        writing.put_organisation(replace(found, title="Acme Nord", zone="Asia/Shanghai"))
    assert "Acme Nord" in words(visitor.get("/sign-in").text)
    shown = re.search(r'data-today="([^"]+)"', anna.get("/keys").text)
    assert shown is not None
    assert services.clock().astimezone(ZoneInfo("Asia/Shanghai")).date().isoformat() == shown[1]
