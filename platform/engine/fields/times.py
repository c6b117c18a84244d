"""Times of day."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, time
from typing import TYPE_CHECKING, ClassVar

from blankett.engine import feel
from blankett.engine.feel.temporal import read_time
from blankett.engine.fields import typed_times
from blankett.engine.fields.base import PROCESS, Fault, FieldType, Json, SlotKind, TextReading, TypeOption, Value
from blankett.engine.fields.cells import CellForm, Cells, Habits, Mark, Optioned, SheetValue

if TYPE_CHECKING:
    from blankett.engine.language.model import Field

_WRITTEN = re.compile(r"(?<![\w:\-])(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d)?(?![\w:])")
_CALL = re.compile(r'time\(("[0-9:]+")\)')
_MARKED = re.compile(r'@"(\d\d:\d\d)(?::(\d\d))?"')


class TimeCells(Cells):
    """Times of day, which need no marks: ``[09:00..17:00)``."""

    kind = "time"
    type_ref = "time"
    tool_names = frozenset({"time", "localtime"})
    examples = ((">= 09:00", "since"), ("[09:00..17:00)", "from_to"), ("null", "empty"))
    example = "14:30"
    is_read = True
    is_bounded = True

    def marks(self, written: str, start: int, end: int, of: Optioned) -> Iterator[Mark]:
        """Yield the marks of times."""
        for match in _WRITTEN.finditer(written, start, end):
            yield (*match.span(), f'@"{match[0] if len(match[0]) > 5 else match[0] + ":00"}"')

    def shortened(self, text: str, of: Optioned) -> tuple[str, str]:
        """Return times without marks."""
        text = _CALL.sub(r"@\1", text)
        return text, _MARKED.sub(lambda match: match[1] + ("" if match[2] in (None, "00") else f":{match[2]}"), text)

    def constant(self, value: object) -> str | None:
        """Return the time; one with a zone is no time of day."""
        return typed_times.written_clock(value) if isinstance(value, time) and value.tzinfo is None else None

    def read(self, shown: str, habits: Habits) -> CellForm | None:
        """Return a time as people write it."""
        found = typed_times.read_clock(shown)
        return None if found is None else CellForm(typed_times.written_clock(found))

    def from_sheet(self, cell: SheetValue) -> str | None:
        """Return the time of a moment."""
        value = cell.value.time() if isinstance(cell.value, datetime) else cell.value
        return typed_times.written_clock(value) if isinstance(value, time) else None

    def fits(self, cell: SheetValue) -> bool:
        """Tell whether it is a time."""
        return isinstance(cell.value, time)

    def is_usual(self, text: str) -> bool:
        """Tell whether it is written with two digits each."""
        return _WRITTEN.fullmatch(text) is not None


class TimeType(FieldType):
    """A time of day."""

    name = "time"
    help = "A time of day, without a zone."
    synonyms = "uhrzeit 时间 time_of_day clock hour"
    slot: ClassVar[SlotKind | None] = "text"
    column = "time"
    filter = "range"
    is_ordered = True
    bounded = time
    outside = ("field.too_early", "field.too_late")
    tells_apart = True
    cells = TimeCells()
    is_column = True
    width = 1
    letters = 8
    options = (
        TypeOption("min", "value", "The earliest time.", part=PROCESS),
        TypeOption("max", "value", "The latest time.", part=PROCESS),
    )

    def feel_type(self, of: Field) -> feel.Type:
        """Return a time."""
        return feel.Time()

    def parse(self, text: str, of: Field, reading: TextReading) -> Value | Fault:
        """Return the time a person typed: 14:30, 2.30 pm, 1430."""
        found = typed_times.read_clock(text)
        return Fault("field.not_a_time", {"value": text[:100]}) if found is None else found

    def parse_api(self, raw: Json, of: Field, reading: TextReading) -> Value | Fault:
        """Return the time of a text such as 14:30 or 14:30:00."""
        found = typed_times.read_clock(raw) if isinstance(raw, str) and _WRITTEN.fullmatch(raw.strip()) else None
        return Fault("field.not_a_time", {"value": str(raw)[:100]}) if found is None else found

    def from_feel(self, value: object, of: Field, currency: str | None = None) -> Value | Fault:
        """Return the time a formula gave, without its zone, to the second."""
        if value is None:
            return None
        if not isinstance(value, time):
            return Fault("field.not_a_time", {"value": str(value)[:100]})
        return value.replace(tzinfo=None, microsecond=0)

    def to_stored(self, value: Value, of: Field) -> Json:
        """Return the time with seconds: ``14:30:00``."""
        return value.isoformat("seconds") if isinstance(value, time) else None

    def to_api(self, value: Value, of: Field) -> Json:
        """Return the time as blueprints write it: ``14:30``."""
        return typed_times.written_clock(value) if isinstance(value, time) else None

    def from_stored(self, stored: Json, of: Field) -> Value:
        """Return the time of a stored text."""
        found = read_time(stored) if isinstance(stored, str) else None
        return found if isinstance(found, time) else None

    def to_text(self, value: Value, of: Field, locale: str, currency: str | None = None) -> str:
        """Return the time in figures."""
        return typed_times.written_clock(value) if isinstance(value, time) else ""

    def echo(self, text: str, value: Value, of: Field, locale: str, currency: str | None = None) -> str:
        """Return the time where it was typed in another way than it is written: ``2 pm``."""
        written = self.to_text(value, of, locale)
        return "" if text.strip().removeprefix("0") == written.removeprefix("0") else written

    def slot_value(self, value: Value) -> str | int | None:
        """Return the time with seconds."""
        return value.isoformat("seconds") if isinstance(value, time) else None
