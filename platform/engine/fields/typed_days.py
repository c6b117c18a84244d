"""How people type days: in their own order, without a year, by month, weekday, "+7"; and how such a text is read.

A text with one reading is that day. One that people of another place would read otherwise, or whose year is not plain,
has readings to choose from and is no day until somebody chooses.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from babel.dates import get_day_names, get_month_names

from blankett.engine.fields.locale_formats import LOOKALIKES, find_locale, language_of, signs_of

ISO_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})\Z")
YEAR_FIRST = re.compile(r"([0-9]{4}) ?[-./年] ?([0-9]{1,2}) ?[-./月] ?([0-9]{1,2}) ?日?\Z")
THREE_PARTS = re.compile(r"([0-9]{1,2})[-./ ]([0-9]{1,2})[-./ ]([0-9]{4}|[0-9]{2})\.?\Z")
TWO_PARTS = re.compile(r"([0-9]{1,2}) ?[-./ 月] ?([0-9]{1,2}) ?[.日]?\Z")
DIGITS = re.compile(r"([0-9]{8})\Z")
AHEAD = re.compile(r"\+ ?([0-9]{1,4}) ?(d|w|天|日|周)?\Z")
#: A day and a month in letters, in either order, with or without a year: "3 dec", "Dec 3, 2026", "3. dezember".
WITH_MONTH = re.compile(
    r"(?:(?:\w+\.?,? )?(?P<day>[0-9]{1,2})\.? ?(?P<month>[^\W\d_]+)\.?"
    r"|(?P<month2>[^\W\d_]+)\.? ?(?P<day2>[0-9]{1,2})\.?)"
    r"(?:,? ?(?P<year>[0-9]{4}))?\Z"
)
#: Longer texts are no days a person meant.
LONGEST_DAY = 40
#: Years that people mean; a text of eight digits stands for two days less often so.
FIRST_YEAR, LAST_YEAR = 1900, 2199
#: A day of this year that is so many days past may be meant as well as the next one of its kind.
PAST = 183

#: Words for days near today, by language.
NEAR: Mapping[str, Mapping[str, int]] = {
    "en": {"today": 0, "tomorrow": 1, "yesterday": -1},
    "zh": {"今天": 0, "明天": 1, "后天": 2, "昨天": -1},
}


@dataclass(frozen=True, slots=True)
class DayRead:
    """What a text says: one day, or none and the days it may stand for."""

    day: date | None = None
    readings: tuple[date, ...] = ()


NOTHING = DayRead()


def read_day(text: str, locale: str, today: date | None = None) -> DayRead:
    """Return what *text* says in *locale*. Without *today*, what counts from it says nothing."""
    text = re.sub(r"\s+", " ", text.translate(LOOKALIKES)).strip()
    if len(text) > LONGEST_DAY:
        return NOTHING
    found = YEAR_FIRST.match(text)
    if found:
        return _sure(_day(int(found[1]), int(found[2]), int(found[3])))
    if (found := THREE_PARTS.match(text)) is not None:
        return _full(found[1], found[2], found[3], signs_of(locale).day_order)
    if (found := DIGITS.match(text)) is not None:
        return _digits(found[1], signs_of(locale).day_order)
    return NOTHING if today is None else _from(text, locale, today)


def _from(text: str, locale: str, today: date) -> DayRead:
    """Return what a text says that counts from today, or leaves the year out."""
    ahead = AHEAD.match(text)
    if ahead:
        days = int(ahead[1]) * (7 if ahead[2] in ("w", "周") else 1)
        return _sure(_shifted(today, days))
    word = text.casefold().rstrip(".")
    near = NEAR.get(language_of(locale), {})
    if word in near:
        return DayRead(_shifted(today, near[word]))
    weekday = _weekdays(locale).get(word)
    if weekday is not None:
        return DayRead(_shifted(today, (weekday - today.weekday() - 1) % 7 + 1))
    two = TWO_PARTS.match(text)
    if two:
        is_day_first = signs_of(locale).day_order == "dmy" and "月" not in text
        month, day = (int(two[2]), int(two[1])) if is_day_first else (int(two[1]), int(two[2]))
        return _without_year(month, day, today) if _day(2000, month, day) else _only(_near(day, month, today))
    return _with_month(text, locale, today)


def _with_month(text: str, locale: str, today: date) -> DayRead:
    found = WITH_MONTH.match(text)
    month = _months(locale).get((found["month"] or found["month2"]).casefold()) if found else None
    if found is None or month is None:
        return NOTHING
    day = int(found["day"] or found["day2"])
    return _sure(_day(int(found["year"]), month, day)) if found["year"] else _without_year(month, day, today)


def _without_year(month: int, day: int, today: date) -> DayRead:
    """Return the day of this year where it is still to come, else the next one; both where it is only just past."""
    this, following = _day(today.year, month, day), _near(month, day, today)
    if this is None or following is None:
        return _sure(following)
    if this < today and (today - this).days <= PAST:
        return DayRead(None, (this, following))
    return DayRead(following)


def _near(month: int, day: int, today: date) -> date | None:
    """Return the next such day, today included; of 29 February in the next year that has one."""
    years = range(today.year, today.year + 9)
    return next((found for year in years if (found := _day(year, month, day)) is not None and found >= today), None)


def _full(first: str, second: str, year: str, order: str) -> DayRead:
    """Return the day of three parts that do not begin with a whole year."""
    if order == "ymd" and len(first) == len(year) == 2:
        return _sure(_day(_year(first), int(second), int(year)))
    day_first, month_first = (
        _day(_year(year), month, day) for month, day in ((int(second), int(first)), (int(first), int(second)))
    )
    if order == "dmy":
        return DayRead(day_first) if day_first else _only(month_first)
    if order == "mdy":
        return DayRead(month_first) if month_first else _only(day_first)
    return _one_of((day_first, month_first))


def _digits(text: str, order: str) -> DayRead:
    """Return the day of eight digits: year, month, day, or in the person's own order."""
    parts = [_day(int(text[:4]), int(text[4:6]), int(text[6:]))]
    parts.append(_full(text[:2], text[2:4], text[4:], order).day)
    return _one_of(found for found in parts if found is not None and FIRST_YEAR <= found.year <= LAST_YEAR)


def _one_of(days: Iterable[date | None]) -> DayRead:
    found = tuple(dict.fromkeys(day for day in days if day is not None))
    return DayRead(found[0]) if len(found) == 1 else DayRead(None, found)


def _only(day: date | None) -> DayRead:
    """Return a day that only another order of day and month gives: to be chosen, not read."""
    return DayRead(None, (day,)) if day else NOTHING


def _sure(day: date | None) -> DayRead:
    return DayRead(day) if day else NOTHING


def _year(text: str) -> int:
    return int(text) + (2000 if len(text) == 2 else 0)


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _shifted(today: date, days: int) -> date | None:
    try:
        return today + timedelta(days=days)
    except OverflowError:
        return None


@lru_cache(maxsize=128)
def _weekdays(locale: str) -> Mapping[str, int]:
    """Return what weekdays are called in the locale's language and in English, in every length."""
    names: dict[str, int] = {}
    for found in (find_locale("en"), find_locale(locale)):
        for width in ("wide", "abbreviated", "short"):
            for context in ("format", "stand-alone"):
                for number, name in get_day_names(width, context, found).items():
                    names[name.casefold().rstrip(".")] = number
    if language_of(locale) == "zh":
        names |= {f"礼拜{name}": number for number, name in enumerate("一二三四五六日")}
        names |= {name: number for prefix in ("周", "星期", "礼拜") for name, number in ((f"{prefix}天", 6),)}
    return names


@lru_cache(maxsize=128)
def _months(locale: str) -> Mapping[str, int]:
    """Return what months are called in the locale's language and in English."""
    names: dict[str, int] = {"sept": 9}
    for found in (find_locale("en"), find_locale(locale)):
        for width in ("wide", "abbreviated"):
            for context in ("format", "stand-alone"):
                for number, name in get_month_names(width, context, found).items():
                    names[name.casefold().rstrip(".")] = number
    return names
