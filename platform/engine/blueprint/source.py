"""The text of a blueprint and the tree of raw scalars in it, with places.

What a scalar means is decided by whoever reads the tree: YAML's own guesses (`no`, `0123`, `2026-01-01`) never happen.
The tree is made in `reader`; here is what it is made of, and the way from a decoded scalar back to the file.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, TypeAlias

from blankett.engine.blueprint.model import Place

YES_WORDS = frozenset({"yes", "true"})
NO_WORDS = frozenset({"no", "false"})

Style = Literal["plain", "single", "double", "literal", "folded"]


@dataclass(frozen=True, slots=True)
class Scalar:
    """A text as YAML decodes it, with how it was written."""

    text: str
    style: Style
    place: Place

    @property
    def is_plain(self) -> bool:
        """Tell whether it stands without quotes on one or more lines."""
        return self.style == "plain"


@dataclass(frozen=True, slots=True)
class Entry:
    """A key of a map and what stands under it."""

    key: Scalar
    value: Tree


@dataclass(frozen=True, slots=True)
class Map:
    """Keys with values, in the author's order."""

    entries: dict[str, Entry]
    place: Place
    is_flow: bool = False

    def get(self, key: str) -> Tree | None:
        """Return what stands under *key*, or None."""
        found = self.entries.get(key)
        return found.value if found else None

    def scalar(self, key: str) -> Scalar | None:
        """Return the scalar under *key*; None when there is none or it is written otherwise."""
        found = self.get(key)
        return found if isinstance(found, Scalar) else None

    def text(self, key: str) -> str | None:
        """Return the text of the scalar under *key*, or None."""
        found = self.scalar(key)
        return found.text if found else None

    def map(self, key: str) -> Map:
        """Return the map under *key*, or an empty one."""
        found = self.get(key)
        return found if isinstance(found, Map) else Map({}, self.place)

    def list(self, key: str) -> tuple[Tree, ...]:
        """Return the items of the list under *key*; a scalar stands for a list of itself."""
        found = self.get(key)
        if isinstance(found, List):
            return found.items
        return (found,) if isinstance(found, Scalar) else ()

    def scalars(self, key: str) -> tuple[Scalar, ...]:
        """Return the scalars of the list under *key*."""
        return tuple(item for item in self.list(key) if isinstance(item, Scalar))

    def is_yes(self, key: str) -> bool:
        """Tell whether the scalar under *key* is yes."""
        return self.text(key) in YES_WORDS

    def maps(self) -> Iterator[tuple[str, Map]]:
        """Yield the keys that hold maps, with them."""
        for key, entry in self.entries.items():
            if isinstance(entry.value, Map):
                yield key, entry.value

    def key_place(self, key: str) -> Place:
        """Return where the key itself stands, or the map for a key that is not there."""
        found = self.entries.get(key)
        return found.key.place if found else self.place


@dataclass(frozen=True, slots=True)
class List:
    """Items in order."""

    items: tuple[Tree, ...]
    place: Place
    is_flow: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """Something that already has a problem: whoever reads the tree passes over it."""

    place: Place


Tree: TypeAlias = Scalar | Map | List | Refused


@dataclass(frozen=True)
class Source:
    """The text of a file, and where its lines begin."""

    text: str
    file: str = "blueprint.yaml"

    @cached_property
    def line_starts(self) -> tuple[int, ...]:
        """Return the offset of each line's first character."""
        return (0, *(found.end() for found in re.finditer("\n", self.text)))

    def place(self, start: int, end: int, path: tuple[str, ...] = ()) -> Place:
        """Return the place of a stretch of the text, offsets in characters."""
        line = bisect_right(self.line_starts, start)
        return Place(line, start - self.line_starts[line - 1] + 1, start, end, path)

    def line(self, number: int) -> str:
        """Return line *number*, counted from 1, without its line break."""
        if not 1 <= number <= len(self.line_starts):
            return ""
        start = self.line_starts[number - 1]
        end = self.line_starts[number] if number < len(self.line_starts) else len(self.text)
        return self.text[start:end].rstrip("\r\n")

    def place_in(self, scalar: Scalar, start: int, end: int) -> Place:
        """Return where the characters *start* to *end* of a scalar's decoded text stand in the file."""
        offsets = decoded_offsets(self.text, scalar)
        last = offsets[end - 1] + 1 if 0 < end < len(offsets) else offsets[-1]
        first = offsets[min(start, len(offsets) - 1)]
        return self.place(first, max(first, last), scalar.place.path)


# From a decoded scalar back to the file -------------------------------------------------------------------------------

ESCAPE_LENGTHS = {"x": 2, "u": 4, "U": 8}
BLANK_ESCAPES = frozenset(" tn_NLPrv\n\r")


def decoded_offsets(text: str, scalar: Scalar) -> list[int]:
    """Return the file offset of each character of a scalar's decoded text, and of its end as the last.

    Folding and indentation change nothing but blanks, so the characters that are no blanks are paired one by one; a
    blank stands where the character before it ends.
    """
    start, end = scalar.place.start, scalar.place.end
    if text[start:end] == scalar.text:
        return list(range(start, end + 1))
    solid = _solid_offsets(text[start:end], scalar.style, start)
    offsets: list[int] = []
    after = start
    for character in scalar.text:
        if character.isspace():
            offsets.append(after)
        else:
            here = next(solid, after)
            offsets.append(here)
            after = here + 1
    return [*offsets, after]


def _solid_offsets(raw: str, style: Style, start: int) -> Iterator[int]:
    """Yield the file offset of each character of *raw* that decodes to something other than a blank."""
    at, end = 0, len(raw)
    if style in ("literal", "folded"):
        at = raw.find("\n") + 1
    elif style in ("single", "double"):
        at, end = 1, end - 1
    while at < end:
        character = raw[at]
        if style == "double" and character == "\\" and at + 1 < end:
            kind = raw[at + 1]
            if kind not in BLANK_ESCAPES:
                yield start + at
            at += 2 + ESCAPE_LENGTHS.get(kind, 0)
            continue
        if not character.isspace():
            yield start + at
        at += 2 if style == "single" and character == "'" else 1
