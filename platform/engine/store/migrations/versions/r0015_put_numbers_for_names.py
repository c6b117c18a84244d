"""Put numbers for the names that stand in every row, and make room for packed texts.

Every row is written anew; a table is copied by the database itself. Payloads and digests of events stay letter by
letter what they are, as their hashes cover them: only what is written from now on is packed.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from blankett.engine.store.column_types import unpack

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

TABLES = (
    "organisation", "record", "event", "blueprint", "blueprint_draft", "version", "failed_trial", "share", "slot",
    "edge", "unique_value", "intent", "counter", "rate", "outbox", "notification", "workspace", "user", "member",
    "session", "act", "seal", "search_entry",
)  # fmt: skip
#: Table → column that holds a number from now on → the name it stands for, beside the organisation of every table.
NAMES: Mapping[str, Mapping[str, str]] = {
    "record": {"form": "blueprint || '.' || form", "series": "series"},
    "slot": {"form": "blueprint || '.' || form"},
    "unique_value": {"form": "form"},
    "edge": {"path": "path"},
    "event": {"actor": "actor"},
    "intent": {"actor": "actor"},
    "act": {"actor": "actor"},
}
#: Table → columns of texts that may be packed from now on.
PACKED: Mapping[str, Sequence[str]] = {
    "event": ("salt", "payload", "digest", "hash"),
    "intent": ("digest", "receipt"),
    "act": ("digest",),
}
#: Table → columns that are gone.
GONE: Mapping[str, Sequence[str]] = {"record": ("blueprint",), "slot": ("blueprint",)}
#: Tables with another key than before.
KEYS: Mapping[str, Sequence[str]] = {
    "slot": ("organisation", "form", "path", "part", "slot"),
    "edge": ("organisation", "target", "record", "path"),
}
#: Tables that have row numbers on SQLite.
WIDE = frozenset({"record", "event", "blueprint_draft", "version"})
VERSIONS = "blankett.engine.store.migrations.versions"
#: An index that nobody needs with the new key.
NEEDLESS = "ix_edge_organisation_target_record_path"


def upgrade() -> None:
    """Give every name a number, and write every row with it."""
    text = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
    op.create_table(
        "known_name",
        sa.Column("organisation", sa.Integer, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("name", text, nullable=False),
        sa.PrimaryKeyConstraint("organisation", "number", name="pk_known_name"),
        sa.UniqueConstraint("organisation", "name", name="uq_known_name_organisation_name"),
        sqlite_with_rowid=False,
    )
    connection = op.get_bind()
    known = sa.table("known_name", *map(sa.column, ("organisation", "number", "name")))
    names = dict.fromkeys(_names(connection))
    rows = [{"organisation": 0, "number": number, "name": name} for number, name in enumerate(names, 1)]
    if rows:
        connection.execute(sa.insert(known), rows)
    rebuild = _rebuild if connection.dialect.name == "sqlite" else _alter
    if rebuild is _alter:
        connection.execute(sa.text(
            "CREATE FUNCTION blankett_number(text) RETURNS integer STABLE LANGUAGE sql AS "
            "'SELECT number FROM known_name WHERE organisation = 0 AND name = $1 COLLATE \"C\"'"
        ))  # fmt: skip
    for name in TABLES:
        rebuild(connection, name)
    if rebuild is _alter:
        connection.execute(sa.text("DROP FUNCTION blankett_number(text)"))


def _names(connection: sa.Connection) -> Iterator[str]:
    """Yield the names: those that stand in most rows first, whose numbers are the shortest."""
    asked = [(name, "organisation") for name in TABLES]
    asked += [(name, expression) for name, columns in NAMES.items() for expression in columns.values()]
    for name, expression in asked:
        found = connection.execute(sa.text(f'SELECT DISTINCT {expression} FROM "{name}"'))
        yield from sorted(row[0] for row in found if row[0] is not None)
    # People and forms that have written nothing yet.
    yield from (row[0] for row in connection.execute(sa.text('SELECT DISTINCT id FROM "user" ORDER BY id')))


# SQLite: a new table in the place of the old one ----------------------------------------------------------------------


def _rebuild(connection: sa.Connection, name: str) -> None:
    old = sa.Table(name, sa.MetaData(), autoload_with=connection)
    numbered = {"organisation": "organisation", **NAMES.get(name, {})}
    kept = [column for column in old.columns if column.name not in GONE.get(name, ())]
    columns = [
        sa.Column(
            column.name,
            _type(name, column, numbered),
            nullable=column.nullable,
            server_default=column.server_default,
        )
        for column in kept
    ]
    key = KEYS.get(name, [column.name for column in old.primary_key])
    unique = [
        sa.UniqueConstraint(*(column.name for column in constraint.columns), name=constraint.name)
        for constraint in old.constraints
        if isinstance(constraint, sa.UniqueConstraint)
    ]
    primary = sa.PrimaryKeyConstraint(*key, name=f"pk_{name}")
    op.create_table(f"new_{name}", *columns, primary, *unique, sqlite_with_rowid=name in WIDE)
    values = ", ".join(
        f"(SELECT number FROM known_name WHERE organisation = 0 AND name = {_of(name, numbered[column.name])})"
        if column.name in numbered
        else f'"{name}"."{column.name}"'
        for column in kept
    )
    order = "rowid" if name in WIDE else ", ".join(f'"{name}"."{column}"' for column in key)
    names = ", ".join(f'"{column.name}"' for column in kept)
    connection.execute(sa.text(f'INSERT INTO "new_{name}" ({names}) SELECT {values} FROM "{name}" ORDER BY {order}'))
    op.drop_table(name)
    op.rename_table(f"new_{name}", name)
    for index in sorted(old.indexes, key=lambda index: str(index.name)):
        _index_anew(name, index)


def _of(name: str, expression: str) -> str:
    """Return an expression over columns of the table *name*, beside which another one is asked."""
    return " || ".join(part if part.startswith("'") else f'"{name}"."{part}"' for part in expression.split(" || "))


def _type(name: str, column: sa.Column[Any], numbered: Mapping[str, str]) -> sa.types.TypeEngine[Any]:
    if column.name in numbered:
        return sa.Integer()
    return sa.LargeBinary() if column.name in PACKED.get(name, ()) else column.type


def _index_anew(table: str, index: sa.Index) -> None:
    """Make an index of before on the new table, without the columns that are gone."""
    columns = [column.name for column in index.columns if column.name not in GONE.get(table, ())]
    if index.name == NEEDLESS:
        return
    where = index.dialect_options["sqlite"]["where"] if op.get_bind().dialect.name == "sqlite" else (
        index.dialect_options["postgresql"]["where"]
    )  # fmt: skip
    by_columns = f"ix_{table}_{'_'.join(column.name for column in index.columns)}"
    name = f"ix_{table}_{'_'.join(columns)}" if index.name == by_columns else str(index.name)
    op.create_index(name, table, columns, unique=index.unique, sqlite_where=where, postgresql_where=where)


# PostgreSQL: the table itself, which it writes anew -------------------------------------------------------------------


def _alter(connection: sa.Connection, name: str) -> None:
    numbered = {"organisation": "organisation", **NAMES.get(name, {})}
    gone = GONE.get(name, ())
    old = sa.Table(name, sa.MetaData(), autoload_with=connection)
    lost = [index for index in old.indexes if index.name == NEEDLESS or {*gone} & {c.name for c in index.columns}]
    for index in lost:
        op.drop_index(str(index.name), name)
    if name in KEYS:
        op.drop_constraint(str(old.primary_key.name), name, type_="primary")
    changes = [
        f'ALTER COLUMN "{column}" TYPE integer USING blankett_number({expression})'
        for column, expression in numbered.items()
    ]
    changes += [
        f"ALTER COLUMN \"{column}\" TYPE bytea USING '\\x01'::bytea || convert_to(\"{column}\", 'UTF8')"
        for column in PACKED.get(name, ())
    ]
    connection.execute(sa.text(f'ALTER TABLE "{name}" {", ".join(changes)}'))
    for column in gone:
        op.drop_column(name, column)
    if name in KEYS:
        op.create_primary_key(f"pk_{name}", name, list(KEYS[name]))
    for index in lost:
        _index_anew(name, index)


# And back -------------------------------------------------------------------------------------------------------------


def downgrade() -> None:
    """Make the tables of before, and put back what there is, with its names and texts. Holds all of it in memory."""
    connection = op.get_bind()
    known = sa.table("known_name", sa.column("number"), sa.column("name"))
    names = {row[0]: row[1] for row in connection.execute(sa.select(known.c.number, known.c.name))}
    held = {name: list(_as_before(connection, name, names)) for name in TABLES if name != "search_entry"}
    if connection.dialect.name == "sqlite":
        op.execute("DROP TABLE search_token")
    for name in (*TABLES, "known_name"):
        op.drop_table(name)
    versions = importlib.import_module(VERSIONS)
    for module in sorted(found.name for found in pkgutil.iter_modules(versions.__path__)):
        if module < "r0015":
            importlib.import_module(f"{VERSIONS}.{module}").upgrade()
    for name, rows in held.items():
        if rows:
            connection.execute(sa.insert(sa.table(name, *map(sa.column, rows[0]))), rows)
    importlib.import_module(f"{VERSIONS}.r0014_find_by_pairs").fill(connection)
    if connection.dialect.name == "postgresql":
        connection.execute(sa.text("SELECT setval(pg_get_serial_sequence('act', 'number'), max(number)) FROM act"))


def _as_before(connection: sa.Connection, name: str, names: Mapping[int, str]) -> Iterator[dict[str, object]]:
    """Yield the rows of a table as they were."""
    numbered = {"organisation", *NAMES.get(name, {})}
    for row in connection.execute(sa.select(sa.Table(name, sa.MetaData(), autoload_with=connection))).mappings():
        values = {column: names.get(value) if column in numbered else value for column, value in row.items()}
        for column in PACKED.get(name, ()):
            kept = values[column]
            values[column] = unpack(kept) if isinstance(kept, bytes) else kept
        if name in GONE:
            values["blueprint"], _, values["form"] = str(values["form"]).partition(".")
        yield values
