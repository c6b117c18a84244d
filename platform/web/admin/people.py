"""Everybody of the organisation, for its administrators: names, addresses, who administers, who may sign in."""

from __future__ import annotations

import flask
from flask.typing import ResponseReturnValue

from blankett.engine.store import Member, StoredUser
from blankett.web import htmx
from blankett.web.access_policy import ADMINISTRATORS, allow
from blankett.web.admin.members import MemberMistake, change_account, give_password, set_active, set_administrator
from blankett.web.admin.workspace_tree import held_title, role_titles, tree
from blankett.web.admin.workspaces import Words, in_words
from blankett.web.form_text import typed
from blankett.web.identity import the_actor
from blankett.web.lookup import find_user
from blankett.web.replay_post import is_again, say_why_again, shows_again
from blankett.web.request_unit import RequestUnit
from blankett.web.templating import render, t

pages = flask.Blueprint("people", __name__)

#: Button → (what it does to the account, what is said afterwards).
SWITCHES = {
    "admin": ("is_admin", True, "people.now_administrator"),
    "no_admin": ("is_admin", False, "people.no_administrator"),
    "on": ("active", True, "people.now_on"),
    "off": ("active", False, "people.now_off"),
}


@pages.get("/people")
@allow(ADMINISTRATORS)
def list_people(request_unit: RequestUnit) -> str:
    """List everybody who has an account."""
    organisation = the_actor().organisation
    reading = request_unit.reading
    titles, directory = role_titles(request_unit.catalog), reading.directory(the_actor().organisation)
    rooms = {room.id: room for room in tree(reading.workspaces(organisation))}
    held_by: dict[str, list[Member]] = {}
    for member in (member for id in rooms for member in reading.members(organisation, id)):
        held_by.setdefault(member.user, []).append(member)
    rows = []
    for user in reading.all_users(organisation):
        held = held_by.get(user.id, [])
        places = [
            (
                rooms[member.workspace],
                sorted(held_title(role, titles, directory) for role in member.roles),
                member.administers,
            )
            for member in held
        ]
        rows.append((user, sorted(places, key=lambda place: place[0].path)))
    return render("pages/people.html", here="workspaces", rows=rows)


@pages.get("/people/<id>")
@allow(ADMINISTRATORS)
def show_person(request_unit: RequestUnit, id: str) -> str:
    """Show one account."""
    return render_people(request_unit, find_user(request_unit, id))


@pages.post("/people/<id>")
@allow(ADMINISTRATORS)
@shows_again
def change_person(request_unit: RequestUnit, id: str) -> ResponseReturnValue:
    """Change name and address."""
    user = find_user(request_unit, id)
    name, email = typed("name"), typed("email")
    if is_again():
        say_why_again()
        return render_people(request_unit, user, text={"name": name, "email": email})
    mistakes = change_account(request_unit.accounts, user, name=name, email=email)
    if mistakes:
        return render_people(request_unit, user, text={"name": name, "email": email}, mistakes=in_words(mistakes)), 422
    flask.flash(t("people.saved", name=name), "good")
    return htmx.go_to(f"/people/{id}")


@pages.post("/people/<id>/<any(admin, no_admin, on, off):switch>")
@allow(ADMINISTRATORS)
def turn_switch(request_unit: RequestUnit, id: str, switch: str) -> ResponseReturnValue:
    """Make an administrator or end that; switch an account off or on."""
    user = find_user(request_unit, id)
    what, value, message = SWITCHES[switch]
    if user.id == the_actor().user and not value:
        return render_people(request_unit, user, mistakes=[("switch", t("people.not_yourself"))]), 422
    refused = turned(request_unit, user, what, value)
    if refused is not None:
        return render_people(request_unit, user, mistakes=in_words([refused])), 422
    flask.flash(t(message, name=user.name), "good")
    return htmx.go_to(f"/people/{id}")


@pages.post("/people/<id>/password")
@allow(ADMINISTRATORS)
def give_new_password(request_unit: RequestUnit, id: str) -> ResponseReturnValue:
    """Make a new password for somebody, shown on this answer only."""
    user = find_user(request_unit, id)
    if user.id == the_actor().user:
        return render_people(request_unit, user, mistakes=[("switch", t("people.own_password"))]), 422
    password = give_password(request_unit.accounts, user.organisation, id)
    return render_people(request_unit, user, password=password)


def turned(request_unit: RequestUnit, user: StoredUser, what: str, value: bool) -> MemberMistake | None:
    """Turn one switch of an account; return why it cannot be."""
    accounts = request_unit.accounts
    if what == "active":
        return set_active(accounts, user.organisation, user.id, active=value)
    return set_administrator(accounts, user.organisation, user.id, is_admin=value)


def render_people(
    request_unit: RequestUnit,
    user: StoredUser,
    *,
    text: dict[str, str] | None = None,
    mistakes: Words | None = None,
    password: str | None = None,
) -> str:
    """Return the page of an account; *password* is one just made."""
    reading = request_unit.reading
    titles, directory = role_titles(request_unit.catalog), reading.directory(the_actor().organisation)
    rooms = {room.id: room for room in tree(reading.workspaces(user.organisation))}
    held = [member for member in reading.memberships(user.organisation, user.id) if member.workspace in rooms]
    places = [
        (
            rooms[member.workspace],
            sorted(held_title(role, titles, directory) for role in member.roles),
            member.administers,
        )
        for member in held
    ]
    return render(
        "pages/person.html",
        here="workspaces",
        user=user,
        held=sorted(places, key=lambda place: place[0].path),
        typed=text or {"name": user.name, "email": user.email},
        mistakes=mistakes or [],
        password=password,
        is_self=user.id == the_actor().user,
        departments=[each for id in directory.departments_of(user.id) if (each := directory.find(id)) is not None],
        posts=[(post, directory.find(post.department)) for post in directory.posts_held(user.id)],
        headed=directory.headed(user.id),
    )
