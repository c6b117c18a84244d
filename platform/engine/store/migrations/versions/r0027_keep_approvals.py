"""Keep approvals and what people owe to them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def words() -> sa.types.TypeEngine[str]:
    """Return the type of a text, compared by code point."""
    return sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")


def text(name: str) -> sa.Column[str]:
    """Return a column of texts."""
    return sa.Column(name, words(), nullable=False)


def whole(name: str) -> sa.Column[int]:
    """Return a column of whole numbers."""
    return sa.Column(name, sa.BigInteger, nullable=False)


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "approval",
        sa.Column("organisation", sa.Integer, nullable=False),
        *(text(name) for name in ("record", "action", "status")),
        whole("version"),
        whole("round"),
        sa.Column("course", sa.LargeBinary, nullable=False),
        text("request"),
        text("changed_at"),
        sa.PrimaryKeyConstraint("organisation", "record", "action", name="pk_approval"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "task",
        sa.Column("organisation", sa.Integer, nullable=False),
        *(text(name) for name in ("record", "action", "user", "kind", "step")),
        whole("opening"),
        whole("part"),
        *(text(name) for name in ("behalf", "due_at", "opened_at")),
        sa.PrimaryKeyConstraint(
            "organisation", "record", "action", "user", "kind", "step", "part", "behalf", name="pk_task"
        ),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_task_organisation_user_due_at_opened_at_record",
        "task",
        ["organisation", "user", "due_at", "opened_at", "record"],
    )


def downgrade() -> None:
    """Remove the tables. Records that wait for an approval then wait for nobody."""
    op.drop_table("task")
    op.drop_table("approval")
