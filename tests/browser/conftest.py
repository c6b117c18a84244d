"""A real browser for the tests of this folder: the machine's chromium, driven by playwright."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright

from blankett.demo import build_demo
from blankett.engine.store import Store
from blankett.engine.store.schema import upgrade

from .desk import Desk, Enter

HERE = Path(__file__).parent
#: Seconds until the demo must answer. A machine that does other things besides is slow, not wrong.
PATIENCE = 60
expect.set_options(timeout=PATIENCE * 500)
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
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test of this folder, so that `-m 'not browser'` leaves them out."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of the machine's chromium. Skips where there is none, unless BLANKETT_REQUIRE_BROWSER is set."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path:
        return path
    reason = "no browser: install chromium (on Debian: apt-get install chromium fonts-noto-cjk)"
    if os.environ.get("BLANKETT_REQUIRE_BROWSER"):
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    """One browser process for a file's tests: its event loop stands in the way of tests that run one of their own."""
    with sync_playwright() as playwright:
        process = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_ARGUMENTS)
        yield process
        process.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A browser's world, empty for each test: its own cookies, 1280 x 900, English, Central European time.

    The test fails at its end when a page had a script error or broke the content security policy.
    """
    context = browser.new_context(
        viewport={"width": 1280, "height": 900}, locale="en-GB", timezone_id="Europe/Copenhagen"
    )
    context.set_default_timeout(PATIENCE * 500)
    faults: list[str] = []
    context.on("weberror", lambda fault: faults.append(str(fault.error)))
    context.on("console", lambda message: faults.extend(script_faults(message)))
    yield context
    context.close()
    assert faults == []


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """One empty page of the test's browser."""
    return context.new_page()


# The demo ------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def told(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of a demo that nobody has touched."""
    folder = tmp_path_factory.mktemp("demo")
    store = Store(f"sqlite:///{folder / 'blankett.sqlite'}")
    upgrade(store)
    build_demo(store, datetime.now(UTC))
    store.close()
    return folder


@pytest.fixture
def address(told: Path, tmp_path: Path) -> Iterator[str]:
    """The address of a demo of its own, served by the command as people start it."""
    data = tmp_path / "data"
    shutil.copytree(told, data)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [str(Path(sys.executable).parent / "blankett"), "demo", "--port", str(port), "--data", str(data)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as server:
        try:
            wait_for(f"http://127.0.0.1:{port}/health", server)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            said = server.communicate(timeout=PATIENCE)[0].decode()
    assert "Traceback" not in said, said


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


#: Windows the stories are played in.
SIZES = {"desk": {"width": 1280, "height": 900}, "phone": {"width": 390, "height": 844}}


@pytest.fixture(params=SIZES, ids=list(SIZES))
def enter(request: pytest.FixtureRequest, browser: Browser, address: str) -> Iterator[Enter]:
    """Sign somebody in, in a browser of their own; nobody's pages may have script faults."""
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def sit_down(name: str) -> Desk:
        context = browser.new_context(
            viewport=SIZES[request.param],  # type: ignore[arg-type]
            locale="en-GB",
            timezone_id="Europe/Copenhagen",
        )
        context.set_default_timeout(PATIENCE * 500)
        context.on("weberror", lambda fault: faults.append(str(fault.error)))
        context.on("console", lambda message: faults.extend(script_faults(message)))
        contexts.append(context)
        return Desk(context.new_page(), address, name)

    yield sit_down
    for context in contexts:
        context.close()
    assert faults == []


def script_faults(message: ConsoleMessage) -> list[str]:
    """Return what a console line complains about: errors, except that an answer was 4xx, which tests provoke."""
    if message.type != "error" or message.text.startswith("Failed to load resource"):
        return []
    place = message.location
    return [f"{place.get('url', '')}:{place.get('lineNumber', '')} {message.text}"]
