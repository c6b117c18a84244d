"""Codes that a scanner types."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar

from blankett.engine.fields.base import PROCESS, Fault, TextReading, TypeOption, Value
from blankett.engine.fields.text import TextType

if TYPE_CHECKING:
    from blankett.engine.language.model import Field

#: What a scanner may send before a code to say of which kind it is (ISO/IEC 15424): ``]C1``, ``]E0``.
KIND = re.compile(r"\][A-Za-z][0-9]")
#: Digits of a GTIN: EAN-8, UPC-A, EAN-13, ITF-14.
LENGTHS = frozenset({8, 12, 13, 14})
LONGEST_CODE = 200


class BarcodeType(TextType):
    """A code that a scanner types."""

    name = "barcode"
    help = "A code that a scanner types, or a person. A scanner's Enter leads to the next field."
    synonyms = "qr qr_code qrcode ean upc gtin sku_code code128 scan"
    options: ClassVar[tuple[TypeOption, ...]] = (
        TypeOption(
            "digits",
            "word",
            "`gtin`: only numbers of goods, EAN or UPC, whose last digit is right.",
            words=("any", "gtin"),
            part=PROCESS,
        ),
        TypeOption("pattern", "pattern", "A regular expression (RE2) the whole code matches.", part=PROCESS),
    )
    longest: ClassVar[int] = LONGEST_CODE
    is_free_text = False
    is_column: ClassVar[bool] = False
    holds_code: ClassVar[bool] = False
    is_scanned = True
    letters = 14

    def parse(self, text: str, of: Field, reading: TextReading) -> Value | Fault:
        """Return the code without what the scanner says of its kind."""
        found = KIND.match(text)
        return text[found.end() :] if found and len(text) > found.end() else text

    def check(self, value: Value, of: Field) -> Fault | None:
        """Return a fault for a number of goods that was misread."""
        fault = super().check(value, of)
        if fault is None and of.options.get("digits") == "gtin" and not is_gtin(str(value)):
            return Fault("field.not_a_gtin", {"value": str(value)[:100]})
        return fault


def is_gtin(code: str) -> bool:
    """Tell whether a code is a number of goods whose last digit follows from the others."""
    if len(code) not in LENGTHS or not (code.isascii() and code.isdecimal()):
        return False
    weighed = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(reversed(code)))
    return weighed % 10 == 0
