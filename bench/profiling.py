"""What costs in a request: the same tasks in this process under cProfile, for finding where the time goes.

python -m bench.profiling list --orders 20000 --sort cumulative
"""

from __future__ import annotations

import argparse
import cProfile
import os
import pstats
import secrets
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from flask.testing import FlaskClient

from bench.breakdown import Breakdown, shares_of, statements_of
from bench.browser import Answer, Browser
from bench.by_hand.ground import TwinGround
from bench.clerk import TASKS, Clerk, Task
from bench.ground import Ground, lay


class InProcess(Browser):
    """A browser whose requests are answered in this process."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        self.cookies = {}

    def send(
        self, method: str, path: str, body: str | None, *, expect: int, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Let the application answer a request."""
        sent = {"Cookie": self.cookie_header(), **(headers or {})}
        kind = None if body is None else "application/x-www-form-urlencoded"
        response = self.client.open(path, method=method, data=body, content_type=kind, headers=sent)
        return self.answered(method, path, expect, response.status_code, list(response.headers), response.text)


def break_down(folder: Path, ground: Ground, requests: int) -> dict[str, Breakdown]:
    """Profile each task on the data in *folder*, in this process, and return where its time goes."""
    clerk = clerk_in_process(folder, ground)
    found = {}
    for key, task in TASKS.items():
        for _ in range(max(5, requests // 5)):
            task.ask(clerk, task.prepare(clerk))
        stats = profiled(task, clerk, requests)
        found[key] = Breakdown(statements_of(stats) / requests, shares_of(stats))
    return found


def clerk_in_process(folder: Path, ground: Ground) -> Clerk:
    """Return a clerk whose requests are answered in this process, signed in."""
    settings = {"BLANKETT_MODE": "development", "BLANKETT_DATA": str(folder), "BLANKETT_DATABASE": ""}
    os.environ.update(settings)
    from blankett.web.server import make_app, settle_memory  # reads the settings

    clerk = Clerk(InProcess(make_app().test_client(use_cookies=False)), ground)
    clerk.sign_in()
    settle_memory()
    return clerk


def twin_in_process(database: Path, ground: Ground) -> Clerk:
    """Return a clerk of the twin whose requests are answered in this process, signed in."""
    from bench.by_hand.app import create_app

    app = create_app(str(database), secrets.token_urlsafe(48))
    app.config["PROPAGATE_EXCEPTIONS"] = True
    clerk = Clerk(InProcess(app.test_client(use_cookies=False)), ground)
    clerk.sign_in()
    return clerk


def profiled(task: Task, clerk: Clerk, count: int) -> pstats.Stats:
    """Return what the profiler saw while a task was done *count* times; what makes it ready is not looked at."""
    profile = cProfile.Profile()
    for _ in range(count):
        ready = task.prepare(clerk)
        clerk.settle()
        profile.enable()
        task.ask(clerk, ready)
        profile.disable()
    return pstats.Stats(profile)


def plain(task: Task, clerk: Clerk, count: int) -> float:
    """Return the CPU seconds of one request without the profiler."""
    total = 0.0
    for _ in range(count):
        ready = task.prepare(clerk)
        clerk.settle()
        began = time.process_time()
        task.ask(clerk, ready)
        total += time.process_time() - began
    return total / count


def main() -> None:
    """Profile one task and print where the time went."""
    parser = argparse.ArgumentParser(prog="python -m bench.profiling", description=__doc__)
    parser.add_argument("task", choices=sorted(TASKS))
    parser.add_argument("--orders", type=int, default=5_000)
    parser.add_argument("--requests", type=int, default=200)
    parser.add_argument("--sort", default="tottime", choices=["tottime", "cumulative"])
    parser.add_argument("--twin", action="store_true", help="profile the twin by hand")
    parser.add_argument("--lines", type=int, default=45)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="blankett-profile-") as folder:
        twin = Path(folder) / "by_hand.sqlite"
        ground = lay(f"sqlite:///{Path(folder) / 'blankett.sqlite'}", given.orders, also=TwinGround(str(twin)))
        clerk = twin_in_process(twin, ground) if given.twin else clerk_in_process(Path(folder), ground)
        task = TASKS[given.task]
        plain(task, clerk, 20)
        seconds = plain(task, clerk, given.requests)
        stats = profiled(task, clerk, given.requests)
    print(f"{seconds * 1000:.2f} ms a request, {statements_of(stats) / given.requests:.1f} statements")
    print(", ".join(f"{area} {share:.0%}" for area, share in shares_of(stats).items()))
    stats.strip_dirs().sort_stats(given.sort).print_stats(given.lines)


if __name__ == "__main__":
    main()
