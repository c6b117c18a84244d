"""Values that have an order: whether anything lies between two of them, and what one would give as an example of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any as Value
from typing import ClassVar, TypeAlias

from blankett.engine import feel
from blankett.engine.blueprint.model import Field
from blankett.engine.blueprint.tables import TableColumn
from blankett.engine.feel.values import NO_END
from blankett.engine.fields.locales import decimals_of
from blankett.engine.fields.numbers import NumberType

#: So many digits after the point are tried for an example between two numbers that any number may be.
_MOST_DECIMALS = 12
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Numbers:
    """Numbers with at most so many digits after the point; None for any number."""

    decimals: int | None

    kind: ClassVar[type] = Decimal
    #: What makes the best example.
    nice: ClassVar[Value] = Decimal(0)

    def has(self, value: Decimal) -> bool:
        """Tell whether a column can hold *value*."""
        return self.decimals is None or decimals_of(value) <= self.decimals

    def between(self, low: Value, high: Value) -> Decimal | None:
        """Return a number between two others, the shortest to write; None where there is none."""
        if low is NO_END:
            return Decimal(0) if high is NO_END or high > 0 else _whole_below(high)
        most = _MOST_DECIMALS if self.decimals is None else self.decimals
        for digits in range(most + 1):
            step = Decimal(1).scaleb(-digits)
            found: Decimal = (low / step).to_integral_value(ROUND_FLOOR) * step + step
            if high is NO_END or found < high:
                return found
        return Decimal((low + high) / 2) if self.decimals is None else None


def _whole_below(high: Decimal) -> Decimal:
    return high.to_integral_value(ROUND_CEILING) - 1


@dataclass(frozen=True)
class Days:
    """Days."""

    kind: ClassVar[type] = date
    nice: ClassVar[Value] = None

    def has(self, value: date) -> bool:
        """Tell that a column can hold any day."""
        return True

    def between(self, low: Value, high: Value) -> date | None:
        """Return a day between two others; None where there is none."""
        if low is NO_END and high is NO_END:
            return date(2026, 1, 1)
        try:
            found: date = high - _DAY if low is NO_END else low + _DAY
        except OverflowError:
            return None
        return found if high is NO_END or found < high else None


@dataclass(frozen=True)
class Texts:
    """Texts, in the order of their characters. A blank is the least character a text holds behind another."""

    kind: ClassVar[type] = str
    nice: ClassVar[Value] = "other"

    def has(self, value: str) -> bool:
        """Tell whether a column can hold *value*: an empty text is none."""
        return value != ""

    def between(self, low: Value, high: Value) -> str | None:
        """Return a text between two others; None where there is none."""
        start = "" if low is NO_END else low
        for found in (self.nice, f"{start}a", f"{start}A", f"{start} " if start else "!"):
            if (low is NO_END or low < found) and (high is NO_END or found < high):
                return str(found)
        return None


Scale: TypeAlias = Numbers | Days | Texts


def scale_of(type: feel.Type, field: Field | None, *, any_digits: bool = False) -> Scale | None:
    """Return the scale of the values of a field, or of a formula; None for values without an order, such as people.

    *any_digits*: more digits after the point are allowed than the field keeps.
    """
    if isinstance(type, feel.Date):
        return Days()
    if isinstance(type, feel.Text):
        return Texts()
    if not isinstance(type, feel.Number):
        return None
    if field is None or any_digits:
        return Numbers(None)
    kept = field.type
    if not isinstance(kept, NumberType):
        return None
    digits = kept.decimals_for(field, field.currency if isinstance(field.currency, str) else None)
    return Numbers(digits + 2 if kept.name == "percent" else digits)


def scale_of_column(column: TableColumn) -> Scale | None:
    """Return the scale of a column's values; a column that is just a `number` holds any."""
    is_open = column.written == "number" and "decimals" not in column.field.options
    is_number = isinstance(column.field.type, NumberType)
    return scale_of(column.type, column.field, any_digits=is_open and is_number)
