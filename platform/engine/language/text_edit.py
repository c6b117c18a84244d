"""Changes a blueprint's text in place: a value, a new entry, an entry less. What is not touched stays to the character.

A file is never written anew from its data, so the author's comments, order and layout survive. Places come from
the tree of `blankett.engine.language.source`; whether the result is a sound blueprint is for the checker to say.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from blankett.engine.language.problems import Report
from blankett.engine.language.source import List, Map, MapEntry, Scalar, Tree
from blankett.engine.language.yaml_reader import read_source

#: Texts that need no quotes anywhere, also inside ``{ }`` and ``[ ]``.
_PLAIN = re.compile(r"[\w][\w.()/+-]*(?: [\w.()/+-]+)*\Z")
_COMMENT = re.compile(r" *#")


class EditError(ValueError):
    """There is nothing at the path to edit, or the text cannot be read."""


@dataclass(frozen=True, slots=True, order=True)
class Splice:
    """Characters *start* to *end* of the text become *text*."""

    start: int
    end: int
    text: str


class Editor:
    """Collects the edits of one text. Paths are keys from the top, items of lists as numbers."""

    def __init__(self, text: str, root: Tree | None = None) -> None:
        """Read *text*, unless *root* is its tree; raise `EditError` when it is no map that can be read."""
        if root is None:
            _, root = read_source(text, "blueprint.yaml", Report())
        if not isinstance(root, Map):
            raise EditError("the text cannot be read")
        self._text = text
        self._root: Map = root
        self._splices: list[Splice] = []
        self._removed: set[tuple[str, ...]] = set()

    @property
    def root(self) -> Map:
        """Return the tree of the text as it was read."""
        return self._root

    def find(self, *path: str) -> Tree | None:
        """Return what stands at *path*, or None."""
        here: Tree | None = self._root
        for key in path:
            if isinstance(here, Map):
                here = here.get(key)
            elif isinstance(here, List):
                here = here.items[int(key)] if key.isdigit() and int(key) < len(here.items) else None
            else:
                return None
        return here

    def walk(self, *path: str) -> Iterator[tuple[tuple[str, ...], Scalar]]:
        """Yield every scalar below *path* with its path, in the author's order."""
        here = self.find(*path)
        if isinstance(here, Scalar):
            yield path, here
        elif isinstance(here, Map):
            for key in here.entries:
                yield from self.walk(*path, key)
        elif isinstance(here, List):
            for place in range(len(here.items)):
                yield from self.walk(*path, str(place))

    def replace(self, *path: str, by: str) -> None:
        """Give the scalar at *path* another text, in quotes where it needs them."""
        found = self.find(*path)
        if not isinstance(found, Scalar):
            raise EditError(f"no text stands at {'.'.join(path)}")
        self._splices.append(Splice(found.place.start, found.place.end, written(by)))

    def splice(self, start: int, end: int, text: str) -> None:
        """Put *text* in the place of the characters *start* to *end*."""
        self._splices.append(Splice(start, end, text))

    @property
    def splices(self) -> tuple[Splice, ...]:
        """Return the edits so far."""
        return tuple(self._splices)

    def fresh(self) -> Editor:
        """Return an editor of the same text without the edits so far."""
        return Editor(self._text, self._root)

    def rename(self, *path: str, to: str) -> None:
        """Give the entry at *path* another key."""
        self._splices.append(Splice(*self._span(self._entry(path).key), written(to)))

    def insert(self, *path: str, key: str, value: str, after: str | None = None) -> None:
        """Add ``key: value`` to the map at *path*, behind *after* or at the end. *value* is written as it is."""
        found = self.find(*path)
        if not isinstance(found, Map) or not found.entries:
            raise EditError(f"no map stands at {'.'.join(path)}")
        before = found.entries[after] if after else next(reversed(found.entries.values()))
        if found.is_flow:
            end = before.value.place.end
            self._splices.append(Splice(end, end, f", {written(key)}: {value}"))
            return
        indent = " " * (next(iter(found.entries.values())).key.place.column - 1)
        end = self._end_of_line(before.value.place.end)
        lines = f"{written(key)}: {value}".replace(": \n", ":\n").split("\n")
        self._splices.append(Splice(end, end, "".join(f"\n{indent}{line}" for line in lines)))

    def remove(self, *path: str) -> None:
        """Take the entry at *path* away, with the comments that stand right above it and inside it.

        A map that becomes empty goes too, since an empty value means nothing.
        """
        entry = self._entry(path)
        self._removed.add(path)
        holder = self.find(*path[:-1])
        assert isinstance(holder, Map)
        if all((*path[:-1], key) in self._removed for key in holder.entries):
            if len(path) > 1 and isinstance(self.find(*path[:-2]), Map):
                self.remove(*path[:-1])
            return
        self._splices.append(self._removal(holder, entry))

    def text(self) -> str:
        """Return the text with every edit made. An edit inside something that was taken away is left out."""
        pieces: list[str] = []
        reached = 0
        for splice in sorted(self._splices, key=lambda splice: (splice.start, -splice.end)):
            if splice.start < reached:
                continue
            pieces += [self._text[reached : splice.start], splice.text]
            reached = splice.end
        return "".join([*pieces, self._text[reached:]])

    def _entry(self, path: tuple[str, ...]) -> MapEntry:
        holder = self.find(*path[:-1])
        if not isinstance(holder, Map) or path[-1] not in holder.entries:
            raise EditError(f"nothing stands at {'.'.join(path)}")
        return holder.entries[path[-1]]

    def _span(self, scalar: Scalar) -> tuple[int, int]:
        return scalar.place.start, scalar.place.end

    def _removal(self, holder: Map, entry: MapEntry) -> Splice:
        start, end = entry.key.place.start, entry.value.place.end
        keys = list(holder.entries)
        place = keys.index(entry.key.text)
        following = holder.entries[keys[place + 1]] if place + 1 < len(keys) else None
        line = self._text.rfind("\n", 0, start) + 1
        if not holder.is_flow and not self._text[line:start].strip():
            return self._block_removal(line, start - line, self._end_of_line(end))
        if following is not None:
            # In a flow map, or behind the dash of a list's item: up to the next key.
            return Splice(start, following.key.place.start, "")
        return Splice(holder.entries[keys[place - 1]].value.place.end, end, "")

    def _block_removal(self, start: int, indent: int, end: int) -> Splice:
        """Return the removal of whole lines, with the comments that belong to them and one of two blank lines."""
        while start and _COMMENT.match(above := self._line_before(start)) and _indent(above) == indent:
            start -= len(above) + 1
        while (below := self._line_behind(end)) is not None and _COMMENT.match(below) and _indent(below) > indent:
            end += len(below) + 1
        end = min(end + 1, len(self._text))
        before = self._line_before(start) if start else ""
        if (not before.strip() or _indent(before) < indent) and self._text[end : end + 1] == "\n":
            end += 1
        return Splice(start, end, "")

    def _line_before(self, start: int) -> str:
        """Return the line that ends right before the line beginning at *start*."""
        return self._text[self._text.rfind("\n", 0, start - 1) + 1 : start - 1]

    def _line_behind(self, end: int) -> str | None:
        """Return the line behind the one that ends at *end*; None at the end of the text."""
        if end >= len(self._text):
            return None
        return self._text[end + 1 : self._end_of_line(end + 1)]

    def _end_of_line(self, place: int) -> int:
        found = self._text.find("\n", place)
        return found if found >= 0 else len(self._text)


def written(text: str) -> str:
    """Return *text* as YAML reads it back: as it is where that is safe, else in double quotes."""
    return text if _PLAIN.match(text) else json.dumps(text, ensure_ascii=False)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))
