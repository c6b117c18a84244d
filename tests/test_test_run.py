"""The promises of tests/conftest.py: tests stay on this machine and do not see the caller's settings."""

from __future__ import annotations

import os
import socket

import pytest
from hypothesis import settings


@pytest.mark.parametrize("host", ["192.0.2.1", "2001:db8::1", "example.invalid"])
def test_reaching_beyond_loopback_fails_the_test(host: str) -> None:
    with pytest.raises(pytest.fail.Exception) as raised:
        socket.create_connection((host, 9), timeout=1)
    assert str(raised.value) == f"A test reached for {host!r}; tests may talk to loopback only."


def test_code_under_test_cannot_swallow_the_failure() -> None:
    assert not issubclass(pytest.fail.Exception, Exception)


def test_loopback_is_open() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname(), timeout=1).close()


def test_settings_of_the_caller_are_hidden() -> None:
    allowed = {
        "BLANKETT_REQUIRE_BROWSER",
        "BLANKETT_REQUIRE_DURABLE",
        "BLANKETT_TCK",
        "BLANKETT_HYPOTHESIS",
        "BLANKETT_RULE_CASES",
    }
    assert {name for name in os.environ if name.startswith("BLANKETT_")} <= allowed


def test_property_tests_have_no_deadline() -> None:
    assert settings().deadline is None
