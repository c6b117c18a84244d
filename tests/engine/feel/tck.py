"""The language as the runner of the DMN test kit calls it: `evaluate`, `decide`, and values in its tagged form.

Tagged values: null, true, false, {"number": "1.5"}, {"string": s}, {"date" | "time" | "dateTime" | "duration": ISO
text}, {"list": […]}, {"context": {…}}.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any as Value
from typing import Final
from zoneinfo import ZoneInfo

from blankett.engine.feel import tree
from blankett.engine.feel.budget import Moment
from blankett.engine.feel.builtins.conversion import number_text
from blankett.engine.feel.compile import compile, evaluating
from blankett.engine.feel.constants import constant_of
from blankett.engine.feel.decision_table import HITS, DecisionRow, DecisionTable, Hit, InputColumn, Output
from blankett.engine.feel.formula_reader import parse_expression, parse_unary_tests
from blankett.engine.feel.operators import number_from
from blankett.engine.feel.scope import Scope
from blankett.engine.feel.temporal import (
    WideDate,
    WideDateTime,
    WideDuration,
    WideTime,
    read_date,
    read_datetime,
    read_duration,
    read_time,
    temporal_text,
)
from blankett.engine.feel.type_names import TYPE_NAMES
from blankett.engine.feel.types import Any, Context, FunctionType, ListOf, Type
from blankett.engine.feel.values import YearsMonths

#: The runner hands the whole case to `evaluate`, for the types of its model.
TYPES: Final = True


def evaluate(expression: str, inputs: Mapping[str, Value], case: Mapping[str, Value]) -> Value:
    """Return the value of *expression* with *inputs*; *case* has the model's types under `types`."""
    types = {name: type_of(definition, case["types"]) for name, definition in case.get("types", {}).items()}
    parsed = parse_expression(expression, names=set(spoken_names(inputs)), types=types)
    formula = compile(parsed, Scope({name: Any() for name in inputs}))
    return formula.evaluate_wide(inputs, Moment(datetime.now(UTC), ZoneInfo("UTC")))


def decide(table: Mapping[str, Value], inputs: Mapping[str, Value], case: Mapping[str, Value]) -> Value:
    """Return what a decision table of the kit gives for *inputs*: {hit, aggregation, inputs, outputs, rules}."""
    types = {name: type_of(definition, case["types"]) for name, definition in case.get("types", {}).items()}
    names = set(spoken_names(inputs))
    scope = Scope({name: Any() for name in inputs})

    def read(text: str) -> tree.Expression:
        return parse_expression(text, names=names, types=types)

    made = DecisionTable(
        case["id"],
        _hit_of(table),
        [InputColumn(each["expression"], expression=read(each["expression"])) for each in table["inputs"]],
        [_output(each, read) for each in table["outputs"]],
        [
            DecisionRow(
                tuple(parse_unary_tests(text, names=names, types=types) for text in rule["when"]),
                tuple(map(read, rule["then"])),
            )
            for rule in table["rules"]
        ],
        scope,
    )
    with evaluating(Moment(datetime.now(UTC), ZoneInfo("UTC"))) as run:
        return made.decide(run, inputs)


def _hit_of(table: Mapping[str, Value]) -> Hit:
    word = " ".join(filter(None, (table["hit"] or "UNIQUE", table["aggregation"]))).lower()
    return next(hit for hit in HITS if hit == word)


def _output(output: Mapping[str, Value], read: Callable[[str], tree.Expression]) -> Output:
    values = parse_unary_tests(output["values"]).tests if output["values"] else ()
    default = read(output["default"]) if output["default"] else None
    return Output(output["name"] or "", tuple(constant_of(value) for value in values), default)


def spoken_names(value: Value) -> Iterator[str]:
    """Yield the names of all entries in *value*, however deep."""
    waiting = [value]
    while waiting:
        inner = waiting.pop()
        if isinstance(inner, Mapping):
            yield from inner
            waiting += inner.values()
        elif isinstance(inner, list):
            waiting += inner


def type_of(definition: Value, types: Mapping[str, Value]) -> Type:
    """Return the type that a model's definition stands for.

    A name, or {"base" | "list" | "context" | "function": …}.
    """
    if isinstance(definition, str):
        return type_of(types[definition], types) if definition in types else TYPE_NAMES.get(definition, Any())
    if "list" in definition:
        return ListOf(type_of(definition["list"], types))
    if "context" in definition:
        return Context({name: type_of(inner, types) for name, inner in definition["context"].items()})
    return FunctionType() if "function" in definition else type_of(definition["base"], types)


_READERS: Final = {
    "number": number_from,
    "date": read_date,
    "time": read_time,
    "dateTime": read_datetime,
    "duration": read_duration,
    "dayTimeDuration": read_duration,
    "yearMonthDuration": read_duration,
}
_TAGS: Final[dict[type, str]] = {
    date: "date",
    time: "time",
    datetime: "dateTime",
    timedelta: "duration",
    YearsMonths: "duration",
    WideDate: "date",
    WideTime: "time",
    WideDateTime: "dateTime",
    WideDuration: "duration",
}


def from_tagged(tagged: Value) -> Value:
    """Return the value of a tagged one."""
    if not isinstance(tagged, dict):
        return tagged
    ((tag, content),) = tagged.items()
    if tag == "list":
        return [from_tagged(item) for item in content]
    if tag == "context":
        return {name: from_tagged(item) for name, item in content.items()}
    return _READERS[tag](content) if tag in _READERS else content


def to_tagged(value: Value) -> Value:
    """Return *value* tagged. Raises TypeError for a range or function, which have no tag."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return {"string": value}
    if isinstance(value, Decimal):
        return {"number": number_text(value)}
    if isinstance(value, list):
        return {"list": [to_tagged(item) for item in value]}
    if isinstance(value, dict):
        return {"context": {name: to_tagged(item) for name, item in value.items()}}
    if type(value) in _TAGS:
        return {_TAGS[type(value)]: temporal_text(value)}
    raise TypeError(f"no tagged form for {type(value).__name__}")
