"""`blankett jobs`: what is done behind the pages, for whoever looks after the machine."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from blankett.cli.storage import database_option, fail, open_store, the_organisation

if TYPE_CHECKING:
    from blankett.engine.jobs.runs import Change
    from blankett.engine.records.blueprint_cache import Catalog
    from blankett.engine.store import Reading, Store
    from blankett.engine.store.jobs import Job, JobState
    from blankett.engine.store.timers import TimerRow, TimerState

#: Jobs of one state that a list shows, and timers.
MOST_LISTED, MOST_TIMERS = 50, 10
#: Of these something is to be told.
TIMER_STATES: tuple[TimerState, ...] = ("failed", "pending")


@click.group()
def jobs() -> None:
    """Look at what is done behind the pages; try it again, or stop it."""


@jobs.command("list")
@click.option("--all", "everything", is_flag=True, help="Those that are done too.")
@click.option("--organisation", metavar="ID", help="Only needed when the database holds several.")
@database_option
def list_jobs(everything: bool, organisation: str | None, database: str | None) -> None:
    """List the workers, the timers of records that are due next or failed, and the jobs that are open, failed or were
    stopped; the newest of each first.
    """
    from blankett.engine.store.jobs import jobs_in_state, workers

    states: tuple[JobState, ...] = ("running", "handed", "waiting", "failed", "stopped")
    with open_store(database) as store, store.reading() as reading:
        organisation = the_organisation(reading, organisation)
        catalog = _catalog(store, reading, organisation)
        for worker in workers(reading):
            click.echo(f"worker {worker.id}: heard of at {_moment(worker.heard_at)}; jobs at a time: {worker.places}")
        _list_timers(catalog, reading, organisation)
        found = [
            job
            for state in (*states, *(("done",) if everything else ()))
            for job in jobs_in_state(reading, organisation, state, MOST_LISTED, newest_first=True)
        ]
        for job in found:
            click.echo(f"{job.id}  {job.state:<8} {_title(catalog, job)}{_how_far(job)}")
        if not found:
            click.echo("There are no jobs." if everything else "Nothing is to be done.")


def _list_timers(catalog: Catalog, reading: Reading, organisation: str) -> None:
    from blankett.engine.store.timers import COUNT_CAP, count_timers, timers_in_state
    from blankett.words import say

    if waiting := count_timers(reading, organisation, "pending"):
        number = f"{COUNT_CAP:,} or more" if waiting >= COUNT_CAP else f"{waiting:,}"
        click.echo(f"timers that wait: {number}; the next ones:")
    rows = [
        row for state in TIMER_STATES for row in timers_in_state(reading, organisation, state, MOST_TIMERS)
    ]  # fmt: skip
    for row in rows:
        title = timer_title(catalog, reading, row)
        why = f": {say('en', row.reason)} {row.detail}".rstrip() if row.reason else ""
        word = "failed" if row.state == "failed" else f"due {_moment(row.look_at)}"
        click.echo(f"{row.record} {row.key}  {word}  {title}{why}")


@jobs.command("retry-timer")
@click.argument("record")
@click.argument("timer")
@click.option("--organisation", metavar="ID", help="Only needed when the database holds several.")
@database_option
def retry_failed_timer(record: str, timer: str, organisation: str | None, database: str | None) -> None:
    """Let TIMER of RECORD, by its id, be tried again that could not be carried out."""
    from blankett.engine.records.timers import retry_timer

    with open_store(database) as store, store.writing() as writing:
        if not retry_timer(writing, the_organisation(writing, organisation), record, timer, datetime.now(UTC)):
            fail(f"The record {record[:60]!r} has no timer {timer[:60]!r} that could not be carried out.", status=1)
    click.echo(f"{timer} of {record} is tried again by the next worker.")


@jobs.command()
@click.argument("job")
@click.option("--organisation", metavar="ID", help="Only needed when the database holds several.")
@database_option
def show(job: str, organisation: str | None, database: str | None) -> None:
    """Show everything about JOB, by its id."""
    from blankett.engine.store.jobs import find_job

    with open_store(database) as store, store.reading() as reading:
        organisation = the_organisation(reading, organisation)
        found = find_job(reading, organisation, job) or fail(_unknown(job))
        for line in _lines(_catalog(store, reading, organisation), found):
            click.echo(line)


@jobs.command()
@click.argument("job")
@click.option("--organisation", metavar="ID", help="Only needed when the database holds several.")
@database_option
def retry(job: str, organisation: str | None, database: str | None) -> None:
    """Let JOB be done now that failed, was stopped, or waits for its next try."""
    from blankett.engine.jobs.runs import retry_job

    _change(database, organisation, job, retry_job, "{id} is {state}: there is nothing to try again.")
    click.echo(f"{job} is done by the next worker that has room for it.")


@jobs.command()
@click.argument("job")
@click.option("--organisation", metavar="ID", help="Only needed when the database holds several.")
@database_option
def cancel(job: str, organisation: str | None, database: str | None) -> None:
    """Let nothing more be done for JOB, after the step under way. What was done stays; `retry` goes on."""
    from blankett.engine.jobs.runs import stop_job

    _change(database, organisation, job, stop_job, "{id} is {state} already.")
    click.echo(f"{job} is stopped. `blankett jobs retry {job}` goes on with it.")


def _change(database: str | None, organisation: str | None, id: str, act: Change, otherwise: str) -> None:
    """Change a job; end with what *otherwise* says of it where there is nothing to change."""
    from blankett.engine.store.jobs import lock_job

    with open_store(database) as store, store.writing() as writing:
        found = lock_job(writing, the_organisation(writing, organisation), id) or fail(_unknown(id))
        if act(writing, found, datetime.now(UTC)) is None:
            fail(otherwise.format(id=found.id, state=found.state), status=1)


def _unknown(id: str) -> str:
    return f"There is no job {id[:80]!r}. `blankett jobs list --all` lists them with their ids."


def _catalog(store: Store, reading: Reading, organisation: str) -> Catalog:
    from blankett.engine.records import Engine

    engine = Engine(store, lambda: datetime.now(UTC))
    return engine.catalog.view(reading, organisation, engine.clock())


def _title(catalog: Catalog, job: Job) -> str:
    from blankett.engine.jobs.kinds import kind_of
    from blankett.words import say

    kind = kind_of(job)
    return say("en", kind.job_title, **kind.subject(catalog, job)) if kind is not None else f"{job.kind} {job.key}"


def timer_title(catalog: Catalog, reading: Reading, row: TimerRow) -> str:
    """Return what a timer is called, and of which record it is."""
    stored = reading.record(row.organisation, row.record)
    if stored is None:
        return row.key
    form = catalog.process_of(stored).form
    timer = form.timers.get(row.key)
    return f"{timer.title.say('en') if timer is not None else row.key} of {stored.title or form.title.say('en')}"


def _how_far(job: Job) -> str:
    return f" ({job.done:,} of {job.total:,})" if job.total else ""


def _lines(catalog: Catalog, job: Job) -> Iterator[str]:
    from blankett.words import say

    yield f"{_title(catalog, job)}{_how_far(job)}"
    yield f"state: {job.state}; times given out: {job.run}; tries since the last step that succeeded: {job.tries}"
    yield f"asked for: {_moment(job.asked_at)} by {job.by or 'the machine itself'}"
    if job.state == "waiting":
        yield f"due: {_moment(job.due_at)}"
    if job.worker:
        yield f"worker: {job.worker}"
    if job.ended_at is not None:
        yield f"ended: {_moment(job.ended_at)}"
    if job.reason:
        yield f"reason: {say('en', job.reason)} {job.detail}".rstrip()


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"
