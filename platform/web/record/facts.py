"""What a record says, as its page shows it: facts by section, and lines in tables with their totals.

How a field stands on the page, whatever it holds, hangs on the sheet of the record's form (`ShownField`), with what was
drawn of it; a request only puts values into words.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from blankett.engine.calendar import ClockRun
from blankett.engine.language.model import Form
from blankett.engine.records.read.record_sheet import SheetField
from blankett.engine.records.read.results import FieldView, LineView, SectionView
from blankett.forms.controls import FootSpans, column_kind, foot_spans
from blankett.forms.totals import totals_of
from blankett.forms.value_text import show_value
from blankett.web.clock_words import clock_words
from blankett.web.kept_markup import Drawing

#: Texts longer than this take a whole row.
LONG = 60


class ShownField:
    """How a field of a sheet stands on the page, whatever it holds."""

    def __init__(self, of: SheetField) -> None:
        type = of.field.type
        self.title = of.title
        self.is_number = type.is_number
        self.is_total = of.field.compute is not None
        #: For the house alone: not printed.
        self.is_internal = of.is_internal
        #: Its texts may be so long that they take a whole row; with how many letters they stand in one line.
        self.is_long = type.is_long
        self.letters = type.letters
        self.address_of = type.address
        #: What was drawn of it.
        self.drawings: dict[Hashable, Drawing] = {}


@dataclass(slots=True)
class ShownValue:
    """A value on the page. Not frozen, which would take twice as long to make."""

    ONLY_SHOWN = ("shown", "address")

    of: ShownField
    shown: str
    address: str = ""
    #: The address leads out of the application.
    is_outside: bool = False
    is_long: bool = False
    #: It stands in one line.
    is_short: bool = False
    #: It is what the record is about.
    is_main: bool = False


@dataclass(frozen=True, slots=True)
class LineRow:
    """A line on the page: what it is called by, and its other cells."""

    number: str
    name: tuple[ShownValue, ...]
    cells: tuple[ShownValue, ...]


@dataclass(frozen=True, eq=False, slots=True)
class LinesLayout:
    """A table with some of its columns, whatever its lines hold."""

    key: str
    title: str
    columns: tuple[ShownField, ...]
    spans: FootSpans


@dataclass(frozen=True, slots=True)
class LinesTable:
    """What stands around lines on the page, without the columns that are empty on every one."""

    ONLY_SHOWN = ("count",)
    MADE_OF = ("totals", "foot", "notes")

    layout: LinesLayout
    #: How many lines there are; empty for none.
    count: str
    #: Sums of columns that no amount under the lines says already; empty for none.
    totals: tuple[ShownValue, ...]
    #: Amounts under the lines, and other numbers that are worked out of them.
    foot: tuple[ShownValue, ...]
    notes: tuple[ShownValue, ...]


@dataclass(frozen=True, slots=True)
class RecordSection:
    """A section: facts that have a value, titles of those that have none, and tables under them."""

    key: str
    title: str
    told: tuple[ShownValue, ...]
    empty: tuple[str, ...]
    tables: tuple[tuple[LinesTable, tuple[LineRow, ...]], ...]

    @property
    def is_internal(self) -> bool:
        """Tell whether all it says is for the house alone."""
        return all(fact.of.is_internal for fact in self.told)


def sections_context(sections: Sequence[SectionView], form: Form, amount: FieldView | None) -> Mapping[str, object]:
    """Return tables of lines, facts in rows by section, and the titles of the fields without a value. *amount*: what
    the record is about.
    """
    blocks = tuple(_blocks(sections, form, amount))
    return {
        "tables": tuple(table for block in blocks for table in block.tables),
        "fact_rows": tuple(block for block in blocks if block.told),
        "empty_facts": tuple(title for block in blocks for title in block.empty),
    }


def headline_of(amount: FieldView | None) -> str:
    """Return the amount that a record is about, as people read it; empty where the form says none."""
    return _text_of(amount) if amount is not None else ""


# Values ---------------------------------------------------------------------------------------------------------------


def _text_of(view: FieldView) -> str:
    """Return a value in words; empty for none."""
    target = view.target
    return show_value(
        view.of.field, view.value, view.of.reader, {target.id: target.title} if target else {}, view.currency
    )


def shown_of(view: FieldView) -> ShownValue:
    """Return a field or cell as the page shows it."""
    place = view.of.once(ShownField)
    if view.value is None:
        return ShownValue(place, "")
    text, target = _text_of(view), view.target
    if isinstance(view.value, ClockRun):
        left = clock_words(view.of.field, view.value).left
        text = f"{text} · {left}" if left else text
    if target is not None:
        address = f"/records/{target.id}" if target.form else ""
    else:
        address = place.address_of(view.value)
    size = len(text)
    return ShownValue(place, text, address, target is None, place.is_long and size > LONG, 0 < size <= place.letters)


def _blocks(sections: Sequence[SectionView], form: Form, amount: FieldView | None) -> Iterator[RecordSection]:
    """Yield the sections as the page shows them; what is a total of a table stands in its foot alone."""
    views = {view.of.own.key: view for section in sections for view in section.fields}
    feet = {table: keys for table, keys in totals_of(form).items() if table in views and views[table].lines}
    summed = {key for keys in feet.values() for key in keys}
    main = amount.of if amount is not None else None
    for section in sections:
        told, empty, tables = [], [], []
        for view in section.fields:
            key = view.of.own.key
            if view.of.own.columns:
                tables.append(_table(view, [views[each] for each in feet.get(key, ()) if each in views], main))
            elif key not in summed:
                fact = shown_of(view)
                told.append(fact) if fact.shown else empty.append(fact.of.title)
        yield RecordSection(section.key, section.title, tuple(told), tuple(empty), tuple(tables))


# Lines ----------------------------------------------------------------------------------------------------------------


def _table(
    view: FieldView, totals: Sequence[FieldView], main: SheetField | None
) -> tuple[LinesTable, tuple[LineRow, ...]]:
    """Return a table, with *totals* in its foot, and its lines. *main*: what the record is about."""
    lines = [{key: shown_of(cell) for key, cell in line.cells.items()} for line in view.lines]
    said = {key for line in lines for key, cell in line.items() if cell.shown}
    columns = tuple([column for column in view.of.columns if column.own.key in said])
    layout = _layout(view.of, columns)
    rows = tuple([_row(number, line, columns) for number, line in enumerate(lines, 1)])
    foot = [total for total in totals if total.value is not None]
    known = {(type(total.field.type), total.value) for total in foot}
    sums = ["" if _is_said(view.lines, column, known) else _total(view.lines, column) for column in columns]
    table = LinesTable(
        layout,
        str(len(rows)) if rows else "",
        tuple(ShownValue(of, total) for of, total in zip(layout.columns, sums, strict=True)) if any(sums) else (),
        tuple(replace(shown_of(each), is_main=each.of is main) for each in foot if _is_money(each)),
        tuple(shown_of(each) for each in foot if not _is_money(each)),
    )
    return table, rows


def _row(number: int, line: Mapping[str, ShownValue], columns: Sequence[SheetField]) -> LineRow:
    cells = tuple([line.get(of.own.key) or ShownValue(of.once(ShownField), "") for of in columns])
    return LineRow(str(number), cells[:1], cells[1:])


def _layouts(of: SheetField) -> dict[tuple[SheetField, ...], LinesLayout]:
    """Return where the layouts of a table are kept, by the columns that are shown."""
    return {}


def _layout(of: SheetField, columns: tuple[SheetField, ...]) -> LinesLayout:
    known = of.once(_layouts)
    found = known.get(columns)
    if found is None:
        spans = foot_spans([column_kind(column.own) for column in columns])
        fields = tuple(column.once(ShownField) for column in columns)
        found = known[columns] = LinesLayout(of.own.key, of.title, fields, spans)
    return found


def _is_money(view: FieldView) -> bool:
    """Tell whether a number is an amount."""
    return view.field.type.has_currency


def _is_said(lines: Sequence[LineView], column: SheetField, known: Collection[tuple[type, object]]) -> bool:
    """Tell whether the sum of a column is one of the totals that are *known*."""
    return bool(known) and (type(column.own.type), _sum(lines, column)) in known


def _total(lines: Sequence[LineView], column: SheetField) -> str:
    """Return the sum of a computed column of amounts in one currency; empty where a sum says nothing."""
    if column.field.compute is None or not column.field.type.adds_up:
        return ""
    codes = {line.cells[column.own.key].currency for line in lines if column.own.key in line.cells}
    found = _sum(lines, column)
    return (
        show_value(column.field, found, column.reader, {}, codes.pop()) if len(codes) == 1 and found is not None else ""
    )


def _sum(lines: Sequence[LineView], column: SheetField) -> Decimal | None:
    """Return the sum of a column's numbers; None where it has none."""
    values = [line.cells[column.own.key].value for line in lines if column.own.key in line.cells]
    numbers = [value for value in values if isinstance(value, Decimal)]
    return sum(numbers, Decimal()) if numbers else None
