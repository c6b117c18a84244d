"""Work that is cancelled when whoever waits for it asks anew: a long check when a newer text comes.

What takes long looks up between its steps (`stop_if_cancelled`), which costs next to nothing where nobody may ask
anew.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from blankett.engine.errors import BlankettError

_is_given_up: ContextVar[Callable[[], bool] | None] = ContextVar("is_given_up", default=None)


class Cancelled(BlankettError):
    """Somebody asked anew, so that nobody waits for this any more."""

    def __init__(self) -> None:
        super().__init__("A newer text is checked.")


def stop_if_cancelled() -> None:
    """Raise Cancelled where the work under way has been asked for anew."""
    is_given_up = _is_given_up.get()
    if is_given_up is not None and is_given_up():
        raise Cancelled


class LatestQuestions:
    """Who waits for which question: the newest one of each."""

    def __init__(self) -> None:
        self._asked: dict[Hashable, object] = {}
        self._lock = threading.Lock()

    @contextmanager
    def newest(self, of: Hashable) -> Iterator[None]:
        """Work on the newest question *of* somebody: an older one of theirs is given up, this one for a newer."""
        mine = object()
        with self._lock:
            self._asked[of] = mine
        token = _is_given_up.set(lambda: self._asked.get(of) is not mine)
        try:
            yield
        finally:
            _is_given_up.reset(token)
            with self._lock:
                if self._asked.get(of) is mine:
                    del self._asked[of]
