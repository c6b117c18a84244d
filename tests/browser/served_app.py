"""An application served to a browser by threads of this process."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from flask import Flask
from werkzeug.serving import make_server

from blankett.engine.store import Store
from blankett.web.services import Services, services_over
from blankett.web.settings import Settings

from .slow_line import slow_line

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


def serve(store: Store) -> Services:
    """Return the services of an application over *store*, by the clock of this machine."""
    settings = Settings(database=store.url, secret_key="s" * 40, mode="development", secure_cookie=False)
    return services_over(settings, store, lambda: datetime.now(UTC))


@contextmanager
def served_app(app: Flask) -> Iterator[str]:
    """Serve *app* on a free port of this machine; give its address."""
    server = make_server("127.0.0.1", 0, answer_whole(app.wsgi_app), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        with slow_line(f"http://127.0.0.1:{server.server_port}") as address:
            yield address
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()


def answer_whole(app: WSGIApplication) -> WSGIApplication:
    """Return *app* with every answer read and closed before it is sent.

    werkzeug's server leaves an answer open, and with it a static file, when the browser hangs up while it is sent.
    """

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        parts = app(environ, start_response)
        try:
            return [b"".join(parts)]
        finally:
            if hasattr(parts, "close"):
                parts.close()

    return answer
