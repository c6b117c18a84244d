"""What a page with a dead session sends leads to signing in and back, with everything typed, for that person alone."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from blankett.web.account.passwords import hash_password
from blankett.web.services import Services
from blankett.web.settings import Settings

from .conftest import HX, ORGANISATION, PASSWORD, Clock, Visitor, make_app, publish
from .pages import Pair, form_pairs, with_values, words
from .test_entry import customer, draft
from .test_records import sent

__all__ = ["customer", "draft", "sent"]

NEW = "/forms/shop/order/new"
TABLE = "/blueprints/matrix/tables/approvers"
BACK = "You were signed out in between."


class World:
    """An application, its clock and its people's browsers, in which sessions end."""

    def __init__(self, app: Flask, settings: Settings, services: Services, clock: Clock) -> None:
        self.app, self.settings, self.services, self.clock = app, settings, services, clock

    def time_passes(self, visitor: Visitor, who: str) -> Visitor:
        self.clock.pass_by(hours=9)
        return visitor

    def cookie_is_lost(self, visitor: Visitor, who: str) -> Visitor:
        return Visitor(self.app.test_client())

    def signs_out_elsewhere(self, visitor: Visitor, who: str) -> Visitor:
        visitor.post("/sign-out")
        return visitor

    def signs_in_again_elsewhere(self, visitor: Visitor, who: str) -> Visitor:
        visitor.post("/sign-out")
        visitor.sign_in(who)
        return visitor

    def password_changes(self, visitor: Visitor, who: str) -> Visitor:
        with self.services.store.writing() as writing:
            user = writing.user(ORGANISATION, who)
            assert user is not None
            writing.update_user(replace(user, password=hash_password(PASSWORD), stamp="another"))
            writing.end_sessions_of(ORGANISATION, who)
        return visitor

    def server_starts_with_a_new_secret(self, visitor: Visitor, who: str) -> Visitor:
        fresh = make_app(replace(self.settings, secret_key="n" * 40), self.services)
        browser = fresh.test_client()
        cookie = visitor.client.get_cookie("blankett")
        assert cookie is not None
        browser.set_cookie("blankett", cookie.value)
        return Visitor(browser)


ENDS = (
    World.time_passes,
    World.cookie_is_lost,
    World.signs_out_elsewhere,
    World.signs_in_again_elsewhere,
    World.password_changes,
    World.server_starts_with_a_new_secret,
)
End = Callable[[World, Visitor, str], Visitor]


@pytest.fixture
def world(app: Flask, settings: Settings, services: Services, clock: Clock) -> World:
    return World(app, settings, services, clock)


@pytest.fixture(params=ENDS, ids=[end.__name__ for end in ENDS])
def end(request: pytest.FixtureRequest) -> End:
    found: End = request.param
    return found


def come_back(visitor: Visitor, address: str, pairs: list[Pair], who: str) -> str:
    """Send *pairs* from a dead session, sign in as *who*, and return the page that follows."""
    answer = visitor.post(address, pairs, csrf=False)
    assert answer.status_code == 401
    if 'action="/sign-in"' in answer.text:
        asked = [pair for pair in form_pairs(answer.text, "/sign-in") if pair[0] not in ("email", "password")]
        token = re.search(r'name="csrf_token" value="([^"]+)"', answer.text)
        assert token is not None
        given = [*asked, ("csrf_token", token[1]), ("email", f"{who}@acme.example"), ("password", PASSWORD)]
        answer = visitor.post("/sign-in", given, csrf=False)
    assert "Welcome back" in words(answer.text)
    return visitor.post(address, [*form_pairs(answer.text, address), ("_again", "1")]).text


def sent_by(page: str, form: str, **changes: str) -> list[Pair]:
    """Return what the form would post, its own token included."""
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token is not None
    return [*with_values(form_pairs(page, form), **changes), ("csrf_token", token[1])]


def test_a_new_record_comes_back(world: World, end: End, anna: Visitor) -> None:
    pairs = sent_by(anna.get(NEW).text, "entry", their_number="K-1 <b>", _do="save")
    page = come_back(end(world, anna, "anna"), NEW, pairs, "anna")
    assert BACK in words(page)
    assert dict(form_pairs(page))["their_number"] == "K-1 <b>"


def test_an_edited_record_comes_back(world: World, end: End, anna: Visitor, draft: str) -> None:
    address = f"/records/{draft}/edit"
    pairs = sent_by(anna.get(address).text, "entry", their_number="K-2")
    page = come_back(end(world, anna, "anna"), address, pairs, "anna")
    assert dict(form_pairs(page))["their_number"] == "K-2"


def test_the_answers_to_an_action_come_back(world: World, end: End, mette: Visitor, sent: str) -> None:
    address = f"/records/{sent}/actions/send_back"
    pairs = sent_by(mette.get(address).text, address, why="Which colour? And when?")
    page = come_back(end(world, mette, "mette"), address, pairs, "mette")
    assert BACK in words(page)
    assert "Which colour?" in page
    assert "In review" in mette_page(world, sent)


def mette_page(world: World, record: str) -> str:
    """Return the record's page as somebody else sees it."""
    other = Visitor(world.app.test_client())
    other.sign_in("mette")
    return words(other.get(f"/records/{record}").text)


def test_a_comment_comes_back(world: World, end: End, anna: Visitor, sent: str) -> None:
    address = f"/records/{sent}/comments"
    pairs = sent_by(anna.get(f"/records/{sent}").text, address, comment="Mind the <gate>")
    page = come_back(end(world, anna, "anna"), address, pairs, "anna")
    assert dict(form_pairs(page, address))["comment"] == "Mind the <gate>"


def test_the_text_of_a_blueprint_comes_back(world: World, end: End, signed_in: Callable[[str], Visitor]) -> None:
    admin = signed_in("admin")
    pairs = sent_by(admin.get("/blueprints/shop").text, "studio", source="blueprint: shop\n# 草稿 <b>\n", _do="save")
    page = come_back(end(world, admin, "admin"), "/blueprints/shop", pairs, "admin")
    assert BACK in words(page)
    assert html.unescape(dict(form_pairs(page, "studio"))["source"]) == "blueprint: shop\n# 草稿 <b>\n"


def test_the_grid_of_a_table_comes_back(
    world: World, end: End, signed_in: Callable[[str], Visitor], services: Services, clock: Any
) -> None:
    publish(services.store, Path(__file__).with_name("matrix.yaml").read_text(encoding="utf-8"), clock())
    admin = signed_in("admin")
    found = sent_by(admin.get(TABLE).text, "table")
    pairs = [("c0", ">= 222222") if pair == ("c0", ">= 100000") else pair for pair in found]
    page = come_back(end(world, admin, "admin"), TABLE, [*pairs, ("_do", "save")], "admin")
    assert ("c0", ">= 222222") in form_pairs(page, "table")


@pytest.mark.parametrize("path", ["recalculate", "pick"])
def test_what_asks_by_itself_is_told_in_place(world: World, end: End, anna: Visitor, path: str) -> None:
    pairs = sent_by(anna.get(NEW).text, "entry", _name="customer", _words="x")
    answer = end(world, anna, "anna").post(f"{NEW}/{path}", pairs, csrf=False, **HX)
    assert answer.status_code == 401
    assert "You were signed out. What you typed stays on this page. Sign in and come back" in words(answer.text)


#: Forms of administrators and of one's settings: page → the form's address or id, and what is typed there.
FORMS_BESIDE = {
    "/rates": ("/rates", {"source": "EUR", "target": "NOK", "value": "11.6x"}),
    "/new-calendar": ("/new-calendar", {"title": "Office <b>", "key": "office 1", "zone": "Asia/Shanghai"}),
    "/workspaces": ("/workspaces", {"title": "Sales <South>", "zone": "Europe/Oslo"}),
    "/workspaces/sales": ("/workspaces/sales", {"title": "Sales <South>", "zone": "Europe/Oslo"}),
    "/workspaces/sales#add": ("/workspaces/sales/members", {"name": "Åse <b>", "email": "ase@acme.example"}),
    "/workspaces/sales/members/wu": ("/workspaces/sales/members/wu", {"roles": "manager"}),
    "/people/wu": ("/people/wu", {"name": "Wu <b>", "email": "wu2@acme.example"}),
    "/templates/leave_request": ("/templates/leave_request", {"title": "Leave <b>", "key": "leave_2"}),
    "/blueprints/shop/clone": (
        "/blueprints/shop/clone",
        {"title": "Shop <b>", "key": "shop_2", "form.customer": "copy"},
    ),
    "/new-blueprint": ("studio", {"source": "blueprint: another\n# 草稿 <b>\n"}),
    "/settings": ("/settings", {"language": "zh", "density": "roomy", "zone": "Asia/Shanghai", "keys": "off"}),
    "/blueprints/shop/publish": ("/blueprints/shop/publish", {"note": "Said\ntwice <b>"}),
}


@pytest.mark.parametrize("page", FORMS_BESIDE)
def test_what_an_administrator_types_comes_back(world: World, signed_in: Callable[[str], Visitor], page: str) -> None:
    form, typed = FORMS_BESIDE[page]
    admin = signed_in("admin")
    pairs = sent_by(admin.get(page.partition("#")[0]).text, form)
    changed = [(name, typed.get(name, text)) for name, text in pairs]
    changed += [(name, text) for name, text in typed.items() if name not in dict(pairs)]
    address = form if form.startswith("/") else page
    shown = come_back(world.cookie_is_lost(admin, "admin"), address, changed, "admin")
    assert BACK in words(shown)
    again = [(name, html.unescape(text)) for name, text in form_pairs(shown, form)]
    assert [(name, text) for name, text in typed.items() if (name, text) not in again] == []


def test_a_file_is_asked_for_again(world: World, signed_in: Callable[[str], Visitor]) -> None:
    admin = signed_in("admin")
    pairs = sent_by(admin.get("/blueprints/shop/bring-in").text, "bring-in")
    shown = come_back(world.cookie_is_lost(admin, "admin"), "/blueprints/shop/bring-in", pairs, "admin")
    assert "Choose the file again: a browser sends a file only once." in words(shown)


#: Posts with which nothing typed is sent but secrets, or that are sent by a page itself, which keeps what was typed.
NOTHING_TYPED = {
    "absences.end_absence",
    "absences.end_absence_of",
    "account.change_first_password",
    "account.change_password",
    "account.choose_setting",
    "account.end_sessions",
    "actions.pick_for_action",
    "blueprints.check_blueprint",
    "blueprints.discard_draft",
    "calendars.remove_day",
    "calendars.take_holidays",
    "departments.remove_department_member",
    "departments.remove_post",
    "departments.reopen_department",
    "entry.recalculate",
    "entry.recalculate_new",
    "inbox.decide_several",
    "inbox.mark_read",
    "jobs.retry",
    "jobs.retry_one_timer",
    "jobs.stop",
    "mailbox.send_letter_again",
    "people.give_new_password",
    "people.turn_switch",
    "picking.pick_filter",
    "picking.pick_for_edit",
    "picking.pick_for_new",
    "publishing.move_records",
    "publishing.say_what_becomes",
    "set_up.set_up",
    "sign_in.choose_language",
    "sign_in.sign_in",
    "sign_in.sign_out",
    "sign_in.step_in",
    "table_exchange.save_import",
    "table_tryout.try_typed",
    "tables.check_table",
    "tables.show_table_coverage",
    "tables.show_tables_covered",
    "what_if.pick_for_what_if",
    "workspaces.choose_list_order",
    "workspaces.remove_member",
}


def test_every_form_that_is_typed_into_can_be_shown_again(app: Flask) -> None:
    posts = {rule.endpoint for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ())}
    views = app.view_functions
    assert {name for name in posts if not getattr(views[name], "shows_again", False)} == NOTHING_TYPED


def test_a_password_that_must_be_changed_first_keeps_it_too(world: World, anna: Visitor) -> None:
    pairs = sent_by(anna.get(NEW).text, "entry", their_number="K-1")
    with world.services.store.writing() as writing:
        user = writing.user(ORGANISATION, "anna")
        assert user is not None
        writing.update_user(replace(user, stamp="another", first_password=True))
        writing.end_sessions_of(ORGANISATION, "anna")
    asked = form_pairs(anna.post(NEW, pairs, csrf=False).text, "/sign-in")
    given = {**dict(asked), "email": "anna@acme.example", "password": PASSWORD}
    page = anna.post("/sign-in", given).text
    assert "you go on with it once your password is changed" in words(page)
    fresh = "violet anchors in June"
    mistaken = anna.post("/first-password", sent_by(page, "/first-password", old="x", new=fresh), csrf=False)
    assert mistaken.status_code == 422
    pairs = sent_by(mistaken.text, "/first-password", old=PASSWORD, new=fresh)
    back = anna.post("/first-password", pairs, csrf=False).text
    assert ("their_number", "K-1") in form_pairs(back, NEW)


def test_what_is_posted_before_a_password_is_changed_waits_for_that(world: World, anna: Visitor) -> None:
    pairs = sent_by(anna.get(NEW).text, "entry", their_number="K-1")
    with world.services.store.writing() as writing:
        user = writing.user(ORGANISATION, "anna")
        assert user is not None
        writing.update_user(replace(user, first_password=True))
    asked = anna.post(NEW, pairs, csrf=False)
    assert asked.status_code == 401
    assert "K-1" in dict(form_pairs(asked.text, "/first-password"))["parked"]
    assert anna.get("/inbox").headers["Location"] == "/first-password"


def test_another_language_of_the_sign_in_page_loses_nothing(world: World, anna: Visitor) -> None:
    pairs = sent_by(anna.get(NEW).text, "entry", their_number="K-1")
    world.time_passes(anna, "anna")
    asked = form_pairs(anna.post(NEW, pairs, csrf=False).text, "/sign-in/language")
    page = anna.post("/sign-in/language", [*asked, ("language", "zh")])
    assert "登录" in page.text
    assert dict(form_pairs(page.text, "/sign-in"))["parked"] == dict(asked)["parked"]
    assert (
        'href="?language=zh&amp;next=/forms/shop/order%3Fq%3Da'
        in anna.get("/sign-in?next=/forms/shop/order?q=a%26b").text
    )


# Whose it is, and whence ----------------------------------------------------------------------------------------------


def test_what_was_typed_comes_to_light_for_its_person_only(world: World, anna: Visitor) -> None:
    pairs = sent_by(anna.get(NEW).text, "entry", their_number="K-1")
    world.time_passes(anna, "anna")
    asked = anna.post(NEW, pairs, csrf=False).text
    values = {**dict(form_pairs(asked, "/sign-in")), "email": "mette@acme.example", "password": PASSWORD}
    offered = anna.post("/sign-in", values).text
    assert "You are signed in as Mette Holm. What was typed here belongs to somebody else" in words(offered)
    assert 'name="their_number"' not in offered
    back = anna.post("/sign-in", {**values, "email": "anna@acme.example"}).text
    assert ("their_number", "K-1") in form_pairs(back, NEW)


def test_a_page_made_for_one_person_is_not_sent_by_another(anna: Visitor) -> None:
    pairs = sent_by(anna.get(NEW).text, "entry", their_number="K-1")
    anna.post("/sign-out")
    anna.sign_in("mette")
    answer = anna.post(NEW, pairs, csrf=False)
    assert answer.status_code == 401
    assert "belongs to somebody else" in words(answer.text)
    assert anna.get("/keys", **{**HX, "X-Blankett-Person": "anna"}).status_code == 401


@pytest.mark.parametrize("header", [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}], ids=str)
def test_what_another_site_sends_is_not_kept(visitor: Visitor, header: dict[str, str]) -> None:
    answer = visitor.post(NEW, {"their_number": "K-666", "_person": "anna"}, csrf=False, **header)
    assert answer.status_code == 403
    assert "K-666" not in answer.text


def test_passwords_are_never_kept(anna: Visitor, world: World) -> None:
    page = anna.get("/settings").text
    world.time_passes(anna, "anna")
    pairs = sent_by(page, "/settings/password", old=PASSWORD, new="a secret that is new")
    for address in ("/settings/password", "/first-password"):
        asked = anna.post(address, pairs, csrf=False)
        assert asked.status_code == 401
        assert "a secret that is new" not in asked.text
        assert PASSWORD not in asked.text


def test_signing_in_on_a_page_that_grew_old_keeps_what_it_carries(world: World, anna: Visitor) -> None:
    pairs = sent_by(anna.get(NEW).text, "entry", their_number="K-1")
    world.time_passes(anna, "anna")
    asked = form_pairs(anna.post(NEW, pairs, csrf=False).text, "/sign-in")
    given = {**dict(asked), "csrf_token": "of another time", "email": "anna@acme.example", "password": PASSWORD}
    again = anna.post("/sign-in", given, csrf=False)
    assert again.status_code == 400
    assert "Sign in once more" in words(again.text)
    assert dict(form_pairs(again.text, "/sign-in"))["parked"] == dict(asked)["parked"]


def test_a_large_form_comes_back_whole(world: World, anna: Visitor) -> None:
    pairs = sent_by(anna.get(NEW).text, "entry", their_number="语" * 300_000)
    page = come_back(world.time_passes(anna, "anna"), NEW, pairs, "anna")
    assert len(dict(form_pairs(page))["their_number"]) == 300_000


def test_signing_out_twice_asks_nothing(anna: Visitor, world: World) -> None:
    world.time_passes(anna, "anna")
    assert anna.post("/sign-out").headers["Location"] == "/sign-in"
