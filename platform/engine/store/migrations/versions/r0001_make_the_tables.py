"""Make the tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SLOTS = (
    *(f"t{number}" for number in range(1, 17)),
    *(f"n{number}" for number in range(1, 11)),
    *(f"d{number}" for number in range(1, 9)),
)


def words() -> sa.types.TypeEngine[str]:
    """Return the type of a text, compared by code point."""
    return sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")


def slot(name: str) -> sa.Column[str] | sa.Column[int]:
    """Return the column of a slot."""
    if name.startswith("t"):
        return sa.Column(name, words(), nullable=True)
    return sa.Column(name, sa.BigInteger() if name.startswith("n") else sa.Integer(), nullable=True)


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "organisation",
        sa.Column("organisation", words(), nullable=False),
        sa.Column("title", words(), nullable=False),
        sa.Column("zone", words(), nullable=False),
        sa.Column("currency", words(), nullable=False),
        sa.Column("created_at", words(), nullable=False),
        sa.PrimaryKeyConstraint("organisation", name="pk_organisation"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "record",
        sa.Column("organisation", words(), nullable=False),
        sa.Column("id", words(), nullable=False),
        sa.Column("workspace", words(), nullable=False),
        sa.Column("blueprint", words(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("form", words(), nullable=False),
        sa.Column("number", words(), nullable=True),
        sa.Column("series", words(), nullable=True),
        sa.Column("serial", sa.BigInteger(), nullable=True),
        sa.Column("state", words(), nullable=True),
        sa.Column("title", words(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("owner", words(), nullable=True),
        sa.Column("assignee", words(), nullable=True),
        sa.Column("department", words(), nullable=True),
        sa.Column("created_at", words(), nullable=False),
        sa.Column("created_by", words(), nullable=False),
        sa.Column("changed_at", words(), nullable=False),
        sa.Column("hidden", words(), nullable=False),
        sa.Column("filled", words(), nullable=False),
        sa.Column("data", words(), nullable=False),
        sa.Column("search", words(), nullable=False),
        *map(slot, SLOTS),
        sa.PrimaryKeyConstraint("organisation", "id", name="pk_record"),
    )
    op.create_index(
        "ix_record_organisation_blueprint_form_assignee_id",
        "record",
        ["organisation", "blueprint", "form", "assignee", "id"],
        sqlite_where=sa.text("assignee IS NOT NULL"),
        postgresql_where=sa.text("assignee IS NOT NULL"),
    )
    op.create_index(
        "ix_record_organisation_blueprint_form_changed_at_id",
        "record",
        ["organisation", "blueprint", "form", "changed_at", "id"],
    )
    op.create_index("ix_record_organisation_blueprint_form_id", "record", ["organisation", "blueprint", "form", "id"])
    op.create_index(
        "ix_record_organisation_blueprint_form_number_id",
        "record",
        ["organisation", "blueprint", "form", "number", "id"],
    )
    op.create_index(
        "ix_record_organisation_blueprint_form_owner_id",
        "record",
        ["organisation", "blueprint", "form", "owner", "id"],
        sqlite_where=sa.text("owner IS NOT NULL"),
        postgresql_where=sa.text("owner IS NOT NULL"),
    )
    op.create_index(
        "ix_record_organisation_blueprint_form_search_id",
        "record",
        ["organisation", "blueprint", "form", "search", "id"],
    )
    op.create_index(
        "ix_record_organisation_blueprint_form_state_id", "record", ["organisation", "blueprint", "form", "state", "id"]
    )
    op.create_index(
        "ix_record_organisation_series_serial",
        "record",
        ["organisation", "series", "serial"],
        unique=True,
        sqlite_where=sa.text("serial IS NOT NULL"),
        postgresql_where=sa.text("serial IS NOT NULL"),
    )
    for name in SLOTS:
        columns = ["organisation", "blueprint", "form", name, "id"]
        used = sa.text(f"{name} IS NOT NULL")
        op.create_index(f"ix_record_{'_'.join(columns)}", "record", columns, sqlite_where=used, postgresql_where=used)
    op.create_table(
        "event",
        sa.Column("organisation", words(), nullable=False),
        sa.Column("record", words(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("at", words(), nullable=False),
        sa.Column("actor", words(), nullable=False),
        sa.Column("kind", words(), nullable=False),
        sa.Column("action", words(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("cause", words(), nullable=False),
        sa.Column("salt", words(), nullable=True),
        sa.Column("payload", words(), nullable=True),
        sa.Column("digest", words(), nullable=False),
        sa.Column("hash", words(), nullable=False),
        sa.PrimaryKeyConstraint("organisation", "record", "sequence", name="pk_event"),
    )
    op.create_table(
        "blueprint",
        sa.Column("organisation", words(), nullable=False),
        sa.Column("key", words(), nullable=False),
        sa.Column("workspace", words(), nullable=False),
        sa.Column("origin", words(), nullable=True),
        sa.Column("origin_version", sa.BigInteger(), nullable=True),
        sa.Column("created_at", words(), nullable=False),
        sa.Column("created_by", words(), nullable=False),
        sa.PrimaryKeyConstraint("organisation", "key", name="pk_blueprint"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "blueprint_draft",
        sa.Column("organisation", words(), nullable=False),
        sa.Column("blueprint", words(), nullable=False),
        sa.Column("source", words(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", words(), nullable=False),
        sa.Column("changed_by", words(), nullable=False),
        sa.PrimaryKeyConstraint("organisation", "blueprint", name="pk_blueprint_draft"),
    )
    op.create_table(
        "version",
        sa.Column("organisation", words(), nullable=False),
        sa.Column("blueprint", words(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("at", words(), nullable=False),
        sa.Column("by", words(), nullable=False),
        sa.Column("note", words(), nullable=False),
        sa.Column("source", words(), nullable=False),
        sa.Column("canonical", words(), nullable=False),
        sa.Column("positions", words(), nullable=False),
        sa.Column("digest", words(), nullable=False),
        sa.Column("seal", words(), nullable=False),
        sa.PrimaryKeyConstraint("organisation", "blueprint", "number", name="pk_version"),
    )
    op.create_table(
        "share",
        sa.Column("organisation", words(), nullable=False),
        sa.Column("blueprint", words(), nullable=False),
        sa.Column("form", words(), nullable=False),
        sa.Column("workspace", words(), nullable=False),
        sa.PrimaryKeyConstraint("organisation", "blueprint", "form", "workspace", name="pk_share"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "slot",
        sa.Column("organisation", words(), nullable=False),
        sa.Column("blueprint", words(), nullable=False),
        sa.Column("form", words(), nullable=False),
        sa.Column("path", words(), nullable=False),
        sa.Column("part", words(), nullable=False),
        sa.Column("slot", words(), nullable=False),
        sa.Column("ready", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("organisation", "blueprint", "form", "path", "part", "slot", name="pk_slot"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "edge",
        sa.Column("organisation", words(), nullable=False),
        sa.Column("record", words(), nullable=False),
        sa.Column("path", words(), nullable=False),
        sa.Column("target", words(), nullable=False),
        sa.PrimaryKeyConstraint("organisation", "record", "path", "target", name="pk_edge"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_edge_organisation_target_record_path", "edge", ["organisation", "target", "record", "path"])
    op.create_table(
        "unique_value",
        sa.Column("organisation", words(), nullable=False),
        sa.Column("form", words(), nullable=False),
        sa.Column("path", words(), nullable=False),
        sa.Column("value", words(), nullable=False),
        sa.Column("record", words(), nullable=False),
        sa.PrimaryKeyConstraint("organisation", "form", "path", "value", name="pk_unique_value"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_unique_value_organisation_record", "unique_value", ["organisation", "record"])
    op.create_table(
        "intent",
        sa.Column("organisation", words(), nullable=False),
        sa.Column("key", words(), nullable=False),
        sa.Column("actor", words(), nullable=False),
        sa.Column("digest", words(), nullable=False),
        sa.Column("receipt", words(), nullable=False),
        sa.Column("record", words(), nullable=True),
        sa.Column("at", words(), nullable=False),
        sa.PrimaryKeyConstraint("organisation", "key", name="pk_intent"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "counter",
        sa.Column("organisation", words(), nullable=False),
        sa.Column("name", words(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("organisation", "name", name="pk_counter"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "rate",
        sa.Column("organisation", words(), nullable=False),
        sa.Column("source", words(), nullable=False),
        sa.Column("target", words(), nullable=False),
        sa.Column("day", sa.BigInteger(), nullable=False),
        sa.Column("value", words(), nullable=False),
        sa.PrimaryKeyConstraint("organisation", "source", "target", "day", name="pk_rate"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "outbox",
        sa.Column("organisation", words(), nullable=False),
        sa.Column("id", words(), nullable=False),
        sa.Column("at", words(), nullable=False),
        sa.Column("kind", words(), nullable=False),
        sa.Column("record", words(), nullable=True),
        sa.Column("payload", words(), nullable=False),
        sa.Column("delivered_at", words(), nullable=True),
        sa.PrimaryKeyConstraint("organisation", "id", name="pk_outbox"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_outbox_organisation_id",
        "outbox",
        ["organisation", "id"],
        sqlite_where=sa.text("delivered_at IS NULL"),
        postgresql_where=sa.text("delivered_at IS NULL"),
    )
    op.create_table(
        "notification",
        sa.Column("organisation", words(), nullable=False),
        sa.Column("user", words(), nullable=False),
        sa.Column("id", words(), nullable=False),
        sa.Column("at", words(), nullable=False),
        sa.Column("record", words(), nullable=True),
        sa.Column("message", words(), nullable=False),
        sa.Column("text", words(), nullable=False),
        sa.Column("read_at", words(), nullable=True),
        sa.PrimaryKeyConstraint("organisation", "user", "id", name="pk_notification"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_notification_organisation_user_id",
        "notification",
        ["organisation", "user", "id"],
        sqlite_where=sa.text("read_at IS NULL"),
        postgresql_where=sa.text("read_at IS NULL"),
    )
    op.create_table(
        "workspace",
        sa.Column("organisation", words(), nullable=False),
        sa.Column("id", words(), nullable=False),
        sa.Column("title", words(), nullable=False),
        sa.Column("parent", words(), nullable=True),
        sa.Column("zone", words(), nullable=True),
        sa.PrimaryKeyConstraint("organisation", "id", name="pk_workspace"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "user",
        sa.Column("organisation", words(), nullable=False),
        sa.Column("id", words(), nullable=False),
        sa.Column("email", words(), nullable=False),
        sa.Column("name", words(), nullable=False),
        sa.Column("password", words(), nullable=False),
        sa.Column("stamp", words(), nullable=False),
        sa.Column("active", sa.BigInteger(), nullable=False),
        sa.Column("is_admin", sa.BigInteger(), nullable=False),
        sa.Column("language", words(), nullable=False),
        sa.Column("theme", words(), nullable=False),
        sa.Column("density", words(), nullable=False),
        sa.Column("zone", words(), nullable=False),
        sa.Column("created_at", words(), nullable=False),
        sa.Column("changed_at", words(), nullable=False),
        sa.PrimaryKeyConstraint("organisation", "id", name="pk_user"),
        sa.UniqueConstraint("organisation", "email", name="uq_user_organisation_email"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "member",
        sa.Column("organisation", words(), nullable=False),
        sa.Column("workspace", words(), nullable=False),
        sa.Column("user", words(), nullable=False),
        sa.Column("roles", words(), nullable=False),
        sa.Column("administers", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("organisation", "workspace", "user", name="pk_member"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_member_organisation_user", "member", ["organisation", "user"])
    op.create_table(
        "session",
        sa.Column("organisation", words(), nullable=False),
        sa.Column("id", words(), nullable=False),
        sa.Column("user", words(), nullable=True),
        sa.Column("data", words(), nullable=False),
        sa.Column("agent", words(), nullable=False),
        sa.Column("created_at", words(), nullable=False),
        sa.Column("seen_at", words(), nullable=False),
        sa.Column("expires_at", words(), nullable=False),
        sa.PrimaryKeyConstraint("organisation", "id", name="pk_session"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_session_organisation_expires_at", "session", ["organisation", "expires_at"])
    op.create_index("ix_session_organisation_user", "session", ["organisation", "user"])


def downgrade() -> None:
    """Remove the tables with everything in them."""
    for name in TABLES:
        op.drop_table(name)


TABLES = (
    "organisation",
    "record",
    "event",
    "blueprint",
    "blueprint_draft",
    "version",
    "share",
    "slot",
    "edge",
    "unique_value",
    "intent",
    "counter",
    "rate",
    "outbox",
    "notification",
    "workspace",
    "user",
    "member",
    "session",
)
