"""One act in what surrounds it: the step and the seat it is about, and what doing it would come to."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from blankett.engine.workflow.act import ApprovalAct
from blankett.engine.workflow.course import ApprovalSeat, Course, StepCourse
from blankett.engine.workflow.facts import MACHINE, ApprovalFacts
from blankett.engine.workflow.tally import Tally, count_votes
from blankett.engine.workflow.terms import ApprovalTerms, StepTerms


@dataclass(frozen=True)
class Matter:
    """An act, and all that is asked to answer it."""

    terms: ApprovalTerms
    course: Course | None
    act: ApprovalAct
    facts: ApprovalFacts
    moment: datetime
    #: {operation: the course as it would become}, of those that were tried (`operations.trial`).
    tried: dict[str, Any] = field(default_factory=dict, repr=False)

    @property
    def actor(self) -> str:
        """Return who acts."""
        return self.act.actor

    @property
    def by_machine(self) -> bool:
        """Tell whether no person acts."""
        return self.act.actor == MACHINE

    @cached_property
    def running(self) -> Course:
        """Return the course; what asks for it comes after the row for no course."""
        if self.course is None:
            raise LookupError("no approval was asked for")
        return self.course

    @cached_property
    def run(self) -> StepCourse | None:
        """Return how far the step is that the act is about: the one it names, else the one in which the actor has a
        part now, else the first that is open.
        """
        if self.act.step or self.course is None:
            return self.course.step(self.act.step) if self.course is not None else None
        own = [run for run in self.course.open_steps() if self.seats_of(run, self.actor)]
        wanted = [run for run in own if any(run.may_vote(seat) for seat in self.seats_of(run, self.actor))]
        asked = [run for run in self.course.open_steps() if any(each.to == self.actor for each in run.questions)]
        return next(iter((*wanted, *own, *asked, *self.course.open_steps(), *reversed(self.course.steps))), None)

    @cached_property
    def step(self) -> StepTerms | None:
        """Return the terms of that step."""
        return self.terms.step(self.run.key) if self.run is not None else None

    @cached_property
    def seat(self) -> ApprovalSeat | None:
        """Return the actor's seat: one that may decide now before one that may not, their own before another's."""
        if self.run is None:
            return None
        found = self.seats_of(self.run, self.actor)
        return min(found, key=lambda seat: (not self._decides(seat), seat.user != self.actor), default=None)

    def _decides(self, seat: ApprovalSeat) -> bool:
        return self.run is not None and self.run.may_vote(seat)

    @cached_property
    def named_seat(self) -> ApprovalSeat | None:
        """Return the seat that the act names, else the actor's own."""
        if self.act.seat:
            return self.run.seat(self.act.seat) if self.run is not None else None
        return self.seat

    def seats_of(self, run: StepCourse, user: str) -> tuple[ApprovalSeat, ...]:
        """Return the seats of a step in which a person may decide, as who was asked or in their place."""
        if not user:
            return ()
        return tuple(seat for seat in run.seats if seat.user == user or self.is_deputy(seat, user))

    def is_deputy(self, seat: ApprovalSeat, user: str) -> bool:
        """Tell whether a person may decide in the place of who was asked, today."""
        return any(
            deputy.user == user and (deputy.until is None or deputy.until >= self.facts.today)
            for deputy in seat.deputies
        )

    @property
    def behalf(self) -> str | None:
        """Return in whose place the actor decides; None in their own."""
        return self.seat.user if self.seat is not None and self.seat.user != self.actor else None

    @cached_property
    def tally(self) -> Tally | None:
        """Return what the decisions in the step come to."""
        if self.run is None or self.step is None:
            return None
        return count_votes(self.step.quorum, self.run.seats)

    @property
    def kind(self) -> str:
        """Return the kind of the step: what its quorum counts."""
        return self.step.quorum.kind if self.step is not None else "any"

    def only_name(self) -> str:
        """Return the first person whom the act names, or nothing."""
        return self.act.users[0] if self.act.users else ""
