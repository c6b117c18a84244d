"""Brings a table out of a file into the text of a blueprint: a new one, or what is different of one that is there.

The text is spliced, so that comments and layout stay; rows that match stay the same rows. Whether the result is sound
is for the checker to say; `origin_of` tells where in the file its problems stand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from blankett.engine.blueprint.edit import EditError, Editor
from blankett.engine.blueprint.edit_table import TableText
from blankett.engine.blueprint.source import Map
from blankett.engine.blueprint.tables import Table
from blankett.engine.fields.base import Fault
from blankett.engine.problems import Problem, suggest
from blankett.engine.rules.comparing import Meanings, RowChange, TextChange, head_changes, match_rows
from blankett.engine.rules.dmn_reading import from_dmn
from blankett.engine.rules.file_tables import FileTables
from blankett.engine.rules.settling import as_written, settled
from blankett.engine.rules.sheet import Origin, Sheet, SheetRow, table_text
from blankett.engine.rules.written_tables import Rewriting, sheet_in
from blankett.engine.rules.xlsx_reading import from_xlsx

Format = Literal["xlsx", "dmn"]


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
    try:
        editor = Editor(text)
        if editor.find("tables", sheet.key) is None:
            return Import(sheet.key, _with_new_table(text, editor, sheet), True, sheet, remarks=sheet.remarks)
        return _with_changes(text, sheet, tables.get(sheet.key))
    except EditError:
        return Fault("exchange.table_unreadable", {"name": sheet.key})


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
