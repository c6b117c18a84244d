"""The columns of a decision table as the grid shows them: what they are called, what they take, what to offer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from blankett.engine.fields.base import Value
from blankett.engine.language.model import Field, Table, TableColumn, TableInput
from blankett.engine.language.table_cells import ANY, write_short, written_value
from blankett.web.templating import t

#: So many texts that stand in a column already are offered.
MOST_OFFERED = 30
#: So many options of a column are named beside its title.
MOST_NAMED = 8
#: Widths of a cell, in characters.
NARROWEST, WIDEST = 4, 24


@dataclass(frozen=True)
class ShownColumn:
    """A column of the grid."""

    key: str
    title: str
    is_input: bool
    #: "a number", "one of new, silver, gold".
    type: str
    #: How its cells are written, with examples: (example, what it means).
    help: tuple[tuple[str, str], ...]
    #: What is offered while typing: (text, what it is called).
    options: tuple[tuple[str, str], ...]
    #: How wide its cells are, in characters.
    size: int
    is_number: bool


def shown_columns(table: Table, texts: Mapping[str, Sequence[str]], language: str) -> tuple[ShownColumn, ...]:
    """Return all columns, inputs first. *texts*: what stands in each column now."""
    columns: Iterable[TableColumn] = (*table.inputs.values(), *table.outputs.values())
    return tuple(_shown(column, texts.get(column.key, ()), language) for column in columns)


def _shown(column: TableColumn, texts: Sequence[str], language: str) -> ShownColumn:
    is_input = isinstance(column, TableInput)
    kind = column.field.type.cells.kind
    longest = sorted(map(len, texts))[-max(1, len(texts) // 20) :] if texts else [0]
    title = column.title.say(language)
    width = max(NARROWEST, longest[0] + 1)
    return ShownColumn(
        key=column.key,
        title=title,
        is_input=is_input,
        type=_type_words(column.field, kind, language),
        help=tuple(_help(column.field, kind, is_input=is_input)),
        options=tuple(_options(column.field, kind, texts, language, is_input=is_input)),
        size=min(width, WIDEST),
        is_number=not is_input and kind in ("number", "percent"),
    )


def _type_words(field: Field, kind: str, language: str) -> str:
    if kind == "number" and isinstance(field.currency, str):
        return t("table.type_money", currency=field.currency)
    if kind == "choice":
        options = list(field.option_titles())
        return t("table.type_choice", options=options if len(options) <= MOST_NAMED else [*options[:MOST_NAMED], "…"])
    return t(f"table.type_{kind}")


def _options(
    field: Field, kind: str, texts: Sequence[str], language: str, *, is_input: bool
) -> Iterable[tuple[str, str]]:
    any_ = [(ANY, t("table.any"))] if is_input else []
    if kind == "choice":
        return [*((key, option.title.say(language)) for key, option in field.option_titles().items()), *any_]
    if kind == "yes_no":
        return [("yes", t("value.yes")), ("no", t("value.no")), *any_]
    there = dict.fromkeys(text for text in texts if text and text != ANY)
    return [*((text, "") for text in list(there)[:MOST_OFFERED]), *any_] if is_input else []


# Help -----------------------------------------------------------------------------------------------------------------


def _help(field: Field, kind: str, *, is_input: bool) -> Iterable[tuple[str, str]]:
    if not is_input:
        return [*_result_help(field, kind), ("= …", t("table.help_formula"))]
    if kind == "choice":
        return [*_choice_help(list(field.option_titles())), (ANY, t("table.help_any"))]
    return [*((text, t(f"table.help_{id}")) for text, id in field.type.cells.examples), (ANY, t("table.help_any"))]


def _choice_help(options: Sequence[str]) -> Iterable[tuple[str, str]]:
    first = options[0] if options else "a"
    yield first, t("table.help_only", option=first)
    if len(options) > 1:
        yield ", ".join(options[:2]), t("table.help_one_of")
    yield f"not({first})", t("table.help_not")


def _result_help(field: Field, kind: str) -> Iterable[tuple[str, str]]:
    options = list(field.option_titles())
    if kind == "choice" and options:
        yield options[0], t("table.help_option")
    elif kind == "yes_no":
        yield "yes", t("table.help_yes_or_no")
    else:
        yield field.type.cells.example, t(f"table.help_out_{kind}")


# Values as cells ------------------------------------------------------------------------------------------------------


def cell_of(value: Value, column: TableInput) -> str:
    """Return the cell that accepts just *value*, as an author writes it."""
    if value == "…" and not column.field.type.cells.is_read:
        return ANY  # a person or a record: which one cannot be written
    return write_short(written_value(value), column.field)
