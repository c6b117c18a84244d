"""Keep under which edition of the language a version was published."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; what is published already keeps the meaning from before there were editions."""
    op.add_column("version", sa.Column("edition", sa.BigInteger(), nullable=False, server_default="0"))


def downgrade() -> None:
    """Take the column away."""
    op.drop_column("version", "edition")
