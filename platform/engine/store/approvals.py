"""Keeps approvals, a row for each action that asked for one, and what people owe to them, a row for each duty.

How far an approval is, and who owes what, is worked out by `blankett.engine.workflow`.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, update

from blankett.engine.store import tables
from blankett.engine.store.json_text import write_json
from blankett.engine.store.timestamps import read_moment, write_moment
from blankett.engine.store.transaction import Row, Transaction, pieces

#: Stands for no time when something is due: behind every time there is.
NEVER = "~"


@dataclass(frozen=True, kw_only=True)
class StoredApproval:
    """How far an approval of a record is."""

    organisation: str
    record: str
    #: The action that asked for it.
    action: str
    status: str
    #: The version whose steps it has.
    version: int
    round: int
    #: As `workflow.course` writes it.
    course: Mapping[str, Any]
    #: What the action asked, as it is stored, and the state that it was taken in.
    inputs: Mapping[str, Any]
    origin: str
    changed_at: datetime


@dataclass(frozen=True, kw_only=True)
class StoredTask:
    """What somebody owes to an approval."""

    organisation: str
    record: str
    action: str
    user: str
    #: ``decide``, ``answer`` or ``revise``.
    kind: str
    step: str
    opening: int
    part: int
    #: In whose place; empty for their own.
    behalf: str
    due_at: datetime | None
    opened_at: datetime


_a = tables.approval.c
_COLUMNS = (
    _a.organisation, _a.record, _a.action, _a.status, _a.version, _a.round, _a.course, _a.request, _a.changed_at,
)  # fmt: skip
_here = _a.organisation == bindparam("in_organisation")
_of_record = select(*_COLUMNS).where(_here, _a.record == bindparam("of_record")).order_by(_a.action)
_of_records = select(*_COLUMNS).where(_here, _a.record.in_(bindparam("of_records", expanding=True)))
_insert = insert(tables.approval)
_update = (
    update(tables.approval)
    .where(_here, _a.record == bindparam("of_record"), _a.action == bindparam("of_action"))
    .values({name: bindparam(name) for name in ("status", "version", "round", "course", "request", "changed_at")})
)

_t = tables.task.c
_TASK = (
    _t.organisation, _t.record, _t.action, _t.user, _t.kind, _t.step, _t.opening, _t.part, _t.behalf, _t.due_at,
    _t.opened_at,
)  # fmt: skip
_tasks_here = _t.organisation == bindparam("in_organisation")
_tasks = select(*_TASK).where(_tasks_here, _t.user == bindparam("of_user"))
_first_tasks = _tasks.order_by(_t.due_at, _t.opened_at, _t.record).limit(bindparam("most"))
_tasks_of_record = select(*_TASK).where(_tasks_here, _t.record == bindparam("of_record"))
_insert_task = insert(tables.task)
_delete_tasks = delete(tables.task).where(
    _tasks_here, _t.record == bindparam("of_record"), _t.action == bindparam("of_action")
)
_forget_approvals = delete(tables.approval).where(_here, _a.record == bindparam("of_record"))
_forget_tasks = delete(tables.task).where(_tasks_here, _t.record == bindparam("of_record"))


class ApprovalReading(Transaction):
    """Reads approvals and what people owe to them. Asks nobody whether the reader may."""

    def approvals(self, organisation: str, record: str) -> list[StoredApproval]:
        """Return the approvals of a record, by action."""
        return [_approval(row) for row in self.rows(_of_record, {"in_organisation": organisation, "of_record": record})]

    def approvals_of(self, organisation: str, records: Collection[str]) -> list[StoredApproval]:
        """Return the approvals of several records."""
        return [
            _approval(row)
            for piece in pieces(sorted(records))
            for row in self.rows(_of_records, {"in_organisation": organisation, "of_records": piece})
        ]

    def tasks_of(self, organisation: str, user: str, most: int) -> list[StoredTask]:
        """Return at most *most* of what somebody owes, what is due first in front; what is never due comes last."""
        asked = {"in_organisation": organisation, "of_user": user, "most": most}
        return [_task(row) for row in self.rows(_first_tasks, asked)]

    def tasks_for(self, organisation: str, record: str) -> list[StoredTask]:
        """Return what is owed to the approvals of a record."""
        return [
            _task(row) for row in self.rows(_tasks_of_record, {"in_organisation": organisation, "of_record": record})
        ]


class ApprovalWriting(ApprovalReading):
    """Keeps approvals."""

    def put_approval(self, approval: StoredApproval, *, is_new: bool) -> None:
        """Keep how far an approval is: of an action that asked for one before, in place of what was kept."""
        kept = {
            "status": approval.status,
            "version": approval.version,
            "round": approval.round,
            "course": write_json(approval.course),
            "request": write_json({"inputs": dict(approval.inputs), "origin": approval.origin}),
            "changed_at": write_moment(approval.changed_at),
        }
        key = {"organisation": approval.organisation, "record": approval.record, "action": approval.action}
        if is_new:
            self.do("course.insert", _insert, {**key, **kept})
        else:
            bound = {"in_organisation": key["organisation"], "of_record": key["record"], "of_action": key["action"]}
            self.do("course.update", _update, {**kept, **bound})

    def put_tasks(self, organisation: str, record: str, action: str, tasks: Iterable[StoredTask]) -> None:
        """Keep what is owed to an approval, in place of all that was."""
        bound = {"in_organisation": organisation, "of_record": record, "of_action": action}
        self.do("task.delete", _delete_tasks, bound)
        rows = [
            {
                "organisation": task.organisation,
                "record": task.record,
                "action": task.action,
                "user": task.user,
                "kind": task.kind,
                "step": task.step,
                "opening": task.opening,
                "part": task.part,
                "behalf": task.behalf,
                "due_at": write_moment(task.due_at) if task.due_at is not None else NEVER,
                "opened_at": write_moment(task.opened_at),
            }
            for task in tasks
        ]
        if rows:
            self.do("task.insert", _insert_task, rows)

    def forget_approvals(self, organisation: str, record: str) -> None:
        """Take the approvals of a record away that is discarded, and what is owed to them."""
        bound = {"in_organisation": organisation, "of_record": record}
        self.do("task.delete", _forget_tasks, bound)
        self.do("course.delete", _forget_approvals, bound)


def _approval(row: Row) -> StoredApproval:
    request = json.loads(row[7])
    return StoredApproval(
        organisation=row[0],
        record=row[1],
        action=row[2],
        status=row[3],
        version=row[4],
        round=row[5],
        course=json.loads(row[6]),
        inputs=request["inputs"],
        origin=request["origin"],
        changed_at=read_moment(row[8]),
    )


def _task(row: Row) -> StoredTask:
    *key, due_at, opened_at = row
    names = ("organisation", "record", "action", "user", "kind", "step", "opening", "part", "behalf")
    return StoredTask(
        **dict(zip(names, key, strict=True)),
        due_at=None if due_at == NEVER else read_moment(due_at),
        opened_at=read_moment(opened_at),
    )
