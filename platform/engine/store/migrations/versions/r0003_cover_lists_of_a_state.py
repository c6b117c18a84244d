"""Let lists of one state be counted, and shown by day, from indexes alone."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

FORM = ("organisation", "blueprint", "form")
BEFORE = (*FORM, "state", "id")
BY_ID, BY_DAY = (*FORM, "state", "id", "workspace"), (*FORM, "state", "d1", "id", "workspace")


def name_of(columns: tuple[str, ...]) -> str:
    """Return the name of an index of records."""
    return f"ix_record_{'_'.join(columns)}"


def upgrade() -> None:
    """Put the workspace into the index of states, and make the one by day."""
    used = sa.text("d1 IS NOT NULL")
    op.drop_index(name_of(BEFORE), "record")
    op.create_index(name_of(BY_ID), "record", list(BY_ID))
    op.create_index(name_of(BY_DAY), "record", list(BY_DAY), sqlite_where=used, postgresql_where=used)


def downgrade() -> None:
    """Go back to the index of states alone."""
    op.drop_index(name_of(BY_DAY), "record")
    op.drop_index(name_of(BY_ID), "record")
    op.create_index(name_of(BEFORE), "record", list(BEFORE))
