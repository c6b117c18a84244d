"""Taking an action: what it asked, its guard, then number, state and effects.

Who may take it is looked at by the caller: an action that an effect takes runs with the blueprint's authority.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from blankett.engine.fields.base import Fault, Value
from blankett.engine.language.model import Action, DecisionPoint, Destination, Field
from blankett.engine.records.clocks import run_clocks
from blankett.engine.records.command import ApprovalAsk, FieldProblem, Handover, Refusal
from blankett.engine.records.decisions import Decision
from blankett.engine.records.eligible_actors import note_who
from blankett.engine.records.evaluation_context import Situation, default_of
from blankett.engine.records.explain.condition_sentences import Teller
from blankett.engine.records.explain.filled_text import MayRead, fill_text
from blankett.engine.records.explain.reasons import Reason
from blankett.engine.records.linked_form import public_reader
from blankett.engine.records.record_change import Work
from blankett.engine.records.unit_of_work import Unit, refusal
from blankett.engine.records.write.approvals import (
    act_on_approval,
    move,
    obstacle_of,
    request_approval,
    waits_again,
    watch_agreed,
    withdraw_running,
)
from blankett.engine.records.write.compute import take_snapshots, thaw_snapshots
from blankett.engine.records.write.destinations import destination_of, note_destination
from blankett.engine.records.write.effect_runner import run_effects_of
from blankett.engine.records.write.handover import hand_over
from blankett.engine.records.write.input import LONGEST_NAME
from blankett.engine.records.write.input import take as take_value
from blankett.engine.records.write.rule_rounds import Ruling, decide, run_outcomes
from blankett.engine.trace import needs_of, readable, trace


def find_action(work: Work, key: str) -> Action | Refusal:
    """Return the action of the record's process, or why there is none now."""
    action = work.process.form.actions.get(key)
    if action is None:
        return refusal("missing", "action.unknown", key=key, action=key[:LONGEST_NAME])
    if work.record.state not in action.sources:
        state = work.process.form.states.get(work.record.state or "")
        return refusal("state", "action.wrong_state", key=key, action=action.title, state=state.title if state else "")
    return action


def read_inputs(unit: Unit, work: Work, action: Action, sent: Mapping[str, Value | Fault]) -> list[FieldProblem]:
    """Put what the action asked into the names as `inputs`; return what is wrong with it. Paths begin with "inputs"."""
    problems = [
        FieldProblem(
            ("inputs", str(key)[:LONGEST_NAME]), "field.unknown", {"field": str(key)[:LONGEST_NAME]}, action.key
        )
        for key in sent
        if key not in action.ask
    ]
    situation = work.situation
    values: dict[str, Any] = {}
    for key, field in action.ask.items():
        value = take_value(field, sent.get(key))
        if isinstance(value, Fault):
            problems.append(_input_problem(field, value))
            value = None
        elif value is None and key not in sent:
            value = _first_answer(field, situation)
        values[key] = situation.name_of(field, value)
    inputs = situation.ambient["inputs"]
    inputs.clear()
    inputs.update(values)
    at_fault = {problem.path[1] for problem in problems}
    for key, field in action.ask.items():
        if inputs[key] is None and key not in at_fault and _is_required(field, situation):
            problems.append(_input_problem(field, Fault("field.required")))
    work.stored_inputs = {
        key: action.ask[key].type.to_stored(value, action.ask[key])
        for key, value in values.items()
        if value is not None
    }
    return problems


def first_answers(work: Work, action: Action) -> dict[str, Value]:
    """Return what the action's dialog starts with: the default of each thing it asks, None where there is none."""
    return {key: _first_answer(field, work.situation) for key, field in action.ask.items()}


def _input_problem(field: Field, fault: Fault) -> FieldProblem:
    return FieldProblem(("inputs", field.key), fault.message, fault.params, field.key, field.place)


def _first_answer(field: Field, situation: Situation) -> Value:
    found = default_of(field, situation.names, situation.moment)
    return None if isinstance(found, Fault) else found


def _is_required(field: Field, situation: Situation) -> bool:
    if isinstance(field.required, bool):
        return field.required
    return field.required.compiled.evaluate(situation.names_for(field.required), situation.moment) is True


def guard_reasons(work: Work, action: Action, may_read: MayRead) -> tuple[Reason, ...]:
    """Return what must become true for the action's guard to hold, with the values it saw; empty when it holds.

    Where the author says it in a message, that stands alone, and the conditions are its parts.
    """
    situation = work.situation
    if action.when is None:
        return ()
    names = situation.names_for(action.when)
    if action.when.compiled.evaluate(names, situation.moment) is True:
        return ()
    traced = trace(action.when, names, situation.moment)
    teller = Teller(situation.linked.catalog, situation.linked, situation.process, situation)
    needs = tuple(teller.need(readable(need, may_read)) for need in needs_of(traced))
    if action.message is None:
        return needs
    text = fill_text(action.message, situation, may_read)
    return (Reason("plain", {"value": text}, action.when.place, needs),)


def guard_problems(work: Work, action: Action, may_read: MayRead) -> list[FieldProblem]:
    """Return the same as problems of the record."""
    reasons = guard_reasons(work, action, may_read)
    return [FieldProblem((), reason.message, reason.params, action.key, reason.place, (reason,)) for reason in reasons]


def note_guard(work: Work, action: Action) -> None:
    """Note with the record's event why the guard of an action that is carried out holds."""
    if action.when is None:
        return
    situation = work.situation
    traced = trace(action.when, situation.names_for(action.when), situation.moment)
    line = action.when.place.line
    work.decisions.append(Decision("guard", action.key, action.key, (), work.process.version, line, traced.to_json()))


def take(unit: Unit, work: Work, key: str, inputs: Mapping[str, Any]) -> Refusal | None:
    """Take an action that an effect asks for: with the blueprint's authority, but not against its guard."""
    action = find_action(work, key)
    if isinstance(action, Refusal):
        return action
    problems = read_inputs(unit, work, action, {name: getattr(value, "id", value) for name, value in inputs.items()})
    if problems:
        return Refusal("invalid", tuple(problems))
    guard = guard_problems(work, action, public_reader(unit.catalog, work.process))
    if guard:
        return Refusal("guard", tuple(guard))
    ruling = decide(unit, work, DecisionPoint("request", action.key))
    return refused_by(ruling) or carry_out(unit, work, action, ruling)


def refused_by(ruling: Ruling) -> Refusal | None:
    """Return the refusal of rules that refuse or go round; what they require is asked of people only."""
    return ruling.loop or (Refusal("invalid", ruling.refusals) if ruling.refusals else None)


def carry_out(unit: Unit, work: Work, action: Action, ruling: Ruling) -> Refusal | None:
    """Draw the number, change the state, do what the rules of the request want done, and run the effects of an action
    whose guard holds; then look at the rules of its completion.
    """
    refused = waits_again(unit, work, action) if work.process.form.approvals else None
    if refused is not None:
        return refused
    note_guard(work, action)
    note_who(unit, work, action)
    work.kinds.add("act")
    work.actions.append(action.key)
    unit.under_way.append((work.id, action.key))
    if action.approval is not None:
        refused = run_outcomes(unit, work, ruling, take) or _worked_out(work)
        refused = refused or request_approval(unit, work, action, complete_agreed, find_obstacle)
    else:
        refused = _complete(unit, work, action, ruling)
    unit.under_way.pop()
    return refused


def act_on(unit: Unit, work: Work, ask: ApprovalAsk) -> Refusal | None:
    """Do what somebody asks of an approval of the record."""
    return act_on_approval(unit, work, ask, complete_agreed, find_obstacle)


def pass_to_heir(unit: Unit, work: Work, asked: Handover) -> Refusal | None:
    """Hand a record over to another person."""
    return hand_over(unit, work, asked, complete_agreed, find_obstacle)


def watch(unit: Unit) -> Refusal | None:
    """Open approvals again of which something changed that was agreed to."""
    return watch_agreed(unit, complete_agreed, find_obstacle)


def complete_agreed(unit: Unit, work: Work, action: Action, again: bool) -> Refusal | None:
    """Do an action that everybody has agreed to; *again*: only its state follows, for its effects have run before."""
    if not again:
        unit.under_way.append((work.id, action.key))
        refused = _complete(unit, work, action, None)
        unit.under_way.pop()
        return refused
    destination = destination_of(action, work.situation)
    if destination is None:
        return refusal("guard", "action.leads_nowhere", key=action.key, action=action.title)
    move(work, destination.to)
    return None


def find_obstacle(unit: Unit, work: Work, action: Action) -> FieldProblem | None:
    """Return what keeps an action from being done now, or None."""
    destination = destination_of(action, work.situation)
    if destination is None and action.destinations:
        return FieldProblem((), "action.leads_nowhere", {"key": action.key, "action": action.title}, action.key)
    guard = guard_problems(work, action, public_reader(unit.catalog, work.process))
    return obstacle_of(unit, work, guard, destination.to if destination is not None else work.record.state)


def _worked_out(work: Work) -> Refusal | None:
    problems = work.derive()
    return Refusal("invalid", tuple(problems)) if problems else None


def _complete(unit: Unit, work: Work, action: Action, ruling: Ruling | None) -> Refusal | None:
    """Draw the number, change the state and run the effects; *ruling*: what the rules of the request want done first,
    None where they have had their say.
    """
    unit.number(work, action.key)
    thawed, has_entered, destination = False, False, destination_of(action, work.situation)
    if destination is not None:
        note_destination(work, action, destination)
        has_entered = destination.to != work.record.state
        if work.process.form.approvals and has_entered:
            withdraw_running(unit, work, action, find_obstacle)
        thawed = has_entered and thaw_snapshots(work.situation, destination.to)
        work.update(state=destination.to)
        work.visited.append(destination.to)
    elif action.destinations:
        return refusal("guard", "action.leads_nowhere", key=action.key, action=action.title)
    run_clocks(work.situation, work.changes, work.record.state, action=action.key, has_entered=has_entered)
    refused = run_outcomes(unit, work, ruling, take) if ruling is not None else None
    refused = refused or run_effects_of(unit, work, action, take)
    return refused or _finish(unit, work, action, destination, thawed=thawed)


def _finish(unit: Unit, work: Work, action: Action, destination: Destination | None, *, thawed: bool) -> Refusal | None:
    """Work the record out after the effects of an action, if they or anything before them have written to it, and let
    the rules of its completion have their say.

    *thawed*: values that an earlier state stored are worked out again, because this one stores them too.
    """
    is_worked_out = not thawed and work.worked_out == work.content and unit.is_alone(work)
    if is_worked_out:
        unit.linked.replace(work.record)
    elif problems := work.derive():
        return Refusal("invalid", tuple(problems))
    ruling = decide(unit, work, DecisionPoint("completed", action.key))
    refused = refused_by(ruling) or run_outcomes(unit, work, ruling, take)
    if refused is None and destination is not None:
        frozen = frozenset(work.situation.frozen)
        take_snapshots(work.situation, destination.to)
        if thawed or work.situation.frozen != frozen or ruling.fired or work.process.form.facts:
            work.settle()  # otherwise it is as `derive` left it
    return refused
