"""Ids: 26 characters that sort by the time they were made (48 bits of milliseconds, 80 random ones, Crockford's base
32).
"""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 26
#: Two characters at a time halve the work.
PAIRS = tuple(high + low for high in ALPHABET for low in ALPHABET)


def new_id(now: datetime, random: Callable[[int], bytes] = os.urandom) -> str:
    """Return a new id for the moment *now* (aware); *random* gives that many random bytes."""
    number = int(now.timestamp() * 1000) << 80 | int.from_bytes(random(10))
    return "".join([PAIRS[number >> shift & 1023] for shift in range(120, -1, -10)])


def is_id(text: str) -> bool:
    """Tell whether *text* has the form of an id."""
    return len(text) == LENGTH and all(letter in ALPHABET for letter in text)
