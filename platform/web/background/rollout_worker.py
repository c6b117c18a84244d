"""What published versions still do to the records, in steps, whoever published them.

Every process that answers looks after it; one at a time takes the steps of a rollout, and a process that is killed is
followed by another, or by itself when it starts again.
"""

from __future__ import annotations

from contextlib import suppress

from flask import Flask

from blankett.engine.publish.rollout import PAUSE, Pace, resume_rollouts, this_process
from blankett.engine.store.database_faults import DatabaseFault
from blankett.web.background import repeat_beside
from blankett.web.services import services_of

#: Seconds between two looks whether there is something to do.
EVERY = 2.0


def start_rollouts(app: Flask) -> None:
    """Take the steps of rollouts until the process ends."""
    repeat_beside("rollout", EVERY, lambda: resume_now(app), "a rollout could not go on; it is tried again")


def resume_now(app: Flask, pause: float = PAUSE) -> None:
    """Go on with every rollout that has not ended, unless others are at it; nothing while nothing can be written."""
    kept = services_of(app)
    organisation = kept.organisation()
    if organisation is not None:
        with suppress(DatabaseFault):
            resume_rollouts(kept.engine, organisation.id, this_process(), Pace(pause=pause))
