"""What a worker does again and again whatever happens: seal what was written, and forget old receipts."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import ClassVar

from blankett.engine.store import Store
from blankett.engine.store.database_faults import DatabaseFault

#: Receipts are kept so long: a form that was opened before is not open any more.
RECEIPTS_KEPT = timedelta(days=7)


@dataclass
class ReceiptWalk:
    """How far an organisation's receipts were looked through for old ones: all of them once a day, a page at a time."""

    #: Those from before this moment are forgotten.
    until: datetime | None = None
    #: The last key that was looked at; None when all were.
    after: str | None = None


@dataclass
class Chores:
    """The chores of one database. Several workers may do them at once: each act is sealed and forgotten once."""

    #: Seconds between two rounds.
    EVERY: ClassVar[float] = 5.0

    store: Store
    clock: Callable[[], datetime]
    #: How long receipts are kept: no session may last longer.
    receipts_kept: timedelta = RECEIPTS_KEPT
    _walks: dict[str, ReceiptWalk] = field(default_factory=dict)

    def do(self) -> None:
        """Forget a page of old receipts, and seal what was written; nothing where others write now."""
        with suppress(DatabaseFault):
            with self.store.reading() as reading:
                organisations = [each.id for each in reading.organisations()]
            for organisation in organisations:
                self._forget_receipts(organisation)
            if self._is_due(organisations):
                self.store.seal(self.clock(), patience=0)

    def _is_due(self, organisations: list[str]) -> bool:
        """Tell whether something is not sealed, without holding up whoever writes."""
        with self.store.reading() as reading:
            return any(reading.has_unsealed(each) for each in organisations)

    def _forget_receipts(self, organisation: str) -> None:
        walk = self._walks.setdefault(organisation, ReceiptWalk())
        day = self.clock().replace(hour=0, minute=0, second=0, microsecond=0)
        until = day - self.receipts_kept
        if walk.until != until:
            walk.until, walk.after = until, ""
        if walk.after is None:
            return
        with self.store.reading() as reading:
            old = reading.old_intents(organisation, until, walk.after)
        if old.keys:
            with self.store.writing(patience=0) as writing:
                writing.expire_intents(organisation, until, old.keys)
        walk.after = old.last
