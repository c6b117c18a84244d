"""`blankett serve` under connections that ask for nothing, or not to the end."""

from __future__ import annotations

import http.client
import os
import resource
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.engine.publish.conftest import SHOP, Office, furnish

from blankett.engine.publish import Publication
from blankett.engine.publish.rollout import Pace
from blankett.engine.store import Store, schema

#: Seconds within which what is waited for must have happened; nothing is concluded from how long it took.
PATIENCE = 60.0
IDLE, HALF_SENT = 1_000, 300
HALF_HEAD = b"POST /sign-in HTTP/1.1\r\nHost: localhost\r\nConte"
HALF_BODY = b"POST /sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nemail="


@contextmanager
def serving(data: Path, port: int, **settings: str) -> Iterator[int]:
    """Run `blankett serve` and give its port."""
    command = [str(Path(sys.executable).with_name("blankett")), "serve", "--data", str(data), "--port", str(port)]
    command += ["--threads", "4", "--workers", "1"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("BLANKETT_")}
    server = subprocess.Popen(
        command, env={**environment, **settings}, stdout=subprocess.DEVNULL, start_new_session=True
    )
    try:
        until = time.monotonic() + PATIENCE
        while not answers(port):
            assert server.poll() is None, "the server ended"
            assert time.monotonic() < until, "the server does not answer"
            time.sleep(0.05)
        yield port
    finally:
        server.send_signal(signal.SIGTERM)
        try:
            server.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            os.killpg(server.pid, signal.SIGKILL)
            server.wait()


def answers(port: int) -> bool:
    try:
        return get(port, "/health") == 200
    except OSError:
        return False


def get(port: int, path: str) -> int:
    """Return the status of a page, asked for over a connection of its own."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        answer.read()
        return answer.status
    finally:
        connection.close()


def received(connection: socket.socket) -> bytes:
    """Return what the server sends until it closes."""
    connection.settimeout(PATIENCE)
    found = b""
    while piece := connection.recv(4096):
        found += piece
    return found


def test_pages_go_on_beside_idle_and_half_sent_connections(tmp_path: Path, free_port: Callable[[], int]) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 4096)), hard))
    settings = {"BLANKETT_IDLE_SECONDS": "600", "BLANKETT_BODY_SECONDS": "600"}
    with serving(tmp_path, free_port(), **settings) as port, ExitStack() as held:
        for number in range(IDLE + HALF_SENT):
            connection = held.enter_context(socket.create_connection(("127.0.0.1", port), timeout=PATIENCE))
            if number >= IDLE:
                connection.sendall(HALF_BODY if number % 2 else HALF_HEAD)
        assert [get(port, "/set-up") for _ in range(20)] == [200] * 20


def test_connections_that_are_idle_or_half_sent_end_by_themselves(tmp_path: Path, free_port: Callable[[], int]) -> None:
    with (
        serving(tmp_path, free_port(), BLANKETT_IDLE_SECONDS="1", BLANKETT_BODY_SECONDS="1") as port,
        ExitStack() as held,
    ):
        connections = {
            name: held.enter_context(socket.create_connection(("127.0.0.1", port), timeout=PATIENCE))
            for name in ("idle", "half head", "half body")
        }
        connections["half head"].sendall(HALF_HEAD)
        connections["half body"].sendall(HALF_BODY)
        found = {name: received(connection)[:12] for name, connection in connections.items()}
        assert found == {"idle": b"", "half head": b"", "half body": b"HTTP/1.1 408"}


def test_a_server_goes_on_with_what_an_interrupted_publish_left(tmp_path: Path, free_port: Callable[[], int]) -> None:
    url = f"sqlite:///{tmp_path / 'blankett.sqlite'}"
    store = Store(url)
    schema.upgrade(store)
    office = Office(store)
    furnish(office)
    office.publish(SHOP, skip_scenarios=True)
    orders = [office.order(office.customer(f"C{number}")) for number in range(2)]
    publication = Publication(
        source=SHOP.replace("note: {type: text}", "note: {type: text, max_length: 9}"), move="move"
    )
    office.publisher.publish(office.actor("boss"), publication, Pace(0))
    with serving(tmp_path, free_port()):
        until = time.monotonic() + PATIENCE
        while [office.record(order).version for order in orders] != [2, 2]:
            assert time.monotonic() < until, "the server does not go on"
            time.sleep(0.2)
    store.close()
