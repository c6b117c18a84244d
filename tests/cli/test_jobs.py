"""`blankett jobs`: listing, showing, trying again, stopping; and `blankett worker` where it cannot work."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy.exc import OperationalError
from tests.engine.publish.conftest import SHOP, Office, furnish

from blankett.cli import main
from blankett.engine.publish import Publication, Published
from blankett.engine.publish.rollout import Pace
from blankett.engine.store import Store
from blankett.engine.store.jobs import Job, WorkerRow, add_worker, jobs_in_state, put_job
from blankett.engine.store.json_text import LazyJson
from blankett.engine.store.timers import TimerRow, put_timer
from blankett.work import worker as worker_module

Run = Callable[..., Result]


@pytest.fixture
def office(tmp_path: Path, make_store: Callable[[Path], Store]) -> Iterator[Office]:
    """Give an office with a version that still has records to move."""
    office = Office(make_store(tmp_path / "data" / "blankett.sqlite"))
    furnish(office)
    office.publish(SHOP, skip_scenarios=True)
    office.order(office.customer("C1"))
    source = SHOP.replace("note: {type: text}", "note: {type: text, max_length: 9}")
    answer = office.publisher.publish(office.actor("boss"), Publication(source=source, move="move"), Pace(0))
    assert isinstance(answer, Published)
    yield office
    office.store.close()


@pytest.fixture
def run(office: Office) -> Run:
    """Give what runs a command on the office's database."""

    def run(*words: str) -> Result:
        return CliRunner().invoke(main, [*words, "--database", office.store.url])

    return run


def job_of(office: Office, state: str = "waiting") -> Job:
    with office.store.reading() as reading:
        (found,) = jobs_in_state(reading, "acme", state, 9)  # type: ignore[arg-type]
    return found


def test_jobs_are_listed_with_the_workers(office: Office, run: Run) -> None:
    job = job_of(office)
    now = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
    with office.store.writing() as writing:
        row = WorkerRow(id="w1", host="a", process=7, version="1", places=4, started_at=now, heard_at=now)
        add_worker(writing, row)
    title = "Move the records of Shop to version 2"
    assert run("jobs", "list").output.splitlines() == [
        "worker w1: heard of at 2026-03-02 08:00:00 UTC; jobs at a time: 4",
        f"{job.id}  waiting  {title}",
    ]
    told = run("jobs", "show", job.id).output.splitlines()
    assert told[:3] == [
        title,
        "state: waiting; times given out: 0; tries since the last step that succeeded: 0",
        f"asked for: {job.asked_at:%Y-%m-%d %H:%M:%S} UTC by boss",
    ]
    assert len([line for line in run("jobs", "list", "--all").output.splitlines() if " done " in line]) == 1


def test_a_job_that_is_not_understood_is_listed_and_can_be_stopped(office: Office, run: Run) -> None:
    job = job_of(office)
    with office.store.writing() as writing:
        put_job(writing, replace(job, args=LazyJson("{not JSON")))
    assert run("jobs", "list").output == f"{job.id}  waiting  rollout shop 2\n"
    assert run("jobs", "show", job.id).output.startswith("rollout shop 2\n")
    assert run("jobs", "cancel", job.id).exit_code == 0


def test_a_job_is_stopped_and_tried_again(office: Office, run: Run) -> None:
    id = job_of(office).id
    assert run("jobs", "cancel", id).output == f"{id} is stopped. `blankett jobs retry {id}` goes on with it.\n"
    again = run("jobs", "cancel", id)
    assert (again.exit_code, again.output) == (1, f"{id} is stopped already.\n")
    assert run("jobs", "retry", id).output == f"{id} is done by the next worker that has room for it.\n"
    assert job_of(office).id == id


def test_what_is_done_is_not_tried_again(office: Office, run: Run) -> None:
    id = job_of(office, "done").id
    told = run("jobs", "retry", id)
    assert (told.exit_code, told.output) == (1, f"{id} is done: there is nothing to try again.\n")


@pytest.mark.parametrize("command", ["show", "retry", "cancel"])
def test_an_unknown_job_is_told_with_what_to_do(run: Run, command: str) -> None:
    told = run("jobs", command, "x")
    assert (told.exit_code, told.output) == (
        2, "There is no job 'x'. `blankett jobs list --all` lists them with their ids.\n",
    )  # fmt: skip


def test_a_worker_that_cannot_work_says_why_and_what_is_not_done(
    office: Office, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("its tables\n  are not there")

    monkeypatch.setattr(worker_module, "launch", fail)
    told = run("worker")
    assert (told.exit_code, told.output) == (
        3,
        "No jobs are done (RuntimeError: its tables are not there): records are not moved behind a publish "
        "(`blankett publish --resume` does it), and nothing is sealed. Pages go on. Try `blankett worker` again once "
        "that is mended.\n",
    )
    assert "worker" not in run("jobs", "list").output


def test_a_worker_that_finds_its_database_held_ends_so_that_it_is_begun_again(
    office: Office, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        held = sqlite3.OperationalError("database is locked")
        held.sqlite_errorcode = sqlite3.SQLITE_BUSY
        raise OperationalError("BEGIN", {}, held)

    monkeypatch.setattr(worker_module, "launch", fail)
    told = run("worker")
    assert (told.exit_code, told.output) == (
        1,
        f"The database {office.store.place} is held by another program (database is locked). Wait until it is done, or "
        "end it, and try again.\n",
    )
    assert "worker" not in run("jobs", "list").output


def test_an_empty_list_says_so(office: Office, run: Run) -> None:
    office.publisher.resume("acme")
    assert run("jobs", "list").output == "Nothing is to be done.\n"


def test_timers_are_listed_and_tried_again(office: Office, run: Run) -> None:
    customer = office.customer("C2")
    now = datetime.now(UTC)
    row = TimerRow(
        organisation="acme", record=customer, key="look", state="failed", since=now, due_at=now, look_at=now,
        reason="timers.why_refused", detail="No.",
    )  # fmt: skip
    with office.store.writing() as writing:
        put_timer(writing, row, None)
    assert f"{customer} look  failed  look of C2: It was refused: No.\n" in run("jobs", "list").output
    assert run("jobs", "retry-timer", customer, "other").exit_code == 1
    assert (
        run("jobs", "retry-timer", customer, "look").output
        == f"look of {customer} is tried again by the next worker.\n"
    )
    assert "timers that wait: 1; the next ones:\n" in run("jobs", "list").output
