"""Examples and rows of a table in an author's words, for messages: `total 10 000 with tier silver`, `rows 3 and 5`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any as Value

from blankett.engine.feel.temporal import temporal_text
from blankett.engine.fields.cells import quoted
from blankett.engine.fields.locale_formats import plain
from blankett.engine.language.model import Field, Table, TableRow

#: Numbers with fewer digits are written without gaps.
_GROUPED_FROM = 10_000


def example_words(table: Table, example: Mapping[str, Value]) -> str:
    """Return inputs with their values: ``total 10 000 with tier silver and urgent yes``."""
    return with_words([f"{key} {value_words(value, table.inputs[key].field)}" for key, value in example.items()])


def with_words(parts: Sequence[str]) -> str:
    """Return what holds together: ``total 10 000 with tier silver and urgent yes``."""
    return parts[0] if len(parts) == 1 else f"{parts[0]} with {joined(parts[1:])}"


def value_words(value: Value, field: Field | None) -> str:
    """Return a value of a field, or of a formula, as an author would write it, large numbers with gaps."""
    if value is None:
        return "empty"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal):
        is_share = field is not None and field.type.cells.needs_sign
        return f"{_number(value * 100)} %" if is_share else _number(value)
    if isinstance(value, (time, datetime)) and field is not None:
        return field.type.cells.shortened(f'@"{temporal_text(value)}"', field)[1]
    if isinstance(value, (date, time, timedelta)):
        return temporal_text(value)
    is_option = field is not None and value in field.option_titles()
    return quoted(value) if isinstance(value, str) and not is_option else str(value)


def _number(value: Decimal) -> str:
    if abs(value) < _GROUPED_FROM:
        return plain(value)
    whole, point, rest = plain(value).partition(".")
    return f"{int(whole):,}".replace(",", " ") + point + rest


def row_words(rows: Sequence[TableRow]) -> str:
    """Return rows by their keys or numbers: ``rows 3 and 5``, ``row 'large'``."""
    names = [repr(row.key) if row.has_key else row.key for row in rows]
    return f"{'rows' if len(names) > 1 else 'row'} {joined(names)}"


def joined(words: Sequence[str]) -> str:
    """Return words with commas and a last `and`."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
