"""Find the receipts about a record that is discarded without looking at all of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

ABOUT_A_RECORD = sa.text("record IS NOT NULL")


def upgrade() -> None:
    """Make the index."""
    op.create_index(
        "ix_intent_record",
        "intent",
        ["organisation", "record"],
        sqlite_where=ABOUT_A_RECORD,
        postgresql_where=ABOUT_A_RECORD,
    )


def downgrade() -> None:
    """Go without."""
    op.drop_index("ix_intent_record", "intent")
