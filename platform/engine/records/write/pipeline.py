"""The steps of a write, in order: what one command does to its record, up to the point where it is stored.

load → access (old) → merge → set → derive → access (new) → rules of saving → required and checks → guard → rules of the
request                                                                                    `prepare`, before the lock
number → state → outcomes of rules → effects → derive → rules of the completion → rules of saving, of every record that
effects changed → checks again                                                              `complete`, under the lock

Each step returns a refusal or nothing. All problems of a step that looks at values are collected.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from blankett.engine.fields.text import BAD_CHARACTERS
from blankett.engine.language.model import SAVE, Action, DecisionPoint
from blankett.engine.records.command import (
    ApprovalAsk,
    Command,
    FieldProblem,
    Handover,
    RecordNow,
    Refusal,
    RefusalKind,
    ValueChanged,
)
from blankett.engine.records.compiled_form import Process
from blankett.engine.records.evaluation_context import Cell, decode, situation_of
from blankett.engine.records.explain.condition_sentences import elsewhere
from blankett.engine.records.linked_form import public_reader
from blankett.engine.records.permit import Permit
from blankett.engine.records.record_access import form_access_for, stored_permit, work_permit
from blankett.engine.records.record_change import Work
from blankett.engine.records.unit_of_work import Unit, refusal
from blankett.engine.records.write import actions
from blankett.engine.records.write.compute import Changes
from blankett.engine.records.write.destinations import state_after
from blankett.engine.records.write.discard import discard_refusal, discarded
from blankett.engine.records.write.due_timer import fire
from blankett.engine.records.write.input import Merged, TypedValues, merge
from blankett.engine.records.write.link_validation import (
    choice_problems,
    choice_warnings,
    close_links,
    input_pointing_problems,
    pointing_problems,
)
from blankett.engine.records.write.rule_rounds import Ruling, decide, run_outcomes, unmet, wants_saving
from blankett.engine.records.write.validate import binds, due_in, is_editable, record_problems, value_problems
from blankett.engine.store import StoredEvent, StoredRecord

#: Events looked back over, at most.
MOST_EVENTS = 200


def current_of(unit: Unit, process: Process, stored: StoredRecord, permit: Permit, seen: int) -> RecordNow:
    """Return the record as it is now for a reader who saw revision *seen*."""
    situation = situation_of(process, stored, unit.linked)
    situation.refresh_live()
    values = {
        key: value for key, value in situation.values.items() if permit.can_read((key,)) and key not in situation.hidden
    }
    changes = _changes(unit, stored, permit, seen)
    return RecordNow(stored.revision, stored.state, permit.masked_lines(values), changes)


def _changes(unit: Unit, stored: StoredRecord, permit: Permit, seen: int) -> tuple[ValueChanged, ...]:
    """Return the last change of each field since revision *seen*."""
    events = unit.linked.reading.events(stored.organisation, stored.id, limit=MOST_EVENTS)
    unit.linked.load_people(event.actor for event in events)
    found: dict[tuple[str, ...], ValueChanged] = {}
    revision = stored.revision
    for event in events:
        if not event.raises_revision:
            continue
        if revision <= seen:
            break
        revision -= 1
        for path in _changed_paths(event):
            if path == () or permit.can_read(path):
                person = unit.linked.people.get(event.actor)
                found.setdefault(
                    path, ValueChanged(path, event.actor, person.name if person else event.actor, event.at)
                )
    return tuple(found.values())


def _changed_paths(event: StoredEvent) -> list[tuple[str, ...]]:
    data = event.payload.get("data")
    paths: list[tuple[str, ...]] = [(key,) for key in data] if isinstance(data, dict) else []
    return paths or [()]


#: The longest comment, in characters.
LONGEST_COMMENT = 10_000


@dataclass
class WritePlan:
    """A command that may be carried out, as far as it is known before the lock."""

    work: Work
    action: Action | None = None
    discards: bool = False
    #: The timer that is due.
    timer: str | None = None
    #: What the rules say of it: when its values are saved, and when the action is asked for.
    saved: Ruling = field(default_factory=lambda: Ruling(SAVE))
    requested: Ruling = field(default_factory=lambda: Ruling(SAVE))
    #: What is done with an approval of the record, under the lock.
    approval: ApprovalAsk | None = None
    #: Who hands it over to whom, under the lock.
    handover: Handover | None = None
    #: Nothing is wrong so far; `complete` looks again at the end.
    problems: list[FieldProblem] = field(default_factory=list)


def prepare(unit: Unit, command: Command) -> WritePlan | Refusal:
    """Work out what *command* does to its record, up to its guard. Writes nothing."""
    if command.timer is not None:
        return _timed_work(unit, command, command.timer)
    if command.handover is not None:
        return _handed_work(unit, command, command.handover)
    work = open_work(unit, command)
    if isinstance(work, Refusal):
        return work
    if command.discard:
        return discard_refusal(unit, work) or WritePlan(work, discards=True)
    action = None
    if command.action is not None:
        found = actions.find_action(work, command.action)
        if isinstance(found, Refusal):
            return found
        action = found
    refused = _refuse_forbidden(unit, work, command, action)
    if refused is not None:
        return refused
    if command.approval is not None:
        work.derive()
        return WritePlan(work, approval=command.approval)
    plan = WritePlan(work, action)
    return _refuse_wrong(unit, command, plan) or plan


def complete(unit: Unit, plan: WritePlan) -> Refusal | None:
    """Draw numbers, take the action, run its effects and look at everything again. Under the lock; writes nothing
    itself.
    """
    work = plan.work
    if plan.discards:
        return discard_refusal(unit, work)
    if plan.timer is not None:
        refused = fire(unit, work, plan.timer) or _save_touched(unit, work)
        return refused or actions.watch(unit) or _refuse_results(unit, plan)
    if plan.handover is not None:
        return actions.pass_to_heir(unit, work, plan.handover) or _save_touched(unit, work)
    if work.before is None and unit.number(work, "create"):
        work.settle()
    refused = run_outcomes(unit, work, plan.saved, actions.take)
    if refused is None and plan.action is not None:
        refused = actions.carry_out(unit, work, plan.action, plan.requested)
    if refused is None and plan.approval is not None:
        refused = actions.act_on(unit, work, plan.approval)
    return refused or _save_touched(unit, work) or actions.watch(unit) or _refuse_results(unit, plan)


# Opening --------------------------------------------------------------------------------------------------------------


def open_work(unit: Unit, command: Command, *, by_author: bool = False) -> Work | Refusal:
    """Return the work of the command's record with what was typed laid over it, nothing worked out yet.

    *by_author*: what a new record holds is the blueprint's own, a sample, and nobody has typed it.
    """
    if command.record is not None:
        return _old_work(unit, command)
    if command.discard:
        return refusal("missing", "refusal.no_record")
    return _new_work(unit, command, by_author=by_author)


def _new_work(unit: Unit, command: Command, *, by_author: bool) -> Work | Refusal:
    process = unit.catalog.find_newest(command.blueprint, command.form)
    if process is None:
        return refusal("missing", "refusal.no_form", form=f"{command.blueprint}.{command.form}"[:200])
    workspace = command.workspace or unit.catalog.home_of(process)
    if not unit.catalog.is_within(process, workspace):
        return refusal("missing", "refusal.no_workspace", workspace=workspace[:80])
    merged = merge(process.form, None, command.values, _typed(command, frozenset()), unit.new_id, by_author=by_author)
    close_links(unit, process.form, merged, None)
    work = unit.create(process, workspace, merged.values)
    return _start(work, merged, command)


def _timed_work(unit: Unit, command: Command, timer: str) -> WritePlan | Refusal:
    """Return the work of a record one of whose timers is due: nobody asks for it, so nobody has to be allowed."""
    stored = unit.linked.record(str(command.record))
    if stored is None:
        return refusal("missing", "refusal.no_record")
    unit.locate(stored.workspace)
    work = unit.open(stored)
    unit.catalog.current(work.process)  # by what is newest now it is told, under the lock, whether anything has moved
    return WritePlan(work, timer=timer)


def _handed_work(unit: Unit, command: Command, handover: Handover) -> WritePlan | Refusal:
    """Return the work of a record that is handed over."""
    stored = unit.linked.record(str(command.record))
    if stored is None:
        return refusal("missing", "refusal.no_record")
    if not unit.actor.is_admin:
        return refusal("forbidden", "refusal.may_not_hand_over")
    unit.locate(stored.workspace)
    work = unit.open(stored)
    unit.catalog.current(work.process)
    return WritePlan(work, handover=handover)


def _old_work(unit: Unit, command: Command) -> Work | Refusal:
    stored = unit.linked.record(str(command.record))
    if stored is None and (gone := discarded(unit, str(command.record))) is not None:
        return refusal("gone", "refusal.discarded", name=gone.name, time=gone.at)
    if stored is None:
        return refusal("missing", "refusal.no_record")
    unit.locate(stored.workspace)
    process = unit.catalog.process_of(stored)
    named = {process.form.key, unit.catalog.form_now(stored).key}  # a page may call it as its version does, or as now
    if stored.blueprint != command.blueprint or command.form not in named:
        return refusal("missing", "refusal.no_record")
    permit = stored_permit(unit, process, stored)
    if not permit.may("view"):
        return refusal("missing", "refusal.no_record")
    changes = command.values or command.refill or command.action is not None or command.discard
    only_comment = not changes or command.approval is not None
    if command.revision is not None and command.revision != stored.revision and not only_comment:
        return _stale(unit, process, stored, permit, command.revision)
    merged = merge(
        process.form, decode(process, stored.data), command.values, _typed(command, stored.filled), unit.new_id
    )
    close_links(unit, process.form, merged, stored)
    work = unit.open(stored, merged.values)
    work.permit_before = permit
    return _start(work, merged, command)


def _typed(command: Command, filled: frozenset[str]) -> TypedValues:
    return TypedValues(command.typed, filled, command.refill)


def _start(work: Work, merged: Merged, command: Command) -> Work:
    """Note what was typed and what that changed."""
    work.merged = merged
    work.changes = Changes(
        merged.is_new, merged.typed, command.refill, merged.changed, merged.new_lines, is_settled=not merged.is_new
    )
    if merged.changed or command.refill:
        work.kinds.add("change")
    elif not merged.is_new:
        work.encoded = work.situation.writes, frozenset(work.situation.frozen)
    if command.comment:
        work.comment = command.comment
        work.kinds.add("comment")
    return work


def _stale(unit: Unit, process: Process, stored: StoredRecord, permit: Permit, seen: int) -> Refusal:
    current = current_of(unit, process, stored, permit, seen)
    names = tuple(sorted({change.name for change in current.changes}))
    return Refusal("stale", (FieldProblem((), "refusal.stale", {"users": names}),), current)


# Access ---------------------------------------------------------------------------------------------------------------


def _refuse_forbidden(unit: Unit, work: Work, command: Command, action: Action | None) -> Refusal | None:
    """Refuse what the actor may not do to the record as it is; of a new one, only what its values cannot change."""
    said = command.comment or (command.approval.comment if command.approval is not None else "")
    if len(said) > LONGEST_COMMENT:
        return refusal("invalid", "field.too_long", ("comment",), max=LONGEST_COMMENT, length=len(said))
    if BAD_CHARACTERS.search(said):
        return refusal("invalid", "field.bad_characters", ("comment",))
    current = unit.catalog.current(work.process)
    permit = work.permit_before
    if permit is None:
        may_begin = work.record.workspace in form_access_for(unit, current).creatable_in
        return None if may_begin else refusal("forbidden", "refusal.may_not_create", form=current.title())
    return _forbidden(permit, work, command, action)


def _forbidden(permit: Permit, work: Work, command: Command, action: Action | None) -> Refusal | None:
    only_says = command.approval is not None and command.approval.verb == "comment"
    if (command.comment or only_says) and not permit.may("comment"):
        return refusal("forbidden", "refusal.may_not_comment")
    if _sends(work, command) and not permit.may("edit"):
        return refusal("forbidden", "refusal.may_not_edit")
    if action is not None and not permit.may_act(action):
        title = permit.current.action(action)[1].title
        return refusal("forbidden", "refusal.may_not_act", key=action.key, action=title)
    return None


def _sends(work: Work, command: Command) -> bool:
    return work.before is not None and (bool(work.merged and work.merged.sent) or bool(command.refill))


def _field_access_problems(work: Work, permit: Permit) -> list[FieldProblem]:
    """Return the fields that were sent although the actor may not write them; what they may not read, whether changed
    or not.
    """
    merged = work.merged
    if merged is None:
        return []
    problems = []
    for path in sorted(merged.sent):
        if not permit.can_read(path) or (path in merged.edited and not permit.can_write(path)):
            problems.append(FieldProblem(path[:1], "field.not_writable", {"field": path[-1]}, key=path[-1]))
    return problems


def _locked_problems(work: Work, cells: Iterable[Cell]) -> list[FieldProblem]:
    """Return the values that were changed although the blueprint does not let anyone type them now."""
    return [
        FieldProblem(path, "field.not_editable", {"field": field.key}, field.key, field.place)
        for path, field, line in cells
        if field.editable is not True and not is_editable(work.situation, field, line)
    ]


# Values ---------------------------------------------------------------------------------------------------------------


def _refuse_wrong(unit: Unit, command: Command, plan: WritePlan) -> Refusal | None:
    """Derive, and refuse what is wrong with the values, the rules, the checks and the guard, all of it at once."""
    work, action, merged = plan.work, plan.action, plan.work.merged
    assert merged is not None
    forbidden = _field_access_problems(work, work.permit_before) if work.permit_before else []
    derived = work.derive()
    permit = work_permit(unit, work)
    refused = _refuse_result(permit, work, command, action)
    if refused is not None:
        return refused
    forbidden = forbidden or _field_access_problems(work, permit)
    if forbidden:
        return Refusal("forbidden", tuple(forbidden))
    may_read = permit.can_read_name
    cells = work.situation.cells(merged.typed)
    changed = [cell for cell in cells if "/".join(cell[0]) in merged.changed]
    problems = work.input_problems() + derived + _locked_problems(work, changed) + pointing_problems(unit, work, cells)
    problems += _input_problems(unit, work, action, command)
    if not problems and wants_saving(work):
        # Rules look at values that can be stored: what is wrong with them is told first.
        plan.saved = decide(unit, work, SAVE)
        if plan.saved.loop is not None:
            return plan.saved.loop
        problems += plan.saved.refusals
    due = due_in(work, action)
    problems += once(value_problems(work.situation, cells, due), problems)
    touches = action is not None or not work.kinds.isdisjoint({"create", "change"})
    if touches and not binds(work.process.form, state_after(work, action)):
        # A draft may be half done; who saves it is told what has to be chosen again before it goes on.
        unit.warnings[work.id, "choices"] = choice_warnings(unit, work, due)
    elif touches:
        problems += once(record_problems(work.situation, may_read, problems, due), problems)
        problems += once(choice_problems(unit, work, due), problems)
        work.found_right = (work.content, state_after(work, action)) if not problems else None
    guard = unmet(unit, work, plan.saved, permit)
    # What a guard would say of a value that could not be read is no help.
    guard += actions.guard_problems(work, action, may_read) if action and not merged.unread else []
    if action is not None and not problems and not guard:
        plan.requested = decide(unit, work, DecisionPoint("request", action.key))
        if plan.requested.loop is not None:
            return plan.requested.loop
        problems += plan.requested.refusals
        guard += unmet(unit, work, plan.requested, permit)
    if problems:
        return Refusal("invalid", tuple(problems + guard))
    return Refusal("guard", tuple(guard)) if guard else None


def _refuse_result(permit: Permit, work: Work, command: Command, action: Action | None) -> Refusal | None:
    """Refuse what the actor may not have the record become by their own edits."""
    assert work.merged is not None
    if work.merged.is_new:
        if not permit.may("create"):
            return refusal("forbidden", "refusal.may_not_create", form=permit.current.title())
        return _forbidden(permit, work, command, action)
    if work.merged.edited and not permit.may("edit"):
        return refusal("forbidden", "refusal.may_not_have", form=permit.current.title())
    return None


def _input_problems(unit: Unit, work: Work, action: Action | None, command: Command) -> list[FieldProblem]:
    if action is None:
        names = (str(key)[:80] for key in command.inputs)
        return [FieldProblem(("inputs", name), "field.unknown", {"field": name}) for name in names]
    problems = actions.read_inputs(unit, work, action, command.inputs)
    return problems + input_pointing_problems(unit, work, action, command.inputs)


def once(problems: Iterable[FieldProblem], known: list[FieldProblem]) -> list[FieldProblem]:
    """Return the problems at places that have none yet: one mistake, one message."""
    places = {problem.path for problem in known}
    return [problem for problem in problems if problem.path not in places or problem.path == ()]


def _save_touched(unit: Unit, root: Work) -> Refusal | None:
    """Let the rules of saving look at every record whose values changed since they saw them last: with the blueprint's
    authority, so what they require is not asked.
    """
    while waiting := [work for work in unit.works.values() if work.kinds and wants_saving(work)]:
        for work in waiting:
            ruling = decide(unit, work, SAVE)
            refused = actions.refused_by(ruling) or run_outcomes(unit, work, ruling, actions.take)
            if refused is not None:
                return refused if work is root else _elsewhere(unit, work, refused.kind, refused.problems)
    return None


def _only_tells(work: Work) -> bool:
    """Tell whether a timer of the record was due and nothing of the record has changed by it."""
    before = work.before
    is_same = before is not None and work.record.data is before.data and work.record.state == before.state
    return work.kinds == {"timer"} and is_same and not work.actions


def _elsewhere(unit: Unit, work: Work, kind: RefusalKind, problems: Iterable[FieldProblem]) -> Refusal:
    title = work.record.title or work.process.form.title.say(unit.actor.language)
    return Refusal(kind, tuple(elsewhere(problem, title) for problem in problems))


def _refuse_results(unit: Unit, plan: WritePlan) -> Refusal | None:
    """Look at every record the command touched as it will be stored, unless the first look saw it just so: the second
    check.
    """
    for work in unit.works.values():
        is_plain = plan.action is None and plan.timer is None and plan.approval is None and not work.approval_log
        if work is plan.work and is_plain and not plan.saved.has_outcomes:
            continue
        if not work.kinds or work.kinds == {"comment"} or _only_tells(work):
            continue
        may_read = public_reader(unit.catalog, work.process)
        problems: list[FieldProblem] = []
        is_right = work.found_right == (work.content, work.record.state) and unit.is_alone(work)
        if binds(work.process.form, work.record.state) and not is_right:
            due = due_in(work)
            problems = record_problems(work.situation, may_read, due=due)
            problems += once(choice_problems(unit, work, due), problems)
        if problems and work is plan.work:
            return Refusal("invalid", tuple(problems))
        if problems:
            return _elsewhere(unit, work, "invalid", problems)
    return None
