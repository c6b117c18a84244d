"""Days."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, ClassVar

from blankett.engine import feel
from blankett.engine.fields import locale_formats, typed_times
from blankett.engine.fields.base import (
    PROCESS,
    Fault,
    FieldType,
    Json,
    SlotKind,
    TextReading,
    TypeOption,
    Value,
    Wording,
)
from blankett.engine.fields.cells import DayCells

if TYPE_CHECKING:
    from blankett.engine.language.model import Field

EPOCH = date(1970, 1, 1).toordinal()
#: A day whose figures show which is the month.
EXAMPLE = date(2026, 12, 31)


class DateType(FieldType):
    """A day."""

    name = "date"
    help = "A day."
    synonyms = "datum 日期 day calendar"
    slot: ClassVar[SlotKind | None] = "date"
    filter = "range"
    is_day = True
    is_ordered = True
    bounded = date
    outside = ("field.too_early", "field.too_late")
    tells_apart = True
    takes_moments = True
    cells = DayCells()
    is_column = True
    widget = "date"
    width = 1
    letters = 11
    is_read_from_today = True
    options = (
        TypeOption("min", "value", "The earliest day: a date, or a formula such as = today().", part=PROCESS),
        TypeOption("max", "value", "The latest day.", part=PROCESS),
    )

    def feel_type(self, of: Field) -> feel.Type:
        """Return a date."""
        return feel.Date()

    def parse(self, text: str, of: Field, reading: TextReading) -> Value | Fault:
        """Return the day a person typed in their order, by month or weekday, or counted from today."""
        found = typed_times.read_day(text, reading.locale, reading.today)
        if found.day is not None:
            return found.day
        if not found.readings:
            return _not_a_day(text[:100], reading.locale, reading.today)
        readings = tuple(
            Wording(locale_formats.typed_day(day, reading.locale), locale_formats.spoken_day(day, reading.locale))
            for day in found.readings
        )
        shown = dict(zip(("first", "second"), (each.shown for each in readings), strict=False))
        message = "field.two_days" if len(readings) > 1 else "field.day_elsewhere"
        return Fault(message, {"value": text[:100], **shown, "written": readings[0].typed, "readings": readings})

    def parse_api(self, raw: Json, of: Field, reading: TextReading) -> Value | Fault:
        """Return the day of an ISO date; no other form is taken."""
        found = typed_times.ISO_DATE.match(raw) if isinstance(raw, str) else None
        day = typed_times.read_day(found[0], "en").day if found else None
        return _not_plain(str(raw)[:100]) if day is None else day

    def from_feel(self, value: object, of: Field, currency: str | None = None) -> Value | Fault:
        """Return the day a formula gave."""
        if value is None:
            return None
        if isinstance(value, datetime) or not isinstance(value, date):
            return _not_plain(str(value)[:100])
        return value

    def to_stored(self, value: Value, of: Field) -> Json:
        """Return the ISO date."""
        return value.isoformat() if isinstance(value, date) else None

    def from_stored(self, stored: Json, of: Field) -> Value:
        """Return the day of a stored ISO date."""
        return date.fromisoformat(stored) if isinstance(stored, str) else None

    def to_text(self, value: Value, of: Field, locale: str, currency: str | None = None) -> str:
        """Return the day in figures, in the person's order."""
        return locale_formats.typed_day(value, locale) if isinstance(value, date) else ""

    def echo(self, text: str, value: Value, of: Field, locale: str, currency: str | None = None) -> str:
        """Return the day with its weekday, where it was typed in another way than it is written: ``+7``, ``3 dec``."""
        if not isinstance(value, date) or text.translate(locale_formats.LOOKALIKES).strip() == locale_formats.typed_day(
            value, locale
        ):
            return ""
        return locale_formats.spoken_day(value, locale)

    def show(self, value: Value, of: Field, locale: str, currency: str | None = None) -> str:
        """Return the day as people of the locale write it."""
        return locale_formats.shown_day(value, locale) if isinstance(value, date) else ""

    def slot_value(self, value: Value) -> str | int | None:
        """Return the days since 1970-01-01."""
        return value.toordinal() - EPOCH if isinstance(value, date) else None


def _not_a_day(value: str, locale: str, today: date | None) -> Fault:
    example = locale_formats.typed_day(date(today.year if today else EXAMPLE.year, EXAMPLE.month, EXAMPLE.day), locale)
    return Fault("field.not_a_date", {"value": value, "example": example})


def _not_plain(value: str) -> Fault:
    return Fault("field.not_a_date", {"value": value, "example": EXAMPLE.isoformat()})
