"""How a job comes from waiting to its end: given out, begun, stepped, failed, tried again, stopped.

Every change is one transaction that looks at the row anew under its lock. A run is one giving out of a job: what an
earlier run still wants to write is not taken, so that a worker that was thought dead spoils nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from blankett.engine.jobs.base import JobKind, Outcome, StepResult
from blankett.engine.jobs.kinds import KINDS
from blankett.engine.records import Engine
from blankett.engine.store import Store, Writing
from blankett.engine.store.database_faults import DatabaseFault
from blankett.engine.store.jobs import Job, due_jobs, find_job, lock_due_jobs, lock_job, put_job

log = logging.getLogger("blankett.work")

#: Characters that are kept of what an error says.
LONGEST_DETAIL = 2_000

#: Why a job failed: an error in a step; a worker that ended within one; a kind that this version does not know, or one
#: of which the job says something that this version does not understand.
ERROR, DIED, UNKNOWN, MISFIT = "jobs.why_error", "jobs.why_died", "jobs.why_unknown", "jobs.why_misfit"


@dataclass(frozen=True)
class RunId:
    """One giving out of a job."""

    organisation: str
    job: str
    run: int

    def __str__(self) -> str:
        return f"{self.organisation}/{self.job}/{self.run}"

    @classmethod
    def of(cls, job: Job) -> RunId:
        """Return the run that a job is in."""
        return cls(job.organisation, job.id, job.run)


#: Hands a run to whatever will do it, in the transaction that is given.
GiveOut = Callable[[Writing, RunId], None]
#: What somebody does with a job that is locked; returns None where there is nothing to change: `retry_job`, `stop_job`.
Change = Callable[[Writing, Job, datetime], Job | None]


def give_out(store: Store, now: datetime, most: int, hand: GiveOut) -> int:
    """Hand out jobs that are due, *most* of each organisation at most, each in the commit that marks it; return how
    many there were.
    """
    with store.reading() as reading:  # nobody is held up where nothing is due
        due = [each.id for each in reading.organisations() if due_jobs(reading, each.id, now, 1)]
    return sum(_give_out_of(store, organisation, now, most, hand) for organisation in due)


def _give_out_of(store: Store, organisation: str, now: datetime, most: int, hand: GiveOut) -> int:
    with store.writing() as writing:
        found = lock_due_jobs(writing, organisation, now, most)
        for job in found:
            given = replace(job, state="handed", run=job.run + 1, changed_at=now)
            put_job(writing, given)
            hand(writing, RunId.of(given))
        return len(found)


def begin_run(store: Store, run: RunId, worker: str, now: datetime) -> bool:
    """Note that *worker* begins a run, or goes on with it where another was killed; tell whether it is to be done."""
    with store.writing() as writing:
        job = _locked(writing, run)
        if job is None:
            return False
        job = replace(
            job, state="running", worker=worker, tries=job.tries + 1, started_at=job.started_at or now, changed_at=now
        )
        kind = KINDS.get(job.kind)
        if kind is None:
            job = replace(job, state="failed", ended_at=now, reason=UNKNOWN, detail=job.kind)
        elif (misfit := kind.misfit(job)) is not None:
            job = replace(job, state="failed", ended_at=now, reason=MISFIT, detail=misfit)
        elif job.tries > kind.most_tries:
            job = replace(job, state="failed", ended_at=now, reason=DIED, detail=job.detail)
        put_job(writing, job)
        return job.state == "running"


def take_step(engine: Engine, run: RunId, worker: str) -> Outcome | None:
    """Take one step of a run; None when nothing is to be done for it any more, since it failed, ended or was stopped.

    A step that raises is noted with what it said, and tried again later in a run of its own.
    """
    with engine.store.reading() as reading:
        job = find_job(reading, run.organisation, run.job)
    if job is None or job.run != run.run or job.is_ended:
        return None
    kind = KINDS[job.kind]
    try:
        step = kind.take_step(engine, job, worker)
    except DatabaseFault:
        return "wait"  # no fault of the job's: it goes on when the database does
    except Exception as err:
        log.exception("job %s (%s %s) could not take a step", job.id, job.kind, job.key)
        fail_run(engine.store, run, kind, f"{type(err).__name__}: {err}", engine.clock())
        return None
    if step.outcome == "done":
        return "done" if end_run(engine.store, run, step, engine.clock()) else None
    if job.tries or (step.done, step.total) != (job.done, job.total):
        note_progress(engine.store, run, step, engine.clock())
    return step.outcome


def note_progress(store: Store, run: RunId, step: StepResult, now: datetime) -> None:
    """Note how far a run is, and that its last step succeeded."""
    with store.writing() as writing:
        job = _locked(writing, run)
        if job is not None:
            put_job(writing, replace(job, tries=0, done=step.done, total=step.total, changed_at=now))


def end_run(store: Store, run: RunId, step: StepResult, now: datetime) -> bool:
    """Note that a job is done; tell whether it was still to be done."""
    with store.writing() as writing:
        job = _locked(writing, run)
        if job is None:
            return False
        ended = replace(job, state="done", tries=0, done=step.done, total=step.total, reason="", detail="")
        put_job(writing, replace(ended, changed_at=now, ended_at=now))
        return True


def fail_run(store: Store, run: RunId, kind: JobKind, said: str, now: datetime) -> None:
    """Note that a step of a run failed: it waits for its next try, or has failed for good."""
    with store.writing() as writing:
        job = _locked(writing, run)
        if job is None:
            return
        job = replace(job, tries=max(job.tries, 1), reason=ERROR, detail=said[:LONGEST_DETAIL], changed_at=now)
        if job.tries >= kind.most_tries:
            job = replace(job, state="failed", ended_at=now)
        else:
            job = replace(job, state="waiting", worker="", due_at=now + kind.pause_after(job.tries))
        put_job(writing, job)


def give_back(store: Store, run: RunId, now: datetime) -> bool:
    """Let a job wait again whose run nobody does any more; tell whether it was still to be done."""
    with store.writing() as writing:
        job = _locked(writing, run)
        if job is None:
            return False
        put_job(writing, replace(job, state="waiting", worker="", due_at=now, changed_at=now))
        return True


def retry_job(writing: Writing, job: Job, now: datetime) -> Job | None:
    """Let a job that failed, was stopped or waits for its next try be done now; None for one that needs none of it."""
    if job.state not in ("failed", "stopped", "waiting"):
        return None
    job = replace(job, state="waiting", tries=0, worker="", due_at=now, changed_at=now, ended_at=None)
    put_job(writing, job)
    return job


def stop_job(writing: Writing, job: Job, now: datetime) -> Job | None:
    """Let nothing more be done for a job, after the step that is under way; None for one that has ended well."""
    if job.state in ("done", "stopped"):
        return None
    job = replace(job, state="stopped", worker="", changed_at=now, ended_at=now)
    put_job(writing, job)
    return job


def _locked(writing: Writing, run: RunId) -> Job | None:
    """Return the job of a run under its lock; None when it has ended or is in another run."""
    job = lock_job(writing, run.organisation, run.job)
    return None if job is None or job.run != run.run or job.state not in ("handed", "running") else job
