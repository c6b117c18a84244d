"""Reads a blueprint's YAML, event by event, into a tree.

What could hide something or run away is refused at the event that brings it, with a place; whatever can still be read
is read, so that all problems come at once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from blankett.engine.blueprint.model import Place
from blankett.engine.blueprint.source import Entry, List, Map, Refused, Scalar, Source, Style, Tree
from blankett.engine.blueprint.yaml_errors import tell_syntax
from blankett.engine.problems import Report

MOST_BYTES = 1_000_000
MOST_NODES = 100_000
MOST_LEVELS = 20
#: So many tabs and bad characters are told one by one.
MOST_BAD_CHARACTERS = 50

STYLES: Mapping[str | None, Style] = {
    None: "plain",
    "": "plain",
    "'": "single",
    '"': "double",
    "|": "literal",
    ">": "folded",
}

#: libyaml takes the last five for line breaks, editors do not; a lone CR likewise.
BAD_CHARACTERS = re.compile(
    "[\t\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]|\r(?!\n)"
)
HIDING_CHARACTERS = re.compile("[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufff9-\ufffb]")

# The C parser where PyYAML was built with it: some twelve times faster; both give the same events.
Parser: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def decode(data: bytes, file: str, report: Report) -> str | None:
    """Return the text of a file's bytes; bytes that are no UTF-8 are a problem at their place."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8")
        report.add("not_utf8", Source(before, file).place(len(before), len(before)), byte=f"0x{data[error.start]:02x}")
        return None


def read_source(text: str, file: str, report: Report) -> tuple[Source, Tree | None]:
    """Return the source and its tree; None when there is no tree to speak of. Problems go to *report*."""
    source = Source(text, file)
    # A character is at most four bytes, so most files need no encoding to know.
    if len(text) > MOST_BYTES or (len(text) * 4 > MOST_BYTES and len(text.encode("utf-8", "replace")) > MOST_BYTES):
        report.add("too_large", Place(1, 1), limit=f"{MOST_BYTES:,}")
        return source, None
    return source, _Reader(source, report).read()


@dataclass(slots=True)
class _Open:
    """A map or a list whose end has not come yet."""

    is_map: bool
    is_flow: bool
    start: int
    path: tuple[str, ...]
    entries: dict[str, Entry] = field(default_factory=dict)
    items: list[Tree] = field(default_factory=list)
    #: The key that waits for its value; `drops` says that the value goes nowhere.
    key: Scalar | None = None
    drops: bool = False
    end: int = 0

    @property
    def wants_key(self) -> bool:
        return self.is_map and self.key is None and not self.drops


class _Stop(Exception):
    """Reading further makes no sense: the problem is in the report."""


class _Reader:
    """Walks the events of one file."""

    def __init__(self, source: Source, report: Report) -> None:
        self.source = source
        self.report = report
        self.open: list[_Open] = []
        self.root: Tree | None = None
        self.nodes = 0
        self.documents = 0
        #: Added to YAML's offsets: it does not count a byte order mark.
        self.shift = 0

    def read(self) -> Tree | None:
        """Return the root, or None when the file is empty or cannot be read."""
        text = self._cleaned()
        try:
            for event in yaml.parse(text, Loader=Parser):
                self._take(event)
        except _Stop:
            return None
        except yaml.YAMLError as error:
            self._tell_syntax(error)
            return None
        if self.root is None and not self.report.problems:
            self.report.add("empty_file", Place(1, 1))
        return self.root

    def _cleaned(self) -> str:
        """Tell of bad characters and put blanks in their stead, so that the rest can be read and places stay."""
        text = self.source.text
        if text.startswith("\ufeff"):
            self.shift, text = 1, text[1:]
        found = list(BAD_CHARACTERS.finditer(text))
        last_line = 0
        for match in found[: MOST_BAD_CHARACTERS * 20]:
            place = self._place(match.start(), match.end())
            kind = "tab" if match[0] == "\t" else "bad_character"
            if place.line != last_line and self.report.count < MOST_BAD_CHARACTERS:
                self.report.add(kind, place, character=f"U+{ord(match[0]):04X}")
            last_line = place.line
        return BAD_CHARACTERS.sub(" ", text) if found else text

    def _place(self, start: int, end: int, path: tuple[str, ...] = ()) -> Place:
        return self.source.place(start + self.shift, end + self.shift, path)

    def _take(self, event: Any) -> None:
        kind = event.__class__.__name__
        if kind == "ScalarEvent":
            self._take_scalar(event)
        elif kind in ("MappingStartEvent", "SequenceStartEvent"):
            self._take_start(event, is_map=kind == "MappingStartEvent")
        elif kind in ("MappingEndEvent", "SequenceEndEvent"):
            self._take_end(event)
        elif kind == "AliasEvent":
            place = self._event_place(event)
            self.report.add("alias", place)
            self._put(Refused(place))
        elif kind == "DocumentStartEvent":
            self._take_document(event)

    def _take_document(self, event: Any) -> None:
        self.documents += 1
        if self.documents > 1:
            self.report.add("several_documents", self._event_place(event))
            raise _Stop
        if event.version or event.tags:
            self.report.add("directive", self._event_place(event))

    def _event_place(self, event: Any) -> Place:
        return self._place(event.start_mark.index, event.end_mark.index, self._path())

    def _path(self) -> tuple[str, ...]:
        """Return the path of the value that comes next."""
        if not self.open:
            return ()
        holder = self.open[-1]
        if not holder.is_map:
            return (*holder.path, str(len(holder.items)))
        return (*holder.path, holder.key.text) if holder.key else holder.path

    def _count(self, event: Any) -> None:
        self.nodes += 1
        if self.nodes > MOST_NODES:
            self.report.add("too_many_nodes", self._event_place(event), limit=f"{MOST_NODES:,}")
            raise _Stop

    def _refuse_marks(self, event: Any) -> None:
        if event.anchor is not None:
            self.report.add("anchor", self._event_place(event), name=event.anchor)
        if event.tag is not None:
            self.report.add("tag", self._event_place(event), tag=str(event.tag))

    def _take_scalar(self, event: Any) -> None:
        self._count(event)
        self._refuse_marks(event)
        style = STYLES[event.style]
        start, end = event.start_mark.index, event.end_mark.index
        if style in ("literal", "folded"):
            end = self._end_of_block(start, end)
        if event.anchor is not None or event.tag is not None:
            start = self._start_behind_marks(start, end)
        holder = self.open[-1] if self.open else None
        if holder is not None and holder.wants_key:
            path = (*holder.path, event.value)
            self._take_key(holder, Scalar(event.value, style, self._place(start, end, path)))
            return
        place = self._place(start, end, self._path())
        if style == "plain" and not event.value:
            self._take_empty(holder, place)
            return
        self._put(Scalar(event.value, style, place))

    def _end_of_block(self, start: int, end: int) -> int:
        """Return where the last line of a `|` or `>` text ends: YAML's own mark includes what is blank after it."""
        raw = self.source.text[start + self.shift : end + self.shift]
        return start + max(len(raw.rstrip()), raw.find("\n") if "\n" in raw else 0)

    def _start_behind_marks(self, start: int, end: int) -> int:
        raw = self.source.text[start + self.shift : end + self.shift]
        marks = re.match(r"(?:[&!]\S*\s+)+", raw)
        return start + marks.end() if marks else start

    def _take_empty(self, holder: _Open | None, place: Place) -> None:
        """Tell of a value that is not there; in a flow map a key without a colon is what a comma left over."""
        key = holder.key if holder else None
        if holder and key and holder.is_flow and ":" not in self.source.text[key.place.end : place.start + 1]:
            before = next(reversed(holder.entries.values()), None)
            if before is not None:
                cut = before.value.place
                self.report.add("eaten_comma", cut, key=before.key.text, rest=key.text)
                holder.entries[before.key.text] = Entry(before.key, Refused(cut))
                holder.key = None
                return
        if holder and holder.drops:
            self._put(Refused(place))
            return
        self.report.add("empty_value", key.place if key else place, key=key.text if key else "-")
        self._put(Refused(place))

    def _take_key(self, holder: _Open, key: Scalar) -> None:
        known = holder.entries.get(key.text)
        if key.text == "<<" and key.is_plain:
            self.report.add("merge_key", key.place)
            holder.drops = True
        elif known is not None:
            self.report.add("duplicate_key", key.place, key=key.text, line=known.key.place.line)
            holder.drops = True
        elif not key.text:
            self.report.add("empty_key", key.place)
            holder.drops = True
        elif hiding := HIDING_CHARACTERS.search(key.text):
            self.report.add("hidden_in_key", key.place, character=f"U+{ord(hiding[0]):04X}")
            holder.drops = True
        else:
            holder.key = key

    def _take_start(self, event: Any, *, is_map: bool) -> None:
        self._count(event)
        self._refuse_marks(event)
        if len(self.open) >= MOST_LEVELS:
            self.report.add("too_deep", self._event_place(event), limit=MOST_LEVELS)
            raise _Stop
        holder = self.open[-1] if self.open else None
        if holder is not None and holder.wants_key:
            if not any(opened.end == -1 for opened in self.open):
                self.report.add("key_not_text", self._event_place(event))
            # Read the key into a place nobody looks at, then its value too.
            holder.drops = True
            self.open.append(_Open(is_map, event.flow_style, event.start_mark.index, holder.path, key=None))
            self.open[-1].end = -1
            return
        start = event.start_mark.index
        self.open.append(_Open(is_map, bool(event.flow_style), start, self._path(), end=event.end_mark.index))

    def _take_end(self, event: Any) -> None:
        done = self.open.pop()
        if done.end == -1:
            # The key was a map or a list; its holder still drops the value that comes.
            return
        # A block ends where its last child does; YAML's mark includes the comments behind.
        end = event.end_mark.index if done.is_flow else max(done.end, done.start)
        place = self._place(done.start, end, done.path)
        if done.is_map:
            self._put(Map(done.entries, place, done.is_flow))
        else:
            self._put(List(tuple(done.items), place, done.is_flow))

    def _put(self, value: Tree) -> None:
        if not self.open:
            self.root = value
            return
        holder = self.open[-1]
        if holder.end != -1:
            holder.end = max(holder.end, value.place.end - self.shift)
        if holder.drops:
            holder.drops = False
        elif not holder.is_map:
            holder.items.append(value)
        elif holder.key is not None:
            holder.entries[holder.key.text] = Entry(holder.key, value)
            holder.key = None
        else:
            # An alias or another refused thing in the place of a key: its value goes nowhere.
            holder.drops = True

    def _tell_syntax(self, error: yaml.YAMLError) -> None:
        mark = getattr(error, "problem_mark", None)
        if mark is None:
            position = getattr(error, "position", 0)
            self.report.add("bad_yaml", self._place(position, position), problem="this cannot be read as YAML")
            return
        place = self._place(mark.index, mark.index, self._path())
        problem = str(getattr(error, "problem", "") or "")
        context = getattr(error, "context_mark", None)
        bad = {told.place.line for told in self.report.problems if told.name in ("tab", "bad_character")}
        if place.line in bad:
            # The blank that stands for the bad character is what YAML complains of.
            return
        began = self._place(context.index, context.index) if context else None
        tell_syntax(self.source, place, began, problem, self.report)
