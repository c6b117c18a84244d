"""Counting what becomes of many records, beside whoever waits for it: each must be opened to know where it can go.

A count goes by the text and the newest versions, as its `Candidate` does, which keeps it; so each process makes its
own, and a restart counts again. It says how things stood a while ago, for a preview. A publish that finds none counts
itself; a record that has changed since stays where it cannot go, and is told.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from blankett.engine.publish.impact import Impact, Movement, weigh
from blankett.engine.store import Reading

#: Records that are opened while somebody waits for a page.
MOST_AWAITED = 1_000
#: So long a count is gone by.
KEPT = timedelta(minutes=10)

Run = Callable[[Callable[[], None]], None]


def in_thread(work: Callable[[], None]) -> None:
    """Do *work* beside whoever asks for it."""
    threading.Thread(target=work, name="count records", daemon=True).start()


@dataclass
class ImpactCount:
    """One count, under way or done."""

    begun: datetime
    #: Records that must be opened, and how many were.
    total: int
    seen: int = 0
    #: What was found; None while it is counted, and when that went wrong.
    impact: Impact | None = None
    ended: threading.Event = field(default_factory=threading.Event)

    def is_good(self, now: datetime) -> bool:
        """Tell whether it can be gone by: under way, or done not long ago."""
        return not self.ended.is_set() or (self.impact is not None and timedelta() <= now - self.begun < KEPT)

    def run(self, reading: Reading, movement: Movement) -> None:
        """Look at all records."""
        self.impact = weigh(reading, movement, on_opened=self._note)

    def _note(self) -> None:
        self.seen += 1
