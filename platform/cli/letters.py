"""`blankett letters`: what went out by e-mail, or did not, for whoever looks after the machine."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, get_args

import click

from blankett.cli.storage import database_option, fail, open_store, the_organisation

if TYPE_CHECKING:
    from blankett.engine.store.outbox import StoredLetter

#: Letters that a list shows.
MOST_LISTED = 50


@click.group()
def letters() -> None:
    """Look at letters and what became of them; send one again."""


@letters.command("list")
@click.option("--state", help="Only those: waiting, sending, sent, failed or stopped.")
@click.option("--organisation", metavar="ID", help="Only needed when the database holds several.")
@database_option
def list_letters(state: str | None, organisation: str | None, database: str | None) -> None:
    """List the newest letters: whom they go to and how far they are, nothing of what they say."""
    from blankett.engine.store.outbox import LetterState

    states = get_args(LetterState)
    if state is not None and state not in states:
        fail(f"{state!r} is no state of a letter; they are {', '.join(states)}.")
    with open_store(database) as store, store.reading() as reading:
        organisation = the_organisation(reading, organisation)
        found = reading.letters(organisation, [each for each in states if state in (None, each)], MOST_LISTED)
        people = reading.users(organisation, {each.reader for each in found if each.reader})
        for letter in found:
            user = people.get(letter.reader)
            to = letter.address or (user.email if user is not None else letter.reader)
            click.echo(f"{letter.id}  {letter.state:<8} {letter.message} to {to}{_why(letter)}")
        if not found:
            click.echo("There are no letters.")


@letters.command()
@click.argument("letter")
@click.option("--organisation", metavar="ID", help="Only needed when the database holds several.")
@database_option
def again(letter: str, organisation: str | None, database: str | None) -> None:
    """Send LETTER again, by its id, that failed or was stopped."""
    from blankett.engine.letters.delivery import send_again

    with open_store(database) as store, store.writing() as writing:
        found = writing.letter(the_organisation(writing, organisation), letter)
        if found is None:
            fail(f"There is no letter {letter[:80]!r}. `blankett letters list` lists them with their ids.")
        if not send_again(writing, found, datetime.now(UTC)):
            fail(f"{found.id} is {found.state}: there is nothing to send again.", status=1)
    click.echo(f"{letter} is sent by the next worker that has room for it.")


def _why(letter: StoredLetter) -> str:
    """Return why a letter did not go, in English, and what a mail server said."""
    from blankett.words import say

    detail = "" if letter.state == "sending" else letter.detail
    told = " ".join(filter(None, (say("en", letter.reason) if letter.reason else "", detail)))
    return f": {told}" if told else ""
