"""What a timer does whose time has come: looked at again under the lock, then its effects, with the blueprint's
authority.
"""

from __future__ import annotations

from blankett.engine.language.model import Timer
from blankett.engine.records.command import Refusal
from blankett.engine.records.decisions import Decision
from blankett.engine.records.record_change import FiredTimer, Work
from blankett.engine.records.unit_of_work import Unit, refusal
from blankett.engine.records.write import actions
from blankett.engine.records.write.approvals import APPROVAL_TIMER, late_step
from blankett.engine.records.write.effect_runner import run_effects_of
from blankett.engine.records.write.timers import deadline_of
from blankett.engine.store.timers import TimerRow, lock_timer
from blankett.engine.trace import trace

#: Nothing was to be done: somebody else was quicker, or its time is another by now.
NOT_DUE = "timers.not_due"


def fire(unit: Unit, work: Work, key: str) -> Refusal | None:
    """Do what a timer of a record does, if it is due. Under the lock.

    Exactly once: the row is locked, and what becomes of it is written in the transaction of what is done. Where it is
    found that nothing is to be done, the row is brought up to date all the same.
    """
    row = lock_timer(unit.linked.reading, unit.actor.organisation, work.id, key)
    timer = work.process.form.timers.get(key)
    if row is None or row.state != "pending" or row.look_at > unit.now:
        return refusal("state", NOT_DUE)
    if key.startswith(APPROVAL_TIMER):
        return _fire_for_approval(unit, work, row)
    state = work.process.form.states.get(work.record.state or "")
    if timer is None or not timer.lives_in(state):
        return None
    deadline = deadline_of(unit, work, timer, row.since)
    if deadline is None or (deadline.due != row.due_at and deadline.due > unit.now):
        return None
    fired = FiredTimer(key, row.due_at, row.look_at, row.round, row.depth)
    work.fired = fired
    if _is_spared(work, timer):
        return None
    _note_why(work, timer)
    unit.fired = fired
    work.kinds.add("timer")
    return run_effects_of(unit, work, timer, actions.take) or _work_out(unit, work)


def _fire_for_approval(unit: Unit, work: Work, row: TimerRow) -> Refusal | None:
    """Do what becomes of a step of an approval that nobody decided in time; nothing where somebody was quicker."""
    ask = late_step(unit, work, row.key, row.due_at)
    if ask is None:
        return None
    work.fired = FiredTimer(row.key, row.due_at, row.look_at, row.round, row.depth)
    unit.fired = work.fired
    work.kinds.add("timer")
    work.derive()
    return actions.act_on(unit, work, ask)


def _is_spared(work: Work, timer: Timer) -> bool:
    """Tell whether the timer's `unless` holds."""
    if timer.unless is None:
        return False
    names = work.situation.names_for(timer.unless)
    return timer.unless.compiled.evaluate(names, work.situation.moment) is True


def _note_why(work: Work, timer: Timer) -> None:
    """Note with the record's event what the timer does, and why nothing kept it from that."""
    names, line, traced = work.situation.names, timer.place.line, {}
    if timer.unless is not None:
        line, traced = timer.unless.place.line, trace(timer.unless, names, work.situation.moment).to_json()
    outcomes = tuple(told for effect in timer.then if effect.when is None for told in effect.trace())
    work.decisions.append(Decision("timer", timer.key, "", outcomes, work.process.version, line, traced))


def _work_out(unit: Unit, work: Work) -> Refusal | None:
    """Work the record out after the effects, where they have written to it or to what it reads."""
    is_untouched = not work.situation.writes and not work.actions
    if unit.is_alone(work) and (is_untouched or work.worked_out == work.content):
        return None
    problems = work.derive()
    return Refusal("invalid", tuple(problems)) if problems else None
