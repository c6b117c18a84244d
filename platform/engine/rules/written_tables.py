"""A table in a blueprint's text as a sheet, and the text with the table as another sheet has it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from blankett.engine.blueprint.edit import Editor, written
from blankett.engine.blueprint.edit_table import RowText, TableText, WantedRow
from blankett.engine.blueprint.row_blocks import Piece, RowBlocks
from blankett.engine.blueprint.source import List, Map, Scalar, Tree
from blankett.engine.fields.base import Fault
from blankett.engine.rules.comparing import Matching
from blankett.engine.rules.sheet import (
    Sheet,
    SheetColumn,
    SheetRow,
    as_words,
    column_text,
    columns_lines,
    padded_cells,
    plain_words,
    row_lines,
    row_text,
)


def sheet_in(editor: Editor, table: TableText, key: str) -> Sheet:
    """Return the table *key* as it is written, whether it is sound or not."""
    tree = editor.find("tables", key)
    assert isinstance(tree, Map)
    ins = len(table.inputs)
    return Sheet(
        key=key,
        hit=table.hit,
        inputs=tuple(_column(name, tree.map("in").get(name)) for name in table.inputs),
        outputs=tuple(_column(name, tree.map("out").get(name)) for name in table.outputs),
        rows=tuple(
            SheetRow(padded_cells(row.cells[:ins]), row.cells[ins:], row.key or None, row.note or None)
            for row in table.rows
        ),
        title=_words(tree, "title"),
        help=_words(tree, "help"),
        default=MappingProxyType({name: text for name, text in table.default.items() if text}),
    )


def _column(name: str, tree: Tree | None) -> SheetColumn:
    if not isinstance(tree, Map):
        return SheetColumn(name, tree.text if isinstance(tree, Scalar) else "")
    values = tree.get("values")
    if isinstance(values, Map):
        listed = tuple(values.entries)
    else:
        listed = tuple(each.text for each in tree.scalars("values")) if isinstance(values, List) else ()
    return SheetColumn(
        key=name,
        type=tree.text("type") or "",
        title=_words(tree, "title"),
        help=_words(tree, "help"),
        listed=listed,
        values=tree.text("values"),
        decimals=tree.text("decimals"),
        currency=tree.text("currency"),
    )


def _words(tree: Map, name: str) -> str | None:
    text = tree.text(name)
    return None if text is None else plain_words(text)


class Rewriting:
    """Makes the text of a blueprint in which a table is as a sheet has it."""

    def __init__(self, text: str, table: TableText, before: Sheet, after: Sheet, matching: Matching) -> None:
        self._text = text
        self._table = table
        self._before = before
        self._after = after
        self._matching = matching
        self._path = ("tables", after.key)
        #: What could not be kept.
        self.remarks: list[Fault] = []

    def text(self) -> str:
        """Return the text."""
        return self._with_head(self._with_rows())

    # Rows -----------------------------------------------------------------------------------------------------------

    def _with_rows(self) -> str:
        is_same = [column.key for column in self._before.columns] == [column.key for column in self._after.columns]
        if not self._table.has_keys and any(row.key for row in self._after.rows):
            return self._with_keys()
        if not is_same:
            return self._with_other_columns()
        rows = [
            WantedRow(RowText(row.texts, row.note or "", row.key or ""), was)
            for row, was in zip(self._after.rows, self._matching.places, strict=True)
        ]
        return self._table.rewritten(rows, self._after.hit, self._after.default)

    def _with_keys(self) -> str:
        """Return the text with rows that have keys now and had none."""
        editor = Editor(self._text)
        rows = editor.find(*self._path, "rows")
        assert isinstance(rows, List)
        if "#" in self._text[rows.place.start : rows.place.end]:
            self.remarks.append(Fault("exchange.comments_lost", {"name": self._after.key}))
        indent = " " * (rows.place.column - 1)
        lines = list(row_lines(self._after))
        text = f"\n{indent}".join(lines) if not rows.is_flow else "".join(f"\n{' ' * 6}{line}" for line in lines)
        editor.splice(rows.place.start, rows.place.end, text)
        return self._with_hit(editor.text())

    def _with_other_columns(self) -> str:
        """Return the text with rows of other columns: each is written anew, the comments above it stay."""
        editor = Editor(self._text)
        rows = editor.find(*self._path, "rows")
        assert isinstance(rows, List | Map)
        blocks = RowBlocks(self._text, rows)
        trees = [entry.value for entry in rows.entries.values()] if isinstance(rows, Map) else list(rows.items)
        pieces = []
        for number, (row, was) in enumerate(zip(self._after.rows, self._matching.places, strict=True), 1):
            new = row_text(row, self._after.columns)
            if was is None:
                key = row.key or f"row_{number}"
                pieces.append(Piece(None, f"{key}: {new}" if self._table.has_keys else new))
            else:
                place = trees[was].place
                pieces.append(Piece(was, blocks.text_of(was, [(place.start, place.end, new)])))
        editor.splice(*blocks.arranged(pieces))
        return self._with_hit(editor.text())

    def _with_hit(self, text: str) -> str:
        """Return *text* with the hit policy and the results without a hit; the rows stay."""
        table = TableText(text, self._after.key)
        rows = [WantedRow(row, at) for at, row in enumerate(table.rows)]
        default = {name: found for name, found in self._after.default.items() if name in table.outputs}
        return table.rewritten(rows, self._after.hit, default)

    # Above the rows -------------------------------------------------------------------------------------------------

    def _with_head(self, text: str) -> str:
        editor = Editor(text)
        tree = editor.find(*self._path)
        assert isinstance(tree, Map)
        for name, before, after in (
            ("title", self._before.title, self._after.title),
            ("help", self._before.help, self._after.help),
        ):
            if after is not None and after != before:
                self._say(editor, tree, name, after)
        for name, old, new in (
            ("in", self._before.inputs, self._after.inputs),
            ("out", self._before.outputs, self._after.outputs),
        ):
            self._write_columns(editor, tree, name, old, new)
        return editor.text()

    def _say(self, editor: Editor, tree: Map, name: str, text: str) -> None:
        if name in tree.entries:
            editor.replace(*self._path, name, by=as_words(text))
            return
        place = next(iter(tree.entries.values())).key.place
        apart = ", " if tree.is_flow else "\n" + " " * (place.column - 1)
        editor.splice(place.start, place.start, f"{name}: {written(as_words(text))}{apart}")

    def _write_columns(
        self, editor: Editor, tree: Map, name: str, old: Sequence[SheetColumn], new: Sequence[SheetColumn]
    ) -> None:
        if tuple(old) == tuple(new):
            return
        columns, known = tree.map(name), {column.key: column for column in old}
        if [column.key for column in old] == [column.key for column in new]:
            for column in new:
                if column != known[column.key]:
                    place = columns.entries[column.key].value.place
                    editor.splice(place.start, place.end, column_text(column, _titles(columns.get(column.key))))
            return
        texts = {column.key: column_text(column, _titles(columns.get(column.key))) for column in new}
        entry = tree.entries[name]
        indent = " " * (entry.key.place.column - 1)
        lines = [f"{name}: {{{', '.join(f'{key}: {text}' for key, text in texts.items())}}}"]
        if not tree.is_flow:
            lines = list(columns_lines(name, texts))
        editor.splice(entry.key.place.start, entry.value.place.end, f"\n{indent}".join(lines))


def _titles(column: Tree | None) -> Mapping[str, str]:
    """Return {value: title} where the values of a column are written with titles."""
    values = column.get("values") if isinstance(column, Map) else None
    return {key: values.text(key) or key for key in values.entries} if isinstance(values, Map) else {}
