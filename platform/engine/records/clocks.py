"""Clocks of a record: each begins, stands still, goes on and stops by the record's state and the actions taken."""

from __future__ import annotations

from datetime import timedelta

from blankett.engine.calendar import Calendar, ClockRun, Length, begin_run, read_length
from blankett.engine.fields.clock import named_by
from blankett.engine.language.model import Field, Formula
from blankett.engine.records.evaluation_context import Situation
from blankett.engine.records.write.compute import Changes

_MINUTE = timedelta(minutes=1)


def run_clocks(
    situation: Situation, changes: Changes, state: str | None, *, action: str | None = None, has_entered: bool = False
) -> None:
    """Bring the clocks of a record up to date with the *state* it is in.

    *action*: what was just taken; *has_entered*: the record has just come into the state. A clock that has stopped
    begins anew only then.
    """
    for of in situation.process.clocks:
        run = situation.values.get(of.key)
        found = _moved(situation, of, run if isinstance(run, ClockRun) else None, state, action, has_entered)
        if found is not None and found != run:
            situation.put(of, found)
            changes.changed.add(of.key)


def renew_clocks(situation: Situation, changes: Changes) -> bool:
    """Let clocks whose length a formula gives be due when it now says; tell whether any is due otherwise."""
    before = situation.writes
    for of in situation.process.clocks:
        run = situation.values.get(of.key)
        if isinstance(run, ClockRun) and run.stopped is None and isinstance(of.options.get("within"), Formula):
            length, zone = _length(situation, of), situation.moment.zone
            found = run if length is None else run.renew(length, _calendar(situation, of), zone)
            if found != run:
                situation.put(of, found)
                changes.changed.add(of.key)
    return situation.writes != before


def _moved(
    situation: Situation, of: Field, run: ClockRun | None, state: str | None, action: str | None, has_entered: bool
) -> ClockRun | None:
    """Return the run of a clock as it is now; None where it has none."""
    form, now = situation.process.form, situation.moment.now
    starts, stops, pauses = (named_by(of, key) for key in ("starts", "stops", "pauses"))
    is_over = state in stops or action in stops or (state is not None and form.states[state].final)
    if run is None or run.stopped is not None:
        begins = state in starts and not is_over and (run is None or has_entered)
        length = _length(situation, of) if begins else None
        if length is None:
            return run
        return begin_run(now, length, _calendar(situation, of), situation.moment.zone) or run
    if is_over:
        return run.stop(now)
    if state in pauses:
        return run if run.paused is not None else run.pause(now)
    return run.resume(now, _calendar(situation, of))


def _length(situation: Situation, of: Field) -> Length | None:
    """Return how long there is; None where a formula gives nothing that is a length."""
    given = of.options.get("within")
    if isinstance(given, Formula):
        found = given.compiled.evaluate(situation.names_for(given), situation.moment)
        if isinstance(found, timedelta):
            return Length(minutes=found // _MINUTE) if found >= _MINUTE else None
        given = found
    return read_length(given) if isinstance(given, str) else None


def _calendar(situation: Situation, of: Field) -> Calendar | None:
    """Return the calendar a clock counts in; None where it has none, or that is gone."""
    key = of.options.get("calendar")
    return situation.moment.calendar(key) if isinstance(key, str) else None
