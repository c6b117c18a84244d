"""A decision table as texts in a grid: what spreadsheets and DMN files hold, and what is written into a blueprint.

Between a table of a blueprint and a sheet nothing is lost that decides. `left_out` tells what a sheet does not hold.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from blankett.engine.fields.base import Fault, Json
from blankett.engine.language.loader.translations import title_of_key
from blankett.engine.language.model import Field, Setting, Table, TableColumn, TableInput, TableRow, Words
from blankett.engine.language.table_cells import ANY, write_short
from blankett.engine.language.text_edit import written

#: A table with more rows is not brought in: to check it would take too long for a page.
MOST_ROWS: Final = 5_000


@dataclass(frozen=True)
class Origin:
    """Where something stands in a file of another program: a cell of a sheet, or a line."""

    sheet: str = ""
    #: Its address: ``C7``.
    cell: str = ""
    #: From 1; 0 where there are no lines.
    line: int = 0

    @property
    def words(self) -> Fault:
        """Return it as a message: ``Sheet “approvers”, cell C7``."""
        if self.cell:
            return Fault("exchange.at_cell", {"sheet": self.sheet, "cell": self.cell})
        return Fault("exchange.at_line", {"line": self.line})


@dataclass(frozen=True)
class SheetColumn:
    """An input or an output."""

    key: str
    #: As written: ``number``, ``customer.tier``.
    type: str
    #: What people call it, where that is not made from the key or the field.
    title: str | None = None
    help: str | None = None
    #: Its values, the most important first; or the cell that bounds them.
    listed: tuple[str, ...] = ()
    values: str | None = None
    decimals: str | None = None
    currency: str | None = None
    origin: Origin | None = field(default=None, compare=False)
    #: The file says our type, and not only which kind of value it is.
    is_typed: bool = field(default=True, compare=False)


@dataclass(frozen=True)
class SheetRow:
    """A row: its cells and results in the order of the columns, as written."""

    cells: tuple[str, ...]
    results: tuple[str, ...]
    #: Its key, where it has one.
    key: str | None = None
    note: str | None = None
    origin: Origin | None = field(default=None, compare=False)
    #: Where each cell and result stands; empty where there is no file.
    origins: tuple[Origin, ...] = field(default=(), compare=False)

    @property
    def texts(self) -> tuple[str, ...]:
        """Return its cells and its results."""
        return (*self.cells, *self.results)


@dataclass(frozen=True)
class CellReading:
    """A cell of a spreadsheet that is read otherwise than it looks."""

    cell: str
    shown: str
    read: str
    #: It could mean something else: 1.000 is one, or a thousand.
    is_doubtful: bool = False


@dataclass(frozen=True)
class Sheet:
    """A table."""

    key: str
    hit: str
    inputs: tuple[SheetColumn, ...]
    outputs: tuple[SheetColumn, ...]
    rows: tuple[SheetRow, ...]
    title: str | None = None
    help: str | None = None
    #: {output: what it is when no row hits}
    default: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    origin: Origin | None = field(default=None, compare=False)
    #: What stood in the file and is not in here, or otherwise.
    remarks: tuple[Fault, ...] = field(default=(), compare=False)
    #: Cells of a spreadsheet that are read otherwise than they look.
    readings: tuple[CellReading, ...] = field(default=(), compare=False)

    @property
    def columns(self) -> tuple[SheetColumn, ...]:
        """Return all columns, inputs first."""
        return (*self.inputs, *self.outputs)


# From a table -------------------------------------------------------------------------------------------------------


def sheet_of(table: Table) -> Sheet:
    """Return a sound table as a sheet, its texts in the blueprint's first language."""
    title = _first(table.title)
    return Sheet(
        key=table.key,
        hit=table.hit,
        inputs=tuple(_column(column) for column in table.inputs.values()),
        outputs=tuple(_column(column) for column in table.outputs.values()),
        rows=tuple(_row(row) for row in table.rows),
        title=title if title != title_of_key(table.key) else None,
        help=_first(table.help) or None,
        default=MappingProxyType(
            {key: setting_text(setting, table.outputs[key].field) for key, setting in table.default.items()}
        ),
    )


def _first(words: Words | None) -> str:
    return plain_words(next(iter(words.by_language.values()), "")) if words is not None else ""


def plain_words(text: str) -> str:
    """Return a title or help without the second of its braces, as it is shown and as files have it."""
    return text.replace("{{", "{").replace("}}", "}")


def as_words(text: str) -> str:
    """Return a title or help out of a file as a blueprint writes it: a brace that is text stands twice."""
    return text.replace("{", "{{").replace("}", "}}")


def _column(column: TableColumn) -> SheetColumn:
    title = _first(column.title)
    is_lent = "." in column.written
    bound = column.values if isinstance(column, TableInput) and not column.listed else None
    decimals = None if is_lent else column.field.options.get("decimals")
    return SheetColumn(
        key=column.key,
        type=column.written,
        title=title if not is_lent and title != title_of_key(column.key) else None,
        help=None if is_lent else _first(column.field.help) or None,
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


def left_out(table: Table) -> tuple[Fault, ...]:
    """Return what no file of another program holds of *table*; bringing the file back leaves it as it is."""
    found = []
    own = [column for column in _columns(table) if "." not in column.written]
    texts = [table.title, table.help, *(words for column in own for words in (column.title, column.field.help))]
    languages = dict.fromkeys(name for words in texts if words is not None for name in words.languages()[1:])
    if languages:
        found.append(Fault("exchange.left_languages", {"languages": ", ".join(languages)}))
    titled = [column.key for column in _columns(table) if column.listed and _has_titles(column)]
    if titled:
        found.append(Fault("exchange.left_values", {"columns": ", ".join(titled)}))
    if any(row.was for row in table.rows):
        found.append(Fault("exchange.left_was"))
    return tuple(found)


def _columns(table: Table) -> tuple[TableColumn, ...]:
    return (*table.inputs.values(), *table.outputs.values())


def _has_titles(column: TableColumn) -> bool:
    """Tell whether values of a column's own have titles that are not made from them."""
    titles = column.field.option_titles()
    return "." not in column.written and any(_first(each.title) != title_of_key(key) for key, each in titles.items())


# Into a blueprint ---------------------------------------------------------------------------------------------------


def table_text(sheet: Sheet, indent: int = 2) -> str:
    """Return a sheet as an entry of a blueprint's `tables`, each line indented by *indent* blanks."""
    lines = [f"{sheet.key}:", *(f"  {line}" for line in _head(sheet)), "  rows:"]
    lines += [f"    {line}" for line in row_lines(sheet)]
    return "".join(f"{' ' * indent}{line}\n" for line in lines)


def _head(sheet: Sheet) -> Iterator[str]:
    if sheet.title is not None:
        yield f"title: {written(as_words(sheet.title))}"
    if sheet.help is not None:
        yield f"help: {written(as_words(sheet.help))}"
    yield f"hit: {sheet.hit}"
    for name, columns in (("in", sheet.inputs), ("out", sheet.outputs)):
        yield from columns_lines(name, {column.key: column_text(column) for column in columns})
    if sheet.default:
        yield f"default: {default_text(sheet.default)}"


#: So many characters of columns stand on one line.
_SHORT = 80


def columns_lines(name: str, columns: Mapping[str, str]) -> Iterator[str]:
    """Yield the columns `in` or `out` of a table, {key: as written}: on one line where they are short."""
    if sum(map(len, columns.values())) <= _SHORT:
        yield f"{name}: {{{pairs(columns)}}}"
    else:
        yield f"{name}:"
        yield from (f"  {key}: {text}" for key, text in columns.items())


def column_text(column: SheetColumn, titles: Mapping[str, str] = MappingProxyType({})) -> str:
    """Return a column as a blueprint has it: its type alone, or a map. *titles*: those of its values that have any."""
    parts = {"type": written(column.type)}
    said = {name: text for name in ("title", "help") if (text := getattr(column, name)) is not None}
    parts |= {name: written(as_words(text)) for name, text in said.items()}
    if column.listed and titles:
        named = {written(key): written(titles.get(key, title_of_key(key))) for key in column.listed}
        parts["values"] = f"{{{pairs(named)}}}"
    elif column.listed:
        parts["values"] = f"[{', '.join(map(written, column.listed))}]"
    elif column.values is not None:
        parts["values"] = written(column.values)
    parts |= {name: text for name in ("decimals", "currency") if (text := getattr(column, name)) is not None}
    return parts["type"] if len(parts) == 1 else f"{{{pairs(parts)}}}"


def default_text(default: Mapping[str, str]) -> str:
    """Return the results of a table without a hit as a blueprint has them."""
    return f"{{{pairs({key: written(text) for key, text in default.items()})}}}"


def pairs(texts: Mapping[str, str]) -> str:
    """Return the inside of a map on one line."""
    return ", ".join(f"{key}: {text}" for key, text in texts.items())


def row_lines(sheet: Sheet) -> Iterator[str]:
    """Yield the rows as a blueprint has them: lists of cells in line with each other, maps where there are notes."""
    has_keys = any(row.key is not None for row in sheet.rows)
    texts = [[written(text) for text in row.texts] for row in sheet.rows if row.note is None]
    widths = [max(map(len, column)) for column in zip(*texts, strict=True)]
    keys = [f"{row.key or f'row_{number}'}:" if has_keys else "-" for number, row in enumerate(sheet.rows, 1)]
    width = max(map(len, keys), default=0)
    for key, row in zip(keys, sheet.rows, strict=True):
        yield f"{key.ljust(width)} {row_text(row, sheet.columns, widths)}"


def row_text(row: SheetRow, columns: Iterable[SheetColumn], widths: Iterable[int] = (), was: str | None = None) -> str:
    """Return a row as a blueprint has it, without its key or dash; cells of a list are filled up to *widths*."""
    texts = [written(text) for text in row.texts]
    if row.note is None and was is None:
        filled = [f"{text},".ljust(width + 1) for text, width in zip(texts[:-1], widths, strict=False)]
        return f"[{' '.join([*(filled or [f'{text},' for text in texts[:-1]]), texts[-1]])}]"
    keys = [column.key for column in columns]
    said = {key: text for key, text in zip(keys, texts[: len(row.cells)], strict=False) if text != written(ANY)}
    said |= dict(zip(keys[len(row.cells) :], texts[len(row.cells) :], strict=True))
    beside = {"note": row.note, "was": was}
    return f"{{{pairs({**said, **{key: written(text) for key, text in beside.items() if text is not None}})}}}"


def padded_cells(cells: Iterable[str]) -> tuple[str, ...]:
    """Return cells with "-" for those that nobody filled in."""
    return tuple(cell.strip() or ANY for cell in cells)
