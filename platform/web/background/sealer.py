"""Every few seconds what was written is sealed, failed attempts to sign in are noted, and some old receipts are
forgotten.
"""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Flask, current_app

from blankett.engine.store.database_faults import DatabaseFault
from blankett.engine.store.json_text import write_json
from blankett.engine.store.sealed_acts import SIGN_IN_FAILED
from blankett.engine.store.timestamps import write_moment
from blankett.web.background import repeat_beside
from blankett.web.services import Services, services, services_of

#: Seconds between two seals.
EVERY = 5.0
#: Accounts and networks whose failed attempts are remembered until they are noted.
MOST_FAILURES = 1_000
#: Receipts are kept so long, or as long as a session lasts, where that is longer: the form is not open any more then.
RECEIPTS_KEPT = timedelta(days=7)
#: (minute, what was typed as the address, the network)
Failure = tuple[str, str, str]


@dataclass
class ReceiptWalk:
    """How far the receipts were looked through for old ones: all of them once a day, a page at a time."""

    #: Those from before this moment are forgotten.
    until: datetime | None = None
    #: The last key that was looked at; None when all were.
    after: str | None = None


def init_sealing(app: Flask) -> None:
    """Remember failed attempts until they are noted, and how far old receipts were looked for."""
    app.extensions["failures"] = Counter[Failure]()
    app.extensions["receipt_walk"] = ReceiptWalk()


def remember_failure(account: str, network: str) -> None:
    """Count a failed attempt to sign in, for its account and minute."""
    minute = services().clock().replace(second=0, microsecond=0)
    failures: Counter[Failure] = current_app.extensions["failures"]
    key = (write_moment(minute), account, network)
    if key in failures or len(failures) < MOST_FAILURES:
        failures[key] += 1


def start_sealing(app: Flask) -> None:
    """Seal every few seconds until the process ends."""
    repeat_beside("seal", EVERY, lambda: seal_now(app), "nothing could be sealed", first_after=EVERY)


def seal_now(app: Flask) -> None:
    """Note the failed attempts of minutes that are over, forget a page of old receipts, and seal what was written;
    nothing where others write now.
    """
    kept = services_of(app)
    with suppress(DatabaseFault):
        _note_failures(app, kept)
        _forget_receipts(app.extensions["receipt_walk"], kept)
        if _is_due(kept):
            kept.store.seal(kept.clock(), patience=0)


def _is_due(kept: Services) -> bool:
    """Tell whether something is not sealed, without holding up whoever writes."""
    with kept.store.reading() as reading:
        return any(reading.has_unsealed(each.id) for each in reading.organisations())


def _note_failures(app: Flask, kept: Services) -> None:
    failures: Counter[Failure] = app.extensions["failures"]
    until = write_moment(kept.clock() - timedelta(minutes=1))
    over = [key for key in list(failures) if key[0] <= until]
    organisation = kept.organisation_id()
    if not over or organisation is None:
        return
    with kept.store.writing(patience=0) as writing:
        for minute, account, network in over:
            said = write_json({"count": failures[(minute, account, network)], "network": network})
            writing.note(organisation, SIGN_IN_FAILED, account, said=said, at=minute)
    for key in over:
        failures.pop(key, None)


def _forget_receipts(walk: ReceiptWalk, kept: Services) -> None:
    organisation = kept.organisation_id()
    if organisation is None:
        return
    day = kept.clock().replace(hour=0, minute=0, second=0, microsecond=0)
    until = day - max(RECEIPTS_KEPT, kept.accounts.longest)
    if walk.until != until:
        walk.until, walk.after = until, ""
    if walk.after is None:
        return
    with kept.store.reading() as reading:
        old = reading.old_intents(organisation, until, walk.after)
    if old.keys:
        with kept.store.writing(patience=0) as writing:
            writing.expire_intents(organisation, until, old.keys)
    walk.after = old.last
