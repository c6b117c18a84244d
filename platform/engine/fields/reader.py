"""Who reads: the language of their words, and how numbers, amounts, days and times are written for them.

A text of an author is filled, and a value shown, for a reader. The product's own sentences are `blankett.words`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from blankett.engine.feel.values import Reference
from blankett.engine.fields import locale_formats, typed_times

if TYPE_CHECKING:
    from blankett.engine.language.model import Field

#: Language → the locale whose numbers and days its readers use who have no ways of their own.
LOCALES: Mapping[str, str] = {"en": "en_GB", "zh": "zh_Hans_CN"}

#: Language → (between the items of a list, yes, no, nothing, between two sentences).
SMALL_WORDS: Mapping[str, tuple[str, str, str, str, str]] = {
    "en": (", ", "yes", "no", "empty", " "),
    "zh": ("、", "是", "否", "空", ""),
}

#: Stands for an empty value in a text.
NOTHING = "–"


def locale_of(language: str) -> str:
    """Return Babel's name of the locale of *language*."""
    return LOCALES.get(language, LOCALES["en"])


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads a page, a notice or an answer on the command line."""

    language: str
    #: The name of a locale with the person's own ways and zone, as `locale_formats.with_ways` makes it.
    locale: str

    @classmethod
    def of_language(cls, language: str) -> Reader:
        """Return a reader with the locale that goes with *language*, and no zone of their own."""
        return _of_language(language)

    @classmethod
    def with_ways(cls, language: str, numbers: str = "", days: str = "", zone: str = "") -> Reader:
        """Return a reader of *language* with their own ways of writing numbers and days, and their time zone; empty: as
        their language has it, and the zone of whatever is shown.
        """
        return cls(language, locale_formats.with_ways(locale_of(language), numbers, days, zone))

    @property
    def zone(self) -> tzinfo | None:
        """Return the reader's time zone; None where they have none of their own."""
        return locale_formats.zone_of(self.locale)

    @property
    def between(self) -> str:
        """Return what stands between the items of a list."""
        return self._small_words[0]

    @property
    def gap(self) -> str:
        """Return what stands between two sentences, or a word and its sentence."""
        return self._small_words[4]

    @property
    def nothing(self) -> str:
        """Return what is said of an empty value."""
        return self._small_words[3]

    def yes_no(self, value: bool) -> str:
        """Return yes or no."""
        return self._small_words[1 if value else 2]

    @property
    def _small_words(self) -> tuple[str, str, str, str, str]:
        return SMALL_WORDS.get(self.language, SMALL_WORDS["en"])


@lru_cache(maxsize=16)
def _of_language(language: str) -> Reader:
    return Reader(language, locale_of(language))


def shown(value: Any, reader: Reader, empty: str = NOTHING) -> str:
    """Return any FEEL value as *reader* reads it."""
    if isinstance(value, str):
        return value or empty
    if value is None:
        return empty
    if isinstance(value, bool):
        return reader.yes_no(value)
    if isinstance(value, (int, Decimal)):
        return locale_formats.shown_number(Decimal(value), reader.locale)
    if isinstance(value, Reference):
        return value.title or empty
    if isinstance(value, datetime):
        local = value.astimezone(reader.zone) if value.tzinfo is not None and reader.zone is not None else value
        return f"{locale_formats.shown_day(local.date(), reader.locale)} {local:%H:%M}"
    if isinstance(value, date):
        return locale_formats.shown_day(value, reader.locale)
    if isinstance(value, time):
        return typed_times.written_clock(value)
    if isinstance(value, timedelta):
        length = typed_times.written_length(value, reader.language)
        return length.replace(".", locale_formats.signs_of(reader.locale).decimal)
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {shown(item, reader, empty)}" for key, item in value.items())
    if isinstance(value, Iterable):
        return reader.between.join(shown(item, reader, empty) for item in value) or empty
    return str(value)


def shown_field(
    field: Field,
    value: Any,
    reader: Reader,
    currency: str | None,
    empty: str = NOTHING,
) -> str:
    """Return a field's value as *reader* reads it."""
    if value is None or field.columns:
        return empty if value is None else shown(value, reader, empty)
    if isinstance(value, bool):
        return reader.yes_no(value)
    return field.type.show(value, field, reader.locale, currency)


class SentenceValue:
    """A parameter of a message that knows how it is written for a reader; others are written by what they are."""

    def shown_to(self, reader: Reader) -> str:
        """Return it as *reader* reads it."""
        raise NotImplementedError


@dataclass(frozen=True)
class PercentValue(SentenceValue):
    """A fraction that is told as a percentage."""

    fraction: Decimal

    def __str__(self) -> str:
        return f"{locale_formats.plain(self.fraction * 100)} %"

    def shown_to(self, reader: Reader) -> str:
        """Return the percentage."""
        return locale_formats.shown_percent(self.fraction, reader.locale)


@dataclass(frozen=True)
class FieldValue(SentenceValue):
    """A value of a field."""

    field: Field
    value: Any
    currency: str | None = None
    empty: str = NOTHING

    def shown_to(self, reader: Reader) -> str:
        """Return the value as *reader* reads it."""
        return shown_field(self.field, self.value, reader, self.currency, self.empty)


@dataclass(frozen=True)
class AmountValue(SentenceValue):
    """An amount of money that is of no field."""

    value: Decimal
    currency: str

    def shown_to(self, reader: Reader) -> str:
        """Return the amount with its currency."""
        return locale_formats.shown_amount(self.value, reader.locale, self.currency)


@dataclass(frozen=True)
class PlainValue(SentenceValue):
    """Any FEEL value, with what stands for an empty one."""

    value: Any
    empty: str = NOTHING

    def shown_to(self, reader: Reader) -> str:
        """Return the value."""
        return shown(self.value, reader, self.empty)
