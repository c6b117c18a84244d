"""Hashing and checking passwords with Argon2id, and what a password must be."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

#: OWASP's second choice of parameters: 19 MiB, two passes.
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
#: At most this many at once, so that a flood of sign-ins cannot take the machine's memory.
_places = BoundedSemaphore(4)

#: A password has between this many characters and is not one of the common ones; nothing else is asked of it
#: (NIST SP 800-63B).
SHORTEST, LONGEST = 10, 200
#: Guesses, as a power of ten, that zxcvbn gives a common password, a name or a keyboard's row with what people add to
#: them; and how much of a long one it looks at.
COMMON_UP_TO, LOOKED_AT = 6.0, 72
#: Everybody who guesses knows where.
PRODUCT = "Blankett"
#: Seconds to wait for a place.
PATIENCE = 0.5

_nobody = ""


class NoPlace(Exception):
    """Too many passwords are being checked at once: nobody waits long for a place."""


@contextmanager
def _place() -> Iterator[None]:
    if not _places.acquire(timeout=PATIENCE):
        raise NoPlace
    try:
        yield
    finally:
        _places.release()


def hash_password(password: str) -> str:
    """Return what is kept of *password*. Takes about 20 ms and 19 MiB, on purpose. Raises NoPlace."""
    with _place():
        return _hasher.hash(password)


def is_password(kept: str, password: str) -> bool:
    """Tell whether *kept* was made of *password*. Takes as long when nothing is kept. Raises NoPlace."""
    with _place():
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


def fault_of(password: str, *known: str) -> str | None:
    """Return the id of the message that says what is wrong with a new password, or None.

    *known* is what everybody knows of the person: a password made of that is a common one too.
    """
    if len(password) < SHORTEST:
        return "account.password_short"
    if len(password) > LONGEST:
        return "account.password_long"
    return "account.password_common" if _is_common(password, known) else None


#: What people write for letters.
_LOOKALIKES = str.maketrans("013457@$", "oieastas")
#: What stands around the letters of a password, or between them.
_ADDED = re.compile(r"^[\W\d_]+|[\W\d_]+$")


def _is_common(password: str, known: Sequence[str]) -> bool:
    typed = password[:LOOKED_AT]
    words = [part for text in (*known, PRODUCT) for part in (text, *re.split(r"[\W_]+", text)) if len(part) > 2]
    if _guesses(typed, words) < COMMON_UP_TO:
        return True
    plain = typed.casefold()
    looks = {plain, plain.translate(_LOOKALIKES), re.sub(r"[\W_]+", "", plain)}
    return any(_guesses_apart(look, words) < COMMON_UP_TO for look in looks)


def _guesses_apart(text: str, words: Sequence[str]) -> float:
    """Return the guesses for what *text* has beside *words*: for its letters, and for what is added to them.

    Whoever guesses knows the words, tries them forwards and backwards, and adds the same years and marks to each.
    """
    for word in sorted(map(str.casefold, words), key=len, reverse=True):
        text = text.replace(word, " ").replace(word[::-1], " ")
    letters = _ADDED.sub("", text)
    added = "".join(_ADDED.findall(text)).replace(" ", "")
    return _guesses(letters) + _guesses(added)


def _guesses(text: str, words: Sequence[str] = ()) -> float:
    """Return the guesses for *text*, as a power of ten."""
    from zxcvbn import zxcvbn  # its lists are large, and only new passwords ask for them

    return float(zxcvbn(text, user_inputs=list(words))["guesses_log10"]) if text else 0.0
