"""The door of the server: bodies come whole, in time and in bounds, before a thread is taken."""

from __future__ import annotations

import asyncio
import os
import platform
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from blankett.web import server as gateway
from blankett.web.server import Gateway, environ_of


class Headers:
    """Headers as granian gives them."""

    def __init__(self, pairs: list[tuple[str, str]]) -> None:
        self.pairs = pairs

    def __contains__(self, name: str) -> bool:
        return any(known == name for known, _ in self.pairs)

    def get(self, name: str, otherwise: str) -> str:
        return next((text for known, text in self.pairs if known == name), otherwise)

    def items(self) -> list[tuple[str, str]]:
        return self.pairs


@dataclass
class Scope:
    method: str = "POST"
    path: str = "/orders/新"
    query_string: str = "a=%20b"
    http_version: str = "1.1"
    scheme: str = "http"
    server: str = "127.0.0.1:8300"
    client: str = "[::1]:40000"
    headers: Headers = field(default_factory=lambda: Headers([]))


@dataclass
class Exchange:
    """What granian hands over for one request: *pieces* of a body; None waits for ever."""

    pieces: list[bytes | None] = field(default_factory=list)
    answers: list[tuple[int, dict[str, str], bytes]] = field(default_factory=list)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self.pieces:
            if piece is None:
                await asyncio.Event().wait()
            else:
                yield piece

    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.answers.append((status, dict(headers), body))


def echo(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
    """Answer with what was sent."""
    start("200 OK", [("x-length", environ.get("CONTENT_LENGTH", "none"))])
    return [environ["wsgi.input"].read()]


def ask(exchange: Exchange, *headers: tuple[str, str], application: Any = echo) -> tuple[int, dict[str, str], bytes]:
    """Return the answer to one request."""
    door = Gateway(application, threads=1, body_seconds=0.05, largest_body=100)
    asyncio.run(door.__rsgi__(Scope(headers=Headers(list(headers))), exchange))
    door.__rsgi_del__(None)
    (answer,) = exchange.answers
    return answer


def test_a_body_comes_whole() -> None:
    assert ask(Exchange([b"ab", b"cd"]), ("content-length", "4")) == (200, {"x-length": "4"}, b"abcd")


def test_a_body_that_was_cut_off_never_reaches_the_application() -> None:
    assert ask(Exchange([b"ab"]), ("content-length", "4"))[0] == 400


def test_a_body_that_does_not_come_in_time_is_refused_without_a_thread() -> None:
    def never(environ: object, start: object) -> Iterable[bytes]:
        raise AssertionError("a thread was taken")

    status, headers, _ = ask(Exchange([b"ab", None]), ("content-length", "4"), application=never)
    assert (status, headers["connection"]) == (408, "close")


def test_a_body_of_unknown_length_is_refused() -> None:
    assert ask(Exchange([b"ab"]), ("transfer-encoding", "chunked"))[0] == 411


def test_a_body_that_is_too_long_is_not_received_and_the_application_says_so() -> None:
    assert ask(Exchange([None]), ("content-length", "101")) == (200, {"x-length": "101"}, b"")


def test_bodies_under_way_are_bounded_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gateway, "MOST_RECEIVING", 3)
    status, headers, _ = ask(Exchange([b"ab", b"cd"]), ("content-length", "4"))
    assert (status, headers["retry-after"]) == (503, "2")


def test_a_fault_of_the_application_answers_500() -> None:
    def broken(environ: object, start: object) -> Iterable[bytes]:
        raise ValueError

    assert ask(Exchange(), application=broken)[0] == 500


def test_the_environment_says_what_was_asked() -> None:
    pairs = [("host", "a:1"), ("cookie", "a=1"), ("cookie", "b=2"), ("x-forwarded-for", "1"), ("x_forwarded_for", "2")]
    environ = environ_of(Scope(headers=Headers(pairs)), b"")
    assert environ["PATH_INFO"].encode("latin-1").decode() == "/orders/新"
    assert {name: environ[name] for name in environ if name.startswith(("HTTP_", "SERVER_", "REMOTE", "QUERY"))} == {
        "HTTP_HOST": "a:1",
        "HTTP_COOKIE": "a=1; b=2",
        "HTTP_X_FORWARDED_FOR": "1",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8300",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "::1",
        "QUERY_STRING": "a=%20b",
    }


#: Asks for memory in many threads at once, and prints how many pools the C library has made for them.
POOLS = """
import ctypes, sys, threading
from blankett.web.server import bound_memory
if sys.argv[1] == "bounded" and not bound_memory():
    sys.exit(3)
libc = ctypes.CDLL(None)
libc.fopen.restype, libc.malloc.restype = ctypes.c_void_p, ctypes.c_void_p
gate = threading.Barrier(8)
def ask():
    gate.wait()
    for _ in range(100):
        libc.malloc(ctypes.c_size_t(1000))
    gate.wait()
threads = [threading.Thread(target=ask) for _ in range(8)]
[each.start() for each in threads], [each.join() for each in threads]
out = libc.fopen(sys.argv[2].encode(), b"w")
libc.malloc_info(0, ctypes.c_void_p(out))
libc.fclose(ctypes.c_void_p(out))
print(open(sys.argv[2]).read().count("<heap nr="))
"""


def pools(tmp_path: Path, how: str, **more: str) -> str:
    """Return what the script says: a number, or nothing where the C library is another."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MALLOC_")}
    command = [sys.executable, "-c", POOLS, how, str(tmp_path / "pools.xml")]
    return subprocess.run(command, env={**kept, **more}, capture_output=True, text=True, check=False).stdout.strip()


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other C libraries keep their memory otherwise")
def test_threads_share_two_pools_of_memory_unless_the_operator_says_otherwise(tmp_path: Path) -> None:
    bounded, free = pools(tmp_path, "bounded"), pools(tmp_path, "free")
    assert bounded == "2"
    assert int(free) > 2, "the test asks for too little"
    assert pools(tmp_path, "bounded", MALLOC_ARENA_MAX="3") == "", "what the environment says stands"
