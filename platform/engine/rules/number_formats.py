"""How a spreadsheet shows the value of a cell by its number format: 99 as `0099`, 0.5 as `50%`, a day as `31.12.2026`.

What a format can say that is not looked at here (fractions, scientific notation, elapsed hours) gives None; whoever
asks then shows the value itself.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, time
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from blankett.engine.fields.locales import plain

#: The longest format that is looked at: Excel itself takes 255 characters.
LONGEST: Final = 255
_PIECE: Final = re.compile(
    r"""
    "(?P<quoted>[^"]*)"          # literal text
  | \\(?P<escaped>.)             # a literal character
  | _(?P<skipped>.)              # room as wide as a character
  | \*(?P<filler>.)              # fills the cell
  | \[(?P<bracket>[^\]]*)\]      # a colour, a condition, a currency with its locale
  | (?P<clock>AM/PM|A/P)
  | (?P<general>General)
  | (?P<days>y+|m+|d+|h+|s+)
  | (?P<digits>[0\#?](?:[0\#?,]*[0\#?])?(?:\.[0\#?]*)?|\.[0\#?]+)(?P<scaled>,*)
  | (?P<percent>%)
  | (?P<text>@)
  | (?P<other>.)
""",
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
_SECTION: Final = re.compile(r'(?:"[^"]*"|\\.|_.|\*.|[^;"\\_*])*')
_MONTHS: Final = ("January February March April May June July August September October November December").split()
_WEEKDAYS: Final = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
#: {currency sign in brackets: …}, as in ``[$€-407]``.
_CURRENCY: Final = re.compile(r"\$([^-]*)")


def shown_value(value: object, written: str) -> str | None:
    """Return how a cell with *value* and the number format *written* looks; None where that cannot be told."""
    if len(written) > LONGEST:
        return None
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, (datetime, date, time)):
        return _shown_moment(value, _section_of(written, 1))
    if isinstance(value, (int, float, Decimal)):
        return _shown_number(_exact(value), written)
    return None


def _exact(value: float | Decimal) -> Decimal:
    """Return a number with the 15 digits that a spreadsheet keeps."""
    return value if isinstance(value, Decimal) else Decimal(f"{value:.15g}")


def _sections(written: str) -> list[str]:
    found, at = [], 0
    while at <= len(written):
        match = _SECTION.match(written, at)
        assert match is not None
        found.append(match[0])
        at = match.end() + 1
    return found


def _section_of(written: str, sign: int) -> str:
    """Return the part of a format for numbers of a sign."""
    parts = _sections(written)
    at = {1: 0, -1: 1, 0: 2}[sign]
    return parts[at] if at < len(parts) else parts[0]


# Numbers ------------------------------------------------------------------------------------------------------------


def _shown_number(value: Decimal, written: str) -> str | None:
    sign = (value > 0) - (value < 0)
    section = _section_of(written, sign)
    pieces = list(_PIECE.finditer(section))
    if any(piece["days"] or piece["clock"] for piece in pieces) or re.search(r"[eE][+-]|\?/|#/|0/", section):
        return None
    places = [piece for piece in pieces if piece["digits"]]
    if len(places) > 1:
        return _shown_in_places(value, pieces)
    percents = sum(1 for piece in pieces if piece["percent"])
    number = abs(value) * 100**percents
    minus = "-" if sign < 0 and len(_sections(written)) < 2 else ""
    text = "".join(_number_piece(piece, number) for piece in pieces)
    return f"{minus}{text}".strip() if text.strip() else None


def _number_piece(piece: re.Match[str], number: Decimal) -> str:
    if piece["digits"]:
        return _digits(piece["digits"], number / 1000 ** len(piece["scaled"] or ""))
    if piece["general"] or piece["text"]:
        return plain(number)
    return _literal(piece)


def _literal(piece: re.Match[str]) -> str:
    if piece["bracket"] is not None:
        currency = _CURRENCY.match(piece["bracket"])
        return currency[1] if currency else ""
    if piece["skipped"]:
        return " "
    return piece["quoted"] or piece["escaped"] or piece["percent"] or piece["other"] or ""


def _digits(pattern: str, number: Decimal) -> str:
    """Return digits by a pattern such as ``#,##0.00``."""
    whole_pattern, _, part_pattern = pattern.partition(".")
    rounded = number.quantize(Decimal(1).scaleb(-len(part_pattern)), ROUND_HALF_UP)
    whole, _, part = format(rounded, "f").partition(".")
    least = whole_pattern.count("0")
    whole = whole.lstrip("0").rjust(least, "0")
    if "," in whole_pattern and whole:
        whole = f"{int(whole):,}".rjust(least, "0")
    kept = part_pattern.rfind("0") + 1
    part = part[:kept] + part[kept:].rstrip("0")
    return f"{whole}.{part}" if part_pattern and part else whole


def _shown_in_places(value: Decimal, pieces: Sequence[re.Match[str]]) -> str | None:
    """Return a whole number whose digits stand apart, as in ``000-00-0000``."""
    room = sum(len(piece["digits"]) for piece in pieces if piece["digits"])
    if value < 0 or value != value.to_integral_value() or any("." in (piece["digits"] or "") for piece in pieces):
        return None
    digits = plain(value).rjust(room, "0")
    first, digits = digits[: len(digits) - room], digits[len(digits) - room :]
    text, at = "", 0
    for piece in pieces:
        if piece["digits"]:
            text += (first if at == 0 else "") + digits[at : at + len(piece["digits"])]
            at += len(piece["digits"])
        else:
            text += _literal(piece)
    return text.strip()


# Days ---------------------------------------------------------------------------------------------------------------


def _shown_moment(value: datetime | date | time, section: str) -> str | None:
    pieces = list(_PIECE.finditer(section))
    if not any(piece["days"] for piece in pieces) or any(
        piece["bracket"] and piece["bracket"].lower() in ("h", "hh", "m", "mm", "s", "ss") for piece in pieces
    ):
        return None
    day = value.date() if isinstance(value, datetime) else value if isinstance(value, date) else None
    clock = value.time() if isinstance(value, datetime) else value if isinstance(value, time) else time()
    is_twelve = any(piece["clock"] for piece in pieces)
    text = ""
    for at, piece in enumerate(pieces):
        if piece["days"]:
            letters = piece["days"].lower()
            is_minute = letters[0] == "m" and len(letters) < 3 and _is_minute(pieces, at)
            found = _clock_part(letters, clock, is_minute, is_twelve) if letters[0] in "hs" or is_minute else None
            found = found if found is not None else _day_part(letters, day)
            if found is None:
                return None
            text += found
        elif piece["clock"]:
            text += "AM" if clock.hour < 12 else "PM"
        elif piece["digits"]:
            continue  # parts of a second
        else:
            text += _literal(piece)
    return text.strip() or None


def _is_minute(pieces: Sequence[re.Match[str]], at: int) -> bool:
    """Tell whether an ``m`` stands behind hours or before seconds."""
    before = next((piece["days"] for piece in reversed(pieces[:at]) if piece["days"]), "")
    after = next((piece["days"] for piece in pieces[at + 1 :] if piece["days"]), "")
    return before[:1].lower() == "h" or after[:1].lower() == "s"


def _clock_part(letters: str, clock: time, is_minute: bool, is_twelve: bool) -> str:
    hour = (clock.hour % 12 or 12) if is_twelve else clock.hour
    number = clock.minute if is_minute else hour if letters[0] == "h" else clock.second
    return str(number).rjust(2, "0") if len(letters) > 1 else str(number)


def _day_part(letters: str, day: date | None) -> str | None:
    if day is None:
        return None
    if letters[0] == "y":
        return f"{day.year:04d}" if len(letters) > 2 else f"{day.year % 100:02d}"
    number, names = (day.month, _MONTHS) if letters[0] == "m" else (day.day, _WEEKDAYS)
    name = names[day.month - 1] if letters[0] == "m" else names[day.weekday()]
    if len(letters) == 3:
        return name[:3]
    if len(letters) > 3:
        return name[:1] if len(letters) == 5 else name
    return str(number).rjust(2, "0") if len(letters) == 2 else str(number)
