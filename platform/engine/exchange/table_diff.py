"""What a file changes of a decision table: its head, and row by row. Rows keep their identity where they match.

Cells are compared by what they mean: `new` and `"new"` are one option, `1.0` and `1` one number.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from blankett.engine import feel
from blankett.engine.exchange.table_sheet import Sheet, SheetRow
from blankett.engine.feel.constants import UNKNOWN, constant_of
from blankett.engine.fields.base import Fault, TextReading
from blankett.engine.language.model import Field
from blankett.engine.language.table_cells import spell_out

#: So many of the rows that are left are looked at for each new one, so that no file takes long.
NEAR = 50

RowKind = Literal["added", "removed", "changed", "moved"]


@dataclass(frozen=True)
class TextChange:
    """A text that becomes another: of a cell, of the head. Empty for what was not there, or is no longer."""

    name: str
    before: str
    after: str


@dataclass(frozen=True)
class RowChange:
    """What becomes of a row."""

    kind: RowKind
    #: Counts from 1: where the row stands afterwards; of one that is removed, where it stood.
    number: int
    key: str | None
    #: Its cells, results and note as they stand afterwards; of one that is removed, as they stood.
    row: SheetRow
    #: By column, and `note` and `key`.
    cells: tuple[TextChange, ...] = ()


@dataclass(frozen=True)
class Matching:
    """Which row of a table each row of a file is."""

    #: For each row of the file the place of the row in the table, or None for a new one.
    places: tuple[int | None, ...]
    changes: tuple[RowChange, ...]


class Meanings:
    """Compares cells of columns that may be known: {column: field}."""

    def __init__(self, fields: Mapping[str, Field]) -> None:
        self._fields = fields

    def cell(self, column: str, text: str) -> Hashable:
        """Return what a cell means; equal for cells that say the same."""
        field = self._fields.get(column)
        return text.strip() if field is None else spell_out(text.strip(), field).text

    def result(self, column: str, text: str) -> Hashable:
        """Return what a result means."""
        field = self._fields.get(column)
        if text.startswith("=") and not text.startswith("=="):
            return _formula(text[1:].strip())
        if field is None or not text:
            return text
        value = field.type.read_api(text, field, TextReading())
        return text if isinstance(value, (Fault, list)) else ("constant", value)

    def of(self, sheet: Sheet, row: SheetRow) -> dict[str, Hashable]:
        """Return {column: what it means, note: …} of a row."""
        found = {column.key: self.cell(column.key, text) for column, text in zip(sheet.inputs, row.cells, strict=True)}
        results = zip(sheet.outputs, row.results, strict=True)
        found |= {column.key: self.result(column.key, text) for column, text in results}
        return {**found, "note": row.note}


def _formula(text: str) -> Hashable:
    """Return a formula, or the constant it always gives."""
    try:
        value = constant_of(feel.parse_expression(text))
    except feel.FeelSyntaxError:
        return "formula", text
    is_constant = value is not UNKNOWN and not isinstance(value, (list, dict))
    return ("constant", value) if is_constant else ("formula", text)


def match_rows(before: Sheet, after: Sheet, meanings: Meanings) -> Matching:
    """Return which rows are the same ones, and what changes. Keys tell first, then what rows say, then their order."""
    old = [meanings.of(before, row) for row in before.rows]
    new = [meanings.of(after, row) for row in after.rows]
    # What both have; a column more or less makes no row another one.
    shared = {column.key for column in before.columns} & {column.key for column in after.columns}
    places = _by_key(before.rows, after.rows)
    _by_content(places, [_said(each, shared) for each in old], [_said(each, shared) for each in new])
    _by_order(places, old, new, shared)
    found = tuple(places.get(at) for at in range(len(after.rows)))
    return Matching(found, tuple(_changes(before, after, old, new, found)))


def _said(row: Mapping[str, Hashable], columns: set[str]) -> Hashable:
    return tuple(row[name] for name in sorted(columns))


def _by_key(before: Sequence[SheetRow], after: Sequence[SheetRow]) -> dict[int, int]:
    known = {row.key: at for at, row in enumerate(before) if row.key is not None}
    return {at: known[row.key] for at, row in enumerate(after) if row.key in known}


def _by_content(places: dict[int, int], old: Sequence[Hashable], new: Sequence[Hashable]) -> None:
    """Match rows that say the same, twins in their order."""
    taken = set(places.values())
    free: dict[Hashable, list[int]] = {}
    for at, said in enumerate(old):
        if at not in taken:
            free.setdefault(said, []).append(at)
    for at, said in enumerate(new):
        if at not in places and free.get(said):
            places[at] = free[said].pop(0)


def _by_order(
    places: dict[int, int],
    old: Sequence[Mapping[str, Hashable]],
    new: Sequence[Mapping[str, Hashable]],
    shared: set[str],
) -> None:
    """Match the rows that are left between the same neighbours, where at least half of the cells are the same."""
    back = {was: at for at, was in places.items()}
    gaps = SequenceMatcher(
        None,
        [back.get(at, -1) for at in range(len(old))],
        [at if at in places else -2 for at in range(len(new))],
        False,
    )
    for kind, old_from, old_to, new_from, new_to in gaps.get_opcodes():
        if kind != "replace":
            continue
        left = [at for at in range(old_from, old_to) if at not in back]
        for at in (at for at in range(new_from, new_to) if at not in places):
            alike = [sum(old[each][name] == new[at][name] for name in shared) for each in left[:NEAR]]
            if alike and max(alike) * 2 >= len(shared):
                was = left[alike.index(max(alike))]
                places[at] = was
                left = [each for each in left if each > was]


def _changes(
    before: Sheet,
    after: Sheet,
    old: Sequence[Mapping[str, Hashable]],
    new: Sequence[Mapping[str, Hashable]],
    places: Sequence[int | None],
) -> list[RowChange]:
    kept = [was for was in places if was is not None]
    steady = _in_order(kept)
    stays = set(kept)
    found = [RowChange("removed", at + 1, row.key, row) for at, row in enumerate(before.rows) if at not in stays]
    for at, (row, was) in enumerate(zip(after.rows, places, strict=True)):
        if was is None:
            found.append(RowChange("added", at + 1, row.key, row))
            continue
        cells = _cell_changes(before, after, before.rows[was], row, old[was], new[at])
        if cells or was not in steady:
            kind: RowKind = "changed" if cells else "moved"
            found.append(RowChange(kind, at + 1, row.key or before.rows[was].key, row, cells))
    return sorted(found, key=lambda change: (change.number, change.kind != "removed"))


def _in_order(places: Sequence[int]) -> set[int]:
    """Return the rows that did not move: the longest run of rows in their old order."""
    blocks = SequenceMatcher(None, sorted(places), list(places), False).get_matching_blocks()
    return {places[block.b + step] for block in blocks for step in range(block.size)}


def _cell_changes(
    before: Sheet,
    after: Sheet,
    was: SheetRow,
    row: SheetRow,
    old: Mapping[str, Hashable],
    new: Mapping[str, Hashable],
) -> tuple[TextChange, ...]:
    texts = {**texts_of(before, was), "note": was.note or ""}
    becomes = {**texts_of(after, row), "note": row.note or ""}
    found = [
        TextChange(name, texts.get(name, ""), becomes.get(name, ""))
        for name in dict.fromkeys((*texts, *becomes))
        if old.get(name) != new.get(name)
    ]
    if was.key and row.key and was.key != row.key:
        found.append(TextChange("key", was.key, row.key))
    return tuple(found)


def texts_of(sheet: Sheet, row: SheetRow) -> dict[str, str]:
    """Return {column: text} of a row."""
    return dict(zip((column.key for column in sheet.columns), row.texts, strict=True))


def head_changes(before: Sheet, after: Sheet, meanings: Meanings) -> tuple[TextChange, ...]:
    """Return what changes above the rows; titles and help that a file does not hold stay."""
    found = [TextChange("hit", before.hit, after.hit)]
    for name in ("title", "help"):
        becomes = getattr(after, name)
        found.append(TextChange(name, getattr(before, name) or "", becomes or getattr(before, name) or ""))
    for kind, old, new in (("in", before.inputs, after.inputs), ("out", before.outputs, after.outputs)):
        if [column.key for column in old] != [column.key for column in new]:
            names = [", ".join(column.key for column in columns) for columns in (old, new)]
            found.append(TextChange(kind, *names))
    known = {column.key: column for column in before.columns}
    for column in after.columns:
        was = known.get(column.key)
        for name in ("type", "title", "help", "listed", "values", "decimals", "currency") if was else ():
            found.append(TextChange(f"{column.key}.{name}", _words(getattr(was, name)), _words(getattr(column, name))))
    for key in dict.fromkeys((*before.default, *after.default)):
        old_text, new_text = before.default.get(key, ""), after.default.get(key, "")
        if meanings.result(key, old_text) != meanings.result(key, new_text):
            found.append(TextChange(f"default.{key}", old_text, new_text))
    return tuple(change for change in found if change.before != change.after)


def _words(value: object) -> str:
    return ", ".join(value) if isinstance(value, tuple) else str(value or "")
