"""What a command that came too late is told: the record as it is now, and who changed what since the person saw it."""

from __future__ import annotations

from blankett.engine.runtime.commands import Change, Current
from blankett.engine.runtime.permits import Permit
from blankett.engine.runtime.process import Process
from blankett.engine.runtime.situation import situation_of
from blankett.engine.runtime.work import Unit
from blankett.engine.store import StoredEvent, StoredRecord

#: Events looked back over, at most.
MOST_EVENTS = 200


def current_of(unit: Unit, process: Process, stored: StoredRecord, permit: Permit, seen: int) -> Current:
    """Return the record as it is now for a reader who saw revision *seen*."""
    situation = situation_of(process, stored, unit.linked)
    situation.refresh_live()
    values = {
        key: value for key, value in situation.values.items() if permit.can_read((key,)) and key not in situation.hidden
    }
    changes = _changes(unit, stored, permit, seen)
    return Current(stored.revision, stored.state, permit.masked_lines(values), changes)


def _changes(unit: Unit, stored: StoredRecord, permit: Permit, seen: int) -> tuple[Change, ...]:
    """Return the last change of each field since revision *seen*."""
    events = unit.linked.reading.events(stored.organisation, stored.id, limit=MOST_EVENTS)
    unit.linked.load_people(event.actor for event in events)
    found: dict[tuple[str, ...], Change] = {}
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
                found.setdefault(path, Change(path, event.actor, person.name if person else event.actor, event.at))
    return tuple(found.values())


def _changed_paths(event: StoredEvent) -> list[tuple[str, ...]]:
    data = event.payload.get("data")
    paths: list[tuple[str, ...]] = [(key,) for key in data] if isinstance(data, dict) else []
    return paths or [()]
