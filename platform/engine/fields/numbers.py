"""Numbers: plain ones and percents. Amounts of money build on them in `money`."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, ClassVar

from blankett.engine import feel
from blankett.engine.fields import locale_formats
from blankett.engine.fields.base import (
    LARGEST,
    PROCESS,
    SLOT_SCALE,
    Fault,
    FieldType,
    Json,
    SlotKind,
    TextReading,
    TypeOption,
    Value,
    VersionChange,
    Wording,
)
from blankett.engine.fields.cells import Cells, NumberCells, PercentCells
from blankett.engine.fields.reader import PercentValue

if TYPE_CHECKING:
    from blankett.engine.language.model import Field

SCALE = Decimal(10) ** SLOT_SCALE


class NumberType(FieldType):
    """An exact decimal number."""

    name = "number"
    help = "An exact decimal number."
    synonyms = "zahl ganzzahl 数字 整数 int integer decimal float double numeric real bigint quantity count"
    slot: ClassVar[SlotKind | None] = "number"
    filter = "range"
    is_ordered = True
    bounded = Decimal
    adds_up: ClassVar[bool] = True
    can_be_key: ClassVar[bool] = True
    tells_apart = True
    widget = "number"
    width = 1
    keyboard = "decimal"
    is_number = True
    cells: ClassVar[Cells] = NumberCells()
    is_column = True
    options: ClassVar[tuple[TypeOption, ...]] = (
        TypeOption("decimals", "whole", "Digits after the point; 6 unless told.", least=0, most=6, part=PROCESS),
        TypeOption("min", "value", "The least value.", part=PROCESS),
        TypeOption("max", "value", "The greatest value.", part=PROCESS),
        TypeOption("unit", "text", "What is counted, shown behind the number: kg.", part=PROCESS),
    )
    #: Digits after the point where the blueprint says nothing.
    decimals: ClassVar[int] = SLOT_SCALE

    def feel_type(self, of: Field) -> feel.Type:
        """Return a number."""
        return feel.Number()

    def parse(self, text: str, of: Field, reading: TextReading) -> Value | Fault:
        """Return the number typed in the person's locale."""
        if len(text) > locale_formats.LONGEST_NUMBER:
            return Fault("field.number_too_large")
        found = locale_formats.read_number(text, reading.locale)
        if found is None:
            return self._not_read(text, of, reading.locale)
        return self._bounded(found, of, reading.currency)

    def _not_read(self, text: str, of: Field, locale: str) -> Fault:
        """Return why a text is no number: written as elsewhere, with how it is written here, or none at all."""
        meant = locale_formats.meant_numbers(text, locale)
        if len(meant) > 1:
            values = {"value": text, "first": meant[0], "second": meant[1]}
            return Fault("field.two_numbers", {**values, "readings": tuple(Wording(each, each) for each in meant)})
        if meant:
            return Fault("field.number_elsewhere", {
                "value": text, "written": meant[0], "readings": (Wording(meant[0], meant[0]),)
            })  # fmt: skip
        least = min(self.decimals_for(of, None), 2)
        example = locale_formats.typed_number(Decimal("250.5" if least else "250"), locale, least)
        return Fault("field.not_a_number", {"value": text, "example": example})

    def parse_api(self, raw: Json, of: Field, reading: TextReading) -> Value | Fault:
        """Return the number of a JSON number or of a plain text; a boolean, NaN or infinity is none."""
        found = _api_number(raw)
        return found if isinstance(found, Fault) else self._bounded(found, of, reading.currency)

    def decimals_for(self, of: Field, currency: str | None) -> int:
        """Return how many digits after the point the field keeps."""
        chosen = of.options.get("decimals")
        return chosen if isinstance(chosen, int) else self.decimals

    def _bounded(self, number: Decimal, of: Field, currency: str | None) -> Decimal | Fault:
        if abs(number) > LARGEST:
            return Fault("field.number_too_large")
        decimals = self.decimals_for(of, currency)
        if locale_formats.decimals_of(number) > decimals:
            return Fault("field.too_many_decimals", {"count": decimals}) if decimals else Fault("field.not_whole")
        return number

    def check(self, value: Value, of: Field) -> Fault | None:
        """Return a fault for a number outside `min` and `max`."""
        if not isinstance(value, Decimal):
            return _not_plain(str(value))
        return self.check_between(value, *self.bounds(of))

    def judges(self, of: Field) -> bool:
        """Tell whether there is a `min` or a `max`: what else `check` looks at is true of every number of a field."""
        return self.bounds(of) != (None, None)

    def from_feel(self, value: object, of: Field, currency: str | None = None) -> Value | Fault:
        """Return the number rounded half away from zero to the field's decimals."""
        if value is None:
            return None
        if not isinstance(value, Decimal) or not value.is_finite():
            return _not_plain(str(value))
        if abs(value) > LARGEST:
            return Fault("field.number_too_large")
        return locale_formats.rounded(value, self.decimals_for(of, currency))

    def keep(self, value: Value, old: Field, new: Field, change: VersionChange) -> Value | Fault:
        """Return the number, unless it has more digits than the field keeps now."""
        return value if self.from_feel(value, new) == value else Fault("digits_lost")

    def may_lose(self, old: Field, new: Field, change: VersionChange) -> bool:
        """Tell whether the field keeps another number of digits."""
        return old.options.get("decimals") != new.options.get("decimals")

    def to_stored(self, value: Value, of: Field) -> Json:
        """Return the number as plain text without trailing zeros."""
        return locale_formats.plain(value) if isinstance(value, Decimal) else None

    def from_stored(self, stored: Json, of: Field) -> Value:
        """Return the number of a stored text."""
        return Decimal(stored) if isinstance(stored, str) else None

    def to_text(self, value: Value, of: Field, locale: str, currency: str | None = None) -> str:
        """Return the number with the locale's decimal sign."""
        return locale_formats.typed_number(value, locale) if isinstance(value, Decimal) else ""

    def echo(self, text: str, value: Value, of: Field, locale: str, currency: str | None = None) -> str:
        """Return the number as it is written here, where it was typed in another way: ``1.00`` for ``1.000``."""
        if not isinstance(value, Decimal):
            return ""
        written = self.to_text(value, of, locale, currency)
        number = locale_formats.read_number(written, locale) or value
        lengths = (0, locale_formats.decimals_of(number), locale_formats.currency_decimals(currency))
        usual = [
            write(number, locale, least)
            for write in (locale_formats.typed_number, locale_formats.shown_number)
            for least in lengths
        ]
        as_typed = text.translate(locale_formats.LOOKALIKES).strip().removesuffix("%").rstrip()
        return "" if as_typed in (each.translate(locale_formats.LOOKALIKES) for each in usual) else written

    def show(self, value: Value, of: Field, locale: str, currency: str | None = None) -> str:
        """Return the number in groups, with its unit."""
        if not isinstance(value, Decimal):
            return ""
        shown = locale_formats.shown_number(value, locale)
        return f"{shown}\u00a0{of.unit.say(locale_formats.language_of(locale))}" if of.unit else shown

    def slot_value(self, value: Value) -> str | int | None:
        """Return the number as an integer of six decimals."""
        return int((value * SCALE).to_integral_value()) if isinstance(value, Decimal) else None


def _not_plain(value: str) -> Fault:
    return Fault("field.not_a_number", {"value": value, "example": "250.50"})


def _api_number(raw: Json) -> Decimal | Fault:
    if isinstance(raw, bool) or not isinstance(raw, (int, float, str)):
        return _not_plain(str(raw)[:100])
    if isinstance(raw, int):
        return Fault("field.number_too_large") if abs(raw) > LARGEST else Decimal(raw)
    if isinstance(raw, float):
        # Its shortest text is what was written; its binary value is not.
        found = Decimal(repr(raw))
        return found if found.is_finite() else _not_plain(repr(raw))
    text = raw.strip()
    if len(text) > locale_formats.LONGEST_NUMBER:
        is_number = text.isdecimal()
        return Fault("field.number_too_large") if is_number else _not_plain(text[:100])
    number = locale_formats.read_plain_number(text)
    return _not_plain(text) if number is None else number


class PercentType(NumberType):
    """A share of a hundred: typed and shown as 30 %, in formulas 0.30."""

    name = "percent"
    help = "A percentage: 30 in a blueprint or typed is 30 %, and is 0.30 in a formula."
    synonyms = "prozent 百分比 percentage pct"
    widget = "percent"
    options: ClassVar[tuple[TypeOption, ...]] = (
        TypeOption(
            "decimals",
            "whole",
            "Digits after the point of the percentage; 2 unless told.",
            least=0,
            most=4,
            part=PROCESS,
        ),
        TypeOption("min", "value", "The least percentage.", part=PROCESS),
        TypeOption("max", "value", "The greatest percentage.", part=PROCESS),
    )
    decimals: ClassVar[int] = 2
    adds_up: ClassVar[bool] = False
    cells: ClassVar[Cells] = PercentCells()
    can_be_key: ClassVar[bool] = False

    def measure(self, of: Field) -> str:
        """Return the sign of a percentage."""
        return "%"

    def feel_type(self, of: Field) -> feel.Type:
        """Return a number that is a share of one."""
        return feel.Number(is_percent=True)

    def parse(self, text: str, of: Field, reading: TextReading) -> Value | Fault:
        """Return the fraction of a percentage typed with or without its sign."""
        plain = text.translate(locale_formats.LOOKALIKES).removesuffix("%").rstrip()
        return self._fraction(super().parse(plain or text, of, reading))

    def parse_api(self, raw: Json, of: Field, reading: TextReading) -> Value | Fault:
        """Return the fraction of a percentage, with its sign or without: "30" and "30%" are 0.30."""
        bare = raw.strip().removesuffix("%") if isinstance(raw, str) else raw
        return self._fraction(super().parse_api(bare or raw, of, reading))

    def _fraction(self, percentage: Value | Fault) -> Value | Fault:
        return percentage.scaleb(-2) if isinstance(percentage, Decimal) else percentage

    def check_between(self, value: Value, least: object, most: object) -> Fault | None:
        """Return a fault in percentages, as the person typed it."""
        fault = super().check_between(value, least, most)
        if fault is None:
            return None
        return Fault(fault.message, {key: PercentValue(bound) for key, bound in _decimals(fault).items()})

    def from_feel(self, value: object, of: Field, currency: str | None = None) -> Value | Fault:
        """Return the fraction rounded half away from zero to the field's decimals of a percent."""
        percentage = value.scaleb(2) if isinstance(value, Decimal) else value
        return self._fraction(super().from_feel(percentage, of, currency))

    def to_api(self, value: Value, of: Field) -> Json:
        """Return the percentage as plain text."""
        return locale_formats.plain(value * 100) if isinstance(value, Decimal) else None

    def to_text(self, value: Value, of: Field, locale: str, currency: str | None = None) -> str:
        """Return the percentage without its sign."""
        return locale_formats.typed_number(value * 100, locale) if isinstance(value, Decimal) else ""

    def show(self, value: Value, of: Field, locale: str, currency: str | None = None) -> str:
        """Return the percentage with its sign."""
        return locale_formats.shown_percent(value, locale) if isinstance(value, Decimal) else ""


def _decimals(fault: Fault) -> dict[str, Decimal]:
    return {key: bound for key, bound in fault.params.items() if isinstance(bound, Decimal)}
