"""The job that sends the letters about a record."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, ClassVar

from blankett.engine.jobs.base import JobKind, Outcome, StepResult
from blankett.engine.letters.delivery import MOST_TRIES, send_next
from blankett.engine.records import Engine
from blankett.engine.records.blueprint_cache import Catalog
from blankett.engine.store.jobs import Job
from blankett.engine.store.outbox import LETTER_JOB

#: What became of the next letter → what is next.
NEXT: Mapping[str, Outcome] = {"sent": "again", "busy": "wait", "none": "done"}


class LetterJob(JobKind):
    """Sends letters, a step each. A mail server that takes none is asked again for a day."""

    name = LETTER_JOB
    title = "jobs.letters"
    job_title = "jobs.letters_of"
    progress = "jobs.letters_done"
    args_schema: ClassVar[Mapping[str, Any]] = {
        "type": "object",
        "properties": {"record": {"type": "string"}},
        "required": ["record"],
        "additionalProperties": False,
    }
    #: A letter is given up before its job is.
    most_tries: ClassVar[int] = MOST_TRIES + 1
    pauses: ClassVar[tuple[timedelta, ...]] = (
        timedelta(seconds=10),
        timedelta(minutes=1),
        timedelta(minutes=5),
        timedelta(minutes=15),
        timedelta(hours=1),
        timedelta(hours=3),
        timedelta(hours=6),
        timedelta(hours=12),
    )
    breath: ClassVar[float] = 0.0

    def take_step(self, engine: Engine, job: Job, worker: str) -> StepResult:
        """Send the next letter."""
        return StepResult(NEXT[send_next(engine, job.organisation, str(job.args["record"]), job.id)])

    def subject(self, catalog: Catalog, job: Job) -> Mapping[str, object]:
        """Return nothing: what a record is called is for those who may see it."""
        return {}
