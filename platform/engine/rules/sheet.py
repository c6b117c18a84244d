"""A decision table as texts in a grid: what spreadsheets and DMN files hold, and what is written into a blueprint.

Between a table of a blueprint and a sheet nothing is lost that decides; titles in other languages are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from blankett.engine.blueprint.cells import ANY, write_short
from blankett.engine.blueprint.edit import written
from blankett.engine.blueprint.loading.translations import title_of_key
from blankett.engine.blueprint.model import Field, Setting
from blankett.engine.blueprint.tables import Table, TableColumn, TableInput, TableRow
from blankett.engine.fields.base import Json


@dataclass(frozen=True)
class SheetColumn:
    """An input or an output."""

    key: str
    #: As written: ``number``, ``customer.tier``.
    type: str
    #: What people call it, where that is not made from the key or the field.
    title: str | None = None
    #: Its values, the most important first; or the cell that bounds them.
    listed: tuple[str, ...] = ()
    values: str | None = None
    decimals: str | None = None
    currency: str | None = None


@dataclass(frozen=True)
class SheetRow:
    """A row: its cells and results in the order of the columns, as written."""

    cells: tuple[str, ...]
    results: tuple[str, ...]
    #: Its key, where it has one.
    key: str | None = None
    note: str | None = None


@dataclass(frozen=True)
class Sheet:
    """A table."""

    key: str
    hit: str
    inputs: tuple[SheetColumn, ...]
    outputs: tuple[SheetColumn, ...]
    rows: tuple[SheetRow, ...]
    title: str | None = None
    #: {output: what it is when no row hits}
    default: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def columns(self) -> tuple[SheetColumn, ...]:
        """Return all columns, inputs first."""
        return (*self.inputs, *self.outputs)


# From a table -------------------------------------------------------------------------------------------------------


def sheet_of(table: Table) -> Sheet:
    """Return a sound table as a sheet, its texts in the blueprint's first language."""
    title = next(iter(table.title.by_language.values()), "")
    return Sheet(
        key=table.key,
        hit=table.hit,
        inputs=tuple(_column(column) for column in table.inputs.values()),
        outputs=tuple(_column(column) for column in table.outputs.values()),
        rows=tuple(_row(row) for row in table.rows),
        title=title if title != title_of_key(table.key) else None,
        default=MappingProxyType(
            {key: setting_text(setting, table.outputs[key].field) for key, setting in table.default.items()}
        ),
    )


def _column(column: TableColumn) -> SheetColumn:
    title = next(iter(column.title.by_language.values()), "")
    is_own = "." not in column.written and title != title_of_key(column.key)
    bound = column.values if isinstance(column, TableInput) and not column.listed else None
    decimals = column.field.options.get("decimals") if column.written == "number" else None
    return SheetColumn(
        key=column.key,
        type=column.written,
        title=title if is_own else None,
        listed=column.listed,
        values=write_short(bound.text, column.field) if bound is not None else None,
        decimals=None if decimals is None else str(decimals),
        currency=str(column.field.currency) if column.written == "money" and column.field.currency else None,
    )


def _row(row: TableRow) -> SheetRow:
    return SheetRow(
        tuple(cell.text for cell in row.cells),
        tuple(result.text for result in row.results),
        row.key if row.has_key else None,
        row.note,
    )


def setting_text(setting: Setting, of: Field) -> str:
    """Return a value as an author writes it: ``= total / 10``, ``yes``, ``30`` for 30 %."""
    if setting.formula is not None:
        return f"= {setting.formula.text}"
    if setting.constant is None:
        return "= null"
    return constant_text(of.type.to_api(setting.constant, of))


def constant_text(value: Json) -> str:
    """Return what the API writes as a blueprint does."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = str(value)
    return f"={text}" if text.startswith("=") else text


# Into a blueprint ---------------------------------------------------------------------------------------------------


def table_text(sheet: Sheet, indent: int = 2) -> str:
    """Return a sheet as an entry of a blueprint's `tables`, each line indented by *indent* blanks."""
    lines = [f"{sheet.key}:", *(f"  {line}" for line in _head(sheet)), "  rows:"]
    lines += [f"    {line}" for line in row_lines(sheet)]
    return "".join(f"{' ' * indent}{line}\n" for line in lines)


def _head(sheet: Sheet) -> Iterator[str]:
    if sheet.title is not None:
        yield f"title: {written(sheet.title)}"
    yield f"hit: {sheet.hit}"
    for name, columns in (("in", sheet.inputs), ("out", sheet.outputs)):
        plain = {column.key: _column_text(column) for column in columns}
        if sum(map(len, plain.values())) <= _SHORT:
            yield f"{name}: {{{_pairs(plain)}}}"
        else:
            yield f"{name}:"
            yield from (f"  {key}: {text}" for key, text in plain.items())
    if sheet.default:
        yield f"default: {{{_pairs({key: written(text) for key, text in sheet.default.items()})}}}"


#: So many characters of columns stand on one line.
_SHORT = 80


def _column_text(column: SheetColumn) -> str:
    parts = {"type": written(column.type)}
    if column.title is not None:
        parts["title"] = written(column.title)
    if column.listed:
        parts["values"] = f"[{', '.join(map(written, column.listed))}]"
    elif column.values is not None:
        parts["values"] = written(column.values)
    parts |= {name: text for name in ("decimals", "currency") if (text := getattr(column, name)) is not None}
    return parts["type"] if len(parts) == 1 else f"{{{_pairs(parts)}}}"


def _pairs(texts: Mapping[str, str]) -> str:
    return ", ".join(f"{key}: {text}" for key, text in texts.items())


def row_lines(sheet: Sheet) -> Iterator[str]:
    """Yield the rows as a blueprint has them: lists of cells in line with each other, maps where there are notes."""
    has_keys = any(row.key is not None for row in sheet.rows)
    plain = [[written(text) for text in (*row.cells, *row.results)] for row in sheet.rows]
    lists = [texts for row, texts in zip(sheet.rows, plain, strict=True) if row.note is None]
    widths = [max(map(len, texts)) for texts in zip(*lists, strict=True)]
    keys = [f"{row.key or f'row_{number}'}:" if has_keys else "-" for number, row in enumerate(sheet.rows, 1)]
    for key, row, texts in zip(keys, sheet.rows, plain, strict=True):
        start = key.ljust(max(map(len, keys)))
        if row.note is None:
            padded = [f"{text}," for text in texts[:-1]]
            cells = [text.ljust(width + 1) for text, width in zip(padded, widths, strict=False)]
            yield f"{start} [{' '.join([*cells, texts[-1]])}]"
        else:
            named = dict(zip((column.key for column in sheet.columns), texts, strict=True))
            said = {name: text for name, text in named.items() if text != written(ANY)}
            yield f"{start} {{{_pairs({**said, 'note': written(row.note)})}}}"


def padded_cells(cells: Iterable[str]) -> tuple[str, ...]:
    """Return cells with "-" for those that nobody filled in."""
    return tuple(cell.strip() or ANY for cell in cells)
