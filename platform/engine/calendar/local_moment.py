"""Moments as the clocks of a place show them: ``2026-12-24 14:00``."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

_WRITTEN = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})[ T]([0-9]{1,2}):([0-9]{2})")


def read_local(text: str) -> datetime | None:
    """Return the day and time of a text, of no zone; None for a text that says none."""
    found = _WRITTEN.fullmatch(text.strip())
    if found is None:
        return None
    try:
        return datetime.fromisoformat(f"{found[1]}T{found[2]:0>2}:{found[3]}")
    except ValueError:
        return None


def moment_at(local: datetime, zone: ZoneInfo) -> datetime | None:
    """Return the moment at which the clocks of *zone* show *local*, in UTC: the first one where they show it twice.

    None where they leave it out: 2:30 in the night in which they are put forward.
    """
    moment = local.replace(tzinfo=zone, fold=0).astimezone(UTC)
    return moment if moment.astimezone(zone).replace(tzinfo=None) == local else None
