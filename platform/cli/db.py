"""`blankett db`: the schema of the database, brought up to date and looked at."""

from __future__ import annotations

import sys

import click

from blankett.cli.storage import database_option, open_store


@click.group()
def db() -> None:
    """Look after the database's schema."""


@db.command()
@database_option
def upgrade(database: str | None) -> None:
    """Make the database's tables, or bring them up to date."""
    from blankett.engine.store import schema

    with open_store(database, may_be_missing=True, any_schema=True) as store:
        before = schema.revision_of(store)
        schema.upgrade(store)
    if before == schema.NEWEST:
        click.echo(f"The schema is up to date (revision {before}).")
    else:
        click.echo(f"The schema was brought from {before or 'nothing'} to revision {schema.NEWEST}.")


@db.command()
@database_option
def status(database: str | None) -> None:
    """Tell whether the schema is up to date. Exits with 0 when it is, with 1 when not."""
    from blankett.engine.store import schema

    with open_store(database, any_schema=True) as store:
        found = schema.revision_of(store)
    if found == schema.NEWEST:
        click.echo(f"The schema is up to date (revision {found}).")
        return
    click.echo(f"The schema is at {found or 'nothing'}, this program needs {schema.NEWEST}. Run: blankett db upgrade")
    sys.exit(1)
