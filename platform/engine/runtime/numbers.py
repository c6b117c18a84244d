"""Numbers of records: ``SO-{year}-{counter:5}``. Years and months are those of the workspace's time zone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

PLACEHOLDER = re.compile(r"\{(year|month|day|counter)(?::(\d{1,2}))?\}")


@dataclass(frozen=True)
class Series:
    """A run of numbers that counts for itself: the pattern with the day put in, ``SO-2026-{counter:5}``."""

    #: Unique in the organisation: ``order_management.order SO-2026-{counter:5}``.
    name: str
    pattern: str

    def number(self, serial: int) -> str:
        """Return the number that *serial* gives."""
        return PLACEHOLDER.sub(lambda found: str(serial).zfill(int(found[2] or 1)), self.pattern)


def series_of(form: str, pattern: str, now: datetime) -> Series:
    """Return the series *pattern* counts in at *now*, in the workspace's time zone. *form* is the full name."""
    parts = {"year": f"{now:%Y}", "month": f"{now:%m}", "day": f"{now:%d}"}
    dated = PLACEHOLDER.sub(lambda found: parts.get(found[1], found[0]), pattern)
    return Series(f"{form} {dated}", dated)
