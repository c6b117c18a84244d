"""Failed attempts to sign in: counted in this process, and noted in the security log when their minute is over."""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from contextlib import suppress
from datetime import timedelta

from flask import Flask, current_app

from blankett.engine.store.database_faults import DatabaseFault
from blankett.engine.store.json_text import write_json
from blankett.engine.store.seals import SIGN_IN_FAILED
from blankett.engine.store.timestamps import write_moment
from blankett.web.services import services, services_of

log = logging.getLogger("blankett.web")

#: Seconds between two looks for minutes that are over.
EVERY = 5.0
#: Accounts and networks whose failed attempts are remembered until they are noted.
MOST_FAILURES = 1_000
#: (minute, what was typed as the address, the network)
Failure = tuple[str, str, str]


def init_failures(app: Flask) -> None:
    """Remember failed attempts until they are noted."""
    app.extensions["failures"] = Counter[Failure]()


def remember_failure(account: str, network: str) -> None:
    """Count a failed attempt to sign in, for its account and minute."""
    minute = services().clock().replace(second=0, microsecond=0)
    failures: Counter[Failure] = current_app.extensions["failures"]
    key = (write_moment(minute), account, network)
    if key in failures or len(failures) < MOST_FAILURES:
        failures[key] += 1


def start_noting_failures(app: Flask) -> None:
    """Note failed attempts every few seconds until the process ends: they are in its memory, so no worker can."""
    threading.Thread(target=_note_again, args=(app,), name="failed sign-ins", daemon=True).start()


def _note_again(app: Flask) -> None:
    while True:
        time.sleep(EVERY)
        try:
            note_failures(app)
        except Exception:
            log.exception("failed attempts to sign in could not be noted; it is tried again")


def note_failures(app: Flask) -> None:
    """Note the failed attempts of minutes that are over; nothing where others write now."""
    kept = services_of(app)
    failures: Counter[Failure] = app.extensions["failures"]
    until = write_moment(kept.clock() - timedelta(minutes=1))
    over = [key for key in list(failures) if key[0] <= until]
    organisation = kept.organisation_id() if over else None
    if organisation is None:
        return
    with suppress(DatabaseFault):
        with kept.store.writing(patience=0) as writing:
            for minute, account, network in over:
                said = write_json({"count": failures[(minute, account, network)], "network": network})
                writing.note(organisation, SIGN_IN_FAILED, account, said=said, at=minute)
        for key in over:
            failures.pop(key, None)
