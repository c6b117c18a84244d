"""Counting what becomes of many records, beside whoever waits for it: each must be opened to know where it can go.

A count is kept by the process that made it, with what it goes by: a text and the newest versions, as its `Candidate`
is, or the version that older records may be moved to. So each process makes its own, and a restart counts again. It
says how things stood a while ago, for a preview. A publish that finds none counts itself; a record that has changed
since stays where it cannot go, and is told.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from blankett.engine.publish.impact import Group, Impact, Movement, weigh
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

    def run(self, reading: Reading, movement: Movement, groups: Sequence[Group] | None = None) -> None:
        """Look at all records, or at those of *groups*."""
        self.impact = weigh(reading, movement, groups, on_opened=self._note)

    def _note(self) -> None:
        self.seen += 1

    @contextmanager
    def ending(self) -> Iterator[None]:
        """Let everybody go on who waits for it, however it ends."""
        try:
            yield
        finally:
            self.ended.set()


class KeptCount:
    """The last count of one question, kept by whoever asks it again."""

    def __init__(self) -> None:
        self._count: ImpactCount | None = None
        self._lock = threading.Lock()

    def under_way(self) -> ImpactCount | None:
        """Return the count that is being made."""
        count = self._count
        return count if count is not None and not count.ended.is_set() else None

    def since(self, now: datetime, total: int) -> tuple[ImpactCount, bool]:
        """Return the count of the records that must be opened, and whether it is a new one, which the caller makes."""
        with self._lock:
            known = self._count
            if known is not None and known.is_good(now):
                return known, False
            self._count = ImpactCount(now, total)
            return self._count, True
