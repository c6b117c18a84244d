"""The job of somebody who leaves: their records go to another, one after the other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from blankett.engine.jobs.base import JobKind, StepResult
from blankett.engine.people.handover import HANDOVER_JOB, hand_records_over
from blankett.engine.records import Engine
from blankett.engine.records.blueprint_cache import Catalog
from blankett.engine.store.jobs import Job


class HandoverJob(JobKind):
    """Hands records over, some in each step; each is a command of its own, and none is left once it was handed over."""

    name = HANDOVER_JOB
    title = "jobs.handover"
    job_title = "jobs.handover_of"
    progress = "jobs.records_done"
    args_schema: ClassVar[Mapping[str, Any]] = {
        "type": "object",
        "properties": {"leaver": {"type": "string"}, "heir": {"type": "string"}},
        "required": ["leaver", "heir"],
        "additionalProperties": False,
    }

    def take_step(self, engine: Engine, job: Job, worker: str) -> StepResult:
        """Hand the next records over."""
        done, is_more = hand_records_over(engine, job, job.args["leaver"], job.args["heir"])
        return StepResult("again" if is_more else "done", job.done + done, 0)

    def subject(self, catalog: Catalog, job: Job) -> Mapping[str, object]:
        """Return the names of both."""
        people = catalog.reading.users(job.organisation, (job.args["leaver"], job.args["heir"]))
        return {
            name: people[job.args[name]].name if job.args[name] in people else job.args[name]
            for name in ("leaver", "heir")
        }
