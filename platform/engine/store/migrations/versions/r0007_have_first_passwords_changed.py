"""Know of each person whether others know their password, so that it must be changed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the mark; nobody who has a password now is asked to change it."""
    op.add_column("user", sa.Column("first_password", sa.BigInteger, nullable=False, server_default="0"))


def downgrade() -> None:
    """Take the mark away."""
    op.drop_column("user", "first_password")
