"""The worker beside the pages: begun when they answer, begun again when it dies, ended with them.

A process of its own does that, which loads nothing else: the pages' own process has no further thread, of which its
forked workers would get half.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
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


@contextmanager
def worker_beside(host: str, port: int, environment: Mapping[str, str]) -> Iterator[None]:
    """Keep a worker alive beside the pages on *host*:*port* within the block.

    What keeps it alive is begun again where it was killed, which a signal tells. One that ended by itself has said why.
    """
    pages = os.getpid()
    keeper: subprocess.Popen[bytes] | None = _start_keeper(pages, host, port, environment)

    def look(_: int, __: FrameType | None) -> None:
        nonlocal keeper
        if os.getpid() != pages or keeper is None:  # the processes of the pages inherit this
            return
        if (keeper.poll() or 0) < 0:
            log.error("What keeps the worker alive was killed by signal %d; it is begun again.", -keeper.returncode)
            keeper = None  # what ends meanwhile finds nothing to be begun
            keeper = _start_keeper(pages, host, port, environment)

    before = signal.signal(signal.SIGCHLD, look)
    try:
        yield
    finally:
        signal.signal(signal.SIGCHLD, before)
        if keeper is not None:
            end(keeper)


def _start_keeper(pages: int, host: str, port: int, environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    told = [str(pages), host, str(port)]
    return subprocess.Popen([sys.executable, "-m", __name__, *told], env={**os.environ, **environment})


def end(process: subprocess.Popen[bytes]) -> None:
    """Let a process end what it is at, and wait for it."""
    process.terminate()
    try:
        process.wait(LAST_STEP)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def supervise(parent: str, host: str, port: str) -> None:
    """Keep a worker alive as long as the process that started this one: *parent*, which answers on *host*:*port*."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _stop)
    try:
        _await_answer(int(parent), host, int(port))
        _keep_alive(int(parent))
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


def _keep_alive(parent: int) -> None:
    deaths = 0
    while not _is_alone(parent):
        began = time.monotonic()
        code = [sys.executable, "-c", "from blankett.cli import main; main()", "worker", f"--beside={os.getpid()}"]
        worker = subprocess.Popen(code, start_new_session=True)
        try:
            while worker.poll() is None and not _is_alone(parent):
                time.sleep(0.2)
        finally:
            if worker.poll() is None:
                end(worker)
        if worker.returncode == CANNOT:
            return
        deaths = 0 if time.monotonic() - began > LONG_ENOUGH else deaths
        time.sleep(PAUSES[min(deaths, len(PAUSES) - 1)])
        deaths += 1


if __name__ == "__main__":
    supervise(*sys.argv[1:])
