"""Keep an index of the words records are found by, with pairs and longer runs of their characters as tokens.

The index of whole texts goes: it was walked through from one end to the other. Every search text is made anew, of what
stands in those slots of its record that hold words.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from blankett.engine.fields.text import is_cut, kept_text
from blankett.engine.store.search import first_number, scope_of, search_text, tokens_of

revision = "0014"
down_revision = "0012"
branch_labels = None
depends_on = None

SEARCHED = ("organisation", "blueprint", "form", "search", "id")
#: Text slot → the key beside it that says where words are sorted; other texts have none.
KEYS = {f"t{place}": f"k{place}" for place in range(1, 17)}
#: Records written at once.
PIECE = 1_000

_record = sa.table(
    "record",
    *map(
        sa.column,
        ("organisation", "blueprint", "form", "id", "number", "title", "data", "search", *KEYS, *KEYS.values()),
    ),
)


def words() -> sa.types.TypeEngine[str]:
    """Return the type of a text, compared by code point."""
    return sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")


def upgrade() -> None:
    """Make the tables, and let every search text be made anew."""
    op.drop_index(f"ix_record_{'_'.join(SEARCHED)}", "record")
    op.create_table(
        "search_entry",
        sa.Column("organisation", words(), nullable=False),
        sa.Column("record", words(), nullable=False),
        sa.Column("scope", words(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=True),
        sa.Column("tokens", sa.Text().with_variant(postgresql.TSVECTOR(), "postgresql"), nullable=True),
        sa.PrimaryKeyConstraint("organisation", "record", name="pk_search_entry"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_search_entry_organisation_number", "search_entry", ["organisation", "number"])
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE VIRTUAL TABLE search_token USING fts5"
            "(tokens, content='', detail='none', columnsize=0, tokenize='ascii')"
        )
    else:
        op.execute("CREATE INDEX ix_search_entry_tokens ON search_entry USING gin (tokens) WITH (fastupdate = off)")
    fill(op.get_bind())


def fill(connection: sa.Connection) -> None:
    """Write the search text of every record, and what it is found by."""
    after = ("", "")
    place = sa.tuple_(_record.c.organisation, _record.c.id)
    ordered = sa.select(_record).order_by(_record.c.organisation, _record.c.id).limit(PIECE)
    write = (
        sa.update(_record)
        .where(_record.c.organisation == sa.bindparam("of"), _record.c.id == sa.bindparam("this"))
        .values(search=sa.bindparam("now"))
    )
    while rows := connection.execute(ordered.where(place > sa.tuple_(*map(sa.literal, after)))).mappings().all():
        after = (rows[-1]["organisation"], rows[-1]["id"])
        texts: dict[tuple[str, str], dict[str, str]] = {}
        for row in rows:
            form = f"{row['blueprint']}.{row['form']}"
            texts.setdefault((row["organisation"], form), {})[row["id"]] = search_text(
                row["number"],
                row["title"],
                {slot: whole(row, slot) for slot, key in KEYS.items() if row[key] is not None},
            )
        for (organisation, form), found in texts.items():
            told = [{"of": organisation, "this": id, "now": text} for id, text in found.items()]
            connection.execute(write, told)
            _put_entries(connection, organisation, form, found)


def _put_entries(connection: sa.Connection, organisation: str, form: str, texts: Mapping[str, str]) -> None:
    """Keep the tokens of records of a form, id → search text."""
    scope = scope_of(organisation, form)
    told = {id: " ".join(tokens_of(scope, text)) for id, text in texts.items()}
    if connection.dialect.name == "postgresql":
        insert = (
            "INSERT INTO search_entry (organisation, record, scope, tokens) "
            "VALUES (:organisation, :record, :scope, array_to_tsvector(string_to_array(:tokens, ' ')))"
        )
        rows = [{"organisation": organisation, "record": id, "scope": scope, "tokens": told[id]} for id in told]
        connection.execute(sa.text(insert), rows)
        return
    asked = sa.text("SELECT max(number) FROM search_entry WHERE organisation = :organisation")
    last = connection.scalar(asked, {"organisation": organisation}) or first_number(organisation)
    entries = [
        {"organisation": organisation, "record": id, "scope": scope, "number": number, "tokens": tokens}
        for number, (id, tokens) in enumerate(told.items(), last + 1)
    ]
    insert = (
        "INSERT INTO search_entry (organisation, record, scope, number) "
        "VALUES (:organisation, :record, :scope, :number)"
    )
    connection.execute(sa.text(insert), entries)
    connection.execute(sa.text("INSERT INTO search_token (rowid, tokens) VALUES (:number, :tokens)"), entries)


def whole(row: Mapping[Any, Any], slot: str) -> str:
    """Return the text of which a slot of a record may hold the beginning only."""
    held = str(row[slot] or "")
    if not is_cut(held):
        return held
    texts = (text for text in json.loads(row["data"]).values() if isinstance(text, str))
    return next((text for text in texts if kept_text(text) == held), held)


def downgrade() -> None:
    """Go back to one index of whole texts."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE search_token")
    op.drop_index("ix_search_entry_organisation_number", "search_entry")
    op.drop_table("search_entry")
    # Texts of before were shorter and fit an index of PostgreSQL; `blankett db upgrade` makes them so again.
    op.execute("UPDATE record SET search = ''")
    op.execute("UPDATE organisation SET sort_version = 'none'")
    op.create_index(f"ix_record_{'_'.join(SEARCHED)}", "record", list(SEARCHED))
