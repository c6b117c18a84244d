"""Keep how a person has numbers and days written."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def words(name: str) -> sa.Column[str]:
    """Return a column of texts, compared by code point; empty in rows that are there."""
    kind = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
    return sa.Column(name, kind, nullable=False, server_default="")


def upgrade() -> None:
    """Add the columns."""
    op.add_column("user", words("numbers"))
    op.add_column("user", words("days"))


def downgrade() -> None:
    """Remove the columns."""
    op.drop_column("user", "days")
    op.drop_column("user", "numbers")
