"""What one evaluation may use: steps, depth of calls, sizes of what it makes. Counted where things repeat or grow."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from time import monotonic
from typing import Any as Value
from typing import Final
from zoneinfo import ZoneInfo

from blankett.engine.calendar import Calendar
from blankett.engine.departments import NO_DEPARTMENTS, Directory
from blankett.engine.feel.errors import BudgetExceeded
from blankett.engine.feel.values import Reference

MAX_TEXT: Final = 1_000_000
MAX_LIST: Final = 100_000
#: How deep lists and contexts may lie in each other.
MAX_NESTING: Final = 200
#: How deep functions may call each other.
MAX_CALLS: Final = 32
#: How long an evaluation that can take long may take.
MAX_SECONDS: Final = 5
_STEPS_BETWEEN_LOOKS: Final = 500


def no_rate(source: str, target: str, day: date) -> Decimal | None:
    """Know no currency rates."""
    return None


def no_calendar(key: str) -> Calendar | None:
    """Know no calendars."""
    return None


def no_directory() -> Directory:
    """Know no departments."""
    return NO_DEPARTMENTS


#: Steps of all evaluations of one request, and of one save: ten times what one evaluation may take.
STEPS_TOGETHER: Final = 1_000_000


class Purse:
    """What several evaluations may use together. When it is empty, each further one that counts steps ends at once."""

    __slots__ = ("left", "limit")

    def __init__(self, steps: int = STEPS_TOGETHER) -> None:
        self.limit = self.left = steps


@dataclass(frozen=True, slots=True)
class Moment:
    """What an evaluation needs beside its names.

    The time, the zone of `today()`, and who answers for the world outside.
    """

    #: Aware; the same for the whole evaluation.
    now: datetime
    zone: ZoneInfo
    #: (from, to, day) -> how much of *to* one of *from* is, or None where no rate is known.
    rate: Callable[[str, str, date], Decimal | None] = no_rate
    #: key -> the calendar of the organisation, or None where it has none.
    calendar: Callable[[str], Calendar | None] = no_calendar
    #: The departments of the organisation, and a person of it as formulas see them.
    directory: Callable[[], Directory] = no_directory
    person: Callable[[str], Reference] = Reference
    language: str = "en"
    #: Loop rounds and function calls one evaluation may take.
    steps: int = 100_000
    #: {name: implementation} of the functions that the scope declares beside the standard's.
    functions: Mapping[str, Callable[..., Value]] = field(default_factory=dict)
    #: What this evaluation shares with others; None where it stands alone.
    purse: Purse | None = field(default=None, compare=False)


class Run:
    """One evaluation under way."""

    __slots__ = ("calls", "deadline", "given", "left", "look_at", "moment")

    def __init__(self, moment: Moment) -> None:
        self.moment = moment
        purse = moment.purse
        #: Steps it began with: fewer where others have used what they share.
        self.given = self.left = moment.steps if purse is None else min(moment.steps, purse.left)
        self.calls = 0
        #: When so many steps are left, the clock is looked at.
        self.look_at = self.left - _STEPS_BETWEEN_LOOKS
        self.deadline: float | None = None

    def spend(self, steps: int) -> None:
        """Take *steps* from what is left. Raises BudgetExceeded."""
        self.left -= steps
        if self.left < self.look_at:
            self.look()

    def look(self) -> None:
        """Raise BudgetExceeded where the steps, or the seconds, are used up: some steps take longer than others."""
        if self.left < 0:
            if self.given < self.moment.steps and self.moment.purse is not None:
                raise BudgetExceeded("feel.budget_together", {"limit": self.moment.purse.limit})
            raise BudgetExceeded("feel.budget_steps", {"limit": self.moment.steps})
        self.look_at = self.left - _STEPS_BETWEEN_LOOKS
        now = monotonic()
        if self.deadline is None:
            self.deadline = now + MAX_SECONDS
        elif now > self.deadline:
            raise BudgetExceeded("feel.budget_time", {"limit": MAX_SECONDS})

    def settle(self) -> None:
        """Take what was used from what is shared: called once, when the evaluation ends."""
        purse = self.moment.purse
        if purse is not None:
            purse.left = max(0, purse.left - (self.given - self.left))

    def enter_call(self) -> None:
        """Go one function call deeper. Raises BudgetExceeded."""
        self.spend(1)
        self.calls += 1
        if self.calls > MAX_CALLS:
            raise BudgetExceeded("feel.budget_depth", {"limit": MAX_CALLS})

    def leave_call(self) -> None:
        """Come back from a function call."""
        self.calls -= 1


class _Current(threading.local):
    """The evaluation of this thread, for what walks through large values deep inside the operators."""

    run: Run | None = None


CURRENT: Final = _Current()


def charge(steps: int) -> None:
    """Take *steps* from what is left of this thread's evaluation. Raises BudgetExceeded.

    A list that holds another one twice, and so on, is small but long to walk through: every walk pays.
    """
    run = CURRENT.run
    if run is not None:
        run.spend(steps)


def charge_for(value: Value) -> None:
    """Take the steps that going once through *value*, a list or text, is worth. Raises BudgetExceeded."""
    if type(value) is list:
        charge(len(value) // 16)
    elif type(value) is str:
        charge(len(value) // 256)


def refuse_long_text(length: int) -> None:
    """Raise BudgetExceeded where a text of *length* characters would be too long."""
    if length > MAX_TEXT:
        raise BudgetExceeded("feel.budget_text", {"limit": MAX_TEXT})


def refuse_long_list(length: int) -> None:
    """Raise BudgetExceeded where a list of *length* items would be too long."""
    if length > MAX_LIST:
        raise BudgetExceeded("feel.budget_list", {"limit": MAX_LIST})
