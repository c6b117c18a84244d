"""Keep what waits in the order of waiting."""

from __future__ import annotations

from alembic import op

revision = "0012"
down_revision = "0010"
branch_labels = None
depends_on = None

WAITING = ("organisation", "blueprint", "form", "state", "version", "changed_at", "id")


def upgrade() -> None:
    """Make the index."""
    op.create_index("ix_record_waiting", "record", list(WAITING))


def downgrade() -> None:
    """Go without."""
    op.drop_index("ix_record_waiting", "record")
