"""What somebody may have meant by a name that is unknown: the known one most like it.

Comparing names takes long, and a text can be full of unknown ones; so it is counted, for one text at a time.
"""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

#: Letters of other scripts that look like Latin ones.
_LOOKALIKES = str.maketrans("аеорсухіјѕԁһӏкмтαοριυτκν", "aeopcyxijsdhlkmtaopiutkv")
#: Names that are compared for one text: behind so many mistakes nobody reads on.
MOST_COMPARED = 50_000


class _Left:
    """How many names may still be compared for the text that is read."""

    def __init__(self) -> None:
        self.names = MOST_COMPARED


_left: ContextVar[_Left | None] = ContextVar("names_left_to_compare", default=None)


@contextmanager
def bounded_suggestions() -> Iterator[None]:
    """Compare at most `MOST_COMPARED` names inside, to suggest some; afterwards none is suggested."""
    token = _left.set(_Left())
    try:
        yield
    finally:
        _left.reset(token)


def may_suggest() -> bool:
    """Tell whether names are still suggested."""
    left = _left.get()
    return left is None or left.names > 0


def as_it_looks(name: str) -> str:
    """Return a name as one reads it: in small Latin letters, whatever their width, case or script."""
    return unicodedata.normalize("NFKC", name).casefold().translate(_LOOKALIKES).strip()


def nearest(name: str, known: Iterable[str], cutoff: float) -> str | None:
    """Return the known name most like *name* (difflib's ratio, from 0 to 1, must reach *cutoff*); None where none is
    much like it, or too many were compared.
    """
    if not may_suggest():
        return None
    names, left = sorted(known), _left.get()
    if left is not None:
        left.names -= len(names)
    looks = as_it_looks(name)
    alike = next((each for each in names if as_it_looks(each) == looks), None)
    found = [alike] if alike is not None else difflib.get_close_matches(name, names, n=1, cutoff=cutoff)
    return found[0] if found else None
