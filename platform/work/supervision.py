"""The worker beside the pages: begun when they answer, begun again when it dies, ended with them.

A process of its own does that, the keeper. The pages' own process makes it before it has threads, of which a forked
process would get half; and when everything is loaded, so that the keeper and the worker share it.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import Process
from types import FrameType

log = logging.getLogger("blankett.work")

#: How a worker says that it cannot work here, and need not be begun again.
CANNOT = 3
#: Seconds to wait before a worker that died is begun again: the first time, the second, …
PAUSES = (1, 2, 5, 10, 30)
#: A worker that lived so long before it died is begun again at once.
LONG_ENOUGH = 60.0
#: Seconds in which the pages must answer; and in which a worker must end.
FIRST_ANSWER, LAST_STEP = 60.0, 15.0


#: Does jobs until the process with this id is gone; ends its own process with how that went.
DoJobs = Callable[[int], None]


@contextmanager
def worker_beside(host: str, port: int, do_jobs: DoJobs) -> Iterator[None]:
    """Keep a worker alive beside the pages on *host*:*port* within the block. It starts as a copy of this process.

    What keeps it alive is begun again where it was killed, which a signal tells. One that ended by itself has said why.
    """
    pages = os.getpid()
    keeper: Process | None = _start_keeper(pages, host, port, do_jobs)

    def look(_: int, __: FrameType | None) -> None:
        nonlocal keeper
        if os.getpid() != pages or keeper is None:  # the processes of the pages inherit this
            return
        code = keeper.exitcode or 0
        if code < 0:
            log.error("What keeps the worker alive was killed by signal %d; it is begun again.", -code)
            keeper = None  # what ends meanwhile finds nothing to be begun
            keeper = _start_keeper(pages, host, port, do_jobs)

    before = signal.signal(signal.SIGCHLD, look)
    try:
        yield
    finally:
        signal.signal(signal.SIGCHLD, before)
        if keeper is not None:
            end(keeper)


def _start_keeper(pages: int, host: str, port: int, do_jobs: DoJobs) -> Process:
    keeper = Process(target=supervise, args=(pages, host, port, do_jobs), name="keeper")
    keeper.start()
    return keeper


def end(process: Process) -> None:
    """Let a process end what it is at, and wait for it."""
    process.terminate()
    process.join(LAST_STEP)
    if process.is_alive():
        process.kill()
        process.join()


def supervise(parent: int, host: str, port: int, do_jobs: DoJobs) -> None:
    """Keep a worker alive as long as the process that started this one: *parent*, which answers on *host*:*port*."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _stop)
    try:
        _await_answer(parent, host, port)
        _keep_alive(parent, do_jobs)
    except SystemExit:
        pass


def _stop(_: int, __: FrameType | None) -> None:
    raise SystemExit


def _is_alone(parent: int) -> bool:
    return os.getppid() != parent


def _await_answer(parent: int, host: str, port: int) -> None:
    """Wait until the pages answer, so that they have the machine for themselves until then."""
    until = time.monotonic() + FIRST_ANSWER
    while time.monotonic() < until and not _is_alone(parent):
        try:
            socket.create_connection((host, port), 1).close()
            return
        except OSError:
            time.sleep(0.2)


def _keep_alive(parent: int, do_jobs: DoJobs) -> None:
    deaths = 0
    while not _is_alone(parent):
        began = time.monotonic()
        worker = Process(target=_work, args=(do_jobs,), name="worker")
        worker.start()
        try:
            while worker.is_alive() and not _is_alone(parent):
                worker.join(0.2)
        finally:
            if worker.is_alive():
                end(worker)
        if worker.exitcode == CANNOT:
            return
        deaths = 0 if time.monotonic() - began > LONG_ENOUGH else deaths
        time.sleep(PAUSES[min(deaths, len(PAUSES) - 1)])
        deaths += 1


def _work(do_jobs: DoJobs) -> None:
    """Be a worker: of a session of its own, so that whoever stops the pages at a terminal lets it end its step."""
    os.setsid()
    do_jobs(os.getppid())
