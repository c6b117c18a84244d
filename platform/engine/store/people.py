"""People and places: the organisation, its workspaces, users, and who is a member where with which roles.

Passwords arrive hashed; hashing and sign-in are the pages'.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache, cached_property
from typing import Any

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.sql.base import Executable

from blankett.engine.store import tables
from blankett.engine.store.collation import collation_of
from blankett.engine.store.json_text import write_names
from blankett.engine.store.seals import ActWriting
from blankett.engine.store.timestamps import read_moment, write_moment
from blankett.engine.store.transaction import Row, Transaction, insert_into, pieces


@dataclass(frozen=True, kw_only=True)
class Organisation:
    """The company: everything is inside one."""

    id: str
    title: str
    #: IANA name, for workspaces that have none of their own.
    zone: str = "UTC"
    #: The currency its books are kept in.
    currency: str = "EUR"
    created_at: datetime
    #: The language whose order lists are sorted in; empty for the default.
    collation: str = ""
    #: The version of the collation that the sort keys of all records are made with; empty for an organisation without
    #: records.
    collated: str = field(default="", compare=False)


@dataclass(frozen=True, kw_only=True)
class Workspace:
    """A department's room; those below it are inside it."""

    organisation: str
    id: str
    title: str
    parent: str | None = None
    #: None: its parent's, at last the organisation's.
    zone: str | None = None
    #: The department whose room it is, if it is one's.
    department: str | None = None


@dataclass(frozen=True, kw_only=True)
class StoredUser:
    """A person who may sign in, with how they like their pages."""

    organisation: str
    id: str
    #: Lower case: `email_key` of what was typed.
    email: str
    name: str
    #: A hash; empty: cannot sign in with a password.
    password: str = ""
    #: Changes when every session of theirs must end.
    stamp: str = ""
    active: bool = True
    #: Administers the whole organisation. Reads no records by that alone.
    is_admin: bool = False
    language: str = "en"
    #: light | dark | auto
    theme: str = "auto"
    #: comfortable | compact
    density: str = "comfortable"
    #: Empty: the workspace's.
    zone: str = ""
    #: Whether others know the password, so that it must be changed before anything else.
    first_password: bool = False
    #: How numbers and days are written for them, words of `fields.locale_formats`; empty: as in their language.
    numbers: str = ""
    days: str = ""
    #: The id of their main department.
    department: str | None = None
    created_at: datetime
    changed_at: datetime


#: A role that is held for the records of a department, and those below it, alone: ``approver@purchasing``.
FOR_DEPARTMENT = "@"


@dataclass(frozen=True, kw_only=True)
class Member:
    """Somebody's place in a workspace."""

    organisation: str
    workspace: str
    user: str
    roles: frozenset[str] = frozenset()
    #: May change the workspace's blueprints and members.
    administers: bool = False

    def roles_for(self, departments: Collection[str]) -> frozenset[str]:
        """Return the roles that count for records of one of *departments*, without those held for others alone."""
        return frozenset(
            role
            for role, bar, department in (held.partition(FOR_DEPARTMENT) for held in self.roles)
            if not bar or department in departments
        )

    @property
    def is_bounded(self) -> bool:
        """Tell whether some role is held for a department alone."""
        return any(FOR_DEPARTMENT in held for held in self.roles)

    @property
    def role_keys(self) -> frozenset[str]:
        """Return the keys of all roles, also of those that are held for a department alone."""
        return frozenset(held.partition(FOR_DEPARTMENT)[0] for held in self.roles)


_u = tables.user.c
_w = tables.workspace.c
_m = tables.member.c
USER_COLUMNS = (
    _u.organisation, _u.id, _u.email, _u.name, _u.password, _u.stamp, _u.active, _u.is_admin,
    _u.language, _u.theme, _u.density, _u.zone, _u.created_at, _u.changed_at,
    _u.first_password, _u.numbers, _u.days, _u.department,
)  # fmt: skip
_WORKSPACE = (_w.organisation, _w.id, _w.title, _w.parent, _w.zone, _w.department)
_MEMBER = (_m.organisation, _m.workspace, _m.user, _m.roles, _m.administers)
#: Columns of a workspace.
_WIDTH = len(_WORKSPACE)

_in_users = _u.organisation == bindparam("in_organisation")
_users_by_id = select(*USER_COLUMNS).where(_in_users, _u.id.in_(bindparam("ids", expanding=True)))
_user_by_email = select(*USER_COLUMNS).where(_in_users, _u.email == bindparam("folded"))
_all_users = select(*USER_COLUMNS).where(_in_users).order_by(_u.name, _u.id)
_active_users = _all_users.where(_u.active == 1).limit(bindparam("most"))
_users_named = _all_users.where(
    (_u.id == bindparam("exact")) | (_u.email == bindparam("folded")) | (_u.name == bindparam("exact"))
).limit(bindparam("most"))
_update_user = update(tables.user).where(_in_users, _u.id == bindparam("this"))
_set_department = _update_user.where(_u.department.is_distinct_from(bindparam("new_department"))).values(
    department=bindparam("new_department"), changed_at=bindparam("at_moment")
)
_organisations = select(*tables.organisation.c).order_by(tables.organisation.c.organisation)
_workspaces = select(*_WORKSPACE).where(_w.organisation == bindparam("in_organisation")).order_by(_w.title, _w.id)
_in_members = _m.organisation == bindparam("in_organisation")
_members = select(*_MEMBER).where(_in_members, _m.workspace == bindparam("of_workspace")).order_by(_m.user)
_memberships = select(*_MEMBER).where(_in_members, _m.user == bindparam("of_user"))
_memberships_of = select(*_MEMBER).where(_in_members, _m.user.in_(bindparam("of_users", expanding=True)))
#: All workspaces, each with the membership of one person where they have one, and the organisation.
_places = (
    select(*_WORKSPACE, *_MEMBER, *tables.organisation.c)
    .join(tables.organisation, tables.organisation.c.organisation == _w.organisation)
    .outerjoin(
        tables.member,
        (_m.organisation == _w.organisation) & (_m.workspace == _w.id) & (_m.user == bindparam("of_user")),
    )
    .where(_w.organisation == bindparam("in_organisation"))
    .order_by(_w.title, _w.id)
)
members_in = select(*_MEMBER).where(_in_members, _m.workspace.in_(bindparam("workspaces", expanding=True)))
_remove_member = delete(tables.member).where(
    _in_members, _m.workspace == bindparam("of_workspace"), _m.user == bindparam("of_user")
)
#: A workspace, those above it, from below upwards, is never deeper than this.
DEEPEST = 20


def email_key(email: str) -> str:
    """Return the form in which an e-mail address is kept and looked up."""
    return email.strip().casefold()


@cache
def put_over(dialect: str, name: str) -> Executable:
    """Return the insert of a table that overwrites the row with the same key."""
    table = tables.metadata.tables[name]
    insert: Any = insert_into(dialect, table)
    key = [column.name for column in table.primary_key]
    rest = {column.name: insert.excluded[column.name] for column in table.c if column.name not in key}
    return insert.on_conflict_do_update(index_elements=key, set_=rest)  # type: ignore[no-any-return]


@cache
def _insert_user(dialect: str) -> Executable:
    return insert_into(dialect, tables.user).on_conflict_do_nothing()


class PeopleReading(Transaction):
    """Reads people and places."""

    def organisations(self) -> list[Organisation]:
        """Return every organisation of this store."""
        return [self._organisation(row) for row in self.rows(_organisations, {})]

    def _organisation(self, row: Row) -> Organisation:
        found = _organisation(row)
        self.collations[found.id] = collation_of(found.collation)
        return found

    def organisation(self, id: str) -> Organisation | None:
        """Return the organisation, or None; that of a snapshot is read once."""
        known = self._organisation_of.get(id)
        return known or next((found for found in self.organisations() if found.id == id), None)

    @cached_property
    def _organisation_of(self) -> dict[str, Organisation]:
        return {}

    def workspaces(self, organisation: str) -> list[Workspace]:
        """Return all workspaces by title; those of a snapshot are read once."""
        known = self._workspaces_of.get(organisation)
        if known is None:
            rows = self.rows(_workspaces, {"in_organisation": organisation})
            known = self._workspaces_of[organisation] = [_workspace(row) for row in rows]
        return known

    @cached_property
    def _workspaces_of(self) -> dict[str, list[Workspace]]:
        return {}

    def users(self, organisation: str, ids: Iterable[str]) -> dict[str, StoredUser]:
        """Return the users of *ids* by id; those that do not exist are left out."""
        return {
            row[1]: user_of(row)
            for piece in pieces(sorted(set(ids)))
            for row in self.rows(_users_by_id, {"in_organisation": organisation, "ids": piece})
        }

    def user(self, organisation: str, id: str) -> StoredUser | None:
        """Return the user, or None."""
        return self.users(organisation, [id]).get(id)

    def user_by_email(self, organisation: str, email: str) -> StoredUser | None:
        """Return the user with the address, however it is written; or None."""
        row = self.first(_user_by_email, {"in_organisation": organisation, "folded": email_key(email)})
        return None if row is None else user_of(row)

    def users_named(self, organisation: str, text: str, most: int = 2) -> list[StoredUser]:
        """Return at most *most* users whose id, e-mail address or name is *text*."""
        bound = {"in_organisation": organisation, "exact": text.strip(), "folded": email_key(text), "most": most}
        return [user_of(row) for row in self.rows(_users_named, bound)]

    def all_users(self, organisation: str) -> list[StoredUser]:
        """Return everybody, by name."""
        return [user_of(row) for row in self.rows(_all_users, {"in_organisation": organisation})]

    def active_users(self, organisation: str, most: int) -> list[StoredUser]:
        """Return at most *most* of those who may sign in, by name."""
        return [user_of(row) for row in self.rows(_active_users, {"in_organisation": organisation, "most": most})]

    def members(self, organisation: str, workspace: str) -> list[Member]:
        """Return who is a member of *workspace* itself, not of those above it."""
        return [
            member_of(row) for row in self.rows(_members, {"in_organisation": organisation, "of_workspace": workspace})
        ]

    def memberships(self, organisation: str, user: str) -> list[Member]:
        """Return where *user* is a member."""
        return [member_of(row) for row in self.rows(_memberships, {"in_organisation": organisation, "of_user": user})]

    def memberships_of(self, organisation: str, users: Iterable[str]) -> list[Member]:
        """Return where several *users* are members."""
        return [
            member_of(row)
            for piece in pieces(sorted(set(users)))
            for row in self.rows(_memberships_of, {"in_organisation": organisation, "of_users": piece})
        ]

    def places_of(self, organisation: str, user: str) -> tuple[list[Workspace], list[Member]]:
        """Return all workspaces by title, and where *user* is a member; the organisation is read with them."""
        rows = self.rows(_places, {"in_organisation": organisation, "of_user": user})
        workspaces = self._workspaces_of[organisation] = [_workspace(row) for row in rows]
        if rows:
            self._organisation_of[organisation] = self._organisation(rows[0][_WIDTH + len(_MEMBER) :])
        return workspaces, [member_of(row[_WIDTH:]) for row in rows if row[_WIDTH] is not None]


class PeopleWriting(PeopleReading, ActWriting):
    """Writes people and places."""

    def workspaces(self, organisation: str) -> list[Workspace]:
        """Return all workspaces by title, as this transaction and others have left them."""
        self._workspaces_of.clear()
        return super().workspaces(organisation)

    def organisation(self, id: str) -> Organisation | None:
        """Return the organisation, or None, as this transaction and others have left it."""
        self._organisation_of.clear()
        return super().organisation(id)

    def put_organisation(self, organisation: Organisation) -> None:
        """Make an organisation, or change it."""
        row = {
            "organisation": organisation.id, "title": organisation.title, "zone": organisation.zone,
            "currency": organisation.currency, "created_at": write_moment(organisation.created_at),
            "sort_language": organisation.collation,
            "sort_version": organisation.collated or collation_of(organisation.collation).version,
        }  # fmt: skip
        self.do("organisation.put", put_over(self.dialect, "organisation"), row)
        self.collations.pop(organisation.id, None)
        self.note_row("organisation", row)

    def put_workspace(self, workspace: Workspace) -> None:
        """Make a workspace, or change it. Raises ValueError when it would be inside itself."""
        others = [other for other in self.workspaces(workspace.organisation) if other.id != workspace.id]
        if workspace.parent is not None and workspace.id in workspaces_above([*others, workspace], workspace.parent):
            raise ValueError(f"the workspace {workspace.id!r} would be inside itself")
        self.do("workspace.put", put_over(self.dialect, "workspace"), dict(workspace.__dict__))
        self.note_row("workspace", workspace.__dict__)

    def insert_user(self, user: StoredUser) -> None:
        """Make a user. Raises ValueError when the id or the address is taken."""
        if not self.try_insert_user(user):
            raise ValueError(f"the address {user.email!r} or the id {user.id!r} is taken")

    def try_insert_user(self, user: StoredUser) -> bool:
        """Make a user; False, and nothing happens, when the id or the address is taken."""
        row = _user_row(user)
        is_made = self.do("user.insert", _insert_user(self.dialect), row) == 1
        if is_made:
            self.note_row("user", row)
        return is_made

    def update_user(self, user: StoredUser) -> bool:
        """Write *user* over the one with the id; False when there is none."""
        row = _user_row(user)
        whole = dict(row)
        bound = {"in_organisation": row.pop("organisation"), "this": row.pop("id")}
        is_there = self.do("user.update", _update_user, {**row, **bound}) == 1
        if is_there:  # how somebody likes their pages is nobody's business
            self.note_row("user", whole, only_changes=True)
        return is_there

    def set_main_department(self, organisation: str, user: str, department: str | None, at: datetime) -> None:
        """Make a department somebody's main one, or give them none. Nothing else of their account is written: they may
        be changing their password right now.
        """
        moment = write_moment(at)
        bound = {"in_organisation": organisation, "this": user, "new_department": department, "at_moment": moment}
        if self.do("user.update", _set_department, bound):
            changed = self.user(organisation, user)
            assert changed is not None, "it was just written"
            self.note_row("user", _user_row(changed), only_changes=True)

    def put_member(self, member: Member) -> None:
        """Make somebody a member of a workspace, or give them other roles there."""
        row = {**member.__dict__, "roles": write_names(member.roles), "administers": int(member.administers)}
        self.do("member.put", put_over(self.dialect, "member"), row)
        self.note_row("member", row)

    def remove_member(self, organisation: str, workspace: str, user: str) -> bool:
        """End somebody's membership; False when there was none."""
        bound = {"in_organisation": organisation, "of_workspace": workspace, "of_user": user}
        is_gone = self.do("member.delete", _remove_member, bound) == 1
        if is_gone:
            self.note_removed("member", organisation, workspace, user)
        return is_gone


def workspaces_above(workspaces: Iterable[Workspace], id: str) -> list[str]:
    """Return *id* and the ids of the workspaces it is inside of, from below upwards."""
    parents: Mapping[str, str | None] = {workspace.id: workspace.parent for workspace in workspaces}
    found = [id]
    while (parent := parents.get(found[-1])) is not None and parent not in found and len(found) < DEEPEST:
        found.append(parent)
    return found


def _user_row(user: StoredUser) -> dict[str, object]:
    kept = replace(user, email=email_key(user.email))
    numbers = {
        "active": int(kept.active), "is_admin": int(kept.is_admin), "first_password": int(kept.first_password),
        "created_at": write_moment(kept.created_at), "changed_at": write_moment(kept.changed_at),
    }  # fmt: skip
    return {**kept.__dict__, **numbers}


def user_of(row: Row) -> StoredUser:
    """Return the user of a row that begins with USER_COLUMNS."""
    return StoredUser(
        organisation=row[0], id=row[1], email=row[2], name=row[3], password=row[4], stamp=row[5],
        active=bool(row[6]), is_admin=bool(row[7]), language=row[8], theme=row[9], density=row[10], zone=row[11],
        created_at=read_moment(row[12]), changed_at=read_moment(row[13]), first_password=bool(row[14]),
        numbers=row[15], days=row[16], department=row[17],
    )  # fmt: skip


def _organisation(row: Row) -> Organisation:
    return Organisation(
        id=row[0],
        title=row[1],
        zone=row[2],
        currency=row[3],
        created_at=read_moment(row[4]),
        collation=row[5],
        collated=row[6],
    )


def _workspace(row: Row) -> Workspace:
    return Workspace(organisation=row[0], id=row[1], title=row[2], parent=row[3], zone=row[4], department=row[5])


def member_of(row: Row) -> Member:
    return Member(
        organisation=row[0],
        workspace=row[1],
        user=row[2],
        roles=frozenset(json.loads(row[3])),
        administers=bool(row[4]),
    )
