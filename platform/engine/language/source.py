"""The text of a blueprint and the tree of raw scalars in it, with places.

What a scalar means is decided by whoever reads the tree: YAML's own guesses (`no`, `0123`, `2026-01-01`) never happen.
The tree is made in `reader`; here is what it is made of, and the way from a decoded scalar back to the file.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Literal, TypeAlias

from blankett.engine.fields.text import pattern_fault
from blankett.engine.language.grammar import RESERVED
from blankett.engine.language.grammar.kinds import KeyKind, Word
from blankett.engine.language.model import KEY, Place
from blankett.engine.language.problems import Report, in_words, suggest

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
class MapEntry:
    """A key of a map and what stands under it."""

    key: Scalar
    value: Tree


@dataclass(frozen=True, slots=True)
class Map:
    """Keys with values, in the author's order."""

    entries: dict[str, MapEntry]
    place: Place
    is_flow: bool = False

    def get(self, key: str) -> Tree | None:
        """Return what stands under *key*, or None."""
        found = self.entries.get(key)
        return found.value if found else None

    def scalar(self, key: str) -> Scalar | None:
        """Return the scalar under *key*; None when there is none or it is written otherwise."""
        entry = self.entries.get(key)
        return entry.value if entry and isinstance(entry.value, Scalar) else None

    def text(self, key: str) -> str | None:
        """Return the text of the scalar under *key*, or None."""
        found = self.scalar(key)
        return found.text if found else None

    def map(self, key: str) -> Map:
        """Return the map under *key*, or an empty one."""
        entry = self.entries.get(key)
        return entry.value if entry and isinstance(entry.value, Map) else Map({}, self.place)

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
class RefusedTree:
    """Something that already has a problem: whoever reads the tree passes over it."""

    place: Place


Tree: TypeAlias = Scalar | Map | List | RefusedTree


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
        offsets = self._offsets_of(scalar)
        last = offsets[end - 1] + 1 if 0 < end < len(offsets) else offsets[-1]
        first = offsets[min(start, len(offsets) - 1)]
        return self.place(first, max(first, last), scalar.place.path)

    def _offsets_of(self, scalar: Scalar) -> list[int]:
        """Return `decoded_offsets`, kept for the last scalar: a long text with many formulas asks for each of them."""
        kept = self._last_offsets
        if kept and kept[0][0] is scalar:
            return kept[0][1]
        kept[:] = [(scalar, decoded_offsets(self.text, scalar))]
        return kept[0][1]

    @cached_property
    def _last_offsets(self) -> list[tuple[Scalar, list[int]]]:
        return []


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


Plain: TypeAlias = "str | None | list[Plain] | dict[str, Plain]"


def decode_plain(tree: Tree) -> Plain:
    """Return texts, lists and maps; every scalar stays the text the author typed. What was refused is None."""
    if isinstance(tree, Map):
        return {key: decode_plain(entry.value) for key, entry in tree.entries.items()}
    if isinstance(tree, List):
        return [decode_plain(item) for item in tree.items]
    return tree.text if isinstance(tree, Scalar) else None


LONGEST_KEY = 60
LONGEST_TITLE = 2_000
WHOLE = re.compile(r"[+-]?[0-9]{1,15}\Z")


def _is_word(scalar: Scalar, kind: Word, what: str, report: Report) -> bool:
    if scalar.text in kind.words:
        return True
    called = scalar.text.casefold()
    known = called if called in kind.words else _CALLED_ELSEWHERE.get(called, "")
    meant = known if known in kind.words else suggest(called, kind.words)
    words = in_words(kind.words)
    report.add("unknown_word", scalar.place, suggestion=meant, word=scalar.text[:LONGEST_KEY], what=what, words=words)
    return False


#: Words of elsewhere → ours, where ours is one of those that may stand there.
_CALLED_ELSEWHERE: Mapping[str, str] = {
    **dict.fromkeys(("read", "see", "open", "select", "list"), "view"),
    **dict.fromkeys(("write", "update", "change", "modify"), "edit"),
    **dict.fromkeys(("add", "insert", "new"), "create"),
    **dict.fromkeys(("remove", "discard"), "delete"),
    **dict.fromkeys(("everything", "full", "*"), "all"),
    **dict.fromkeys(("admin", "manage"), "administer"),
}


def _is_yes_no(scalar: Scalar, kind: Word, what: str, report: Report) -> bool:
    if scalar.text in YES_WORDS or scalar.text in NO_WORDS:
        return True
    report.add("not_yes_no", scalar.place, what=what, given=scalar.text[:LONGEST_KEY])
    return False


def _is_whole(scalar: Scalar, kind: Word, what: str, report: Report) -> bool:
    number = int(scalar.text) if WHOLE.match(scalar.text) else None
    low = kind.least is not None and number is not None and number < kind.least
    high = kind.most is not None and number is not None and number > kind.most
    if number is not None and not low and not high:
        return True
    report.add("not_whole", scalar.place, what=what, expected=_bounds(kind), given=scalar.text[:LONGEST_KEY])
    return False


def _bounds(kind: Word) -> str:
    if kind.least is not None and kind.least == kind.most:
        return str(kind.least)
    if kind.least is not None and kind.most is not None:
        return f"a whole number from {kind.least} to {kind.most:,}"
    return f"a whole number from {kind.least}" if kind.least is not None else "a whole number"


def _is_key_word(scalar: Scalar, kind: Word, what: str, report: Report) -> bool:
    return is_key(scalar, "key", report)


def _is_title(scalar: Scalar, kind: Word, what: str, report: Report) -> bool:
    tell_braces(scalar, what, report)
    return is_short_enough(scalar, what, report)


def is_short_enough(scalar: Scalar, what: str, report: Report) -> bool:
    """Tell whether a text is no longer than titles and helps may be; a problem goes to *report*."""
    if len(scalar.text) <= LONGEST_TITLE:
        return True
    report.add("text_too_long", scalar.place, what=what, limit=LONGEST_TITLE)
    return False


def tell_braces(scalar: Scalar, what: str, report: Report) -> None:
    """Tell of a formula in a text that is shown where there is no record; versions published before may have one."""
    rest = scalar.text.replace("{{", "").replace("}}", "")
    if "{" in rest or "}" in rest:
        with report.sparing():
            report.add("formula_in_title", scalar.place, what=what)


def _is_pattern(scalar: Scalar, kind: Word, what: str, report: Report) -> bool:
    reason = pattern_fault(scalar.text)
    if reason is not None:
        report.add("bad_pattern", scalar.place, reason=reason)
    return reason is None


#: {kind of scalar: check}; kinds that are not here are read later, by what knows their names and types.
SCALAR_CHECKS: Mapping[str, Callable[[Scalar, Word, str, Report], bool]] = {
    "word": _is_word,
    "yes_no": _is_yes_no,
    "whole": _is_whole,
    "key": _is_key_word,
    "title": _is_title,
    "pattern": _is_pattern,
}


#: Letters of Latin scripts that do not fall apart into a plain one and a mark.
_LATIN: Final = str.maketrans(
    {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ð": "d", "þ": "th", "ł": "l", "đ": "d", "ı": "i"}
)


def plain_key(name: str) -> str:
    """Return a name in the letters of keys, which may leave none: ``grosse`` for ``Größe``."""
    plain = unicodedata.normalize("NFKD", name.casefold().translate(_LATIN))
    plain = "".join(each for each in plain if not unicodedata.combining(each))
    return re.sub(r"[^a-z0-9_]+", "_", plain).strip("_")


def is_key(key: Scalar, kind: KeyKind, report: Report) -> bool:
    """Tell whether a key of a map is written as keys of its kind are; a problem goes to *report*."""
    if kind == "reference":
        return True
    if kind in ("option", "free"):
        return _is_option(key, kind, report)
    word = key.text[:LONGEST_KEY]
    if not KEY.match(key.text) or len(key.text) > LONGEST_KEY:
        meant = plain_key(word)
        report.add("bad_key", key.place, suggestion=meant if KEY.match(meant) and meant != word else None, key=word)
        return False
    if kind == "name" and key.text in RESERVED:
        report.add("reserved_key", key.place, key=word)
        return False
    return True


def _is_option(key: Scalar, kind: KeyKind, report: Report) -> bool:
    longest = LONGEST_KEY if kind == "option" else LONGEST_KEY * 4
    if key.text == key.text.strip() and 0 < len(key.text) <= longest and "\n" not in key.text:
        return True
    report.add("bad_option", key.place, key=key.text[:LONGEST_KEY], limit=longest)
    return False
