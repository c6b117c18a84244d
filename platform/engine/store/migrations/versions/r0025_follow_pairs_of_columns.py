"""Follow one value of a form's first text in the order of its first day and number, and let indexes of numbers and
moments do without ids.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0021"
branch_labels = None
depends_on = None

FORM = ("organisation", "form")
#: Columns of which hardly two records have the same, and whether some have none.
TELLING = {"changed_at": False, "number": True, "number_key": True}
#: The columns of each index of a pair, behind the form's.
PAIRS = (("t1", "d1"), ("t1", "n1", "id"))


def _create(columns: tuple[str, ...], used: tuple[str, ...]) -> None:
    where = sa.text(" AND ".join(f"{column} IS NOT NULL" for column in used)) if used else None
    op.create_index(_name(columns), "record", [*FORM, *columns], sqlite_where=where, postgresql_where=where)


def _name(columns: tuple[str, ...]) -> str:
    return "_".join(("ix_record", *FORM, *columns))


def upgrade() -> None:
    """Make the indexes, and those without ids."""
    for column, is_empty in TELLING.items():
        op.drop_index(_name((column, "id")), "record")
        _create((column,), (column,) if is_empty else ())
    for columns in PAIRS:
        _create(columns, columns[:2])


def downgrade() -> None:
    """Go without, and have the ids in the others again."""
    for columns in PAIRS:
        op.drop_index(_name(columns), "record")
    for column in TELLING:
        op.drop_index(_name((column,)), "record")
        _create((column, "id"), (column,) if column == "number_key" else ())
