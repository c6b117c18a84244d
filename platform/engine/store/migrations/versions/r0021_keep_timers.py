"""Keep the timers of records that run."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def text(name: str) -> sa.Column[str]:
    """Return a column of texts, compared by code point."""
    words = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
    return sa.Column(name, words, nullable=False)


def whole(name: str) -> sa.Column[int]:
    """Return a column of whole numbers."""
    return sa.Column(name, sa.BigInteger, nullable=False)


def upgrade() -> None:
    """Make the table. No version has timers yet."""
    op.create_table(
        "timer",
        sa.Column("organisation", sa.Integer, nullable=False),
        *(text(name) for name in ("record", "key", "state", "since", "due_at", "look_at")),
        *(whole(name) for name in ("round", "depth", "tries")),
        *(text(name) for name in ("calendars", "reason", "detail")),
        sa.PrimaryKeyConstraint("organisation", "record", "key", name="pk_timer"),
        sqlite_with_rowid=False,
    )
    columns = ["organisation", "state", "look_at", "record", "key"]
    op.create_index("ix_timer_organisation_state_look_at_record_key", "timer", columns)


def downgrade() -> None:
    """Remove the table. What was still to happen does not."""
    op.drop_table("timer")
