"""Putting a parameter's value into words: numbers, dates, lists, yes and no."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Protocol, runtime_checkable

from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal

#: Language → the locale whose numbers and dates its readers use.
LOCALES: Mapping[str, str] = {"en": "en_GB", "zh": "zh_Hans_CN"}

#: language → (between the items of a list, yes, no, nothing)
SMALL_WORDS: Mapping[str, tuple[str, str, str, str]] = {
    "en": (", ", "yes", "no", "empty"),
    "zh": ("、", "是", "否", "空"),
}


@runtime_checkable
class Speaks(Protocol):
    """A text that exists in several languages, such as a title of a blueprint."""

    def say(self, language: str) -> str:
        """Return the text in *language*."""
        ...


# A page says the same few numbers and days again and again, and Babel works each out from its patterns.
@lru_cache(maxsize=4096)
def _number(value: str, locale: str) -> str:
    return str(format_decimal(Decimal(value), locale=locale, decimal_quantization=False))


@lru_cache(maxsize=4096)
def _day(value: date, locale: str) -> str:
    return str(format_date(value, "medium", locale=locale))


def locale_of(language: str) -> str:
    """Return Babel's name of the locale of *language*."""
    return LOCALES.get(language, LOCALES["en"])


def put_value(language: str, value: object) -> str:
    """Return *value* as a sentence in *language* shows it."""
    if isinstance(value, str):
        return value
    between, yes, no, nothing = SMALL_WORDS.get(language, SMALL_WORDS["en"])
    if value is None:
        return nothing
    if isinstance(value, bool):
        return yes if value else no
    if isinstance(value, (int, Decimal)):
        return _number(str(value), locale_of(language))
    if isinstance(value, datetime):
        return str(format_datetime(value, "medium", locale=locale_of(language)))
    if isinstance(value, date):
        return _day(value, locale_of(language))
    if isinstance(value, Speaks):
        return value.say(language)
    if isinstance(value, Iterable):
        return between.join(put_value(language, item) for item in value)
    return str(value)
