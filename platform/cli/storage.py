"""What commands on stored data share: which database, an open store, and in whose name something is done."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import click

if TYPE_CHECKING:
    from blankett.engine.access import Actor
    from blankett.engine.store import Reading, Store, StoredUser, Workspace
    from blankett.engine.store.database_faults import DatabaseFault
    from blankett.engine.store.seals import Seal

#: Milliseconds to wait for others before going on without a new seal.
PATIENCE = 1_000
#: A head: the number of a seal, and its hash.
HEAD = re.compile(r"[0-9]{1,15}:[0-9a-f]{64}")

Command = TypeVar("Command", bound=Callable[..., Any])


def database_option(command: Command) -> Command:
    """Give a command ``--database``; without it the settings of `blankett serve` decide."""
    return click.option(
        "--database",
        metavar="URL",
        default=None,
        help="Address of the database; BLANKETT_DATABASE, or a file in BLANKETT_DATA, unless told.",
    )(command)


def database_url(told: str | None) -> str:
    """Return the address of the database: the one *told*, the environment's, or the file that `blankett serve` uses."""
    if told:
        return told
    data = Path(os.environ.get("BLANKETT_DATA", "var")).resolve()
    return os.environ.get("BLANKETT_DATABASE") or f"sqlite:///{data / 'blankett.sqlite'}"


@contextmanager
def open_store(told: str | None, *, may_be_missing: bool = False, any_schema: bool = False) -> Iterator[Store]:
    """Give the store; end the command with a sentence when it is not there, is damaged, or has an older schema."""
    from blankett.engine.store import Store
    from blankett.engine.store.database_faults import DatabaseFault
    from blankett.engine.store.database_file import file_of, require_database
    from blankett.engine.store.schema import SchemaOutdated, require_newest

    url = database_url(told)
    file = file_of(url)
    try:
        if file is not None and may_be_missing and is_new(file):
            file.parent.mkdir(parents=True, exist_ok=True)
        elif file is not None:
            require_database(file)
        store = Store(url)
        try:
            if not any_schema:
                require_newest(store)
            yield store
        finally:
            store.close()
    except SchemaOutdated as outdated:
        fail(str(outdated))
    except DatabaseFault as fault:
        fail(sentence_of(fault), status=1 if fault.kind != "missing" else 2)


def sort_anew(store: Store) -> int:
    """Make the sort keys of records that were made as another version does; return how many were written."""
    from blankett.engine.publish.sort_keys import rekey
    from blankett.engine.records import Engine

    engine = Engine(store, lambda: datetime.now(UTC))
    with store.reading() as reading:
        organisations = [found.id for found in reading.organisations()]
    return sum(rekey(engine, organisation) for organisation in organisations)


def is_new(file: Path) -> bool:
    """Tell whether no database has been at *file*: neither it nor its log is there."""
    return not file.exists() and not file.with_name(f"{file.name}-wal").exists()


def sentence_of(fault: DatabaseFault) -> str:
    """Return what is wrong with the database, and what to do."""
    from blankett.words import say

    return say("en", fault.message, place=fault.place, detail=fault.detail)


def fail(message: str, status: int = 2) -> NoReturn:
    """End the command with *message*; 2 says that it was called in a wrong way, 1 that something was found wrong."""
    click.echo(message, err=True)
    sys.exit(status)


def seal_all(store: Store) -> tuple[Mapping[str, Seal], int]:
    """Seal what was written; return the last seals, and how many acts none covers as nothing can be written."""
    from blankett.engine.store.database_faults import DatabaseFault

    try:
        return store.seal(datetime.now(UTC), patience=PATIENCE), 0
    except DatabaseFault:
        return seals_of(store)


def seals_of(store: Store) -> tuple[dict[str, Seal], int]:
    """Return the last seal of each organisation, and how many acts no seal covers yet."""
    with store.reading() as reading:
        names = [found.id for found in reading.organisations()]
        heads = {name: reading.head(name) for name in names}
        unsealed = sum(reading.unsealed_count(name) for name in names)
    return {name: head for name, head in heads.items() if head is not None}, unsealed


def head_lines(heads: Mapping[str, Seal], unsealed: int = 0) -> list[str]:
    """Return the heads in words, one a line; with several organisations each names its own."""
    lines = [f"Not sealed yet: {unsealed}."] if unsealed else []
    return lines + [f"Head: {name + ' ' if len(heads) > 1 else ''}{head}" for name, head in heads.items()]


def read_heads(told: str, known: Mapping[str, Seal]) -> dict[str, str]:
    """Return {organisation: head} of a head as it was told, or of a file with heads; end the command for neither."""
    file = Path(told)
    lines = file.read_text(encoding="utf-8").splitlines() if file.is_file() else [told]
    heads: dict[str, str] = {}
    for words in (line.removeprefix("Head:").split() for line in lines if line.strip()):
        name = words[0] if len(words) == 2 else next(iter(known), "")
        if len(words) > 2 or not HEAD.fullmatch(words[-1]):
            fail(f"{told!r} is no head, and no file with one. `blankett verify` tells one: 12:9f86d081…")
        heads[name] = words[-1]
    if not heads:
        fail(f"{told} has no head in it.")
    return heads


def the_organisation(reading: Reading, told: str | None) -> str:
    """Return the id of the organisation: the one *told*, or the only one."""
    known = [found.id for found in reading.organisations()]
    if told in known:
        return str(told)
    if told is None and len(known) == 1:
        return known[0]
    if not known:
        fail("Nobody is set up in this database yet. Start `blankett serve` and open it in a browser.")
    fail(f"Say which organisation with --organisation: {', '.join(sorted(known))}")


def the_actor(reading: Reading, organisation: str, email: str | None) -> Actor:
    """Return the person with *email*, or the first administrator of the organisation."""
    from blankett.engine.access import load_actor

    found = reading.user_by_email(organisation, email) if email else _first_administrator(reading, organisation)
    if found is None:
        fail(f"Nobody has the address {email!r}." if email else "There is no administrator. Say who with --as EMAIL.")
    actor = load_actor(reading, organisation, found.id)
    if actor is None:
        fail(f"{found.email} may not sign in any more. Say who else with --as EMAIL.")
    return actor


def _first_administrator(reading: Reading, organisation: str) -> StoredUser | None:
    users = [user for user in reading.all_users(organisation) if user.is_admin and user.active]
    return min(users, key=lambda user: (user.created_at, user.id), default=None)


def the_workspace(reading: Reading, organisation: str, told: str) -> Workspace:
    """Return the workspace whose id or title is *told*."""
    rooms = reading.workspaces(organisation)
    found = [room for room in rooms if told in (room.id, room.title)]
    if len(found) == 1:
        return found[0]
    titles = ", ".join(sorted(room.title for room in rooms))
    fail(f"There is no workspace {told!r}. There are: {titles or 'none yet'}")
