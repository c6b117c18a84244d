"""Brings a table out of a file into the text of a blueprint: a new one, or what is different of one that is there.

The text is spliced, so that comments and layout stay; rows that match stay the same rows. Whether the result is sound
is for the checker to say; `origin_of` tells where in the file its problems stand.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from blankett.engine.exchange.dmn_reader import from_dmn
from blankett.engine.exchange.file_tables import FileTables
from blankett.engine.exchange.table_diff import Matching, Meanings, RowChange, TextChange, head_changes, match_rows
from blankett.engine.exchange.table_sheet import (
    Origin,
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
    table_text,
)
from blankett.engine.exchange.xlsx_reader import from_xlsx
from blankett.engine.fields.base import Fault
from blankett.engine.fields.cells import Cells
from blankett.engine.fields.moments import MomentCells
from blankett.engine.language.model import Field, Table
from blankett.engine.language.problems import Problem, suggest
from blankett.engine.language.source import List, Map, Scalar, Tree
from blankett.engine.language.table_edit import Piece, RowBlocks, RowText, TableText, WantedRow
from blankett.engine.language.text_edit import EditError, Editor, written

#: (column, text) → what it means there.
_Meaning = Callable[[str, str], Hashable]


def settled(sheet: Sheet, before: Sheet, fields: Mapping[str, Field]) -> Sheet:
    """Return *sheet* with what its file cannot say, as the table has it: titles, help, our types of columns."""
    known = {column.key: column for column in before.columns}
    found = replace(
        sheet,
        title=sheet.title or before.title,
        help=sheet.help or before.help,
        inputs=tuple(_settled_column(column, known.get(column.key)) for column in sheet.inputs),
        outputs=tuple(_settled_column(column, known.get(column.key)) for column in sheet.outputs),
    )
    untyped = [column.key for column in sheet.outputs if not column.is_typed and column.key in fields]
    return _in_our_types(found, {key: fields[key].type.cells for key in untyped})


def _settled_column(column: SheetColumn, known: SheetColumn | None) -> SheetColumn:
    if known is None:
        return column
    typed = column if column.is_typed else replace(known, origin=column.origin)
    return replace(typed, title=column.title or known.title, help=column.help or known.help)


def _in_our_types(sheet: Sheet, columns: Mapping[str, Cells]) -> Sheet:
    """Return the sheet with the results of *columns* as authors write them: another tool knows 30% as a number."""
    rows = tuple(
        replace(
            row,
            results=tuple(
                columns[column.key].from_tool(text) if column.key in columns else text
                for column, text in zip(sheet.outputs, row.results, strict=True)
            ),
        )
        for row in sheet.rows
    )
    default = {key: columns[key].from_tool(text) if key in columns else text for key, text in sheet.default.items()}
    return replace(sheet, rows=rows, default=MappingProxyType(default))


def as_written(before: Sheet, after: Sheet, matching: Matching, meanings: Meanings) -> Sheet:
    """Return *after* with the author's own letters, those of *before*, wherever it says the same."""
    rows = tuple(
        row if was is None else _row_as_written(before, after, before.rows[was], row, meanings)
        for row, was in zip(after.rows, matching.places, strict=True)
    )
    keys, texts = after.default.keys(), after.default.values()
    default = _as_written(keys, texts, before.default, meanings.result)
    return replace(after, rows=rows, default=MappingProxyType(dict(zip(keys, default, strict=True))))


def _row_as_written(before: Sheet, after: Sheet, old: SheetRow, row: SheetRow, meanings: Meanings) -> SheetRow:
    cells = dict(zip((column.key for column in before.inputs), old.cells, strict=True))
    results = dict(zip((column.key for column in before.outputs), old.results, strict=True))
    inputs, outputs = (column.key for column in after.inputs), (column.key for column in after.outputs)
    return replace(
        row,
        cells=_as_written(inputs, row.cells, cells, meanings.cell),
        results=_as_written(outputs, row.results, results, meanings.result),
        key=row.key or old.key,
    )


def _as_written(
    columns: Iterable[str], texts: Iterable[str], known: Mapping[str, str], meaning: _Meaning
) -> tuple[str, ...]:
    return tuple(
        known[column] if column in known and meaning(column, known[column]) == meaning(column, text) else text
        for column, text in zip(columns, texts, strict=True)
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


@dataclass(frozen=True)
class Import:
    """The text of a blueprint with a table out of a file."""

    key: str
    text: str
    is_new: bool
    #: The table as it is written now; its rows and columns know where in the file they stood.
    sheet: Sheet
    #: What changes above the rows; of a new table nothing is told.
    head: tuple[TextChange, ...] = ()
    rows: tuple[RowChange, ...] = ()
    #: What of the file is not taken over as it stands.
    remarks: tuple[Fault, ...] = ()

    @property
    def is_change(self) -> bool:
        """Tell whether anything is different."""
        return self.is_new or bool(self.head or self.rows)

    def count(self, kind: str) -> int:
        """Return how many rows are added, removed, changed or moved."""
        return sum(change.kind == kind for change in self.rows)


def read_file(data: bytes, name: str) -> FileTables | Fault:
    """Return the tables of a file by its name's ending: ``.xlsx``, ``.dmn`` or ``.xml``; or what is wrong with it."""
    ending = name.rpartition(".")[2].lower()
    if ending == "xlsx":
        return from_xlsx(data)
    if ending in ("dmn", "xml"):
        return from_dmn(data)
    return Fault("exchange.unknown_format", {"name": name[-60:]})


def choose_sheet(found: FileTables, key: str, name: str = "") -> Sheet | Fault:
    """Return the table of a file that is called *name*, else *key*, or the only one there is, under *key*."""
    wanted = name or key
    meant = [sheet for sheet in found.sheets if sheet.key == wanted] or [
        sheet for sheet in found.sheets if wanted.casefold() in (sheet.key, (sheet.title or "").casefold())
    ]
    if not meant and len(found.sheets) == 1 and not name:
        meant = list(found.sheets)
    if len(meant) == 1:
        return replace(meant[0], key=key)
    if meant:
        return Fault("exchange.table_twice", {"name": wanted, "count": len(meant)})
    refused = next((each for each in found.refused if wanted in (each.key, each.name)), None)
    if refused is not None:
        return refused.fault
    keys = [sheet.key for sheet in found.sheets]
    params = {"name": wanted, "names": ", ".join(keys), "meant": suggest(wanted, keys) or ""}
    return Fault("exchange.no_such_table" if keys else "exchange.none_taken", params)


def import_table(text: str, sheet: Sheet, tables: Mapping[str, Table]) -> Import | Fault:
    """Return *text* with the table of *sheet* under its key.

    *tables*: those of the blueprint the text holds, as far as they could be read; without the table, cells are compared
    letter by letter.
    """
    sheet = _with_zones(sheet)
    try:
        editor = Editor(text)
        if editor.find("tables", sheet.key) is None:
            return Import(sheet.key, _with_new_table(text, editor, sheet), True, sheet, remarks=sheet.remarks)
        return _with_changes(text, sheet, tables.get(sheet.key))
    except EditError:
        return Fault("exchange.table_unreadable", {"name": sheet.key})


def _with_zones(sheet: Sheet) -> Sheet:
    """Return a table whose moments all say their zone, which those of records are compared by: UTC where none is."""
    zoned = MomentCells().zoned
    rows = tuple(replace(row, cells=tuple(map(zoned, row.cells))) for row in sheet.rows)
    first = next(((cell, zoned(cell)) for row in sheet.rows for cell in row.cells if cell != zoned(cell)), None)
    if first is None:
        return sheet
    told = Fault("exchange.zone_added", {"found": first[0], "instead": first[1]})
    return replace(sheet, rows=rows, remarks=(*sheet.remarks, told))


@dataclass(frozen=True)
class Imports:
    """The text of a blueprint with the tables out of a file that can decide there."""

    text: str
    done: tuple[Import, ...] = ()
    #: Those left out, with the problems the blueprint would have.
    left: tuple[tuple[Import, tuple[Problem, ...]], ...] = ()
    #: Those that cannot be written into the text: (key, why).
    faults: tuple[tuple[str, Fault], ...] = ()


def import_tables(
    text: str, sheets: Sequence[Sheet], tables: Mapping[str, Table], problems_of: Callable[[str], Iterable[Problem]]
) -> Imports:
    """Return *text* with the tables of *sheets*, without those that have errors there.

    Tables may call each other, so they go in all at once, and again without those with errors until none has any.
    """
    waiting = list(sheets)
    left: list[tuple[Import, tuple[Problem, ...]]] = []
    while True:
        changed, done, faults = text, [], []
        for sheet in waiting:
            found = import_table(changed, sheet, tables)
            if isinstance(found, Fault):
                faults.append((sheet.key, found))
            else:
                changed = found.text
                done.append(found)
        errors = [problem for problem in problems_of(changed) if problem.is_error] if done else []
        bad = [(each, told) for each in done if (told := _of_table(errors, each.key))]
        if not bad:
            return Imports(changed, tuple(done), tuple(left), tuple(faults))
        left += bad
        gone = {each.key for each, _problems in bad}
        waiting = [sheet for sheet in waiting if sheet.key not in gone]


def _of_table(problems: Iterable[Problem], key: str) -> tuple[Problem, ...]:
    return tuple(problem for problem in problems if tuple(problem.place.path[:2]) == ("tables", key))


def _with_new_table(text: str, editor: Editor, sheet: Sheet) -> str:
    tables = editor.find("tables")
    if tables is None:
        return f"{text.rstrip()}\n\ntables:\n{table_text(sheet)}"
    if not isinstance(tables, Map) or tables.is_flow or not tables.entries:
        raise EditError("the tables are not written on lines of their own")
    _key, _, body = table_text(sheet, 0).partition(":\n")
    editor.insert("tables", key=sheet.key, value=f"\n{body.rstrip()}")
    return editor.text()


def _with_changes(text: str, sheet: Sheet, table: Table | None) -> Import:
    fields = {key: column.field for key, column in {**table.inputs, **table.outputs}.items()} if table else {}
    written = TableText(text, sheet.key)
    before = sheet_in(Editor(text), written, sheet.key)
    after = settled(sheet, before, fields)
    meanings = Meanings(fields)
    matching = match_rows(before, after, meanings)
    kept = as_written(before, after, matching, meanings)
    rewriting = Rewriting(text, written, before, kept, matching)
    return Import(
        key=sheet.key,
        text=rewriting.text(),
        is_new=False,
        sheet=kept,
        head=head_changes(before, after, meanings),
        rows=matching.changes,
        remarks=(*sheet.remarks, *rewriting.remarks),
    )


def origin_of(path: Sequence[str], done: Import) -> Origin | None:
    """Return where in the file stands what a problem at *path* of the blueprint tells of; None: not in the table."""
    if tuple(path[:2]) != ("tables", done.key):
        return None
    sheet = done.sheet
    if len(path) > 3 and path[2] == "rows":
        row = _row_at(path[3], sheet.rows)
        columns = [column.key for column in sheet.columns]
        if row is None or len(path) < 5:
            return row.origin if row is not None else sheet.origin
        at = int(path[4]) if path[4].isdigit() else columns.index(path[4]) if path[4] in columns else -1
        return row.origins[at] if 0 <= at < len(row.origins) else row.origin
    if len(path) > 3 and path[2] in ("in", "out"):
        return next((column.origin for column in sheet.columns if column.key == path[3]), sheet.origin)
    return sheet.origin


def _row_at(name: str, rows: Sequence[SheetRow]) -> SheetRow | None:
    if name.isdigit():
        return rows[int(name)] if int(name) < len(rows) else None
    return next((row for row in rows if row.key == name), None)
