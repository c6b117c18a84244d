"""The static types of the expression language, and how they relate.

A type says what a value may be, and whether it may be null. Money is a number that knows where its currency is read.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final, TypeAlias

from blankett.engine.feel.temporal import WideDate, WideDateTime, WideDuration, WideTime
from blankett.engine.feel.values import YearsMonths

#: Where the currency of an amount is read: a code such as "EUR", or a path in the scope such as ("parent", "currency").
#: In a path, "[]" stands for walking through a list and "?" for a place that cannot be told.
Currency: TypeAlias = str | tuple[str, ...]


@dataclass(frozen=True)
class Type:
    """Base of all types; `nullable` says that the value may be null."""

    nullable: bool = field(default=False, kw_only=True)


@dataclass(frozen=True)
class Any(Type):
    """Any value; also the type of what is already known to be wrong, so that one mistake gives one finding."""

    nullable: bool = field(default=True, kw_only=True)


@dataclass(frozen=True)
class Null(Type):
    """The type of `null` itself."""

    nullable: bool = field(default=True, kw_only=True)


@dataclass(frozen=True)
class Boolean(Type):
    """true or false."""


@dataclass(frozen=True)
class Number(Type):
    """An exact decimal number; an amount of money where *currency* is given."""

    currency: Currency | None = None
    #: A share of one, which a person writes in hundredths: it says nothing of what the number may meet.
    is_percent: bool = field(default=False, compare=False, repr=False)


@dataclass(frozen=True)
class Text(Type):
    """A text; one of *options* where they are given, as in a choice."""

    options: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Date(Type):
    """A day."""


@dataclass(frozen=True)
class Time(Type):
    """A time of day."""


@dataclass(frozen=True)
class DateTime(Type):
    """A day with a time."""

    #: It surely says no zone: then it is neither before nor after one that says its own, as those of records do.
    is_local: bool = field(default=False, compare=False, repr=False)


@dataclass(frozen=True)
class DaysTimeDuration(Type):
    """A duration in days, hours, minutes and seconds."""


@dataclass(frozen=True)
class YearsMonthsDuration(Type):
    """A duration in years and months."""


@dataclass(frozen=True)
class EitherDuration(Type):
    """A duration of one kind or the other: what an `if` with both as its answers gives. It moves days."""


@dataclass(frozen=True)
class ListOf(Type):
    """A list whose items have type *item*."""

    item: Type


@dataclass(frozen=True)
class Context(Type):
    """Named values, {name: type}."""

    fields: Mapping[str, Type] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class RangeOf(Type):
    """A range between two values of type *item*."""

    item: Type


@dataclass(frozen=True)
class FunctionType(Type):
    """A function, with its parameters in order, {name: type}.

    One whose type is nullable may be left out at the end.
    """

    params: Mapping[str, Type] = field(default_factory=dict, hash=False)
    result: Type = Any()
    #: Whether it may have no answer where something it is given is null.
    needs_values: bool = False


@dataclass(frozen=True)
class RecordType(Type):
    """A linked record of *form* (`order`, `other_blueprint.order`, `user`).

    Its fields are looked up through the scope.
    """

    form: str


#: {class: (one in words, several in words)}
WORDS: dict[type[Type], tuple[str, str]] = {
    Any: ("anything", "anything"),
    Null: ("null", "nulls"),
    Boolean: ("true or false", "truth values"),
    Number: ("a number", "numbers"),
    Text: ("a text", "texts"),
    Date: ("a date", "dates"),
    Time: ("a time", "times"),
    DateTime: ("a date and time", "dates and times"),
    DaysTimeDuration: ("a duration in days and time", "durations in days and time"),
    YearsMonthsDuration: ("a duration in years and months", "durations in years and months"),
    EitherDuration: ("a duration of either kind", "durations of either kind"),
    ListOf: ("a list", "lists"),
    Context: ("a context", "lines"),
    RangeOf: ("a range", "ranges"),
    FunctionType: ("a function", "functions"),
    RecordType: ("a record", "records"),
}


def or_null(type: Type, nullable: bool = True) -> Type:
    """Return *type* as it is, or nullable."""
    return type if type.nullable or not nullable else replace(type, nullable=True)


def not_null(type: Type) -> Type:
    """Return *type* without null (null itself stays)."""
    return replace(type, nullable=False) if type.nullable and not isinstance(type, Null) else type


def in_words(type: Type, several: bool = False) -> str:
    """Return *type* in an author's words: `a number`, `a list of texts`, `a linked customer`."""
    if isinstance(type, ListOf):
        start = WORDS[ListOf][several]
        return start if isinstance(type.item, Any) else f"{start} of {in_words(type.item, several=True)}"
    if isinstance(type, RangeOf):
        start = WORDS[RangeOf][several]
        return start if isinstance(type.item, Any) else f"{start} of {in_words(type.item, several=True)}"
    if isinstance(type, Number) and type.currency is not None:
        return "amounts" if several else "an amount"
    if isinstance(type, FunctionType) and type.params:
        return f"{WORDS[FunctionType][several]} of {len(type.params)} argument{'s' if len(type.params) != 1 else ''}"
    if isinstance(type, RecordType):
        name = type.form.rpartition(".")[2].replace("_", " ")
        if type.form == "user":
            return "users" if several else "a user"
        if type.form == "department":
            return "departments" if several else "a department"
        return f"linked records ({name})" if several else f"a linked record ({name})"
    return WORDS[type.__class__][several]


def fits(given: Type, wanted: Type) -> bool:
    """Say whether a value of type *given* may stand where *wanted* is expected, null aside."""
    if isinstance(given, (Any, Null)) or isinstance(wanted, Any):
        return True
    if isinstance(wanted, FunctionType):
        return isinstance(given, FunctionType) and (not wanted.params or len(given.params) == len(wanted.params))
    if given.__class__ is not wanted.__class__:
        return False
    if isinstance(wanted, (ListOf, RangeOf)) and isinstance(given, (ListOf, RangeOf)):
        return fits(given.item, wanted.item)
    if isinstance(wanted, RecordType) and isinstance(given, RecordType):
        return given.form == wanted.form
    if isinstance(wanted, Context) and isinstance(given, Context):
        return all(name in given.fields and fits(given.fields[name], type) for name, type in wanted.fields.items())
    return True


def common(left: Type, right: Type) -> Type:
    """Return the narrowest type that holds values of both: the two branches of an `if`, the items of a list."""
    nullable = left.nullable or right.nullable
    if isinstance(left, Null):
        return or_null(right)
    if isinstance(right, Null):
        return or_null(left)
    if left.__class__ is not right.__class__:
        return Any()
    return or_null(_merged(left, right), nullable)


def _merged(left: Type, right: Type) -> Type:
    """Merge two types of one class."""
    if isinstance(left, Number) and isinstance(right, Number):
        return Number(common_currency(left.currency, right.currency), is_percent=left.is_percent and right.is_percent)
    if isinstance(left, Text) and isinstance(right, Text):
        return Text(left.options if left.options == right.options else None)
    if isinstance(left, DateTime) and isinstance(right, DateTime):
        return DateTime(is_local=left.is_local and right.is_local)
    if isinstance(left, ListOf) and isinstance(right, ListOf):
        return ListOf(common(left.item, right.item))
    if isinstance(left, RangeOf) and isinstance(right, RangeOf):
        return RangeOf(common(left.item, right.item))
    if isinstance(left, RecordType) and isinstance(right, RecordType):
        return left if left.form == right.form else Any()
    if isinstance(left, Context) and isinstance(right, Context):
        return _merged_contexts(left, right)
    if isinstance(left, FunctionType):
        return left if left == right else FunctionType()
    return not_null(left)


def _merged_contexts(left: Context, right: Context) -> Context:
    merged: dict[str, Type] = {}
    for name in [*left.fields, *(name for name in right.fields if name not in left.fields)]:
        one, other = left.fields.get(name), right.fields.get(name)
        merged[name] = common(one, other) if one and other else or_null(one or other or Any())
    return Context(merged)


def common_currency(left: Currency | None, right: Currency | None) -> Currency | None:
    """Return the currency of a value that is one or the other; ("?",) where the two differ."""
    if left is None or right is None or left == right:
        return left if left is not None else right
    return ("?",)


def is_mixed(currency: Currency | None) -> bool:
    """Say whether amounts of one list may have different values of *currency*."""
    return isinstance(currency, tuple) and "[]" in currency


def currency_in_words(currency: Currency | None) -> str:
    """Return where a currency comes from, in an author's words: `EUR`, `customer.currency`."""
    if not isinstance(currency, tuple):
        return currency or "no currency"
    items = [place for place, step in enumerate(currency) if step.startswith("[") and step not in ("[]", "[item]")]
    path = currency[items[-1] :] if items else currency
    return ".".join(step.strip("[]") for step in path if step not in ("[]", "[item]")).replace("?", "unknown")


def prefixed(currency: Currency | None, prefix: tuple[str, ...] | None) -> Currency | None:
    """Return *currency* of a field as seen from where its record is *prefix*.

    A line's `parent` cancels the step into the line.
    """
    if not isinstance(currency, tuple):
        return currency
    if prefix is None:
        return ("?", *currency)
    path = list(prefix)
    for step in currency:
        if step == "parent" and path and path[-1].startswith("["):
            del path[-2:]
        else:
            path.append(step)
    return tuple(path)


def seen_from(type: Type, prefix: tuple[str, ...] | None) -> Type:
    """Return the type of a field with its currency path seen from where its record is *prefix*."""
    if isinstance(type, Number) and isinstance(type.currency, tuple):
        return replace(type, currency=prefixed(type.currency, prefix))
    if isinstance(type, ListOf) and isinstance(type.item, Number):
        return replace(type, item=seen_from(type.item, prefix))
    return type


#: {class of a value: its type}
TEMPORAL_TYPES: Final[dict[type, Type]] = {
    dt.date: Date(),
    dt.time: Time(),
    dt.datetime: DateTime(),
    dt.timedelta: DaysTimeDuration(),
    YearsMonths: YearsMonthsDuration(),
    WideDate: Date(),
    WideTime: Time(),
    WideDateTime: DateTime(),
    WideDuration: DaysTimeDuration(),
}


def temporal_type(value: object) -> Type:
    """Return the type of a date, time, moment or duration that is written out; anything for what is none."""
    found = TEMPORAL_TYPES.get(value.__class__, Any())
    zone = value.tzinfo if isinstance(value, dt.datetime) else value.zone if isinstance(value, WideDateTime) else ""
    return replace(found, is_local=True) if isinstance(found, DateTime) and zone is None else found
