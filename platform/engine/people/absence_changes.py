"""Entering and ending absences: whether one may be, and the writing of it, in one transaction."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime

from blankett.engine.departments import Absence, DirectoryFault, absence_fault
from blankett.engine.fields.text import is_line
from blankett.engine.store import Writing, new_id

LONGEST_NOTE = 200


@dataclass(frozen=True, kw_only=True)
class WantedAbsence:
    """What somebody wants entered."""

    user: str
    substitute: str
    first: date
    last: date
    #: None: for all blueprints.
    blueprints: frozenset[str] = frozenset()
    note: str = ""


class AbsenceChanges:
    """Changes within one transaction. Made when it begins: nobody else enters an absence until it ends."""

    def __init__(self, writing: Writing, organisation: str, now: datetime, today: date, by: str) -> None:
        writing.lock_departments(organisation)
        self.writing = writing
        self.organisation = organisation
        self.now = now
        self.today = today
        self.by = by

    def enter(self, wanted: WantedAbsence) -> Absence | DirectoryFault:
        """Enter an absence."""
        if wanted.note and not is_line(wanted.note, LONGEST_NOTE):
            return DirectoryFault("note", "absence.note_wrong", {"most": LONGEST_NOTE})
        made = Absence(organisation=self.organisation, id=new_id(self.now), by=self.by, at=self.now, **wanted.__dict__)
        others = self.writing.absences(self.organisation, self.today)
        known = self.writing.users(self.organisation, _people((*others, made)))
        names = {id: user.name for id, user in known.items()}
        gone = frozenset(id for id, user in known.items() if not user.active)
        fault = absence_fault(made, others, self.today, names, gone)
        if fault is not None:
            return fault
        self.writing.put_absence(made)
        return made

    def end(self, user: str, id: str) -> Absence | DirectoryFault:
        """End somebody's absence now, or take back one that has not begun; one that is ended stays as it is."""
        found = self.writing.absence(self.organisation, id)
        if found is None or found.user != user:
            return DirectoryFault("", "absence.gone")
        if found.ended_at is not None:
            return found
        ended = replace(found, ended_at=self.now)
        self.writing.put_absence(ended)
        return ended


def _people(absences: Iterable[Absence]) -> frozenset[str]:
    return frozenset(person for absence in absences for person in (absence.user, absence.substitute))
