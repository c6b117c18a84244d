"""What holds in every test: no network but loopback, no settings from outside, repeatable hypothesis runs."""

from __future__ import annotations

import ipaddress
import os
import sys

import pytest
from hypothesis import HealthCheck, settings

#: Settings of the test run itself; every other BLANKETT_… of the caller's environment is hidden from the tests.
RUN_SETTINGS = {"BLANKETT_REQUIRE_BROWSER", "BLANKETT_TCK", "BLANKETT_HYPOTHESIS"}

# Bounded and repeatable by default; `BLANKETT_HYPOTHESIS=thorough make test` looks further.
settings.register_profile(
    "ci", max_examples=50, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("thorough", max_examples=2_000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile(os.environ.get("BLANKETT_HYPOTHESIS", "ci"))


def pytest_configure(config: pytest.Config) -> None:
    """Hide the caller's settings before any fixture starts a server, and watch every connection."""
    for name in [name for name in os.environ if name.startswith("BLANKETT_") and name not in RUN_SETTINGS]:
        del os.environ[name]
    sys.addaudithook(refuse_outside_network)


def refuse_outside_network(event: str, arguments: tuple[object, ...]) -> None:
    """Fail the test that connects to, sends to or looks up anything but this machine's loopback."""
    if event in ("socket.connect", "socket.sendto"):
        address = arguments[1]
        host = address[0] if isinstance(address, tuple) else None  # a text is a Unix socket's path
    elif event == "socket.getaddrinfo":
        host = arguments[0]
    else:
        return
    if host is not None and not is_loopback(host):
        # Not an Exception: the code under test must not be able to swallow it.
        pytest.fail(f"A test reached for {host!r}; tests may talk to loopback only.")


def is_loopback(host: object) -> bool:
    """Tell whether a host name or address stands for this machine itself."""
    text = host.decode() if isinstance(host, bytes) else str(host)
    if text in ("", "localhost", "0.0.0.0", "::"):  # the last two are addresses to listen on
        return True
    try:
        return ipaddress.ip_address(text.split("%")[0]).is_loopback
    except ValueError:
        return False
