"""Putting a message's parameter into words: a value as its reader writes it, a text in their language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol, runtime_checkable

from blankett.engine.fields.reader import Parameter, Reader, shown

#: What most parameters are besides texts: told apart first, since asking whether one speaks costs ten times as much.
PLAIN = frozenset({int, Decimal, bool, date, datetime})


@runtime_checkable
class Speaks(Protocol):
    """A text that exists in several languages, such as a title of a blueprint."""

    def say(self, language: str) -> str:
        """Return the text in *language*."""
        ...


def put_value(reader: Reader | str, value: object) -> str:
    """Return *value* as a sentence shows it to *reader*; a language alone stands for a reader who has its ways."""
    if isinstance(value, str):
        return value
    if isinstance(reader, str):
        reader = Reader.of_language(reader)
    if value is None:
        return reader.nothing
    if type(value) in PLAIN:
        return shown(value, reader, reader.nothing)
    if isinstance(value, Parameter):
        return value.shown_to(reader)
    if isinstance(value, Speaks):
        return value.say(reader.language)
    if isinstance(value, Iterable) and not isinstance(value, Mapping):
        return reader.between.join(put_value(reader, item) for item in value)
    return shown(value, reader, reader.nothing)
