"""Timers whose time has come: found, and each carried out by a command of its own.

Whoever calls this decides when: a worker again and again, a scenario when it lets time pass. What cannot be done is
noted with its row and tried again later; it holds nothing else up.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from blankett.engine.access import Actor
from blankett.engine.records.command import Command, Refusal
from blankett.engine.records.engine import Engine
from blankett.engine.records.write.due_timer import NOT_DUE
from blankett.engine.store import Store, Writing
from blankett.engine.store.database_faults import fault_of
from blankett.engine.store.timers import TimerRow, due_timers, lock_timer, put_timer

log = logging.getLogger("blankett.timers")

#: How long after each failure a timer is tried again, and that it has failed after the last.
PAUSES = (
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(hours=1),
    timedelta(hours=6),
)
#: Why a timer was not done: it was refused; an error.
REFUSED, ERROR = "timers.why_refused", "timers.why_error"
#: Characters that are kept of what is said of it.
LONGEST_DETAIL = 2_000

#: Puts a refusal into words, which are kept.
SayRefusal = Callable[[Refusal], str]


def machine(organisation: str) -> Actor:
    """Return in whose name timers act: nobody's."""
    return Actor(organisation=organisation, user="", name="", email="")


def fire_due(
    engine: Engine, organisation: str, most: int, say: SayRefusal, may_go_on: Callable[[], bool] = lambda: True
) -> int:
    """Carry out timers of an organisation that are due now, *most* at most, those first that have been so longest;
    return how many were looked at. *may_go_on* is asked before each.
    """
    with engine.store.reading() as reading:
        due = due_timers(reading, organisation, engine.clock(), most)
    looked_at = 0
    for row in due:
        if not may_go_on():
            break
        fire_or_note(engine, row, say)
        looked_at += 1
    return looked_at


def fire_or_note(engine: Engine, row: TimerRow, say: SayRefusal) -> Refusal | None:
    """Carry a timer out; note why where that cannot be done, and return the refusal."""
    try:
        refused = fire(engine, row)
        said = say(refused) if refused is not None else ""
    except Exception as err:
        if fault_of(err) is not None:
            raise  # no fault of the timer's: it is done when the database can
        log.exception("the timer %s of the record %s could not be carried out", row.key, row.record)
        note_failure(engine.store, row, ERROR, f"{type(err).__name__}: {err}", engine.clock())
        return None
    if refused is not None:
        note_failure(engine.store, row, REFUSED, said, engine.clock())
    return refused


def fire(engine: Engine, row: TimerRow) -> Refusal | None:
    """Carry a timer out if it is still due; return why it cannot be done. What somebody else has done meanwhile, or
    what is not due any more, is none.
    """
    answer = engine.apply(timer_command(row))
    if not isinstance(answer, Refusal) or answer.kind == "busy" or is_not_due(answer):
        return None
    return answer


def timer_command(row: TimerRow) -> Command:
    """Return the command that carries a timer out."""
    return Command(intent="", actor=machine(row.organisation), blueprint="", form="", record=row.record, timer=row.key)


def is_not_due(refused: Refusal) -> bool:
    """Tell whether nothing was to be done for a timer."""
    return any(problem.message == NOT_DUE for problem in refused.problems)


def note_failure(store: Store, row: TimerRow, reason: str, detail: str, now: datetime) -> None:
    """Note that a timer could not be carried out: it waits for its next try, or has failed."""
    with store.writing() as writing:
        held = lock_timer(writing, row.organisation, row.record, row.key)
        if held is None or held.state != "pending" or held.look_at > now:
            return
        failed = replace(held, tries=held.tries + 1, reason=reason, detail=detail[:LONGEST_DETAIL])
        if held.tries < len(PAUSES):
            failed = replace(failed, look_at=now + PAUSES[held.tries])
        else:
            failed = replace(failed, state="failed")
        put_timer(writing, failed, held)


def retry_timer(writing: Writing, organisation: str, record: str, key: str, now: datetime) -> bool:
    """Let a timer that failed be tried again now; tell whether there is such a one."""
    held = lock_timer(writing, organisation, record, key)
    if held is None or not held.reason:
        return False
    put_timer(writing, replace(held, state="pending", look_at=now, tries=0, depth=0), held)
    return True
