"""Says whether a value is of a type, for `instance of`."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any as Value
from typing import Final

from blankett.engine.feel.budget import charge
from blankett.engine.feel.extended_temporal import TWINS
from blankett.engine.feel.types import (
    Any,
    Boolean,
    Context,
    Date,
    DateTime,
    DaysTimeDuration,
    FunctionType,
    ListOf,
    Null,
    Number,
    RangeOf,
    RecordType,
    Text,
    Time,
    Type,
    YearsMonthsDuration,
)
from blankett.engine.feel.values import NO_END, Function, Range, Reference, YearsMonths

_CLASSES: Final[dict[type[Type], type]] = {
    Boolean: bool,
    Number: Decimal,
    Text: str,
    Date: date,
    Time: time,
    DateTime: datetime,
    DaysTimeDuration: timedelta,
    YearsMonthsDuration: YearsMonths,
    FunctionType: Function,
    RecordType: Reference,
}


def is_instance(value: Value, wanted: Type) -> bool:
    """Say whether *value* is of type *wanted*; null is of type Null only."""
    if value is None:
        return isinstance(wanted, Null)
    if isinstance(wanted, Any):
        return True
    if isinstance(wanted, ListOf):
        charge(len(value) if type(value) is list else 0)
        return type(value) is list and all(_conforms(item, wanted.item) for item in value)
    if isinstance(wanted, Context):
        return type(value) is dict and all(
            name in value and _conforms(value[name], type) for name, type in wanted.fields.items()
        )
    if isinstance(wanted, RangeOf):
        return type(value) is Range and all(
            end is NO_END or _conforms(end, wanted.item) for end in (value.low, value.high)
        )
    if isinstance(wanted, FunctionType):
        return type(value) is Function and len(value.parameters) == len(wanted.params)
    kind = _CLASSES.get(type(wanted), object)
    return type(value) is kind or type(value) is TWINS.get(kind)


def _conforms(value: Value, wanted: Type) -> bool:
    """Say whether *value* may stand inside a value of a type: null may."""
    return value is None or is_instance(value, wanted)
