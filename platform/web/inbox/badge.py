"""How many tasks wait for somebody, for the frame of every page.

Counting costs more than most pages, so an answer is kept while no record that could be one was written.
What is kept here is shown and decides nothing.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import datetime, timedelta

from blankett.engine.records.read.inbox import Queue, TaskCount, last_change, task_count, task_queues
from blankett.engine.records.unit import Unit

#: The clock and rates change tasks too: no answer is kept longer.
KEPT = timedelta(minutes=1)
#: An answer that so many records were asked for is kept a little while even where others write.
MANY_ASKED = 200
KEPT_AFTER_MANY = timedelta(seconds=15)
#: Answers kept; when there are more, all are forgotten.
MOST_KEPT = 10_000
#: People whose questions are kept as statements; when there are more, all are forgotten.
MOST_ASKED_OF = 32


@dataclass(frozen=True, slots=True)
class KeptCount:
    """An answer, and what it held for."""

    count: TaskCount
    at: datetime
    rights: Hashable
    #: When a record was last written, and how many commands this process had carried out.
    changed: tuple[str, int]


@dataclass(frozen=True, slots=True)
class KeptQueues:
    """Where something may wait for somebody, and what that held for."""

    queues: tuple[Queue, ...]
    at: datetime
    rights: Hashable


class TaskBadge:
    """The answers that a process keeps, one for each person, and of a few the questions."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], KeptCount] = {}
        self._queues: dict[tuple[str, str], KeptQueues] = {}

    def count(self, unit: Unit, commands: int) -> TaskCount:
        """Return how many tasks the actor has. *commands*: how many this process has carried out."""
        rights = rights_of(unit)
        changed = (last_change(unit), commands)
        kept = self._kept.get((unit.actor.organisation, unit.actor.user))
        if kept is not None and kept.rights == rights and _holds(kept, changed, unit.now):
            return kept.count
        asked = self._queues_of(unit, rights)
        return self.keep(unit, task_count(unit, asked.queues), changed, asked.at)

    def _queues_of(self, unit: Unit, rights: Hashable) -> KeptQueues:
        """Return where something may wait for the actor. Putting it into SQL costs more than asking it."""
        key = (unit.actor.organisation, unit.actor.user)
        kept = self._queues.get(key)
        if kept is not None and kept.rights == rights and timedelta() <= unit.now - kept.at < KEPT:
            return kept
        if len(self._queues) >= MOST_ASKED_OF:
            self._queues.clear()
        kept = self._queues[key] = KeptQueues(task_queues(unit), unit.now, rights)
        return kept

    def keep(self, unit: Unit, count: TaskCount, changed: tuple[str, int], at: datetime | None = None) -> TaskCount:
        """Keep *count* as the actor's answer, and return it. *at*: the moment that was asked for, if not now."""
        if len(self._kept) >= MOST_KEPT:
            self._kept.clear()
        key = (unit.actor.organisation, unit.actor.user)
        self._kept[key] = KeptCount(count, at or unit.now, rights_of(unit), changed)
        return count


def rights_of(unit: Unit) -> Hashable:
    """Return what the actor's rights follow from."""
    return frozenset(unit.actor.roles.items()), frozenset(unit.catalog.newest.items())


def _holds(kept: KeptCount, changed: tuple[str, int], now: datetime) -> bool:
    age = now - kept.at
    if not timedelta() <= age < KEPT:
        return False
    return kept.changed == changed or (kept.count.asked > MANY_ASKED and age < KEPT_AFTER_MANY)
