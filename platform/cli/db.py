"""`blankett db`: the database's schema, brought up to date and looked at, and copies of the database."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from blankett.cli.storage import (
    database_option,
    fail,
    head_lines,
    open_store,
    seal_all,
    seals_of,
    sort_anew,
    the_organisation,
)

#: The languages whose order there is; the first is the default.
LANGUAGES = ("en", "da", "de", "nb", "zh")


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
        written = sort_anew(store)
    if written:
        click.echo(f"{written:,} records were written anew for search and for the order of lists.")
    if before == schema.NEWEST:
        click.echo(f"The schema is up to date (revision {before}).")
    else:
        click.echo(f"The schema was brought from {before or 'nothing'} to revision {schema.NEWEST}.")


@db.command()
@click.argument("language", required=False, type=click.Choice(list(LANGUAGES)))
@click.option("--organisation", help="The id of the organisation, where there are several.")
@database_option
def collation(language: str | None, organisation: str | None, database: str | None) -> None:
    """Tell, or choose, by which LANGUAGE lists are sorted: en, da, de, nb or zh (by pinyin).

    An organisation has one order. All records are written anew; until that is done lists sort by the letters' codes.
    """
    from blankett.engine.publish.sort_keys import choose_collation
    from blankett.engine.records import Engine

    with open_store(database) as store:
        with store.reading() as reading:
            id = the_organisation(reading, organisation)
            found = reading.organisation(id)
        if language is None:
            click.echo(f"Lists are sorted as in {(found.collation if found else '') or LANGUAGES[0]}.")
            return
        choose_collation(Engine(store, lambda: datetime.now(UTC)), id, language)
        written = sort_anew(store)
    click.echo(f"Lists are sorted as in {language} from now on; {written:,} records were written anew.")


@db.command()
@database_option
def status(database: str | None) -> None:
    """Tell whether the schema is up to date. Exits with 0 when it is, with 1 when not."""
    from blankett.engine.store import schema

    with open_store(database, any_schema=True) as store:
        found = schema.revision_of(store)
        schema.require_known(store, found)
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

    The database is looked through before, and the copy after; a damaged one is never copied. What is written is sealed
    first; the head of the chain is told, and written into TARGET.head: keep it apart from the database.
    """
    from blankett.engine.store import Store, schema
    from blankett.engine.store.backup import BackupError, back_up

    with open_store(database, any_schema=True) as store:
        is_newest = schema.revision_of(store) == schema.NEWEST
        try:
            if is_newest and store.is_sqlite and not target.exists():
                seal_all(store)
            back_up(store, target)
        except (BackupError, OSError) as err:
            fail(str(err), status=1)
    click.echo(f"{target} is a copy of the database, {target.stat().st_size:,} bytes.")
    if is_newest:
        copy = Store(f"sqlite:///{target}")
        heads, unsealed = seals_of(copy)
        copy.close()
        if heads:
            told = "".join(f"{name} {head}\n" for name, head in heads.items())
            target.with_name(f"{target.name}.head").write_text(told, encoding="utf-8")
        for line in head_lines(heads, unsealed):
            click.echo(line)
