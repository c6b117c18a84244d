"""The job of a calendar that was changed: deadlines that count in it are worked out anew."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, ClassVar

from blankett.engine.jobs.base import JobKind, StepResult
from blankett.engine.publish.migrate import locked_records, set_aside
from blankett.engine.records import Engine
from blankett.engine.records.blueprint_cache import Catalog
from blankett.engine.records.timers import machine
from blankett.engine.records.write.timers import put_timers
from blankett.engine.store import StoredCalendar, Writing
from blankett.engine.store.jobs import Job, add_job, lock_job, put_job
from blankett.engine.store.timers import count_timed_by, records_timed_by

#: Records of one step.
STEP = 50


def change_calendar(
    writing: Writing, organisation: str, calendar: StoredCalendar, by: str, now: datetime
) -> int | None:
    """Keep a calendar over the one that was seen, and let the deadlines that count in it be worked out anew; return how
    many there are, or None where somebody else was faster.
    """
    if not writing.put_calendar(organisation, calendar):
        return None
    count = count_timed_by(writing, organisation, calendar.key)
    if count:
        args = {"calendar": calendar.key, "after": ""}
        add_job(writing, organisation, DeadlinesJob.name, calendar.key, now, by=by, args=args)
    return count


class DeadlinesJob(JobKind):
    """Works deadlines out anew, record by record in the order of their ids; its own row says how far it is."""

    name = "deadlines"
    title = "jobs.deadlines"
    job_title = "jobs.deadlines_of"
    progress = "jobs.records_done"
    args_schema: ClassVar[Mapping[str, Any]] = {
        "type": "object",
        "properties": {"calendar": {"type": "string"}, "after": {"type": "string"}},
        "required": ["calendar", "after"],
        "additionalProperties": False,
    }

    def take_step(self, engine: Engine, job: Job, worker: str) -> StepResult:
        """Work out the deadlines of the next records."""
        with engine.store.writing() as writing:
            held = lock_job(writing, job.organisation, job.id)
            if held is None or held.run != job.run:
                return StepResult("done", job.done, job.total)
            calendar, after = str(held.args["calendar"]), str(held.args["after"])
            ids = records_timed_by(writing, job.organisation, calendar, after, STEP)
            _work_out(engine, writing, job.organisation, ids)
            done = held.done + len(ids)
            if ids:
                put_job(writing, replace(held, done=done, args={"calendar": calendar, "after": ids[-1]}))
        return StepResult("again" if len(ids) == STEP else "done", done)

    def subject(self, catalog: Catalog, job: Job) -> Mapping[str, object]:
        """Return the calendar's title."""
        key = str(job.args["calendar"])
        found = catalog.reading.calendar(job.organisation, key)
        return {"calendar": found.title if found is not None else key}


def _work_out(engine: Engine, writing: Writing, organisation: str, ids: list[str]) -> None:
    unit = engine.unit(writing, machine(organisation))
    for stored in locked_records(writing, unit, ids):
        unit.works.clear()
        with set_aside(writing, unit, stored):
            put_timers(writing, unit, unit.open(unit.linked.note(stored)), recounted=True)
