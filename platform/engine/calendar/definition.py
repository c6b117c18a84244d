"""What a calendar is made of, and how it is written: hours as people type them, the whole as JSON in the store."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from types import MappingProxyType
from typing import Final, Literal

WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
#: Minutes of a day.
DAY: Final = 24 * 60
#: Stretches of work in one day.
MOST_SPANS: Final = 6

HoursFault = Literal["unreadable", "overlap", "too_many", "endless"]

_CLOCK = r"(\d{1,2})(?:[:.]?(\d{2}))?"
_SPAN = re.compile(rf"{_CLOCK}\s*[-–—~～至]\s*{_CLOCK}")


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of work, in minutes from the midnight its day begins with; *end* may lie in the next day."""

    start: int
    end: int


#: The stretches of work of one day, in order; empty for a day off.
Hours = tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Week:
    """The hours of each weekday, Monday first, from a day on."""

    days: tuple[Hours, ...]
    #: The first day they hold; None: for all the time before the next.
    since: date | None = None


@dataclass(frozen=True, slots=True)
class OwnDay:
    """A day that the organisation takes out, or works on otherwise than in its week."""

    title: str
    hours: Hours = ()


@dataclass(frozen=True)
class CalendarDefinition:
    """All that a calendar answers from."""

    zone: str
    #: The earliest first; at least one.
    weeks: tuple[Week, ...]
    #: Whose public holidays it has: ``DK``, ``DE-MV``; empty for none.
    region: str = ""
    #: Public holidays with their names, as they were when they were taken over.
    holidays: Mapping[date, str] = field(default_factory=lambda: MappingProxyType({}))
    #: Days of rest that are worked in place of holidays, as in China.
    worked: frozenset[date] = frozenset()
    days: Mapping[date, OwnDay] = field(default_factory=lambda: MappingProxyType({}))

    def week_on(self, day: date) -> Week:
        """Return the week that holds on *day*."""
        found = self.weeks[0]
        for week in self.weeks[1:]:
            if week.since is not None and week.since <= day:
                found = week
        return found

    def hours_on(self, day: date) -> Hours:
        """Return the stretches of work that begin on *day*: an own day wins over a holiday, that over the week.

        A day of rest that is worked in place of a holiday has the hours of the first day of the week that has any.
        """
        own = self.days.get(day)
        if own is not None:
            return own.hours
        if day in self.holidays:
            return ()
        week = self.week_on(day).days
        return week[day.weekday()] or (next(filter(None, week), ()) if day in self.worked else ())


def read_hours(text: str) -> Hours | HoursFault:
    """Return the hours of a text, or what is wrong with it: ``8:00-12:00, 13:00-17:00``, ``8-16``, ``830-1700``.

    ``22:00-6:00`` ends on the next day; an empty text, ``closed`` and ``-`` are a day off.
    """
    text = text.strip()
    if text.casefold() in ("", "-", "–", "closed"):
        return ()
    spans: list[Span] = []
    for part in re.split(r"\s*[,;，、；]\s*", text):
        found = _SPAN.fullmatch(part)
        start = None if found is None else _minutes(found[1], found[2])
        end = None if found is None else _minutes(found[3], found[4])
        if start is None or end is None or start == DAY:
            return "unreadable"
        spans.append(Span(start, end if end > start else end + DAY))
    if len(spans) > MOST_SPANS:
        return "too_many"
    if spans[-1].end > spans[0].start + DAY:
        return "endless"
    return tuple(spans) if _follow(spans) else "overlap"


def _minutes(hours: str, minutes: str | None) -> int | None:
    found = int(hours) * 60 + int(minutes or 0)
    return found if found <= DAY and int(minutes or 0) < 60 else None


def _follow(spans: Sequence[Span]) -> bool:
    return all(one.end <= other.start for one, other in pairwise(spans))


def written_hours(hours: Hours, dash: str = "-") -> str:
    """Return hours as `read_hours` takes them: ``8:00-12:00, 13:00-17:00``; empty for a day off."""
    return ", ".join(f"{_clock(span.start)}{dash}{_clock(span.end)}" for span in hours)


def _clock(minutes: int) -> str:
    hour, minute = divmod(minutes if minutes <= DAY else minutes - DAY, 60)
    return f"{hour}:{minute:02}"


def minutes_of(hours: Hours) -> int:
    """Return how long the hours of a day are, as the clock shows them."""
    return sum(span.end - span.start for span in hours)


def week_fault(days: Sequence[Hours]) -> int | Literal["empty"] | None:
    """Return what is wrong with the hours of a week: ``empty`` where nobody works, or the number of the weekday whose
    night reaches into the work of the next; None where it is sound.
    """
    if not any(days):
        return "empty"
    for number, hours in enumerate(days):
        following = days[(number + 1) % len(days)]
        if hours and following and hours[-1].end - DAY > following[0].start:
            return number
    return None


def write_definition(definition: CalendarDefinition) -> str:
    """Return a definition as the store keeps it: the same text for the same calendar."""
    named: dict[str, list[str]] = {}
    for day, name in sorted(definition.holidays.items()):
        named.setdefault(name, []).append(day.isoformat())
    held = {
        "zone": definition.zone,
        "weeks": [
            {
                "since": week.since.isoformat() if week.since else None,
                "days": [[[span.start, span.end] for span in hours] for hours in week.days],
            }
            for week in definition.weeks
        ],
        "region": definition.region,
        "holidays": named,
        "worked": [day.isoformat() for day in sorted(definition.worked)],
        "days": {
            day.isoformat(): {"title": own.title, "hours": [[span.start, span.end] for span in own.hours]}
            for day, own in sorted(definition.days.items())
        },
    }
    return json.dumps(held, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def read_definition(text: str) -> CalendarDefinition:
    """Return the definition that `write_definition` wrote."""
    held = json.loads(text)
    holidays = {date.fromisoformat(day): name for name, days in held["holidays"].items() for day in days}
    days = {date.fromisoformat(day): OwnDay(own["title"], _spans(own["hours"])) for day, own in held["days"].items()}
    return CalendarDefinition(
        zone=held["zone"],
        weeks=tuple(
            Week(tuple(_spans(hours) for hours in week["days"]), _day(week["since"])) for week in held["weeks"]
        ),
        region=held["region"],
        holidays=MappingProxyType(dict(sorted(holidays.items()))),
        worked=frozenset(map(date.fromisoformat, held["worked"])),
        days=MappingProxyType(dict(sorted(days.items()))),
    )


def _spans(held: Sequence[Sequence[int]]) -> Hours:
    return tuple(Span(start, end) for start, end in held)


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
