"""The course of one approval: its steps with who was asked and why, what they decided on which values, what waits.

Everything is immutable and becomes JSON that later versions read: what is not told is as it is by default, and keys
that are not known are left alone.
"""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, Final, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

#: The form of the JSON that is written.
FORMAT: Final = 1

#: running: steps wait for somebody · the others: it is over.
CourseStatus = Literal["running", "given", "rejected", "returned", "withdrawn"]
StepStatus = Literal["waiting", "open", "held", "given", "rejected", "returned", "skipped", "withdrawn"]
#: Steps that wait for no more.
SETTLED: Final = frozenset({"given", "skipped"})
#: Steps in which somebody is asked.
ASKS: Final = frozenset({"open", "held"})
#: {path: value}, in the order of the paths: a value that is null stays one in a patch.
Values = tuple[tuple[str, Any], ...]

Kept = TypeVar("Kept")


@dataclass(frozen=True, slots=True)
class SeatGround:
    """Why somebody was asked: ``role finance``, ``field seller``, ``table approvers row 4``, ``head sales``."""

    kind: Literal["role", "field", "user", "formula", "table", "head", "added", "transferred", "named", "inherited"]
    name: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Deputy:
    """Somebody who may decide in another's place, beside them; one of the two decides."""

    user: str
    kind: Literal["substitute", "delegate", "superior"]
    #: The last day on which they may.
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Vote:
    """What somebody decided, on which values."""

    is_yes: bool
    by: str
    at: datetime
    #: In whose place, where not in one's own.
    behalf: str | None = None
    comment: str = ""
    signature: str = ""
    values: Values = ()
    #: person · repeat: gave the step before · timer: nobody decided in time.
    how: Literal["person", "repeat", "timer"] = "person"


@dataclass(frozen=True, slots=True)
class ApprovalSeat:
    """One who is asked in a step, and their decision."""

    id: int
    user: str
    ground: SeatGround
    weight: int = 1
    #: Who added them, where they were not asked by the terms. Then the step is not given without them.
    added_by: str | None = None
    placed: Literal["", "before", "beside", "after"] = ""
    #: Seats that decide before this one.
    waits_for: tuple[int, ...] = ()
    deputies: tuple[Deputy, ...] = ()
    #: Who had the seat before, the first first.
    former: tuple[str, ...] = ()
    vote: Vote | None = None
    #: What they had decided before it was opened again.
    earlier: Vote | None = None


@dataclass(frozen=True, slots=True)
class ApprovalQuestion:
    """A question of an approver, whose clock stands until the answer where it says so."""

    id: int
    by: str
    to: str
    text: str
    at: datetime
    waits: bool = False
    answer: str | None = None
    answered_at: datetime | None = None
    #: No answer is wanted any more.
    dropped: bool = False

    @property
    def is_open(self) -> bool:
        """Tell whether an answer is wanted."""
        return self.answer is None and not self.dropped


@dataclass(frozen=True, slots=True)
class StepHold:
    """A step that was put aside."""

    by: str
    at: datetime
    until: date | None = None
    comment: str = ""


@dataclass(frozen=True, slots=True)
class StepCourse:
    """How far one step is."""

    key: str
    status: StepStatus = "waiting"
    #: Which opening this is, counted over the course; what was meant for an earlier one does not count.
    opening: int = 0
    opened_at: datetime | None = None
    closed_at: datetime | None = None
    due: datetime | None = None
    seats: tuple[ApprovalSeat, ...] = ()
    #: Not asked, and why: (user, requester | inactive | blind | lost).
    left_out: tuple[tuple[str, str], ...] = ()
    #: What its formulas had answered when it opened.
    grounds: str = ""
    #: Why it was skipped: condition, repeat, version.
    skipped: Literal["", "condition", "repeat", "version"] = ""
    hold: StepHold | None = None
    questions: tuple[ApprovalQuestion, ...] = ()
    #: Those asked cannot be enough, or nobody could be asked; managers were told.
    is_short: bool = False
    #: It waits for an earlier step that was opened again, and what was decided in it still holds.
    is_parked: bool = False

    @property
    def asks(self) -> bool:
        """Tell whether somebody is asked now."""
        return self.status in ASKS

    @property
    def is_settled(self) -> bool:
        """Tell whether it waits for nobody any more and the next may be asked."""
        return self.status in SETTLED

    @property
    def clock_stands(self) -> bool:
        """Tell whether its time does not run."""
        return self.hold is not None or any(each.waits and each.is_open for each in self.questions)

    def seat(self, id: int) -> ApprovalSeat | None:
        """Return the seat of that number."""
        return next((seat for seat in self.seats if seat.id == id), None)

    def may_vote(self, seat: ApprovalSeat) -> bool:
        """Tell whether a seat's decision is wanted now: there is none, and who comes before it has decided."""
        if self.status != "open" or seat.vote is not None:
            return False
        return all(other is None or other.vote is not None for other in map(self.seat, seat.waits_for))


@dataclass(frozen=True, slots=True)
class LastDecision:
    """What can still be taken back, and the patch that does it."""

    by: str
    at: datetime
    step: str
    verb: str
    #: JSON merge patch of the course, as text.
    undo: str


@dataclass(frozen=True, slots=True)
class Course:
    """One approval on its way."""

    approval: str
    version: int
    requester: str
    began_at: datetime
    status: CourseStatus = "running"
    round: int = 1
    steps: tuple[StepCourse, ...] = ()
    #: Numbers of seats, questions and openings given so far; none is used twice.
    serial: int = 0
    #: What stands in the record of what is covered, when it was last looked at.
    values: Values = ()
    #: Who ended it, and when.
    ended_by: str | None = None
    ended_at: datetime | None = None
    #: The step to come back to when what was returned is there again.
    back_to: str = ""
    #: Was given before: effects of the action have run and do not run again.
    completed: bool = False
    #: Where the record stood when it was opened again after it had been given.
    reopened: Literal["", "to", "later"] = ""
    last: LastDecision | None = None
    format: int = FORMAT

    def step(self, key: str) -> StepCourse | None:
        """Return the step of that key."""
        return next((step for step in self.steps if step.key == key), None)

    @property
    def is_running(self) -> bool:
        """Tell whether somebody still decides."""
        return self.status == "running"

    def open_steps(self) -> tuple[StepCourse, ...]:
        """Return the steps that ask somebody now."""
        return tuple(step for step in self.steps if step.asks)

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON; what is as it is by default is left out."""
        return {**written(self), "format": FORMAT}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Course:
        """Return the course of a JSON that this or an earlier version wrote. A later one raises `ValueError`."""
        if data.get("format", FORMAT) > FORMAT:
            raise ValueError(f"the course of an approval is in format {data['format']}; this version reads {FORMAT}")
        return read_part(cls, data)


def written(part: Any) -> Any:
    """Return a dataclass, a sequence of them or a plain value as JSON, without attributes that are as by default."""
    attributes = _attributes(type(part))  # type: ignore[arg-type]
    if attributes:
        held = ((name, getattr(part, name), default) for name, default in attributes)
        return {name: written(value) for name, value, default in held if value != default}
    if isinstance(part, tuple):
        return [written(each) for each in part]
    return part.isoformat() if isinstance(part, date) else part


@cache
def _attributes(kind: type) -> tuple[tuple[str, Any], ...]:
    """Return the attributes of a dataclass with their defaults; none of another type."""
    if not dataclasses.is_dataclass(kind):
        return ()
    return tuple((each.name, each.default) for each in dataclasses.fields(kind))


def read_part(kind: type[Kept], data: Mapping[str, Any]) -> Kept:
    """Return a dataclass of this room from its JSON; keys that are not known are passed over."""
    hints = _hints(kind)  # type: ignore[arg-type]
    return kind(**{name: _read(hints[name], value) for name, value in data.items() if name in hints})


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _read(hint: Any, value: Any) -> Any:
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        return None if value is None else _read(next(each for each in get_args(hint) if each is not type(None)), value)
    if origin is tuple:
        return _read_tuple(get_args(hint), value)
    if origin is Literal:
        if value not in get_args(hint):
            raise ValueError(f"{value!r} is none of {get_args(hint)}")
        return value
    if dataclasses.is_dataclass(hint):
        return read_part(hint, value)  # type: ignore[arg-type]
    if hint is datetime or hint is date:
        return hint.fromisoformat(value)
    return value


def _read_tuple(hints: tuple[Any, ...], value: Any) -> tuple[Any, ...]:
    if len(hints) == 2 and hints[1] is Ellipsis:
        return tuple(_read(hints[0], each) for each in value)
    return tuple(_read(hint, each) for hint, each in zip(hints, value, strict=True))
