"""A worker: takes jobs that are due and does them, several at a time, until it is told to stop.

It shows that it is alive by a row that it writes every few seconds. Every worker looks for others that do so no more,
and lets their jobs go on elsewhere. On SQLite there is one worker at a time, which a lock on a file says.
"""

from __future__ import annotations

import fcntl
import logging
import os
import secrets
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import IO

from blankett.engine.jobs.kinds import KINDS
from blankett.engine.jobs.runs import RunId, begin_run, give_back, give_out, take_step
from blankett.engine.records import Engine
from blankett.engine.records.timers import fire_due
from blankett.engine.store.database_faults import DatabaseFault
from blankett.engine.store.database_file import file_of
from blankett.engine.store.jobs import (
    JobState,
    WorkerRow,
    add_worker,
    drop_worker,
    find_job,
    forget_jobs,
    hear_worker,
    jobs_in_state,
    old_jobs,
    workers,
)
from blankett.forms.errors import say_refusal
from blankett.work.chores import Chores
from blankett.work.durable_runs import Runs, Slice, close, launch

log = logging.getLogger("blankett.work")

#: Jobs that one worker does at a time.
PLACES = 4
#: Seconds between two looks for jobs that are due; between two signs of life; and after how many without one a worker
#: counts as dead.
LOOK_EVERY, BEAT_EVERY, DEAD_AFTER = 0.5, 3.0, 15.0
#: Seconds between two looks for what has lost its worker or its workflow; and for how long a job must have been given
#: out before the latter is looked at.
CARE_EVERY, SETTLED_AFTER = 3.0, timedelta(seconds=30)
#: Seconds of work that are remembered at once.
SLICE = 1.0
#: Seconds after which somebody who is at a job's work already is looked after again.
WAIT = 1.0
#: Jobs of an organisation given out in one transaction, and looked at in one round of care.
MOST_GIVEN, MOST_CARED_FOR = 20, 200
#: Timers that are found at once; and seconds of the pause after each, which lasts as long as the timer took.
MOST_FIRED, LONGEST_BREATH = 50, 0.1
#: What is with a worker, or on its way to one.
GIVEN_OUT: tuple[JobState, ...] = ("handed", "running")
#: Jobs that were done are kept so long; those that failed until somebody tries them again or gives them up.
KEPT = timedelta(days=14)


class WorkerStopped(BaseException):
    """The worker stops within a run. No error, of which DBOS would take note: the run goes on elsewhere."""


def end_at_once() -> None:
    """End this process where it stands: it has been taken for dead, and whatever it still did would be too late."""
    os.kill(os.getpid(), signal.SIGKILL)


@dataclass
class Worker:
    """One worker of a database. Made, started, waited for, stopped; once."""

    engine: Engine
    places: int = PLACES
    chores: Chores | None = None
    id: str = field(default_factory=lambda: f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(2)}")
    #: Called when it cannot go on: it was taken for dead, and others do its jobs.
    on_lost: Callable[[], None] = end_at_once

    def __post_init__(self) -> None:
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []
        self._lock: IO[str] | None = None
        self._under_way = 0
        self._counting = threading.Lock()
        #: When others last heard of it, by this process's clock.
        self._heard = time.monotonic()
        #: Worker → its last sign of life, and when that was seen here: clocks of machines differ.
        self._seen: dict[str, tuple[datetime, float]] = {}
        self._runs: Runs | None = None

    # From start to stop -----------------------------------------------------------------------------------------------

    def take_lock(self) -> bool:
        """Become the one worker of a SQLite file; False while another is. Of a server there may be any number."""
        file = file_of(self.engine.store.url)
        if file is None or self._lock is not None:
            return True
        lock = Path(f"{file}-worker").open("w", encoding="utf-8")  # noqa: SIM115  # held until the worker ends
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.close()
            return False
        self._lock = lock
        with self.engine.store.writing() as writing:
            for other in workers(writing):  # none of them can be alive
                drop_worker(writing, other.id)
        return True

    def start(self) -> None:
        """Begin to do jobs. Raises what keeps DBOS from it; then nothing was begun."""
        now = self.engine.clock()
        row = WorkerRow(
            id=self.id, host=socket.gethostname(), process=os.getpid(), version=version("blankett"),
            places=self.places, started_at=now, heard_at=now,
        )  # fmt: skip
        with self.engine.store.writing() as writing:
            add_worker(writing, row)
        try:
            self._runs = launch(self.engine.store, self.id, self.places, self._run_slices, self._slice)
        except BaseException:
            self._leave()
            raise
        for name, every, work in (
            ("heartbeat", BEAT_EVERY, self.beat),
            ("hand-out", LOOK_EVERY, self.give_out),
            ("care", CARE_EVERY, self.care),
            ("timers", LOOK_EVERY, self.fire_timers),
            ("chores", Chores.EVERY, self._do_chores),
        ):
            thread = threading.Thread(target=self._repeat, args=(name, every, work), name=name, daemon=True)
            self._threads.append(thread)
            thread.start()

    def stop(self, patience: float = 10.0) -> None:
        """Begin nothing more, let the steps under way end, and leave what is not done to others."""
        self._stopping.set()
        until = time.monotonic() + patience
        while self._under_way and time.monotonic() < until:
            time.sleep(0.02)
        for thread in self._threads:
            thread.join(max(0.1, until - time.monotonic()))
        if self._runs is not None:
            close(self._runs)
        self._leave()

    def _leave(self) -> None:
        with suppress(DatabaseFault), self.engine.store.writing() as writing:
            drop_worker(writing, self.id)
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def _repeat(self, name: str, every: float, work: Callable[[], None]) -> None:
        while not self._stopping.is_set():
            try:
                work()
            except DatabaseFault as fault:
                log.warning("%s waits for the database: %s", name, fault)
            except Exception:
                log.exception("%s failed; it is tried again", name)
            self._stopping.wait(every)

    # What it does again and again -------------------------------------------------------------------------------------

    def beat(self) -> None:
        """Show that it is alive. Where it was taken for dead, its jobs are with others: it ends."""
        began = time.monotonic()
        with self.engine.store.writing() as writing:
            is_known = hear_worker(writing, self.id, self.engine.clock())
        if not is_known and not self._stopping.is_set():
            log.error("worker %s was taken for dead; it ends, and its jobs go on elsewhere", self.id)
            self.on_lost()
        self._heard = began

    def give_out(self) -> None:
        """Give out the jobs that are due."""
        assert self._runs is not None
        store, clock = self.engine.store, self.engine.clock
        while give_out(store, clock(), MOST_GIVEN, self._runs.hand) and not self._stopping.is_set():
            pass

    def fire_timers(self) -> None:
        """Carry out the timers that are due. After each, whoever waits to write gets through."""
        for organisation in self._organisations():
            while self._fire_some(organisation) == MOST_FIRED and not self._stopping.is_set():
                pass

    def _fire_some(self, organisation: str) -> int:
        ended = time.monotonic()

        def may_go_on() -> bool:
            nonlocal ended
            self._stopping.wait(min(time.monotonic() - ended, LONGEST_BREATH))
            self._require_alive()
            ended = time.monotonic()
            return not self._stopping.is_set()

        with self._work():
            return fire_due(self.engine, organisation, MOST_FIRED, say_refusal, may_go_on)

    def care(self) -> None:
        """Let jobs go on whose worker is dead, or of which DBOS knows nothing any more; forget old ones."""
        assert self._runs is not None
        # In this order: a worker that begins meanwhile is in its row before it has a run.
        under_way = self._runs.under_way()
        alive = self._bury()
        self._runs.take_over([run for run, worker in under_way if worker not in alive])
        now = self.engine.clock()
        for organisation in self._organisations():
            with self.engine.store.reading() as reading:
                given = [
                    job
                    for state in GIVEN_OUT
                    for job in jobs_in_state(reading, organisation, state, MOST_CARED_FOR)
                    if job.changed_at < now - SETTLED_AFTER
                ]
                old = old_jobs(reading, organisation, now - KEPT, MOST_CARED_FOR)
            for run in self._runs.lost([RunId.of(job) for job in given]):
                if give_back(self.engine.store, run, now):
                    log.warning("job %s had lost its run; it is given out again", run.job)
            if old:
                names = [str(RunId(organisation, id, run + 1)) for id, runs in old for run in range(runs)]
                self._runs.forget(names)
                with self.engine.store.writing() as writing:
                    forget_jobs(writing, organisation, [id for id, _ in old])

    def _bury(self) -> set[str]:
        """Remove workers that give no sign of life; return those that are alive."""
        now = time.monotonic()
        with self.engine.store.reading() as reading:
            found = workers(reading)
        for row in found:
            if self._seen.get(row.id, (None, 0.0))[0] != row.heard_at:
                self._seen[row.id] = (row.heard_at, now)
        self._seen = {row.id: self._seen[row.id] for row in found}
        dead = [row for row in found if row.id != self.id and now - self._seen[row.id][1] > DEAD_AFTER]
        if dead:
            with self.engine.store.writing() as writing:
                for row in dead:
                    drop_worker(writing, row.id)
                    log.warning("worker %s on %s gives no sign of life; others go on with its jobs", row.id, row.host)
        return {row.id for row in found} - {row.id for row in dead} | {self.id}

    def _do_chores(self) -> None:
        if self.chores is not None:
            self.chores.do()

    def _organisations(self) -> list[str]:
        with self.engine.store.reading() as reading:
            return [found.id for found in reading.organisations()]

    # Doing a run ------------------------------------------------------------------------------------------------------

    def _run_slices(self, run: RunId, one_slice: Slice) -> str:
        """Do a run, slice by slice, until nothing is left of it; a worker that stops leaves it as it is."""
        self._leave_if_stopping()
        with self._work():
            if not begin_run(self.engine.store, run, self.id, self.engine.clock()):
                return "gone"
        while True:
            self._leave_if_stopping()
            found = one_slice(run)
            if found not in ("again", "wait"):
                return found
            if found == "wait":
                self._stopping.wait(WAIT)

    def _slice(self, run: RunId) -> str:
        """Take steps of a run for a second; tell what is next."""
        until = time.monotonic() + SLICE
        with self._work():
            breath = self._breath(run)
            while not self._stopping.is_set():
                self._require_alive()
                found = take_step(self.engine, run, self.id)
                if found != "again":
                    return found or "over"
                if time.monotonic() > until:
                    break
                self._stopping.wait(breath)
        return "again"

    def _breath(self, run: RunId) -> float:
        with self.engine.store.reading() as reading:
            job = find_job(reading, run.organisation, run.job)
        kind = KINDS.get(job.kind) if job is not None else None
        return kind.breath if kind is not None else 0.0

    def _require_alive(self) -> None:
        """Take no step while others may hold this worker for dead: it was frozen, or cannot reach the database."""
        while time.monotonic() - self._heard > DEAD_AFTER / 2 and not self._stopping.is_set():
            time.sleep(0.1)

    def _leave_if_stopping(self) -> None:
        """Leave a run as it is once the worker stops: it stays open, for another worker."""
        if self._stopping.is_set():
            raise WorkerStopped

    @contextmanager
    def _work(self) -> Iterator[None]:
        """Count what it is at within the block, which it lets end before it stops."""
        with self._counting:
            self._under_way += 1
        try:
            yield
        finally:
            with self._counting:
                self._under_way -= 1
