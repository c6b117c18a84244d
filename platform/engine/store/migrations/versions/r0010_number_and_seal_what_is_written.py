"""Number what is written and seal it; the chains of what is there begin now."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from itertools import islice
from typing import Any

import sqlalchemy as sa
from alembic import op

from blankett.engine.store.json_text import write_json
from blankett.engine.store.timestamps import write_moment

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

TOGETHER = 1_000
#: Table → (columns of its key behind the organisation, columns that nobody may change unseen), as of this revision.
PROTECTED: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "organisation": ((), ("title", "zone", "currency")),
    "workspace": (("id",), ("title", "parent", "zone")),
    "user": (("id",), ("email", "name", "password", "stamp", "active", "is_admin", "first_password", "created_at")),
    "member": (("workspace", "user"), ("roles", "administers")),
    "rate": (("source", "target", "day"), ("value",)),
    "blueprint": (("key",), ("workspace", "created_at", "created_by")),
    "share": (("blueprint", "form", "workspace"), ()),
    "version": (("blueprint", "number"), ("digest", "seal")),
    "intent": (("key",), ("actor", "digest", "receipt", "record", "at")),
    "notification": (("user", "id"), ("at", "record", "message", "text")),
}
TEXTS = ("organisation", "at", "actor", "kind", "subject", "digest", "said")


def upgrade() -> None:
    """Make the tables, and note what every protected row and every history holds today."""
    words = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
    op.create_table(
        "act",
        sa.Column("organisation", words, nullable=False),
        sa.Column("number", sa.BigInteger, sa.Identity(), nullable=False),
        *(sa.Column(name, words, nullable=False) for name in TEXTS[1:]),
        sa.Column("seal", sa.BigInteger),
        sa.PrimaryKeyConstraint("organisation", "number"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_act_organisation_kind_subject_number", "act", ["organisation", "kind", "subject", "number"])
    op.create_index("ix_act_organisation_seal_number", "act", ["organisation", "seal", "number"])
    op.create_table(
        "seal",
        sa.Column("organisation", words, nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("at", words, nullable=False),
        sa.Column("acts", sa.BigInteger, nullable=False),
        sa.Column("hash", words, nullable=False),
        sa.PrimaryKeyConstraint("organisation", "number"),
        sqlite_with_rowid=False,
    )
    connection, at = op.get_bind(), write_moment(datetime.now(UTC))
    act = sa.table("act", *map(sa.column, ("number", *TEXTS)))
    numbers: Counter[str] = Counter()
    for found in (_held, _begun):
        for rows in _together({**row, "at": at, "actor": "", "said": ""} for row in list(found(connection))):
            if connection.dialect.name == "sqlite":  # PostgreSQL numbers them itself
                for row in rows:
                    numbers[row["organisation"]] += 1
                    row["number"] = numbers[row["organisation"]]
            connection.execute(sa.insert(act), rows)


def _held(connection: sa.Connection) -> Iterator[dict[str, Any]]:
    """Yield an act for every row that is protected from now on."""
    for name, (key, columns) in PROTECTED.items():
        names = ["organisation", *key, *columns]
        asked: Any = sa.select(*map(sa.column, names)).select_from(sa.table(name))
        for row in connection.execute(asked):
            held: Mapping[str, Any] = dict(zip(names, row, strict=True))
            subject = " ".join(str(held[column]) for column in key) or "-"
            told = write_json([subject, *(held[column] for column in columns)])
            digest = hashlib.sha256(told.encode()).hexdigest()
            yield {"organisation": row[0], "kind": name, "subject": subject, "digest": digest}


def _begun(connection: sa.Connection) -> Iterator[dict[str, Any]]:
    """Yield an act for every history: its last event, and which of it were erased."""
    event = sa.table("event", *map(sa.column, ("organisation", "record", "sequence", "hash", "payload")))
    last = sa.select(event.c.organisation, event.c.record, sa.func.max(event.c.sequence).label("last"))
    newest = last.group_by(event.c.organisation, event.c.record).subquery()
    of_newest = sa.and_(
        event.c.organisation == newest.c.organisation,
        event.c.record == newest.c.record,
        event.c.sequence == newest.c.last,
    )
    asked = sa.select(event.c.organisation, event.c.record, event.c.sequence, event.c.hash).join(newest, of_newest)
    for organisation, record, sequence, hash in connection.execute(asked):
        yield {"organisation": organisation, "kind": "begun", "subject": record, "digest": f"{sequence} {hash}"}
    erased = sa.select(event.c.organisation, event.c.record, event.c.sequence).where(event.c.payload.is_(None))
    for organisation, record, sequence in connection.execute(erased):
        yield {"organisation": organisation, "kind": "erased", "subject": record, "digest": str(sequence)}


def _together(rows: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    waiting = iter(rows)
    while some := list(islice(waiting, TOGETHER)):
        yield some


def downgrade() -> None:
    """Take acts and seals away."""
    op.drop_table("seal")
    op.drop_table("act")
