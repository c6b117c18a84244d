"""What the pages are started with: where the data is, the secret, which mode."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from blankett.engine.rules import RuleEngineError, chosen_engine

Mode = Literal["production", "development", "demo"]

#: A secret shorter than this is refused.
SHORTEST_SECRET = 32
MOST_PROXIES = 9
LONGEST_SECONDS = 3600
#: Names of this machine that no other one can reach.
LOOPBACK = ("localhost", "127.0.0.1")
MOST_CONNECTIONS = 100_000

#: Variable → what it says, and what holds without it. The table of docs/operations.md is made from it.
VARIABLES: Mapping[str, tuple[str, str]] = {
    "BLANKETT_MODE": (
        "`production`; `development`, for one machine without https; `demo`, where anybody signs in as anybody.",
        "`development` for `blankett serve`, otherwise `production`",
    ),
    "BLANKETT_DATA": ("The folder of the data.", "`var` in the current folder"),
    "BLANKETT_DATABASE": (
        "The address of the database: `sqlite:////srv/blankett/blankett.sqlite`, "
        "`postgresql+psycopg://user:password@host/name`.",
        "`blankett.sqlite` in the data folder",
    ),
    "BLANKETT_SECRET": (
        "What cookies are signed with: at least 32 characters, the same for all processes.",
        "in development and demo, the file `secret` in the data folder, made at the first start",
    ),
    "BLANKETT_SECRET_FILE": ("A file with the secret in it, where `BLANKETT_SECRET` is not given.", "none"),
    "BLANKETT_HOSTS": (
        "The host names the pages answer to, with commas between them. The demo answers to this machine's own only.",
        "any",
    ),
    "BLANKETT_SET_UP_CODE": (
        "What must be known to make the first administrator of a new installation.",
        "made by `blankett serve` at each start while there is none, and printed",
    ),
    "BLANKETT_PROXIES": (
        "How many proxies stand in front: so many addresses of `X-Forwarded-For` are believed.",
        "0",
    ),
    "BLANKETT_RULES_ENGINE": (
        "What decides business rules: `durable`, the library durable-rules, or `python`, Blankett itself.",
        "`durable` where it is installed",
    ),
    "BLANKETT_SHORTCUTS": (
        "`off` asks SQLAlchemy and Jinja as their documentation says, and takes no shorter way past them; slower.",
        "taken with the versions they were tried with",
    ),
    "BLANKETT_INSECURE_COOKIE": (
        "`1` lets people sign in over plain http in production too; for networks that are closed.",
        "https only",
    ),
    "BLANKETT_SMTP_PASSWORD": ("The password of the mail server's user, for [letters](#letters).", "none"),
    "BLANKETT_IDLE_SECONDS": (
        "Seconds a connection may be idle, and the head of a request may take: one timer, from the last answer to "
        "the end of the next head.",
        "30",
    ),
    "BLANKETT_BODY_SECONDS": ("Seconds in which what a request sends must have come whole.", "60"),
    "BLANKETT_CONNECTIONS": (
        "How many connections one process keeps open; further ones wait. Limited by the machine's `ulimit -n`.",
        "4096",
    ),
}


class SettingsError(Exception):
    """The pages cannot start. The text says why, and what to do."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Everything `create_app` takes. Two processes with the same settings serve the same application."""

    #: SQLAlchemy's address of the store: ``sqlite:////srv/blankett/blankett.sqlite``.
    database: str
    secret_key: str
    mode: Mode = "production"
    #: Host names the pages answer to; empty answers to all.
    hosts: tuple[str, ...] = ()
    #: What must be known to make the first administrator; None asks for nothing, for tests.
    set_up_code: str | None = field(default=None, compare=False)
    #: Whether the cookie is only sent over https.
    secure_cookie: bool = True
    #: Proxies in front, whose word on where a request comes from is taken.
    proxies: int = 0
    #: Hours without a request after which a session ends, and hours after which it ends in any case.
    idle_hours: int = 8
    longest_hours: int = 7 * 24
    #: Seconds for an idle connection or a request's head, and for a body to come whole.
    idle_seconds: float = 30
    body_seconds: float = 60
    #: Connections of one process.
    connections: int = 4096

    @property
    def is_demo(self) -> bool:
        """Tell whether anybody may sign in as one of the demo's people."""
        return self.mode == "demo"


def settings_from_environment(environment: Mapping[str, str] = os.environ) -> Settings:
    """Return the settings that the variables of VARIABLES give; raise SettingsError for what is missing or wrong."""
    mode = environment.get("BLANKETT_MODE", "production")
    if mode not in ("production", "development", "demo"):
        raise SettingsError(f"BLANKETT_MODE is {mode!r}; it must be production, development or demo.")
    _check_rules_engine(environment)
    data = Path(environment.get("BLANKETT_DATA", "var")).resolve()
    return Settings(
        database=environment.get("BLANKETT_DATABASE") or f"sqlite:///{data / 'blankett.sqlite'}",
        secret_key=_secret(environment, mode, data),
        mode=mode,  # type: ignore[arg-type]  # looked at above
        hosts=_hosts(environment.get("BLANKETT_HOSTS", ""), mode),
        # Where nobody was told one, nobody knows it.
        set_up_code=environment.get("BLANKETT_SET_UP_CODE") or secrets.token_urlsafe(18),
        proxies=_proxies(environment.get("BLANKETT_PROXIES") or "0"),
        idle_seconds=_number(environment, "BLANKETT_IDLE_SECONDS", 30, LONGEST_SECONDS),
        body_seconds=_number(environment, "BLANKETT_BODY_SECONDS", 60, LONGEST_SECONDS),
        connections=_number(environment, "BLANKETT_CONNECTIONS", 4096, MOST_CONNECTIONS),
        secure_cookie=mode == "production" and environment.get("BLANKETT_INSECURE_COOKIE") != "1",
    )


def _check_rules_engine(environment: Mapping[str, str]) -> None:
    """Raise SettingsError where the engine of rules that is asked for is none, or is not installed."""
    if environment.get("BLANKETT_RULES_ENGINE"):
        try:
            chosen_engine(environment)
        except RuleEngineError as err:
            raise SettingsError(str(err)) from err


def _hosts(text: str, mode: str) -> tuple[str, ...]:
    named = tuple(name.strip() for name in text.split(",") if name.strip())
    if mode != "demo":
        return named
    if not is_loopback(*named):
        raise SettingsError(
            f"BLANKETT_HOSTS is {text!r}, and in the demo anybody signs in as anybody: it answers to this machine only "
            f"({', '.join(LOOPBACK)}). For others use BLANKETT_MODE=production."
        )
    return named or LOOPBACK


def is_loopback(*hosts: str) -> bool:
    """Tell whether all of *hosts* are names of this machine that no other one can reach."""
    return all(host in LOOPBACK or host.startswith("127.") for host in hosts)


def _proxies(text: str) -> int:
    if not text.isdecimal() or int(text) > MOST_PROXIES:
        raise SettingsError(f"BLANKETT_PROXIES is {text!r}; it must be a number of proxies from 0 to {MOST_PROXIES}.")
    return int(text)


def _number(environment: Mapping[str, str], name: str, otherwise: int, most: int) -> int:
    text = environment.get(name) or str(otherwise)
    if not text.isdecimal() or not 1 <= int(text) <= most:
        raise SettingsError(f"{name} is {text!r}; it must be a whole number from 1 to {most}.")
    return int(text)


def _secret(environment: Mapping[str, str], mode: str, data: Path) -> str:
    secret = environment.get("BLANKETT_SECRET", "")
    if not secret and environment.get("BLANKETT_SECRET_FILE"):
        secret = Path(environment["BLANKETT_SECRET_FILE"]).read_text(encoding="utf-8").strip()
    if not secret and mode != "production":
        return kept_secret(data)
    if len(secret) < SHORTEST_SECRET:
        raise SettingsError(
            f"BLANKETT_SECRET needs at least {SHORTEST_SECRET} characters and has {len(secret)}. Make one with: "
            "python -c 'import secrets; print(secrets.token_urlsafe(48))'"
        )
    return secret


def kept_secret(data: Path) -> str:
    """Return the secret kept in the folder *data*, and make one at the first call. Readable by its owner only."""
    path = data / "secret"
    try:
        data.mkdir(parents=True, exist_ok=True)
        return _make_secret(path) or path.read_text(encoding="utf-8").strip()
    except OSError as err:
        raise SettingsError(
            f"The file {path} cannot be read or made ({err.strerror}). "
            "Say another folder with --data or BLANKETT_DATA, or give the secret in BLANKETT_SECRET."
        ) from err


def _make_secret(path: Path) -> str | None:
    """Write a new secret into the file *path*, and return it; None where there is such a file."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return None
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        secret = secrets.token_urlsafe(48)
        file.write(secret)
    return secret
