"""Why something is so, ready to be worded: message ids with parameters, in a tree. Plain data, for pages and an API."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from blankett.engine.language.model import Place
from blankett.engine.sentences import Sentence


@dataclass(frozen=True)
class Reason(Sentence):
    """Why something cannot be done now, or what a part of a condition saw."""

    place: Place | None = None
    #: What it is made of: the ways of a choice, the lines of a table, the parts of a condition.
    parts: tuple[Reason, ...] = ()
    #: Of a part of a condition: whether it holds; None for what is neither, and where that is not to be told.
    holds: bool | None = None
    #: The condition as the author wrote it; empty where the reader may not see all of it.
    text: str = ""

    def every(self) -> Iterator[Reason]:
        """Yield it and all its parts, in order."""
        yield self
        for part in self.parts:
            yield from part.every()
