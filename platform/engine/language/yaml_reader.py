"""Reads a blueprint's YAML, event by event, into a tree.

What could hide something or run away is refused at the event that brings it, with a place; whatever can still be read
is read, so that all problems come at once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from blankett.engine.language.model import Place
from blankett.engine.language.problems import Report
from blankett.engine.language.source import List, Map, MapEntry, RefusedTree, Scalar, Source, Style, Tree

#: What libyaml says → what is wrong, for an author.
COMPLAINTS = {
    "mapping values are not allowed in this context": "a second ': ' on this line",
    "did not find expected key": "this does not go on the way the lines above began",
    "did not find expected ',' or ']'": "a list in [ ] is not closed or a comma is missing",
    "did not find expected ',' or '}'": "a map in { } is not closed or a comma is missing",
    "did not find expected '-' indicator": "this list does not go on with a dash",
    "found character that cannot start any token": "a value cannot begin with this character",
    "found unexpected end of stream": "a quoted text is not closed",
    "did not find expected comment or line break": "after | or > the text begins on the next line",
    "block sequence entries are not allowed in this context": "a list with dashes begins on the next line",
    "could not find expected ':'": "a key without ': ' and a value",
    "found undefined tag handle": "a value cannot begin with this character",
    "did not find expected alphabetic or numeric character": "a value cannot begin with this character",
    "found unknown escape character": "this escape is none that YAML knows; use single quotes",
}
#: What an unclosed { or [ makes YAML say → the bracket that is missing.
UNCLOSED = {"did not find expected ',' or ']'": "]", "did not find expected ',' or '}'": "}"}
#: A key with a value on its line: ``when: "a" = b``, ``- that: total > 0``, ``{fill: "a" + b}``.
KEY_AND_VALUE = re.compile(r"(?:^|(?<=[\s{,-]))(?P<key>[A-Za-z_]\w*) *: +(?P<value>[^\s].*)")
#: A line that begins with a key or a dash: what stands at the depth of its level.
ITEM = re.compile(
    r"(?P<indent> *)(?:(?P<dash>- +)(?=\S)|-$)?(?:(?P<key>[A-Za-z_][\w.]*|\"[^\"]*\"|'[^']*') *:(?=\s|$))?"
)
#: Keys whose values are formulas, wherever they stand.
FORMULA_KEYS = frozenset({"compute", "fill", "that", "visible", "when", "where", "required", "editable"})
#: With these a value begins that YAML may take apart.
TAKEN_APART = frozenset("\"'[{*&!|>%@`")
#: A longer distance is no slip of the space bar.
LONGEST_SLIP = 3


def tell_syntax(source: Source, place: Place, context: Place | None, problem: str, report: Report) -> None:
    """Tell of a YAML syntax error, where it begins; *context* is where what YAML was reading began."""
    if _tell_indentation(source, place, report) or _tell_quote(source, place, context, problem, report):
        return
    if problem in UNCLOSED and context is not None and context.line < place.line:
        opened = source.text[context.start : context.start + 1]
        report.add("unclosed_bracket", context, bracket=opened, closing=UNCLOSED[problem])
        return
    for line, column in _suspects(source, place, context):
        found = _last_key(source.line(line), column)
        if found and (found["key"] in FORMULA_KEYS or found["value"].startswith("=")) and found["value"][0] not in "|&":
            start = source.line_starts[line - 1] + found.start("value")
            if report.tells("eaten_comma", source.place(start, start)):
                return  # what is wrong with this value is told
            report.add("eaten_formula", source.place(start, start + len(found["value"])), key=found["key"])
            return
    if _tell_left_over(source, place, report):
        return
    report.add("bad_yaml", place, problem=COMPLAINTS.get(problem, problem or "this cannot be read as YAML"))


# Indentation ----------------------------------------------------------------------------------------------------------


def _tell_indentation(source: Source, place: Place, report: Report) -> bool:
    """Tell that the line begins at a depth that none of the lines above it has; return whether it does."""
    text = source.line(place.line)
    item = ITEM.match(text)
    if item is None or not (item["key"] or text.lstrip().startswith("-")):
        return False
    levels = list(_levels(source, place.line))
    given = len(item["indent"])
    if not levels or given in {depth for depth, _key, _line in levels}:
        return False
    # Of two levels equally far away the one of the line just before is the likelier.
    depth, key, line = min(levels, key=lambda level: abs(level[0] - given))
    distance = abs(depth - given)
    if distance > LONGEST_SLIP:
        return False
    start = source.line_starts[place.line - 1] + given
    report.add(
        "indentation",
        source.place(start, start + len(text.strip())),
        distance=_spaces(distance),
        direction="deep" if given > depth else "shallow",
        key=key,
        line=line,
        wanted=_spaces(depth),
        given=given,
    )
    return True


def _spaces(count: int) -> str:
    return "one space" if count == 1 else "no space" if count == 0 else f"{count} spaces"


def _levels(source: Source, number: int) -> Iterator[tuple[int, str, int]]:
    """Yield the depths that line *number* may begin at, the deepest first, each with its last key and line; nothing
    where the line before opens a level of its own, or is no key.
    """
    lowest: int | None = None
    for line in range(number - 1, 0, -1):
        text = source.line(line)
        if not text.strip() or text.lstrip().startswith("#"):
            continue
        item = ITEM.match(text)
        if item is None or not (item["key"] or item["dash"]):
            if lowest is None:
                return
            continue
        if lowest is None and re.search(r"(?::|-|[|>][+-]?\d?)(?:\s+#.*)?$", text.rstrip()):
            return
        inside, outside = len(item["indent"]) + len(item["dash"] or ""), len(item["indent"])
        for depth in (inside, outside) if item["dash"] and item["key"] else (outside,):
            if lowest is None or depth < lowest:
                lowest = depth
                yield depth, (item["key"] or "-").strip("\"'"), line


# Quotes ---------------------------------------------------------------------------------------------------------------


def _tell_quote(source: Source, place: Place, context: Place | None, problem: str, report: Report) -> bool:
    """Tell of a quote that is not closed on its line, where it was opened; return whether there is one.

    The next quote of the file closes it, so that YAML complains of what follows there, or at the end.
    """
    opened: Place | None = None
    if problem == "found unexpected end of stream" and context is not None:
        opened = context
    else:
        last = _last_quoted(source, place)
        if last is not None and last.line < place.line:
            opened = last
    if opened is None or source.text[opened.start : opened.start + 1] not in ("'", '"'):
        return False
    report.add("unclosed_quote", opened, quote=source.text[opened.start])
    return True


def _last_quoted(source: Source, place: Place) -> Place | None:
    """Return the last text in quotes that ended before *place* on its line."""
    found: Place | None = None
    shift = 1 if source.text.startswith("\ufeff") else 0
    try:
        for token in yaml.scan(source.text[shift : place.start], Loader=yaml.CSafeLoader):
            if isinstance(token, yaml.ScalarToken) and token.style in ("'", '"'):
                is_here = token.end_mark.line + 1 == place.line
                found = source.place(token.start_mark.index + shift, token.end_mark.index + shift) if is_here else None
    except yaml.YAMLError:
        return found
    return found


def _tell_left_over(source: Source, place: Place, report: Report) -> bool:
    """Tell that something follows a text in quotes on its line, for want of another way to write the quotes in it."""
    last = _last_quoted(source, place)
    found = _last_key(source.line(place.line), place.column)
    if last is None or found is None or last.line != place.line:
        return False
    quote = source.text[last.start]
    rest = source.line(place.line)[place.column - 1 :].strip()
    if not rest or found.start("value") + 1 != last.column:
        return False
    end = source.place(last.end - 1, last.end)
    report.add("text_after_quote", end, key=found["key"], rest=rest[:60], inside='\\"' if quote == '"' else "''")
    return True


# Formulas that were taken apart ---------------------------------------------------------------------------------------


def _suspects(source: Source, place: Place, context: Place | None) -> Iterator[tuple[int, int]]:
    """Yield the lines, with a column, where what YAML complains of may have begun."""
    if source.line(place.line).strip():
        yield place.line, place.column
    if context is not None and context.line != place.line:
        found = _last_key(source.line(context.line), len(source.line(context.line)) + 1)
        if found is not None and found["value"][0] in TAKEN_APART:
            yield context.line, len(source.line(context.line)) + 1


def _last_key(line: str, column: int) -> re.Match[str] | None:
    """Return the last key with a value that begins before *column*."""
    found: re.Match[str] | None = None
    at = 0
    while (match := KEY_AND_VALUE.search(line, at)) and match.start("value") < column:
        found, at = match, match.start("value")
    return found


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
    return source, _EventReader(source, report).read()


@dataclass(slots=True)
class _Open:
    """A map or a list whose end has not come yet."""

    is_map: bool
    is_flow: bool
    start: int
    path: tuple[str, ...]
    entries: dict[str, MapEntry] = field(default_factory=dict)
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


class _EventReader:
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
            self._put(RefusedTree(place))
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
                holder.entries[before.key.text] = MapEntry(before.key, RefusedTree(cut))
                holder.key = None
                return
        if holder and holder.drops:
            self._put(RefusedTree(place))
            return
        self.report.add("empty_value", key.place if key else place, key=key.text if key else "-")
        self._put(RefusedTree(place))

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
            holder.entries[holder.key.text] = MapEntry(holder.key, value)
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
