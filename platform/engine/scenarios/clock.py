"""The clock of a scenario: it stands until a step lets time pass, and never goes back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from blankett.engine.calendar import LAST_YEAR, Calendar, Length, advance_plainly, moment_at

#: Where days begin, and clocks stand, that no calendar says otherwise.
HERE = ZoneInfo("UTC")


@dataclass(frozen=True)
class ClockFault:
    """Why time does not pass: what a step would need, and what there is."""

    expected: str
    found: str


def after(now: datetime, length: Length, calendar: Calendar | None) -> datetime | ClockFault:
    """Return when *length* has passed since *now*, counted in *calendar*."""
    found = advance_plainly(now, length, HERE) if calendar is None else calendar.advance(now, length)
    if found is None or found.year > LAST_YEAR:
        return ClockFault(f"a time to wait that ends before {LAST_YEAR + 1}", "one that does not")
    return found.astimezone(UTC)


def moment_of(now: datetime, local: datetime, zone: ZoneInfo) -> datetime | ClockFault:
    """Return the moment at which the clocks of *zone* show *local*, which is to come after *now*."""
    found = moment_at(local, zone)
    if found is None:
        return ClockFault(f"a time that the clocks of {zone.key} show", f"{local:%Y-%m-%d %H:%M}")
    if found < now:
        return ClockFault(f"a moment after {now.astimezone(zone):%Y-%m-%d %H:%M}", f"{local:%Y-%m-%d %H:%M}")
    if local.year > LAST_YEAR:
        return ClockFault(f"a moment before {LAST_YEAR + 1}", f"{local:%Y-%m-%d %H:%M}")
    return found
