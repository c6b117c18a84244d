"""Keep texts of 200 to 500 characters whole in their slots, and of longer ones what tells them apart."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

from blankett.engine.fields.text import kept_text

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

#: So long were the texts that slots held until now.
BEFORE = 200
SLOTS = [f"t{number}" for number in range(1, 17)]
PAGE = 500


def upgrade() -> None:
    """Write the slots that were cut anew."""
    connection = op.get_bind()
    record = sa.table("record", *map(sa.column, ("organisation", "id", "data", *SLOTS)))
    for slot in SLOTS:
        held = record.c[slot]
        where = (record.c.organisation == sa.bindparam("of"), record.c.id == sa.bindparam("this"))
        write = sa.update(record).where(*where).values({held: sa.bindparam("text")})
        after = ("", "")
        while rows := list(connection.execute(_page(record, slot, after))):
            after = (rows[-1][0], rows[-1][1])
            for organisation, id, cut, data in rows:
                whole = next((text for text in texts_of(json.loads(data)) if text.startswith(cut)), cut)
                if len(whole) > BEFORE:
                    connection.execute(write, {"of": organisation, "this": id, "text": kept_text(whole)})


def _page(record: sa.TableClause, slot: str, after: tuple[str, str]) -> sa.Select[Any]:
    key = (record.c.organisation, record.c.id)
    behind = sa.or_(key[0] > after[0], sa.and_(key[0] == after[0], key[1] > after[1]))
    found = sa.select(*key, record.c[slot], record.c.data)
    return found.where(sa.func.length(record.c[slot]) == BEFORE, behind).order_by(*key).limit(PAGE)


def texts_of(data: dict[str, object]) -> Iterator[str]:
    """Yield the texts of a record that were longer than a slot."""
    yield from (value for value in data.values() if isinstance(value, str) and len(value) > BEFORE)


def downgrade() -> None:
    """Cut them again."""
    for slot in SLOTS:
        op.execute(sa.text(f"UPDATE record SET {slot} = substr({slot}, 1, {BEFORE}) WHERE length({slot}) > {BEFORE}"))
