"""The chain of a record's events: each hash covers the one before, so that nothing can be changed, left out or put in.

The payload is covered by a digest with a random salt. Erasing takes payload and salt away and leaves the digest: the
chain still verifies, and what was in it cannot be found by trying values.
"""

from __future__ import annotations

import hashlib

from blankett.engine.store.json_text import write_json

#: What the first event of a record follows.
START = ""

#: Header values in a fixed order: organisation, record, sequence, at, actor, kind, action, version, cause.
Header = tuple[str, str, int, str, str, str, str | None, int, str]


def payload_digest(salt: str, payload: str) -> str:
    """Return the hex digest of a payload's text with its salt."""
    return hashlib.sha256(f"{salt}\n{payload}".encode()).hexdigest()


def event_hash(previous: str, header: Header, digest: str) -> str:
    """Return the hex hash of an event that follows the one with the hash *previous*."""
    return hashlib.sha256(f"{previous}\n{write_json(header)}\n{digest}".encode()).hexdigest()
