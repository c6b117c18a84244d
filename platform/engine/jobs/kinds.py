"""The one list of the kinds of jobs."""

from __future__ import annotations

from collections.abc import Mapping

from blankett.engine.jobs.base import JobKind
from blankett.engine.jobs.rollout_job import RolloutJob

ALL: tuple[JobKind, ...] = (RolloutJob(),)

#: By the name in the rows of jobs.
KINDS: Mapping[str, JobKind] = {kind.name: kind for kind in ALL}
assert len(KINDS) == len(ALL), "two kinds of jobs have one name"
