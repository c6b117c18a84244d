"""Calendars that a text declares and the organisation keeps otherwise: records count in the organisation's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from blankett.engine.calendar import CalendarDefinition
from blankett.engine.language.model import WorkCalendar
from blankett.engine.publish.impact import Movement
from blankett.engine.store import Reading


@dataclass(frozen=True)
class KeptCalendar:
    """A calendar of the organisation that a publish leaves as it is, although the text says otherwise."""

    key: str
    #: As the organisation calls it.
    title: str
    #: In which of its keys the text says otherwise: zone, hours, holidays, days.
    parts: tuple[str, ...]


def kept_calendars(reading: Reading, movement: Movement, now: datetime) -> tuple[KeptCalendar, ...]:
    """Return the calendars that the organisation keeps otherwise than `movement.new` says, of those that its newest
    version did not declare just so: what was told once is not told with each version.
    """
    before = movement.find_version(movement.newest).calendars if movement.newest else {}
    found = []
    for declared in movement.new.calendars.values():
        if declared.key in before and _said(before[declared.key]) == _said(declared):
            continue
        kept = reading.calendar(movement.organisation, declared.key)
        parts = tuple(_otherwise(declared, kept.definition, now)) if kept is not None else ()
        if kept is not None and parts:
            found.append(KeptCalendar(kept.key, kept.title, parts))
    return tuple(found)


def _said(declared: WorkCalendar) -> object:
    return declared.zone, declared.hours, declared.holidays, declared.days


def _otherwise(declared: WorkCalendar, kept: CalendarDefinition, now: datetime) -> Iterator[str]:
    if kept.zone != declared.zone:
        yield "zone"
    if kept.week_on(now.astimezone(ZoneInfo(kept.zone)).date()).days != declared.hours:
        yield "hours"
    if kept.region != declared.holidays:
        yield "holidays"
    # Days that the organisation has taken out itself are no matter of the text.
    if any(kept.hours_on(day) != own.hours for day, own in declared.days.items()):
        yield "days"
