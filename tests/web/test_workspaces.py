"""Workspaces, their members, and everybody's accounts."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from blankett.engine.store import Member, Workspace
from blankett.web.admin import workspaces
from blankett.web.services import Services

from .pages import words

SignedIn = Callable[[str], Any]
ORGANISATION, ROOM = "acme", "sales"


@pytest.fixture
def admin(signed_in: SignedIn) -> Any:
    return signed_in("admin")


@pytest.fixture
def olga(services: Services, signed_in: SignedIn) -> Any:
    """Somebody who administers the workspace and nothing else."""
    with services.store.writing() as writing:
        writing.put_member(Member(organisation=ORGANISATION, workspace=ROOM, user="olga", administers=True))
    return signed_in("olga")


def member(services: Services, user: str, workspace: str = ROOM) -> Member | None:
    with services.store.reading() as reading:
        return next((found for found in reading.members(ORGANISATION, workspace) if found.user == user), None)


def user_with(services: Services, email: str) -> Any:
    with services.store.reading() as reading:
        return reading.user_by_email(ORGANISATION, email)


def mistakes(page: str) -> list[str]:
    """Return what the summary of mistakes says."""
    found = re.search(r'class="b-errors".*?<ul>(.*?)</ul>', page, re.S)
    return re.findall(r">([^<>]+)</(?:a|span)>", found[1]) if found else []


# Workspaces ------------------------------------------------------------------------------------------------------


def test_administrator_makes_a_workspace_inside_another(admin: Any, services: Services) -> None:
    answer = admin.post("/workspaces", {"title": "Sales West", "parent": ROOM, "zone": "Europe/Oslo"})
    assert answer.status_code == 303
    with services.store.reading() as reading:
        made = next(room for room in reading.workspaces(ORGANISATION) if room.title == "Sales West")
    assert made == Workspace(organisation=ORGANISATION, id=made.id, title="Sales West", parent=ROOM, zone="Europe/Oslo")
    assert answer.headers["Location"] == f"/workspaces/{made.id}"
    assert "Sales West is there. Add its people now." in admin.get(f"/workspaces/{made.id}").text


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"title": "", "parent": ""}, ["Enter a name, in at most 200 characters."]),
        ({"title": "x" * 201, "parent": ""}, ["Enter a name, in at most 200 characters."]),
        ({"title": "a\0b", "parent": ""}, ["Enter a name, in at most 200 characters."]),
        (
            {"title": "Sales North", "parent": ""},
            ["There is a workspace Sales North in this place already. Choose another name."],
        ),
        ({"title": "West", "parent": "nowhere"}, ["Choose a workspace from the list."]),
        ({"title": "West", "parent": "", "zone": "Mars/Base"}, ["Choose a time zone from the list."]),
    ],
    ids=["no name", "long name", "bad character", "name taken", "no such parent", "no such zone"],
)
def test_a_bad_workspace_is_refused_with_what_was_typed(admin: Any, typed: dict[str, str], said: list[str]) -> None:
    answer = admin.post("/workspaces", typed)
    assert (answer.status_code, mistakes(answer.text)) == (422, said)
    assert "<title>Error:" in answer.text
    if "\0" not in typed["title"]:
        assert f'value="{typed["title"]}"' in answer.text


def test_workspace_administrator_makes_rooms_only_inside_their_own(olga: Any, services: Services) -> None:
    assert olga.post("/workspaces", {"title": "Inside", "parent": ROOM}).status_code == 303
    assert olga.post("/workspaces", {"title": "On top", "parent": ""}).status_code == 403
    with services.store.writing() as writing:
        writing.put_workspace(Workspace(organisation=ORGANISATION, id="other", title="Other"))
    assert olga.get("/workspaces/other").status_code == 403
    assert ">Other<" not in olga.get("/workspaces").text


def test_renaming_tells_of_a_name_given_meanwhile(admin: Any, services: Services) -> None:
    assert admin.post(f"/workspaces/{ROOM}", {"title": "North", "zone": "", "was": "Sales North"}).status_code == 303
    answer = admin.post(f"/workspaces/{ROOM}", {"title": "Nordic", "zone": "", "was": "Sales North"})
    assert answer.status_code == 422
    assert mistakes(answer.text) == ["Somebody else named it North meanwhile. Save again to use your name."]
    assert 'value="Nordic"' in answer.text


@pytest.mark.parametrize("address", ["/workspaces", f"/workspaces/{ROOM}", "/people", "/people/anna", "/rates"])
def test_staff_are_refused(anna: Any, address: str) -> None:
    assert anna.get(address).status_code == 403


def test_an_unknown_workspace_is_not_found(admin: Any) -> None:
    assert admin.get("/workspaces/nowhere").status_code == 404


# Members ---------------------------------------------------------------------------------------------------------


def test_a_new_person_gets_a_password_that_is_shown_once(admin: Any, services: Services, visitor: Any) -> None:
    typed = {"name": "Nils Holm", "email": "Nils@Acme.example", "roles": "clerk"}
    answer = admin.post(f"/workspaces/{ROOM}/members", typed)
    made = user_with(services, "nils@acme.example")
    assert (answer.status_code, made.name) == (200, "Nils Holm")
    found = re.search(r"<output[^>]*>([a-z2-9-]{14})</output>", answer.text)
    assert found is not None
    assert member(services, made.id) == Member(
        organisation=ORGANISATION, workspace=ROOM, user=made.id, roles=frozenset({"clerk"})
    )
    assert found[1] not in admin.get(f"/workspaces/{ROOM}").text
    assert visitor.post("/sign-in", {"email": "nils@acme.example", "password": found[1]}).status_code == 303


def test_the_password_may_be_set(admin: Any, visitor: Any) -> None:
    typed = {"name": "Nils Holm", "email": "nils@acme.example", "password": "seven green bottles", "administers": "yes"}
    answer = admin.post(f"/workspaces/{ROOM}/members", typed)
    assert answer.status_code == 303
    assert "seven green bottles" not in admin.get(answer.headers["Location"]).text
    answer = visitor.post("/sign-in", {"email": "nils@acme.example", "password": "seven green bottles"})
    assert answer.status_code == 303
    assert visitor.get(f"/workspaces/{ROOM}").headers["Location"] == "/first-password"


def test_somebody_with_an_account_becomes_a_member_and_keeps_name_and_password(admin: Any, services: Services) -> None:
    before = user_with(services, "olga@acme.example")
    typed = {"name": "", "email": "olga@acme.example", "password": "short", "roles": "manager"}
    answer = admin.post(f"/workspaces/{ROOM}/members", typed)
    assert answer.status_code == 303
    assert user_with(services, "olga@acme.example") == before
    assert member(services, "olga").roles == {"manager"}
    assert "Olga Strand had an account and is a member now" in admin.get(answer.headers["Location"]).text


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (
            {"name": "", "email": "no address"},
            ["Enter the name, in at most 200 characters.", "Enter an e-mail address, like name@example.com."],
        ),
        (
            {"name": "N", "email": "n@acme.example", "password": "short"},
            ["The password needs at least 10 characters. A sentence works well."],
        ),
        (
            {"name": "N", "email": "n@acme.example", "roles": "king"},
            ["One of these roles is not known here. Choose from the boxes."],
        ),
        (
            {"name": "N", "email": "anna@acme.example"},
            ["Anna Lindqvist is a member already. Change their roles in the list above."],
        ),
    ],
    ids=["nothing", "short password", "unknown role", "already a member"],
)
def test_a_bad_person_is_refused_with_what_was_typed(admin: Any, typed: dict[str, str], said: list[str]) -> None:
    answer = admin.post(f"/workspaces/{ROOM}/members", typed)
    assert (answer.status_code, mistakes(answer.text)) == (422, said)
    assert f'value="{typed["email"]}"' in answer.text
    assert 'value="short"' not in answer.text


def test_a_person_who_was_switched_off_is_not_added(admin: Any, services: Services) -> None:
    assert admin.post("/people/olga/off").status_code == 303
    answer = admin.post(f"/workspaces/{ROOM}/members", {"name": "", "email": "olga@acme.example"})
    said = "The account of Olga Strand is switched off. An administrator of the organisation can switch it on."
    assert (answer.status_code, mistakes(answer.text)) == (422, [said])


def test_roles_change_at_once(admin: Any, anna: Any, services: Services) -> None:
    answer = admin.post(f"/workspaces/{ROOM}/members/anna", {"was": "clerk", "roles": "manager", "administers": "yes"})
    assert answer.status_code == 303
    assert member(services, "anna").roles == {"manager"}
    assert anna.get(f"/workspaces/{ROOM}").status_code == 200


def test_roles_changed_by_two_people_at_once_are_not_overwritten_unseen(
    admin: Any, olga: Any, services: Services
) -> None:
    page = f"/workspaces/{ROOM}/members/anna"
    assert olga.post(page, {"was": "clerk", "roles": "manager"}).status_code == 303
    answer = admin.post(page, {"was": "clerk", "administers": "yes"})
    assert answer.status_code == 409
    assert "Somebody else changed these roles meanwhile" in answer.text
    assert 'name="administers" value="yes" checked' in answer.text
    assert 'name="was" value="manager"' in answer.text
    assert member(services, "anna").roles == {"manager"}


def test_a_member_is_taken_out_and_the_account_stays(admin: Any, anna: Any, services: Services) -> None:
    assert admin.post(f"/workspaces/{ROOM}/members/anna/remove").status_code == 303
    assert member(services, "anna") is None
    assert user_with(services, "anna@acme.example").active
    assert admin.get(f"/workspaces/{ROOM}/members/anna").status_code == 404
    assert admin.post(f"/workspaces/{ROOM}/members/anna/remove").status_code == 404
    assert anna.get("/forms/shop/order/new").status_code in (403, 404)


def test_an_administrator_who_steps_down_lands_where_they_may_be(olga: Any, services: Services) -> None:
    answer = olga.post(f"/workspaces/{ROOM}/members/olga", {"was": "+administers", "roles": "clerk"})
    assert answer.headers["Location"] == "/workspaces"
    assert olga.get("/workspaces").status_code == 403


def test_roles_of_the_blueprints_around_are_offered(admin: Any, services: Services) -> None:
    page = admin.get(f"/workspaces/{ROOM}").text
    assert re.findall(r'name="roles" value="(\w+)"', page) == ["clerk", "manager"]
    with services.store.writing() as writing:
        writing.put_workspace(Workspace(organisation=ORGANISATION, id="other", title="Other"))
        writing.put_workspace(Workspace(organisation=ORGANISATION, id="below", title="Below", parent=ROOM))
    assert "there are no roles to give" in admin.get("/workspaces/other").text
    assert re.findall(r'name="roles" value="(\w+)"', admin.get("/workspaces/below").text) == ["clerk", "manager"]


def test_a_role_that_no_blueprint_has_any_more_can_be_taken_away(admin: Any, services: Services) -> None:
    with services.store.writing() as writing:
        roles = frozenset({"clerk", "typist"})
        writing.put_member(Member(organisation=ORGANISATION, workspace=ROOM, user="anna", roles=roles))
    page = admin.get(f"/workspaces/{ROOM}/members/anna").text
    assert "in no blueprint any more" in page
    answer = admin.post(f"/workspaces/{ROOM}/members/anna", {"was": "clerk typist", "roles": "clerk"})
    assert (answer.status_code, member(services, "anna").roles) == (303, {"clerk"})


# Accounts --------------------------------------------------------------------------------------------------------


def test_everybody_is_listed_with_their_workspaces(admin: Any) -> None:
    page = admin.get("/people").text
    assert re.findall(r'href="/people/(\w+)"><span class="b-who">', page) == ["admin", "anna", "mette", "olga", "wu"]
    assert "Sales North</a>: Clerk" in page


def test_an_account_that_is_switched_off_is_signed_out_at_once(admin: Any, anna: Any) -> None:
    assert anna.get("/inbox").status_code == 200
    assert admin.post("/people/anna/off").status_code == 303
    assert anna.get("/inbox").status_code == 303
    assert admin.post("/people/anna/on").status_code == 303
    assert anna.sign_in("anna").status_code == 303


def test_a_new_password_signs_the_person_out_and_is_shown_once(admin: Any, anna: Any, visitor: Any) -> None:
    answer = admin.post("/people/anna/password")
    found = re.search(r"<output[^>]*>([a-z2-9-]{14})</output>", answer.text)
    assert found is not None
    assert anna.get("/inbox").status_code == 303
    assert anna.sign_in("anna").status_code == 422
    assert visitor.post("/sign-in", {"email": "anna@acme.example", "password": found[1]}).status_code == 303


def test_the_last_administrator_stays(admin: Any, services: Services) -> None:
    assert admin.post("/people/admin/no_admin").status_code == 422
    assert admin.post("/people/olga/admin").status_code == 303
    assert user_with(services, "olga@acme.example").is_admin
    assert admin.post("/people/olga/no_admin").status_code == 303
    assert not user_with(services, "olga@acme.example").is_admin


def test_nobody_switches_themselves_off(admin: Any) -> None:
    answer = admin.post("/people/admin/off")
    said = ["You cannot take this from yourself. Ask another administrator."]
    assert (answer.status_code, mistakes(answer.text)) == (422, said)


def test_an_address_belongs_to_one_person(admin: Any, services: Services) -> None:
    answer = admin.post("/people/anna", {"name": "Anna L", "email": "METTE@acme.example"})
    said = ["Mette Holm has this address. Two people cannot share one."]
    assert (answer.status_code, mistakes(answer.text)) == (422, said)
    assert 'value="Anna L"' in answer.text
    assert admin.post("/people/anna", {"name": "Anna L", "email": "anna.l@acme.example"}).status_code == 303
    assert user_with(services, "anna.l@acme.example").name == "Anna L"


def test_people_are_for_administrators_of_the_organisation(olga: Any) -> None:
    assert olga.get("/people").status_code == 403
    assert olga.post("/people/olga/admin").status_code == 403


def test_an_administrator_chooses_the_order_of_lists(signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workspaces.threading, "Thread", _AtOnce)
    admin, mette = signed_in("admin"), signed_in("mette")
    for code, name in (("A", "Zebra"), ("B", "Ähre"), ("C", "张婷"), ("D", "李娜")):
        values = {"code": code, "name": name, "currency": "EUR", "_do": "save"}
        assert mette.post("/forms/shop/customer/new", values).status_code == 303
    assert admin.post("/workspaces/order", {"order": "zh"}).headers["Location"] == "/workspaces"
    assert '<option value="zh" selected>' in admin.get("/workspaces").text
    page = words(mette.get("/forms/shop/customer?sort=record.title").text.partition("<tbody")[2])
    assert re.findall("李娜|张婷|Ähre|Zebra", page) == ["李娜", "张婷", "Ähre", "Zebra"]
    assert admin.post("/workspaces/order", {"order": "xx"}).status_code == 422
    assert mette.post("/workspaces/order", {"order": "en"}).status_code == 403


class _AtOnce:
    """A thread that is done before it is started."""

    def __init__(self, *, target: Callable[[], object], **_: object) -> None:
        self.start = target
