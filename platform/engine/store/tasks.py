"""Reads records that may wait for somebody, by a condition that access and guards were put into.

What a task is, and whose, is decided by `blankett.engine.records.read.inbox`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from blankett.engine.feel.sql import Condition
from blankett.engine.language.model import Form
from blankett.engine.store import tables
from blankett.engine.store.conditions import all_of, is_never
from blankett.engine.store.query import EVERY, rows_of
from blankett.engine.store.records import StoredRecord, from_row
from blankett.engine.store.timestamps import read_moment
from blankett.engine.store.transaction import Transaction, pieces

_r = tables.record.c
_e = tables.event.c
#: The last event of each record in which somebody made it or took an action on it.
_last_steps = (
    sa.select(_e.record, sa.func.max(_e.sequence).label("sequence"))
    .where(
        _e.organisation == sa.bindparam("organisation"),
        _e.record.in_(sa.bindparam("records", expanding=True)),
        _e.kind.in_(("create", "act")),
    )
    .group_by(_e.record)
    .subquery()
)
_handed_on = sa.select(_e.record, _e.actor, _e.at).join(
    _last_steps,
    sa.and_(
        _e.organisation == sa.bindparam("organisation"),
        _e.record == _last_steps.c.record,
        _e.sequence == _last_steps.c.sequence,
    ),
)


@dataclass(frozen=True, slots=True)
class HandedOn:
    """Who made a record, or took the last action on it, and when."""

    actor: str
    at: datetime


class TaskReading(Transaction):
    """Reads what may wait for somebody."""

    def older_versions(self, organisation: str, form: Form, newest: int, ended: Collection[str]) -> frozenset[int]:
        """Return the versions before *newest* that records of *form* in a state not in *ended* live by."""
        found = sa.select(_r.version).distinct()
        found = found.where(rows_of(organisation, form), _r.version != newest, _r.state.not_in(sorted(ended)))
        return frozenset(row[0] for row in self.rows(found, {}))

    def waiting_count(self, organisation: str, form: Form, condition: Condition, most: int) -> int:
        """Return how many records of *form* meet *condition*, counted up to *most*."""
        if is_never(condition):
            return 0
        found = sa.select(_r.id).where(all_of(rows_of(organisation, form), condition)).limit(most).subquery()
        row = self.first(sa.select(sa.func.count()).select_from(found), {})
        return 0 if row is None else int(row[0])

    def waiting(self, organisation: str, form: Form, condition: Condition, most: int) -> list[StoredRecord]:
        """Return at most *most* records of *form* that meet *condition*, the longest unchanged first."""
        if is_never(condition):
            return []
        found = EVERY.where(all_of(rows_of(organisation, form), condition)).order_by(_r.changed_at, _r.id).limit(most)
        return [from_row(row) for row in self.rows(found, {})]

    def handed_on(self, organisation: str, records: Iterable[str]) -> dict[str, HandedOn]:
        """Return who brought each of the *records* to where it is, and when, by id."""
        return {
            row[0]: HandedOn(row[1], read_moment(row[2]))
            for piece in pieces(sorted(set(records)))
            for row in self.rows(_handed_on, {"organisation": organisation, "records": piece})
        }

    def last_change(self, organisation: str, forms: Sequence[tuple[str, str]]) -> str:
        """Return when a record of any of the *forms* (blueprint, key) was last written; empty where there is none."""
        moments = [
            sa.select(sa.func.max(_r.changed_at)).where(
                _r.organisation == organisation, _r.blueprint == blueprint, _r.form == form
            )
            for blueprint, form in forms
        ]
        rows = self.rows(sa.union_all(*moments), {}) if moments else ()
        return max((row[0] for row in rows if row[0] is not None), default="")
