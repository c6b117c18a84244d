"""The timers of records that something is still to come of, as somebody may see them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from blankett.engine.language.model import Timer
from blankett.engine.records.compiled_form import Process
from blankett.engine.records.current_version import CurrentForm
from blankett.engine.records.permit import Permit
from blankett.engine.records.read.results import Target, TimerView
from blankett.engine.records.record_access import stored_permit
from blankett.engine.records.unit_of_work import Unit
from blankett.engine.store import StoredRecord
from blankett.engine.store.timers import TimerRow, record_timers

#: Of these something is still to come.
OPEN = ("pending", "failed")


def timers_of(unit: Unit, process: Process, permit: Permit, stored: StoredRecord) -> tuple[TimerView, ...]:
    """Return what is still to come of a record's timers, the next first; not what would tell of values that the reader
    may not see.
    """
    if not process.form.timers:
        return ()
    rows = sorted(record_timers(unit.linked.reading, stored.organisation, stored.id), key=lambda row: row.look_at)
    current = unit.catalog.current(process)
    found = ((row, process.form.timers.get(row.key)) for row in rows if row.state in OPEN)
    return tuple(
        _view(unit, current, timer, row) for row, timer in found if timer is not None and _may_be_told(permit, timer)
    )


def timers_told(unit: Unit, rows: Sequence[TimerRow]) -> Iterator[TimerView]:
    """Yield timers of several records; of those that the reader may not see, without their titles and values."""
    unit.linked.load({row.record for row in rows})
    for row in rows:
        stored = unit.linked.record(row.record)
        if stored is None:
            continue
        unit.locate(stored.workspace)
        process = unit.catalog.process_of(stored)
        permit, current = stored_permit(unit, process, stored), unit.catalog.current(process)
        timer = process.form.timers.get(row.key)
        is_open = permit.may("view") and (timer is None or _may_be_told(permit, timer))
        title = (stored.title or stored.number or stored.id) if is_open else current.title().say(unit.actor.language)
        yield _view(unit, current, timer, row, Target(stored.id if is_open else "", title), is_open=is_open)


def _may_be_told(permit: Permit, timer: Timer) -> bool:
    """Tell whether the reader may see all that says when the timer is due."""
    lengths = (found.formula for found in (timer.after, timer.before) if found is not None)
    formulas = [found for found in (timer.at, *lengths) if found is not None]
    by_field = timer.field is None or permit.can_read((timer.field,))
    return by_field and all(permit.can_read_name(path) for formula in formulas for path in formula.reads)


def _view(
    unit: Unit,
    current: CurrentForm,
    timer: Timer | None,
    row: TimerRow,
    record: Target | None = None,
    *,
    is_open: bool = True,
) -> TimerView:
    language = unit.actor.language
    newest = current.newest.timers.get(row.key) if current.newest is not None else None
    words = newest or timer
    calendars = (unit.linked.reading.calendar(row.organisation, key) for key in sorted(row.calendars))
    most = timer.repeat.most if timer is not None and timer.repeat is not None else 0
    return TimerView(
        key=row.key,
        title=words.title.say(language) if words is not None else row.key,
        help=words.help.say(language) if words is not None and words.help is not None else "",
        at=row.look_at,
        since=row.since,
        calendars=tuple(found.title for found in calendars if found is not None),
        times_left=max(0, most - row.round),
        is_failed=row.state == "failed",
        tries=row.tries,
        reason=row.reason,
        detail=row.detail if is_open else "",
        record=record,
        record_id=row.record,
    )
