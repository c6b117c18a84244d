"""Days."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, ClassVar

from blankett.engine.feel import types as feel_types
from blankett.engine.fields import locales
from blankett.engine.fields.base import PROCESS, Fault, FieldType, Json, Reading, SlotKind, TypeOption, Value

if TYPE_CHECKING:
    from blankett.engine.blueprint.model import Field

EPOCH = date(1970, 1, 1).toordinal()


class DateType(FieldType):
    """A day."""

    name = "date"
    help = "A day."
    slot: ClassVar[SlotKind | None] = "date"
    widget = "date"
    options = (
        TypeOption("min", "value", "The earliest day: a date, or a formula such as = today().", part=PROCESS),
        TypeOption("max", "value", "The latest day.", part=PROCESS),
    )

    def feel_type(self, of: Field) -> feel_types.Type:
        """Return a date."""
        return feel_types.Date()

    def parse(self, text: str, of: Field, reading: Reading) -> Value | Fault:
        """Return the day of an ISO date (which a date input posts) or of the locale's short form."""
        found = locales.read_day(text, reading.locale)
        return Fault("field.not_a_date", {"value": text[:100]}) if found is None else found

    def parse_api(self, raw: Json, of: Field, reading: Reading) -> Value | Fault:
        """Return the day of an ISO date; no other form is taken."""
        found = locales.ISO_DATE.match(raw) if isinstance(raw, str) else None
        day = locales.read_day(found[0], "en") if found else None
        return Fault("field.not_a_date", {"value": str(raw)[:100]}) if day is None else day

    def check(self, value: Value, of: Field) -> Fault | None:
        """Return a fault for a day outside `min` and `max`."""
        return self.check_between(value, of.options.get("min"), of.options.get("max"))

    def check_between(self, value: Value, least: object, most: object) -> Fault | None:
        """Return a fault for a day before *least* or after *most*."""
        if isinstance(value, date) and isinstance(least, date) and value < least:
            return Fault("field.too_early", {"min": least})
        if isinstance(value, date) and isinstance(most, date) and value > most:
            return Fault("field.too_late", {"max": most})
        return None

    def from_feel(self, value: object, of: Field, currency: str | None = None) -> Value | Fault:
        """Return the day a formula gave."""
        if value is None:
            return None
        if isinstance(value, datetime) or not isinstance(value, date):
            return Fault("field.not_a_date", {"value": str(value)[:100]})
        return value

    def to_stored(self, value: Value, of: Field) -> Json:
        """Return the ISO date."""
        return value.isoformat() if isinstance(value, date) else None

    def from_stored(self, stored: Json, of: Field) -> Value:
        """Return the day of a stored ISO date."""
        return date.fromisoformat(stored) if isinstance(stored, str) else None

    def to_text(self, value: Value, of: Field, locale: str, currency: str | None = None) -> str:
        """Return the ISO date, which is what a date input takes in every locale."""
        return value.isoformat() if isinstance(value, date) else ""

    def show(self, value: Value, of: Field, locale: str, currency: str | None = None) -> str:
        """Return the day as people of the locale write it."""
        return locales.shown_day(value, locale) if isinstance(value, date) else ""

    def slot_value(self, value: Value) -> str | int | None:
        """Return the days since 1970-01-01."""
        return value.toordinal() - EPOCH if isinstance(value, date) else None
