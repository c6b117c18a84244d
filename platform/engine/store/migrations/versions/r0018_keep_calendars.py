"""Keep calendars: the working hours and holidays that formulas count in."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def words() -> sa.types.TypeEngine[str]:
    """Return the type of a text, compared by code point."""
    return sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "calendar",
        sa.Column("organisation", sa.Integer, nullable=False),
        *(sa.Column(name, words(), nullable=False) for name in ("key", "title")),
        sa.Column("revision", sa.BigInteger, nullable=False),
        sa.Column("definition", words(), nullable=False),
        sa.PrimaryKeyConstraint("organisation", "key", name="pk_calendar"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Remove the table, with what administrators changed in it."""
    op.drop_table("calendar")
