"""What somebody owes to approvals: decisions, answers, requests to be made again; those due first in front."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from blankett.engine.language.model import Action
from blankett.engine.records.approval_facts import approval_of
from blankett.engine.records.read.record_view import stored_amount_of, unopened_look
from blankett.engine.records.read.results import Amount
from blankett.engine.records.unit_of_work import OwedDecisions, Unit
from blankett.engine.store import StoredRecord, StoredTask
from blankett.engine.workflow.course import Course

#: So many are shown, and counted.
MOST_DECISIONS = 200


@dataclass(frozen=True, slots=True)
class DecisionTask:
    """Something that somebody owes to an approval."""

    record: str
    revision: int
    blueprint: str
    form: str
    form_title: str
    title: str
    number: str | None
    #: ``decide``, ``answer`` or ``revise``.
    kind: str
    action: str
    #: The title of the approval, and of the step; empty for what is made again.
    approval: str
    step: str
    step_title: str
    opening: int
    #: The name of the person in whose place.
    behalf: str
    #: The name of who asked.
    requester: str
    due: datetime | None
    since: datetime
    amount: Amount | None
    #: They had agreed before, and something changed since.
    is_again: bool


def decision_count(unit: Unit) -> int:
    """Return how much the actor owes to approvals of records that they may see, counted up to `MOST_DECISIONS`."""
    return len(_visible(unit))


def decision_tasks(unit: Unit) -> tuple[DecisionTask, ...]:
    """Return what the actor owes to approvals, what is due first in front, then what waits longest."""
    found = _visible(unit)
    kept = unit.linked.reading.approvals_of(unit.actor.organisation, {task.record for task, _, _ in found})
    courses = {(each.record, each.action): Course.from_json(each.course) for each in kept}
    people = {course.requester for course in courses.values()} | {task.behalf for task, _, _ in found if task.behalf}
    unit.linked.load_people(people)
    return tuple(
        _task(unit, task, stored, action, courses[task.record, task.action])
        for task, stored, action in found
        if (task.record, task.action) in courses
    )


def _visible(unit: Unit) -> OwedDecisions:
    """Return the actor's tasks with their records, of those that they may see; read once for the page and its frame."""
    if unit.actor.user not in unit.owed:
        unit.owed[unit.actor.user] = tuple(_read_visible(unit))
    return unit.owed[unit.actor.user]


def _read_visible(unit: Unit) -> Iterator[tuple[StoredTask, StoredRecord, Action]]:
    organisation = unit.actor.organisation
    tasks = unit.linked.reading.tasks_of(organisation, unit.actor.user, MOST_DECISIONS)
    records = unit.linked.reading.records(organisation, {task.record for task in tasks}) if tasks else {}
    for task in tasks:
        stored = records.get(task.record)
        if stored is None:
            continue
        process = unit.catalog.process_of(stored)
        action = process.form.actions.get(task.action)
        if action is None or approval_of(process.form, action) is None:
            continue
        if unopened_look(unit, unit.linked.note(stored)) is not None:
            yield task, stored, action


def _task(unit: Unit, task: StoredTask, stored: StoredRecord, action: Action, course: Course) -> DecisionTask:
    process = unit.catalog.process_of(stored)
    approval = approval_of(process.form, action)
    assert approval is not None
    look, language = unopened_look(unit, stored), unit.actor.language
    steps = {step.key: step.title.say(language) for step, _ in approval.asked_steps()}
    run = course.step(task.step)
    seat = run.seat(task.part) if run is not None and task.kind == "decide" else None
    return DecisionTask(
        record=stored.id,
        revision=stored.revision,
        blueprint=stored.blueprint,
        form=unit.catalog.form_now(stored).key,
        form_title=unit.catalog.current(process).title().say(language),
        title=stored.title,
        number=stored.number,
        kind=task.kind,
        action=task.action,
        approval=approval.title.say(language),
        step=task.step,
        step_title=steps.get(task.step, ""),
        opening=task.opening,
        behalf=_name(unit, task.behalf),
        requester=_name(unit, course.requester),
        due=task.due_at,
        since=task.opened_at,
        amount=stored_amount_of(look, stored) if look is not None else None,
        is_again=seat is not None and seat.earlier is not None and seat.earlier.is_yes,
    )


def _name(unit: Unit, user: str) -> str:
    person = unit.linked.person(user) if user else None
    return person.name if person is not None else user
