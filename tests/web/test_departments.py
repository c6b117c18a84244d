"""Departments: the tree and its heads on pages, posts and members, closing, what somebody else changed meanwhile."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from blankett.engine.departments import Department, Directory
from blankett.engine.people.department_changes import DepartmentChanges, WantedDepartment, WantedPost
from blankett.engine.store import Member
from blankett.web.services import Services

from .conftest import ORGANISATION, ROOM, publish
from .pages import form_pairs, with_values, words

SignedIn = Callable[[str], Any]


@pytest.fixture
def tree(services: Services) -> Services:
    """A tree: management (Ada) above sales (Mette) above north; Anna is in north, Wu in sales."""
    with services.store.writing() as writing:
        changes = DepartmentChanges(writing, ORGANISATION, services.clock())
        for title, parent, head in (
            ("Management", None, "admin"),
            ("Sales", "management", "mette"),
            ("North", "sales", None),
        ):
            changes.create(WantedDepartment(title=title, parent=parent, head=head))
        changes.place("anna", "north")
        changes.place("wu", "sales")
        changes.create_post(WantedPost(title="Chief clerk", department="north", holder="anna"))
    return services


@pytest.fixture
def admin(tree: Services, signed_in: SignedIn) -> Any:
    return signed_in("admin")


def directory(services: Services) -> Directory:
    """Return the departments, with all that is read when it is asked."""
    with services.store.reading() as reading:
        found = reading.directory(ORGANISATION)
        assert found.posts is not None
        for user in ("anna", "wu"):
            found.departments_of(user)
        return found


def said(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def test_without_departments_the_page_says_what_they_are(services: Services, signed_in: SignedIn) -> None:
    page = signed_in("admin").get("/departments").text
    assert "There are no departments yet." in page
    assert "departments.headless" not in page


def test_everybody_sees_the_tree_and_who_is_asked_where_there_is_no_head(tree: Services, signed_in: SignedIn) -> None:
    page = said(signed_in("anna").get("/departments").text)
    assert "One department has no head who is here. North : It has no head. Mette Holm is asked instead." in page
    assert "Make the department" not in page


def test_a_head_whose_account_is_off_is_told(tree: Services, signed_in: SignedIn) -> None:
    with tree.store.writing() as writing:
        user = writing.user(ORGANISATION, "mette")
        assert user is not None
        writing.update_user(replace(user, active=False))
    page = said(signed_in("admin").get("/departments").text)
    assert "Sales : Mette Holm has left. Ada Min is asked instead." in page


def test_only_administrators_change_departments(tree: Services, signed_in: SignedIn) -> None:
    anna, before = signed_in("anna"), directory(tree).departments
    for path in ("", "/north", "/north/close", "/north/members", "/north/posts", "/north/members/anna/remove"):
        assert anna.post(f"/departments{path}", {"title": "X", "revision": "1", "person": "anna"}).status_code == 403
    assert directory(tree).departments == before


def test_a_department_is_made_below_another_with_a_head_by_name(admin: Any, tree: Services) -> None:
    answer = admin.post("/departments", {"title": "South", "parent": "sales", "head": "Wu Jing", "id": ""})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/departments/south")
    assert directory(tree).departments["south"] == Department(
        organisation=ORGANISATION, id="south", title="South", parent="sales", head="wu"
    )


MISTAKES = {
    "nobody of that name": ({"title": "X", "head": "Nobody"}, "Nobody is called Nobody, and nobody has that address."),
    "no title": ({"title": ""}, "Give it a title, on one line."),
    "a key that is taken": ({"title": "X", "id": "sales"}, "The key sales is taken. Choose another one."),
    "a parent that is none": (
        {"title": "X", "parent": "gone"},
        "That department is not there any more, or closed. Choose another one.",
    ),
}


@pytest.mark.parametrize(("typed", "told"), MISTAKES.values(), ids=MISTAKES)
def test_what_is_wrong_is_told_and_what_was_typed_stays(
    admin: Any, tree: Services, typed: dict[str, str], told: str
) -> None:
    answer = admin.post("/departments", typed)
    assert answer.status_code == 422
    assert told in words(answer.text)
    assert f'value="{typed.get("head") or typed["title"]}"' in answer.text
    assert len(directory(tree).departments) == 3


def test_a_department_is_renamed_and_moved_unless_somebody_was_faster(admin: Any, tree: Services) -> None:
    typed = {"title": "North-West", "parent": "management", "head": "anna@acme.example", "deputy": "", "revision": "1"}
    assert admin.post("/departments/north", typed).status_code == 303
    answer = admin.post("/departments/north", {**typed, "title": "Other"})
    assert answer.status_code == 409
    assert "Somebody has changed North-West meanwhile." in words(answer.text)
    assert 'value="Other"' in answer.text
    assert 'name="revision" value="2"' in answer.text
    assert directory(tree).departments["north"].title == "North-West"


def test_a_move_below_itself_is_refused(admin: Any) -> None:
    typed = {"title": "Sales", "parent": "north", "head": "", "deputy": "", "revision": "1"}
    answer = admin.post("/departments/sales", typed)
    assert answer.status_code == 422
    assert "Sales would be inside itself." in words(answer.text)


def test_members_and_posts_come_and_go(admin: Any, tree: Services) -> None:
    admin.post("/departments/north/members", {"person": "Wu Jing"})
    admin.post("/departments/north/posts", {"title": "Buyer", "holder": "wu@acme.example", "authority": "1,000.50"})
    found = directory(tree)
    assert found.departments_of("wu") == ("sales", "north")
    assert [(post.id, post.holder, str(post.authority)) for post in found.posts_of("north")] == [
        ("buyer", "wu", "1000.50"),
        ("chief_clerk", "anna", "None"),
    ]
    page = said(admin.get("/departments/north").text)
    assert ("Wu Jing buyer" in page, "up to €1,000.50" in page) == (True, True)
    wrong = admin.post("/departments/north/posts/buyer", {"title": "Buyer", "authority": "much", "revision": "1"})
    assert (wrong.status_code, 'value="much"' in wrong.text) == (422, True)
    admin.post("/departments/north/posts/buyer/remove", {"revision": "1"})
    admin.post("/departments/north/members/wu/remove", {})
    found = directory(tree)
    assert found.departments_of("wu") == ("sales",)
    assert [post.id for post in found.posts_of("north")] == ["chief_clerk"]


def test_closing_says_what_hangs_on_it_and_merges(admin: Any, tree: Services) -> None:
    page = said(admin.get("/departments/north").text)
    assert "On it hang: one person, one post." in page
    refused = admin.post("/departments/north/close", {"into": "", "revision": "1"})
    assert refused.status_code == 422
    assert "North is not empty" in words(refused.text)
    assert admin.post("/departments/north/close", {"into": "sales", "revision": "1"}).status_code == 303
    found = directory(tree)
    assert (found.departments_of("anna"), found.departments["north"].closed_at) == (("sales",), tree.clock())
    assert "One closed department" in admin.get("/departments").text
    admin.post("/departments/north/reopen", {"revision": "2"})
    assert directory(tree).departments["north"].closed_at is None


def test_a_person_shows_departments_posts_and_headships(admin: Any) -> None:
    page = said(admin.get("/people/anna").text)
    assert "North main department Chief clerk North" in page
    assert "Sales Head" in said(admin.get("/people/mette").text)


def test_a_role_is_given_for_a_department_and_told_by_its_title(admin: Any, tree: Services) -> None:
    page = admin.get(f"/workspaces/{ROOM}/members/anna").text
    was = re.search(r'name="was" value="([^"]*)"', page)
    assert was is not None
    typed = {"roles": "clerk", "was": was[1], "bounded_role": "manager", "bounded_department": "sales"}
    assert admin.post(f"/workspaces/{ROOM}/members/anna", typed).status_code == 303
    with tree.store.reading() as reading:
        member = next(found for found in reading.members(ORGANISATION, ROOM) if found.user == "anna")
    assert member == Member(
        organisation=ORGANISATION, workspace=ROOM, user="anna", roles=frozenset({"clerk", "manager@sales"})
    )
    assert "Manager, for Sales and below" in said(admin.get(f"/workspaces/{ROOM}").text)
    assert 'value="manager@sales"' in admin.get(f"/workspaces/{ROOM}/members/anna").text
    unknown = {**typed, "was": "clerk manager@sales", "bounded_department": "gone"}
    assert admin.post(f"/workspaces/{ROOM}/members/anna", unknown).status_code == 422


def test_a_workspace_may_be_the_room_of_a_department(admin: Any, tree: Services) -> None:
    typed = {"title": "Sales North", "zone": "", "department": "north", "was": "Sales North"}
    assert admin.post(f"/workspaces/{ROOM}", typed).status_code == 303
    assert "Sales North (workspace)" in said(admin.get("/departments/north").text)
    assert admin.post(f"/workspaces/{ROOM}", {**typed, "department": "gone"}).status_code == 422


def test_the_log_names_what_was_done(admin: Any) -> None:
    admin.post("/departments/north/members", {"person": "wu"})
    page = said(admin.get("/security-log?view=departments").text)
    assert "further department given North · Wu Jing" in page
    assert "head: Mette Holm; inside: Management; title: Sales" in page


# Records of departments ----------------------------------------------------------------------------------------------

DESK = """\
blueprint: desk
language: 1
title: Desk
roles:
  clerk: {title: Clerk}
  manager: {title: Manager}
forms:
  ticket:
    title: Ticket
    show: "{what}"
    fields:
      what: {type: text, required: yes}
      branch: {type: department, title: Branch, default: = user.department}
      boss: {type: user, title: Boss, compute: head of(branch)}
    states:
      open: {start: true}
      done: {final: true}
    actions:
      close: {title: Close, from: open, to: done, by: = branch.head}
    lists:
      all: {title: All, columns: [what, branch, record.department, boss]}
    grants:
      - {who: clerk, may: [create]}
      - {who: everyone, may: [view, edit], where: "belongs to(branch, user.department)"}
"""


@pytest.fixture
def desk(tree: Services) -> Services:
    """The tree with a blueprint of tickets, which belong to the branch of who makes them."""
    with tree.store.writing() as writing:
        DepartmentChanges(writing, ORGANISATION, tree.clock()).place("mette", "sales")
    publish(tree.store, DESK, tree.clock())
    return tree


def ticket(visitor: Any, what: str, **typed: str) -> Any:
    pairs = form_pairs(visitor.get("/forms/desk/ticket/new").text)
    return visitor.post("/forms/desk/ticket/new", with_values(pairs, what=what, _do="save", **typed))


def listed(visitor: Any, query: str = "") -> list[str]:
    page = visitor.get(f"/forms/desk/ticket{query}").text
    return sorted(words(cell) for cell in re.findall(r'<th scope="row"[^>]*>(.*?)</th>', page, re.S))


def test_records_belong_to_a_department_and_lists_ask_for_it_and_below(desk: Services, signed_in: SignedIn) -> None:
    anna, wu = signed_in("anna"), signed_in("wu")
    made = ticket(anna, "ink")
    assert made.status_code == 303
    assert ticket(wu, "paper").status_code == 303
    page = said(anna.get(made.headers["Location"]).text)
    assert ("Branch North Boss Mette Holm" in page, "Department: North" in page) == (True, True)
    # Wu is in sales, above north; Anna sees north alone, and Mette what she heads.
    assert (listed(anna), listed(wu)) == (["ink"], ["ink", "paper"])
    for asked in ("record.department=sales", "branch=sales", "branch=Sales"):
        assert listed(wu, f"?{asked}") == ["ink", "paper"]
    assert listed(wu, "?branch=north") == listed(wu, "?record.department=North") == ["ink"]
    assert "North及下级" in wu.get("/forms/desk/ticket?record.department=north").text
    assert listed(wu, "?branch=gone") == []


def test_the_list_follows_when_somebody_changes_department(desk: Services, signed_in: SignedIn) -> None:
    anna = signed_in("anna")
    ticket(signed_in("wu"), "paper")
    assert listed(anna) == []
    with desk.store.writing() as writing:
        DepartmentChanges(writing, ORGANISATION, desk.clock()).place("anna", "sales")
    assert listed(anna) == ["paper"]


def test_the_head_closes_and_their_inbox_asks_for_a_department(desk: Services, signed_in: SignedIn) -> None:
    ticket(signed_in("wu"), "paper")
    ticket(signed_in("anna"), "ink")
    mette = signed_in("mette")
    assert "Close: paper" in said(mette.get("/inbox").text).replace(" :", ":")
    page = said(mette.get("/inbox?department=sales").text)
    assert ("What waits for you in Sales and below." in page, "paper" in page) == (True, True)
    assert "paper" not in said(mette.get("/inbox?department=north").text)


def test_a_closed_department_takes_no_new_record(desk: Services, signed_in: SignedIn) -> None:
    with desk.store.writing() as writing:
        changes = DepartmentChanges(writing, ORGANISATION, desk.clock())
        changes.create(WantedDepartment(title="Old", parent="sales"))
        changes.close("old", 1)
    answer = ticket(signed_in("anna"), "ink", branch="Old")
    assert answer.status_code == 422
    assert "There is no department Old." in words(answer.text)
