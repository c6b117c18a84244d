"""Keep departments: the tree, who is in it, its posts, and who stands in for whom. An organisation starts with none."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def words() -> sa.types.TypeEngine[str]:
    """Return the type of a text, compared by code point."""
    return sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")


def make(name: str, key: tuple[str, ...], *columns: sa.Column[object]) -> None:
    """Make a table whose key begins with the organisation."""
    op.create_table(
        name,
        sa.Column("organisation", sa.Integer, nullable=False),
        *columns,
        sa.PrimaryKeyConstraint("organisation", *key, name=f"pk_{name}"),
        sqlite_with_rowid=False,
    )


def text(name: str, *, null: bool = False) -> sa.Column[object]:
    """Return a column of texts."""
    return sa.Column(name, words(), nullable=null)


def whole(name: str) -> sa.Column[object]:
    """Return a column of whole numbers."""
    return sa.Column(name, sa.BigInteger, nullable=False)


def index(table: str, column: str, *names: str) -> None:
    """Index the rows in which something stands in the column."""
    used = sa.text(f"{column} IS NOT NULL")
    name = f"ix_{table}_{'_'.join(('organisation', *names))}"
    op.create_index(name, table, ["organisation", *names], sqlite_where=used, postgresql_where=used)


def upgrade() -> None:
    """Make the tables, and the columns that name a department."""
    make(
        "department",
        ("id",),
        *map(text, ("id", "title")),
        *(text(name, null=True) for name in ("parent", "head", "deputy")),
        whole("revision"),
        text("closed_at", null=True),
    )
    make("department_member", ("department", "user"), *map(text, ("department", "user")))
    op.create_index("ix_department_member_organisation_user", "department_member", ["organisation", "user"])
    make(
        "post",
        ("id",),
        *map(text, ("id", "department", "title")),
        *(text(name, null=True) for name in ("holder", "authority")),
        whole("revision"),
    )
    make(
        "absence",
        ("id",),
        *map(text, ("id", "user", "substitute")),
        *map(whole, ("first", "last")),
        *map(text, ("blueprints", "note", "by", "at")),
        text("ended_at", null=True),
    )
    op.create_index("ix_absence_organisation_last", "absence", ["organisation", "last"])
    op.add_column("workspace", text("department", null=True))
    op.add_column("user", text("department", null=True))
    index("user", "department", "department")
    index("record", "department", "form", "department", "id")


def downgrade() -> None:
    """Remove departments, and who was where."""
    op.drop_index("ix_record_organisation_form_department_id", "record")
    op.drop_index("ix_user_organisation_department", "user")
    op.drop_column("user", "department")
    op.drop_column("workspace", "department")
    for name in ("absence", "post", "department_member", "department"):
        op.drop_table(name)
