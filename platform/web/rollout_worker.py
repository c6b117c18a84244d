"""Work in the background: what published versions still do to the records, in steps, whoever published them.

Every process that answers looks after it; one at a time takes the steps of a rollout, and a process that is killed is
followed by another, or by itself when it starts again.
"""

from __future__ import annotations

import logging
import threading
import time
from contextlib import suppress

from flask import Flask

from blankett.engine.publish.rollout import PAUSE, resume_rollouts, this_process
from blankett.engine.store.database_faults import DatabaseFault
from blankett.web.services import services_of

#: Seconds between two looks whether there is something to do.
EVERY = 2.0

log = logging.getLogger("blankett.web")


def start_rollouts(app: Flask) -> None:
    """Take the steps of rollouts until the process ends."""
    threading.Thread(target=_resume_for_ever, args=(app,), name="rollout", daemon=True).start()


def _resume_for_ever(app: Flask) -> None:
    while True:
        try:
            resume_now(app)
        except Exception:
            log.exception("a rollout could not go on; it is tried again")
        time.sleep(EVERY)


def resume_now(app: Flask, pause: float = PAUSE) -> None:
    """Go on with every rollout that has not ended, unless others are at it; nothing while nothing can be written."""
    kept = services_of(app)
    organisation = kept.organisation()
    if organisation is not None:
        with suppress(DatabaseFault):
            resume_rollouts(kept.engine, organisation.id, this_process(), pause=pause)
