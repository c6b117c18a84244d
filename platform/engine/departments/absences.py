"""Who stands in for somebody who is away: from a day to a day, for everything or for some blueprints."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from blankett.engine.departments.directory_fault import DirectoryFault

#: A substitute who is away has one too, and so on; no further than this.
LONGEST_CHAIN = 3
#: An absence lasts no longer, in days.
LONGEST_ABSENCE = 732

#: Why there is nobody after all: the substitutes lead back to somebody, on too far, or to somebody who has left.
Trouble = Literal["", "circle", "too_far", "inactive"]


@dataclass(frozen=True, kw_only=True)
class Absence:
    """From when until when somebody is away, both days included, and who decides for them meanwhile."""

    organisation: str
    id: str
    user: str
    substitute: str
    first: date
    last: date
    #: Keys of the blueprints it is for; none: all.
    blueprints: frozenset[str] = frozenset()
    note: str = ""
    #: Who entered it, and when.
    by: str
    at: datetime
    #: When it was ended early or taken back.
    ended_at: datetime | None = None

    def covers(self, day: date, blueprint: str | None) -> bool:
        """Tell whether it holds on a day, for a blueprint; None: for all of them."""
        if self.ended_at is not None or not self.first <= day <= self.last:
            return False
        return not self.blueprints or (blueprint is not None and blueprint in self.blueprints)

    def meets(self, other: Absence) -> bool:
        """Tell whether there is a day and a blueprint that both hold for."""
        are_alike = not (self.blueprints and other.blueprints) or bool(self.blueprints & other.blueprints)
        return are_alike and self.first <= other.last and other.first <= self.last


@dataclass(frozen=True)
class StandIn:
    """Who decides for somebody on a day."""

    #: None where the substitutes lead to nobody; then `trouble` says why.
    user: str | None
    #: The last day of the first absence on the way: ``for Mette, until 5 Dec``.
    until: date
    #: Who is away, from the first on: more than one where a substitute is away too.
    away: tuple[str, ...]
    trouble: Trouble = ""


def stand_in(
    absences: Iterable[Absence], user: str, blueprint: str | None, day: date, inactive: Collection[str] = ()
) -> StandIn | None:
    """Return who decides for *user* on *day* in a blueprint; None while they are not away."""
    known = [absence for absence in absences if absence.covers(day, blueprint)]
    away: list[str] = [user]
    until: date | None = None
    while (absence := _absence_of(known, away[-1])) is not None:
        until = until or absence.last
        following = absence.substitute
        if following in inactive:
            return StandIn(None, until, tuple(away), "inactive")
        if following in away:
            return StandIn(None, until, tuple(away), "circle")
        if len(away) > LONGEST_CHAIN:
            return StandIn(None, until, tuple(away), "too_far")
        away.append(following)
    return None if until is None else StandIn(away[-1], until, tuple(away[:-1]))


def _absence_of(absences: Iterable[Absence], user: str) -> Absence | None:
    """Return the absence of a person; one for some blueprints before one for all of them."""
    own = [absence for absence in absences if absence.user == user]
    return min(own, key=lambda absence: (not absence.blueprints, absence.id), default=None)


def absence_fault(
    wanted: Absence, others: Collection[Absence], today: date, names: Mapping[str, str], inactive: Collection[str]
) -> DirectoryFault | None:
    """Return why *wanted* cannot be entered beside the *others* of the organisation; None where it can.

    *names*: user → name, to tell of them.
    """
    simple = _simple_fault(wanted, today, names, inactive)
    if simple is not None:
        return simple
    own = [each for each in others if each.user == wanted.user and each.id != wanted.id and each.ended_at is None]
    twice = next((each for each in own if each.meets(wanted)), None)
    if twice is not None:
        other = {"first": twice.first, "last": twice.last, "substitute": names.get(twice.substitute, "")}
        return DirectoryFault("first", "absence.twice", other)
    return _chain_fault(wanted, [*(each for each in others if each.id != wanted.id), wanted], names, inactive)


def _simple_fault(
    wanted: Absence, today: date, names: Mapping[str, str], inactive: Collection[str]
) -> DirectoryFault | None:
    if wanted.substitute == wanted.user:
        return DirectoryFault("substitute", "absence.oneself")
    if wanted.substitute not in names:
        return DirectoryFault("substitute", "absence.nobody")
    if wanted.substitute in inactive:
        return DirectoryFault("substitute", "absence.inactive", {"name": names[wanted.substitute]})
    if wanted.last < wanted.first:
        return DirectoryFault("last", "absence.backwards")
    if wanted.last < today:
        return DirectoryFault("last", "absence.over_already")
    if (wanted.last - wanted.first).days > LONGEST_ABSENCE:
        return DirectoryFault("last", "absence.too_long", {"days": LONGEST_ABSENCE})
    return None


def _chain_fault(
    wanted: Absence, absences: Collection[Absence], names: Mapping[str, str], inactive: Collection[str]
) -> DirectoryFault | None:
    """Return what would be wrong with the substitutes of anybody on a day on which *wanted* holds."""
    blueprints = {None, *(key for absence in absences for key in absence.blueprints)}
    people = {absence.user for absence in absences}
    for day in _days_of_change(wanted, absences):
        for blueprint in sorted(blueprints, key=lambda key: key or ""):
            for user in sorted(people):
                found = stand_in(absences, user, blueprint, day, inactive)
                if found is None or wanted.user not in found.away or found.trouble not in ("circle", "too_far"):
                    continue
                chain = tuple(names.get(each, each) for each in found.away)
                return DirectoryFault("substitute", f"absence.{found.trouble}", {"chain": chain, "day": day})
    return None


def _days_of_change(wanted: Absence, absences: Iterable[Absence]) -> Iterator[date]:
    """Yield the days of *wanted* on which other absences begin or are over: between them nothing changes."""
    edges = {wanted.first}
    for absence in absences:
        edges.update((absence.first, absence.last + timedelta(days=1)))
    yield from sorted(day for day in edges if wanted.first <= day <= wanted.last)
