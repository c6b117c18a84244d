"""Departments: the tree with its heads, a department with its people and posts; and changing all of it.

Everybody who is signed in may look; administrators of the organisation change.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType
from typing import TypeVar
from urllib.parse import quote_plus

import flask
from flask.typing import ResponseReturnValue

from blankett.engine.departments import Department, Directory, DirectoryFault, Post
from blankett.engine.fields.locale_formats import read_number, shown_amount, typed_number
from blankett.engine.people.department_changes import (
    DepartmentChanges,
    Hanging,
    WantedDepartment,
    WantedPost,
    hanging_on,
)
from blankett.engine.store import StoredUser
from blankett.web import htmx
from blankett.web.access_policy import ADMINISTRATORS, SIGNED_IN, allow
from blankett.web.form_text import typed, whole_number
from blankett.web.identity import the_actor
from blankett.web.layout import find_places
from blankett.web.lookup import offered_people, person_named
from blankett.web.page_locale import the_reader
from blankett.web.replay_post import is_again, say_why_again, shows_again
from blankett.web.request_unit import RequestUnit
from blankett.web.services import services
from blankett.web.templating import render, t

pages = flask.Blueprint("departments", __name__)

Done = TypeVar("Done")
#: Faults that say that somebody else was faster.
STALE = "departments.changed_meanwhile"


@dataclass(frozen=True)
class TreeRow:
    """A department in the tree."""

    department: Department
    depth: int
    #: Names; empty where there is none.
    head: str
    deputy: str
    is_head_gone: bool
    #: Who is asked where there is no head here: the name, or empty for nobody.
    asked_instead: str
    members: int


@dataclass(frozen=True)
class StaffRow:
    """A member of a department."""

    user: StoredUser
    is_main: bool
    posts: tuple[str, ...]


@dataclass(frozen=True)
class PostRow:
    """A post of a department."""

    post: Post
    holder: str
    is_holder_gone: bool
    authority: str


@dataclass(frozen=True)
class TypedTexts:
    """What was typed into one of the forms of a page: which one, and its texts."""

    form: str = ""
    texts: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    mistakes: tuple[tuple[str, str], ...] = ()

    def of(self, form: str, name: str, otherwise: str = "") -> str:
        """Return what stands in a control."""
        return self.texts.get(name, otherwise) if form == self.form else otherwise

    def mistakes_of(self, form: str) -> list[tuple[str, str]]:
        """Return what is wrong in a form: (control, words)."""
        return list(self.mistakes) if form == self.form else []


# Looking --------------------------------------------------------------------------------------------------------------


@pages.get("/departments")
@allow(SIGNED_IN)
def list_departments(request_unit: RequestUnit) -> str:
    """Show the tree of departments."""
    return draw_departments(request_unit)


@pages.get("/departments/<id>")
@allow(SIGNED_IN)
def show_department(request_unit: RequestUnit, id: str) -> str:
    """Show a department."""
    return draw_department(request_unit, find_department(request_unit, id))


# Changing -------------------------------------------------------------------------------------------------------------


@pages.post("/departments")
@allow(ADMINISTRATORS)
@shows_again
def create_department(request_unit: RequestUnit) -> ResponseReturnValue:
    """Make a department."""
    texts = typed_texts("title", "id", "parent", "head")
    if is_again():
        say_why_again()
        return draw_departments(request_unit, TypedTexts("new", texts))

    def create(changes: DepartmentChanges) -> Department | DirectoryFault:
        head = person_typed(changes, "head")
        if isinstance(head, DirectoryFault):
            return head
        wanted = WantedDepartment(
            title=texts["title"], id=texts["id"], parent=texts["parent"] or None, head=head.id if head else None
        )
        return changes.create(wanted)

    made = changed(request_unit, create)
    if isinstance(made, DirectoryFault):
        return draw_departments(request_unit, TypedTexts("new", texts, words_of(made))), 422
    flask.flash(t("departments.made", title=made.title), "good")
    return htmx.go_to(f"/departments/{made.id}")


@pages.post("/departments/<id>")
@allow(ADMINISTRATORS)
@shows_again
def change_department(request_unit: RequestUnit, id: str) -> ResponseReturnValue:
    """Rename a department, move it, give it another head or deputy."""

    def change(changes: DepartmentChanges) -> Department | DirectoryFault:
        head, deputy = person_typed(changes, "head"), person_typed(changes, "deputy")
        if isinstance(head, DirectoryFault):
            return head
        if isinstance(deputy, DirectoryFault):
            return deputy
        wanted = WantedDepartment(
            title=typed("title"),
            parent=typed("parent") or None,
            head=head.id if head else None,
            deputy=deputy.id if deputy else None,
        )
        return changes.change(id, seen_revision(), wanted)

    texts = typed_texts("title", "parent", "head", "deputy", "revision")
    return answer(request_unit, id, "department", texts, change, "departments.saved")


@pages.post("/departments/<id>/close")
@allow(ADMINISTRATORS)
@shows_again
def close_department(request_unit: RequestUnit, id: str) -> ResponseReturnValue:
    """Close a department; what hangs on it goes into another one."""
    texts = typed_texts("into", "revision")
    return answer(
        request_unit,
        id,
        "close",
        texts,
        lambda changes: changes.close(id, seen_revision(), texts["into"] or None),
        "departments.closed",
    )


@pages.post("/departments/<id>/reopen")
@allow(ADMINISTRATORS)
def reopen_department(request_unit: RequestUnit, id: str) -> ResponseReturnValue:
    """Open a closed department again."""
    return answer(
        request_unit, id, "close", {}, lambda changes: changes.reopen(id, seen_revision()), "departments.opened"
    )


@pages.post("/departments/<id>/members")
@allow(ADMINISTRATORS)
@shows_again
def add_department_member(request_unit: RequestUnit, id: str) -> ResponseReturnValue:
    """Make somebody a member, or make it their main department."""

    def add(changes: DepartmentChanges) -> StoredUser | DirectoryFault:
        person = person_named(changes.writing, "person", typed("person"))
        if isinstance(person, DirectoryFault):
            return person
        is_main = typed("main") == "yes"
        fault = changes.place(person.id, id if is_main else None, () if is_main else (id,), keeps_main=not is_main)
        return fault or person

    return answer(request_unit, id, "member", typed_texts("person", "main"), add, "departments.member_added")


@pages.post("/departments/<id>/members/<user>/remove")
@allow(ADMINISTRATORS)
def remove_department_member(request_unit: RequestUnit, id: str, user: str) -> ResponseReturnValue:
    """End somebody's membership; who is none any more is as wanted."""

    def leave(changes: DepartmentChanges) -> Department | DirectoryFault:
        changes.leave(user, id)
        return changes.directory.find(id) or DirectoryFault("title", "departments.gone")

    return answer(request_unit, id, "member", {}, leave, "departments.member_removed")


@pages.post("/departments/<id>/posts")
@allow(ADMINISTRATORS)
@shows_again
def create_post(request_unit: RequestUnit, id: str) -> ResponseReturnValue:
    """Make a post in a department."""
    authority = amount_typed("authority")

    def create(changes: DepartmentChanges) -> Post | DirectoryFault:
        wanted = post_typed(changes, id, authority)
        return wanted if isinstance(wanted, DirectoryFault) else changes.create_post(wanted)

    return answer(
        request_unit, id, "post", typed_texts("title", "holder", "authority"), create, "departments.post_made"
    )


@pages.post("/departments/<id>/posts/<post>")
@allow(ADMINISTRATORS)
@shows_again
def change_post(request_unit: RequestUnit, id: str, post: str) -> ResponseReturnValue:
    """Give a post another title, holder or authority."""
    authority = amount_typed("authority")

    def change(changes: DepartmentChanges) -> Post | DirectoryFault:
        wanted = post_typed(changes, id, authority)
        return wanted if isinstance(wanted, DirectoryFault) else changes.change_post(post, seen_revision(), wanted)

    texts = typed_texts("title", "holder", "authority", "revision")
    return answer(request_unit, id, f"post-{post}", texts, change, "departments.post_saved")


@pages.post("/departments/<id>/posts/<post>/remove")
@allow(ADMINISTRATORS)
def remove_post(request_unit: RequestUnit, id: str, post: str) -> ResponseReturnValue:
    """Take a post away."""
    return answer(
        request_unit,
        id,
        f"post-{post}",
        {},
        lambda changes: changes.remove_post(post, seen_revision()),
        "departments.post_removed",
    )


def answer(
    request_unit: RequestUnit,
    id: str,
    form: str,
    texts: Mapping[str, str],
    change: Callable[[DepartmentChanges], Department | Post | StoredUser | DirectoryFault],
    message: str,
) -> ResponseReturnValue:
    """Change something of a department and return to it, or show the form again with what is wrong."""
    find_department(request_unit, id)
    if is_again():
        say_why_again()
        return draw_department(request_unit, find_department(request_unit, id), TypedTexts(form, texts))
    done = changed(request_unit, change)
    if not isinstance(done, DirectoryFault):
        flask.flash(t(message, title=done.name if isinstance(done, StoredUser) else done.title), "good")
        return htmx.go_to(f"/departments/{id}")
    shown = TypedTexts(form, texts, words_of(done))
    return draw_department(request_unit, find_department(request_unit, id), shown), (
        409 if done.message == STALE else 422
    )


def changed(request_unit: RequestUnit, change: Callable[[DepartmentChanges], Done]) -> Done:
    """Change the tree in one transaction; after a fault nothing is written."""
    organisation = the_actor().organisation
    with request_unit.writing() as writing:
        return change(DepartmentChanges(writing, organisation, services().clock()))


# Reading what was typed -----------------------------------------------------------------------------------------------


def typed_texts(*names: str) -> dict[str, str]:
    """Return what was typed into controls."""
    return {name: typed(name) for name in names}


def seen_revision() -> int | None:
    """Return the revision that the page showed; one that is none never fits."""
    found = whole_number(typed("revision"))
    return -1 if found is None else found


def person_typed(changes: DepartmentChanges, name: str) -> StoredUser | None | DirectoryFault:
    """Return the person whose name or address was typed; None for nobody."""
    text = typed(name)
    return person_named(changes.writing, name, text) if text else None


def post_typed(
    changes: DepartmentChanges, department: str, authority: Decimal | None | DirectoryFault
) -> WantedPost | DirectoryFault:
    """Return the post that was typed, with the *authority* that was."""
    holder = person_typed(changes, "holder")
    if isinstance(holder, DirectoryFault):
        return holder
    if isinstance(authority, DirectoryFault):
        return authority
    return WantedPost(
        title=typed("title"), department=department, holder=holder.id if holder else None, authority=authority
    )


def amount_typed(name: str) -> Decimal | None | DirectoryFault:
    """Return the amount that was typed in the reader's way; None for nothing."""
    text = typed(name)
    if not text:
        return None
    found = read_number(text, the_reader().locale)
    return DirectoryFault(name, "departments.authority_wrong") if found is None else found


def words_of(fault: DirectoryFault) -> tuple[tuple[str, str], ...]:
    """Return a fault as a page shows it."""
    return ((fault.control, t(fault.message, **fault.params)),)


def find_department(request_unit: RequestUnit, id: str) -> Department:
    """Return a department; 404 where there is none."""
    found = request_unit.reading.directory(the_actor().organisation).find(id)
    if found is None:
        flask.abort(404)
    return found


# Drawing --------------------------------------------------------------------------------------------------------------


def draw_departments(request_unit: RequestUnit, shown: TypedTexts | None = None) -> str:
    """Return the page of the tree, with what was typed for a new department."""
    reading, organisation = request_unit.reading, the_actor().organisation
    directory, counts = reading.directory(organisation), reading.member_counts(organisation)
    names = names_in(request_unit, directory)
    rows = [tree_row(directory, names, counts, depth, each) for depth, each in directory.outline()]
    return render(
        "pages/departments.html",
        here="departments",
        rows=[row for row in rows if row.department.closed_at is None],
        closed=[row for row in rows if row.department.closed_at is not None],
        headless=[row for row in rows if row.department.closed_at is None and (not row.head or row.is_head_gone)],
        parents=parents_of(directory),
        people=offered_people(request_unit) if the_actor().is_admin else [],
        shown=shown or TypedTexts(),
        may_change=the_actor().is_admin,
    )


def tree_row(
    directory: Directory, names: Mapping[str, str], counts: Mapping[str, int], depth: int, each: Department
) -> TreeRow:
    """Return a department as a row of the tree."""
    asked = directory.head(each.id)
    return TreeRow(
        department=each,
        depth=depth,
        head=names.get(each.head or "", ""),
        deputy=names.get(each.deputy or "", ""),
        is_head_gone=each.head in directory.inactive,
        asked_instead=names.get(asked.user or "", "") if asked.user != each.head else "",
        members=counts.get(each.id, 0),
    )


def draw_department(request_unit: RequestUnit, department: Department, shown: TypedTexts | None = None) -> str:
    """Return the page of a department, with what was typed into one of its forms."""
    reading, organisation = request_unit.reading, the_actor().organisation
    directory = reading.directory(organisation)
    names, company = names_in(request_unit, directory), reading.organisation(organisation)
    currency = company.currency if company else ""
    posts = [
        PostRow(
            post, names.get(post.holder or "", ""), post.holder in directory.inactive, authority_words(post, currency)
        )
        for post in directory.posts_of(department.id)
    ]
    members = reading.members_of_departments(organisation, [department.id])
    staff = [
        StaffRow(user, user.department == department.id, tuple(post.title for post in directory.posts_held(user.id)))
        for user in reading.users(organisation, members).values()
    ]
    hanging = hanging_on(reading, organisation, department.id)
    return render(
        "pages/department.html",
        here="departments",
        department=department,
        path=[(each.id, each.title) for each in directory.path(department.id)[:-1]],
        head=tree_row(directory, names, {}, 0, department),
        below=[each for each in directory.children.get(department.id, ()) if each.closed_at is None],
        staff=sorted(staff, key=lambda row: (not row.is_main, row.user.name.casefold(), row.user.id)),
        posts=posts,
        rooms=[room for room in reading.workspaces(organisation) if room.department == department.id],
        lists=lists_of(department),
        parents=parents_of(directory, apart_from=directory.within(department.id)),
        hanging=hanging,
        hangs=hanging_words(hanging),
        people=offered_people(request_unit) if the_actor().is_admin else [],
        shown=shown or TypedTexts(),
        may_change=the_actor().is_admin,
        currency=currency,
        authority_texts={row.post.id: authority_text(row.post) for row in posts},
    )


def hanging_words(hanging: Hanging) -> list[str]:
    """Return what must go somewhere before a department can be closed, each with its number."""
    return [t(f"departments.hanging_{name}", count=count) for name, count in hanging.__dict__.items() if count]


def lists_of(department: Department) -> list[tuple[str, str]]:
    """Return (title, address) of the lists of records that belong to a department or to one below it."""
    asked = f"record.department={quote_plus(department.id)}"
    return [(place.title, f"{place.address}?{asked}") for group in find_places().side.groups for place in group.places]


def authority_words(post: Post, currency: str) -> str:
    """Return up to which amount a post decides, as its reader writes it; empty where it says nothing."""
    return "" if post.authority is None else shown_amount(post.authority, the_reader().locale, currency)


def authority_text(post: Post) -> str:
    """Return the same as it is typed."""
    return "" if post.authority is None else typed_number(post.authority, the_reader().locale)


def names_in(request_unit: RequestUnit, directory: Directory) -> dict[str, str]:
    """Return the names of everybody with a headship or a post, in one query."""
    ids = {user for each in directory.departments.values() for user in (each.head, each.deputy) if user}
    ids |= {post.holder for post in directory.posts.values() if post.holder}
    return {id: user.name for id, user in request_unit.reading.users(the_actor().organisation, ids).items()}


def parents_of(directory: Directory, apart_from: frozenset[str] = frozenset()) -> list[tuple[str, str]]:
    """Return (id, path) of the departments that others may be part of."""
    return [
        (each.id, " / ".join(above.title for above in directory.path(each.id)))
        for _, each in directory.outline()
        if each.closed_at is None and each.id not in apart_from
    ]
