"""Values that a condition saw as JSON, and back.

Small on purpose: of a list the first few, of a text its beginning, of lines and contexts only how many there are, of a
linked record or a person only the id. So no trace holds more of a record than the paths it names.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from blankett.engine.feel.builtins.conversion import string
from blankett.engine.feel.values import NO_END, Range, Reference, YearsMonths

#: Of a list, the first so many values are told.
MOST_VALUES = 5
#: A text is told up to so many characters.
LONGEST_TEXT = 200


@dataclass(frozen=True)
class Several:
    """Stands for lines or contexts: how many there were. What is in them has paths of its own."""

    count: int


def kept(value: Any) -> Any:
    """Return *value* as a trace keeps it."""
    if isinstance(value, list):
        if value and all(isinstance(item, Mapping) for item in value):
            return Several(len(value))
        return [kept(item) for item in value[:MOST_VALUES]]
    if isinstance(value, Mapping):
        return Several(1)
    if isinstance(value, str):
        return value[:LONGEST_TEXT]
    if isinstance(value, Reference):
        return Reference(value.id, value.title)
    if isinstance(value, Range):
        return Range(kept(value.low), kept(value.high), value.low_closed, value.high_closed)
    return value


def plain(value: Any) -> Any:
    """Return what `kept` gave as JSON: null, booleans, texts and lists as they are, the rest named by its kind."""
    return whole(kept(value))


def whole(value: Any) -> Any:
    """Return *value* the same way, all of it."""
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, list):
        return [whole(item) for item in value]
    for kind, name, write in _KINDS:
        if isinstance(value, kind):
            return {name: write(value)}
    return {"text": str(string(value) or type(value).__name__)[:LONGEST_TEXT]}


def value_from(raw: Any) -> Any:
    """Return the value that `plain` wrote; null for what cannot be read, as a later version may have written it."""
    if raw is None or isinstance(raw, (bool, str)):
        return raw
    if isinstance(raw, list):
        return [value_from(item) for item in raw]
    if isinstance(raw, Mapping) and len(raw) == 1:
        name, text = next(iter(raw.items()))
        read = _READERS.get(name)
        try:
            return read(text) if read is not None else None
        except (ValueError, TypeError, InvalidOperation, OverflowError):
            return None
    return None


def _ends(value: Range) -> list[Any]:
    ends = [None if end is NO_END else plain(end) for end in (value.low, value.high)]
    return [*ends, value.low_closed, value.high_closed]


def _range(raw: list[Any]) -> Range:
    low, high = (NO_END if end is None else value_from(end) for end in raw[:2])
    return Range(low, high, raw[2] is True, raw[3] is True)


#: A moment is a date too: it comes first.
_KINDS: tuple[tuple[type, str, Any], ...] = (
    (Decimal, "number", str),
    (datetime, "moment", datetime.isoformat),
    (date, "date", date.isoformat),
    (time, "time", time.isoformat),
    (timedelta, "seconds", lambda value: str(Decimal(str(value.total_seconds())))),
    (YearsMonths, "months", lambda value: value.total),
    (Reference, "id", lambda value: value.id),
    (Range, "range", _ends),
    (Several, "several", lambda value: value.count),
)

_READERS: Mapping[str, Any] = {
    "number": Decimal,
    "moment": datetime.fromisoformat,
    "date": date.fromisoformat,
    "time": time.fromisoformat,
    "seconds": lambda text: timedelta(seconds=float(text)),
    "months": lambda total: YearsMonths(int(total)),
    "id": lambda id: Reference(str(id)),
    "range": _range,
    "several": lambda count: Several(int(count)),
    "text": str,
}
