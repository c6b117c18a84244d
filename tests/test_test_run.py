"""The promises of the test run: tests stay on this machine, see no settings of the caller, wait for what they read."""

from __future__ import annotations

import os
import re
import socket
from pathlib import Path

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
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname(), timeout=1) as client,
    ):
        assert client.getpeername() == server.getsockname()


def test_settings_of_the_caller_are_hidden() -> None:
    allowed = {
        "BLANKETT_REQUIRE_BROWSER",
        "BLANKETT_REQUIRE_DURABLE",
        "BLANKETT_TCK",
        "BLANKETT_HYPOTHESIS",
        "BLANKETT_RULE_CASES",
        "BLANKETT_CASES",
        "BLANKETT_SLOW_MS",
    }
    assert {name for name in os.environ if name.startswith("BLANKETT_")} <= allowed


def test_property_tests_have_no_deadline() -> None:
    assert settings().deadline is None


#: An assertion on what an element of a page holds in this moment.
AT_THIS_MOMENT = re.compile(
    r"^\s*assert .*\.(input_value|inner_text|all_inner_texts|text_content|get_attribute|count|bounding_box"
    r"|is_visible|is_hidden|is_checked|is_enabled|is_disabled|focused)\(",
    re.MULTILINE,
)


def test_browser_tests_wait_for_what_they_read() -> None:
    read = {
        f"{file.name}: {found[0].strip()}"
        for file in Path(__file__).with_name("browser").glob("*.py")
        for found in AT_THIS_MOMENT.finditer(file.read_text(encoding="utf-8"))
    }
    assert read == set(), "use expect(…), which waits"
