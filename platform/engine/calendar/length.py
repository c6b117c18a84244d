"""Lengths as authors write them: ``2 working days``, ``8 working hours``, ``3 days``, ``PT8H``."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

#: {unit: minutes}; a day is counted as a day of the calendar, not in minutes.
_MINUTES: Final = {"minute": 1, "hour": 60}
_DAYS: Final = {"day": 1, "week": 7}
_PART = re.compile(r"([0-9]{1,5}) (working )?(minute|hour|day|week)s?")
_ISO = re.compile(r"P(?=[0-9T])(?:([0-9]{1,5})D)?(?:T(?=[0-9])(?:([0-9]{1,5})H)?(?:([0-9]{1,5})M)?)?")
#: Units as people write them in place of ours.
_MEANT: Final = (
    (re.compile(r"(?i)\b(?:work|business|bank|office)(?:ing)?[ -]?(day|hour|minute|week)(s?)\b"), r"working \1\2"),
    (re.compile(r"(?i)\bbd\b"), "working days"),
    (re.compile(r"(?i)\b(?:hrs?|h)\b"), "hours"),
    (re.compile(r"(?i)\b(?:mins?)\b"), "minutes"),
    (re.compile(r"(?i)\b(?:d)\b"), "days"),
)
_NUMBERS: Final = {
    word: str(number)
    for number, word in enumerate("one two three four five six seven eight nine ten eleven twelve".split(), 1)
}


@dataclass(frozen=True, slots=True)
class Length:
    """How long something takes. Days are counted first, in the calendar's zone; then the time."""

    working_days: int = 0
    working_minutes: int = 0
    days: int = 0
    minutes: int = 0

    def __neg__(self) -> Length:
        return Length(*(-getattr(self, each.name) for each in fields(self)))

    @property
    def is_working(self) -> bool:
        """Tell whether a calendar has to count it."""
        return bool(self.working_days or self.working_minutes)

    @property
    def working_time(self) -> timedelta:
        """Return its working hours and minutes."""
        return timedelta(minutes=self.working_minutes)

    @property
    def time(self) -> timedelta:
        """Return its plain hours and minutes."""
        return timedelta(minutes=self.minutes)


def read_length(text: str) -> Length | None:
    """Return the length of a text; None for a text that says none, or nothing but zero."""
    text = text.strip()
    iso = _ISO.fullmatch(text)
    if iso is not None:
        return _something(Length(days=int(iso[1] or 0), minutes=int(iso[2] or 0) * 60 + int(iso[3] or 0)))
    found: dict[str, int] = {}
    for part in re.split(r" and | (?=[0-9])", text):
        read = _PART.fullmatch(part)
        if read is None:
            return None
        number, working, unit = int(read[1]), bool(read[2]), read[3]
        if working and unit == "week":
            return None
        name = ("working_" if working else "") + ("minutes" if unit in _MINUTES else "days")
        if name in found and unit in ("day", "week"):
            return None
        found[name] = found.get(name, 0) + number * (_MINUTES.get(unit) or _DAYS[unit])
    return _something(Length(**found))


def advance_plainly(moment: datetime, length: Length, zone: ZoneInfo) -> datetime | None:
    """Return when the plain part of a length has passed since *moment*: days as the clock of *zone* shows them, then
    the time. None beyond what the calendar holds.
    """
    try:
        local = moment.astimezone(zone)
        day = (
            datetime.combine(local.date() + timedelta(days=length.days), local.time(), zone) if length.days else moment
        )
        return (day.astimezone(UTC) + length.time).astimezone(moment.tzinfo)
    except OverflowError:
        return None


def _something(length: Length) -> Length | None:
    return length if any(getattr(length, each.name) for each in fields(length)) else None


def meant_length(text: str) -> str | None:
    """Return what a text that says no length probably means: ``2 working days`` for ``2 business days``."""
    meant = re.sub(r"(\d)(?=[a-zA-Z])", r"\1 ", text.strip().lower())
    for word, number in _NUMBERS.items():
        meant = re.sub(rf"\b{word}\b", number, meant)
    for pattern, instead in _MEANT:
        meant = pattern.sub(instead, meant)
    meant = re.sub(r"\s*,\s*|\s+", " ", meant)
    meant = re.sub(r"\b(\d+) working weeks?\b", lambda found: f"{int(found[1]) * 5} working days", meant)
    return meant if meant != text and read_length(meant) is not None else None
