"""A sheet out of a file beside the table it goes into: what the file cannot say, and what it says in other letters."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from types import MappingProxyType

from blankett.engine.blueprint.model import Field
from blankett.engine.fields.locales import plain
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
    percents = {column.key for column in sheet.outputs if not column.is_typed and _is_percent(fields.get(column.key))}
    return _with_percents(found, percents) if percents else found


def _settled_column(column: SheetColumn, known: SheetColumn | None) -> SheetColumn:
    if known is None:
        return column
    typed = column if column.is_typed else replace(known, origin=column.origin)
    return replace(typed, title=column.title or known.title, help=column.help or known.help)


def _is_percent(field: Field | None) -> bool:
    return field is not None and field.type.name == "percent"


def _with_percents(sheet: Sheet, columns: set[str]) -> Sheet:
    """Return the sheet with 30% for 0.3 in *columns*: another tool knows a percentage as a number."""
    keys = [column.key for column in sheet.outputs]
    rows = tuple(
        replace(row, results=tuple(map(_hundredfold, row.results, (key in columns for key in keys))))
        for row in sheet.rows
    )
    default = {key: _hundredfold(text, key in columns) for key, text in sheet.default.items()}
    return replace(sheet, rows=rows, default=MappingProxyType(default))


def _hundredfold(text: str, is_percent: bool) -> str:
    """Return 30% for 0.3; what is no number, or has its sign, is for the checker to tell."""
    try:
        return f"{plain(Decimal(text) * 100)}%" if is_percent else text
    except InvalidOperation:
        return text


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
