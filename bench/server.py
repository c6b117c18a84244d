"""The servers under measurement: `blankett serve` as anybody starts it, the twin by hand, and the bare route."""

from __future__ import annotations

import http.client
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.processes import cpu_seconds, family, thread_seconds

ROOT = Path(__file__).resolve().parent.parent
#: Seconds a server may take before it answers, and before it has ended.
LONGEST_START, LONGEST_END = 30.0, 15.0
#: As `blankett serve` sets them.
WORKERS, THREADS = 2, 8

#: Runs the bare route with as many processes and threads, in granian's plain WSGI: the unit of all figures.
BARE = """
import sys
from granian import Granian
from granian.constants import HTTPModes, Interfaces
Granian("bench.hello:app", address="127.0.0.1", port=int(sys.argv[1]), interface=Interfaces.WSGI, http=HTTPModes.http1,
        websockets=False, workers=int(sys.argv[2]), blocking_threads=int(sys.argv[3]),
        backpressure=int(sys.argv[3]) * 4, log_level="warning").serve()
"""


@dataclass(frozen=True, eq=False)
class Server:
    """A server that answers."""

    process: subprocess.Popen[bytes]
    port: int
    #: CPU seconds from its start to its first answer.
    start: float
    #: Its processes: the first and its workers.
    family: Sequence[int]

    def cpu(self) -> float:
        """Return the CPU seconds all its processes have used."""
        return sum(thread_seconds(each) for each in self.family)


@contextmanager
def blankett(data: Path) -> Iterator[Server]:
    """Run `blankett serve` on the folder *data*."""
    port = free_port()
    settings = {
        "BLANKETT_MODE": "production",
        "BLANKETT_INSECURE_COOKIE": "1",
        "BLANKETT_SECRET": secrets.token_urlsafe(48),
        "BLANKETT_DATABASE": "",
    }
    command = [str(Path(sys.executable).with_name("blankett")), "serve", "--data", str(data), "--port", str(port)]
    with _running(command, port, "/sign-in", settings) as server:
        yield server


@contextmanager
def by_hand(database: Path) -> Iterator[Server]:
    """Run the twin on its *database*."""
    port = free_port()
    numbers = [str(each) for each in (port, WORKERS, THREADS)]
    with _running(
        [sys.executable, "-m", "bench.by_hand.server", str(database), *numbers], port, "/sign-in", {}
    ) as server:
        yield server


@contextmanager
def bare() -> Iterator[Server]:
    """Run the bare Flask route."""
    port = free_port()
    command = [sys.executable, "-c", BARE, str(port), str(WORKERS), str(THREADS)]
    with _running(command, port, "/hello", {}) as server:
        yield server


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def _running(command: list[str], port: int, path: str, settings: Mapping[str, str]) -> Iterator[Server]:
    # Modules are compiled once, when a package is installed, not at each start: whoever runs this may not want the
    # files, but what is measured has them.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    process = subprocess.Popen(
        command, cwd=ROOT, env={**environment, **settings}, stdout=subprocess.DEVNULL, start_new_session=True
    )
    try:
        _wait(process, port, path)
        yield Server(process, port, cpu_seconds(process.pid), family(process.pid))
    finally:
        _end(process)


def _wait(process: subprocess.Popen[bytes], port: int, path: str) -> None:
    """Return at the server's first answer; raise when it ends or takes too long."""
    until = time.monotonic() + LONGEST_START
    while time.monotonic() < until:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode}")
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", path)
            connection.getresponse().read()
            connection.close()
            return
        except OSError:
            time.sleep(0.005)
    raise RuntimeError(f"no answer within {LONGEST_START:.0f} s")


def _end(process: subprocess.Popen[bytes]) -> None:
    """Stop the server and its workers."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(LONGEST_END)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
