"""How a built-in function is declared: signatures as the standard writes them, each with its implementation.

`overload("substring(string: string, start position: number, length?: number) -> string", substring)`. A `?` after the
name marks a parameter that may be left out, `...` one that takes all further arguments (as one list). Types are the
language's own; `T` is any type, `N` any number and `O` anything with an order, the same wherever it stands in the
signature, so that money keeps its currency. `test` is a function of two. `string or date` takes both; `or null` lets
null in, which otherwise makes the result null.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any as Value
from typing import Final

from blankett.engine.feel.budget import charge_for
from blankett.engine.feel.operators import ORDERED
from blankett.engine.feel.temporal import TWINS, WIDE
from blankett.engine.feel.type_names import TYPE_NAMES
from blankett.engine.feel.types import Any, Boolean, FunctionType, ListOf, RangeOf, RecordType, Type
from blankett.engine.feel.values import Function, Range, Reference, YearsMonths

#: What an argument check answers for a value that does not fit.
REFUSED: Final = object()
_SIGNATURE = re.compile(r"(?P<name>[a-z ]+)\((?P<parameters>.*)\) -> (?P<result>.+)")

Accept = Callable[[Value], Value]


@dataclass(frozen=True)
class Variable(Type):
    """A type that a call decides: `T`, `N` for numbers only, or `O` for what has an order."""

    name: str = "T"


@dataclass(frozen=True)
class SignatureParameter:
    """A parameter of one signature."""

    name: str
    #: The types it takes, one or several.
    types: tuple[Type, ...]
    #: Gives the argument as the implementation wants it (a list for a single item), or REFUSED.
    accept: Accept
    takes_null: bool = False
    optional: bool = False
    variadic: bool = False


@dataclass(frozen=True)
class Overload:
    """One signature of a function and its implementation."""

    name: str
    parameters: tuple[SignatureParameter, ...]
    result: Type
    implementation: Callable[..., Value]
    #: The implementation wants the Run (time, budget) as its first argument.
    with_run: bool = False
    text: str = ""

    @property
    def required(self) -> int:
        """How many arguments are needed at least."""
        return sum(not parameter.optional for parameter in self.parameters)

    def takes(self, count: int) -> bool:
        """Say whether *count* arguments fit by number."""
        variadic = bool(self.parameters) and self.parameters[-1].variadic
        return self.required <= count and (variadic or count <= len(self.parameters))


@dataclass(frozen=True)
class Builtin:
    """A built-in function with all its signatures."""

    name: str
    overloads: tuple[Overload, ...]

    def invoke(self, run: Value, arguments: Sequence[Value]) -> Value:
        """Return the result of the first signature that takes *arguments*; null where none does."""
        for overload in self.overloads:
            if overload.takes(len(arguments)):
                accepted = accept_all(overload, arguments)
                if accepted is not None:
                    return apply(overload, run, accepted)
        return None


def accept_all(overload: Overload, arguments: Sequence[Value]) -> list[Value] | None:
    """Return *arguments* as the implementation wants them, or None where one does not fit."""
    accepted = []
    parameters = overload.parameters
    for argument in arguments:
        charge_for(argument)
    for place, argument in enumerate(arguments):
        parameter = parameters[place] if place < len(parameters) else parameters[-1]
        value = parameter.accept(argument)
        if value is REFUSED:
            return None
        accepted.append(value)
    if parameters and parameters[-1].variadic:
        fixed = len(parameters) - 1
        accepted[fixed:] = [accepted[fixed:]]
    return accepted


def apply(overload: Overload, run: Value, accepted: list[Value]) -> Value:
    """Return what the implementation makes of *accepted*; null where its arithmetic has no answer."""
    try:
        return overload.implementation(run, *accepted) if overload.with_run else overload.implementation(*accepted)
    except (ArithmeticError, ValueError):
        return None


# ---- what an argument may be ----


def _exactly(kind: type) -> Accept:
    twin = TWINS.get(kind)

    def accept(value: Value) -> Value:
        if type(value) is kind:
            return value
        if type(value) is list and len(value) == 1:
            return value[0] if type(value[0]) in (kind, twin) else REFUSED
        return value if twin is not None and type(value) is twin else REFUSED

    return accept


def _any_list(value: Value) -> Value:
    if type(value) is list:
        return value
    return REFUSED if value is None else [value]


def _list_of_exactly(kind: type, or_null: bool) -> Accept:
    kinds = frozenset([kind, type(None)]) if or_null else frozenset([kind])

    def accept(value: Value) -> Value:
        if type(value) is not list:
            return [value] if type(value) is kind else REFUSED
        return value if kinds.issuperset(map(type, value)) else REFUSED

    return accept


def _list_of(accept_item: Accept) -> Accept:
    def accept(value: Value) -> Value:
        if type(value) is not list:
            value = REFUSED if value is None else [value]
        if value is REFUSED:
            return REFUSED
        for item in value:
            if accept_item(item) is REFUSED:
                return REFUSED
        return value

    return accept


def _anything(value: Value) -> Value:
    return value


def _ordered(value: Value) -> Value:
    """Accept what has an order, and so lies before, in or after a range."""
    return value if type(value) in ORDERED or type(value) in WIDE else REFUSED


def _or_null(accept: Accept) -> Accept:
    def accept_null(value: Value) -> Value:
        return None if value is None else accept(value)

    return accept_null


def _one_of(accepts: Sequence[Accept]) -> Accept:
    def accept(value: Value) -> Value:
        for one in accepts:
            accepted = one(value)
            if accepted is not REFUSED:
                return accepted
        return REFUSED

    return accept


#: {name of a type in a signature: its Python type}
_KINDS: Final[dict[str, type]] = {
    "number": Decimal,
    "N": Decimal,
    "string": str,
    "boolean": bool,
    "date": date,
    "time": time,
    "date and time": datetime,
    "days and time duration": timedelta,
    "years and months duration": YearsMonths,
    "context": dict,
    "function": Function,
    "test": Function,
    "range": Range,
    "range<O>": Range,
    "user": Reference,
    "department": Reference,
}


def _accept_for(name: str) -> Accept:
    if name.startswith("list<"):
        inner = name[5:-1]
        if inner in ("Any", "T", "O"):
            return _any_list
        exact = _KINDS.get(inner.removesuffix(" or null"))
        if exact is not None:
            return _list_of_exactly(exact, inner.endswith(" or null"))
        return _list_of(_accept_for(inner))
    if name in ("Any", "T"):
        return _anything
    if name == "O":
        return _ordered
    return _exactly(_KINDS[name])


def _type_for(name: str) -> Type:
    name = name.removesuffix(" or null")
    if name.startswith("list<"):
        item = _type_for(name[5:-1])
        return ListOf(_nullable(item) if name.endswith(" or null>") else item)
    if name in ("T", "N", "O"):
        return Variable(name=name)
    special: dict[str, Type] = {
        "function": FunctionType(),
        "test": FunctionType({"first": Any(), "second": Any()}, Boolean()),
        "range": RangeOf(Any()),
        "range<O>": RangeOf(Variable(name="O")),
        "user": RecordType("user"),
        "department": RecordType("department"),
    }
    return special.get(name) or TYPE_NAMES[name]


# ---- reading a signature ----


def overload(signature: str, implementation: Callable[..., Value], with_run: bool = False) -> Overload:
    """Return the overload that *signature* declares. Raises ValueError for a signature that cannot be read."""
    match = _SIGNATURE.fullmatch(signature)
    if not match:
        raise ValueError(f"not a signature: {signature!r}")
    written = [part for part in re.split(r",\s*(?![^<]*>)", match["parameters"]) if part]
    parameters = tuple(_parameter(part) for part in written)
    result = _type_for(match["result"])
    if match["result"].endswith(" or null"):
        result = _nullable(result)
    return Overload(match["name"], parameters, result, implementation, with_run, signature)


def _nullable(type: Type) -> Type:
    return (
        Variable(name=type.name, nullable=True)
        if isinstance(type, Variable)
        else type.__class__(**{**type.__dict__, "nullable": True})
    )


def _parameter(written: str) -> SignatureParameter:
    name, _, type_text = written.partition(": ")
    optional, variadic = name.endswith("?"), name.endswith("...")
    names = re.split(r" or (?![^<]*>)", type_text)
    takes_null = "null" in names or names == ["Any"] or names == ["T"]
    names = [each for each in names if each != "null"]
    accept = _one_of([_accept_for(each) for each in names]) if len(names) > 1 else _accept_for(names[0])
    return SignatureParameter(
        name.rstrip("?."),
        tuple(_type_for(each) for each in names),
        _or_null(accept) if takes_null else accept,
        takes_null,
        optional,
        variadic,
    )


def collected(*tables: Iterable[Overload]) -> dict[str, Builtin]:
    """Return {name: function} of all overloads of the tables. Raises ValueError for a signature declared twice."""
    by_name: dict[str, list[Overload]] = {}
    for table in tables:
        for one in table:
            same = by_name.setdefault(one.name, [])
            if any(other.text == one.text for other in same):
                raise ValueError(f"declared twice: {one.text}")
            same.append(one)
    return {name: Builtin(name, tuple(overloads)) for name, overloads in by_name.items()}
