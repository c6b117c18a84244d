"""Jobs: work that is done behind a write, as rows of the transaction that asked for it; and the workers that do it.

Functions on an open transaction. A job is there exactly when what asked for it is; who takes it, how far it is and why
it failed is written here by workers. What a kind of job does is decided by `blankett.engine.jobs`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import bindparam, delete, func, insert, or_, select, update

from blankett.engine.store import tables
from blankett.engine.store.ids import new_id
from blankett.engine.store.json_text import LazyJson, data_text
from blankett.engine.store.timestamps import read_moment, write_moment
from blankett.engine.store.transaction import Row, Transaction

#: waiting: nobody has it · handed: given to the workers · running · done · failed: tried as often as the kind says ·
#: stopped: by somebody.
JobState = Literal["waiting", "handed", "running", "done", "failed", "stopped"]
#: Of these nothing is done any more, unless somebody asks for it again.
ENDED: tuple[JobState, ...] = ("done", "failed", "stopped")
#: Counting what was done stops here.
COUNT_CAP = 10_000
OPEN: tuple[JobState, ...] = ("waiting", "handed", "running")


@dataclass(frozen=True, kw_only=True)
class Job:
    """One piece of work, and how far it is."""

    organisation: str
    id: str
    #: The name of its kind.
    kind: str
    #: What it is about, in the words of its kind; effects that must happen once carry the job's id.
    key: str
    #: What it needs to know: ids and numbers, no content.
    args: Mapping[str, Any] = field(default_factory=dict)
    #: Who asked for it, in whose name it acts; empty for the machine itself.
    by: str = ""
    asked_at: datetime
    state: JobState = "waiting"
    #: How many times it was given out; with the id the name of one run, which is never used twice.
    run: int = 0
    #: Attempts since the last step that succeeded.
    tries: int = 0
    due_at: datetime
    worker: str = ""
    started_at: datetime | None = None
    changed_at: datetime
    ended_at: datetime | None = None
    #: Progress, in what the kind counts; a total of 0 is not known.
    done: int = 0
    total: int = 0
    #: Why it failed the last time: the id of a sentence, and what it says literally.
    reason: str = ""
    detail: str = ""

    @property
    def is_ended(self) -> bool:
        """Tell whether nothing is done any more."""
        return self.state in ENDED


@dataclass(frozen=True, kw_only=True)
class WorkerRow:
    """A process that does jobs, as it was heard of last."""

    id: str
    host: str
    process: int
    version: str
    #: Jobs that it does at a time.
    places: int
    started_at: datetime
    heard_at: datetime


_j = tables.job.c
_columns = (
    _j.organisation, _j.id, _j.kind, _j.key, _j.args, _j.by, _j.asked_at, _j.state, _j.run, _j.tries, _j.due_at,
    _j.worker, _j.started_at, _j.changed_at, _j.ended_at, _j.done, _j.total, _j.reason, _j.detail,
)  # fmt: skip
_here = _j.organisation == bindparam("in_organisation")
_this = select(*_columns).where(_here, _j.id == bindparam("this"))
_locked = _this.with_for_update()
_due = (
    select(*_columns)
    .where(_here, _j.state == "waiting", _j.due_at <= bindparam("until"))
    .order_by(_j.due_at, _j.id)
    .limit(bindparam("most"))
)
_due_and_free = _due.with_for_update(skip_locked=True)
_in_state = (
    select(*_columns).where(_here, _j.state == bindparam("state")).order_by(_j.due_at, _j.id).limit(bindparam("most"))
)
_newest_in_state = (
    select(*_columns)
    .where(_here, _j.state == bindparam("state"))
    .order_by(_j.due_at.desc(), _j.id.desc())
    .limit(bindparam("most"))
)
_held_up = (
    select(*_columns)
    .where(_here, _j.state.in_(("failed", "stopped")), _j.kind == bindparam("of_kind"), _j.key == bindparam("of_key"))
    .where(_j.asked_at >= bindparam("since"))
    .limit(1)
)
_counts = (
    select(_j.state, func.count(), func.min(_j.asked_at))
    .where(_here, _j.state.in_((*OPEN, "failed")))
    .group_by(_j.state)
)
_ended_since = (
    select(_j.started_at, _j.ended_at)
    .where(_here, _j.ended_at >= bindparam("since"), _j.state == "done")
    .order_by(_j.ended_at.desc())
    .limit(COUNT_CAP)
)
_insert = insert(tables.job)
_change = update(tables.job).where(_here, _j.id == bindparam("this"))
_settle = update(tables.job).where(
    _here,
    or_(_j.state == "waiting", _j.state == "failed"),
    _j.kind == bindparam("of_kind"),
    _j.key == bindparam("of_key"),
)
_old = (
    select(_j.id, _j.run)
    .where(_here, _j.state.in_(("done", "stopped")), _j.ended_at < bindparam("until"))
    .order_by(_j.ended_at)
    .limit(bindparam("most"))
)
_forget = delete(tables.job).where(_here, _j.id == bindparam("this"))

#: Workers are of no organisation.
NOBODYS = 0
_w = tables.worker.c
_worker_columns = (_w.id, _w.host, _w.process, _w.version, _w.places, _w.started_at, _w.heard_at)
_workers = select(*_worker_columns).where(_w.organisation == NOBODYS).order_by(_w.started_at, _w.id)
_insert_worker = insert(tables.worker)
_hear = update(tables.worker).where(_w.organisation == NOBODYS, _w.id == bindparam("this"))
_drop_worker = delete(tables.worker).where(_w.organisation == NOBODYS, _w.id == bindparam("this"))


# Jobs -----------------------------------------------------------------------------------------------------------------


def add_job(
    writing: Transaction,
    organisation: str,
    kind: str,
    key: str,
    now: datetime,
    *,
    by: str = "",
    args: Mapping[str, Any] | None = None,
    due_at: datetime | None = None,
) -> Job:
    """Ask for a job in this transaction: it is done once that is committed, and never if it is not."""
    made = Job(
        organisation=organisation, id=new_id(now), kind=kind, key=key, args=args or {}, by=by, asked_at=now,
        due_at=due_at or now, changed_at=now,
    )  # fmt: skip
    writing.do("job.insert", _insert, {**_row_of(made), "organisation": organisation, "id": made.id})
    return made


def find_job(reading: Transaction, organisation: str, id: str) -> Job | None:
    """Return a job, or None."""
    row = reading.first(_this, {"in_organisation": organisation, "this": id})
    return None if row is None else _job_of(row)


def lock_job(writing: Transaction, organisation: str, id: str) -> Job | None:
    """Return a job that nobody else can change until this transaction ends, or None when there is none."""
    row = writing.first(_locked, {"in_organisation": organisation, "this": id})
    return None if row is None else _job_of(row)


def due_jobs(reading: Transaction, organisation: str, now: datetime, most: int) -> list[Job]:
    """Return jobs that wait and are due, those first that have waited longest."""
    bound = {"in_organisation": organisation, "until": write_moment(now), "most": most}
    return [_job_of(row) for row in reading.rows(_due, bound)]


def lock_due_jobs(writing: Transaction, organisation: str, now: datetime, most: int) -> list[Job]:
    """Return the same under their locks; none that another worker takes now."""
    bound = {"in_organisation": organisation, "until": write_moment(now), "most": most}
    return [_job_of(row) for row in writing.rows(_due_and_free, bound)]


def jobs_in_state(
    reading: Transaction, organisation: str, state: JobState, most: int, *, newest_first: bool = False
) -> list[Job]:
    """Return jobs of one state, by when they were due."""
    statement = _newest_in_state if newest_first else _in_state
    return [
        _job_of(row) for row in reading.rows(statement, {"in_organisation": organisation, "state": state, "most": most})
    ]


def held_up_job(reading: Transaction, organisation: str, kind: str, key: str, since: datetime) -> Job | None:
    """Return a job of that kind and key, asked for since then, that has failed or was stopped, so that nobody goes on
    with it; or None.
    """
    bound = {"in_organisation": organisation, "of_kind": kind, "of_key": key, "since": write_moment(since)}
    row = reading.first(_held_up, bound)
    return None if row is None else _job_of(row)


def open_job_counts(reading: Transaction, organisation: str) -> list[tuple[JobState, int, datetime]]:
    """Return (state, how many, when the oldest was asked for) of all that are open or failed."""
    found = reading.rows(_counts, {"in_organisation": organisation})
    return [(row[0], int(row[1]), read_moment(row[2])) for row in found]


def ended_since(reading: Transaction, organisation: str, since: datetime) -> list[tuple[datetime, datetime]]:
    """Return (started, ended) of jobs that were done since then, the last first; `COUNT_CAP` of them at most."""
    rows = reading.rows(_ended_since, {"in_organisation": organisation, "since": write_moment(since)})
    return [(read_moment(row[0] or row[1]), read_moment(row[1])) for row in rows]


def put_job(writing: Transaction, job: Job) -> None:
    """Write what has changed about a job."""
    row = _row_of(job)
    writing.do("job.update", _change, {**row, "in_organisation": job.organisation, "this": job.id})


def settle_jobs(writing: Transaction, organisation: str, kind: str, key: str, now: datetime) -> None:
    """Note that what jobs ask for, which wait or have failed, is done by whoever writes this."""
    moment = write_moment(now)
    changed = {
        "state": "done", "tries": 0, "started_at": moment, "changed_at": moment, "ended_at": moment, "reason": "",
        "detail": "",
    }  # fmt: skip
    writing.do("job.update", _settle, {**changed, "in_organisation": organisation, "of_kind": kind, "of_key": key})


def old_jobs(reading: Transaction, organisation: str, until: datetime, most: int) -> list[tuple[str, int]]:
    """Return (id, runs) of jobs that were done or stopped before then."""
    bound = {"in_organisation": organisation, "until": write_moment(until), "most": most}
    return [(str(row[0]), int(row[1])) for row in reading.rows(_old, bound)]


def forget_jobs(writing: Transaction, organisation: str, ids: Collection[str]) -> None:
    """Remove jobs."""
    for id in ids:
        writing.do("job.delete", _forget, {"in_organisation": organisation, "this": id})


# Workers --------------------------------------------------------------------------------------------------------------


def workers(reading: Transaction) -> list[WorkerRow]:
    """Return all workers that are known, the longest there first; of some only their last sign is left."""
    return [
        WorkerRow(
            id=row[0], host=row[1], process=row[2], version=row[3], places=row[4], started_at=read_moment(row[5]),
            heard_at=read_moment(row[6]),
        )
        for row in reading.rows(_workers, {})
    ]  # fmt: skip


def add_worker(writing: Transaction, worker: WorkerRow) -> None:
    """Write that a worker is there."""
    moments = {"started_at": write_moment(worker.started_at), "heard_at": write_moment(worker.heard_at)}
    writing.do("worker.insert", _insert_worker, {**worker.__dict__, **moments, "organisation": NOBODYS})


def hear_worker(writing: Transaction, id: str, now: datetime) -> bool:
    """Write that a worker is alive; tell whether anybody still counts on it."""
    return writing.do("worker.update", _hear, {"this": id, "heard_at": write_moment(now)}) == 1


def drop_worker(writing: Transaction, id: str) -> bool:
    """Write that a worker is gone; tell whether it was known."""
    return writing.do("worker.delete", _drop_worker, {"this": id}) == 1


def _row_of(job: Job) -> dict[str, Any]:
    row = {name: value for name, value in job.__dict__.items() if name not in ("organisation", "id")}
    for name in ("asked_at", "due_at", "started_at", "changed_at", "ended_at"):
        row[name] = None if row[name] is None else write_moment(row[name])
    return {**row, "args": data_text(job.args)}


def _job_of(row: Row) -> Job:
    return Job(
        organisation=row[0], id=row[1], kind=row[2], key=row[3], args=LazyJson(row[4]), by=row[5],
        asked_at=read_moment(row[6]), state=row[7], run=row[8], tries=row[9], due_at=read_moment(row[10]),
        worker=row[11], started_at=None if row[12] is None else read_moment(row[12]), changed_at=read_moment(row[13]),
        ended_at=None if row[14] is None else read_moment(row[14]), done=row[15], total=row[16], reason=row[17],
        detail=row[18],
    )  # fmt: skip
