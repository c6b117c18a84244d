"""The rows of a table as stretches of a blueprint's text, put together in another order.

A row is its lines with the comments right above it. Comments above the first row speak of the table and stay on top.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from blankett.engine.blueprint.source import List, Map

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
