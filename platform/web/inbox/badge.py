"""How many tasks wait for somebody, for the frame of every page.

Counting costs more than most pages, so it ends early, and an answer is kept for as long as nothing that it depends on
has changed. What is kept here is shown and decides nothing.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

from blankett.engine.records.read.inbox import Queue, Standing, TaskCount, task_count, task_queues
from blankett.engine.records.unit_of_work import Unit
from blankett.web.standing_cache import KeptByStanding

#: Counted up to here: who has more has many, and reads how many in the inbox.
MOST_COUNTED = 100
#: Of each form, so many records are asked one by one for the badge; when there are more, it says "at least".
MOST_ASKED = MOST_COUNTED
#: Answers kept; when there are more, all are forgotten.
MOST_KEPT = 10_000
#: People whose questions are kept as statements; when there are more, all are forgotten.
MOST_ASKED_OF = 32


@dataclass(frozen=True, slots=True)
class KeptTasks:
    """An answer, and what it held for."""

    count: TaskCount
    standing: Standing
    #: What had been written.
    revision: Hashable


class TaskBadge:
    """The answers that a process keeps, one for each person, and of a few the questions."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], KeptTasks] = {}
        self._queues: KeptByStanding[tuple[Queue, ...]] = KeptByStanding(MOST_ASKED_OF)

    def count(self, unit: Unit, now: Standing) -> TaskCount:
        """Return how many tasks the actor has, whose `standing` is *now*."""
        kept = self._kept.get((unit.actor.organisation, unit.actor.user))
        if kept is not None and kept.revision == unit.catalog.revision and kept.standing == now:
            return kept.count
        return self.keep(unit, now, task_count(unit, self.queues(unit, now), MOST_ASKED, MOST_COUNTED))

    def queues(self, unit: Unit, now: Standing) -> tuple[Queue, ...]:
        """Return where something may wait for the actor, whose `standing` is *now*. Putting it into SQL costs more than
        asking it.
        """
        return self._queues.of(now, lambda: task_queues(unit))

    def keep(self, unit: Unit, now: Standing, count: TaskCount) -> TaskCount:
        """Keep *count*, which was just worked out, as the answer of the actor, whose `standing` is *now*."""
        if len(self._kept) >= MOST_KEPT:
            self._kept.clear()
        if count.number >= MOST_COUNTED:
            count = TaskCount(MOST_COUNTED, False, count.asked)
        self._kept[(unit.actor.organisation, unit.actor.user)] = KeptTasks(count, now, unit.catalog.revision)
        return count
