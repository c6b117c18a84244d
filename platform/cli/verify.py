"""`blankett verify`: read everything that is stored, and tell which promise is not kept."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from blankett.cli.storage import database_option, head_lines, open_store, read_heads, seal_all

if TYPE_CHECKING:
    from blankett.engine.verify import Broken

#: So many breaks are told; behind the first the others often follow from it.
SHOWN = 20


@click.command()
@click.option("--organisation", metavar="ID", help="Only this one; all unless told.")
@click.option("--against", metavar="HEAD", help="A head told earlier, or the file TARGET.head of a backup.")
@click.option("--all", "every", is_flag=True, help=f"Tell every break, not only the first {SHOWN}.")
@database_option
def verify(organisation: str | None, against: str | None, every: bool, database: str | None) -> None:
    """Verify the stored data: histories, versions, numbers, links, lists, rights. Changes none of it.

    What no seal covers yet is sealed before. The last line is the head: keep it where nobody who can change the
    database can change it, and give it to --against later, which proves that nothing written before it was touched
    since. Exits with 0 when everything holds, with 1 when something is broken; the first break comes first.
    """
    from blankett.engine.records.blueprint_cache import load_published
    from blankett.engine.store.database_file import file_of, require_whole
    from blankett.engine.verify import heads_hold, told_again
    from blankett.engine.verify import verify as find_broken

    with open_store(database) as store:
        if file := file_of(store.url):
            require_whole(file)
        heads, unsealed = seal_all(store)
        broken = heads_hold(store, read_heads(against, heads)) if against else []
        broken += find_broken(store, organisation, load=load_published)
        erased = told_again(store, organisation)
    if not broken:
        click.echo("Everything holds.")
    else:
        _tell(broken, every)
    for record, event in erased if every else erased[:SHOWN]:
        click.echo(f"Record {record}: something of its history was erased; all of it is told from event {event} on.")
    if len(erased) > SHOWN and not every:
        click.echo(f"… and {len(erased) - SHOWN} more such records: blankett verify --all")
    for line in head_lines(heads, unsealed):
        click.echo(line)
    sys.exit(1 if broken else 0)


def _tell(broken: Sequence[Broken], every: bool) -> None:
    from blankett.words import say

    for found in broken if every else broken[:SHOWN]:
        click.echo(say("en", found.message, place=found.place, **found.params))
    if len(broken) > SHOWN and not every:
        click.echo(f"… and {len(broken) - SHOWN} more: blankett verify --all")
