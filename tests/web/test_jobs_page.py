"""The page of jobs: what runs, waits and failed; tried again, stopped; for administrators."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from tests.jobs import do_jobs, given_out

from blankett.engine.jobs.runs import begin_run
from blankett.engine.store.jobs import Job, JobState, WorkerRow, add_job, add_worker, find_job, put_job
from blankett.engine.store.json_text import LazyJson
from blankett.web.services import Services

from .pages import words

SignedIn = Callable[[str], Any]
TITLE = "Move the records of Shop to version 1"


@pytest.fixture
def admin(signed_in: SignedIn) -> Any:
    return signed_in("admin")


def make_job(services: Services, state: JobState = "waiting", **more: Any) -> Job:
    """Make a job about what is long done, in a state."""
    now, args = services.clock(), {"blueprint": "shop", "number": 1}
    with services.store.writing() as writing:
        job = add_job(writing, "acme", "rollout", "shop 1", now, by="admin", args=args)
        ended = now if state in ("failed", "stopped") else None
        job = replace(job, state=state, ended_at=ended, **more)
        put_job(writing, job)
    return job


def state_of(services: Services, job: Job) -> str:
    with services.store.reading() as reading:
        found = find_job(reading, "acme", job.id)
    assert found is not None
    return found.state


def test_without_a_worker_the_page_says_what_to_do(admin: Any, services: Services) -> None:
    do_jobs(services.engine)
    page = words(admin.get("/jobs").text)
    assert "No worker is alive: nothing is done until one is." in page
    assert "Running 0 Nothing is under way." in page
    assert "Waiting 0 Nothing waits." in page


def test_a_job_under_way_is_shown_with_how_far_it_is(admin: Any, services: Services) -> None:
    job = make_job(services, done=40, total=100)
    now = services.clock()
    with services.store.writing() as writing:
        for number, heard in ((1, now), (2, now - timedelta(minutes=1))):
            row = WorkerRow(id=f"w{number}", host="a", process=1, version="1", places=4, started_at=now, heard_at=heard)
            add_worker(writing, row)
    for run in given_out(services.engine):
        begin_run(services.store, run, "w1", now)
    page = admin.get("/jobs").text
    assert "1 worker is alive, last heard of" in words(page)
    assert "of 4 at a time" in words(page)
    assert f"{TITLE} AM Ada Min" in words(page)
    assert "40 of 100 records" in words(page)
    assert f'action="/jobs/{job.id}/stop"' in page


def test_a_job_that_failed_says_why_and_is_tried_again(admin: Any, services: Services) -> None:
    job = make_job(services, "failed", tries=6, reason="jobs.why_error", detail="ValueError: <b>no</b>")
    page = admin.get("/jobs").text
    assert "1 job needs you." in words(page)
    assert "A step ended with an error. The software says: ValueError: <b>no</b> 6 tries" in words(page)
    assert "<b>no</b>" not in page
    answer = admin.post(f"/jobs/{job.id}/retry", {})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/jobs")
    assert "It is tried again now." in words(admin.get("/jobs").text)
    do_jobs(services.engine)
    assert state_of(services, job) == "done"


def test_what_two_administrators_do_at_once_is_done_once(admin: Any, services: Services) -> None:
    job = make_job(services, "failed", reason="jobs.why_died")
    for told in ("Nothing more is done for it after the step under way.", "It has changed meanwhile"):
        assert admin.post(f"/jobs/{job.id}/stop", {}).status_code == 303
        assert told in words(admin.get("/jobs").text)
    assert state_of(services, job) == "stopped"
    page = words(admin.get("/jobs").text)
    assert ("Stopped by somebody; what was done stays done." in page, "needs you" in page) == (True, False)


@pytest.mark.parametrize("what", ["retry", "stop"])
def test_a_job_that_is_not_there_is_not_found(admin: Any, what: str) -> None:
    assert admin.post(f"/jobs/nothing/{what}", {}).status_code == 404


def test_jobs_are_for_administrators(signed_in: SignedIn, services: Services) -> None:
    job = make_job(services, "failed")
    anna = signed_in("anna")
    assert anna.get("/jobs").status_code == 403
    assert anna.post(f"/jobs/{job.id}/retry", {}).status_code == 403
    assert state_of(services, job) == "failed"


def test_the_part_that_changes_is_asked_for_by_itself(admin: Any, services: Services) -> None:
    make_job(services)
    part = admin.get("/jobs", **{"HX-Request": "true", "HX-Target": "div#jobs"}).text
    assert part.startswith("<div")
    assert TITLE in words(part)


def test_a_kind_that_is_not_known_is_shown_by_its_name(admin: Any, services: Services) -> None:
    with services.store.writing() as writing:
        add_job(writing, "acme", "sending", "x", services.clock())
    assert "sending The machine itself" in words(admin.get("/jobs").text)


def test_a_job_that_is_not_understood_is_shown_by_the_name_of_its_kind(admin: Any, services: Services) -> None:
    job = make_job(services, args=LazyJson("{not JSON"))
    page = admin.get("/jobs")
    assert (page.status_code, "rollout AM Ada Min" in words(page.text)) == (200, True)
    admin.post(f"/jobs/{job.id}/stop", {})
    assert state_of(services, job) == "stopped"
