"""Keep letters with how far they are, and the settings of an organisation."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def words() -> sa.types.TypeEngine[str]:
    """Return the type of a text, compared by code point."""
    return sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")


def text(name: str, *, null: bool = False) -> sa.Column[str]:
    """Return a column of texts."""
    return sa.Column(name, words(), nullable=null)


def upgrade() -> None:
    """Make the tables. Nothing ever wrote the outbox that was there."""
    op.drop_index("ix_outbox_organisation_id", "outbox")
    op.drop_table("outbox")
    op.create_table(
        "outbox",
        sa.Column("organisation", sa.Integer, nullable=False),
        *(text(name) for name in ("id", "at", "record", "reader", "address", "payload", "state")),
        sa.Column("tries", sa.BigInteger, nullable=False),
        text("changed_at"),
        text("delivered_at", null=True),
        text("reason"),
        text("detail"),
        sa.PrimaryKeyConstraint("organisation", "id", name="pk_outbox"),
        sqlite_with_rowid=False,
    )
    is_open = sa.text("state IN ('waiting', 'sending')")
    columns = ["organisation", "record", "id"]
    op.create_index("ix_outbox_open", "outbox", columns, sqlite_where=is_open, postgresql_where=is_open)
    op.create_index("ix_outbox_organisation_state_id", "outbox", ["organisation", "state", "id"])
    op.create_index("ix_outbox_organisation_record", "outbox", ["organisation", "record"])
    op.create_table(
        "setting",
        sa.Column("organisation", sa.Integer, nullable=False),
        text("key"),
        text("value"),
        sa.PrimaryKeyConstraint("organisation", "key", name="pk_setting"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Put the empty table back that was there. Letters that were not sent are not."""
    op.drop_table("setting")
    op.drop_table("outbox")
    op.create_table(
        "outbox",
        sa.Column("organisation", sa.Integer, nullable=False),
        *(text(name) for name in ("id", "at", "kind")),
        text("record", null=True),
        text("payload"),
        text("delivered_at", null=True),
        sa.PrimaryKeyConstraint("organisation", "id", name="pk_outbox"),
        sqlite_with_rowid=False,
    )
    undelivered = sa.text("delivered_at IS NULL")
    op.create_index(
        "ix_outbox_organisation_id",
        "outbox",
        ["organisation", "id"],
        sqlite_where=undelivered,
        postgresql_where=undelivered,
    )
