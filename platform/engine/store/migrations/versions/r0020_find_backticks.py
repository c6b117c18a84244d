"""Find what was written with a backtick for an apostrophe: `blankett db upgrade` writes the records anew, those of the
organisations that have such texts.
"""

from __future__ import annotations

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Let search texts be made anew."""
    op.execute(
        "UPDATE organisation SET sort_version = 'none' "
        "WHERE organisation IN (SELECT organisation FROM record WHERE search LIKE '%`%')"
    )


def downgrade() -> None:
    """Leave them: an earlier version writes them anew where it finds them otherwise."""
