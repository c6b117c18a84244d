"""A real browser for the tests of this folder: the machine's chromium, driven by playwright."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright

from blankett.demo import build_demo
from blankett.engine.store import Store
from blankett.engine.store.schema import upgrade

from .desk import Desk, Enter
from .quiet import watch_pages
from .slow_line import slow_down_pages, slow_line

HERE = Path(__file__).parent
#: Seconds until the demo must answer. A machine that does other things besides is slow, not wrong.
PATIENCE = 60
expect.set_options(timeout=PATIENCE * 500)
#: Names of the browser, the quickest first: a page costs the shell, which draws no window around it, half as much.
CHROMIUM = ("chromium-headless-shell", "chromium", "chromium-browser")
#: No sandbox: CI runs as root. The rest keeps the browser from reaching out by itself.
CHROMIUM_ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # One process for the pages of a context, not one for each place a page may lead to.
    "--disable-site-isolation-trials",
    "--process-per-site",
    "--renderer-process-limit=1",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test of this folder, so that `-m 'not browser'` leaves them out."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of the machine's chromium. Skips where there is none, unless BLANKETT_REQUIRE_BROWSER is set."""
    found = [path for name in CHROMIUM if (path := shutil.which(name))]
    if found:
        return found[0]
    reason = "no browser (on Debian: apt-get install chromium-headless-shell fonts-noto-cjk)"
    if os.environ.get("BLANKETT_REQUIRE_BROWSER"):
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="package")
def browser(chromium: str) -> Iterator[Browser]:
    """One browser process for this folder's tests: its event loop stands in the way of others that run one."""
    with sync_playwright() as playwright:
        process = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_ARGUMENTS)
        yield process
        process.close()


#: Windows the stories are played in.
SIZES = {"desk": {"width": 1280, "height": 900}, "phone": {"width": 390, "height": 844}}
#: Options of a browser context where a test gives no others.
DEFAULTS: dict[str, Any] = {"viewport": SIZES["desk"], "locale": "en-GB", "timezone_id": "Europe/Copenhagen"}
#: Makes an empty browser context, with cookies of its own; takes the options of playwright's `new_context`.
MakeContext = Callable[..., BrowserContext]


@pytest.fixture
def make_context(browser: Browser) -> Iterator[MakeContext]:
    """Make browser contexts that are closed at the end of the test.

    It fails there when a page of one had a script error or broke the content security policy. Name the server before
    this, so that it goes on until they are closed: what a page asks of none is an error too.
    """
    made: list[BrowserContext] = []
    faults: list[str] = []

    def make(**options: Any) -> BrowserContext:
        context = browser.new_context(**{**DEFAULTS, **options})
        context.set_default_timeout(PATIENCE * 500)
        context.on("weberror", lambda fault: faults.append(str(fault.error)))
        context.on("console", lambda message: faults.extend(script_faults(message)))
        watch_pages(context)
        slow_down_pages(context)
        made.append(context)
        return context

    yield make
    for context in made:
        context.close()
    assert faults == []


@pytest.fixture
def page(make_context: MakeContext) -> Page:
    """One empty page of the test's browser."""
    return make_context().new_page()


# The demo ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Demo:
    """A demo that is being served: where, from which database, and the file with what the server says."""

    address: str
    database: Path
    said: Path

    def versions(self) -> int:
        """Return how many versions of blueprints are published."""
        with closing(sqlite3.connect(self.database)) as connection:
            return int(connection.execute("SELECT count(*) FROM version").fetchone()[0])

    def begin_anew(self, told: Path) -> None:
        """Put back what nobody has touched, in one transaction that the server sees as somebody's writing."""
        with closing(sqlite3.connect(told)) as untouched, closing(sqlite3.connect(self.database)) as touched:
            untouched.backup(touched)

    @contextmanager
    def without_fault(self) -> Iterator[str]:
        """Give the address; the server must not fail meanwhile."""
        before = self.said.stat().st_size
        yield self.address
        said = self.said.read_bytes()[before:].decode()
        assert "Traceback" not in said, said


@pytest.fixture(scope="session")
def told(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database of a demo that nobody has touched."""
    database = tmp_path_factory.mktemp("told") / "blankett.sqlite"
    store = Store(f"sqlite:///{database}")
    upgrade(store)
    build_demo(store, datetime.now(UTC))
    store.close()
    return database


@contextmanager
def serve_demo(told: Path, data: Path, port: int) -> Iterator[Demo]:
    """Serve a copy of the database *told* from the folder *data*, by the command as people start it; without a worker,
    which would find its tables gone when the database is put back.
    """
    data.mkdir()
    shutil.copy(told, data)
    command = [str(Path(sys.executable).parent / "blankett"), "demo", "--port", str(port), "--data", str(data)]
    command += ["--no-worker"]
    demo = Demo(f"http://127.0.0.1:{port}", data / told.name, data.with_suffix(".said"))
    with demo.said.open("wb") as said, subprocess.Popen(command, stdout=said, stderr=subprocess.STDOUT) as server:
        try:
            wait_for(f"{demo.address}/health", server)
            with slow_line(demo.address) as address:
                yield replace(demo, address=address)
        finally:
            server.terminate()
            server.wait(timeout=PATIENCE)


@pytest.fixture(scope="session")
def shared_demo(told: Path, tmp_path_factory: pytest.TempPathFactory, free_port: Callable[[], int]) -> Iterator[Demo]:
    """One demo for all tests that publish nothing."""
    with serve_demo(told, tmp_path_factory.mktemp("demo") / "data", free_port()) as demo:
        yield demo


@pytest.fixture
def address(shared_demo: Demo, told: Path) -> Iterator[str]:
    """The address of a demo that nobody has touched.

    The server goes on from test to test and keeps the versions it has loaded, so who publishes takes `own_demo`.
    """
    shared_demo.begin_anew(told)
    published = shared_demo.versions()
    with shared_demo.without_fault() as address:
        yield address
    assert shared_demo.versions() == published, "this test publishes: it needs `own_demo`"


@pytest.fixture
def own_demo(told: Path, tmp_path: Path, free_port: Callable[[], int]) -> Iterator[Demo]:
    """A demo of the test's own."""
    with serve_demo(told, tmp_path / "data", free_port()) as demo, demo.without_fault():
        yield demo


def wait_for(url: str, server: subprocess.Popen[bytes]) -> None:
    """Wait until *url* answers."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        assert server.poll() is None, "the demo stopped"
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"{url} does not answer")


@pytest.fixture(params=SIZES, ids=list(SIZES))
def enter(request: pytest.FixtureRequest, address: str, make_context: MakeContext) -> Enter:
    """Sign somebody in, in a browser of their own."""
    return lambda name: Desk(make_context(viewport=SIZES[request.param]).new_page(), address, name)


def script_faults(message: ConsoleMessage) -> list[str]:
    """Return what a console line complains about: errors, except that an answer was 4xx, which tests provoke."""
    if message.type != "error" or message.text.startswith("Failed to load resource"):
        return []
    place = message.location
    return [f"{place.get('url', '')}:{place.get('lineNumber', '')} {message.text}"]
