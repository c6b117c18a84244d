"""Rows that somebody typed over a table, put into the table as it is by now: what others changed meanwhile stays.

Rows are told apart by their tokens, for a list has no other names: a row that differs from what it was is another row.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from blankett.engine.blueprint.edit_table import RowText, WantedRow


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
