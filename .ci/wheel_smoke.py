"""Start the demo from an installed wheel and open its first page, with everything that the page loads. Twice: the
second start finds its data and is quick.

Runs in the environment the wheel was installed into, in an empty folder outside the checkout. Exit 0 when it works.
"""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import urljoin

PATIENCE = 90  # seconds until the first page must have come
#: Seconds a second start takes at most. Five are promised; a machine that runs other things gets as many again.
SECOND_START = 10
LOADED = re.compile(r"""<(?:link|script)\b[^>]*?\b(?:href|src)=["']([^"']+)["']""")


def main() -> int:
    """Run the demo, look at it, stop it; and again."""
    with tempfile.TemporaryDirectory() as folder:
        first, second = start(folder), start(folder)
    print(f"first page after {first:.1f} s, at the second start after {second:.1f} s")
    assert second < SECOND_START, f"the second start took {second:.1f} s"
    return 0


def start(folder: str) -> float:
    """Run the demo with its data in *folder*, look at it and stop it; return the seconds until its first page came."""
    port, began = free_port(), time.monotonic()
    command = [str(Path(sys.executable).parent / "blankett"), "demo", "--port", str(port), "--data", folder]
    with subprocess.Popen(command, cwd=folder) as server:
        try:
            url, page = first_page(f"http://127.0.0.1:{port}/", server)
            seconds = time.monotonic() - began
            look_at(url, page)
        finally:
            server.terminate()
            server.wait(timeout=30)
    return seconds


def free_port() -> int:
    """Return a loopback port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def look_at(url: str, page: str) -> None:
    """Look at the first page (a visitor is led to signing in), and open each file it loads and an icon's sprite."""
    assert "<form" in page, f"{url} shows no form to sign in with:\n{page[:2000]}"
    loaded = sorted({urljoin(url, reference) for reference in LOADED.findall(page)})
    assert any("vendor/tabler" in reference for reference in loaded), f"{url} loads no vendor file: {loaded}"
    for reference in loaded:
        with urllib.request.urlopen(reference, timeout=10) as answer:
            assert answer.status == 200, f"{reference}: {answer.status}"
            print(f"  {len(answer.read()):>7} bytes  {reference}")


def first_page(start: str, server: subprocess.Popen[bytes]) -> tuple[str, str]:
    """Return the address and HTML of the first page, waiting for the server to come up."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        assert server.poll() is None, f"blankett demo stopped with exit code {server.returncode}"
        try:
            with urllib.request.urlopen(start, timeout=10) as answer:
                return answer.url, answer.read().decode()
        except urllib.error.HTTPError as err:
            raise AssertionError(f"{err.url} answers {err.code}: {err.read()[:2000]!r}") from err
        except OSError:
            time.sleep(0.2)
    raise AssertionError(f"no answer from {start} in {PATIENCE} s")


if __name__ == "__main__":
    sys.exit(main())
