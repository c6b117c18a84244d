"""What went wrong with durable-rules since this process started: counted, logged, and the latest ones kept."""

from __future__ import annotations

import logging
import threading
from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

#: How many faults are kept to be shown.
KEPT: Final = 50

_log: Final = logging.getLogger(__name__)
_lock: Final = threading.Lock()


@dataclass(frozen=True, slots=True)
class NotedFault:
    """Once that the predicates had to answer for durable-rules."""

    #: UTC, aware.
    at: datetime
    #: The form and the decision point: ``orders.order submit``.
    rules: str
    #: What went wrong, in English; never a value of the record.
    message: str


@dataclass(frozen=True, slots=True)
class Faults:
    """The faults of this process."""

    count: int
    #: The newest first.
    latest: tuple[NotedFault, ...]
    #: Since when they are counted: when this process first knew of rules. UTC, aware.
    since: datetime


class KeptFaults:
    """The faults so far."""

    def __init__(self) -> None:
        self.count = 0
        self.latest: deque[NotedFault] = deque(maxlen=KEPT)
        self.since = datetime.now(UTC)


_kept: Final = KeptFaults()


def note_fault(fault: NotedFault) -> None:
    """Count and log *fault*."""
    with _lock:
        _kept.count += 1
        _kept.latest.appendleft(fault)
    _log.error("durable-rules failed for %s, the predicates decided: %s", fault.rules, fault.message)


def faults() -> Faults:
    """Return what went wrong since this process started."""
    with _lock:
        return Faults(_kept.count, tuple(_kept.latest), _kept.since)
