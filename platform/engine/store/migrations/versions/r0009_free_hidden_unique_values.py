"""Give back the places of unique values that are hidden, and keep texts without what nobody sees of them."""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

from blankett.engine.store.unique_values import unique_key, unique_text

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_unique = sa.table("unique_value", *map(sa.column, ("organisation", "form", "path", "value", "record")))
_record = sa.table("record", *map(sa.column, ("organisation", "id", "hidden", "data")))
_this = (
    _unique.c.organisation == sa.bindparam("of"),
    _unique.c.form == sa.bindparam("in_form"),
    _unique.c.path == sa.bindparam("at"),
    _unique.c.value == sa.bindparam("was"),
)


def upgrade() -> None:
    """Look at every place once; where two records now have the same, the first keeps it."""
    connection = op.get_bind()
    joined = sa.and_(_record.c.organisation == _unique.c.organisation, _record.c.id == _unique.c.record)
    found: sa.Select[Any] = sa.select(*_unique.c, _record.c.hidden, _record.c.data).join(_record, joined)
    changes: list[tuple[dict[str, str], str | None]] = []
    for row in connection.execute(found):
        organisation, form, path, value, _, hidden, data = row
        held = json.loads(data).get(path)
        now = unique_key(unique_text(held)) if isinstance(held, str) else value
        if path in json.loads(hidden) or now != value:
            place = {"of": organisation, "in_form": form, "at": path, "was": value}
            changes.append((place, None if path in json.loads(hidden) else now))
    for place, now in changes:
        holder = sa.select(_unique.c.record).where(*_this)
        if now is None or connection.execute(holder, {**place, "was": now}).first():
            connection.execute(sa.delete(_unique).where(*_this), place)
        else:
            write = sa.update(_unique).where(*_this).values(value=sa.bindparam("now"))
            connection.execute(write, {**place, "now": now})


def downgrade() -> None:
    """Leave the places as they are: the next save of a record takes its own again."""
