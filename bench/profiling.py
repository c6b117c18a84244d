"""What costs in a request: the same tasks in this process under cProfile, for finding where the time goes.

python -m bench.profiling list --orders 20000 --sort cumulative
"""

from __future__ import annotations

import argparse
import cProfile
import os
import pstats
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from flask.testing import FlaskClient

from bench.browser import Answer, UnexpectedAnswer
from bench.clerk import TASKS, Clerk
from bench.ground import lay


class InProcess:
    """A browser whose requests are answered in this process."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client

    def get(self, path: str, *, expect: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
        """Fetch a page."""
        return self._answer(self.client.open(path, headers=dict(headers or {})), path, expect)

    def post(
        self,
        path: str,
        fields: Iterable[tuple[str, str]],
        *,
        expect: int = 303,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send a form."""
        data: dict[str, list[str]] = {}
        for name, value in fields:
            data.setdefault(name, []).append(value)
        return self._answer(self.client.post(path, data=data, headers=dict(headers or {})), path, expect)

    def _answer(self, response: object, path: str, expect: int) -> Answer:
        status, body = response.status_code, response.get_data(as_text=True)  # type: ignore[attr-defined]
        if status != expect:
            raise UnexpectedAnswer("", path, status, body)
        headers = {name.lower(): value for name, value in response.headers.items()}  # type: ignore[attr-defined]
        return Answer(status, headers, body)


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
        database = f"sqlite:///{Path(folder) / 'blankett.sqlite'}"
        ground = lay(database, given.orders)
        os.environ.update(BLANKETT_MODE="development", BLANKETT_DATA=folder, BLANKETT_DATABASE=database)
        from blankett.web.serving import make_app

        clerk = Clerk(InProcess(make_app().test_client()), ground)  # type: ignore[arg-type]
        clerk.sign_in()
        task = TASKS[given.task]
        for _ in range(20):
            task(clerk)
        profile = cProfile.Profile()
        profile.enable()
        for _ in range(given.requests):
            task(clerk)
        profile.disable()
    found = pstats.Stats(profile)
    print(f"{found.total_tt / given.requests * 1000:.2f} ms a request under the profiler")  # type: ignore[attr-defined]
    found.strip_dirs().sort_stats(given.sort).print_stats(given.lines)


if __name__ == "__main__":
    main()
