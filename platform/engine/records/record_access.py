"""What an actor may do to the records of a form, and to one of them: who is asked, and about what.

A permit is made anew for every record and every change of it where a grant looks at values, else once for all that
are alike to the grants; those and the actor before the records of a form are kept by the unit of work.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from blankett.engine.access import AccessSubject, Actor, FormAccess
from blankett.engine.records.compiled_form import Process
from blankett.engine.records.current_version import CurrentForm
from blankett.engine.records.evaluation_context import StoredNames
from blankett.engine.records.permit import Permit
from blankett.engine.records.record_change import Work
from blankett.engine.records.unit_of_work import Unit
from blankett.engine.records.write.input import empty_values
from blankett.engine.store import StoredRecord

if TYPE_CHECKING:
    from blankett.engine.records.current_version import CurrentForm
    from blankett.engine.records.record_change import Work
    from blankett.engine.records.unit_of_work import Unit


def stored_permit(unit: Unit, process: Process, stored: StoredRecord) -> Permit:
    """Return what the actor may do to a record as it is stored."""
    return _permit(unit, process, stored, lambda: StoredNames(process, stored, unit.linked, {}))


def work_permit(unit: Unit, work: Work) -> Permit:
    """Return what the actor may do to a record as this unit of work has made it."""
    return _permit(unit, work.process, work.record, lambda: work.situation.names, is_new=work.before is None)


def empty_permit(unit: Unit, process: Process, workspace: str) -> Permit:
    """Return what the actor may do to a record of *process* that they begin in *workspace*, and that is empty yet. It
    is made only where a formula of a grant reads it.
    """

    def names() -> Mapping[str, Any]:
        work = unit.create(process, workspace, empty_values(process.form))
        unit.works.clear()
        return work.situation.names

    unit.locate(workspace)
    start = process.form.start
    subject = AccessSubject(
        workspace=workspace,
        state=start.key if start else None,
        owner=unit.actor.user,
        assignee=None,
        department=unit.actor.department,
    )
    return _permit(unit, process, subject, names, is_new=True)


def permit_of(unit: Unit, work: Work, actor: Actor, state: str | None = None) -> Permit:
    """Return what somebody else may do to a record as this unit of work has made it, or as it will be in *state*."""
    record, current = work.record, unit.catalog.current(work.process)
    shares = unit.catalog.shares_of(current.form.blueprint)
    form_access = FormAccess(
        actor, current.policy, shares=shares, find_form=unit.catalog.find_form, directory=unit.linked.directory
    )
    subject = AccessSubject(
        workspace=record.workspace,
        state=state or record.state,
        owner=record.owner,
        assignee=record.assignee,
        department=record.department,
    )
    access = form_access.for_record(subject, lambda: current.renamed(work.situation.names), unit.linked.moment)
    return Permit(
        access, work.process, current, unit.catalog, form_access.roles_at(record.workspace, record.department)
    )


def _permit(
    unit: Unit,
    process: Process,
    of: StoredRecord | AccessSubject,
    names: Callable[[], Mapping[str, Any]],
    *,
    is_new: bool = False,
) -> Permit:
    """Return what the actor may do to what stands where *of* stands; *names*: what formulas of grants see of it."""
    department = of.department if unit.actor.limited else None
    place = (process, of.workspace, of.state, of.owner, of.assignee, department, is_new)
    found = unit.permits.get(place)
    if found is None:
        current = unit.catalog.current(process)
        form_access = form_access_for(unit, current, of.workspace)
        subject = AccessSubject(
            workspace=of.workspace,
            state=of.state,
            owner=of.owner,
            assignee=of.assignee,
            department=of.department,
            is_new=is_new,
        )
        access = form_access.for_record(subject, lambda: current.renamed(names()), unit.linked.moment)
        found = Permit(access, process, current, unit.catalog, form_access.roles_at(of.workspace, of.department))
        if not form_access.needs_names:
            unit.permits[place] = found
    return found


def form_access_for(unit: Unit, current: CurrentForm, workspace: str | None = None) -> FormAccess:
    """Return the actor before the records of a form. Guests of a shared form are looked up only for those who hold no
    role there.
    """
    is_guest = workspace is None or not unit.actor.roles.get(workspace)
    key = (current, is_guest)
    found = unit.accesses.get(key)
    if found is None:
        shares = unit.catalog.shares_of(current.form.blueprint) if is_guest else ()
        found = FormAccess(
            unit.actor, current.policy, shares=shares, find_form=unit.catalog.find_form, directory=unit.linked.directory
        )
        unit.accesses[key] = found
    return found
