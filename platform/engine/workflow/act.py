"""What is asked of an approval, and what comes of it: acts, outcomes, refusals, who owes what, and the log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

from blankett.engine.language.grammar.approvals import PersonalVerb
from blankett.engine.sentences import Sentence
from blankett.engine.workflow.course import Course, Values
from blankett.engine.workflow.facts import MACHINE

Verb = Literal["start", PersonalVerb, "comment", "hand_over", "time_out", "change", "people_changed", "migrate"]
#: What becomes of the record. requested: to `during` · completed: to `to` · reopened: back to `during` from where a
#: decision had led it · the others: to the state of that name, withdrawn as returned.
Transition = Literal["requested", "completed", "rejected", "returned", "withdrawn", "reopened"]


@dataclass(frozen=True)
class ApprovalAct:
    """What somebody asks to be done. What a verb has no use for is left as it is."""

    verb: Verb
    actor: str = MACHINE
    #: The step it is about; "" where the actor has one part only, or the verb is about the whole.
    step: str = ""
    #: The opening of the step that the actor saw; 0: not said.
    opening: int = 0
    #: The seat, of the step, that is transferred, removed or decided; 0: the actor's own.
    seat: int = 0
    #: The covered values that the actor saw; None: not said.
    saw: Values | None = None
    comment: str = ""
    signature: str = ""
    #: The step to return to, or to open again; "" is the start.
    to: str = ""
    #: After a return: the steps between again, or straight back.
    then: Literal["rerun", "straight"] = "rerun"
    #: Who gets it, is added, asked or named; of `hand_over`: who leaves, and who takes over.
    users: tuple[str, ...] = ()
    until: date | None = None
    #: The number of the question that is answered.
    question: int = 0
    #: Whether the clock stands until the answer.
    waits: bool = False
    #: One of several that are decided at once.
    bulk: bool = False


@dataclass(frozen=True, order=True)
class Duty:
    """What somebody owes: one row of the inbox."""

    #: decide: `part` is a seat · answer: a question · revise: what was returned to them.
    kind: Literal["decide", "answer", "revise"]
    step: str
    opening: int
    part: int
    user: str
    #: In whose place.
    behalf: str = ""
    due: datetime | None = field(default=None, compare=False)


@dataclass(frozen=True)
class ApprovalNotice:
    """What somebody is told, beside their duties."""

    #: None: those who manage the approval.
    user: str | None
    sentence: Sentence


@dataclass(frozen=True)
class LogEntry:
    """What one act did: for the history, and as the patch by which the course can be replayed."""

    verb: Verb
    actor: str
    at: datetime
    #: The row of the table that answered.
    row: str
    round: int
    step: str = ""
    behalf: str = ""
    comment: str = ""
    #: (what, step, person) in order: ``("opened", "director", "")``, ``("added", "sales", "u3")``.
    happened: tuple[tuple[str, str, str], ...] = ()
    #: JSON merge patch of the course.
    patch: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {
            **{name: value for name in _TEXTS if (value := getattr(self, name))},
            "at": self.at.isoformat(),
            "round": self.round,
            "happened": [list(each) for each in self.happened],
            "patch": dict(self.patch),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> LogEntry:
        """Return the entry of its JSON; keys that are not known are passed over."""
        return cls(
            verb=data["verb"],
            actor=data.get("actor", MACHINE),
            row=data["row"],
            at=datetime.fromisoformat(data["at"]),
            round=data["round"],
            happened=tuple((what, step, who) for what, step, who in data["happened"]),
            patch=data["patch"],
            **{name: data.get(name, "") for name in ("step", "behalf", "comment")},
        )


_TEXTS = ("verb", "actor", "row", "step", "behalf", "comment")


@dataclass(frozen=True)
class ApprovalOutcome:
    """An act that was done."""

    course: Course
    entry: LogEntry
    #: What the actor reads.
    sentence: Sentence
    transition: Transition | None
    #: Whether the effects of the action run: at the first completion only.
    runs_effects: bool
    opened: tuple[Duty, ...]
    closed: tuple[Duty, ...]
    notices: tuple[ApprovalNotice, ...]

    @property
    def row(self) -> str:
        """Return the row of the table that answered."""
        return self.entry.row


@dataclass(frozen=True)
class ApprovalRefusal:
    """An act that was not done, by which row of the table, and what the actor reads."""

    row: str
    sentence: Sentence
