"""How often signing in may be tried: for each account and each network address, so that guessing takes for ever."""

from __future__ import annotations

from flask import Flask, current_app, request
from limits import RateLimitItem, parse_many
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from werkzeug.exceptions import TooManyRequests

#: Attempts for one account from anywhere, and from one network address for any account.
PER_ACCOUNT = parse_many("8 per minute; 40 per hour")
PER_ADDRESS = parse_many("60 per minute")


def init_attempts(app: Flask) -> None:
    """Count attempts in this process's memory."""
    app.extensions["attempts"] = MovingWindowRateLimiter(MemoryStorage())


def end_timers(app: Flask) -> None:
    """Wait for the thread with which counting begins, so that no child is forked beside it."""
    limiter: MovingWindowRateLimiter = app.extensions["attempts"]
    if isinstance(limiter.storage, MemoryStorage):
        limiter.storage.timer.join()


def count_attempt(email: str) -> None:
    """Count one attempt for *email*; raise 429 Too Many Requests when there were too many."""
    account = email.strip().casefold()[:254]
    counted = [(item, "account", account) for item in PER_ACCOUNT]
    counted += [(item, "address", str(request.remote_addr)) for item in PER_ADDRESS]
    hits = [_hit(*one) for one in counted]  # every count goes on, whichever is full
    if not all(hits):
        raise TooManyRequests


def _hit(item: RateLimitItem, kind: str, name: str) -> bool:
    limiter: MovingWindowRateLimiter = current_app.extensions["attempts"]
    return limiter.hit(item, kind, name)
