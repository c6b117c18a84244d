"""Keep the jobs that are done behind a write, and the workers that do them."""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def words() -> sa.types.TypeEngine[str]:
    """Return the type of a text, compared by code point."""
    return sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")


def text(name: str, *, null: bool = False) -> sa.Column[str]:
    """Return a column of texts."""
    return sa.Column(name, words(), nullable=null)


def whole(name: str) -> sa.Column[int]:
    """Return a column of whole numbers."""
    return sa.Column(name, sa.BigInteger, nullable=False)


def upgrade() -> None:
    """Make the tables. What a published version still does to the records becomes a job."""
    op.create_table(
        "job",
        sa.Column("organisation", sa.Integer, nullable=False),
        *(text(name) for name in ("id", "kind", "key", "args", "by", "asked_at", "state")),
        whole("run"),
        whole("tries"),
        text("due_at"),
        text("worker"),
        text("started_at", null=True),
        text("changed_at"),
        text("ended_at", null=True),
        whole("done"),
        whole("total"),
        text("reason"),
        text("detail"),
        sa.PrimaryKeyConstraint("organisation", "id", name="pk_job"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_job_organisation_state_due_at_id", "job", ["organisation", "state", "due_at", "id"])
    op.create_index("ix_job_organisation_ended_at", "job", ["organisation", "ended_at"])
    op.create_table(
        "worker",
        sa.Column("organisation", sa.Integer, nullable=False),
        *(text(name) for name in ("id", "host")),
        whole("process"),
        text("version"),
        whole("places"),
        *(text(name) for name in ("started_at", "heard_at")),
        sa.PrimaryKeyConstraint("organisation", "id", name="pk_worker"),
        sqlite_with_rowid=False,
    )
    _ask_for_rollouts()


def _ask_for_rollouts() -> None:
    connection = op.get_bind()
    unfinished = sa.text('SELECT organisation, blueprint, number, "by", at FROM rollout WHERE ended_at IS NULL')
    job = sa.table("job", *(sa.column(name) for name in (
        "organisation", "id", "kind", "key", "args", "by", "asked_at", "state", "run", "tries", "due_at", "worker",
        "changed_at", "done", "total", "reason", "detail",
    )))  # fmt: skip
    for organisation, blueprint, number, by, at in connection.execute(unfinished).all():
        connection.execute(
            sa.insert(job).values(
                organisation=organisation, id=f"rollout-{blueprint}-{number}", kind="rollout",
                key=f"{blueprint} {number}", args=json.dumps({"blueprint": blueprint, "number": number}), by=by,
                asked_at=at, state="waiting", run=0, tries=0, due_at=at, worker="", changed_at=at, done=0, total=0,
                reason="", detail="",
            )
        )  # fmt: skip


def downgrade() -> None:
    """Remove the tables. What was still to be done is not done."""
    op.drop_table("worker")
    op.drop_table("job")
