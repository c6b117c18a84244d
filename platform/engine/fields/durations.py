"""Lengths of time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar

from blankett.engine import feel
from blankett.engine.feel.temporal import duration_text, read_duration
from blankett.engine.fields import typed_times
from blankett.engine.fields.base import PROCESS, Fault, FieldType, Json, SlotKind, TextReading, TypeOption, Value
from blankett.engine.fields.cells import CellForm, Cells, Habits, Mark, Optioned, SheetValue
from blankett.engine.fields.locale_formats import language_of, signs_of

if TYPE_CHECKING:
    from blankett.engine.language.model import Field

_ISO = r"-?P(?=[0-9T])(?:[0-9]+D)?(?:T(?:[0-9]+H)?(?:[0-9]+M)?(?:[0-9]+(?:\.[0-9]+)?S)?)?"
_WRITTEN = re.compile(rf"(?<![\w\"]){_ISO}(?![\w\"])")
_CALL = re.compile(rf'duration\(("{_ISO}")\)')
_MARKED = re.compile(rf'@"({_ISO})"')


class DurationCells(Cells):
    """Lengths of time as ISO 8601 has them, which need no marks: ``>= PT8H``."""

    kind = "duration"
    type_ref = "dayTimeDuration"
    tool_names = frozenset("duration daystimeduration daysandtimeduration daytimeduration".split())
    examples = ((">= PT8H", "at_least"), ("[P1D..P3D)", "from_below"), ("null", "empty"))
    example = "PT2H30M"
    is_read = True
    is_bounded = True

    def marks(self, written: str, start: int, end: int, of: Optioned) -> Iterator[Mark]:
        """Yield the marks of lengths."""
        for match in _WRITTEN.finditer(written, start, end):
            yield (*match.span(), f'@"{match[0]}"')

    def shortened(self, text: str, of: Optioned) -> tuple[str, str]:
        """Return lengths without marks."""
        text = _CALL.sub(r"@\1", text)
        return text, _MARKED.sub(r"\1", text)

    def constant(self, value: object) -> str | None:
        """Return the length as ISO 8601 has it; one of years and months is none."""
        return duration_text(value) if isinstance(value, timedelta) else None

    def read(self, shown: str, habits: Habits) -> CellForm | None:
        """Return a length as people write it."""
        found = typed_times.read_length(shown, habits.decimal)
        return None if found is None else CellForm(duration_text(found))

    def from_sheet(self, cell: SheetValue) -> str | None:
        """Return the length."""
        return duration_text(cell.value) if isinstance(cell.value, timedelta) else None

    def fits(self, cell: SheetValue) -> bool:
        """Tell whether it is a length."""
        return isinstance(cell.value, timedelta)

    def is_usual(self, text: str) -> bool:
        """Tell whether it is written as ISO 8601 has it."""
        return _WRITTEN.fullmatch(text) is not None


class DurationType(FieldType):
    """A length of time, in days, hours, minutes and seconds."""

    name = "duration"
    help = "A length of time: typed as 2 h 30 min, 2:30 or 3 d; in a blueprint as ISO 8601 has it, PT2H30M."
    synonyms = "dauer 时长 timespan time_span interval effort elapsed"
    slot: ClassVar[SlotKind | None] = "number"
    column = "duration"
    filter = "range"
    is_ordered = True
    bounded = timedelta
    tells_apart = True
    cells = DurationCells()
    is_column = True
    width = 1
    letters = 12
    options = (
        TypeOption("min", "value", "The shortest: PT15M.", part=PROCESS),
        TypeOption("max", "value", "The longest.", part=PROCESS),
    )

    def feel_type(self, of: Field) -> feel.Type:
        """Return a days and time duration."""
        return feel.DaysTimeDuration()

    def parse(self, text: str, of: Field, reading: TextReading) -> Value | Fault:
        """Return the length a person typed."""
        found = typed_times.read_length(text, signs_of(reading.locale).decimal)
        return Fault("field.not_a_duration", {"value": text[:100]}) if found is None else found

    def parse_api(self, raw: Json, of: Field, reading: TextReading) -> Value | Fault:
        """Return the length of a text as ISO 8601 has it."""
        found = read_duration(raw.strip()) if isinstance(raw, str) else None
        return found if type(found) is timedelta else Fault("field.not_a_duration", {"value": str(raw)[:100]})

    def from_feel(self, value: object, of: Field, currency: str | None = None) -> Value | Fault:
        """Return the length a formula gave."""
        if value is None or type(value) is timedelta:
            return value
        return Fault("field.not_a_duration", {"value": str(value)[:100]})

    def to_stored(self, value: Value, of: Field) -> Json:
        """Return the length as ISO 8601 has it."""
        return duration_text(value) if isinstance(value, timedelta) else None

    def from_stored(self, stored: Json, of: Field) -> Value:
        """Return the length of a stored text."""
        found = read_duration(stored) if isinstance(stored, str) else None
        return found if isinstance(found, timedelta) else None

    def to_text(self, value: Value, of: Field, locale: str, currency: str | None = None) -> str:
        """Return the length with units."""
        if not isinstance(value, timedelta):
            return ""
        # A part of a second alone has a decimal sign.
        return typed_times.written_length(value, language_of(locale)).replace(".", signs_of(locale).decimal)

    def echo(self, text: str, value: Value, of: Field, locale: str, currency: str | None = None) -> str:
        """Return the length with units where it was typed in another way."""
        written = self.to_text(value, of, locale)
        return "" if "".join(text.split()) == "".join(written.split()) else written

    def slot_value(self, value: Value) -> str | int | None:
        """Return the microseconds."""
        return value // timedelta(microseconds=1) if isinstance(value, timedelta) else None
