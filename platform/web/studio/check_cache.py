"""What the checker said of the last texts: whoever works on a table asks of one text again and again.

Kept in the memory of one application, for a few texts only. Whoever asks says which versions are the newest too: links
to another blueprint's forms may mean something else when that is published.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from threading import Lock

from flask import current_app

from blankett.engine.language.model import Blueprint
from blankett.engine.language.problems import Problem

#: So many texts are kept; one of them may take 20 MB.
MOST_KEPT = 3


@dataclass(frozen=True)
class CachedCheck:
    """A text with what the checker says of it."""

    source: str
    #: As far as it could be read.
    blueprint: Blueprint | None
    problems: tuple[Problem, ...]


class KeptChecks:
    """The last checked texts of one application."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Hashable, CachedCheck] = OrderedDict()
        self._lock = Lock()

    def get(self, of: Hashable, check: Callable[[], CachedCheck]) -> CachedCheck:
        """Return what is kept under *of*; what *check* returns where nothing is."""
        with self._lock:
            found = self._kept.get(of)
            if found is not None:
                self._kept.move_to_end(of)
                return found
        made = check()  # not under the lock: it takes a while, and twice does no harm
        with self._lock:
            self._kept[of] = made
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        return made


def kept_checks() -> KeptChecks:
    """Return what is kept by the application that answers the current request."""
    found: KeptChecks = current_app.extensions.setdefault("blankett_checks", KeptChecks())
    return found
