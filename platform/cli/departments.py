"""`blankett departments`: the tree of departments with its heads, brought in from a file, and who is where.

The pages' own place for it is "Departments".
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from blankett.cli.storage import database_option, fail, open_store, the_organisation

if TYPE_CHECKING:
    from blankett.engine.departments import DirectoryFault
    from blankett.engine.people.department_changes import DepartmentChanges
    from blankett.engine.store import StoredUser

Done = TypeVar("Done")


class Undone(Exception):
    """Nothing is to be written after all."""


@click.group()
def departments() -> None:
    """Look after departments: who heads them, who is in them, which posts there are."""


@departments.command("list")
@click.option("--people", "shows_people", is_flag=True, help="With the members of each, and the posts.")
@database_option
def list_departments(shows_people: bool, database: str | None) -> None:
    """List the tree of departments with their keys and heads."""
    with open_store(database) as store, store.reading() as reading:
        organisation = the_organisation(reading, None)
        directory = reading.directory(organisation)
        names = {user.id: user.name for user in reading.all_users(organisation)}
        for depth, each in directory.outline():
            head = names.get(each.head or "", "no head") if each.closed_at is None else "closed"
            if each.head in directory.inactive:
                head = f"{head} (has left)"
            click.echo(f"{'  ' * depth + each.title:<36}{each.id:<24}{head}".rstrip())
            for post in directory.posts_of(each.id) if shows_people else ():
                limit = "" if post.authority is None else f", up to {post.authority:f}"
                click.echo(f"{'  ' * depth}  - {post.title}: {names.get(post.holder or '', 'vacant')}{limit}")
            members = reading.members_of_departments(organisation, [each.id]) if shows_people else ()
            for name in sorted(names[user] for user in members):
                click.echo(f"{'  ' * depth}  - {name}")


@departments.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--check", "only_checks", is_flag=True, help="Say what would happen, and change nothing.")
@database_option
def import_departments(file: Path, only_checks: bool, database: str | None) -> None:
    """Bring in departments, posts or members from FILE, a CSV or YAML file: all of it or nothing.

    What the file does not name stays as it is.
    """
    from blankett.engine.people.directory_import import DirectoryRow, RowFault, read_directory, take_over

    try:
        text = file.read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        fail(f"{file} is not written in UTF-8.")
    rows = read_directory(text, is_yaml=file.suffix in (".yaml", ".yml"))
    faults = [row for row in rows if isinstance(row, RowFault)]
    with _changes(database, only_checks=only_checks) as changes:
        done = faults or take_over(changes, [row for row in rows if isinstance(row, DirectoryRow)])
        if isinstance(done, list):
            for fault in done:
                click.echo(f"{file}:{fault.line}: {_say(fault.fault)}", err=True)
            fail("Nothing was changed.", status=1)
        what = f"{done.departments} departments, {done.posts} posts and {done.people} people"
        click.echo(f"{what} {'would change' if only_checks else 'changed'}; {done.unchanged} are so already.")


@departments.command()
@click.argument("email")
@click.option("--main", metavar="KEY", help="Their main department; - for none. It stays unless told.")
@click.option("--also", "further", multiple=True, metavar="KEY", help="A further one; all of them, - for none.")
@database_option
def place(email: str, main: str | None, further: tuple[str, ...], database: str | None) -> None:
    """Say which departments the person with EMAIL is a member of, or put them into others."""
    with _changes(database) as changes:
        user = _person(changes, email)
        if main is not None or further:
            before = [id for id in changes.directory.departments_of(user.id) if id != user.department]
            wanted = user.department if main is None else None if main == "-" else main
            others = before if not further else [id for id in further if id != "-"]
            _done(changes.set_memberships(user.id, wanted, others))
        directory = changes.directory
        found = [each for id in directory.departments_of(user.id) if (each := directory.find(id)) is not None]
        click.echo(", ".join(f"{each.title} ({each.id})" for each in found) or f"{user.name} is in no department.")


@departments.command()
@click.argument("key")
@click.option("--into", metavar="KEY", help="Where its people, posts and departments go.")
@database_option
def close(key: str, into: str | None, database: str | None) -> None:
    """Close the department KEY; its records keep it."""
    with _changes(database) as changes:
        closed = _done(changes.close(key, None, into))
        click.echo(f"{closed.title} is closed{f'; what hung on it went into {into}' if into else ''}.")


@contextmanager
def _changes(database: str | None, *, only_checks: bool = False) -> Iterator[DepartmentChanges]:
    """Give changes of the departments, in one transaction that is undone when the command ends early."""
    from blankett.engine.people.department_changes import DepartmentChanges

    with open_store(database) as store:
        try:
            with store.writing() as writing:
                yield DepartmentChanges(writing, the_organisation(writing, None), datetime.now(UTC))
                if only_checks:
                    raise Undone
        except Undone:
            pass


def _person(changes: DepartmentChanges, email: str) -> StoredUser:
    from blankett.engine.store import email_key

    found = changes.writing.user_by_email(changes.organisation, email_key(email))
    if found is None:
        fail(f"Nobody has the address {email!r}. `blankett user list` names everybody.", status=1)
    return found


def _done(result: Done | DirectoryFault) -> Done:
    """Return what was done; end the command with why it was not."""
    from blankett.engine.departments import DirectoryFault

    if isinstance(result, DirectoryFault):
        fail(_say(result), status=1)
    return result


def _say(fault: DirectoryFault) -> str:
    from blankett.words import say

    return say("en", fault.message, **fault.params)
