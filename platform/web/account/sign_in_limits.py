"""How often signing in may be tried, so that guessing takes for ever and its victim still gets in.

Failures are counted for an account *from one network*: whoever guesses elsewhere never shuts out its owner, not even
with a stolen cookie. A browser in which somebody signed in before is counted by itself. Refused at once, with the
seconds to wait: no thread waits.
"""

from __future__ import annotations

import ipaddress
import math
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from flask import Flask, current_app, g, request
from itsdangerous import BadSignature, URLSafeSerializer
from werkzeug.exceptions import TooManyRequests
from werkzeug.wrappers import Response

from blankett.engine.store import StoredUser

#: The cookie by which a browser is known again, how long it lives, and how many people of one browser it remembers.
COOKIE, COOKIE_SECONDS, MOST_PEOPLE = "blankett-known", 365 * 24 * 3600, 8
#: Failures are forgotten after so long without another, in seconds; and so many keys are remembered.
FORGOTTEN_AFTER, MOST_KEYS = 24 * 3600, 50_000


@dataclass(frozen=True)
class Limit:
    """Failures that are free, and the seconds to wait after the next one; each further one doubles them."""

    free: int
    first: int
    longest: int

    def wait_after(self, failures: int) -> int:
        """Return the seconds to wait after so many failures."""
        over = failures - self.free
        return 0 if over < 0 else min(self.longest, self.first * 2 ** min(over, 20))


LIMITS = {
    "account": Limit(free=8, first=30, longest=3600),
    "device": Limit(free=16, first=30, longest=3600),
    # Many people may share an address, and many accounts be tried from one.
    "network": Limit(free=60, first=10, longest=300),
}
Key = tuple[str, ...]


class Attempts:
    """Counts failures in this process's memory. Safe to share between threads."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._lock = threading.Lock()
        #: Key → failures, when the last one was, when the next may be.
        self._known: OrderedDict[Key, tuple[int, float, float]] = OrderedDict()

    def take(self, keys: Sequence[Key]) -> int:
        """Count one attempt as failed, and return 0; or return the seconds to wait, and count nothing."""
        with self._lock:
            now = self._now()
            wait = max(self._found(key, now)[2] - now for key in keys)
            if wait > 0:
                return math.ceil(wait)
            for key in keys:
                failures = self._found(key, now)[0] + 1
                self._known[key] = (failures, now, now + LIMITS[key[0]].wait_after(failures))
                self._known.move_to_end(key)
            while len(self._known) > MOST_KEYS:
                self._known.popitem(last=False)
            return 0

    def succeeded(self, keys: Sequence[Key]) -> None:
        """Forget the failures of an account or device; take back the one that `take` counted for a network."""
        with self._lock:
            for key in keys:
                failures, last, _ = self._known.pop(key, (0, 0.0, 0.0))
                if key[0] == "network" and failures > 1:
                    self._known[key] = (failures - 1, last, 0.0)

    def _found(self, key: Key, now: float) -> tuple[int, float, float]:
        found = self._known.get(key, (0, now, now))
        return found if now - found[1] < FORGOTTEN_AFTER else (0, now, now)


class TooManyAttempts(TooManyRequests):
    """Signing in was tried too often from here."""

    def __init__(self, seconds: int) -> None:
        super().__init__(retry_after=seconds)
        self.seconds = seconds


def init_attempts(app: Flask) -> None:
    """Count attempts in this process's memory."""
    app.extensions["attempts"] = Attempts()


def count_attempt(email: str, user: StoredUser | None) -> Sequence[Key]:
    """Count an attempt to sign in as *email*, who is *user*, and return what `succeeded` takes.

    Raises TooManyAttempts, before any password is looked at.
    """
    account, network = email.strip().casefold()[:254], network_of(request.remote_addr or "")
    device = _known_device(user)
    keys: list[Key] = [("account", account, network), ("network", network)]
    if device:
        keys = [("device", device, account, network)]
    wait = _attempts().take(keys)
    if wait:
        raise TooManyAttempts(wait)
    return keys


def forgive(keys: Sequence[Key]) -> None:
    """Note that the attempt went well."""
    _attempts().succeeded(keys)


def _attempts() -> Attempts:
    found: Attempts = current_app.extensions["attempts"]
    return found


def network_of(address: str) -> str:
    """Return the network an address is of: what one subscriber has to choose from."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    return str(ipaddress.ip_network((found, 24 if found.version == 4 else 56), strict=False))


# Known devices --------------------------------------------------------------------------------------------------------


def remember_device(user: StoredUser) -> None:
    """Let the browser be known again as one in which *user* signed in."""
    device, people = _device()
    people = [*(person for person in people if person[0] != user.id), [user.id, user.stamp[:8]]][-MOST_PEOPLE:]
    g.known_device = _signer().dumps([device or secrets.token_urlsafe(12), people])


def set_device_cookie(answer: Response) -> None:
    """Let the browser keep what `remember_device` made in this request."""
    value = g.pop("known_device", None)
    if value is not None:
        secure = bool(current_app.config["SESSION_COOKIE_SECURE"])
        answer.set_cookie(
            _cookie(), value, max_age=COOKIE_SECONDS, path="/", httponly=True, samesite="Lax", secure=secure
        )


def _known_device(user: StoredUser | None) -> str:
    """Return the device's id where *user* signed in before, with the password they have now; else empty."""
    device, people = _device()
    return device if user is not None and [user.id, user.stamp[:8]] in people else ""


def _device() -> tuple[str, list[list[str]]]:
    """Return the browser's id and who signed in: (id, first letters of their stamp); empty for an unknown one."""
    try:
        device, people = _signer().loads(request.cookies.get(_cookie(), ""))
        return str(device), [[str(part) for part in person] for person in people]
    except (BadSignature, ValueError, TypeError):
        return "", []


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.secret_key), salt="known device")


def _cookie() -> str:
    return f"__Host-{COOKIE}" if current_app.config["SESSION_COOKIE_SECURE"] else COOKIE
