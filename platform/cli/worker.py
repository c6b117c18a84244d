"""`blankett worker`: do the jobs that stand behind the pages."""

from __future__ import annotations

import logging
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import click

from blankett.cli.storage import database_option, fail, open_store

#: Seconds between two looks whether another worker of the same file has gone.
ASK_EVERY = 1.0


@click.command()
@click.option("--places", default=4, show_default=True, type=click.IntRange(1, 32), help="Jobs at a time.")
@click.option("--beside", type=int, hidden=True, help="End with this process, and say only what goes wrong.")
@database_option
def worker(places: int, beside: int | None, database: str | None) -> None:
    """Do jobs: what published versions still do to the records, sealing, and what else is done behind the pages.

    `blankett serve` starts one by itself. On PostgreSQL any number may run, on any machines: each job is done by one of
    them, and what a dead one was at goes on elsewhere within half a minute. On SQLite there is one at a time; a second
    one waits. Ctrl+C lets it end the steps that it is at; what is left goes on at the next start.

    Exits with 1 while the database cannot be reached or written, with 3 when it cannot work with this database.
    """
    from datetime import UTC, datetime

    from blankett.engine.records import Engine
    from blankett.engine.store.database_faults import fault_of
    from blankett.work.supervision import CANNOT

    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s %(levelname)s %(message)s")

    def is_alone() -> bool:
        return beside is not None and os.getppid() != beside

    with _stopped_by_signals() as stopped, open_store(database) as store:
        engine = Engine(store, lambda: datetime.now(UTC))
        try:
            from blankett.work.chores import Chores
            from blankett.work.worker import Worker

            made = Worker(engine, places, Chores(store, engine.clock))
            is_first = True
            while not made.take_lock():
                if is_first and beside is None:
                    click.echo(f"Another worker does the jobs of {store.place}; this one waits until it ends.")
                is_first = False
                if stopped.wait(ASK_EVERY) or is_alone():
                    return
            made.start()
        except Exception as err:  # whatever DBOS, its tables or its libraries say: the pages go on without
            if (fault := fault_of(err, store.place)) is not None:
                raise fault from err  # it passes: whoever began this worker begins it again
            fail(_cannot(err), status=CANNOT)
        if beside is None:
            click.echo(f"Worker {made.id} does the jobs of {store.place}  (Ctrl+C lets it end what it is at)")
        while not stopped.wait(ASK_EVERY) and not is_alone():
            pass
        made.stop()


@contextmanager
def _stopped_by_signals() -> Iterator[threading.Event]:
    """Give what is set by Ctrl+C, or when this process is told to end, within the block."""
    stopped = threading.Event()

    def stop(_: int, __: FrameType | None) -> None:
        stopped.set()

    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield stopped
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def work_beside(keeper: int) -> None:
    """Be the worker that `blankett serve` starts, until the process *keeper* is gone; ends this one."""
    worker.main(["--beside", str(keeper)], prog_name="blankett worker")


def _cannot(err: Exception) -> str:
    said = " ".join(str(err).split()) or type(err).__name__
    return (
        f"No jobs are done ({type(err).__name__}: {said[:300]}): records are not moved behind a publish "
        "(`blankett publish --resume` does it), and nothing is sealed. Pages go on. Try `blankett worker` again once "
        "that is mended."
    )
