"""Handing over a record: what somebody who leaves owns of it, is assigned or owes to its approvals goes to another.

Nobody's right to the record is asked: whoever hands over administers the organisation, and sees none of it by that.
Values stay, and so do rules, checks and guards: nothing is said about them.
"""

from __future__ import annotations

from blankett.engine.records.approval_facts import approval_of
from blankett.engine.records.command import Handover, Refusal
from blankett.engine.records.record_change import Work
from blankett.engine.records.unit_of_work import Unit, refusal
from blankett.engine.records.write.approvals import Complete, Obstacle, approvals_of, pass_on


def hand_over(unit: Unit, work: Work, asked: Handover, complete: Complete, obstacle: Obstacle) -> Refusal | None:
    """Hand a record over; refused where there is nothing of it that can be."""
    changes = {name: asked.heir for name in ("owner", "assignee") if getattr(work.record, name) == asked.leaver}
    if changes:
        work.update(**changes)
        work.derive()
    work.decided_data = work.record.data  # rules of saving look at values, and nobody has given any
    refused: Refusal | None = None
    for key, state in [*approvals_of(unit, work).items()]:
        action = work.process.form.actions.get(key)
        if state.course.is_running and action is not None and approval_of(work.process.form, action) is not None:
            refused = pass_on(unit, work, action, (asked.leaver, asked.heir), complete, obstacle) or refused
    if not changes and not work.approval_log:
        return refused or refusal("state", "handover.nothing")
    work.handed = asked
    work.kinds.add("change")
    return None
