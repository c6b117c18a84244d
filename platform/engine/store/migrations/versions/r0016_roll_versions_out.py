"""Keep what a published version still does to the records, and how far it is."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def words() -> sa.types.TypeEngine[str]:
    """Return the type of a text, compared by code point."""
    return sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "rollout",
        sa.Column("organisation", sa.Integer, nullable=False),
        sa.Column("blueprint", words(), nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        *(sa.Column(name, words(), nullable=False) for name in ("at", "by", "plan", "progress")),
        *(sa.Column(name, words(), nullable=False) for name in ("holder", "held_until", "changed_at")),
        sa.Column("ended_at", words(), nullable=True),
        sa.PrimaryKeyConstraint("organisation", "blueprint", "number", name="pk_rollout"),
        sqlite_with_rowid=False,
    )
    unfinished = sa.text("ended_at IS NULL")
    op.create_index(
        "ix_rollout_unfinished",
        "rollout",
        ["organisation", "blueprint", "number"],
        sqlite_where=unfinished,
        postgresql_where=unfinished,
    )


def downgrade() -> None:
    """Remove the table. Records that wait for their new version keep the one they have."""
    op.drop_table("rollout")
