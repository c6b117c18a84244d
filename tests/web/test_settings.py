"""The variables that pages are started with: each is read, each is in the table of the documentation."""

from __future__ import annotations

import gc
import re
from importlib.resources import files
from pathlib import Path

import pytest
from flask import request

from blankett.engine.store import Store
from blankett.engine.store.schema import upgrade
from blankett.web.server import make_app
from blankett.web.settings import VARIABLES, Settings, SettingsError, settings_from_environment

PLATFORM = Path(str(files("blankett.web"))).parent
SECRET = "0123456789abcdef0123456789abcdef"


def test_every_variable_the_platform_reads_is_declared() -> None:
    read = {
        name
        for path in PLATFORM.rglob("*.py")
        for name in re.findall(r"[\"'](BLANKETT_[A-Z_]+)[\"']", path.read_text(encoding="utf-8"))
    }
    assert read == set(VARIABLES)


def test_variables_become_settings(tmp_path: Path) -> None:
    environment = {
        "BLANKETT_MODE": "production",
        "BLANKETT_DATA": str(tmp_path),
        "BLANKETT_SECRET": SECRET,
        "BLANKETT_HOSTS": "blankett.example, www.blankett.example",
        "BLANKETT_PROXIES": "1",
    }
    assert settings_from_environment(environment) == Settings(
        database=f"sqlite:///{tmp_path / 'blankett.sqlite'}",
        secret_key=SECRET,
        mode="production",
        hosts=("blankett.example", "www.blankett.example"),
        secure_cookie=True,
        proxies=1,
    )


def test_the_secret_may_stand_in_a_file_and_the_database_elsewhere(tmp_path: Path) -> None:
    file = tmp_path / "secret.txt"
    file.write_text(f"{SECRET}\n", encoding="utf-8")
    environment = {"BLANKETT_SECRET_FILE": str(file), "BLANKETT_DATABASE": "sqlite://", "BLANKETT_INSECURE_COOKIE": "1"}
    found = settings_from_environment(environment)
    assert (found.secret_key, found.database, found.secure_cookie) == (SECRET, "sqlite://", False)


@pytest.mark.parametrize("number", ["two", "-1", "10", "1.5"])
def test_a_number_of_proxies_is_a_number(number: str) -> None:
    with pytest.raises(SettingsError) as raised:
        settings_from_environment({"BLANKETT_SECRET": SECRET, "BLANKETT_PROXIES": number})
    assert str(raised.value) == f"BLANKETT_PROXIES is {number!r}; it must be a number of proxies from 0 to 9."


@pytest.mark.parametrize(("proxies", "address"), [("0", "127.0.0.1"), ("1", "192.0.2.7")])
def test_who_asks_is_who_the_proxy_says_only_where_there_is_one(
    proxies: str, address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{tmp_path / 'blankett.sqlite'}"
    store = Store(url)
    upgrade(store)
    store.close()
    for name, value in {"DATABASE": url, "SECRET": SECRET, "PROXIES": proxies}.items():
        monkeypatch.setenv(f"BLANKETT_{name}", value)
    app = make_app()
    seen: list[str | None] = []
    app.before_request_funcs.setdefault(None, []).insert(0, lambda: seen.append(request.remote_addr))
    app.test_client().get("/health", headers={"X-Forwarded-For": "203.0.113.9, 192.0.2.7"})
    app.extensions["blankett"].store.close()
    gc.unfreeze()  # what a server does for good must not outlive the test
    assert seen == [address]
