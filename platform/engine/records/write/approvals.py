"""Approvals where records are written: a request opens one, decisions carry it on, and what was agreed to is watched.

What an act comes to is decided by `workflow.machine`; here the record follows: its state, its tasks, its history.
Taking the action to its end is `actions`' business, which is handed in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, time
from typing import Any

from blankett.engine.access import load_actor
from blankett.engine.calendar import Length, advance_plainly
from blankett.engine.language.model import Action, Words
from blankett.engine.records.approval_facts import FactsReader, agreed_values, approval_of, terms_of
from blankett.engine.records.clocks import run_clocks
from blankett.engine.records.command import ApprovalAsk, FieldProblem, Refusal
from blankett.engine.records.explain.kept_sentence import keep_sentence
from blankett.engine.records.linked_form import public_reader
from blankett.engine.records.record_access import permit_of, work_permit
from blankett.engine.records.record_change import ApprovalState, Work
from blankett.engine.records.unit_of_work import Unit, refusal
from blankett.engine.records.write.compute import take_snapshots, thaw_snapshots
from blankett.engine.records.write.validate import binds, record_problems
from blankett.engine.sentences import Sentence
from blankett.engine.store import StoredApproval, StoredEvent, StoredTask, Writing, replay
from blankett.engine.store.timers import TimerRow
from blankett.engine.workflow.act import ApprovalAct, ApprovalOutcome, ApprovalRefusal
from blankett.engine.workflow.course import Course, StepCourse
from blankett.engine.workflow.machine import decide, duties, may_join, renewed, waits_for_again

#: Takes an action that was agreed to on to its end; *again*: its effects have run before.
Complete = Callable[[Unit, Work, Action, bool], "Refusal | None"]
#: Tells why an action could not be done now, or None.
Obstacle = Callable[[Unit, Work, Action], "FieldProblem | None"]


# What is kept ---------------------------------------------------------------------------------------------------------


def approvals_of(unit: Unit, work: Work) -> dict[str, ApprovalState]:
    """Return the approvals of a record by action, as this unit of work has made them."""
    if work.approvals is None:
        has_some = bool(work.process.form.approvals) and work.before is not None
        work.approvals = _kept_approvals(unit, work) if has_some else {}
    return work.approvals


def _kept_approvals(unit: Unit, work: Work) -> dict[str, ApprovalState]:
    kept = unit.linked.reading.approvals(unit.actor.organisation, work.id)
    return {each.action: state_of(each) for each in kept}


def state_of(kept: StoredApproval) -> ApprovalState:
    """Return an approval as the store has it."""
    return ApprovalState(Course.from_json(kept.course), kept.inputs, kept.origin, is_kept=True)


def put_approvals(writing: Writing, unit: Unit, work: Work) -> None:
    """Write the approvals of a record that were carried on, and who owes what to them now."""
    organisation = unit.actor.organisation
    for key, state in (work.approvals or {}).items():
        if not state.is_changed:
            continue
        course = state.course
        stored = StoredApproval(
            organisation=organisation, record=work.id, action=key, status=course.status, version=course.version,
            round=course.round, course=course.to_json(), inputs=state.inputs, origin=state.origin, changed_at=unit.now,
        )  # fmt: skip
        writing.put_approval(stored, is_new=not state.is_kept)
        writing.put_tasks(organisation, work.id, key, _tasks(unit, work, key, course))


def _tasks(unit: Unit, work: Work, action: str, course: Course) -> Iterator[StoredTask]:
    for duty in duties(course):
        run = course.step(duty.step)
        opened = run.opened_at if run is not None else course.ended_at
        yield StoredTask(
            organisation=unit.actor.organisation, record=work.id, action=action, user=duty.user, kind=duty.kind,
            step=duty.step, opening=duty.opening, part=duty.part, behalf=duty.behalf, due_at=duty.due,
            opened_at=opened or unit.now,
        )  # fmt: skip


# Acts -----------------------------------------------------------------------------------------------------------------


def request_approval(unit: Unit, work: Work, action: Action, complete: Complete, obstacle: Obstacle) -> Refusal | None:
    """Ask for the approval of an action that is taken: its state is the one while people decide, or, where nobody is to
    be asked, the action is done.
    """
    known = approvals_of(unit, work).get(action.key)
    origin = work.record.state or ""
    state = replace(known, inputs=work.stored_inputs, origin=origin) if known is not None else None
    act = ApprovalAct("start", unit.actor.user)
    outcome = _decide(unit, work, action, state, act, obstacle)
    if isinstance(outcome, ApprovalRefusal):
        return _refused(outcome)
    made = ApprovalState(outcome.course, work.stored_inputs, origin, is_kept=known is not None and known.is_kept)
    return _follow(unit, work, action, made, outcome, complete)


def act_on_approval(unit: Unit, work: Work, ask: ApprovalAsk, complete: Complete, obstacle: Obstacle) -> Refusal | None:
    """Do what somebody asks of an approval, or say why not."""
    action = _asked_action(unit, work, ask)
    state = approvals_of(unit, work).get(action.key) if action is not None else None
    if action is None or state is None:
        return refusal("state", "approval.no_course")
    saw = None
    if ask.revision is not None and ask.revision != (work.before.revision if work.before is not None else 0):
        saw = _values_seen(unit, work, action, ask.revision)
    act = ApprovalAct(
        verb=ask.verb,  # type: ignore[arg-type]
        actor=unit.actor.user,
        step=ask.step,
        opening=ask.opening,
        seat=ask.seat,
        saw=saw,
        comment=ask.comment,
        to=ask.to,
        then="straight" if ask.then == "straight" else "rerun",
        users=ask.users,
        until=ask.until,
        question=ask.question,
        waits=ask.waits,
        bulk=ask.bulk,
    )
    _recall_inputs(work, action, state)
    state = _joined(unit, work, action, state)
    outcome = _decide(unit, work, action, state, act, obstacle)
    if isinstance(outcome, ApprovalRefusal):
        return _refused(outcome)
    work.kinds.add("decide")
    return _follow(unit, work, action, state, outcome, complete)


def _joined(unit: Unit, work: Work, action: Action, state: ApprovalState) -> ApprovalState:
    """Let the actor be asked who may decide by now; they could not when others were asked."""
    if not may_join(state.course, unit.actor.user):
        return state
    terms = terms_of(work.process.form, action, work.process.version)
    facts = _reader(unit, work, action, state.course.requester).facts(state.course, (unit.actor.user,))
    outcome = renewed(terms, state.course, unit.actor.user, facts, unit.now)
    if outcome is None:
        return state
    _note(unit, work, action, state, outcome)
    return approvals_of(unit, work)[action.key]


def pass_on(
    unit: Unit, work: Work, action: Action, users: tuple[str, str], complete: Complete, obstacle: Obstacle
) -> Refusal | None:
    """Give what the first of *users* owes to an approval to the second, in nobody's name; or say why not."""
    state = approvals_of(unit, work)[action.key]
    _recall_inputs(work, action, state)
    outcome = _decide(unit, work, action, state, ApprovalAct("hand_over", users=users), obstacle)
    if isinstance(outcome, ApprovalRefusal):
        return _refused(outcome)
    return _follow(unit, work, action, state, outcome, complete)


def withdraw_running(unit: Unit, work: Work, but: Action, obstacle: Obstacle) -> None:
    """Take back what is asked for in the state that another action leads out of."""
    for key, state in approvals_of(unit, work).items():
        action = work.process.form.actions.get(key)
        if action is None or key == but.key or action.during != work.record.state or not state.course.is_running:
            continue
        act = ApprovalAct("withdraw")  # by the machine: it is not asked who may, the record has left
        outcome = _decide(unit, work, action, state, act, obstacle)
        if isinstance(outcome, ApprovalOutcome):
            _note(unit, work, action, state, outcome)


def watch_agreed(unit: Unit, complete: Complete, obstacle: Obstacle) -> Refusal | None:
    """Open the approvals again of which something changed that was agreed to, whoever changed it."""
    for work in list(unit.works.values()):
        if not work.kinds or work.kinds == {"comment"} or not work.process.form.approvals:
            continue
        for key, state in list(approvals_of(unit, work).items()):
            action = work.process.form.actions.get(key)
            if action is None or not _is_watched(state.course) or approval_of(work.process.form, action) is None:
                continue
            refused = _watch(unit, work, action, state, complete, obstacle)
            if refused is not None:
                return refused
    return None


def _is_watched(course: Course) -> bool:
    return course.is_running or course.status == "given" or bool(course.reopened)


def _watch(
    unit: Unit, work: Work, action: Action, state: ApprovalState, complete: Complete, obstacle: Obstacle
) -> Refusal | None:
    values = _reader(unit, work, action, state.course.requester).values()
    is_same = dict(state.course.values) == dict(values)
    if is_same and not state.course.is_running:
        return None
    act = ApprovalAct("people_changed") if is_same else ApprovalAct("change", unit.actor.user)
    _recall_inputs(work, action, state)
    outcome = _decide(unit, work, action, state, act, obstacle)
    if isinstance(outcome, ApprovalRefusal):
        return _refused(outcome)
    if outcome.course == state.course:
        return None
    _tell_again(unit, work, action, state, values, outcome)
    return _follow(unit, work, action, state, outcome, complete)


def _tell_again(
    unit: Unit, work: Work, action: Action, state: ApprovalState, values: Mapping[str, Any], outcome: ApprovalOutcome
) -> None:
    """Tell whoever changed something that was agreed to who is asked again, and because of which fields that they may
    read.
    """
    approval, fields = approval_of(work.process.form, action), work.process.form.fields
    users = dict.fromkeys(duty.user for duty in outcome.opened if duty.kind == "decide" and not duty.behalf)
    before, permit = dict(state.course.values), work_permit(unit, work)
    changed = [fields[key].title for key in values if values[key] != before.get(key) and permit.can_read((key,))]
    if approval is None or not users or not changed:
        return
    unit.linked.load_people(users)
    names = [person.name if (person := unit.linked.person(user)) is not None else user for user in users]
    languages = dict.fromkeys(language for title in changed for language in title.languages())
    told = Words({language: ", ".join(title.say(language) for title in changed) for language in languages})
    params = {"title": approval.title, "fields": told, "names": ", ".join(names)}
    unit.warnings[work.id, f"approval {action.key}"] = (FieldProblem((), "approvals.asked_again", params, action.key),)


def waits_again(unit: Unit, work: Work, action: Action) -> Refusal | None:
    """Return why an action may not lead a record on whose approval was opened again."""
    if not action.destinations and action.during is None:
        return None
    for key, state in approvals_of(unit, work).items():
        asking = work.process.form.actions.get(key)
        if asking is None or not state.course.reopened or approval_of(work.process.form, asking) is None:
            continue
        terms = terms_of(work.process.form, asking, work.process.version)
        facts = _reader(unit, work, asking, state.course.requester).facts(state.course, ())
        told = waits_for_again(terms, state.course, facts)
        if told is not None:
            return Refusal("state", (FieldProblem((), told.message, told.params, action.key),))
    return None


def obstacle_of(unit: Unit, work: Work, guard: Iterable[FieldProblem], to: str | None) -> FieldProblem | None:
    """Return what keeps an action from being done: the first of what its *guard* says, and of what is wrong with the
    record in the state it leads *to*.
    """
    found = next(iter(guard), None)
    if found is not None or not binds(work.process.form, to):
        return found
    return next(iter(record_problems(work.situation, public_reader(unit.catalog, work.process))), None)


# ----------------------------------------------------------------------------------------------------------------------


def _reader(unit: Unit, work: Work, action: Action, requester: str) -> FactsReader:
    approval = approval_of(work.process.form, action)
    assert approval is not None
    return FactsReader(unit, work, action, approval, requester)


def _decide(
    unit: Unit, work: Work, action: Action, state: ApprovalState | None, act: ApprovalAct, obstacle: Obstacle
) -> ApprovalOutcome | ApprovalRefusal:
    course = state.course if state is not None else None
    requester = act.actor if act.verb == "start" or course is None else course.requester
    found = obstacle(unit, work, action)
    told = Sentence(found.message, found.params) if found is not None else None
    facts = _reader(unit, work, action, requester).facts(course, (act.actor, *act.users), told)
    return decide(terms_of(work.process.form, action, work.process.version), course, act, facts, unit.now)


def _asked_action(unit: Unit, work: Work, ask: ApprovalAsk) -> Action | None:
    """Return the action whose approval is meant: the one that is named, else the one that waits."""
    form, known = work.process.form, approvals_of(unit, work)
    if ask.action:
        found = form.actions.get(ask.action)
        return found if found is not None and approval_of(form, found) is not None else None
    running = [key for key, state in known.items() if state.course.is_running]
    key = next(iter([*running, *known]), "")
    return form.actions.get(key)


def _values_seen(unit: Unit, work: Work, action: Action, revision: int) -> tuple[tuple[str, object], ...]:
    """Return the values that were agreed about as they stood in an earlier revision of the record."""
    at, known = work.before.revision if work.before is not None else 0, list[StoredEvent]()
    for event in unit.linked.reading.events(unit.actor.organisation, work.id):  # newest first
        if at <= revision:
            known.append(event)
        at -= event.raises_revision
    then = replay(reversed(known))
    return tuple(sorted(agreed_values(work.process.form, action, then.data, then.hidden).items()))


def _recall_inputs(work: Work, action: Action, state: ApprovalState) -> None:
    """Let the guard and the effects of an action see again what it asked when it was taken."""
    situation = work.situation
    inputs = situation.ambient["inputs"]
    inputs.clear()
    for key, field in action.ask.items():
        stored = state.inputs.get(key)
        value = field.type.from_stored(stored, field) if stored is not None else None
        inputs[key] = situation.name_of(field, value)


def _refused(refused: ApprovalRefusal) -> Refusal:
    return Refusal("state", (FieldProblem((), refused.sentence.message, refused.sentence.params, refused.row),))


def _follow(
    unit: Unit, work: Work, action: Action, state: ApprovalState, outcome: ApprovalOutcome, complete: Complete
) -> Refusal | None:
    """Let the record follow what came of an act."""
    _note(unit, work, action, state, outcome)
    went = outcome.transition
    if went in ("requested", "reopened"):
        move(work, action.during)
    elif went == "completed":
        return complete(unit, work, action, not outcome.runs_effects) or _agree_to_own_doing(unit, work, action)
    elif went == "rejected":
        move(work, action.rejected)
    elif went in ("returned", "withdrawn"):
        move(work, action.returned or state.origin)
    return None


def _agree_to_own_doing(unit: Unit, work: Work, action: Action) -> Refusal | None:
    """Take what an action did itself, once everybody had agreed to it, for agreed to as well."""
    state = approvals_of(unit, work)[action.key]
    reader = _reader(unit, work, action, state.course.requester)
    if dict(state.course.values) == dict(reader.values()):
        return None
    facts = replace(reader.facts(state.course, ()), is_own_doing=True)
    terms = terms_of(work.process.form, action, work.process.version)
    outcome = decide(terms, state.course, ApprovalAct("change", unit.actor.user), facts, unit.now)
    if isinstance(outcome, ApprovalRefusal):
        return _refused(outcome)
    _note(unit, work, action, state, outcome)
    return None


def _note(unit: Unit, work: Work, action: Action, state: ApprovalState, outcome: ApprovalOutcome) -> None:
    """Keep what came of an act with the record, and whom to tell."""
    approvals_of(unit, work)[action.key] = replace(state, course=outcome.course, is_changed=True)
    work.approval_log.append({"action": action.key, **outcome.entry.to_json()})
    for notice in outcome.notices:
        told = keep_sentence(notice.sentence)
        users = (notice.user,) if notice.user is not None else _managers(unit, work)
        unit.notices += [(user, work.id, notice.sentence.message, told) for user in users if user]


def _managers(unit: Unit, work: Work) -> Iterator[str]:
    """Yield who is told where an approval has nobody: those who administer the record's workspace, or one above it, and
    may see the record.
    """
    reading, organisation = unit.linked.reading, unit.actor.organisation
    for room in unit.catalog.places.above(work.record.workspace):
        found = sorted(member.user for member in reading.members(organisation, room) if member.administers)
        actors = [actor for user in found if (actor := load_actor(reading, organisation, user)) is not None]
        seeing = [actor.user for actor in actors if permit_of(unit, work, actor).may("view")]
        if seeing:
            yield from seeing
            return


# Time -----------------------------------------------------------------------------------------------------------------


A_DAY = Length(days=1)
#: What the key of a timer begins with that a step of an approval has: ``approval/<action>/<step>``.
APPROVAL_TIMER = "approval/"


def approval_timers(unit: Unit, work: Work, rows: dict[str, TimerRow]) -> Iterator[tuple[TimerRow, TimerRow | None]]:
    """Yield the timers that steps of the record's approvals are to have, each with what it is now, and take those out
    of *rows*: of each open step that is hurried, unless its clock stands, and of each that is put aside until a day.
    """
    for key, state in approvals_of(unit, work).items():
        action = work.process.form.actions.get(key)
        if action is None or approval_of(work.process.form, action) is None or not state.course.is_running:
            continue
        terms = terms_of(work.process.form, action, work.process.version)
        for run in state.course.open_steps():
            step = terms.step(run.key)
            due = _comes_up(unit, work, run) if step is not None else None
            if step is None or due is None or (step.overdue is None and run.hold is None):
                continue
            name = f"{APPROVAL_TIMER}{key}/{run.key}"
            row = rows.pop(name, None)
            begun = TimerRow(
                organisation=unit.actor.organisation, record=work.id, key=name, since=run.opened_at or unit.now,
                due_at=due, look_at=due,
            )  # fmt: skip
            wanted = row if row is not None and row.due_at == due else begun
            if work.fired is not None and work.fired.key == name and wanted is row:
                wanted = replace(wanted, state="over", round=wanted.round + 1, tries=0, reason="", detail="")
            yield wanted, row


def _comes_up(unit: Unit, work: Work, run: StepCourse) -> datetime | None:
    """Return when a step is to be looked at: it is late then, or the day is over until which it was put aside."""
    if run.hold is not None:
        zone = unit.catalog.places.zone(work.record.workspace)
        last = datetime.combine(run.hold.until, time(), zone) if run.hold.until is not None else None
        over = advance_plainly(last, A_DAY, zone) if last is not None else None
        return over.astimezone(UTC) if over is not None else None
    return run.due if not run.clock_stands else None


def late_step(unit: Unit, work: Work, timer: str, due: datetime) -> ApprovalAsk | None:
    """Return what a timer of an approval does whose time has come; None where its step is not due any more."""
    _, action, step = timer.split("/", 2)
    state = approvals_of(unit, work).get(action)
    run = state.course.step(step) if state is not None else None
    if run is None or not run.asks or _comes_up(unit, work, run) != due:
        return None
    verb = "time_out" if run.hold is None else "resume"
    return ApprovalAsk(verb=verb, action=action, step=step, opening=run.opening)


def move(work: Work, state: str | None) -> None:
    """Let a record be in another state, with what is stored at its entry."""
    if state is None or state == work.record.state:
        return
    thaw_snapshots(work.situation, state)
    work.update(state=state)
    work.visited.append(state)
    run_clocks(work.situation, work.changes, state, has_entered=True)
    work.derive()
    take_snapshots(work.situation, state)
    work.settle()


def move_approvals(unit: Unit, work: Work, action_of: Callable[[str], Action | None]) -> bool:
    """Let the approvals of a record follow it to the version that it is moved to; tell whether they can. *action_of*:
    the action there that was called so before. What is over and gone from the new version stays as it is.
    """
    work.approvals = _kept_approvals(unit, work)  # its form may have none any more
    for key, state in work.approvals.items():
        if not _is_watched(state.course):
            continue
        action = action_of(key)
        approval = approval_of(work.process.form, action) if action is not None else None
        if action is None or approval is None or action.key != key:
            if state.course.is_running:
                return False
            continue
        if state.course.is_running and not state.course.reopened and action.during != work.record.state:
            return False
        outcome = _decide(unit, work, action, state, ApprovalAct("migrate"), lambda *_: None)
        if isinstance(outcome, ApprovalRefusal):
            if outcome.row.endswith("version_same"):
                continue
            return False
        if outcome.transition is not None:
            return False  # a move completes nothing
        _note(unit, work, action, state, outcome)
    return True
