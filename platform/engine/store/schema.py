"""The schema of a database over time: bringing it up to date, and telling whether it is."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from blankett.engine.errors import BlankettError
from blankett.engine.store.database_faults import DatabaseFault, told_as_faults
from blankett.engine.store.store import Store

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).parent / "migrations"
#: The newest revision in MIGRATIONS. Said here too, so that looking whether a database is up to date needs no Alembic.
NEWEST = "0028"
REVISION = re.compile("[0-9]{4}")

_revision = sa.table("alembic_version", sa.column("version_num"))


class SchemaOutdated(BlankettError):
    """A database whose tables are not those this version of Blankett works with."""

    def __init__(self, url: str, found: str | None) -> None:
        self.url = url
        self.found = found
        if found is not None and found > NEWEST:
            super().__init__(
                f"{url} was brought to revision {found} by a newer Blankett; this one knows revisions up to {NEWEST}. "
                "Start the newer one again, or put a backup from before in its place."
            )
            return
        tables = f"has the tables of revision {found}" if found else "has no tables of Blankett"
        super().__init__(f"{url} {tables}, this version needs revision {NEWEST}. Run `blankett db upgrade`.")


def revision_of(store: Store) -> str | None:
    """Return the revision of the database's tables, or None when it has none."""
    with told_as_faults(store.place), store.engine.connect() as connection:
        if not sa.inspect(connection).has_table("alembic_version"):
            return None
        found = connection.scalar(sa.select(_revision.c.version_num))
        return None if found is None else str(found)


def has_tables(store: Store) -> bool:
    """Tell whether there are any tables in the database, whoever made them."""
    with told_as_faults(store.place), store.engine.connect() as connection:
        return bool(sa.inspect(connection).get_table_names())


def require_newest(store: Store) -> None:
    """Raise SchemaOutdated when the database's tables are not up to date, DatabaseFault when they are not ours."""
    found = revision_of(store)
    require_known(store, found)
    if found != NEWEST:
        raise SchemaOutdated(_url(store), found)


def require_known(store: Store, found: str | None) -> None:
    """Raise SchemaOutdated for a revision that a newer Blankett made, DatabaseFault for one that is none of ours."""
    if found is None or found in {path.name[1:5] for path in (MIGRATIONS / "versions").glob("r[0-9]*.py")}:
        return
    if REVISION.fullmatch(found) and found > NEWEST:
        raise SchemaOutdated(_url(store), found)
    raise DatabaseFault("foreign", store.place)


def _url(store: Store) -> str:
    return store.engine.url.render_as_string(hide_password=True)


def upgrade(store: Store, revision: str = "head") -> None:
    """Bring the database's tables up to *revision*, all of it or nothing where the database can."""
    from alembic import command  # heavy, and needed by hardly any start

    require_known(store, revision_of(store))
    with told_as_faults(store.place), store.engine.connect() as connection:
        if store.is_sqlite:
            connection.execution_options(blankett_writes=True)
        with connection.begin():
            config = _config()
            config.attributes["connection"] = connection
            command.upgrade(config, revision)


def _config() -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config
