"""Changes of the tree of departments: whether one may be, and the writing of it, in one transaction.

Whoever changes something says which revision they saw. A refusal is a `DirectoryFault`: nothing was written.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from blankett.engine.departments import Department, Directory, DirectoryFault, Post
from blankett.engine.departments.directory import DEEPEST
from blankett.engine.fields.text import is_line
from blankett.engine.store import Reading, Writing

KEY = re.compile(r"[a-z][a-z0-9_]{0,59}\Z")
LONGEST_TITLE = 200
#: Authority is a plain amount, at most this.
MOST_AUTHORITY = Decimal(10) ** 15

#: Of what is only being made.
NO_REVISION = 0


@dataclass(frozen=True, kw_only=True)
class WantedDepartment:
    """What a department is to be."""

    title: str
    #: Empty: made of the title. Counts for a new one alone.
    id: str = ""
    parent: str | None = None
    head: str | None = None
    deputy: str | None = None


@dataclass(frozen=True, kw_only=True)
class WantedPost:
    """What a post is to be."""

    title: str
    department: str
    holder: str | None = None
    authority: Decimal | None = None


@dataclass(frozen=True)
class Hanging:
    """What hangs on a department: it must go somewhere before the department can be closed."""

    departments: int = 0
    members: int = 0
    posts: int = 0
    workspaces: int = 0

    def __bool__(self) -> bool:
        return bool(self.departments or self.members or self.posts or self.workspaces)


class DepartmentChanges:
    """Changes within one transaction. Made when it begins: nobody else changes the tree until it ends."""

    def __init__(self, writing: Writing, organisation: str, now: datetime) -> None:
        writing.lock_departments(organisation)
        self.writing = writing
        self.organisation = organisation
        self.now = now

    @property
    def directory(self) -> Directory:
        """Return the tree as it is by now."""
        return self.writing.directory(self.organisation)

    # Departments ------------------------------------------------------------------------------------------------------

    def create(self, wanted: WantedDepartment) -> Department | DirectoryFault:
        """Make a department."""
        directory = self.directory
        id = wanted.id or free_key(wanted.title, directory.departments)
        if not KEY.match(id):
            return DirectoryFault("id", "departments.key_wrong")
        if id in directory.departments:
            return DirectoryFault("id", "departments.key_taken", {"key": id})
        made = Department(organisation=self.organisation, id=id, title="")
        return self._put(directory, replace(made, revision=NO_REVISION), wanted)

    def change(self, id: str, revision: int | None, wanted: WantedDepartment) -> Department | DirectoryFault:
        """Rename a department, move it, give it another head or deputy."""
        directory = self.directory
        found = self._open(directory, id, revision)
        return found if isinstance(found, DirectoryFault) else self._put(directory, found, wanted)

    def _put(self, directory: Directory, before: Department, wanted: WantedDepartment) -> Department | DirectoryFault:
        fault = self._fault_of(directory, before, wanted)
        if fault is not None:
            return fault
        made = replace(
            before,
            title=wanted.title,
            parent=wanted.parent,
            head=wanted.head,
            deputy=wanted.deputy,
            revision=before.revision + 1,
        )
        if replace(made, revision=before.revision) != before:
            self.writing.put_department(made)
        return made

    def _fault_of(self, directory: Directory, before: Department, wanted: WantedDepartment) -> DirectoryFault | None:
        if not is_line(wanted.title, LONGEST_TITLE):
            return DirectoryFault("title", "departments.title_missing")
        if wanted.parent is not None and directory.find_open(wanted.parent) is None:
            return DirectoryFault("parent", "departments.parent_gone")
        if directory.would_circle(before.id, wanted.parent):
            return DirectoryFault("parent", "departments.circle", {"title": before.title})
        if directory.depth_with(before.id, wanted.parent) > DEEPEST:
            return DirectoryFault("parent", "departments.too_deep", {"most": DEEPEST})
        beside = (each for each in directory.children.get(wanted.parent, ()) if each.closed_at is None)
        if any(each.title == wanted.title and each.id != before.id for each in beside):
            return DirectoryFault("title", "departments.title_taken", {"title": wanted.title})
        if wanted.deputy is not None and wanted.deputy == wanted.head:
            return DirectoryFault("deputy", "departments.own_deputy")
        people = {"head": (before.head, wanted.head), "deputy": (before.deputy, wanted.deputy)}
        return self._fault_of_people(people)

    def _fault_of_people(self, people: Mapping[str, tuple[str | None, str | None]]) -> DirectoryFault | None:
        """Return what is wrong with people who were chosen: control → (until now, wanted); who was there may stay."""
        chosen = {control: wanted for control, (was, wanted) in people.items() if wanted is not None and wanted != was}
        known = self.writing.users(self.organisation, chosen.values())
        for control, id in chosen.items():
            user = known.get(id)
            if user is None:
                return DirectoryFault(control, "departments.person_gone")
            if not user.active:
                return DirectoryFault(control, "departments.person_inactive", {"name": user.name})
        return None

    def _open(self, directory: Directory, id: str, revision: int | None) -> Department | DirectoryFault:
        """Return a department as it is, if it is what somebody saw."""
        found = directory.find(id)
        if found is None:
            return DirectoryFault("title", "departments.gone")
        if found.closed_at is not None:
            return DirectoryFault("title", "departments.is_closed", {"title": found.title})
        if revision is not None and found.revision != revision:
            return DirectoryFault("title", "departments.changed_meanwhile", {"title": found.title})
        return found

    def hanging(self, id: str) -> Hanging:
        """Return what hangs on a department."""
        return hanging_on(self.writing, self.organisation, id)

    def close(self, id: str, revision: int | None, into: str | None = None) -> Department | DirectoryFault:
        """Close a department. With *into* all that hangs on it goes there first, and the closed one stands below it:
        its records belong to that one then. Without, nothing may hang on it.
        """
        directory = self.directory
        found = self._open(directory, id, revision)
        if isinstance(found, DirectoryFault):
            return found
        if into is not None and directory.find_open(into) is None:
            return DirectoryFault("into", "departments.parent_gone")
        if into is not None and directory.is_within(into, id):
            return DirectoryFault("into", "departments.into_below", {"title": found.title})
        if into is None:
            hanging = self.hanging(id)
            if hanging:
                return DirectoryFault("into", "departments.not_empty", {"title": found.title, **hanging.__dict__})
        else:
            fault = self._hand_on(directory, found, into)
            if fault is not None:
                return fault
        closed = replace(
            found,
            head=None,
            deputy=None,
            parent=into or found.parent,
            closed_at=self.now,
            revision=found.revision + 1,
        )
        self.writing.put_department(closed)
        return closed

    def _hand_on(self, directory: Directory, found: Department, into: str) -> DirectoryFault | None:
        """Move what hangs on a department to another one."""
        below = directory.children.get(found.id, ())
        if any(directory.depth_with(each.id, into) > DEEPEST for each in below or (found,)):
            return DirectoryFault("into", "departments.too_deep", {"most": DEEPEST})
        titles = {each.title for each in directory.children.get(into, ()) if each.closed_at is None}
        for child in below:
            if child.closed_at is None and child.id != into and child.title in titles:
                return DirectoryFault("into", "departments.title_taken", {"title": child.title})
        for child in below:
            self.writing.put_department(replace(child, parent=into, revision=child.revision + 1))
        for post in directory.posts_of(found.id):
            self.writing.put_post(replace(post, department=into, revision=post.revision + 1))
        self._move_members(found.id, into)
        for workspace in self.writing.workspaces(self.organisation):
            if workspace.department == found.id:
                self.writing.put_workspace(replace(workspace, department=into))
        return None

    def _move_members(self, old: str, new: str) -> None:
        members = self.writing.members_of_departments(self.organisation, [old])
        for user, known in sorted(self.writing.users(self.organisation, members).items()):
            is_main = known.department == old
            self.place(user, new if is_main else None, keeps_main=not is_main, also=() if is_main else (new,))
            self.writing.drop_member(self.organisation, old, user)

    def reopen(self, id: str, revision: int | None) -> Department | DirectoryFault:
        """Open a closed department again, where it stands, empty."""
        found = self.directory.find(id)
        if found is None:
            return DirectoryFault("title", "departments.gone")
        if revision is not None and found.revision != revision:
            return DirectoryFault("title", "departments.changed_meanwhile", {"title": found.title})
        parent = self.directory.find(found.parent)
        if parent is not None and parent.closed_at is not None:
            return DirectoryFault("title", "departments.parent_closed", {"title": parent.title})
        opened = replace(found, closed_at=None, revision=found.revision + 1)
        if found.closed_at is not None:
            self.writing.put_department(opened)
        return opened

    # Members ----------------------------------------------------------------------------------------------------------

    def place(
        self, user: str, main: str | None, also: Iterable[str] = (), *, keeps_main: bool = False
    ) -> DirectoryFault | None:
        """Make somebody a member of *main* (None: of none, unless they keep the one they have) and of *also*."""
        directory, further = self.directory, frozenset(also)
        for id in sorted(further | ({main} if main else frozenset())):
            if directory.find_open(id) is None:
                return DirectoryFault("department", "departments.parent_gone")
        known = self.writing.user(self.organisation, user)
        if known is None:
            return DirectoryFault("user", "departments.person_gone")
        if not keeps_main:
            self.writing.set_main_department(self.organisation, user, main, self.now)
        stays = known.department if keeps_main else main
        for id in sorted(further - {stays}):
            self.writing.add_member(self.organisation, id, user)
        if stays:
            self.writing.drop_member(self.organisation, stays, user)
        return None

    def set_memberships(self, user: str, main: str | None, further: Iterable[str]) -> DirectoryFault | None:
        """Make somebody a member of exactly these departments."""
        wanted = frozenset(further)
        before = self.directory.departments_of(user)
        fault = self.place(user, main, wanted)
        for id in before if fault is None else ():
            if id != main and id not in wanted:
                self.writing.drop_member(self.organisation, id, user)
        return fault

    def leave(self, user: str, department: str) -> None:
        """End somebody's membership of a department."""
        known = self.writing.user(self.organisation, user)
        if known is not None and known.department == department:
            self.writing.set_main_department(self.organisation, user, None, self.now)
        self.writing.drop_member(self.organisation, department, user)

    # Posts ------------------------------------------------------------------------------------------------------------

    def create_post(self, wanted: WantedPost, id: str = "") -> Post | DirectoryFault:
        """Make a post."""
        posts = self.directory.posts
        id = id or free_key(wanted.title, posts)
        if not KEY.match(id):
            return DirectoryFault("id", "departments.key_wrong")
        if id in posts:
            return DirectoryFault("id", "departments.key_taken", {"key": id})
        made = Post(organisation=self.organisation, id=id, department=wanted.department, title="", revision=NO_REVISION)
        return self._put_post(made, wanted)

    def change_post(self, id: str, revision: int | None, wanted: WantedPost) -> Post | DirectoryFault:
        """Give a post another title, department, holder or authority."""
        found = self._post(id, revision)
        return found if isinstance(found, DirectoryFault) else self._put_post(found, wanted)

    def remove_post(self, id: str, revision: int | None) -> Post | DirectoryFault:
        """Take a post away."""
        found = self._post(id, revision)
        if isinstance(found, Post):
            self.writing.remove_post(self.organisation, id)
        return found

    def _post(self, id: str, revision: int | None) -> Post | DirectoryFault:
        found = self.directory.posts.get(id)
        if found is None:
            return DirectoryFault("title", "departments.post_gone")
        if revision is not None and found.revision != revision:
            return DirectoryFault("title", "departments.changed_meanwhile", {"title": found.title})
        return found

    def _put_post(self, before: Post, wanted: WantedPost) -> Post | DirectoryFault:
        if not is_line(wanted.title, LONGEST_TITLE):
            return DirectoryFault("title", "departments.title_missing")
        if self.directory.find_open(wanted.department) is None:
            return DirectoryFault("department", "departments.parent_gone")
        if wanted.authority is not None and not 0 <= wanted.authority <= MOST_AUTHORITY:
            return DirectoryFault("authority", "departments.authority_wrong")
        fault = self._fault_of_people({"holder": (before.holder, wanted.holder)})
        if fault is not None:
            return fault
        made = replace(before, **wanted.__dict__, revision=before.revision + 1)
        if replace(made, revision=before.revision) != before:
            self.writing.put_post(made)
        return made


def hanging_on(reading: Reading, organisation: str, id: str) -> Hanging:
    """Return what hangs on a department."""
    directory = reading.directory(organisation)
    return Hanging(
        departments=sum(each.closed_at is None for each in directory.children.get(id, ())),
        members=len(reading.members_of_departments(organisation, [id])),
        posts=len(directory.posts_of(id)),
        workspaces=sum(each.department == id for each in reading.workspaces(organisation)),
    )


def free_key(title: str, taken: Iterable[str]) -> str:
    """Return a key made of a title that is not taken: ``Purchasing North`` → ``purchasing_north``."""
    known = frozenset(taken)
    letters = re.sub(r"[^a-z0-9]+", "_", title.casefold()).strip("_")[:50].strip("_")
    base = letters if letters[:1].isascii() and letters[:1].isalpha() else f"d_{letters}".rstrip("_")
    numbers = (base if number == 1 else f"{base}_{number}" for number in range(1, len(known) + 2))
    return next(each for each in numbers if each not in known)
