"""Phone numbers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar

from blankett.engine.fields.base import Fault, TextReading, TypeOption, Value
from blankett.engine.fields.locale_formats import LOOKALIKES
from blankett.engine.fields.text import TextType

if TYPE_CHECKING:
    from blankett.engine.language.model import Field

#: A number as people write it, with what one dials inside a house behind it: ``+45 33 12 34 56 ext. 7``.
PHONE = re.compile(
    r"(?P<number>\+?[0-9(][0-9 ().\-/]*)(?: ?(?:ext\.?|x|#|转) ?(?P<inside>[0-9]{1,8}))?\Z", re.IGNORECASE
)
#: Digits of a number: the shortest there are, and the most E.164 allows.
FEWEST, MOST = 3, 15
LONGEST_PHONE = 50


class PhoneType(TextType):
    """A phone number."""

    name = "phone"
    help = "A phone number, as people write it; shown as a link that dials it."
    synonyms = "tel telephone mobile cell fax phone_number"
    options: ClassVar[tuple[TypeOption, ...]] = ()
    longest: ClassVar[int] = LONGEST_PHONE
    is_free_text = False
    is_column: ClassVar[bool] = False
    holds_code: ClassVar[bool] = False
    tells_apart: ClassVar[bool] = False
    names_record: ClassVar[bool] = False
    keyboard = "tel"
    letters = 18

    def parse(self, text: str, of: Field, reading: TextReading) -> Value | Fault:
        """Return the number with plain digits, signs and blanks."""
        return " ".join(text.translate(LOOKALIKES).split())

    def check(self, value: Value, of: Field) -> Fault | None:
        """Return a fault for what nobody can dial."""
        fault = super().check(value, of)
        if fault is None and isinstance(value, str) and not dialled(value):
            return Fault("field.not_a_phone", {"value": value[:100]})
        return fault

    def spelling(self, value: Value) -> str:
        """Return the number without blanks and signs, as it is typed from a display."""
        return dialled(value) if isinstance(value, str) else ""

    def address(self, value: Value) -> str:
        """Return what dials it."""
        found = dialled(value) if isinstance(value, str) else ""
        return f"tel:{found}" if found else ""


def dialled(text: str) -> str:
    """Return what is dialled for a number, ``+4533123456;ext=7``; empty for what is none."""
    found = PHONE.match(text)
    if found is None:
        return ""
    # "+44 (0)20 …" has a zero that is dialled at home alone.
    number = found["number"].replace("(0)", "") if found["number"].startswith("+") else found["number"]
    digits = re.sub(r"[^0-9]", "", number)
    if not FEWEST <= len(digits) <= MOST:
        return ""
    inside = f";ext={found['inside']}" if found["inside"] else ""
    return f"{'+' if number.startswith('+') else ''}{digits}{inside}"
