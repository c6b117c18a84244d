"""`blankett db`: the database's schema, brought up to date and looked at, and copies of the database."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from blankett.cli.storage import database_option, fail, open_store


@click.group()
def db() -> None:
    """Look after the database: its schema, and copies of it."""


@db.command()
@database_option
def upgrade(database: str | None) -> None:
    """Make the database's tables, or bring them up to date."""
    from blankett.engine.store import schema
    from blankett.engine.store.database_file import file_of, require_whole

    with open_store(database, may_be_missing=True, any_schema=True) as store:
        before = schema.revision_of(store)
        if before is not None and (file := file_of(store.url)):
            require_whole(file)
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


@db.command()
@click.argument("target", type=click.Path(path_type=Path))
@database_option
def backup(target: Path, database: str | None) -> None:
    """Copy a SQLite database to the new file TARGET. Nobody has to stop working meanwhile.

    The database is looked through before, and the copy after; a damaged one is never copied.
    """
    from blankett.engine.store.backup import BackupError, back_up

    with open_store(database, any_schema=True) as store:
        try:
            back_up(store, target)
        except (BackupError, OSError) as err:
            fail(str(err), status=1)
    click.echo(f"{target} is a copy of the database, {target.stat().st_size:,} bytes.")
