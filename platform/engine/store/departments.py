"""Departments as they are kept: the tree, who is in it, posts and absences; and a `Directory` of them.

Everything that changes the tree first takes `lock_departments`: two who change it at once come one after the other.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from datetime import date
from decimal import Decimal
from functools import cache, cached_property
from weakref import proxy

from sqlalchemy import BindParameter, bindparam, delete, func, select, union
from sqlalchemy.sql.base import Executable

from blankett.engine.departments import Absence, Department, Directory, Post
from blankett.engine.store import tables
from blankett.engine.store.json_text import write_names
from blankett.engine.store.people import (
    PeopleReading,
    PeopleWriting,
    StoredUser,
    member_of,
    members_in,
    put_over,
    workspaces_above,
)
from blankett.engine.store.timestamps import from_days, read_moment, to_days, write_moment
from blankett.engine.store.transaction import Row, insert_into, pieces

#: Kinds of acts after which a directory is another one.
OF_DIRECTORY = frozenset({"department", "department_member", "post", "absence", "user"})

_d, _p, _a, _u = tables.department.c, tables.post.c, tables.absence.c, tables.user.c
_m = tables.department_member.c
_r = tables.record.c
_DEPARTMENT = (_d.organisation, _d.id, _d.title, _d.parent, _d.head, _d.deputy, _d.revision, _d.closed_at)
_POST = (_p.organisation, _p.id, _p.department, _p.title, _p.holder, _p.authority, _p.revision)
_ABSENCE = (
    _a.organisation, _a.id, _a.user, _a.substitute, _a.first, _a.last, _a.blueprints, _a.note, _a.by, _a.at,
    _a.ended_at,
)  # fmt: skip

_here: BindParameter[str] = bindparam("in_organisation")
_departments = select(*_DEPARTMENT).where(_d.organisation == _here).order_by(_d.id)
_lock = (
    select(tables.organisation.c.organisation)
    .where(tables.organisation.c.organisation == _here)
    .with_for_update(key_share=True)
)
_posts = select(*_POST).where(_p.organisation == _here).order_by(_p.id)
_absences = select(*_ABSENCE).where(_a.organisation == _here).order_by(_a.first, _a.id)
_current_absences = _absences.where(_a.ended_at.is_(None), _a.last >= bindparam("since"))
_absences_of = _absences.where(_a.user == bindparam("of_user"))
_one_absence = _absences.where(_a.id == bindparam("of_id"))
_main = select(_u.department).where(_u.organisation == _here, _u.id == bindparam("of_user"), _u.department.isnot(None))
_further = (
    select(_m.department).where(_m.organisation == _here, _m.user == bindparam("of_user")).order_by(_m.department)
)
_main_members = select(_u.department, _u.id).where(
    _u.organisation == _here, _u.department.in_(bindparam("departments", expanding=True))
)
_further_members = select(_m.department, _m.user).where(
    _m.organisation == _here, _m.department.in_(bindparam("departments", expanding=True))
)
_inactive = select(_u.id).where(
    _u.organisation == _here,
    _u.active == 0,
    _u.id.in_(
        union(
            select(_d.head).where(_d.organisation == _here, _d.head.isnot(None)),
            select(_d.deputy).where(_d.organisation == _here, _d.deputy.isnot(None)),
            select(_p.holder).where(_p.organisation == _here, _p.holder.isnot(None)),
            select(_a.substitute).where(_a.organisation == _here),
        )
    ),
)
_own = [
    select(_r.id.label("id")).where(
        _r.organisation == _here,
        _r.form == bindparam("of_form"),
        column == bindparam("of_user"),
        _r.state.is_(None) | _r.state.not_in(bindparam("ended", expanding=True)),
    )
    for column in (_r.owner, _r.assignee)
]
#: Each half walks along an index of its own.
_owned = union(*_own).subquery()
_of_person = select(_owned.c.id).order_by(_owned.c.id).limit(bindparam("most"))
_counts = select(_u.department, func.count()).where(_u.organisation == _here, _u.department.isnot(None))
_counts = _counts.group_by(_u.department)
_more_counts = select(_m.department, func.count()).where(_m.organisation == _here).group_by(_m.department)
_remove_further = delete(tables.department_member).where(
    _m.organisation == _here, _m.department == bindparam("of_department"), _m.user == bindparam("of_user")
)
_remove_post = delete(tables.post).where(_p.organisation == _here, _p.id == bindparam("of_id"))


@cache
def _insert_once(dialect: str, name: str) -> Executable:
    return insert_into(dialect, tables.metadata.tables[name]).on_conflict_do_nothing()


class StoredStaff:
    """What a directory asks about people, read from a transaction when it asks."""

    def __init__(self, reading: DepartmentReading, organisation: str) -> None:
        #: Only as long as it is there: it holds its directories.
        self._reading: DepartmentReading = proxy(reading)
        self._bound = {"in_organisation": organisation}

    def posts(self) -> Collection[Post]:
        """Return all posts."""
        return [_post(row) for row in self._reading.rows(_posts, self._bound)]

    def departments_of(self, user: str) -> tuple[str, ...]:
        """Return the departments somebody is a member of, the main one first."""
        bound = {**self._bound, "of_user": user}
        found = [row[0] for statement in (_main, _further) for row in self._reading.rows(statement, bound)]
        return tuple(dict.fromkeys(found))

    def members_of(self, departments: Collection[str]) -> frozenset[str]:
        """Return who is a member of one of *departments*."""
        return self._reading.members_of_departments(self._bound["in_organisation"], departments)

    def inactive(self) -> frozenset[str]:
        """Return the people who have left, of those with a headship, a post or somebody to stand in for."""
        return frozenset(row[0] for row in self._reading.rows(_inactive, self._bound))

    def absences(self) -> Collection[Absence]:
        """Return all absences that were not ended; a directory is asked for days, also past ones."""
        bound = {**self._bound, "since": to_days(date(1970, 1, 1))}
        return [_absence(row) for row in self._reading.rows(_current_absences, bound)]


class DepartmentReading(PeopleReading):
    """Reads departments."""

    def directory(self, organisation: str) -> Directory:
        """Return the departments with their people, as they are in this transaction."""
        found = self._directories.get(organisation)
        if found is None:
            rows = self.rows(_departments, {"in_organisation": organisation})
            found = Directory(map(_department, rows), StoredStaff(self, organisation))
            self._directories[organisation] = found
        return found

    @cached_property
    def _directories(self) -> dict[str, Directory]:
        return {}

    def members_of_departments(self, organisation: str, departments: Collection[str]) -> frozenset[str]:
        """Return the ids of the members of *departments* themselves, whether it is their main one or a further one."""
        return frozenset(
            row[1]
            for piece in pieces(sorted(departments))
            for statement in (_main_members, _further_members)
            for row in self.rows(statement, {"in_organisation": organisation, "departments": piece})
        )

    def users_with_role(
        self, organisation: str, workspace: str, roles: Iterable[str], department: str | None
    ) -> list[StoredUser]:
        """Return the active users who hold one of *roles* in *workspace* or in one above it, by name; of those who hold
        it for a department alone, who do for *department* or one above it.

        Included roles are not closed over: pass every role that includes the one meant.
        """
        wanted = frozenset(roles)
        above = workspaces_above(self.workspaces(organisation), workspace)
        rows = self.rows(members_in, {"in_organisation": organisation, "workspaces": above})
        members = [member_of(row) for row in rows]
        bounds: frozenset[str] = frozenset()
        if department is not None and any(member.is_bounded for member in members):
            bounds = frozenset(each.id for each in self.directory(organisation).above(department))
        holders = {member.user for member in members if member.roles_for(bounds) & wanted}
        found = self.users(organisation, holders).values()
        return sorted((user for user in found if user.active), key=lambda user: (user.name, user.id))

    def records_of_person(
        self, organisation: str, form: str, user: str, ended: Collection[str], most: int
    ) -> list[str]:
        """Return at most *most* ids of the records of a form (its full name) that somebody owns or is assigned, which
        are in none of the states *ended*.
        """
        bound = {
            "in_organisation": organisation,
            "of_form": form,
            "of_user": user,
            "ended": sorted(ended),
            "most": most,
        }
        return [row[0] for row in self.rows(_of_person, bound)]

    def member_counts(self, organisation: str) -> dict[str, int]:
        """Return how many people are members of each department itself."""
        bound, found = {"in_organisation": organisation}, dict[str, int]()
        for statement in (_counts, _more_counts):
            for department, count in self.rows(statement, bound):
                found[department] = found.get(department, 0) + int(count)
        return found

    def absences(self, organisation: str, since: date) -> list[Absence]:
        """Return the absences that were not ended and last until *since* at least, by their first day."""
        bound = {"in_organisation": organisation, "since": to_days(since)}
        return [_absence(row) for row in self.rows(_current_absences, bound)]

    def absences_of(self, organisation: str, user: str) -> list[Absence]:
        """Return all absences of a person, those that are over or were ended too, by their first day."""
        return [_absence(row) for row in self.rows(_absences_of, {"in_organisation": organisation, "of_user": user})]

    def absence(self, organisation: str, id: str) -> Absence | None:
        """Return an absence, or None."""
        row = self.first(_one_absence, {"in_organisation": organisation, "of_id": id})
        return None if row is None else _absence(row)


class DepartmentWriting(DepartmentReading, PeopleWriting):
    """Writes departments. Whether a change may be is decided above (`people.department_changes`)."""

    def note(
        self, organisation: str, kind: str, subject: str, digest: str = "", said: str = "", at: str = "", by: str = ""
    ) -> None:
        """Note that something protected was written; what was known of the departments is read anew after that."""
        super().note(organisation, kind, subject, digest, said, at, by)
        if kind in OF_DIRECTORY:
            self._directories.pop(organisation, None)

    def lock_departments(self, organisation: str) -> None:
        """Let nobody else change the tree until this transaction ends, and read it as others have left it; SQLite has
        one writer at a time anyway.
        """
        if self.dialect == "postgresql":
            self.rows(_lock, {"in_organisation": organisation})
        self._directories.pop(organisation, None)

    def put_department(self, department: Department) -> None:
        """Make a department, or write over it."""
        closed_at = department.closed_at
        row = {**department.__dict__, "closed_at": None if closed_at is None else write_moment(closed_at)}
        self.do("department.put", put_over(self.dialect, "department"), row)
        self.note_row("department", row)

    def put_post(self, post: Post) -> None:
        """Make a post, or write over it."""
        row = {**post.__dict__, "authority": None if post.authority is None else f"{post.authority:f}"}
        self.do("post.put", put_over(self.dialect, "post"), row)
        self.note_row("post", row)

    def remove_post(self, organisation: str, id: str) -> None:
        """Take a post away."""
        if self.do("post.delete", _remove_post, {"in_organisation": organisation, "of_id": id}):
            self.note_removed("post", organisation, id)

    def add_member(self, organisation: str, department: str, user: str) -> None:
        """Make somebody a further member of a department."""
        row = {"organisation": organisation, "department": department, "user": user}
        if self.do("department_member.insert", _insert_once(self.dialect, "department_member"), row):
            self.note_row("department_member", row)

    def drop_member(self, organisation: str, department: str, user: str) -> None:
        """End somebody's further membership."""
        bound = {"in_organisation": organisation, "of_department": department, "of_user": user}
        if self.do("department_member.delete", _remove_further, bound):
            self.note_removed("department_member", organisation, department, user)

    def put_absence(self, absence: Absence) -> None:
        """Enter an absence, or write over it."""
        row = {
            **absence.__dict__,
            "first": to_days(absence.first),
            "last": to_days(absence.last),
            "blueprints": write_names(absence.blueprints),
            "at": write_moment(absence.at),
            "ended_at": None if absence.ended_at is None else write_moment(absence.ended_at),
        }
        self.do("away.put", put_over(self.dialect, "absence"), row)
        self.note_row("absence", row)


def _department(row: Row) -> Department:
    return Department(
        organisation=row[0],
        id=row[1],
        title=row[2],
        parent=row[3],
        head=row[4],
        deputy=row[5],
        revision=row[6],
        closed_at=None if row[7] is None else read_moment(row[7]),
    )


def _post(row: Row) -> Post:
    return Post(
        organisation=row[0],
        id=row[1],
        department=row[2],
        title=row[3],
        holder=row[4],
        authority=None if row[5] is None else Decimal(row[5]),
        revision=row[6],
    )


def _absence(row: Row) -> Absence:
    return Absence(
        organisation=row[0],
        id=row[1],
        user=row[2],
        substitute=row[3],
        first=from_days(row[4]),
        last=from_days(row[5]),
        blueprints=frozenset(json.loads(row[6])),
        note=row[7],
        by=row[8],
        at=read_moment(row[9]),
        ended_at=None if row[10] is None else read_moment(row[10]),
    )
