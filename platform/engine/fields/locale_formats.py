"""How numbers, amounts and days are written in a locale, read from Babel once and kept.

Nothing here knows of fields: it turns a text into a number or a day of a locale, and back.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, tzinfo
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_skeleton
from babel.numbers import format_currency, format_decimal, format_percent, get_currency_precision, list_currencies

from blankett.engine.feel.temporal import zone_named

#: What Chinese and Japanese keyboards send, and the look-alikes of signs and blanks.
LOOKALIKES: dict[int, str] = str.maketrans(
    {
        **{chr(0xFF10 + digit): str(digit) for digit in range(10)},
        "．": ".",
        "，": ",",
        "－": "-",
        "−": "-",
        "‐": "-",
        "–": "-",
        "＋": "+",
        "％": "%",
        "／": "/",
        "：": ":",
        "\u00a0": " ",
        "\u202f": " ",
        "\u2009": " ",
        "\u3000": " ",
        "’": "'",
    }
)
#: A plain number as blueprints and the API write it.
PLAIN_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?\Z")
#: Longer texts are no numbers a person meant; a bound also on the work of reading one.
LONGEST_NUMBER = 60
#: What may stand between groups of digits, in whatever country.
GROUPS = " '"
#: A number with signs of any country, perhaps with a currency or a unit around it.
LIKE_NUMBER = re.compile(r"[^0-9+\-.,]{0,6}(?P<sign>[+-]?) ?(?P<digits>[.,]?[0-9](?:[ '.,]?[0-9])*)[^0-9]{0,8}\Z")

#: How a person has numbers written, whatever their language: way → (decimal sign, sign between groups).
NUMBER_WAYS: Mapping[str, tuple[str, str]] = {
    "comma_point": (".", ","),
    "point_comma": (",", "."),
    "space_comma": (",", "\u00a0"),
    "quote_point": (".", "’"),
}
#: How a person has days written: way → (order, what stands between).
DAY_WAYS: Mapping[str, tuple[str, str]] = {
    "dmy_slash": ("dmy", "/"),
    "dmy_point": ("dmy", "."),
    "dmy_dash": ("dmy", "-"),
    "mdy_slash": ("mdy", "/"),
    "ymd_dash": ("ymd", "-"),
    "ymd_slash": ("ymd", "/"),
}
#: Between the name of a locale and a person's own ways: ``en_GB@point_comma@dmy_point``; either may be empty.
OWN = "@"


@dataclass(frozen=True)
class Around:
    """What stands before and after the digits of a positive and of a negative number: ``("", " %", "-", " %")``."""

    before: str
    after: str
    minus_before: str
    minus_after: str

    def put(self, digits: str, is_negative: bool) -> str:
        """Return *digits* (without sign) with what stands around them."""
        if is_negative:
            return f"{self.minus_before}{digits}{self.minus_after}"
        return f"{self.before}{digits}{self.after}"


@dataclass(frozen=True)
class Signs:
    """The signs of a locale's numbers and the order of its days."""

    decimal: str
    group: str
    #: Digits in the last group and in the others: (3, 3), in India (3, 2).
    grouping: tuple[int, int]
    #: A number as people of the locale type it; named groups ``sign``, ``whole`` and ``part``.
    typed: re.Pattern[str]
    #: The order a day is written in: ``"dmy"``, ``"mdy"``, ``"ymd"``; and what stands between its parts.
    day_order: str
    day_between: str


@lru_cache(maxsize=128)
def find_locale(name: str) -> Locale:
    """Return Babel's locale; names may be written with ``-`` or ``_``, and English stands for one that is unknown."""
    try:
        return Locale.parse(name.partition(OWN)[0].replace("-", "_"))
    except (ValueError, UnknownLocaleError):
        return Locale("en")


def language_of(name: str) -> str:
    """Return the language of a locale: ``zh`` of ``zh_Hans``."""
    return name.partition(OWN)[0].replace("-", "_").split("_")[0]


def with_ways(name: str, numbers: str, days: str, zone: str = "") -> str:
    """Return the name of a locale with a person's own ways of writing *numbers* and *days*, and their time zone; empty:
    the locale's, and the zone of whatever is shown.
    """
    numbers, days = numbers if numbers in NUMBER_WAYS else "", days if days in DAY_WAYS else ""
    own = OWN.join((numbers, days, zone)).rstrip(OWN)
    return f"{name}{OWN}{own}" if own else name


def own_ways(name: str) -> tuple[str, str]:
    """Return the person's own ways of writing numbers and days in the name of a locale; empty for the locale's."""
    _, numbers, days, *_ = (*name.split(OWN), "", "", "")
    return numbers, days


@lru_cache(maxsize=512)
def zone_of(name: str) -> tzinfo | None:
    """Return the person's time zone in the name of a locale; None where it says none."""
    parts = name.split(OWN)
    return zone_named(parts[3]) if len(parts) > 3 else None


@lru_cache(maxsize=128)
def signs_of(name: str) -> Signs:
    """Return the signs of a locale."""
    locale, (numbers, days) = find_locale(name), own_ways(name)
    order, between = DAY_WAYS.get(days) or _day_order(locale)
    if numbers in NUMBER_WAYS:
        decimal, group = NUMBER_WAYS[numbers]
        last, other = 3, 3
    else:
        symbols: Mapping[str, str] = locale.number_symbols.get("latn", {})
        decimal, group = symbols.get("decimal", "."), symbols.get("group", ",")
        grouping = locale.decimal_formats[None].grouping
        last, other = (3, 3) if grouping[0] > 9 else (grouping[0], grouping[1])
    typed = _typed_number(decimal, group, last, other)
    return Signs(decimal, group, (last, other), typed, order, between)


def _typed_number(decimal: str, group: str, last: int, other: int) -> re.Pattern[str]:
    # Blanks separate groups everywhere (ISO 80000-1); one kind of separator throughout; no group after a 0.
    group = group.translate(LOOKALIKES)
    separators = "".join({" ", "'" if group == "'" else " ", group if group != decimal else " "})
    between = f"(?P<between>[{re.escape(separators)}])"
    grouped = rf"[1-9][0-9]{{0,{other - 1}}}{between}(?:[0-9]{{{other}}}(?P=between))*[0-9]{{{last}}}"
    whole = rf"(?P<whole>{grouped}|[0-9]+)?"
    return re.compile(rf"(?P<sign>[+-])? ?{whole}(?:{re.escape(decimal.translate(LOOKALIKES))}(?P<part>[0-9]+))?\Z")


def _day_order(locale: Locale) -> tuple[str, str]:
    pattern = re.sub(r"'[^']*'", "", locale.date_formats["short"].pattern)
    letters = re.sub(r"[^dMy]", "", pattern)
    between = re.search(r"[dMy]([^dMy]+)[dMy]", pattern)
    return "".join(dict.fromkeys(letters.lower())), between[1].strip() or " " if between else "/"


def read_number(text: str, locale: str) -> Decimal | None:
    """Return the number a person typed in *locale*, or None for anything that is not plainly one."""
    found = signs_of(locale).typed.match(text.translate(LOOKALIKES).strip())
    if found is None or (found["whole"] is None and found["part"] is None):
        return None
    whole = re.sub(r"[^0-9]", "", found["whole"] or "0")
    return Decimal(f"{found['sign'] or ''}{whole}.{found['part'] or '0'}")


def meant_numbers(text: str, locale: str) -> tuple[str, ...]:
    """Return how *locale* writes the numbers that somebody from elsewhere may mean by a text it does not read:
    ``250.50`` for ``250,50``, both ``1234`` and ``1,234`` where a sign may stand between groups or before decimals.
    """
    found = LIKE_NUMBER.match(text.translate(LOOKALIKES).strip())
    if found is None:
        return ()
    digits, sign = found["digits"], found["sign"].strip("+")
    decimal = signs_of(locale).decimal
    for group in GROUPS:
        digits = digits.replace(group, "")
    readings = [f"{sign}{whole or '0'}{decimal + part if part else ''}" for whole, part in _split(digits)]
    return tuple(dict.fromkeys(readings))


def _split(digits: str) -> Iterator[tuple[str, str]]:
    """Yield (whole, decimals) of digits with points and commas in them, for each thing they may mean."""
    signs = re.sub(r"[0-9]", "", digits)
    if not signs:
        yield digits, ""
        return
    last = signs[-1]
    whole, _, part = digits.rpartition(last)
    plain_whole = re.sub(r"[.,]", "", whole)
    if signs.count(last) == 1:
        yield plain_whole, part
    may_group = len(set(signs)) == 1 and re.fullmatch(rf"[1-9][0-9]{{0,2}}(?:{re.escape(last)}[0-9]{{3}})+", digits)
    if may_group:
        yield plain_whole + part, ""


def read_plain_number(text: str) -> Decimal | None:
    """Return the number of a text such as ``-1234.5``, or None."""
    return Decimal(text) if PLAIN_NUMBER.match(text) else None


def rounded(value: Decimal, decimals: int) -> Decimal:
    """Return *value* with at most *decimals* digits after the point, rounded half away from zero."""
    return value.quantize(_last_place(decimals), ROUND_HALF_UP)


@lru_cache(maxsize=32)
def _last_place(decimals: int) -> Decimal:
    """Return one in the last of *decimals* places: 0.01 for two."""
    return Decimal(1).scaleb(-decimals)


def decimals_of(value: Decimal) -> int:
    """Return how many digits after the point *value* needs: 1.50 needs 1."""
    exponent = value.normalize().as_tuple().exponent
    return -exponent if isinstance(exponent, int) and exponent < 0 else 0


def plain(value: Decimal) -> str:
    """Return *value* without exponent and trailing zeros: ``1500``, ``0.5``."""
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


@lru_cache(maxsize=512)
def currency_decimals(currency: str | None) -> int:
    """Return the digits of a currency's minor unit; 2 where the currency is not known."""
    return get_currency_precision(currency) if currency else 2


@lru_cache(maxsize=1)
def currencies() -> frozenset[str]:
    """Return every ISO 4217 code that Babel knows."""
    return frozenset(list_currencies())


def typed_number(value: Decimal, locale: str, least: int = 0) -> str:
    """Return *value* as it is typed into a field: the locale's decimal sign, no groups, at least *least* decimals."""
    return _with_decimals(plain(value), least).replace(".", signs_of(locale).decimal)


def shown_number(value: Decimal, locale: str, least: int = 0) -> str:
    """Return *value* as people read it, in groups: ``1.234,50``."""
    signs = signs_of(locale)
    if signs.grouping != (3, 3):
        return str(format_decimal(value, locale=find_locale(locale), decimal_quantization=False))
    whole, _, part = f"{abs(value):,f}".partition(".")
    part = part.rstrip("0").ljust(least, "0")
    if signs.group != ",":
        whole = whole.replace(",", signs.group)
    digits = f"{whole}{signs.decimal}{part}" if part else whole
    return f"{_minus(locale)}{digits}" if value < 0 else digits


def _with_decimals(digits: str, least: int) -> str:
    whole, _, part = digits.partition(".")
    part = part.ljust(least, "0")
    return f"{whole}.{part}" if part else whole


@lru_cache(maxsize=128)
def _minus(locale: str) -> str:
    return str(find_locale(locale).number_symbols.get("latn", {}).get("minusSign", "-"))


def shown_amount(value: Decimal, locale: str, currency: str | None) -> str:
    """Return an amount with its currency: ``€1,234.50``, ``1.234,50 €``; a plain number without one."""
    digits = shown_number(abs(value), locale, currency_decimals(currency))
    if currency is None:
        return f"{_minus(locale)}{digits}" if value < 0 else digits
    return _around_amount(locale, currency).put(digits, value < 0)


def shown_percent(value: Decimal, locale: str) -> str:
    """Return a fraction as people read it: 0.125 as ``12,5 %``."""
    return _around_percent(locale).put(shown_number(abs(value) * 100, locale), value < 0)


@lru_cache(maxsize=512)
def _around_amount(locale: str, currency: str) -> Around:
    found = find_locale(locale)
    return _around(
        format_currency(1, currency, locale=found, format_type="standard"),
        format_currency(-1, currency, locale=found, format_type="standard"),
    )


@lru_cache(maxsize=128)
def _around_percent(locale: str) -> Around:
    found = find_locale(locale)
    return _around(format_percent(1, locale=found), format_percent(-1, locale=found))


def _around(positive: str, negative: str) -> Around:
    # What stands around the digits does not depend on them, so one number of each sign tells it.
    before, after = re.split(r"\d(?:[\d.,٫]*\d)?", positive, maxsplit=1)
    minus_before, minus_after = re.split(r"\d(?:[\d.,٫]*\d)?", negative, maxsplit=1)
    return Around(_spaced(before), after, _spaced(minus_before), minus_after)


def _spaced(before: str) -> str:
    """Put a no-break space behind a code of letters, as CLDR asks and Babel does not: ``DKK 7.50``, but ``€7.50``."""
    return f"{before}\u00a0" if before[-1:].isalpha() else before


@lru_cache(maxsize=4096)
def shown_day(value: date, locale: str) -> str:
    """Return a day as people read it: ``Nov 22, 2026``, ``22.11.2026``, ``2026年11月22日``; in their own way where they
    have one.
    """
    if own_ways(locale)[1]:
        return typed_day(value, locale)
    return str(format_date(value, "medium", locale=find_locale(locale)))


def typed_day(value: date, locale: str) -> str:
    """Return a day as it is typed into a field, in figures: ``22/11/2026``, ``22.11.2026``, ``2026/11/22``."""
    signs = signs_of(locale)
    parts = {"d": f"{value.day:02}", "m": f"{value.month:02}", "y": f"{value.year:04}"}
    return signs.day_between.join(parts[letter] for letter in signs.day_order)


@lru_cache(maxsize=4096)
def spoken_day(value: date, locale: str) -> str:
    """Return a day with its weekday: ``Fri, 27 Nov 2026``."""
    if own_ways(locale)[1]:
        return f"{weekday(value, locale)} {typed_day(value, locale)}"
    return str(format_skeleton("yMMMEd", value, locale=find_locale(locale)))


@lru_cache(maxsize=4096)
def full_day(value: date, locale: str) -> str:
    """Return a day in full: ``Friday 27 November 2026``, ``Friday 27.11.2026``."""
    if own_ways(locale)[1]:
        return f"{format_date(value, 'EEEE', locale=find_locale(locale))} {typed_day(value, locale)}"
    return str(format_date(value, "full", locale=find_locale(locale)))


@lru_cache(maxsize=4096)
def brief_day(value: date, locale: str, *, has_year: bool) -> str:
    """Return a day in few letters, without its year where that is understood: ``27 Nov``, ``27.11``, ``11/27``."""
    if own_ways(locale)[1]:
        signs = signs_of(locale)
        parts = {"d": f"{value.day:02}", "m": f"{value.month:02}", "y": f"{value.year:04}"}
        return signs.day_between.join(parts[letter] for letter in signs.day_order if has_year or letter != "y")
    return str(format_skeleton("yMMMd" if has_year else "MMMd", value, locale=find_locale(locale)))


@lru_cache(maxsize=512)
def weekday(value: date, locale: str) -> str:
    """Return the weekday of a day in short: ``Fri``."""
    return str(format_date(value, "EEE", locale=find_locale(locale)))


@lru_cache(maxsize=512)
def full_weekday(value: date, locale: str) -> str:
    """Return the weekday of a day: ``Friday``."""
    return str(format_date(value, "EEEE", locale=find_locale(locale)))


@lru_cache(maxsize=512)
def narrow_weekday(value: date, locale: str) -> str:
    """Return the weekday of a day in one letter: ``F``."""
    return str(format_date(value, "EEEEE", locale=find_locale(locale)))


@lru_cache(maxsize=512)
def month_name(value: date, locale: str) -> str:
    """Return the month of a day, alone: ``November``."""
    return str(format_date(value, "LLLL", locale=find_locale(locale)))


def country_names(locale: str) -> Mapping[str, str]:
    """Return {code of a country by ISO 3166: its name}."""
    return find_locale(locale).territories
