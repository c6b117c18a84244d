"""Running the pages under granian: worker processes that share one application, made before they part.

Where processes are forked, everything is loaded once, by their parent; elsewhere each makes the application itself.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
from collections.abc import Mapping
from functools import partial

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from blankett.web import attempts, create_app, settings_from_environment
from blankett.web.services import services_of

#: What the server imports and calls in each worker.
FACTORY = "blankett.web.serving:make_app"


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
    from granian.constants import HTTPModes, Interfaces

    os.environ.update(environment)
    server = Granian(
        FACTORY,
        factory=True,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        http=HTTPModes.http1,
        websockets=False,
        workers=workers,
        blocking_threads=threads,
        backpressure=threads * 4,
        respawn_failed_workers=True,
        workers_kill_timeout=10,
        log_level="error",  # type: ignore[arg-type]  # the enum is a str
    )
    if multiprocessing.get_start_method() == "fork":
        app = make_app()
        warm_up(app)
        server.serve(target_loader=partial(in_worker, app), wrap_loader=False)
    else:
        server.serve()


def warm_up(app: Flask) -> None:
    """Answer once, so that what the first answer needs is loaded; leave nothing open that a child must not share."""
    settings = services_of(app).settings
    host = settings.hosts[0] if settings.hosts else "localhost"
    app.test_client().get("/sign-in", base_url=f"http://{host}")
    services_of(app).store.close()
    attempts.end_timers(app)
    gc.collect()
    gc.freeze()


def in_worker(app: Flask) -> Flask:
    """Return the application for one worker process: with connections and counts of its own."""
    services_of(app).store.close()
    attempts.init_attempts(app)
    return app
