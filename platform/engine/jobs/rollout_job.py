"""The job of a published version: what it still does to the records."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from blankett.engine.jobs.base import JobKind, StepResult
from blankett.engine.publish.rollout import ROLLOUT_JOB, Rollout, rollout_of_job, take_step
from blankett.engine.records import Engine
from blankett.engine.records.blueprint_cache import Catalog
from blankett.engine.store.jobs import Job
from blankett.engine.store.rollouts import find_row


class RolloutJob(JobKind):
    """Moves records to a version, step by step; the row of the rollout, written by each step, says how far it is."""

    name = ROLLOUT_JOB
    title = "jobs.rollout"
    job_title = "jobs.rollout_of"
    progress = "jobs.records_done"
    args_schema: ClassVar[Mapping[str, Any]] = {
        "type": "object",
        "properties": {"blueprint": {"type": "string"}, "number": {"type": "integer", "minimum": 1}},
        "required": ["blueprint", "number"],
        "additionalProperties": False,
    }

    def take_step(self, engine: Engine, job: Job, worker: str) -> StepResult:
        """Take the next step of the rollout; wait while a command or a request takes them."""
        with engine.store.reading() as reading:
            row = find_row(reading, *rollout_of_job(job))
        if row is None:
            return StepResult("done")
        found = take_step(engine, row, worker)
        if found is None:
            seen = Rollout.of(row)
            return StepResult("wait", seen.looked_at, seen.total)
        return StepResult("done" if found.is_done else "again", found.looked_at, found.total)

    def subject(self, catalog: Catalog, job: Job) -> Mapping[str, object]:
        """Return the blueprint's title and the version."""
        _, key, number = rollout_of_job(job)
        newest = catalog.newest_blueprint(key)
        return {"blueprint": newest.title if newest is not None else key, "number": number}
