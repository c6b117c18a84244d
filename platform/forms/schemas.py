"""Marshmallow schemas made from a form, once per version. Every field hands its text to the field's own type.

A schema says which keys there are and what reads each; `draft.read_form` asks it for the texts that were posted.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, ValidationError, fields
from marshmallow.experimental.context import Context

from blankett.engine.fields.base import Fault, TextReading
from blankett.engine.language.model import Field

#: Who reads, in which locale: set around `load`.
ReadingContext = Context[TextReading]


class TypedField(fields.Field[Any]):
    """A field or column of a blueprint; what it reads and refuses is decided by its type."""

    def __init__(self, of: Field) -> None:
        super().__init__(allow_none=True)
        self.of = of

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        read = self.of.type.read_text(value, self.of, ReadingContext.get())
        if isinstance(read, Fault):
            raise ValidationError([read])  # a fault is a message that is not worded yet
        return read


class ReadOnly(fields.Field[Any]):
    """A computed field: nobody may post it."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        raise ValidationError([Fault("field.computed")])


class Lines(fields.List[Any]):
    """The lines of a table."""

    def __init__(self, of: Field) -> None:
        self.columns = schema_of(of.columns)
        super().__init__(fields.Nested(self.columns))


def schema_of(of: Mapping[str, Field]) -> Schema:
    """Return the schema of fields, of a table's columns, or of what an action asks. For a form it takes about a
    millisecond: keep it with the version.
    """
    members: dict[str, Any] = {key: _member(found) for key, found in of.items()}
    return Schema.from_dict(members, name="BlueprintSchema")()


def _member(of: Field) -> fields.Field[Any]:
    if of.columns:
        return Lines(of)
    return TypedField(of) if of.is_typed else ReadOnly()
