"""Kill what publishes, does jobs and carries timers out, again and again; look whether anything is lost or done twice.

    python -m tests.work.crash --kills 200 [--database postgresql+psycopg://…]

Processes are forked from one that has loaded everything. Each ends itself with SIGKILL before one of its own writes, or
after a moment: also within DBOS. The last worker is left alone until nothing is to be done.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path

from tests.engine.publish.conftest import SHOP, Office, furnish

from blankett.engine.access import load_actor
from blankett.engine.jobs.runs import retry_job
from blankett.engine.publish import Publication, Published, Publisher, rollout
from blankett.engine.publish.rollout import Pace
from blankett.engine.records import Command, Engine, Receipt
from blankett.engine.records.blueprint_cache import load_published
from blankett.engine.store import Store, schema
from blankett.engine.store.jobs import OPEN, Job, jobs_in_state, workers
from blankett.engine.store.rollouts import unfinished_rollouts
from blankett.engine.store.timers import timers_in_state
from blankett.engine.verify import verify
from blankett.work import durable_runs, worker
from blankett.work.chores import Chores

#: Records that move, and how many a step looks at.
ORDERS, PIECE = 12, 2
NOTE = "note: {type: text}"
#: A shop whose orders have a timer that is due at once, and count how often it was.
TIMED = SHOP.replace(NOTE, f"{NOTE}\n      looked: {{type: number, default: 0}}").replace(
    """    lists:
      all: {title: All, columns: [record.number""",
    """    timers:
      look: {states: draft, at: record.created_at, then: [{set: {looked: = looked + 1}}]}
    lists:
      all: {title: All, columns: [record.number""",
)
#: Seconds after which something hangs.
PATIENCE = 60.0


def clock() -> datetime:
    return datetime.now(UTC)


def hurry() -> None:
    """Let everything that waits in a worker wait for less: a kill costs its start, not its pauses."""
    rollout.PIECE, rollout.LEASE = PIECE, timedelta(seconds=1)
    durable_runs.LOOK_EVERY = worker.LOOK_EVERY = 0.05
    worker.BEAT_EVERY, worker.CARE_EVERY, worker.DEAD_AFTER, worker.WAIT, worker.SLICE = 0.2, 0.1, 1.5, 0.1, 0.05


@dataclass
class Ordeal:
    """One database, and what became of it."""

    url: str
    random: random.Random
    #: Who orders.
    buyer: str
    #: Versions that somebody was told are published.
    told: list[int] = field(default_factory=list)
    kills: int = 0
    next: int = 2
    orders: int = 0

    def order(self, count: int) -> None:
        """Make orders, each of which has a timer that is due."""
        store = Store(self.url)
        with store.reading() as reading:
            anna = load_actor(reading, "acme", "anna")
        assert anna is not None
        line = {"article": "Bolt", "quantity": Decimal(2), "price": Decimal(3)}
        values = {"buyer": self.buyer, "channel": "phone", "lines": [line]}
        engine = Engine(store, clock)
        for _ in range(count):
            made = Command(intent="", actor=anna, blueprint="shop", form="order", values=values)
            assert isinstance(answer := engine.apply(made), Receipt), answer
        self.orders += count
        store.close()

    def publish(self, kill: Callable[[Store], None]) -> None:
        """Publish a version from a process that may be killed; what it acknowledged is remembered."""
        number, (read, write) = self.next, os.pipe()
        self.next += 1

        def work() -> None:
            store = Store(self.url)
            kill(store)
            with store.reading() as reading:
                boss = load_actor(reading, "acme", "boss")
            assert boss is not None
            source = TIMED.replace(NOTE, f"note: {{type: text, max_length: {1000 + number}}}")
            publication = Publication(source=source, move="move", skip_scenarios=True)
            answer = Publisher(Engine(store, clock)).publish(boss, publication, Pace(1))
            if isinstance(answer, Published):
                os.write(write, f"{answer.number}".encode())

        self.wait_for(self.fork(work))
        os.close(write)
        with os.fdopen(read) as acknowledged:
            self.told += [int(said) for said in acknowledged.read().split()]

    def do_jobs(self, kill: Callable[[Store], None]) -> None:
        """Do jobs until there are none, in a process that may be killed; on PostgreSQL beside one that is not."""

        def work(kill: Callable[[Store], None]) -> None:
            store = Store(self.url)
            kill(store)
            made = worker.Worker(Engine(store, clock), chores=Chores(store, clock))
            until = time.monotonic() + PATIENCE
            while not made.take_lock():
                time.sleep(0.05)
            made.start()
            while self.is_open(store):
                if time.monotonic() > until:
                    print("a worker hangs", self.open_jobs(store), file=sys.stderr, flush=True)  # noqa: T201
                    os._exit(1)
                time.sleep(0.05)
            made.stop()

        kills = [kill] if self.url.startswith("sqlite") else [kill, lambda _: None]
        for process in [self.fork(partial(work, each)) for each in kills]:
            self.wait_for(process)

    def has_jobs(self) -> bool:
        store = Store(self.url)
        try:
            return self.is_open(store)
        finally:
            store.close()

    def is_open(self, store: Store) -> bool:
        """Tell whether there are jobs to be done, or timers."""
        with store.reading() as reading:
            due = timers_in_state(reading, "acme", "pending", 1)
        return bool(due or self.open_jobs(store))

    @staticmethod
    def open_jobs(store: Store) -> list[Job]:
        with store.reading() as reading:
            return [job for state in OPEN for job in jobs_in_state(reading, "acme", state, 100)]

    @staticmethod
    def fork(work: Callable[[], None]) -> int:
        sys.stdout.flush()
        pid = os.fork()
        if pid:
            return pid
        code = 1
        try:
            work()
            code = 0
        except SystemExit:
            code = 0
        except BaseException as err:
            print(f"{type(err).__name__}: {err}", file=sys.stderr, flush=True)  # noqa: T201
        finally:
            os._exit(code)

    def wait_for(self, pid: int) -> None:
        _, status = os.waitpid(pid, 0)
        if os.WIFSIGNALED(status):
            self.kills += 1
        else:
            assert os.WEXITSTATUS(status) == 0, "a process failed"

    def anywhere(self, store: Store) -> None:
        """Let the process end itself: before one of its writes, or after a moment."""
        if self.random.random() < 0.5:
            left = iter(range(self.random.randrange(25)))

            def kill(_: str) -> None:
                if next(left, None) is None:
                    os.kill(os.getpid(), signal.SIGKILL)

            store.fault_points = kill
        else:
            threading.Timer(0.2 + self.random.random(), lambda: os.kill(os.getpid(), signal.SIGKILL)).start()

    def try_again(self) -> int:
        """Let jobs be done again that were given up, since their worker died in one step as often as that is tried."""
        store = Store(self.url)
        with store.writing() as writing:
            found = jobs_in_state(writing, "acme", "failed", 100)
            for job in found:
                assert job.reason == "jobs.why_died", job
                retry_job(writing, job, clock())
        store.close()
        return len(found)

    def faults(self) -> list[str]:
        """Return what was lost or done twice."""
        store = Store(self.url)
        found: list[str] = []
        with store.reading() as reading:
            heads = reading.version_heads("acme", "shop")
            newest = max(head.number for head in heads)
            lost = set(self.told) - {head.number for head in heads}
            found += [f"version {number} was acknowledged and is lost" for number in sorted(lost)]
            found += [f"a rollout is left: {row.number}" for row in unfinished_rollouts(reading, "acme")]
            ids = reading.connection.exec_driver_sql("SELECT id FROM record WHERE state = 'draft'").scalars().all()
            for id in ids:
                record = reading.record("acme", id)
                if record is None or record.version != newest:
                    found.append(f"{id} has not moved")
                moves = Counter(event.version for event in reading.events("acme", id) if event.kind == "migrate")
                found += [f"{id} moved {count} times to {version}" for version, count in moves.items() if count > 1]
                fired = sum(event.kind == "timer" for event in reading.events("acme", id))
                if record is None or (fired, record.data["looked"]) != (1, "1"):
                    found.append(f"the timer of {id} was carried out {fired} times")
            if len(ids) != self.orders:
                found.append(f"{len(ids)} records")
        found += [str(each) for each in verify(store, load=load_published)]
        store.close()
        return found


def stop_and_go_on(url: str) -> list[str]:
    """Let a worker stop in the middle of a job, and the next one go on; return what is wrong."""
    hurry()
    rollout.PIECE, worker.SLICE = 1, 0.0
    ordeal = begin(url, random.Random(1))
    ordeal.publish(lambda _: None)

    def begin_and_stop() -> None:
        store = Store(url)
        made = worker.Worker(Engine(store, clock))
        assert made.take_lock()
        made.start()
        while not (found := ordeal.open_jobs(store)) or not found[0].done:
            time.sleep(0.01)
        made.stop()
        (left,) = ordeal.open_jobs(store)
        assert (left.state, 0 < left.done < ordeal.orders) == ("running", True), left
        with store.reading() as reading:
            assert workers(reading) == []
        sys.exit()

    pid = ordeal.fork(begin_and_stop)
    _, status = os.waitpid(pid, 0)
    ordeal.do_jobs(lambda _: None)
    return [*([f"the worker ended with {status}"] if status else []), *ordeal.faults()]


def begin(url: str, chance: random.Random) -> Ordeal:
    """Make a shop with some orders."""
    store = Store(url)
    schema.upgrade(store)
    office = Office(store)
    furnish(office)
    office.publish(TIMED, skip_scenarios=True)
    ordeal = Ordeal(url, chance, office.customer("C1"))
    store.close()
    ordeal.order(ORDERS)
    return ordeal


def run(url: str, kills: int, seed: int) -> list[str]:
    """Kill *kills* processes; return what was lost or done twice."""
    hurry()
    ordeal = begin(url, random.Random(seed))
    again = 0
    while ordeal.kills < kills:
        ordeal.order(2)
        ordeal.publish(ordeal.anywhere)
        for _ in range(3):
            if ordeal.kills < kills and ordeal.has_jobs():
                ordeal.do_jobs(ordeal.anywhere)
        again += ordeal.try_again()
    ordeal.publish(lambda _: None)
    ordeal.do_jobs(lambda _: None)
    if ordeal.try_again():
        ordeal.do_jobs(lambda _: None)
    print(  # noqa: T201
        f"{ordeal.kills} processes were killed, {len(ordeal.told)} versions acknowledged, {again} jobs tried again, "
        f"{ordeal.orders} timers carried out"
    )
    return ordeal.faults()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--stop", action="store_true", help="stop one worker, and kill none")
    parser.add_argument("--database", help="an empty database; a SQLite file of its own unless told")
    told = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = told.database or f"sqlite:///{Path(folder) / 'shop.sqlite'}"
        found = stop_and_go_on(url) if told.stop else run(url, told.kills, told.seed)
    print("\n".join(found) or "nothing was lost, nothing was done twice")  # noqa: T201
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
