"""Calendars as an organisation keeps them: one row each, changed over the revision that was seen."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import bindparam, select, update

from blankett.engine.calendar import Calendar, CalendarDefinition, Week, calendar_of, read_definition, write_definition
from blankett.engine.calendar.public_holidays import NO_HOLIDAYS, public_holidays
from blankett.engine.language.model import WorkCalendar
from blankett.engine.store import tables
from blankett.engine.store.seals import ActWriting
from blankett.engine.store.transaction import Row, Transaction, insert_into


@dataclass(frozen=True)
class StoredCalendar:
    """A calendar of an organisation."""

    #: By which formulas name it.
    key: str
    title: str
    definition: CalendarDefinition
    #: Counts its changes, from 1.
    revision: int = 1


def first_calendar(declared: WorkCalendar, language: str) -> StoredCalendar:
    """Return the calendar that an organisation starts with, as a blueprint declares it: with the public holidays as
    they are known now.
    """
    public = public_holidays(declared.holidays) if declared.holidays else NO_HOLIDAYS
    return StoredCalendar(
        declared.key,
        declared.title.say(language),
        CalendarDefinition(
            zone=declared.zone,
            weeks=(Week(declared.hours),),
            region=declared.holidays,
            holidays=public.days,
            worked=public.worked,
            days=declared.days,
        ),
    )


_c = tables.calendar.c
_here = _c.organisation == bindparam("in_organisation")
_all = select(_c.key, _c.title, _c.definition, _c.revision).where(_here).order_by(_c.key)
_one = _all.where(_c.key == bindparam("of_key"))
_definition = select(_c.definition).where(_here, _c.key == bindparam("of_key"))
_update = (
    update(tables.calendar)
    .where(_here, _c.key == bindparam("of_key"), _c.revision == bindparam("expected"))
    .values({name: bindparam(name) for name in ("title", "revision", "definition")})
)


class CalendarReading(Transaction):
    """Reads calendars."""

    def calendars(self, organisation: str) -> list[StoredCalendar]:
        """Return all calendars, by key."""
        return [_calendar(row) for row in self.rows(_all, {"in_organisation": organisation})]

    def calendar(self, organisation: str, key: str) -> StoredCalendar | None:
        """Return the calendar called *key*; None where there is none."""
        row = self.first(_one, {"in_organisation": organisation, "of_key": key})
        return None if row is None else _calendar(row)

    def working_calendar(self, organisation: str, key: str) -> Calendar | None:
        """Return what answers for the calendar called *key*, as it is in this transaction; None where there is none."""
        row = self.first(_definition, {"in_organisation": organisation, "of_key": key})
        return None if row is None else calendar_of(row[0])


class CalendarWriting(CalendarReading, ActWriting):
    """Keeps calendars."""

    def give_calendars(self, organisation: str, declared: Iterable[WorkCalendar], language: str) -> None:
        """Make the calendars that the organisation lacks of those a blueprint declares; those it has are its own."""
        for each in declared:
            if self.calendar(organisation, each.key) is None:
                self.put_calendar(organisation, first_calendar(each, language))

    def put_calendar(self, organisation: str, calendar: StoredCalendar) -> bool:
        """Keep a calendar as the one behind revision *calendar.revision* - 1 (0: there was none); tell whether that is
        what was there.
        """
        held = {
            "title": calendar.title,
            "revision": calendar.revision,
            "definition": write_definition(calendar.definition),
        }
        row = {"organisation": organisation, "key": calendar.key, **held}
        if calendar.revision == 1:
            statement = insert_into(self.dialect, tables.calendar).on_conflict_do_nothing()
            met = self.do("calendar.insert", statement, row)
        else:
            bound = {"in_organisation": organisation, "of_key": calendar.key, "expected": calendar.revision - 1}
            met = self.do("calendar.update", _update, {**held, **bound})
        if met == 1:
            self.note_row("calendar", row)
        return met == 1


def _calendar(row: Row) -> StoredCalendar:
    return StoredCalendar(row[0], row[1], read_definition(row[2]), row[3])
