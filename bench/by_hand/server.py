"""Runs the twin under granian with the product's settings: one application, made before the workers part.

python -m bench.by_hand.server DATABASE PORT WORKERS THREADS
"""

from __future__ import annotations

import gc
import multiprocessing
import secrets
import sys
from collections.abc import Callable
from functools import partial
from typing import Any

from flask import Flask

from bench.by_hand.app import create_app


def serve(database: str, port: int, workers: int, threads: int) -> None:
    """Answer on *port* of this machine until told to stop."""
    from granian import Granian
    from granian.constants import HTTPModes, Interfaces

    app = create_app(database, secrets.token_urlsafe(48))
    app.test_client().get("/sign-in")
    app.extensions["database"].close()
    gc.collect()
    gc.freeze()
    assert multiprocessing.get_start_method() == "fork", "the twin's workers share what was loaded before they part"
    Granian(
        "bench.by_hand.server:serve",
        address="127.0.0.1",
        port=port,
        interface=Interfaces.WSGI,
        http=HTTPModes.http1,
        websockets=False,
        workers=workers,
        blocking_threads=threads,
        backpressure=threads * 4,
        log_level="error",  # type: ignore[arg-type]  # the enum is a str
    ).serve(target_loader=partial(_in_worker, app), wrap_loader=False)


def _in_worker(app: Flask) -> Callable[..., Any]:
    app.extensions["database"].close()
    return app


if __name__ == "__main__":
    serve(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
