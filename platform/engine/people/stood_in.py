"""What somebody's substitute did for them while they were away: to records that were theirs, or in their name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from blankett.engine.departments import Absence
from blankett.engine.records.record_access import stored_permit
from blankett.engine.records.unit_of_work import Unit


@dataclass(frozen=True)
class SteppedIn:
    """One thing that was done, as the one who was away may see it."""

    record: str
    title: str
    at: datetime
    #: The title of an action; empty for a change.
    action: str


def done_for(
    unit: Unit, absence: Absence, begun: datetime, ended: datetime | None, most: int, language: str
) -> tuple[SteppedIn, ...]:
    """Return at most *most* acts of the substitute on records that are owned by, or assigned to, the one who is away;
    the newest first, without what they may not see.
    """
    until = ended or begun + timedelta(days=(absence.last - absence.first).days + 1)
    reading, organisation = unit.linked.reading, unit.actor.organisation
    found = reading.events_on_records_of(
        organisation, absence.user, absence.substitute, begun.astimezone(UTC), until.astimezone(UTC), most
    )
    unit.linked.load(record for record, _, _, _ in found)
    shown = []
    for record, at, version, action in found:
        stored = unit.linked.record(record)
        if stored is None or (absence.blueprints and stored.blueprint not in absence.blueprints):
            continue
        if not stored_permit(unit, unit.catalog.process_of(stored), stored).may("view"):
            continue
        process = unit.catalog.find_process(stored.blueprint, version, stored.form)
        known = process.form.actions.get(action or "") if process is not None else None
        shown.append(SteppedIn(record, stored.title, at, known.title.say(language) if known else ""))
    return tuple(shown)
