"""The one list of the kinds of jobs."""

from __future__ import annotations

from collections.abc import Mapping

from blankett.engine.jobs.base import JobKind
from blankett.engine.jobs.deadlines_job import DeadlinesJob
from blankett.engine.jobs.handover_job import HandoverJob
from blankett.engine.jobs.letter_job import LetterJob
from blankett.engine.jobs.rollout_job import RolloutJob
from blankett.engine.store.jobs import Job

ALL: tuple[JobKind, ...] = (RolloutJob(), HandoverJob(), DeadlinesJob(), LetterJob())

#: By the name in the rows of jobs.
KINDS: Mapping[str, JobKind] = {kind.name: kind for kind in ALL}
assert len(KINDS) == len(ALL), "two kinds of jobs have one name"


def kind_of(job: Job) -> JobKind | None:
    """Return the kind of a job; None where this version of Blankett does not know it, or not what the job is about."""
    kind = KINDS.get(job.kind)
    return kind if kind is not None and kind.misfit(job) is None else None
