"""Where an action leads: the first of its destinations whose condition holds, and why."""

from __future__ import annotations

from collections.abc import Callable

from blankett.engine.language.model import Action, Destination, Formula
from blankett.engine.records.decisions import Decision
from blankett.engine.records.evaluation_context import Situation
from blankett.engine.records.record_change import Work
from blankett.engine.records.write.execution_log import note_way
from blankett.engine.trace import trace

#: The word of an event's decision that says to which state an action led.
LEAD = "lead"


def destination_of(action: Action, situation: Situation) -> Destination | None:
    """Return where the action leads as the record is now; None where it leads nowhere."""
    found = (each for each in action.destinations if each.when is None or _holds(each.when, situation))
    return next(found, None)


def _holds(condition: Formula, situation: Situation) -> bool:
    return condition.evaluate(situation.names_for(condition), situation.moment) is True


def known_destination(
    action: Action, situation: Situation, may_read: Callable[[tuple[str, ...]], bool]
) -> Destination | None:
    """Return where the action leads as far as it is known before it is taken, to somebody who *may_read*; None where
    that depends on what it asks, or on what they may not see.
    """
    for each in action.destinations:
        if each.when is None:
            return each
        if not all(path[0] != "inputs" and may_read(path) for path in each.when.reads):
            return None
        if _holds(each.when, situation):
            return each
    return None


def state_after(work: Work, action: Action | None) -> str | None:
    """Return the state the record is in after *action*: the one that leads to, else the one it is in."""
    found = destination_of(action, work.situation) if action is not None else None
    return found.to if found is not None else work.record.state


def decisive(action: Action, destination: Destination | None) -> Formula | None:
    """Return the condition that decided for a destination: its own, or of the last, that of the one before."""
    before: Formula | None = None
    for each in action.destinations:
        if each is destination and each.when is None:
            return before
        before = each.when
        if each is destination:
            return before
    return before


def note_destination(work: Work, action: Action, destination: Destination) -> None:
    """Note with the record's event where an action led, if that depended, and the condition that decided."""
    condition = decisive(action, destination)
    if condition is None:
        return
    note_way(work.process.form, action.destination_way(action.destinations.index(destination) + 1))
    traced = trace(condition, work.situation.names_for(condition), work.situation.moment).to_json()
    outcomes, line = (f"{LEAD} {destination.to}",), condition.place.line
    work.decisions.append(Decision("destination", action.key, action.key, outcomes, work.process.version, line, traced))
