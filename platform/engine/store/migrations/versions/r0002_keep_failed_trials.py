"""Keep which rules failed when they were tried."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def words() -> sa.types.TypeEngine[str]:
    """Return the type of a text, compared by code point."""
    return sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "failed_trial",
        sa.Column("organisation", words(), nullable=False),
        sa.Column("fingerprint", words(), nullable=False),
        sa.Column("rules", words(), nullable=False),
        sa.Column("reason", words(), nullable=False),
        sa.Column("at", words(), nullable=False),
        sa.PrimaryKeyConstraint("organisation", "fingerprint", name="pk_failed_trial"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Remove the table."""
    op.drop_table("failed_trial")
