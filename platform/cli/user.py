"""`blankett user`: the people who may sign in, from the machine itself; the pages' own place for it is "People"."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import click

from blankett.cli.storage import database_option, fail, open_store, the_organisation, the_workspace

if TYPE_CHECKING:
    from blankett.engine.records.blueprint_cache import Catalog
    from blankett.engine.store import Reading, Store, StoredUser
    from blankett.web.account.accounts import Accounts


@click.group()
def user() -> None:
    """Look after the people who may sign in."""


@user.command("list")
@database_option
def list_users(database: str | None) -> None:
    """List everybody, with their workspaces and roles."""
    with open_store(database) as store, store.reading() as reading:
        organisation = the_organisation(reading, None)
        rooms = {room.id: room.title for room in reading.workspaces(organisation)}
        for person in sorted(reading.all_users(organisation), key=lambda person: person.name):
            held = [
                f"{rooms.get(member.workspace, member.workspace)}: {', '.join(sorted(member.roles)) or '-'}"
                for member in reading.memberships(organisation, person.id)
            ]
            marks = [mark for mark, is_so in (("administrator", person.is_admin), ("off", not person.active)) if is_so]
            click.echo("  ".join([f"{person.email:<32}{person.name:<24}", *marks, *held]).rstrip())


@user.command()
@click.argument("email")
@click.option("--name", required=True, help="As colleagues read it.")
@click.option("--workspace", metavar="NAME", help="Where the roles are held: title or id.")
@click.option("--role", "roles", multiple=True, metavar="KEY", help="A role of a blueprint there; may be said again.")
@click.option("--administrator", is_flag=True, help="Administers the whole organisation.")
@click.option("--language", default="en", show_default=True)
@database_option
def add(
    email: str,
    name: str,
    workspace: str | None,
    roles: tuple[str, ...],
    administrator: bool,
    language: str,
    database: str | None,
) -> None:
    """Add somebody who signs in with EMAIL, and print a password to hand over; they change it at first."""
    from dataclasses import replace

    from blankett.engine.store.people import Member

    if roles and not workspace:
        fail("Say with --workspace where the roles are held.")
    with open_store(database) as store:
        with store.reading() as reading:
            organisation = the_organisation(reading, None)
            room = the_workspace(reading, organisation, workspace).id if workspace else None
            if room and roles:
                _refuse_unknown(store, reading, organisation, room, roles)
        password = _password()
        made = _accounts(store).make_user(
            organisation, name=name, email=email, password=password, language=language, is_first=True
        )
        with store.writing() as writing:
            if not writing.try_insert_user(replace(made, is_admin=administrator)):
                fail(f"Somebody signs in with {made.email} already.", status=1)
            if room:
                writing.put_member(
                    Member(organisation=organisation, workspace=room, user=made.id, roles=frozenset(roles))
                )
    click.echo(f"{made.email} can sign in with the password {password}")


@user.command("roles")
@click.argument("email")
@click.option("--workspace", metavar="NAME", help="Where they are held: title or id; shows all places unless told.")
@click.option("--give", "given", multiple=True, metavar="KEY", help="A role to give; may be said again.")
@click.option("--take", "taken", multiple=True, metavar="KEY", help="A role to take away; may be said again.")
@database_option
def change_roles(
    email: str, workspace: str | None, given: tuple[str, ...], taken: tuple[str, ...], database: str | None
) -> None:
    """Show the roles of the person with EMAIL, or change them in one workspace.

    A role of one key is one role in all blueprints of a workspace, and of those above and inside it.
    """
    from dataclasses import replace

    from blankett.engine.store.people import Member

    if (given or taken) and not workspace:
        fail("Say with --workspace where the roles are to change.")
    with _found(email, database) as (store, person):
        if workspace and (given or taken):
            with store.writing() as writing:
                room = the_workspace(writing, person.organisation, workspace).id
                _refuse_unknown(store, writing, person.organisation, room, given)
                held = {found.workspace: found for found in writing.memberships(person.organisation, person.id)}
                member = held.get(room) or Member(organisation=person.organisation, workspace=room, user=person.id)
                missing = sorted(set(taken) - member.roles)
                if missing:
                    fail(f"{person.email} does not hold {', '.join(missing)} there.", status=1)
                writing.put_member(replace(member, roles=(member.roles | set(given)) - set(taken)))
        with store.reading() as reading:
            only = the_workspace(reading, person.organisation, workspace).id if workspace else None
            for line in _role_lines(store, reading, person, only):
                click.echo(line)


def _role_lines(store: Store, reading: Reading, person: StoredUser, only: str | None) -> Iterator[str]:
    """Yield the roles somebody holds, by workspace, with the blueprints they mean something to."""
    from blankett.engine.access import split_role
    from blankett.engine.publish.role_holders import known_roles

    rooms = {room.id: room.title for room in reading.workspaces(person.organisation)}
    members = [
        found for found in reading.memberships(person.organisation, person.id) if only in (None, found.workspace)
    ]
    if not members:
        yield f"{person.email} is not in {rooms[only]}." if only else f"{person.email} is in no workspace."
    for member in members:
        known = known_roles(reading, _catalog(store, reading, person.organisation), member.workspace)
        yield f"{rooms.get(member.workspace, member.workspace)}{' (administers it)' if member.administers else ''}"
        for key in sorted(member.roles):
            role = known.get(split_role(key)[0])
            words = f"{role.title.say('en')}: {', '.join(title.say('en') for title in role.blueprints)}" if role else ""
            yield f"  {key:<20}{words or 'means nothing to any blueprint there'}"
        if not member.roles:
            yield "  no roles"


def _refuse_unknown(store: Store, reading: Reading, organisation: str, room: str, roles: tuple[str, ...]) -> None:
    """End the command when a role is in no blueprint of the workspace, above or inside it, or is to be held for a
    department that there is not, or that is closed.
    """
    from blankett.engine.access import split_role
    from blankett.engine.language.problems import suggest
    from blankett.engine.publish.role_holders import known_roles
    from blankett.engine.store import FOR_DEPARTMENT

    known = known_roles(reading, _catalog(store, reading, organisation), room)
    directory = reading.directory(organisation)
    for held in roles:
        role, department = split_role(held)
        if FOR_DEPARTMENT in held and directory.find_open(department) is None:
            there_are = (
                ", ".join(key for key in sorted(directory.departments) if directory.find_open(key)) or "none yet"
            )
            fail(f"There is no open department {department!r}. There are: {there_are}.")
        if role in known:
            continue
        if not known:
            later = f"Nothing published there has roles yet: {role!r} means something once a blueprint has it."
            click.echo(later, err=True)
            continue
        meant = suggest(role, known)
        hint = f" Did you mean {meant!r}?" if meant else ""
        fail(f"There is no role {role!r} there.{hint} There are: {', '.join(sorted(known))}.")


def _catalog(store: Store, reading: Reading, organisation: str) -> Catalog:
    from blankett.engine.records.blueprint_cache import BlueprintCatalog

    return BlueprintCatalog().view(reading, organisation, datetime.now(UTC))


@user.command()
@click.argument("email")
@database_option
def password(email: str, database: str | None) -> None:
    """Give the person with EMAIL a new password to be changed at once, print it, and end their sessions."""
    with _found(email, database) as (store, person):
        new = _password()
        _accounts(store).change_password(person, new, is_first=True)
    click.echo(f"{person.email} can sign in with the password {new}")


@user.command("hand-over")
@click.argument("email")
@click.argument("heir")
@database_option
def hand_over(email: str, heir: str, database: str | None) -> None:
    """Give everything of the person with EMAIL to the one with HEIR: open records, approvals, posts, departments.

    A worker takes the records, one after the other; `blankett jobs list` says how far it is.
    """
    from blankett.cli.storage import the_actor
    from blankett.engine.departments import DirectoryFault
    from blankett.engine.people.handover import begin_handover
    from blankett.words import say

    now = datetime.now(UTC)
    with _found(email, database) as (store, person), store.writing() as writing:
        found = writing.user_by_email(person.organisation, heir)
        if found is None:
            fail(f"Nobody has the address {heir!r}. `blankett user list` names everybody.", status=1)
        by = the_actor(writing, person.organisation, None).user
        done = begin_handover(writing, person.organisation, person.id, found.id, by, now, now.date())
        if isinstance(done, DirectoryFault):
            fail(say("en", done.message, **done.params), status=1)
    click.echo(f"{found.name} gets what was {person.name}'s; a worker takes the records.")


@user.command()
@click.argument("email")
@database_option
def off(email: str, database: str | None) -> None:
    """Let the person with EMAIL sign in no more, and end their sessions. Their records stay."""
    _switch(email, database, active=False)
    click.echo(f"{email} cannot sign in any more.")


@user.command()
@click.argument("email")
@database_option
def on(email: str, database: str | None) -> None:
    """Let the person with EMAIL sign in again."""
    _switch(email, database, active=True)
    click.echo(f"{email} can sign in again.")


def _switch(email: str, database: str | None, *, active: bool) -> None:
    from dataclasses import replace

    with _found(email, database) as (store, person), store.writing() as writing:
        writing.update_user(replace(person, active=active, changed_at=datetime.now(UTC)))
        if not active:
            writing.end_sessions_of(person.organisation, person.id)


@contextmanager
def _found(email: str, database: str | None) -> Iterator[tuple[Store, StoredUser]]:
    """Give the store and the person with *email*; end the command when there is none."""
    from blankett.engine.store.people import email_key

    with open_store(database) as store:
        with store.reading() as reading:
            organisation = the_organisation(reading, None)
            person = reading.user_by_email(organisation, email_key(email))
        if person is None:
            fail(f"Nobody has the address {email!r}. `blankett user list` names everybody.", status=1)
        yield store, person


def _accounts(store: Store) -> Accounts:
    from blankett.web.account.accounts import Accounts

    return Accounts(store, lambda: datetime.now(UTC), timedelta(hours=8), timedelta(days=7))


def _password() -> str:
    """Return a password that can be read out: 16 letters of 31, in groups of four."""
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(letters) for _ in range(4)) for _ in range(4))
