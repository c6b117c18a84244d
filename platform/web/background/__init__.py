"""What a server does beside its answers: threads that work again and again until the process ends."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

log = logging.getLogger("blankett.web")


def repeat_beside(name: str, every: float, work: Callable[[], None], failed: str, *, first_after: float = 0) -> None:
    """Do *work* every so many seconds in a thread called *name*; *failed* is logged where it raises, and it goes on."""
    threading.Thread(target=_repeat, args=(every, work, failed, first_after), name=name, daemon=True).start()


def _repeat(every: float, work: Callable[[], None], failed: str, first_after: float) -> None:
    time.sleep(first_after)
    while True:
        try:
            work()
        except Exception:
            log.exception(failed)
        time.sleep(every)
