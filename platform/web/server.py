"""Running the pages under granian: worker processes that share one application, made before they part.

granian keeps the connections and reads what is sent; the `Gateway` gives a request to a thread when all of it is here.
Where processes are forked, everything is loaded once, by their parent; elsewhere each makes the application itself.
"""

from __future__ import annotations

import asyncio
import ctypes
import gc
import logging
import multiprocessing
import os
import resource
import sys
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import partial
from io import BytesIO
from typing import Any, Protocol
from urllib.parse import quote

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from blankett.web import create_app, settings_from_environment
from blankett.web.account import sign_in_limits
from blankett.web.account.failed_sign_ins import start_noting_failures
from blankett.web.security import LARGEST_PARKED
from blankett.web.services import services_of

#: Bytes of bodies that are being received, in one process; more are told to come again.
MOST_RECEIVING = 192 * 1024 * 1024
#: Seconds after which somebody who was told to come again may do so.
COME_AGAIN = "2"
#: Answered by a thread of its own, so that it answers while every other thread waits.
HEALTH = "/health"
#: Headers that WSGI has under names of their own.
OWN_NAMES = {"content-type": "CONTENT_TYPE", "content-length": "CONTENT_LENGTH"}

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
log = logging.getLogger("blankett.web")


class RequestScope(Protocol):
    """What granian says of a request."""

    method: str
    path: str
    query_string: str
    http_version: str
    scheme: str
    #: ``host:port`` of this end and of the other.
    server: str
    client: str
    headers: Any


class Exchange(Protocol):
    """granian's way to receive the body and to answer."""

    def __aiter__(self) -> AsyncIterator[bytes]:
        """Yield the body in pieces; ends early, without a word, when the connection is closed."""
        ...

    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        """Send the answer."""
        ...


class NotTaken(Exception):
    """A request that the application never sees."""

    def __init__(self, status: int, text: str, **headers: str) -> None:
        super().__init__(text)
        self.status = status
        self.text = text
        self.headers = [(name.replace("_", "-"), value) for name, value in headers.items()]


@dataclass
class AppAnswer:
    """What the application answered."""

    status: int = 500
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""


class Gateway:
    """Answers granian's requests with a WSGI application and *threads* threads."""

    def __init__(self, application: Application, *, threads: int, body_seconds: float, largest_body: int) -> None:
        self.application = application
        self.body_seconds = body_seconds
        #: A longer body is not received; the application sees its length and refuses it with a page.
        self.largest_body = largest_body
        self._threads = ThreadPoolExecutor(threads, "answer")
        self._health = ThreadPoolExecutor(1, "health")
        #: Bytes of bodies under way; only the event loop's thread changes it.
        self._receiving = 0

    async def __rsgi__(self, scope: RequestScope, exchange: Exchange) -> None:
        """Answer one request."""
        try:
            body = await self._body(scope, exchange)
        except NotTaken as refusal:
            headers = [("content-type", "text/plain; charset=utf-8"), *refusal.headers]
            exchange.response_bytes(refusal.status, headers, refusal.text.encode())
            return
        threads = self._health if scope.path == HEALTH else self._threads
        loop = asyncio.get_running_loop()
        answer = await loop.run_in_executor(threads, self._answer, environ_of(scope, body))
        exchange.response_bytes(answer.status, answer.headers, answer.body)

    def __rsgi_del__(self, loop: object) -> None:
        """Let the requests under way end."""
        self._threads.shutdown()
        self._health.shutdown()

    async def _body(self, scope: RequestScope, exchange: Exchange) -> bytes:
        """Return the body; empty for one that is too long. Raises NotTaken when it does not come whole and in time."""
        headers = scope.headers
        if "transfer-encoding" in headers:
            # How long it will be is not known, and an end that was cut off looks like one that was meant.
            raise NotTaken(411, "Say how long the content is: send a Content-Length.\n", connection="close")
        length = int(headers.get("content-length", "0"))
        if not 0 < length <= self.largest_body:
            return b""
        try:
            return await asyncio.wait_for(self._received(exchange, length), self.body_seconds)
        except TimeoutError:
            raise NotTaken(408, "The request did not come whole in time.\n", connection="close") from None

    async def _received(self, exchange: Exchange, length: int) -> bytes:
        """Return the *length* bytes of a body. Raises NotTaken when there are fewer, or too much is under way."""
        body = bytearray()
        try:
            async for piece in exchange:
                body += piece
                self._receiving += len(piece)
                if self._receiving > MOST_RECEIVING:
                    raise NotTaken(503, "Too much is being sent at once.\n", retry_after=COME_AGAIN, connection="close")
        finally:
            self._receiving -= len(body)
        if len(body) != length:  # the connection was closed: nobody reads this
            raise NotTaken(400, "The request did not come whole.\n", connection="close")
        return bytes(body)

    def _answer(self, environ: dict[str, Any]) -> AppAnswer:
        """Return what the application answers. Runs in one of the threads."""
        answer = AppAnswer()

        def start_response(status: str, headers: list[tuple[str, str]], _: object = None) -> Callable[[bytes], None]:
            answer.status, answer.headers = int(status[:3]), headers
            return parts.append

        parts: list[bytes] = []
        try:
            found = self.application(environ, start_response)
            try:
                parts.extend(found)
            finally:
                getattr(found, "close", lambda: None)()
        except Exception:
            log.exception("the application failed at %s %s", environ["REQUEST_METHOD"], environ["PATH_INFO"])
            return AppAnswer(500, [("content-type", "text/plain; charset=utf-8")], b"Something went wrong.\n")
        answer.body = b"".join(parts)
        return answer


def environ_of(scope: RequestScope, body: bytes) -> dict[str, Any]:
    """Return the environment of PEP 3333 for a request that is here as a whole."""
    server, _, port = scope.server.rpartition(":")
    client = scope.client.rpartition(":")[0]
    return {
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": scope.path.encode().decode("latin-1"),
        "RAW_URI": quote(scope.path) + (f"?{scope.query_string}" if scope.query_string else ""),
        "QUERY_STRING": scope.query_string.encode().decode("latin-1"),
        "SERVER_NAME": server.strip("[]"),
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "REMOTE_ADDR": client.strip("[]"),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.input": BytesIO(body),
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        **header_values(scope.headers.items()),
    }


def header_values(headers: Iterable[tuple[str, str]]) -> Mapping[str, str]:
    """Return headers under the names of PEP 3333; a name that comes twice has its values with commas between.

    A name with an underscore is left out: it could pass for the one with a hyphen that a proxy sets.
    """
    values: dict[str, str] = {}
    for name, text in headers:
        if "_" in name:
            continue
        key = OWN_NAMES.get(name) or "HTTP_" + name.upper().replace("-", "_")
        between = "; " if key == "HTTP_COOKIE" else ","
        value = text.encode().decode("latin-1")
        values[key] = f"{values[key]}{between}{value}" if key in values else value
    return values


#: What granian calls the application.
TARGET = "blankett.web.server:make_gateway"
#: Files a process may have open beside its connections.
OTHER_FILES = 256


#: What `mallopt` of the GNU C library sets: the most pools that threads take their memory from, and from how many bytes
#: on a block is no part of a pool and goes back to the system when it is free.
MALLOC_OPTIONS: Mapping[int, int] = {-8: 2, -3: 1024 * 1024}


def bound_memory() -> bool:
    """Keep each thread from holding what it once needed, and tell whether the C library can be told so.

    Left alone, every thread gets a pool of its own, which keeps the 19 MiB of each password that was looked at in it.
    What the operator says in the environment stands.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    if mallopt is None or any(name.startswith("MALLOC_") for name in os.environ):
        return False
    answers = [mallopt(option, value) for option, value in MALLOC_OPTIONS.items()]
    return answers == [1] * len(answers)


def make_app() -> Flask:
    """Return the application for the settings in the environment."""
    settings = settings_from_environment()
    app = create_app(settings)
    if settings.proxies:
        # Attempts to sign in are counted by address: without this all would come from the proxy's.
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.proxies, x_proto=0)  # type: ignore[method-assign]
    return app


def settle_memory() -> None:
    """Let the collector pass over what is loaded by now and stays for the life of the process.

    It is not asked to look first: it would find some hundred objects of garbage, for a tenth of a start.
    """
    gc.freeze()
    gc.enable()


def serve(
    host: str,
    port: int,
    *,
    workers: int,
    threads: int,
    environment: Mapping[str, str],
    beside: AbstractContextManager[None],
) -> None:
    """Answer on *host*:*port* until told to stop. *environment* is added to that of this process and its children.

    What goes on *beside* is entered when everything is loaded that processes share, before the first of the pages' own.
    """
    from granian import Granian
    from granian.constants import HTTPModes, Interfaces, RuntimeModes
    from granian.http import HTTP1Settings

    bound_memory()
    os.environ.update(environment)
    settings = settings_from_environment()
    server = Granian(
        TARGET,
        address=host,
        port=port,
        interface=Interfaces.RSGI,
        runtime_mode=RuntimeModes.mt,
        http=HTTPModes.http1,
        # One timer: from the end of an answer, or the beginning of a connection, to the end of the next head.
        http1_settings=HTTP1Settings(header_read_timeout=int(settings.idle_seconds * 1000)),
        websockets=False,
        workers=workers,
        backpressure=allow_connections(settings.connections),
        respawn_failed_workers=True,
        workers_kill_timeout=10,
        log_level="error",  # type: ignore[arg-type]  # the enum is a str
    )
    loader = partial(make_gateway, threads)
    if multiprocessing.get_start_method() == "fork":
        app = make_app()
        warm_up(app)
        loader = partial(in_worker, app, threads)
    settle_memory()
    with beside:
        # granian takes an object with `__rsgi__` as well, which its annotation does not say.
        server.serve(target_loader=loader, wrap_loader=False)  # type: ignore[arg-type]


def allow_connections(wanted: int) -> int:
    """Let this process and its children have *wanted* connections; return how many the machine allows of them."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = wanted + OTHER_FILES
    if soft != resource.RLIM_INFINITY and soft < needed:
        soft = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return wanted if soft == resource.RLIM_INFINITY else max(1, min(wanted, soft - OTHER_FILES))


def make_gateway(threads: int) -> Gateway:
    """Return the door of a worker that makes the application itself."""
    bound_memory()
    app = make_app()
    settle_memory()
    start_noting_failures(app)
    return gateway_to(app, threads)


def gateway_to(app: Flask, threads: int) -> Gateway:
    """Return the door to *app*."""
    settings = services_of(app).settings
    return Gateway(app, threads=threads, body_seconds=settings.body_seconds, largest_body=LARGEST_PARKED)


def warm_up(app: Flask) -> None:
    """Answer once, so that what the first answer needs is loaded; leave nothing open that a child must not share."""
    settings = services_of(app).settings
    host = settings.hosts[0] if settings.hosts else "localhost"
    app.test_client().get("/sign-in", base_url=f"http://{host}")
    services_of(app).store.close()


def in_worker(app: Flask, threads: int) -> Gateway:
    """Return the door to the application for one worker process: with connections and counts of its own."""
    services_of(app).store.close()
    sign_in_limits.init_attempts(app)
    start_noting_failures(app)
    return gateway_to(app, threads)
