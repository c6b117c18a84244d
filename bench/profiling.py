"""What costs in a request: the same tasks in this process under cProfile, for finding where the time goes.

python -m bench.profiling list --orders 20000 --sort cumulative
"""

from __future__ import annotations

import argparse
import cProfile
import os
import pstats
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from flask.testing import FlaskClient

from bench.breakdown import Breakdown, shares_of, statements_of
from bench.browser import Answer, Browser
from bench.clerk import TASKS, Clerk
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
    # The servers' clerk has acted on the first ones.
    clerk.waiting = iter(reversed(ground.in_review))
    found = {}
    for key, task in TASKS.items():
        for _ in range(max(5, requests // 5)):
            task(clerk)
        stats = profiled(lambda task=task: task(clerk), requests)  # type: ignore[misc]
        found[key] = Breakdown(statements_of(stats) / requests, shares_of(stats))
    return found


def clerk_in_process(folder: Path, ground: Ground) -> Clerk:
    """Return a clerk whose requests are answered in this process, signed in."""
    settings = {"BLANKETT_MODE": "development", "BLANKETT_DATA": str(folder), "BLANKETT_DATABASE": ""}
    os.environ.update(settings)
    from blankett.web.server import make_app  # reads the settings

    clerk = Clerk(InProcess(make_app().test_client(use_cookies=False)), ground)
    clerk.sign_in()
    return clerk


def profiled(do: Callable[[], object], count: int) -> pstats.Stats:
    """Return what the profiler saw while *do* was done *count* times."""
    profile = cProfile.Profile()
    profile.enable()
    for _ in range(count):
        do()
    profile.disable()
    return pstats.Stats(profile)


def main() -> None:
    """Profile one task and print where the time went."""
    parser = argparse.ArgumentParser(prog="python -m bench.profiling", description=__doc__)
    parser.add_argument("task", choices=sorted(TASKS))
    parser.add_argument("--orders", type=int, default=5_000)
    parser.add_argument("--requests", type=int, default=200)
    parser.add_argument("--sort", default="tottime", choices=["tottime", "cumulative"])
    parser.add_argument("--lines", type=int, default=45)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="blankett-profile-") as folder:
        ground = lay(f"sqlite:///{Path(folder) / 'blankett.sqlite'}", given.orders)
        clerk = clerk_in_process(Path(folder), ground)
        task = TASKS[given.task]
        for _ in range(20):
            task(clerk)
        began = time.process_time()
        for _ in range(given.requests):
            task(clerk)
        plain = (time.process_time() - began) / given.requests
        stats = profiled(lambda: task(clerk), given.requests)
    print(f"{plain * 1000:.2f} ms a request, {statements_of(stats) / given.requests:.1f} statements")
    print(", ".join(f"{area} {share:.0%}" for area, share in shares_of(stats).items()))
    stats.strip_dirs().sort_stats(given.sort).print_stats(given.lines)


if __name__ == "__main__":
    main()
