"""The life of a job: asked for in the transaction that writes, given out, stepped, failed, tried again, stopped."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import pytest
from tests.jobs import do_jobs, do_run, given_out
from tests.stores import empty_store

from blankett.engine.jobs import kinds, runs
from blankett.engine.jobs.base import JobKind, StepResult
from blankett.engine.jobs.kinds import kind_of
from blankett.engine.jobs.runs import RunId, begin_run, end_run, fail_run, give_back, retry_job, stop_job
from blankett.engine.records import Engine
from blankett.engine.records.blueprint_cache import Catalog
from blankett.engine.store import Organisation, Store
from blankett.engine.store.database_faults import DatabaseFault
from blankett.engine.store.jobs import Job, add_job, find_job, jobs_in_state, lock_job, put_job, settle_jobs
from blankett.engine.store.json_text import LazyJson

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


class Counting(JobKind):
    """Counts to three, unless it is told to fail."""

    name = "counting"
    title = job_title = progress = "jobs.rollout"
    args_schema: ClassVar[Mapping[str, Any]] = {
        "type": "object",
        "properties": {"to": {"type": "integer"}},
        "additionalProperties": False,
    }
    most_tries = 3

    def __init__(self) -> None:
        self.steps: list[tuple[str, int]] = []
        self.failures: list[Exception] = []
        self.waits = False

    def take_step(self, engine: Engine, job: Job, worker: str) -> StepResult:
        if self.failures:
            raise self.failures.pop(0)
        if self.waits:
            return StepResult("wait", job.done, job.total)
        self.steps.append((worker, job.done + 1))
        return StepResult("done" if job.done == 2 else "again", job.done + 1, 3)

    def subject(self, catalog: Catalog, job: Job) -> Mapping[str, object]:
        return {}


@pytest.fixture
def counting(monkeypatch: pytest.MonkeyPatch) -> Counting:
    kind = Counting()
    known = {**kinds.KINDS, kind.name: kind}
    monkeypatch.setattr(kinds, "KINDS", known)
    monkeypatch.setattr(runs, "KINDS", known)
    return kind


class Clock:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def engine(clock: Clock) -> Iterator[Engine]:
    store = empty_store()
    with store.writing() as writing:
        writing.put_organisation(Organisation(id="acme", title="Acme", created_at=START))
    numbers = itertools.count()
    yield Engine(store, clock, lambda: f"{next(numbers)}")
    store.close()


def asked(store: Store, **more: object) -> Job:
    """Ask for a job of the counting kind."""
    with store.writing() as writing:
        return add_job(writing, "acme", "counting", "three", START, by="anna", **more)  # type: ignore[arg-type]


def now_of(store: Store, job: Job) -> Job:
    with store.reading() as reading:
        found = find_job(reading, job.organisation, job.id)
    assert found is not None
    return found


def told(job: Job) -> tuple[str, int, int, int, str, str]:
    return job.state, job.run, job.tries, job.done, job.reason, job.detail


def test_a_job_is_done_step_by_step(engine: Engine, counting: Counting) -> None:
    job = asked(engine.store)
    assert (told(job), job.due_at) == (("waiting", 0, 0, 0, "", ""), START)
    assert do_jobs(engine, "w1") == ["done"]
    assert counting.steps == [("w1", 1), ("w1", 2), ("w1", 3)]
    done = now_of(engine.store, job)
    assert (told(done), done.total, done.worker, done.started_at, done.ended_at) == (
        ("done", 1, 0, 3, "", ""), 3, "w1", START, START,
    )  # fmt: skip
    assert do_jobs(engine) == []


def test_a_job_of_a_write_that_is_undone_is_not_there(engine: Engine, counting: Counting) -> None:
    def ask_in_vain() -> None:
        with engine.store.writing() as writing:
            add_job(writing, "acme", "counting", "three", START)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        ask_in_vain()
    assert (do_jobs(engine), counting.steps) == ([], [])


def test_a_job_is_not_given_out_before_it_is_due(engine: Engine, counting: Counting, clock: Clock) -> None:
    asked(engine.store, due_at=START + timedelta(hours=1))
    assert do_jobs(engine) == []
    clock.now += timedelta(hours=1)
    assert do_jobs(engine) == ["done"]


def test_a_step_that_fails_is_tried_again_later_and_goes_on_where_it_was(
    engine: Engine, counting: Counting, clock: Clock
) -> None:
    job = asked(engine.store)
    (run,) = given_out(engine)
    begin_run(engine.store, run, "w1", clock())
    assert runs.take_step(engine, run, "w1") == "again"
    counting.failures = [ValueError("no such thing")]
    assert do_run(engine, run) == "over"
    failed = now_of(engine.store, job)
    assert told(failed) == ("waiting", 1, 1, 1, "jobs.why_error", "ValueError: no such thing")
    assert failed.due_at == START + timedelta(seconds=5)
    assert do_jobs(engine) == []
    clock.now += timedelta(seconds=5)
    assert do_jobs(engine) == ["done"]
    assert ([done for _, done in counting.steps], told(now_of(engine.store, job))) == (
        [1, 2, 3], ("done", 2, 0, 3, "", ""),
    )  # fmt: skip


def test_a_job_has_failed_when_it_was_tried_as_often_as_its_kind_says(
    engine: Engine, counting: Counting, clock: Clock
) -> None:
    job = asked(engine.store)
    counting.failures = [ValueError(f"no {number}") for number in range(5)]
    for _ in range(3):
        assert do_jobs(engine) == ["over"]
        clock.now += timedelta(hours=1)
    assert told(now_of(engine.store, job)) == ("failed", 3, 3, 0, "jobs.why_error", "ValueError: no 2")
    assert do_jobs(engine) == []
    counting.failures = []
    with engine.store.writing() as writing:
        retry_job(writing, now_of(engine.store, job), clock())
    assert (do_jobs(engine), told(now_of(engine.store, job))) == (["done"], ("done", 4, 0, 3, "", ""))


def test_what_an_error_says_is_cut(engine: Engine, counting: Counting) -> None:
    job = asked(engine.store)
    counting.failures = [ValueError("x" * 5_000)]
    do_jobs(engine)
    assert len(now_of(engine.store, job).detail) == runs.LONGEST_DETAIL


def test_a_database_that_cannot_be_written_is_no_fault_of_the_job(engine: Engine, counting: Counting) -> None:
    job = asked(engine.store)
    counting.failures = [DatabaseFault("busy", "shop.db", "held")]
    (run,) = given_out(engine)
    assert do_run(engine, run) == "wait"
    assert told(now_of(engine.store, job)) == ("running", 1, 1, 0, "", "")


def test_a_job_whose_worker_dies_in_one_step_again_and_again_has_failed(engine: Engine, counting: Counting) -> None:
    job = asked(engine.store)
    (run,) = given_out(engine)
    begun = [begin_run(engine.store, run, f"w{number}", START) for number in range(4)]
    assert (begun, told(now_of(engine.store, job))) == (
        [True, True, True, False], ("failed", 1, 4, 0, "jobs.why_died", ""),
    )  # fmt: skip


def test_deaths_in_different_steps_are_not_added_up(engine: Engine, counting: Counting) -> None:
    asked(engine.store)
    (run,) = given_out(engine)
    for worker in ("w1", "w2"):
        begin_run(engine.store, run, worker, START)
        begin_run(engine.store, run, worker, START)
        assert runs.take_step(engine, run, worker) == "again"
    assert do_run(engine, run, "w3") == "done"


def test_a_run_that_was_given_out_anew_writes_nothing_any_more(engine: Engine, counting: Counting) -> None:
    job = asked(engine.store)
    (old,) = given_out(engine)
    begin_run(engine.store, old, "w1", START)
    assert give_back(engine.store, old, START)
    (run,) = given_out(engine)
    assert begin_run(engine.store, run, "w2", START)
    before = now_of(engine.store, job)
    assert not begin_run(engine.store, old, "w1", START)
    assert runs.take_step(engine, old, "w1") is None
    assert not end_run(engine.store, old, StepResult("done", 9, 9), START)
    fail_run(engine.store, old, counting, "too late", START)
    assert not give_back(engine.store, old, START)
    assert (now_of(engine.store, job), counting.steps) == (before, [])


def test_a_job_that_is_stopped_ends_after_its_step_and_can_go_on(engine: Engine, counting: Counting) -> None:
    job = asked(engine.store)
    (run,) = given_out(engine)
    begin_run(engine.store, run, "w1", START)
    runs.take_step(engine, run, "w1")
    with engine.store.writing() as writing:
        stopped = stop_job(writing, now_of(engine.store, job), START)
        assert stopped is not None
        assert stop_job(writing, stopped, START) is None
    assert runs.take_step(engine, run, "w1") is None
    assert told(now_of(engine.store, job)) == ("stopped", 1, 0, 1, "", "")
    with engine.store.writing() as writing:
        assert retry_job(writing, now_of(engine.store, job), START) is not None
    assert (do_jobs(engine), len(counting.steps)) == (["done"], 3)


def test_what_is_done_or_under_way_is_not_tried_again(engine: Engine, counting: Counting) -> None:
    job = asked(engine.store)
    (run,) = given_out(engine)
    with engine.store.writing() as writing:
        assert retry_job(writing, now_of(engine.store, job), START) is None
    do_run(engine, run)
    with engine.store.writing() as writing:
        assert retry_job(writing, now_of(engine.store, job), START) is None
        assert stop_job(writing, now_of(engine.store, job), START) is None


def test_a_kind_that_this_version_does_not_know_fails_with_its_name(engine: Engine) -> None:
    with engine.store.writing() as writing:
        job = add_job(writing, "acme", "sending", "x", START)
    assert do_jobs(engine) == ["gone"]
    assert told(now_of(engine.store, job)) == ("failed", 1, 1, 0, "jobs.why_unknown", "sending")


@pytest.mark.parametrize(
    ("args", "said"),
    [
        ({"to": "three"}, "to: 'three' is not of type 'integer'"),
        ({"from": 1}, "Additional properties are not allowed ('from' was unexpected)"),
    ],
)
def test_a_job_that_another_version_described_otherwise_fails_with_what_is_not_understood(
    engine: Engine, counting: Counting, args: Mapping[str, object], said: str
) -> None:
    with engine.store.writing() as writing:
        job = add_job(writing, "acme", "counting", "x", START, args=args)
    assert (kind_of(job), do_jobs(engine), counting.steps) == (None, ["gone"], [])
    assert told(now_of(engine.store, job)) == ("failed", 1, 1, 0, "jobs.why_misfit", said)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{to", "JSONDecodeError: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"),
        ("[1]", "[1] is not of type 'object'"),
    ],
)
def test_a_job_of_which_a_row_says_nothing_readable_fails_and_holds_up_no_other(
    engine: Engine, counting: Counting, text: str, said: str
) -> None:
    job, other = asked(engine.store), asked(engine.store)
    with engine.store.writing() as writing:
        put_job(writing, replace(job, args=LazyJson(text)))
    assert kind_of(now_of(engine.store, job)) is None
    assert sorted(do_jobs(engine)) == ["done", "gone"]
    assert told(now_of(engine.store, job)) == ("failed", 1, 1, 0, "jobs.why_misfit", said)
    assert now_of(engine.store, other).state == "done"


def test_what_somebody_else_has_done_needs_no_job(engine: Engine, counting: Counting) -> None:
    job, other, failed = asked(engine.store), asked(engine.store), asked(engine.store)
    with engine.store.writing() as writing:
        locked = lock_job(writing, "acme", other.id)
        assert locked is not None
        stop_job(writing, locked, START)
        put_job(writing, replace(failed, state="failed", tries=3, reason="jobs.why_error", detail="no", ended_at=START))
        settle_jobs(writing, "acme", "counting", "three", START)
    assert (do_jobs(engine), now_of(engine.store, job).state, now_of(engine.store, other).state) == (
        [], "done", "stopped",
    )  # fmt: skip
    assert told(now_of(engine.store, failed)) == ("done", 0, 0, 0, "", "")


def test_nothing_is_written_where_nothing_is_due(engine: Engine, counting: Counting) -> None:
    points: list[str] = []
    engine.store.fault_points = points.append
    assert (given_out(engine), points) == ([], [])


def test_each_organisation_gets_its_jobs_given_out(engine: Engine, counting: Counting) -> None:
    with engine.store.writing() as writing:
        for organisation in ("bravo", "corp"):
            writing.put_organisation(Organisation(id=organisation, title=organisation, created_at=START))
        for organisation in ("acme", "corp"):
            add_job(writing, organisation, "counting", "three", START)
    assert sorted(run.organisation for run in given_out(engine)) == ["acme", "corp"]


def test_a_run_has_a_name_that_is_never_used_twice(engine: Engine, counting: Counting) -> None:
    job = asked(engine.store)
    names = []
    for _ in range(3):
        (run,) = given_out(engine)
        names.append(str(run))
        give_back(engine.store, RunId(run.organisation, run.job, run.run), START)
    assert names == [f"acme/{job.id}/{number}" for number in (1, 2, 3)]
    with engine.store.reading() as reading:
        assert [each.id for each in jobs_in_state(reading, "acme", "waiting", 9)] == [job.id]
