"""The terms of an approval: its steps, how many must agree, and its policies, as the blueprint says them.

They hold no formula: whether a step applies and whom it asks is answered outside and handed in as facts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from types import MappingProxyType
from typing import Final, Literal

from blankett.engine.formula import Words

#: any: who comes first decides, either way · all · count: so many · percent: of those asked · weight: so much weight.
QuorumKind = Literal["any", "all", "count", "percent", "weight"]
#: What becomes of a step that nobody decided in time.
Overdue = Literal["remind", "escalate", "approve", "reject", "return"]
#: When a decision needs a comment: to reject or return, never, always.
CommentPolicy = Literal["decline", "never", "always"]

DECLINES: Final = frozenset({"reject", "return"})
DECISIONS: Final = DECLINES | {"approve"}
NO_TITLE: Final = Words({})


@dataclass(frozen=True, slots=True)
class Quorum:
    """How many of those asked must agree. One who says no in `any` rejects; elsewhere the rest may still be enough."""

    kind: QuorumKind = "any"
    #: People, percent or weight; nothing for `any` and `all`.
    count: int = 0


@dataclass(frozen=True)
class StepTerms:
    """One step of an approval."""

    key: str
    title: Words = NO_TITLE
    #: Steps that stand one after the other with the same group are open side by side; all of them must be given.
    group: str = ""
    quorum: Quorum = Quorum()
    #: What its approvers agree to: paths of values. None: what the approval covers.
    covers: frozenset[str] | None = None
    #: What an approver sees first, in this order.
    decide_on: tuple[str, ...] = ()
    comment: CommentPolicy | None = None
    #: Approvers sign with a name or a picture.
    signed: bool = False
    #: None: nobody is hurried.
    overdue: Overdue | None = None


@dataclass(frozen=True)
class ApprovalTerms:
    """An approval as one version of a blueprint has it."""

    key: str
    version: int
    #: In order.
    steps: tuple[StepTerms, ...]
    title: Words = NO_TITLE
    #: What was agreed to, by value: a later change of one of these paths opens the approval again.
    covers: frozenset[str] = frozenset()
    #: Whether whoever asked may decide.
    own: bool = False
    #: Whether somebody who gave the step before is taken to give this one too: A, A, B, A asks A, B, A.
    skips_repeats: bool = False
    comment: CommentPolicy = "decline"
    #: How long a decision can be taken back.
    grace: timedelta = timedelta(minutes=10)
    #: {key of now: key it had}, for courses that began under an older version.
    was: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def step(self, key: str) -> StepTerms | None:
        """Return the step of that key."""
        return next((step for step in self.steps if step.key == key), None)

    def position(self, key: str) -> int:
        """Return where in the order a step's stage stands, from 0; -1 for a step that is not there."""
        return next((at for at, stage in enumerate(self.stages()) if any(step.key == key for step in stage)), -1)

    def stages(self) -> tuple[tuple[StepTerms, ...], ...]:
        """Return the steps by what is open together: a step alone, or a group side by side."""
        found: list[list[StepTerms]] = []
        for step in self.steps:
            if found and step.group and found[-1][-1].group == step.group:
                found[-1].append(step)
            else:
                found.append([step])
        return tuple(map(tuple, found))

    def covered_by(self, step: StepTerms) -> frozenset[str]:
        """Return the paths that the approvers of a step agree to."""
        return self.covers if step.covers is None else step.covers

    def all_covered(self) -> frozenset[str]:
        """Return every path that somebody agrees to."""
        return self.covers.union(*(self.covered_by(step) for step in self.steps))

    def wants_comment(self, step: StepTerms, verb: str) -> bool:
        """Tell whether a decision needs a comment."""
        policy = step.comment or self.comment
        return policy == "always" or (policy == "decline" and verb in DECLINES)
