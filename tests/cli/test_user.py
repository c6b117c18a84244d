"""`blankett user`: people are added, get a new password, are switched off and on; mistakes are answered in words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from blankett.cli import main
from blankett.engine.departments import Department
from blankett.engine.store import Store
from blankett.web.account.accounts import Accounts


@pytest.fixture
def database(tmp_path: Path, make_store: Callable[[Path], Store]) -> str:
    store = make_store(tmp_path / "company.sqlite")
    accounts(store).set_up(
        title="Nordlys", zone="Europe/Oslo", name="Astrid Vik", email="astrid@nordlys.example", password="x" * 12,
        language="en",
    )  # fmt: skip
    store.close()
    return store.url


def accounts(store: Store) -> Accounts:
    return Accounts(store, lambda: datetime.now(UTC), timedelta(hours=8), timedelta(days=7))


def run(database: str, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["user", *arguments, "--database", database])


def can_sign_in(database: str, email: str, password: str) -> bool:
    store = Store(database)
    found = accounts(store).organisation()
    assert found is not None
    user = accounts(store).check(found.id, email, password)
    store.close()
    return user is not None


def added_password(result: Result) -> str:
    assert result.exit_code == 0, result.output
    return result.output.split()[-1]


def test_a_person_is_added_with_a_role_and_can_sign_in(database: str) -> None:
    added = run(database, "add", "Anna@nordlys.example", "--name", "Anna", "--workspace", "Nordlys", "--role", "sales")
    assert can_sign_in(database, "anna@nordlys.example", added_password(added))
    listed = run(database, "list").output.splitlines()
    assert listed[0].split() == ["anna@nordlys.example", "Anna", "Nordlys:", "sales"]


def test_a_role_is_given_for_a_department_that_is_open(database: str) -> None:
    run(database, "add", "anna@nordlys.example", "--name", "Anna", "--workspace", "Nordlys")
    given = ("roles", "anna@nordlys.example", "--workspace", "Nordlys", "--give", "sales@north")
    refused = run(database, *given)
    assert (refused.exit_code, "There is no open department 'north'. There are: none yet." in refused.output) == (
        2,
        True,
    )
    store = Store(database)
    with store.writing() as writing:
        organisation = writing.organisations()[0].id
        north = Department(organisation=organisation, id="north", title="North", closed_at=datetime.now(UTC))
        writing.put_department(north)
    assert run(database, *given).output == refused.output
    with store.writing() as writing:
        writing.put_department(replace(north, closed_at=None))
    store.close()
    assert run(database, *given).exit_code == 0
    assert "sales@north" in run(database, "list").output


def test_the_same_address_is_refused_and_nothing_changes(database: str) -> None:
    before = run(database, "list").output
    again = run(database, "add", "astrid@nordlys.example", "--name", "Somebody")
    assert (again.exit_code, again.output) == (1, "Somebody signs in with astrid@nordlys.example already.\n")
    assert run(database, "list").output == before


def test_a_new_password_replaces_the_old_one(database: str) -> None:
    new = added_password(run(database, "password", "astrid@nordlys.example"))
    assert can_sign_in(database, "astrid@nordlys.example", new)
    assert not can_sign_in(database, "astrid@nordlys.example", "x" * 12)


def test_a_person_who_is_off_cannot_sign_in_until_on_again(database: str) -> None:
    run(database, "off", "astrid@nordlys.example")
    assert not can_sign_in(database, "astrid@nordlys.example", "x" * 12)
    run(database, "on", "astrid@nordlys.example")
    assert can_sign_in(database, "astrid@nordlys.example", "x" * 12)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ("off", "nobody@nordlys.example"),
            "Nobody has the address 'nobody@nordlys.example'. `blankett user list` names everybody.\n",
        ),
        (("add", "a@b.c", "--name", "A", "--role", "sales"), "Say with --workspace where the roles are held.\n"),
        (("add", "a@b.c", "--name", "A", "--workspace", "Mars"), "There is no workspace 'Mars'. There are: Nordlys\n"),
    ],
    ids=["unknown person", "role without workspace", "unknown workspace"],
)
def test_mistakes_are_answered_in_words(database: str, arguments: tuple[str, ...], said: str) -> None:
    result = run(database, *arguments)
    assert result.exit_code != 0
    assert result.output == said
