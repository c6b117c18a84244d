"""Keep beside texts where a language sorts them, and which language an organisation sorts by."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

KEYS = ("number_key", "title_key", *(f"k{number}" for number in range(1, 17)))
FORM = ("organisation", "blueprint", "form")
#: What records of before are sorted by: nothing a program has.
NONE = "none"


def words() -> sa.types.TypeEngine[str]:
    """Return the type of a text, compared by code point."""
    return sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")


def name_of(key: str) -> str:
    """Return the name of a key's index."""
    return f"ix_record_{'_'.join((*FORM, key, 'id'))}"


def upgrade() -> None:
    """Make the columns and their indexes; `blankett db upgrade` fills them."""
    for name, default in (("sort_language", ""), ("sort_version", NONE)):
        op.add_column("organisation", sa.Column(name, words(), nullable=False, server_default=default))
    with op.batch_alter_table("organisation") as table:
        for name in ("sort_language", "sort_version"):
            table.alter_column(name, server_default=None)
    for key in KEYS:
        op.add_column("record", sa.Column(key, words(), nullable=True))
        used = sa.text(f"{key} IS NOT NULL")
        op.create_index(name_of(key), "record", [*FORM, key, "id"], sqlite_where=used, postgresql_where=used)


def downgrade() -> None:
    """Go back to texts alone."""
    for key in KEYS:
        op.drop_index(name_of(key), "record")
        op.drop_column("record", key)
    for name in ("sort_language", "sort_version"):
        op.drop_column("organisation", name)
