"""People and what they may do where: the rules for adding, changing and removing, and the writes. Knows no page.

A refusal is a value: (name of the control, message id, params); the page puts it into words beside the control.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from blankett.engine.fields.text import EMAIL, EMAIL_LENGTH
from blankett.engine.store import Member, StoredUser, Writing, email_key
from blankett.web.account.accounts import Accounts
from blankett.web.account.passwords import fault_of, hash_password
from blankett.web.form_text import is_line

LONGEST_NAME = 200
#: Letters and digits that nobody mistakes for one another, for passwords that are read out.
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


@dataclass(frozen=True)
class MemberMistake:
    """What is wrong with something typed."""

    #: The control it stands at.
    name: str
    #: A message id.
    message: str
    params: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True)
class Added:
    """Somebody who is a member now."""

    user: StoredUser
    #: The password they sign in with for the first time; None when they had an account.
    password: str | None


@dataclass(frozen=True, kw_only=True)
class NewPerson:
    """What an administrator typed to add somebody to a workspace."""

    name: str
    email: str
    #: Empty: one is made.
    password: str
    roles: frozenset[str]
    administers: bool

    def mistakes(self, *, is_known: bool) -> list[MemberMistake]:
        """Return what is wrong; somebody who *is_known* keeps the name and the password they have."""
        found = [] if is_known else name_mistakes(self.name)
        found += email_mistakes(self.email)
        fault = fault_of(self.password, self.name, self.email) if self.password and not is_known else None
        return [*found, MemberMistake("password", fault)] if fault else found


def name_mistakes(name: str) -> list[MemberMistake]:
    """Return what is wrong with a person's name."""
    return [] if is_line(name, LONGEST_NAME) else [MemberMistake("name", "people.name_missing")]


def email_mistakes(email: str) -> list[MemberMistake]:
    """Return what is wrong with an e-mail address."""
    is_one = is_line(email, EMAIL_LENGTH) and EMAIL.match(email)
    return [] if is_one else [MemberMistake("email", "people.email_wrong")]


def make_password() -> str:
    """Return a random password that can be read out: ``k7mf-2wqp-9rtd`` (59 bits)."""
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(3))


def add_person(
    accounts: Accounts, organisation: str, workspace: str, person: NewPerson, language: str
) -> Added | list[MemberMistake]:
    """Make somebody a member of *workspace*; make their account when no one has their address yet."""
    with accounts.store.reading() as reading:
        known = reading.user_by_email(organisation, person.email)
    mistakes = person.mistakes(is_known=known is not None)
    if mistakes:
        return mistakes
    password = None if known else person.password or make_password()
    made = known or accounts.make_user(
        organisation, name=person.name, email=email_key(person.email), password=password or "", language=language,
        is_first=True,
    )  # fmt: skip
    member = Member(
        organisation=organisation, workspace=workspace, user=made.id, roles=person.roles, administers=person.administers
    )
    with accounts.store.writing(by=accounts.by) as writing:
        refused = _join(writing, made, member, is_new=known is None)
    return refused or Added(made, password)


def _join(writing: Writing, user: StoredUser, member: Member, *, is_new: bool) -> list[MemberMistake]:
    if is_new:
        if not writing.try_insert_user(user):
            return [MemberMistake("email", "people.just_added")]
    elif not user.active:
        return [MemberMistake("email", "people.switched_off", {"name": user.name})]
    elif any(known.workspace == member.workspace for known in writing.memberships(user.organisation, user.id)):
        return [MemberMistake("email", "people.already_member", {"name": user.name})]
    writing.put_member(member)
    return []


def seen(member: Member) -> str:
    """Return what a page says of a membership, to notice that it changed meanwhile."""
    return " ".join([*sorted(member.roles), *(["+administers"] if member.administers else [])])


def change_member(accounts: Accounts, member: Member, was: str) -> bool:
    """Give a member other roles; False, and nothing is written, when they are no longer what the page showed."""
    with accounts.store.writing(by=accounts.by) as writing:
        members = writing.members(member.organisation, member.workspace)
        now = next((found for found in members if found.user == member.user), None)
        if now is None or seen(now) != was:
            return False
        writing.put_member(member)
    return True


def change_account(accounts: Accounts, user: StoredUser, *, name: str, email: str) -> list[MemberMistake]:
    """Give a person another name or address."""
    mistakes = [*name_mistakes(name), *email_mistakes(email)]
    if mistakes:
        return mistakes
    with accounts.store.writing(by=accounts.by) as writing:
        other = writing.user_by_email(user.organisation, email)
        if other is not None and other.id != user.id:
            return [MemberMistake("email", "people.email_taken", {"name": other.name})]
        now = writing.user(user.organisation, user.id) or user
        writing.update_user(replace(now, name=name, email=email_key(email), changed_at=accounts.clock()))
    return []


def set_administrator(accounts: Accounts, organisation: str, id: str, *, is_admin: bool) -> MemberMistake | None:
    """Make somebody an administrator of the organisation, or end that; the last one stays."""
    with accounts.store.writing(by=accounts.by) as writing:
        user = writing.user(organisation, id)
        if user is None:
            return MemberMistake("", "people.gone")
        if not is_admin and _is_last_administrator(writing, user):
            return MemberMistake("", "people.last_administrator", {"name": user.name})
        writing.update_user(replace(user, is_admin=is_admin, changed_at=accounts.clock()))
    return None


def set_active(accounts: Accounts, organisation: str, id: str, *, active: bool) -> MemberMistake | None:
    """Switch an account on or off. Off ends every session of theirs at once; records keep their name."""
    with accounts.store.writing(by=accounts.by) as writing:
        user = writing.user(organisation, id)
        if user is None:
            return MemberMistake("", "people.gone")
        if not active and _is_last_administrator(writing, user):
            return MemberMistake("", "people.last_administrator", {"name": user.name})
        stamp = user.stamp if active else secrets.token_hex(8)
        writing.update_user(replace(user, active=active, stamp=stamp, changed_at=accounts.clock()))
        if not active:
            writing.end_sessions_of(organisation, id)
    return None


def give_password(accounts: Accounts, organisation: str, id: str) -> str | None:
    """Give a person a new made-up password, end their sessions, and return it; None when there is no such person."""
    password = make_password()
    kept = hash_password(password)
    with accounts.store.writing(by=accounts.by) as writing:
        user = writing.user(organisation, id)
        if user is None:
            return None
        changed = replace(
            user, password=kept, stamp=secrets.token_hex(8), changed_at=accounts.clock(), first_password=True
        )
        writing.update_user(changed)
        writing.end_sessions_of(organisation, id)
    return password


def _is_last_administrator(writing: Writing, user: StoredUser) -> bool:
    others = (other for other in writing.all_users(user.organisation) if other.id != user.id)
    return user.is_admin and not any(other.is_admin and other.active for other in others)
