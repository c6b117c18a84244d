"""A slow line and a slow machine, to hunt for tests and pages that count on quickness.

Nothing is slow unless the test run's setting BLANKETT_SLOW_MS says how slow (`make test-slow-browser`).
"""

from __future__ import annotations

import os
import random
import socket
import socketserver
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, Page

#: Milliseconds that an answer comes late at most; 0 for a line as quick as it is.
SLOW_MS = int(os.environ.get("BLANKETT_SLOW_MS", "0"))
#: So many times slower is the browser's processor on a slow line.
SLOWNESS = 4


@contextmanager
def slow_line(address: str) -> Iterator[str]:
    """Give an address that leads to the server at *address*, on a line as slow as is asked for."""
    if not SLOW_MS:
        yield address
        return
    with Line(("127.0.0.1", 0), Connection) as line:
        line.server = (str(urlsplit(address).hostname), int(urlsplit(address).port or 80))
        threading.Thread(target=line.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{line.server_address[1]}"
        line.shutdown()


class Line(socketserver.ThreadingTCPServer):
    """What listens in the server's place."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 100
    server: tuple[str, int]


class Connection(socketserver.BaseRequestHandler):
    """One connection of a browser, led on to the server: what is sent either way comes late by chance."""

    def handle(self) -> None:
        assert isinstance(self.server, Line)
        with socket.create_connection(self.server.server) as server:
            answers = threading.Thread(target=pass_on, args=(server, self.request), daemon=True)
            answers.start()
            pass_on(self.request, server)
            answers.join()


def pass_on(source: socket.socket, sink: socket.socket) -> None:
    """Pass on what comes from *source* until it ends or either side hangs up; each piece late by chance."""
    with suppress(OSError):
        while piece := source.recv(1 << 20):
            time.sleep(random.uniform(0, SLOW_MS / 2_000))
            sink.sendall(piece)
    with suppress(OSError):
        sink.shutdown(socket.SHUT_WR)


def slow_down_pages(context: BrowserContext) -> None:
    """Let every page of *context* run on a slow processor, where a slow line is asked for."""
    if SLOW_MS:
        context.on("page", slow_down_page)


def slow_down_page(page: Page) -> None:
    """Let *page* run on a slow processor."""
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWNESS})
