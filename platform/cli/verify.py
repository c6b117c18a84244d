"""`blankett verify`: read everything that is stored, and tell which promise is not kept."""

from __future__ import annotations

import sys

import click

from blankett.cli.storage import database_option, open_store

#: So many breaks are told; behind the first the others often follow from it.
SHOWN = 20


@click.command()
@click.option("--organisation", metavar="ID", help="Only this one; all unless told.")
@click.option("--all", "every", is_flag=True, help=f"Tell every break, not only the first {SHOWN}.")
@database_option
def verify(organisation: str | None, every: bool, database: str | None) -> None:
    """Verify the stored data: histories, versions, numbers, links, lists. Changes nothing.

    Exits with 0 when everything holds, with 1 when something is broken; the first break comes first.
    """
    from blankett.engine.runtime.catalog import load_published
    from blankett.engine.store.database_file import file_of, require_whole
    from blankett.engine.verify import verify as find_broken
    from blankett.words import say

    with open_store(database) as store:
        if file := file_of(store.url):
            require_whole(file)
        broken = find_broken(store, organisation, load=load_published)
    if not broken:
        click.echo("Everything holds.")
        return
    for found in broken if every else broken[:SHOWN]:
        click.echo(say("en", found.message, place=found.place, **found.params))
    if len(broken) > SHOWN and not every:
        click.echo(f"… and {len(broken) - SHOWN} more: blankett verify --all")
    sys.exit(1)
