"""A decision table as it is written in a blueprint's text, and the same text with other rows.

Rows that stay keep every character, their comments too; a row that moves takes along the comments right above it. What
is changed in a row is put in the place of what stood there, in quotes where YAML would eat it.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter, defaultdict, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from blankett.engine.language.source import List, Map, Scalar, Tree
from blankett.engine.language.table_cells import ANY
from blankett.engine.language.text_edit import EditError, Editor, written

_COMMENT = re.compile(r" *#")

#: What to put in the place of what: (start, end, text), offsets in the whole text.
Change = tuple[int, int, str]


@dataclass(frozen=True)
class Piece:
    """A row of the new text: which row it was (None for a new one), and how it is written."""

    origin: int | None
    #: From the dash, the key or the bracket on; of a new row without the dash.
    text: str


@dataclass(frozen=True)
class _Block:
    """Lines of the text: from *start*, what is not the row's own ends at *own*, its own lines end at *end*."""

    start: int
    own: int
    end: int


class RowBlocks:
    """The rows of one table in the text."""

    def __init__(self, source: str, rows: List | Map) -> None:
        self._source = source
        self._rows = rows
        self._is_map = isinstance(rows, Map)
        self._spans = self._item_spans()
        self._blocks = [] if rows.is_flow else self._find_blocks()

    def text_of(self, at: int, changes: Sequence[Change]) -> str:
        """Return row *at*, with its comments, and with *changes* made in it."""
        start, end = self._spans[at] if self._rows.is_flow else (self._blocks[at].own, self._blocks[at].end)
        pieces, reached = [], start
        for begins, ends, text in sorted(changes):
            pieces += [self._source[reached:begins], text]
            reached = ends
        return "".join([*pieces, self._source[reached:end]])

    def arranged(self, pieces: Sequence[Piece]) -> Change:
        """Return the change that gives the table the rows *pieces*."""
        if not self._spans:
            return self._begun(pieces)
        if not pieces:
            return self._emptied()
        return self._arranged_flow(pieces) if self._rows.is_flow else self._arranged_lines(pieces)

    # Where rows stand -------------------------------------------------------------------------------------------------

    def _item_spans(self) -> list[tuple[int, int]]:
        """Return where each row begins and ends, with its key, without its dash."""
        if isinstance(self._rows, Map):
            return [(each.key.place.start, each.value.place.end) for each in self._rows.entries.values()]
        return [(item.place.start, item.place.end) for item in self._rows.items]

    def _find_blocks(self) -> list[_Block]:
        blocks: list[_Block] = []
        for start, end in self._spans:
            first = self._source.rfind("\n", 0, self._dash(start)) + 1
            indent = self._dash(start) - first
            begins = blocks[-1].end + 1 if blocks else first
            own = self._own_comments(begins, first, indent)
            blocks.append(_Block(begins, own, self._last_line(end, indent)))
        return blocks

    def _dash(self, start: int) -> int:
        """Return where the dash, or the key, of the row that begins at *start* stands."""
        return start if self._is_map else self._source.rfind("-", 0, start)

    def _own_comments(self, begins: int, first: int, indent: int) -> int:
        """Return where the comments right above the line at *first* begin."""
        own = first
        while own > begins:
            above = self._source[self._source.rfind("\n", 0, own - 1) + 1 : own - 1]
            if not _COMMENT.match(above) or _indent(above) != indent:
                break
            own -= len(above) + 1
        return own

    def _last_line(self, end: int, indent: int) -> int:
        """Return the end of a row's last line; comments that are indented further belong to it."""
        end = self._line_end(end)
        while end < len(self._source):
            below = self._source[end + 1 : self._line_end(end + 1)]
            if not _COMMENT.match(below) or _indent(below) <= indent:
                break
            end += len(below) + 1
        return end

    def _line_end(self, place: int) -> int:
        found = self._source.find("\n", place)
        return found if found >= 0 else len(self._source)

    # Rows on lines of their own ---------------------------------------------------------------------------------------

    def _arranged_lines(self, pieces: Sequence[Piece]) -> Change:
        indent = self._source[self._first_line() : self._dash(self._spans[0][0])]
        loose = self._loose_leads({piece.origin for piece in pieces})
        lines: list[str] = []
        for piece in pieces:
            if piece.origin is None:
                lines.append(f"{indent}{'' if self._is_map else '- '}{piece.text}")
                continue
            lead = loose.get(piece.origin, "")
            lines.append((lead if lines else lead.lstrip("\n")) + piece.text)
        rest = loose.get(len(self._blocks), "")
        end = self._blocks[-1].end
        return self._first_line(), end, "\n".join(lines) + (f"\n{rest.rstrip()}" if rest else "")

    def _first_line(self) -> int:
        return self._blocks[0].own

    def _loose_leads(self, kept: set[int | None]) -> dict[int, str]:
        """Return what stands above each row that stays without belonging to it: blank lines, comments apart.

        Comments above rows that go are kept, above the next row that stays.
        """
        leads: dict[int, str] = {}
        carried = ""
        for at, block in enumerate(self._blocks):
            lead = self._source[block.start : block.own]
            if at in kept:
                leads[at] = carried + lead
                carried = ""
            elif "#" in lead:
                carried += lead
        leads[len(self._blocks)] = carried
        return leads

    # Rows in brackets, none, and the first ----------------------------------------------------------------------------

    def _arranged_flow(self, pieces: Sequence[Piece]) -> Change:
        """Put rows that stand in one pair of brackets together, with what stood between them, in its order."""
        between = [self._source[one[1] : two[0]] for one, two in zip(self._spans, self._spans[1:], strict=False)]
        usual = between[0] if between and "#" not in between[0] else ", "
        text = pieces[0].text
        for at, piece in enumerate(pieces[1:]):
            text += (between[at] if at < len(between) else usual) + piece.text
        return self._spans[0][0], self._spans[-1][1], text

    def _emptied(self) -> Change:
        brackets = "{}" if self._is_map else "[]"
        if self._rows.is_flow:
            return self._rows.place.start, self._rows.place.end, brackets
        first, end = self._first_line(), self._blocks[-1].end
        if _COMMENT.match(self._source, self._source.rfind("\n", 0, first - 1) + 1):
            return self._dash(self._spans[0][0]), end, brackets
        return first - 1, end, f" {brackets}"

    def _begun(self, pieces: Sequence[Piece]) -> Change:
        """Write the first rows of a table that has none, each on a line of its own."""
        place = self._rows.place
        if not pieces:
            return place.end, place.end, ""
        line = self._source.rfind("\n", 0, place.start) + 1
        before = self._source[line : place.start]
        indent = before if not before.strip() else " " * (_indent(before) + 2)
        start = line - 1 if not before.strip() else line + len(before.rstrip())
        dash = "" if self._is_map else "- "
        return start, place.end, "".join(f"\n{indent}{dash}{piece.text}" for piece in pieces)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


#: What a table does when several rows hit, unless it says so.
USUAL_HIT = "unique"


@dataclass(frozen=True)
class RowText:
    """A row as texts: its cells in the order of the columns, inputs first. Empty: nothing is written there."""

    cells: tuple[str, ...]
    note: str = ""
    #: Its key, in a table whose rows have keys.
    key: str = ""

    @property
    def token(self) -> str:
        """Return some letters that differ between rows that differ."""
        return hashlib.sha256("\0".join((self.key, self.note, *self.cells)).encode()).hexdigest()[:8]


@dataclass(frozen=True)
class WantedRow:
    """A row as it shall be, and which row it was (counted from 0); None for a new one."""

    text: RowText
    origin: int | None = None


class TableText:
    """One table in the text of a blueprint."""

    def __init__(self, source: str, table: str) -> None:
        """Read *table* in *source*; raise `EditError` when its columns or its rows cannot be read."""
        self._source = source
        self._editor = Editor(source)
        self._path = ("tables", table)
        tree = self._editor.find(*self._path)
        if not isinstance(tree, Map) or not isinstance(tree.get("rows"), List | Map):
            raise EditError(f"no table that can be read stands at tables.{table}")
        self._tree = tree
        self.inputs = tuple(tree.map("in").entries)
        self.outputs = tuple(tree.map("out").entries)
        self._nodes = _row_nodes(tree.get("rows"))
        self.has_keys = isinstance(tree.get("rows"), Map)
        self.rows = tuple(self._read(key, node) for key, node in self._nodes)

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the names of all columns, inputs first."""
        return (*self.inputs, *self.outputs)

    @property
    def hit(self) -> str:
        """Return what is done when several rows hit, as written."""
        return self._tree.text("hit") or USUAL_HIT

    @property
    def default(self) -> Mapping[str, str]:
        """Return what outputs are when no row hits, as written: {output: text}."""
        found = self._tree.get("default")
        if isinstance(found, Scalar):
            return dict.fromkeys(self.outputs[:1], found.text)
        return {name: found.text(name) or "" for name in found.entries} if isinstance(found, Map) else {}

    # Reading ----------------------------------------------------------------------------------------------------------

    def _read(self, key: str, node: Tree) -> RowText:
        if isinstance(node, List):
            texts = [self._text(item) for item in node.items]
            last = len(self.columns) - 1
            if len(texts) > last + 1:  # a comma too many: shown in the last cell, so that nothing is hidden
                texts[last:] = [", ".join(texts[last:])]
            return RowText((*texts, *[""] * (last + 1 - len(texts))), key=key)
        if isinstance(node, Map):
            cells = [self._text(node.get(name)) or (ANY if name in self.inputs else "") for name in self.columns]
            return RowText(tuple(cells), node.text("note") or "", key)
        return RowText(("",) * len(self.columns), key=key)

    def _text(self, tree: Tree | None) -> str:
        if tree is None:
            return ""
        return tree.text if isinstance(tree, Scalar) else self._source[tree.place.start : tree.place.end]

    # Writing ----------------------------------------------------------------------------------------------------------

    def rewritten(self, rows: Sequence[WantedRow], hit: str, default: Mapping[str, str]) -> str:
        """Return the whole text with *rows*, *hit* and *default* (an empty text for none) in this table."""
        self._write_hit(hit)
        self._write_default({name: default.get(name, "").strip() for name in self.outputs})
        self._write_rows(rows)
        text = self._editor.text()
        self._editor = self._editor.fresh()
        return text

    def _write_hit(self, hit: str) -> None:
        if hit == self.hit:
            return
        if "hit" in self._tree.entries:
            self._editor.replace(*self._path, "hit", by=hit)
        else:
            before = [name for name in ("title", "help", "was") if name in self._tree.entries]
            self._editor.insert(*self._path, key="hit", value=written(hit), after=before[-1] if before else "out")

    def _write_default(self, default: Mapping[str, str]) -> None:
        path, found = (*self._path, "default"), self._tree.get("default")
        said = {name: text for name, text in default.items() if text}
        if said == {name: text for name, text in self.default.items() if text}:
            return
        if found is None:
            self._editor.insert(*self._path, key="default", value=_pairs(said), after="out")
        elif not said:
            self._editor.remove(*path)
        elif isinstance(found, Scalar) and len(said) == 1:
            self._editor.replace(*path, by=next(iter(said.values())))
        else:
            self._editor.splice(found.place.start, found.place.end, _pairs(said))

    def _write_rows(self, rows: Sequence[WantedRow]) -> None:
        tree = self._tree.get("rows")
        assert isinstance(tree, List | Map)
        blocks = RowBlocks(self._source, tree)
        layout = _Layout.of(tree, self.columns)
        keys = _keys_for(rows, self.rows) if self.has_keys else [""] * len(rows)
        pieces = []
        for row, key in zip(rows, keys, strict=True):
            if row.origin is None:
                pieces.append(Piece(None, self._new_row(row.text, key, layout)))
            else:
                pieces.append(Piece(row.origin, blocks.text_of(row.origin, self._changes(row, layout))))
        start, end, text = blocks.arranged(pieces)
        if text != self._source[start:end]:
            self._editor.splice(start, end, text)

    def _new_row(self, row: RowText, key: str, layout: _Layout) -> str:
        """Return a new row as the table's rows are written, without the dash of a list."""
        text = self._as_map(row) if row.note else layout.listed(row.cells)
        return layout.keyed(key, text) if self.has_keys else text

    def _as_map(self, row: RowText) -> str:
        said = {
            name: text
            for name, text in zip(self.columns, row.cells, strict=True)
            if text != ANY or name in self.outputs
        }
        return _pairs({**said, "note": row.note} if row.note else said)

    def _changes(self, row: WantedRow, layout: _Layout) -> list[tuple[int, int, str]]:
        """Return what to put in the place of what, in the text of a row that stays: [(start, end, text)]."""
        assert row.origin is not None
        old, new = self.rows[row.origin], row.text
        key, node = self._nodes[row.origin]
        found: list[tuple[int, int, str]] = []
        if self.has_keys and new.key and new.key != key:
            rows = self._tree.map("rows")
            place = rows.entries[key].key.place
            found.append((place.start, place.end, written(new.key)))
        if (old.cells, old.note) == (new.cells, new.note):
            return found
        if isinstance(node, List) and len(node.items) == len(self.columns) and not new.note:
            pairs = zip(node.items, old.cells, new.cells, strict=True)
            for at, (item, before, after) in enumerate(pairs):
                if before != after:
                    found.append(layout.in_line(self._source, node, at, item, written(after)))
        elif isinstance(node, Map):
            found += self._map_changes(node, old, new)
        else:
            text = self._as_map(new) if new.note else layout.listed(new.cells)
            found.append((node.place.start, node.place.end, text))
        return found

    def _map_changes(self, node: Map, old: RowText, new: RowText) -> list[tuple[int, int, str]]:
        wanted = {**dict(zip(self.columns, new.cells, strict=True)), "note": new.note}
        before = {**dict(zip(self.columns, old.cells, strict=True)), "note": old.note}
        changed = {name: text for name, text in wanted.items() if text != before[name]}
        if all(name in node.entries and text for name, text in changed.items()):
            places = {name: node.entries[name].value.place for name in changed}
            return [(places[name].start, places[name].end, written(text)) for name, text in changed.items()]
        return self._map_edited(node, changed)

    def _map_edited(self, node: Map, changed: Mapping[str, str]) -> list[tuple[int, int, str]]:
        """Return the changes of a row written as a map of which entries come or go."""
        editor, path = self._editor.fresh(), node.place.path
        for name, text in changed.items():
            if name in node.entries:
                if text:
                    editor.replace(*path, name, by=text)
                else:
                    editor.remove(*path, name)
            elif text:
                editor.insert(*path, key=name, value=written(text), after=self._before(node, name))
        return [(splice.start, splice.end, splice.text) for splice in editor.splices]

    def _before(self, node: Map, name: str) -> str | None:
        """Return the last entry of a row that stands before the column *name*; None to write it at the end."""
        order = [*self.columns, "note"]
        earlier = [key for key in order[: order.index(name)] if key in node.entries]
        return earlier[-1] if earlier else None


def _row_nodes(rows: Tree | None) -> list[tuple[str, Tree]]:
    """Return the rows with their keys; no keys for rows of a list."""
    if isinstance(rows, Map):
        return [(key, entry.value) for key, entry in rows.entries.items()]
    return [("", item) for item in rows.items] if isinstance(rows, List) else []


def _keys_for(rows: Sequence[WantedRow], old: Sequence[RowText]) -> list[str]:
    """Return a key for each row: the one it has or was given, else one that nobody has."""
    taken = {row.text.key for row in rows} | {row.key for row in old}
    keys = []
    for number, row in enumerate(rows, 1):
        key = row.text.key or (old[row.origin].key if row.origin is not None else "")
        if not key:
            key = next(name for at in range(number, number + len(taken) + 1) if (name := f"row_{at}") not in taken)
            taken.add(key)
        keys.append(key)
    return keys


def _pairs(texts: Mapping[str, str]) -> str:
    return f"{{{', '.join(f'{written(name)}: {written(text)}' for name, text in texts.items())}}}"


@dataclass(frozen=True)
class _Layout:
    """How the rows of a table stand under each other: new ones are written like them."""

    #: Where cells begin, and how many rows have a cell that begins there: {(cell, column of the text): rows}.
    starts: Mapping[tuple[int, int], int]
    #: Where the cells of most rows begin, counted from the bracket; empty where they are not in line.
    offsets: tuple[int, ...]
    #: How far behind its beginning a row's key ends and its cells begin, where all rows are alike; else 0.
    width: int

    @classmethod
    def of(cls, rows: List | Map, columns: Sequence[str]) -> _Layout:
        """Return the layout of a table's rows."""
        nodes = [node for _, node in _row_nodes(rows)]
        lists = [node for node in nodes if isinstance(node, List) and node.is_flow and len(node.items) == len(columns)]
        starts = Counter((at, item.place.column) for node in lists for at, item in enumerate(node.items))
        shapes = Counter(tuple(item.place.start - node.place.start for item in node.items) for node in lists)
        offsets, count = shapes.most_common(1)[0] if shapes else ((), 0)
        entries = rows.entries.values() if isinstance(rows, Map) else ()
        widths = {entry.value.place.start - entry.key.place.start for entry in entries}
        width = widths.pop() if len(widths) == 1 and len(nodes) > 1 else 0
        return cls(starts, offsets if count > 1 and count * 2 > len(lists) else (), width)

    def listed(self, cells: Sequence[str]) -> str:
        """Return a row as a list in brackets, in line with the others where they are."""
        text = "["
        for at, cell in enumerate(cells):
            if at:
                text += ", "
                if self.offsets:
                    text = text.ljust(self.offsets[at])
            text += written(cell)
        return f"{text}]"

    def keyed(self, key: str, text: str) -> str:
        """Return a row with its key."""
        return f"{written(key)}: ".ljust(self.width) + text

    def in_line(self, source: str, row: List, at: int, item: Tree, text: str) -> tuple[int, int, str]:
        """Return the change of one cell; the blanks behind it give way where that keeps the next cell in line."""
        start, end = item.place.start, item.place.end
        if not row.is_flow or at + 1 == len(row.items):
            return start, end, text
        following = row.items[at + 1].place
        between = source[end : following.start]
        if between.strip(" ") != "," or self.starts[at + 1, following.column] < 2:
            return start, end, text
        blanks = max(1, following.start - start - len(text) - 1)
        return start, following.start, f"{text},{' ' * blanks}"


@dataclass(frozen=True)
class TypedRow:
    """A row as it was typed, and which row it was when the page was drawn (from 0); None for a new one."""

    text: RowText
    at: int | None = None


def place_rows(theirs: Sequence[RowText], typed: Sequence[TypedRow], base: Sequence[str]) -> list[WantedRow]:
    """Return the typed rows alone, one for one, to look at them. *base*: tokens of the rows the page was drawn from."""
    places = _places(base, [row.token for row in theirs])
    return [_placed(row, theirs, places) for row in typed]


def merge_rows(theirs: Sequence[RowText], typed: Sequence[TypedRow], base: Sequence[str]) -> list[WantedRow]:
    """Return the rows to write over *theirs*. *base*: the tokens of the rows that the page was drawn from.

    Where *theirs* is what the page was drawn from, that is what was typed. Else rows that somebody else changed stay as
    they are, a row changed by both stands there twice, and rows that somebody added stand behind the row they followed.
    """
    places = _places(base, [row.token for row in theirs])
    wanted: list[WantedRow] = []
    for row in typed:
        is_known = row.at is not None and row.at < len(base)
        if not is_known or row.at in places:
            wanted.append(_placed(row, theirs, places))
        elif row.at is not None and row.text.token != base[row.at]:
            wanted.append(WantedRow(replace(row.text, key="")))
    known = set(places.values())
    for at in range(len(theirs)):
        if at not in known:
            wanted.insert(_place_behind(wanted, at), WantedRow(theirs[at], at))
    return wanted


def _placed(row: TypedRow, theirs: Sequence[RowText], places: Mapping[int, int]) -> WantedRow:
    if row.at is None or row.at not in places:
        return WantedRow(row.text)
    return WantedRow(_settled(row.text, theirs[places[row.at]]), places[row.at])


def _places(base: Sequence[str], tokens: Sequence[str]) -> dict[int, int]:
    """Return {row of the page: row by now} for the rows that are still there."""
    if list(base) == list(tokens):
        return {at: at for at in range(len(base))}
    waiting: dict[str, deque[int]] = defaultdict(deque)
    for at, token in enumerate(tokens):
        waiting[token].append(at)
    return {at: waiting[token].popleft() for at, token in enumerate(base) if waiting[token]}


def _place_behind(wanted: Sequence[WantedRow], at: int) -> int:
    """Return where a row that was row *at* belongs: behind the nearest row that stood before it."""
    before = [place for place, row in enumerate(wanted) if row.origin is not None and row.origin < at]
    return max(before, key=lambda place: wanted[place].origin or 0) + 1 if before else 0


def _settled(typed: RowText, was: RowText) -> RowText:
    """Return a typed row with the texts as they were where only what a page cannot show differs."""
    cells = tuple(old if shown(old) == new else new for old, new in zip(was.cells, typed.cells, strict=True))
    note = was.note if shown(was.note) == typed.note else typed.note
    return RowText(cells, note, typed.key)


def shown(text: str) -> str:
    """Return a cell as a page can show it: one line, without blanks around it."""
    return " ".join(text.split("\n")).strip()
