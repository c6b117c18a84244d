"""What is the case when somebody acts on an approval, worked out by those who can read records and people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from types import MappingProxyType
from typing import Any, Final, Literal

from blankett.engine.sentences import Sentence
from blankett.engine.workflow.course import SeatGround, Values

#: The actor of timers, of changed rights and of a version that moves.
MACHINE: Final = ""
#: Where the record stands. during: the approval's state · to: where it led when it was given · rejected, returned:
#: where the others led · later: beyond that · closed: final, or from where on nothing that was agreed may change.
RecordPlace = Literal["during", "to", "rejected", "returned", "later", "closed"]


@dataclass(frozen=True)
class PersonFacts:
    """What matters of a person."""

    name: str
    active: bool = True
    #: May view the record, and with it decide or answer.
    sees: bool = True
    #: May put approvals right: name who decides, withdraw, open again.
    manages: bool = False
    #: Who stands above them; asked when time is up.
    superior: str | None = None
    #: Away today, until that day.
    away_until: date | None = None
    #: Who stands in for them today, the first first.
    substitutes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Nominee:
    """Somebody whom a step is to ask."""

    user: str
    ground: SeatGround
    weight: int = 1


@dataclass(frozen=True)
class StepAnswer:
    """What a step's formulas answer now."""

    applies: bool = True
    nominees: tuple[Nominee, ...] = ()
    #: What was answered, before it is people: roles, fields, weights, the row of a table. A role's holders may come and
    #: go while it stays the same.
    grounds: str = ""
    #: When it would be due if it opened, or its clock went on, now.
    due: datetime | None = None
    #: Why it does not apply.
    reason: Sentence | None = None


@dataclass(frozen=True)
class ApprovalFacts:
    """All that is the case at the moment of an act."""

    #: {path: value as JSON} of all that the terms cover, as the record has it now.
    values: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    #: {step: what it would ask now}. A step that is not here does not apply.
    answers: Mapping[str, StepAnswer] = field(default_factory=lambda: MappingProxyType({}))
    #: Everybody who is named by the course, the answers or the act.
    people: Mapping[str, PersonFacts] = field(default_factory=lambda: MappingProxyType({}))
    place: RecordPlace = "during"
    #: What refuses that the action is completed now: its guard, or a check.
    obstacle: Sentence | None = None
    #: {path: what it is called}, for sentences.
    titles: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    #: What changed was done by the action itself, when it was given.
    is_own_doing: bool = False
    #: The day where the organisation is.
    today: date = date.min

    def name(self, user: str) -> str:
        """Return what a person is called; their id where nothing else is known."""
        return self.people[user].name if user in self.people else user

    def values_of(self, paths: frozenset[str]) -> Values:
        """Return the values at some paths, in the order of the paths."""
        return tuple((path, self.values.get(path)) for path in sorted(paths))

    def can_act(self, user: str) -> bool:
        """Tell whether a person is there and may see the record."""
        person = self.people.get(user)
        return person is not None and person.active and person.sees

    def manages(self, user: str) -> bool:
        """Tell whether a person may put approvals right."""
        return self.can_act(user) and self.people[user].manages

    def answer(self, step: str) -> StepAnswer:
        """Return what a step would ask."""
        return self.answers.get(step, _APPLIES_NOT)


_APPLIES_NOT: Final = StepAnswer(applies=False)
