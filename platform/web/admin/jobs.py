"""What is done behind the pages: jobs under way, waiting and failed, and their workers; for administrators."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import flask
from flask.typing import ResponseReturnValue

from blankett.engine.jobs.kinds import kind_of
from blankett.engine.jobs.runs import Change, retry_job, stop_job
from blankett.engine.records.read.results import TimerView
from blankett.engine.records.read.timer_view import timers_told
from blankett.engine.records.timers import retry_timer
from blankett.engine.store import StoredUser
from blankett.engine.store.jobs import (
    Job,
    JobState,
    WorkerRow,
    ended_since,
    jobs_in_state,
    lock_job,
    open_job_counts,
    workers,
)
from blankett.engine.store.timers import TimerState, count_timers, timers_in_state
from blankett.web import htmx
from blankett.web.access_policy import ADMINISTRATORS, allow
from blankett.web.identity import the_actor
from blankett.web.request_unit import RequestUnit
from blankett.web.services import services
from blankett.web.templating import render, t

pages = flask.Blueprint("jobs", __name__)

#: The element that asks for itself.
ELEMENT = "jobs"
#: Jobs of one state that the page shows.
MOST_SHOWN = 50
#: Timers of one state.
MOST_TIMERS = 10
#: A worker that has not been heard of for so long is not counted.
SILENT = timedelta(seconds=30)
#: Of which time the page tells what was done.
LATELY = timedelta(hours=1)


@dataclass(frozen=True)
class ShownJob:
    """A job in words."""

    id: str
    title: str
    #: Who asked for it; empty for the machine itself.
    by: str
    #: When it was begun, where it was; when it is due, where it waits.
    at: datetime
    done: int
    total: int
    progress: str
    worker: str
    tries: int
    reason: str
    detail: str
    is_stopped: bool


@dataclass(frozen=True)
class Figures:
    """How much there is of everything."""

    running: int
    places: int
    waiting: int
    #: Since when the oldest waits.
    oldest: datetime | None
    failed: int
    done: int
    #: Seconds within which half of them were done, and those of the slowest.
    middle: float
    slowest: float
    #: Timers that wait, and that failed; no more than `COUNT_CAP` are counted.
    timers: int
    timers_failed: int


@pages.get("/jobs")
@allow(ADMINISTRATORS)
def show_jobs(request_unit: RequestUnit) -> str:
    """Show the jobs; the part that changes asks for itself."""
    reading, organisation = request_unit.reading, the_actor().organisation
    now = services().clock()
    alive = [row for row in workers(reading) if now - row.heard_at < SILENT]

    def shown(*states: JobState, newest_first: bool = False) -> list[ShownJob]:
        found = (jobs_in_state(reading, organisation, each, MOST_SHOWN, newest_first=newest_first) for each in states)
        jobs = [job for some in found for job in some]
        users = reading.users(organisation, {job.by for job in jobs if job.by})
        return [shown_job(request_unit, job, users) for job in jobs]

    return render(
        "fragments/_jobs.html" if htmx.wants_fragment(ELEMENT) else "pages/jobs.html",
        here="jobs",
        alive=len(alive),
        heard=max((row.heard_at for row in alive), default=None),
        figures=figures_of(request_unit, alive, now),
        running=shown("running"),
        failed=shown("failed", "stopped", newest_first=True),
        waiting=shown("handed", "waiting"),
        next_timers=timers_shown(request_unit, "pending"),
        failed_timers=timers_shown(request_unit, "failed"),
    )


def timers_shown(request_unit: RequestUnit, state: TimerState) -> list[TimerView]:
    """Return timers of one state, by when they are due."""
    rows = timers_in_state(request_unit.reading, the_actor().organisation, state, MOST_TIMERS)
    return list(timers_told(request_unit.unit, rows))


@pages.post("/jobs/<job>/retry")
@allow(ADMINISTRATORS)
def retry(request_unit: RequestUnit, job: str) -> ResponseReturnValue:
    """Let a job be done now that failed, was stopped or waits."""
    return change(request_unit, job, retry_job, t("jobs.retried"))


@pages.post("/jobs/timers/<record>/<timer>/retry")
@allow(ADMINISTRATORS)
def retry_one_timer(request_unit: RequestUnit, record: str, timer: str) -> ResponseReturnValue:
    """Let a timer be done now that could not be done."""
    with request_unit.writing() as writing:
        is_tried = retry_timer(writing, the_actor().organisation, record, timer, services().clock())
    said = t("timers.retried") if is_tried else t("jobs.changed_meanwhile")
    flask.flash(said, "good" if is_tried else "warn")
    return htmx.go_to("/jobs")


@pages.post("/jobs/<job>/stop")
@allow(ADMINISTRATORS)
def stop(request_unit: RequestUnit, job: str) -> ResponseReturnValue:
    """Let nothing more be done for a job."""
    return change(request_unit, job, stop_job, t("jobs.was_stopped"))


def change(request_unit: RequestUnit, id: str, act: Change, said: str) -> ResponseReturnValue:
    """Change a job and go back to the page, which says so, or that somebody was faster."""
    with request_unit.writing() as writing:
        job = lock_job(writing, the_actor().organisation, id)
        changed = act(writing, job, services().clock()) if job is not None else None
    if job is None:
        flask.abort(404)
    flask.flash(said if changed is not None else t("jobs.changed_meanwhile"), "good" if changed is not None else "warn")
    return htmx.go_to("/jobs")


def shown_job(request_unit: RequestUnit, job: Job, users: Mapping[str, StoredUser]) -> ShownJob:
    """Return a job in words. *users*: who asked for it, among others, by id."""
    kind = kind_of(job)
    return ShownJob(
        id=job.id,
        title=t(kind.job_title, **kind.subject(request_unit.catalog, job)) if kind is not None else job.kind,
        by=users[job.by].name if job.by in users else job.by,
        at=job.due_at if job.state == "waiting" else job.started_at or job.changed_at,
        done=min(job.done, job.total),
        total=job.total,
        progress=t(kind.progress, done=job.done, total=job.total) if kind is not None and job.total else "",
        worker=job.worker,
        tries=job.tries,
        reason=t(job.reason) if job.reason else "",
        detail=job.detail,
        is_stopped=job.state == "stopped",
    )


def figures_of(request_unit: RequestUnit, alive: list[WorkerRow], now: datetime) -> Figures:
    """Return how much there is of everything."""
    reading, organisation = request_unit.reading, the_actor().organisation
    counts = open_job_counts(reading, organisation)
    done = sorted((end - start).total_seconds() for start, end in ended_since(reading, organisation, now - LATELY))

    def number(*states: JobState) -> int:
        return sum(count for state, count, _ in counts if state in states)

    return Figures(
        running=number("running"),
        places=sum(row.places for row in alive),
        waiting=number("handed", "waiting"),
        oldest=min((since for state, _, since in counts if state in ("handed", "waiting")), default=None),
        failed=number("failed"),
        done=len(done),
        middle=round(done[len(done) // 2], 1) if done else 0.0,
        slowest=round(done[-1], 1) if done else 0.0,
        timers=count_timers(reading, organisation, "pending"),
        timers_failed=count_timers(reading, organisation, "failed"),
    )
