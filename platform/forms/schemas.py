"""Marshmallow schemas made from a form, once per version. Every field hands its text to the field's own type.

Unknown keys are errors. A value that is not there is not touched; one that is empty is None.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields
from marshmallow.experimental.context import Context

from blankett.engine.fields.base import Fault, TextReading
from blankett.engine.fields.tables import LONGEST_ID, MOST_LINES
from blankett.engine.language.model import Field, Form

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


class LineId(fields.Field[str]):
    """The id of a line."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        if not isinstance(value, str) or not 0 < len(value) <= LONGEST_ID:
            raise ValidationError([Fault("field.bad_line_id")])
        return value


class Lines(fields.List[Any]):
    """The lines of a table; too many are refused before any is read."""

    def __init__(self, of: Field) -> None:
        super().__init__(fields.Nested(schema_of(of.columns, LineId()), unknown=RAISE))
        self.of = of

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> list[Any]:
        # The field's own `max` is the engine's to refuse: lines that are too many are typed all the same.
        if len(value) > MOST_LINES:
            raise ValidationError([Fault("field.too_many_lines", {"max": MOST_LINES})])
        return super()._deserialize(value, attr, data, **kwargs)


def schema_of(of: Mapping[str, Field], line_id: fields.Field[str] | None = None) -> type[Schema]:
    """Return the schema of fields or, with *line_id*, of a table's columns."""
    members: dict[str, Any] = {key: _member(found) for key, found in of.items()}
    if line_id is not None:
        members["id"] = line_id
    return Schema.from_dict(members, name="BlueprintSchema")


def _member(of: Field) -> fields.Field[Any]:
    if of.columns:
        return Lines(of)
    return TypedField(of) if of.is_typed else ReadOnly()


def form_schema(form: Form) -> Schema:
    """Return the schema that reads a posted form. Takes about a millisecond: keep it with the version."""
    return schema_of(form.fields)(unknown=RAISE)


def inputs_schema(ask: Mapping[str, Field]) -> Schema:
    """Return the schema that reads what an action asks."""
    return schema_of(ask)(unknown=RAISE)
