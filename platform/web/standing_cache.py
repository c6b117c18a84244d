"""What follows from somebody's standing alone (who they are, their roles, the versions, the day), kept for as long as
that is the same. It is shown, and decides nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from blankett.engine.records.read.inbox import Standing, standing
from blankett.engine.records.unit_of_work import Unit

#: People whose standing is known; when there are more, all are forgotten.
MOST_KNOWN = 1_000

T = TypeVar("T")


class KeptByStanding(Generic[T]):
    """Something of each of a few people; when there are more, all is forgotten."""

    def __init__(self, most: int = MOST_KNOWN) -> None:
        self._most = most
        self._kept: dict[tuple[str, str], tuple[Standing, T]] = {}

    def of(self, now: Standing, make: Callable[[], T]) -> T:
        """Return what is kept of the actor whose standing is *now*, or what *make* gives where it is another one."""
        key = (now.actor.organisation, now.actor.user)
        kept = self._kept.get(key)
        if kept is not None and kept[0] == now:
            return kept[1]
        if len(self._kept) >= self._most:
            self._kept.clear()
        made = make()
        self._kept[key] = (now, made)
        return made


class Standings:
    """The standing of people as it was found last."""

    def __init__(self) -> None:
        self._known: KeptByStanding[Standing] = KeptByStanding()

    def of(self, unit: Unit) -> Standing:
        """Return the actor's standing: the very one of before where it is the same, which is quickly compared."""
        now = standing(unit)
        return self._known.of(now, lambda: now)
