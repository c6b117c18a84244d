"""Carry a command out: read and evaluate, take the write lock, make sure nothing moved, write everything or nothing.

A command with an intent key takes effect once. Whoever is late reads the receipt of the first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from blankett.engine.feel import BudgetExceeded
from blankett.engine.records.command import Command, Receipt, Refusal
from blankett.engine.records.facts import NotCountable, may_count
from blankett.engine.records.link_loader import could_be_id
from blankett.engine.records.record_access import stored_permit
from blankett.engine.records.record_change import Work
from blankett.engine.records.unit_of_work import Unit, refusal
from blankett.engine.records.write.persist import Overtaken, write
from blankett.engine.records.write.pipeline import WritePlan, complete, prepare
from blankett.engine.records.write.rule_rounds import not_countable
from blankett.engine.store import IntentTaken, Reading, Store, Writing

#: So often a command is worked out anew when others change the same records meanwhile.
ATTEMPTS = 4

#: Makes a unit of work that reads through a transaction.
MakeUnit = Callable[[Reading], Unit]


@dataclass(frozen=True)
class Begun:
    """A unit of a transaction that was begun before the command, for the first look at it, and what ends that one."""

    unit: Unit
    end: Callable[[], None]


class GivenUp(Exception):
    """Leaves the transaction, so that it is undone, with what to answer."""

    def __init__(self, answer: Refusal) -> None:
        self.answer = answer
        super().__init__(answer.kind)


def apply(store: Store, command: Command, make: MakeUnit, begun: Begun | None = None) -> Receipt | Refusal:
    """Carry *command* out and return its receipt, or why it was refused. Everything is written, or nothing."""
    if not could_be_id(command.intent):
        return refusal("intent", "refusal.intent_used")
    for _ in range(ATTEMPTS):
        try:
            answer = _attempt(store, command, make, begun)
        except (IntentTaken, Overtaken):
            begun = None
            known = _known(store, command)
            if known is not None:
                return known
            continue
        if isinstance(answer, Refusal):
            # The same form may have taken effect between our looking and our refusing.
            return _known(store, command) or answer
        return answer
    return refusal("busy", "refusal.busy")


def _attempt(store: Store, command: Command, make: MakeUnit, begun: Begun | None) -> Receipt | Refusal:
    with _begun_in(store, make, begun) as unit:
        known = _receipt(unit.catalog.reading, command)
        if known is not None:
            return known
        plan = _prepared(unit, command)
        if isinstance(plan, Refusal):
            return plan
        try:
            with store.writing_on(unit.catalog.reading) as writing:
                if writing is not None:
                    return _write_down(writing, command, unit, plan)
        except GivenUp as given_up:
            return given_up.answer
    fast = _draw_fast(store, unit, plan)
    try:
        with store.writing() as writing:
            return _write_what_holds(writing, command, unit, plan, make, fast)
    except GivenUp as given_up:
        return given_up.answer


@contextmanager
def _begun_in(store: Store, make: MakeUnit, begun: Begun | None) -> Iterator[Unit]:
    """Give a unit in a transaction, which ends behind: the one that was begun, or one of its own."""
    if begun is None:
        with store.reading() as reading:
            yield make(reading)
        return
    try:
        yield begun.unit
    finally:
        begun.end()


def _write_what_holds(
    writing: Writing, command: Command, unit: Unit, plan: WritePlan, make: MakeUnit, fast: int | None
) -> Receipt:
    """Write down what was worked out in another transaction; work it out again where a record has moved."""
    if may_count(unit.catalog, plan.work.process.blueprint):
        writing.take_turns(unit.actor.organisation)
    if _has_moved(writing, unit):
        unit = make(writing)
        again = _prepared(unit, command)
        if isinstance(again, Refusal):
            raise GivenUp(again)
        plan = again
    return _write_down(writing, command, unit, plan, fast)


def _write_down(writing: Writing, command: Command, unit: Unit, plan: WritePlan, fast: int | None = None) -> Receipt:
    """Do under the lock what must be done there, and write everything."""
    unit.bind(writing, fast)
    try:
        refused = complete(unit, plan)
        refused = _uncounted(unit) or refused
        answer = refused or write(writing, unit, plan.work, command)
    except BudgetExceeded as exceeded:
        answer = refusal("invalid", "formula.budget", reason=str(exceeded))
    if isinstance(answer, Refusal):
        raise GivenUp(answer)
    return (
        answer if plan.discards or plan.timer is not None else replace(answer, is_visible=_is_visible(unit, plan.work))
    )


def _is_visible(unit: Unit, work: Work) -> bool | None:
    """Tell whether the actor may see a record as it was just written; None where that cannot be told now."""
    try:
        return stored_permit(unit, work.process, work.record).may("view")
    except BudgetExceeded:
        return None


def _prepared(unit: Unit, command: Command) -> WritePlan | Refusal:
    try:
        prepared = prepare(unit, command)
    except BudgetExceeded as exceeded:
        return refusal("invalid", "formula.budget", reason=str(exceeded))
    return _uncounted(unit) or prepared


def _uncounted(unit: Unit) -> Refusal | None:
    """Return the refusal of a command that was decided by a fact which cannot be counted now."""
    wanted = unit.facts.uncountable
    return not_countable(NotCountable(wanted[0])) if wanted else None


def _has_moved(writing: Writing, unit: Unit) -> bool:
    """Tell whether any record that was read has changed since, or a version was published, which may have other slots;
    keep the command's own records from changing until the end.
    """
    organisation = unit.actor.organisation
    if writing.newest_versions(organisation) != unit.catalog.newest:
        return True
    own = [id for id, work in unit.works.items() if work.before is not None]
    read = {id: stored.revision for id, stored in unit.linked.as_read.items() if stored is not None}
    if own and writing.lock_records(organisation, own) != {id: read[id] for id in own}:
        return True
    if unit.facts.have_moved(writing):
        return True
    others = read.keys() - set(own)
    return bool(others) and writing.revisions(organisation, others) != {id: read[id] for id in others}


def _draw_fast(store: Store, unit: Unit, plan: WritePlan) -> int | None:
    """Draw a number that may have gaps before the lock, when the command will need one."""
    series = unit.series_wanted(plan.work, plan.action.key if plan.action else None)
    return None if series is None else store.draw_number(unit.actor.organisation, series.name)


def _known(store: Store, command: Command) -> Receipt | Refusal | None:
    """Return what became of the command's form, when something did."""
    if not command.intent:
        return None
    with store.reading() as reading:
        return _receipt(reading, command)


def _receipt(reading: Reading, command: Command) -> Receipt | Refusal | None:
    """Return the receipt of the command's intent; a refusal when the key was used for something else or by somebody
    else.
    """
    if not command.intent:
        return None
    kept = reading.intent(command.actor.organisation, command.intent)
    if kept is None:
        return None
    if kept.actor != command.actor.user or kept.digest != command.digest:
        return refusal("intent", "refusal.intent_used")
    return Receipt.from_json(kept.receipt)
