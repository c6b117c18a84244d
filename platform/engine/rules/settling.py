"""A sheet out of a file beside the table it goes into: what the file cannot say, and what it says in other letters."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType

from blankett.engine.blueprint.model import Field
from blankett.engine.fields.cells import Cells
from blankett.engine.rules.comparing import Matching, Meanings
from blankett.engine.rules.sheet import Sheet, SheetColumn, SheetRow

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
