"""Which line of a table is which: lines before and after a change, by their ids.

Three places match otherwise, because what they match has no ids, or more than two sides: merging what was typed gives
new lines their ids (`write.input`); two people's edits are three texts of each control, matched by its name, in which
the id stands (`web.entry.conflict`); rows of a file and of a decision table are found by what they say
(`exchange.table_diff`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

Line: TypeAlias = Mapping[str, Any]
EMPTY: Line = {}


@dataclass(frozen=True, slots=True)
class MatchedLine:
    """A line as it was and as it is; empty where it was not, or is no longer."""

    id: str
    #: Counts from 1: where it stands now; of one that went, where it stood.
    number: int
    before: Line
    now: Line

    @property
    def came(self) -> bool:
        """Tell whether it was not there before."""
        return not self.before

    @property
    def went(self) -> bool:
        """Tell whether it is there no longer."""
        return not self.now

    def changed(self) -> list[str]:
        """Return the columns whose value is another; all of a line that came or went."""
        if self.came or self.went:
            return [key for key in self.now or self.before if key != "id"]
        before, now = self.before, self.now
        return [key for key in dict.fromkeys((*now, *before)) if key != "id" and before.get(key) != now.get(key)]


def with_ids(lines: Sequence[Line], stored: Sequence[Any]) -> list[dict[str, Any]]:
    """Return *lines* that an author wrote, which have no ids, each with that of the stored one at its position."""
    return [{"id": stored[at]["id"], **line} if at < len(stored) else {**line} for at, line in enumerate(lines)]


def match_lines(before: Sequence[Line] | None, now: Sequence[Line] | None) -> Iterator[MatchedLine]:
    """Yield each line that is there now, in order, and after them those that went."""
    old = {line["id"]: line for line in before or ()}
    kept: set[str] = set()
    for number, line in enumerate(now or (), 1):
        kept.add(line["id"])
        yield MatchedLine(line["id"], number, old.get(line["id"], EMPTY), line)
    for number, line in enumerate(before or (), 1):
        if line["id"] not in kept:
            yield MatchedLine(line["id"], number, line, EMPTY)
