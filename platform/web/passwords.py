"""Hashing and checking passwords with Argon2id, and what a password must be."""

from __future__ import annotations

from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

#: OWASP's second choice of parameters: 19 MiB, two passes.
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
#: At most this many at once, so that a flood of sign-ins cannot take the machine's memory.
_places = BoundedSemaphore(4)

#: A password has between this many characters; nothing else is asked of it (NIST SP 800-63B).
SHORTEST, LONGEST = 10, 200

_nobody = ""


def hash_password(password: str) -> str:
    """Return what is kept of *password*. Takes about 20 ms and 19 MiB, on purpose."""
    with _places:
        return _hasher.hash(password)


def is_password(kept: str, password: str) -> bool:
    """Tell whether *password* is the one that *kept* was made of. Takes as long when nothing is kept."""
    with _places:
        try:
            matches: bool = _hasher.verify(kept or _nobody_hash(), password)
            return matches and bool(kept)
        except (VerificationError, InvalidHashError):
            return False


def _nobody_hash() -> str:
    # Somebody who does not exist must take as long to refuse as somebody who does.
    global _nobody
    if not _nobody:
        _nobody = _hasher.hash("nobody's password")
    return _nobody


def fault_of(password: str) -> str | None:
    """Return the id of the message that says what is wrong with a new password, or None."""
    if len(password) < SHORTEST:
        return "account.password_short"
    return "account.password_long" if len(password) > LONGEST else None
