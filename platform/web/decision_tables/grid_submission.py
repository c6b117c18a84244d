"""The grid of a decision table as it comes from the browser: every row with its cells, in their order."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import flask
from werkzeug.datastructures import MultiDict

from blankett.engine.fields.text import BAD_CHARACTERS
from blankett.engine.language.table_cells import ANY
from blankett.engine.language.table_edit import RowText, TableText, TypedRow, merge_rows, place_rows, shown
from blankett.engine.language.text_edit import written
from blankett.engine.publish.results import BlueprintDraft
from blankett.web.templating import t

#: Stands for the row it was drawn from, in a row that is new.
NEW = "+"
KEY = re.compile(r"[a-z][a-z0-9_]{0,59}\Z")
#: Stands for a character that no text may hold.
MARK = "\N{REPLACEMENT CHARACTER}"
_ROW = re.compile(r"\d{1,5}\Z")


@dataclass(frozen=True)
class TableGrid:
    """A table as it stands on the page: drawn from a text, or typed."""

    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    has_keys: bool
    rows: tuple[TypedRow, ...]
    hit: str
    #: {output: text}, for all of them.
    default: Mapping[str, str]
    #: Tokens of the rows that the page was first drawn from, and of its hit policy with the default.
    base: tuple[str, ...]
    head: str
    #: The draft it was drawn from (0: nothing was saved then), and the newest version then.
    revision: int
    version: int
    #: The row that was chosen, from 0.
    chosen: int | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the names of all columns, inputs first."""
        return (*self.inputs, *self.outputs)

    @property
    def fresh(self) -> frozenset[int]:
        """Return the rows that are new or not what they were, from 0."""
        was = [self.base[row.at] if row.at is not None and row.at < len(self.base) else "" for row in self.rows]
        return frozenset(at for at, row in enumerate(self.rows) if row.text.token != was[at])

    @property
    def is_head_typed(self) -> bool:
        """Tell whether the hit policy or the default is not what it was."""
        return head_token(self.hit, self.default) != self.head

    def written_over(self, there: TableText) -> str:
        """Return the text of *there* with just these rows in that table, to look at what was typed."""
        rows = [replace(row, text=looked_at(row.text)) for row in self.rows]
        return there.rewritten(place_rows(there.rows, rows, self.base), self.hit, self.default)

    def written_into(self, there: TableText) -> str:
        """Return the text of *there* with this grid in it, and with what somebody else changed in it meanwhile."""
        rows = merge_rows(there.rows, self.rows, self.base)
        hit, default = (self.hit, self.default) if self.is_head_typed else (there.hit, there.default)
        return there.rewritten(rows, hit, default)

    def fits(self, there: TableText) -> bool:
        """Tell whether *there* still has the columns that the page had."""
        return (self.inputs, self.outputs, self.has_keys) == (there.inputs, there.outputs, there.has_keys)


def grid_of(table: TableText, draft: BlueprintDraft) -> TableGrid:
    """Return a table of the text of *draft* as a grid."""
    default = {name: shown(table.default.get(name, "")) for name in table.outputs}
    return TableGrid(
        inputs=table.inputs,
        outputs=table.outputs,
        has_keys=table.has_keys,
        rows=tuple(
            TypedRow(RowText(tuple(map(shown, row.cells)), shown(row.note), row.key), at)
            for at, row in enumerate(table.rows)
        ),
        hit=table.hit,
        default=default,
        base=tuple(row.token for row in table.rows),
        head=head_token(table.hit, default),
        revision=draft.revision,
        version=draft.base,
    )


def read_grid(sent: MultiDict[str, str]) -> TableGrid:
    """Return the grid that was sent; 400 for what no page of ours sends."""
    inputs, outputs = (tuple(sent.get(name, "").split()) for name in ("in", "out"))
    columns, origins = [*inputs, *outputs], sent.getlist("row")
    has_keys = sent.get("keyed") == "yes"
    cells = [sent.getlist(f"c{at}") for at in range(len(columns))]
    notes, keys = sent.getlist("note"), sent.getlist("key") if has_keys else [""] * len(origins)
    if not outputs or any(len(each) != len(origins) for each in (*cells, notes, keys)):
        flask.abort(400)
    texts = zip(*cells, strict=True) if origins else ()
    rows = [
        TypedRow(RowText(_filled(each, len(inputs)), note.strip(), key.strip()), _origin(origin))
        for origin, each, note, key in zip(origins, texts, notes, keys, strict=True)
    ]
    return TableGrid(
        inputs=inputs,
        outputs=outputs,
        has_keys=has_keys,
        rows=tuple(rows),
        hit=sent.get("hit", ""),
        default=MappingProxyType({name: sent.get(f"d{at}", "").strip() for at, name in enumerate(outputs)}),
        base=tuple(sent.get("base", "").split()),
        head=sent.get("head", ""),
        revision=_number(sent.get("revision", "")) or 0,
        version=_number(sent.get("version", "")) or 0,
        chosen=_chosen(sent.get("_row", ""), len(rows)),
    )


def head_token(hit: str, default: Mapping[str, str]) -> str:
    """Return some letters that differ between two ways of deciding that differ."""
    said = [text for pair in sorted(default.items()) for text in pair if pair[1]]
    return hashlib.sha256("\0".join([hit, *said]).encode()).hexdigest()[:8]


def _filled(cells: tuple[str, ...], inputs: int) -> tuple[str, ...]:
    """Return cells with "any" for those of inputs that nobody filled in."""
    return tuple(text.strip() or (ANY if at < inputs else "") for at, text in enumerate(cells))


def _origin(sent: str) -> int | None:
    return int(sent) if _ROW.match(sent) else None


def _number(sent: str) -> int | None:
    return int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 19 else None


def _chosen(sent: str, count: int) -> int | None:
    number = _number(sent)
    return number - 1 if number is not None and 1 <= number <= count else None


# What is done to rows without JavaScript --------------------------------------------------------------------------


def changed_by(grid: TableGrid, what: str) -> TableGrid | None:
    """Return the grid after one of the buttons that change rows; None when a row must be chosen first."""
    if what == "end":
        return _with(grid, len(grid.rows), blank_row(grid))
    at = grid.chosen
    if at is None:
        return None
    if what in ("above", "below"):
        return _with(grid, at + (what == "below"), blank_row(grid))
    if what == "duplicate":
        copied = replace(grid.rows[at].text, key="")
        return _with(grid, at + 1, TypedRow(copied))
    if what == "delete":
        rows = (*grid.rows[:at], *grid.rows[at + 1 :])
        return replace(grid, rows=rows, chosen=min(at, len(rows) - 1) if rows else None)
    to = max(0, min(len(grid.rows) - 1, at + (1 if what == "down" else -1)))
    rows_left = [*grid.rows[:at], *grid.rows[at + 1 :]]
    rows_left.insert(to, grid.rows[at])
    return replace(grid, rows=tuple(rows_left), chosen=to)


#: What the buttons are called in forms.
CHANGES = frozenset({"end", "above", "below", "duplicate", "delete", "up", "down"})


def with_row(grid: TableGrid, cells: tuple[str, ...]) -> TableGrid:
    """Return the grid with a row at its end whose inputs are *cells*."""
    row = TypedRow(RowText((*cells, *[""] * len(grid.outputs))))
    return _with(grid, len(grid.rows), row)


def blank_row(grid: TableGrid) -> TypedRow:
    """Return a row that nobody filled in."""
    return TypedRow(RowText((*[ANY] * len(grid.inputs), *[""] * len(grid.outputs))))


def _with(grid: TableGrid, at: int, row: TypedRow) -> TableGrid:
    return replace(grid, rows=(*grid.rows[:at], row, *grid.rows[at:]), chosen=at)


def looked_at(row: RowText) -> RowText:
    """Return a row that can stand in a text, to look at; what cannot is marked, and refused when it is written."""
    cells = tuple(BAD_CHARACTERS.sub(MARK, text) for text in row.cells)
    return replace(row, cells=cells, note=BAD_CHARACTERS.sub(MARK, row.note))


def mistakes_in(grid: TableGrid) -> list[tuple[int, str]]:
    """Return what must be mended before the rows can be written: (row from 0, words)."""
    found, seen = [], set[str]()
    for at, row in enumerate(grid.rows):
        key = row.text.key
        if row.text != looked_at(row.text):
            found.append((at, t("table.bad_characters", number=at + 1)))
        if grid.has_keys and key and not KEY.match(key):
            found.append((at, t("table.bad_key", number=at + 1, key=key[:60])))
        elif key and key in seen:
            found.append((at, t("table.key_twice", number=at + 1, key=key)))
        seen.add(key)
    return found


def kept_rows(table: str, grid: TableGrid) -> str:
    """Return the rows as comments, for a text in which their table is no longer there as the page had it."""
    rows = [", ".join(map(written, (*row.text.cells, *filter(None, [row.text.note])))) for row in grid.rows]
    return "".join([f"# {t('table.kept_rows', table=table)}\n", *(f"# - [{row}]\n" for row in rows)])
