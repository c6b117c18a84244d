"""The types a field can have, and the one list of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from blankett.engine.fields.barcode import BarcodeType
from blankett.engine.fields.base import Fault, FieldType, Json, Line, Lookup, TextReading, TypeOption, Value
from blankett.engine.fields.choices import ChoiceType, YesNoType
from blankett.engine.fields.clock import ClockType
from blankett.engine.fields.dates import DateType
from blankett.engine.fields.departments import DepartmentType
from blankett.engine.fields.durations import DurationType
from blankett.engine.fields.links import LinkType, UserType
from blankett.engine.fields.moments import DateTimeType
from blankett.engine.fields.money import MoneyType
from blankett.engine.fields.numbers import NumberType, PercentType
from blankett.engine.fields.option_list import ChoicesType
from blankett.engine.fields.phone import PhoneType
from blankett.engine.fields.rating import RatingType
from blankett.engine.fields.tables import TableType
from blankett.engine.fields.text import EmailType, LongTextType, TextType
from blankett.engine.fields.times import TimeType
from blankett.engine.fields.url import UrlType

__all__ = [
    "FIELD_TYPES",
    "Fault",
    "FieldType",
    "Json",
    "Line",
    "Lookup",
    "TextReading",
    "TypeOption",
    "Value",
    "by_name",
    "suggested_type",
]

#: Every type, in the order the language reference shows them.
FIELD_TYPES: tuple[FieldType, ...] = (
    TextType(),
    LongTextType(),
    NumberType(),
    MoneyType(),
    PercentType(),
    RatingType(),
    DateType(),
    DateTimeType(),
    TimeType(),
    DurationType(),
    YesNoType(),
    ChoiceType(),
    ChoicesType(),
    LinkType(),
    UserType(),
    DepartmentType(),
    TableType(),
    EmailType(),
    UrlType(),
    PhoneType(),
    BarcodeType(),
    ClockType(),
)

#: Types of the language that are not there yet: refused by name instead of as unknown.
COMING_TYPES: tuple[str, ...] = (
    "file",
    "image",
    "rollup",
    "signature",
)

#: Types as they are called elsewhere → the type here, to be suggested.
FOREIGN_TYPES: Mapping[str, str] = MappingProxyType(
    {synonym: type_.name for type_ in FIELD_TYPES for synonym in type_.synonyms.split()}
)


def suggested_type(name: str) -> str | None:
    """Return the type that is called *name* elsewhere, or None."""
    return FOREIGN_TYPES.get(name.lower().replace(" ", "_"))


def by_name(types: Iterable[FieldType]) -> Mapping[str, FieldType]:
    """Return the types by their names; raise ValueError for two of one name."""
    named: dict[str, FieldType] = {}
    for type_ in types:
        if type_.name in named:
            raise ValueError(f"two field types are called {type_.name!r}")
        named[type_.name] = type_
    return MappingProxyType(named)


TYPES_BY_NAME = by_name(FIELD_TYPES)
