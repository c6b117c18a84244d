"""The names of types as formulas write them: `number`, `list<string>`, `function<number> -> Any`."""

from __future__ import annotations

from collections.abc import Mapping

from blankett.engine.feel.types import (
    Any,
    Boolean,
    Context,
    Date,
    DateTime,
    DaysTimeDuration,
    Null,
    Number,
    Text,
    Time,
    Type,
    YearsMonthsDuration,
)

#: {name in a formula: type}
TYPE_NAMES: Mapping[str, Type] = {
    "Any": Any(),
    "Null": Null(),
    "number": Number(),
    "string": Text(),
    "boolean": Boolean(),
    "date": Date(),
    "time": Time(),
    "date and time": DateTime(),
    "dateTime": DateTime(),
    "days and time duration": DaysTimeDuration(),
    "dayTimeDuration": DaysTimeDuration(),
    "years and months duration": YearsMonthsDuration(),
    "yearMonthDuration": YearsMonthsDuration(),
    "context": Context(),
}
