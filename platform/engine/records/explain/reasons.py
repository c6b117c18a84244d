"""Why something is so, ready to be worded: message ids with parameters, in a tree. Plain data, for pages and an API."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from blankett.engine.fields.reader import Reader
from blankett.engine.language.model import Place
from blankett.words import put_value, say


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something cannot be done now, or what a part of a condition saw. Texts in `params` are in the reader's
    language.
    """

    message: str
    params: Mapping[str, object] = field(default_factory=dict)
    place: Place | None = None
    #: What it is made of: the ways of a choice, the lines of a table, the parts of a condition.
    parts: tuple[Reason, ...] = ()
    #: Of a part of a condition: whether it holds; None for what is neither, and where that is not to be told.
    holds: bool | None = None
    #: The condition as the author wrote it; empty where the reader may not see all of it.
    text: str = ""

    def say(self, reader: Reader | str) -> str:
        """Return what it says, without its parts."""
        return say(reader, self.message, **self.params)

    def every(self) -> Iterator[Reason]:
        """Yield it and all its parts, in order."""
        yield self
        for part in self.parts:
            yield from part.every()

    def to_json(self, reader: Reader | str) -> dict[str, Any]:
        """Return it as plain data, with its words."""
        found: dict[str, Any] = {
            "message": self.message,
            "params": {key: _plain(value, reader) for key, value in self.params.items()},
            "words": self.say(reader),
        }
        if self.place is not None:
            found["line"] = self.place.line
        if self.holds is not None:
            found["holds"] = self.holds
        if self.text:
            found["condition"] = self.text
        if self.parts:
            found["parts"] = [part.to_json(reader) for part in self.parts]
        return found


def _plain(value: object, reader: Reader | str) -> Any:
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, (tuple, list)):
        return [_plain(item, reader) for item in value]
    return put_value(reader, value)
