"""Workspaces and their members: the tree, a workspace, who is in it with which roles; and how lists are ordered."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from zoneinfo import available_timezones

import flask
from flask import request
from flask.typing import ResponseReturnValue

from blankett.engine.access import Actor, split_role
from blankett.engine.publish.sort_keys import choose_collation, is_stale, rekey
from blankett.engine.records import Engine
from blankett.engine.store import (
    FOR_DEPARTMENT,
    Member,
    Organisation,
    Reading,
    StoredUser,
    Workspace,
    new_id,
    workspaces_above,
)
from blankett.web import htmx
from blankett.web.access_policy import ADMINISTRATORS, WORKSPACE_ADMINISTRATORS, allow
from blankett.web.admin.departments import parents_of
from blankett.web.admin.members import Added, MemberMistake, NewPerson, add_person, change_member, seen
from blankett.web.admin.workspace_tree import (
    RoleChoice,
    TreeRoom,
    administered_rooms,
    held_title,
    newest_blueprints,
    require_administering,
    role_choices,
    role_titles,
    tree,
)
from blankett.web.errors import PageRefused
from blankett.web.form_text import is_line, typed
from blankett.web.identity import current_language, the_actor
from blankett.web.replay_post import is_again, say_why_again, shows_again
from blankett.web.request_unit import RequestUnit
from blankett.web.services import services
from blankett.web.templating import render, t

# The order of lists: a language that an administrator chooses, followed in the background -----------------------------


#: The orders there are, each called as its readers call it; the first is the default.
ORDERS = {"en": "English", "da": "Dansk", "de": "Deutsch", "nb": "Norsk", "zh": "中文（拼音）"}

Run = Callable[[Callable[[], object]], None]


def in_background(work: Callable[[], object]) -> None:
    """Do *work* while pages go on; what a restart interrupts is gone on with at the next start."""
    threading.Thread(target=work, name="list order", daemon=True).start()


def order_of(organisation: Organisation | None) -> str:
    """Return the language an organisation's lists are sorted by."""
    chosen = organisation.collation if organisation is not None else ""
    return chosen if chosen in ORDERS else next(iter(ORDERS))


def is_sorting(organisation: Organisation | None) -> bool:
    """Tell whether records still wait for their new place in lists."""
    return organisation is not None and is_stale(organisation)


def choose_order(engine: Engine, actor: Actor, language: str, run: Run = in_background) -> bool:
    """Sort the organisation's lists as *language* does; False for one there is no order of."""
    if language not in ORDERS:
        return False
    choose_collation(engine, actor.organisation, language, by=actor.user)
    run(lambda: rekey(engine, actor.organisation))
    return True


# Pages ----------------------------------------------------------------------------------------------------------------


pages = flask.Blueprint("workspaces", __name__)

LONGEST_TITLE = 200
Words = list[tuple[str, str]]


@dataclass(frozen=True)
class Seat:
    """A member with who they are."""

    member: Member
    user: StoredUser
    #: Titles of their roles, in the page's language.
    roles: tuple[str, ...]


def in_words(mistakes: list[MemberMistake]) -> Words:
    """Return mistakes as the page shows them: (control, text)."""
    return [(mistake.name, t(mistake.message, **mistake.params)) for mistake in mistakes]


@pages.get("/workspaces")
@allow(WORKSPACE_ADMINISTRATORS)
def list_workspaces(request_unit: RequestUnit) -> str:
    """Show the tree of workspaces."""
    return draw_tree(request_unit, {}, [])


@pages.post("/workspaces")
@allow(WORKSPACE_ADMINISTRATORS)
@shows_again
def create_workspace(request_unit: RequestUnit) -> ResponseReturnValue:
    """Make a workspace at the top, or inside another one."""
    asked = {key: typed(key) for key in ("title", "parent", "zone")}
    if is_again():
        say_why_again()
        return draw_tree(request_unit, asked, [])
    actor = require_administering(asked["parent"])
    with request_unit.writing() as writing:
        known = {workspace.id: workspace for workspace in writing.workspaces(actor.organisation)}
        mistakes = mistakes_in(asked["title"], asked["zone"], asked["parent"], [*known.values()])
        if asked["parent"] and asked["parent"] not in known:
            mistakes.append(MemberMistake("parent", "workspaces.parent_unknown"))
        if not mistakes:
            id = new_id(services().clock())
            parent, zone = asked["parent"] or None, asked["zone"] or None
            writing.put_workspace(
                Workspace(organisation=actor.organisation, id=id, title=asked["title"], parent=parent, zone=zone)
            )
    if mistakes:
        return draw_tree(request_unit, asked, in_words(mistakes)), 422
    flask.flash(t("workspaces.created", title=asked["title"]), "good")
    return htmx.go_to(f"/workspaces/{id}")


@pages.post("/workspaces/order")
@allow(ADMINISTRATORS)
def choose_list_order(request_unit: RequestUnit) -> ResponseReturnValue:
    """Sort the organisation's lists as a language does."""
    if not choose_order(request_unit.engine, the_actor(), typed("order")):
        flask.abort(422)
    flask.flash(t("workspaces.order_chosen"), "good")
    return htmx.go_to("/workspaces")


@pages.get("/workspaces/<id>")
@allow(WORKSPACE_ADMINISTRATORS)
def show_workspace(request_unit: RequestUnit, id: str) -> str:
    """Show a workspace, its members and its blueprints."""
    return draw_room(request_unit, find_room(request_unit, id))


@pages.post("/workspaces/<id>")
@allow(WORKSPACE_ADMINISTRATORS)
@shows_again
def change_workspace(request_unit: RequestUnit, id: str) -> ResponseReturnValue:
    """Give a workspace another title or time zone."""
    room = find_room(request_unit, id)
    title, zone, was = typed("title"), typed("zone"), request.form.get("was", room.title)
    department = request.form.get("department", room.workspace.department or "")
    text = {"title": title, "zone": zone, "department": department}
    if is_again():
        say_why_again()
        return draw_room(request_unit, room, text={**text, "was": was})
    with request_unit.writing() as writing:
        known = writing.workspaces(room.workspace.organisation)
        now = next(workspace for workspace in known if workspace.id == id)
        others = [workspace for workspace in known if workspace.id != id]
        mistakes = mistakes_in(title, zone, now.parent or "", others)
        if was != now.title:
            mistakes.append(MemberMistake("title", "workspaces.renamed_meanwhile", {"title": now.title}))
        of = writing.directory(room.workspace.organisation).find_open(department)
        if department and department != now.department and of is None:
            mistakes.append(MemberMistake("department", "departments.parent_gone"))
        if not mistakes:
            writing.put_workspace(replace(now, title=title, zone=zone or None, department=department or None))
    if mistakes:
        return draw_room(request_unit, find_room(request_unit, id), text=text, mistakes=in_words(mistakes)), 422
    flask.flash(t("workspaces.saved"), "good")
    return htmx.go_to(f"/workspaces/{id}")


@pages.post("/workspaces/<id>/members")
@allow(WORKSPACE_ADMINISTRATORS)
@shows_again
def add_member(request_unit: RequestUnit, id: str) -> ResponseReturnValue:
    """Add somebody to a workspace; a password that was made for them is shown on this answer only."""
    room = find_room(request_unit, id)
    person = typed_person()
    if is_again():
        say_why_again()
        return draw_room(request_unit, room, newcomer=person)
    known = frozenset(choice.key for choice in choices_of(request_unit, room, frozenset()))
    added: Added | list[MemberMistake] = [MemberMistake("roles", "people.role_unknown")]
    if person.roles <= known:
        language = current_language()
        added = add_person(request_unit.accounts, room.workspace.organisation, id, person, language)
    if not isinstance(added, Added):
        return draw_room(request_unit, room, newcomer=person, mistakes=in_words(added)), 422
    if added.password and not person.password:
        return draw_room(request_unit, room, added=added)
    message = "people.added" if added.password else "people.added_known"
    flask.flash(t(message, name=added.user.name), "good")
    return htmx.go_to(f"/workspaces/{id}")


@pages.get("/workspaces/<id>/members/<user>")
@allow(WORKSPACE_ADMINISTRATORS)
def show_member(request_unit: RequestUnit, id: str, user: str) -> str:
    """Show a member's roles."""
    room, seat = find_room(request_unit, id), find_seat(request_unit, id, user)
    return draw_member(request_unit, room, seat, seat.member)


@pages.post("/workspaces/<id>/members/<user>")
@allow(WORKSPACE_ADMINISTRATORS)
@shows_again
def change_member_roles(request_unit: RequestUnit, id: str, user: str) -> ResponseReturnValue:
    """Give a member other roles, unless they were changed meanwhile."""
    room, seat = find_room(request_unit, id), find_seat(request_unit, id, user)
    wanted = replace(
        seat.member,
        roles=frozenset(request.form.getlist("roles")) | bounded_role_typed(),
        administers=request.form.get("administers") == "yes",
    )
    was = request.form.get("was", "")
    if is_again():
        say_why_again()
        return draw_member(request_unit, room, seat, wanted, was=was)
    if not are_known(request_unit, room, wanted.roles, seat.member.roles):
        return draw_member(request_unit, room, seat, seat.member, [("roles", t("people.role_unknown"))]), 422
    if not change_member(request_unit.accounts, wanted, was):
        return draw_member(
            request_unit, room, find_seat(request_unit, id, user), wanted, [("roles", t("people.changed_meanwhile"))]
        ), 409
    flask.flash(t("people.roles_saved", name=seat.user.name), "good")
    return htmx.go_to(f"/workspaces/{id}" if administers_still(request_unit, id, wanted) else "/workspaces")


@pages.post("/workspaces/<id>/members/<user>/remove")
@allow(WORKSPACE_ADMINISTRATORS)
def remove_member(request_unit: RequestUnit, id: str, user: str) -> ResponseReturnValue:
    """End a membership. The person's account and all they did stay."""
    room, seat = find_room(request_unit, id), find_seat(request_unit, id, user)
    with request_unit.writing() as writing:
        writing.remove_member(room.workspace.organisation, id, user)
    flask.flash(t("people.removed", name=seat.user.name, title=room.title), "good")
    return htmx.go_to(
        f"/workspaces/{id}"
        if administers_still(request_unit, id, replace(seat.member, administers=False))
        else "/workspaces"
    )


# Finding ----------------------------------------------------------------------------------------------------


def find_room(request_unit: RequestUnit, id: str) -> TreeRoom:
    """Return a workspace that whoever is signed in administers; 404 or 403."""
    reading = request_unit.reading
    everything = reading.workspaces(the_actor().organisation)
    found = next((room for room in tree(everything) if room.id == id), None)
    if found is None:
        flask.abort(404)
    require_administering(id)
    return found


def find_seat(request_unit: RequestUnit, id: str, user: str) -> Seat:
    """Return a member of a workspace; 404 with words of its own when they are none (any more)."""
    reading = request_unit.reading
    seats = seats_of(request_unit, reading, the_actor().organisation, id)
    found = next((seat for seat in seats if seat.user.id == user), None)
    if found is None:
        raise PageRefused(404, t("people.not_a_member"))
    return found


def seats_of(request_unit: RequestUnit, reading: Reading, organisation: str, workspace: str) -> list[Seat]:
    """Return the members of a workspace by name."""
    titles, directory = role_titles(request_unit.catalog), reading.directory(organisation)
    members = reading.members(organisation, workspace)
    users = reading.users(organisation, [member.user for member in members])
    seats = [
        Seat(member, users[member.user], tuple(sorted(held_title(role, titles, directory) for role in member.roles)))
        for member in members
        if member.user in users
    ]
    return sorted(seats, key=lambda seat: (seat.user.name.casefold(), seat.user.id))


def choices_of(request_unit: RequestUnit, room: TreeRoom, held: frozenset[str]) -> list[RoleChoice]:
    """Return the roles that may be given in a workspace."""
    return role_choices(request_unit.catalog, room.id, held)


def bounded_role_typed() -> frozenset[str]:
    """Return the role that is to be held for a department alone, if one was chosen."""
    role, department = typed("bounded_role"), typed("bounded_department")
    return frozenset({f"{role}{FOR_DEPARTMENT}{department}"} if role and department else ())


def are_known(request_unit: RequestUnit, room: TreeRoom, wanted: frozenset[str], held: frozenset[str]) -> bool:
    """Tell whether all roles may be given; one for a department, where the role may and the department is open."""
    known = {choice.key for choice in choices_of(request_unit, room, held)}
    directory = request_unit.reading.directory(room.workspace.organisation)
    return all(
        role in known and directory.find_open(department) is not None
        for role, department in map(split_role, wanted - known)
    )


def administers_still(request_unit: RequestUnit, id: str, wanted: Member) -> bool:
    """Tell whether whoever is signed in may still open the workspace after *wanted* is what is kept."""
    actor = the_actor()
    if wanted.user != actor.user or actor.is_admin or wanted.administers:
        return True
    reading = request_unit.reading
    above = workspaces_above(reading.workspaces(actor.organisation), id)[1:]
    held = reading.memberships(actor.organisation, actor.user)
    return any(member.administers and member.workspace in above for member in held)


def mistakes_in(title: str, zone: str, parent: str, others: list[Workspace]) -> list[MemberMistake]:
    """Return what is wrong with a workspace's title and time zone; *others* are the workspaces that are there."""
    found = []
    if not is_line(title, LONGEST_TITLE):
        found.append(MemberMistake("title", "workspaces.title_missing"))
    elif any(other.title == title and (other.parent or "") == parent for other in others):
        found.append(MemberMistake("title", "workspaces.title_taken", {"title": title}))
    if zone and zone not in available_timezones():
        found.append(MemberMistake("zone", "setup.zone_unknown"))
    return found


def typed_person() -> NewPerson:
    """Return the person that was typed in."""
    form = request.form
    return NewPerson(
        name=typed("name"),
        email=typed("email"),
        password=form.get("password", ""),
        roles=frozenset(form.getlist("roles")),
        administers=form.get("administers") == "yes",
    )


# Drawing ----------------------------------------------------------------------------------------------------


def draw_tree(request_unit: RequestUnit, text: dict[str, str], mistakes: Words) -> str:
    """Return the page of the tree, with what was typed for a new workspace."""
    actor = the_actor()
    reading = request_unit.reading
    rooms = administered_rooms(reading)
    people = {room.id: len(reading.members(actor.organisation, room.id)) for room in rooms}
    homes = [blueprint.workspace for blueprint in reading.blueprints(actor.organisation)]
    organisation = reading.organisation(actor.organisation)
    return render(
        "pages/workspaces.html",
        here="workspaces",
        rooms=rooms,
        people=people,
        blueprints={room.id: homes.count(room.id) for room in rooms},
        may_top=actor.is_admin,
        typed={"title": "", "parent": rooms[0].id if rooms else "", "zone": "", **text},
        zones=sorted(available_timezones()),
        mistakes=mistakes,
        is_admin=actor.is_admin,
        orders=list(ORDERS.items()),
        order=order_of(organisation),
        is_sorting=is_sorting(organisation),
    )


def draw_room(
    request_unit: RequestUnit,
    room: TreeRoom,
    *,
    text: dict[str, str] | None = None,
    newcomer: NewPerson | None = None,
    mistakes: Words | None = None,
    added: Added | None = None,
) -> str:
    """Return the page of a workspace, with what was typed."""
    organisation, workspace = room.workspace.organisation, room.workspace
    reading = request_unit.reading
    rooms = tree(reading.workspaces(organisation))
    seats = seats_of(request_unit, reading, organisation, room.id)
    above = [other for other in rooms if other.id in workspaces_above([each.workspace for each in rooms], room.id)[1:]]
    held_above = [(other, seats_of(request_unit, reading, organisation, other.id)) for other in above]
    newest = newest_blueprints(request_unit.catalog)
    homes = [row.key for row in reading.blueprints(organisation) if row.workspace == room.id]
    return render(
        "pages/workspace.html",
        here="workspaces",
        room=room,
        inside=[other for other in rooms if other.workspace.parent == room.id],
        seats=seats,
        inherited=[(other, members) for other, members in held_above if members],
        blueprints=[(key, newest[key].title.say(current_language()) if key in newest else key) for key in homes],
        choices=choices_of(request_unit, room, frozenset()),
        typed={
            "title": workspace.title,
            "zone": workspace.zone or "",
            "department": workspace.department or "",
            "was": workspace.title,
            **(text or {}),
        },
        departments=parents_of(reading.directory(organisation)),
        newcomer=newcomer or NewPerson(name="", email="", password="", roles=frozenset(), administers=False),
        zones=sorted(available_timezones()),
        mistakes=mistakes or [],
        added=added,
    )


def draw_member(
    request_unit: RequestUnit,
    room: TreeRoom,
    seat: Seat,
    wanted: Member,
    mistakes: Words | None = None,
    was: str = "",
) -> str:
    """Return the page of a member; *wanted* is what the boxes show, *was* what they held when it was opened."""
    actor = the_actor()
    return render(
        "pages/member.html",
        here="workspaces",
        room=room,
        seat=seat,
        wanted=wanted,
        was=was or seen(seat.member),
        choices=choices_of(request_unit, room, seat.member.roles),
        departments=parents_of(request_unit.reading.directory(actor.organisation)),
        is_self=seat.user.id == actor.user,
        may_open_person=actor.is_admin,
        mistakes=mistakes or [],
    )
