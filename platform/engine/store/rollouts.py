"""Rollouts: what a published version still does to the records, as a row that the steps of it go by.

Functions on an open transaction. A row is written in the commit of its version, and by each step in the commit of what
the step did; what its plan and its progress say is decided by `blankett.engine.publish.rollout`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.sql.base import Executable

from blankett.engine.store import tables
from blankett.engine.store.json_text import LazyJson, write_json
from blankett.engine.store.timestamps import read_moment, write_moment
from blankett.engine.store.transaction import Row, Transaction, insert_into

_r = tables.rollout.c
_COLUMNS = (
    _r.organisation, _r.blueprint, _r.number, _r.at, _r.by, _r.plan, _r.progress, _r.holder, _r.held_until,
    _r.changed_at, _r.ended_at,
)  # fmt: skip
_here = _r.organisation == bindparam("in_organisation")
_of = (_here, _r.blueprint == bindparam("of_blueprint"))
_newest = select(*_COLUMNS).where(*_of).order_by(_r.number.desc()).limit(1)
_this = select(*_COLUMNS).where(*_of, _r.number == bindparam("of_number"))
_free = _this.with_for_update(skip_locked=True)
_awaited = _this.with_for_update()
_unfinished = select(*_COLUMNS).where(_here, _r.ended_at.is_(None)).order_by(_r.blueprint, _r.number)


@dataclass(frozen=True, kw_only=True)
class StoredRollout:
    """What one version does to the records, how far it is, and who is at it."""

    organisation: str
    blueprint: str
    number: int
    at: datetime
    #: Who published; records move in their name.
    by: str
    plan: Mapping[str, Any]
    progress: Mapping[str, Any]
    #: The process that takes the steps, and until when nobody else does; empty when nobody does.
    holder: str = ""
    held_until: datetime
    changed_at: datetime
    ended_at: datetime | None = None

    @property
    def key(self) -> tuple[str, str, int]:
        """Return the organisation, the blueprint and the version's number."""
        return self.organisation, self.blueprint, self.number


def newest_rollout(reading: Transaction, organisation: str, blueprint: str) -> StoredRollout | None:
    """Return the rollout of the newest version that has one, or None."""
    row = reading.first(_newest, {"in_organisation": organisation, "of_blueprint": blueprint})
    return None if row is None else _from_row(row)


def find_row(reading: Transaction, organisation: str, blueprint: str, number: int) -> StoredRollout | None:
    """Return the rollout of a version, or None."""
    bound = {"in_organisation": organisation, "of_blueprint": blueprint, "of_number": number}
    row = reading.first(_this, bound)
    return None if row is None else _from_row(row)


def unfinished_rollouts(reading: Transaction, organisation: str) -> list[StoredRollout]:
    """Return the rollouts that have not ended, by blueprint."""
    return [_from_row(row) for row in reading.rows(_unfinished, {"in_organisation": organisation})]


def lock_rollout(
    writing: Transaction, organisation: str, blueprint: str, number: int, *, waits: bool = False
) -> StoredRollout | None:
    """Return a rollout that nobody else can take a step of until this transaction ends.

    None when there is none, or when somebody takes a step now, unless this *waits* for them.
    """
    bound = {"in_organisation": organisation, "of_blueprint": blueprint, "of_number": number}
    row = writing.first(_awaited if waits else _free, bound)
    return None if row is None else _from_row(row)


def put_rollout(writing: Transaction, rollout: StoredRollout) -> None:
    """Write a rollout, over the one of the same version."""
    row = {
        **rollout.__dict__,
        "at": write_moment(rollout.at),
        "plan": _text(rollout.plan),
        "progress": _text(rollout.progress),
        "held_until": write_moment(rollout.held_until),
        "changed_at": write_moment(rollout.changed_at),
        "ended_at": None if rollout.ended_at is None else write_moment(rollout.ended_at),
    }
    writing.do("rollout_row.put", _put(writing.dialect), row)


@cache
def _put(dialect: str) -> Executable:
    insert: Any = insert_into(dialect, tables.rollout)
    key = ("organisation", "blueprint", "number")
    changed = {column.name: insert.excluded[column.name] for column in _COLUMNS if column.name not in key}
    return insert.on_conflict_do_update(index_elements=list(key), set_=changed)  # type: ignore[no-any-return]


def _text(value: Mapping[str, Any]) -> str:
    return value.text if isinstance(value, LazyJson) else write_json(value)


def _from_row(row: Row) -> StoredRollout:
    return StoredRollout(
        organisation=row[0], blueprint=row[1], number=row[2], at=read_moment(row[3]), by=row[4],
        plan=LazyJson(row[5]), progress=LazyJson(row[6]), holder=row[7], held_until=read_moment(row[8]),
        changed_at=read_moment(row[9]), ended_at=None if row[10] is None else read_moment(row[10]),
    )  # fmt: skip
