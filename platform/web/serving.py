"""Running the pages under granian: worker processes that share one application, made before they part.

granian keeps the connections and reads what is sent; the `gateway` gives a request to a thread when all of it is here.
Where processes are forked, everything is loaded once, by their parent; elsewhere each makes the application itself.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import resource
from collections.abc import Mapping
from functools import partial

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from blankett.web import attempts, create_app, settings_from_environment
from blankett.web.gateway import Gateway
from blankett.web.sealing import start_sealing
from blankett.web.security import LARGEST_PARKED
from blankett.web.services import services_of

#: What granian calls the application.
TARGET = "blankett.web.serving:make_gateway"
#: Files a process may have open beside its connections.
OTHER_FILES = 256


def make_app() -> Flask:
    """Return the application for the settings in the environment."""
    settings = settings_from_environment()
    app = create_app(settings)
    if settings.proxies:
        # Attempts to sign in are counted by address: without this all would come from the proxy's.
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.proxies, x_proto=0)  # type: ignore[method-assign]
    # What is loaded by now stays for the life of the process: the collector need not look at it again.
    gc.collect()
    gc.freeze()
    return app


def serve(host: str, port: int, *, workers: int, threads: int, environment: Mapping[str, str]) -> None:
    """Answer on *host*:*port* until told to stop. *environment* is added to that of the workers."""
    from granian import Granian
    from granian.constants import HTTPModes, Interfaces, RuntimeModes
    from granian.http import HTTP1Settings

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
    app = make_app()
    start_sealing(app)
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
    gc.collect()
    gc.freeze()


def in_worker(app: Flask, threads: int) -> Gateway:
    """Return the door to the application for one worker process: with connections and counts of its own."""
    services_of(app).store.close()
    attempts.init_attempts(app)
    start_sealing(app)
    return gateway_to(app, threads)
