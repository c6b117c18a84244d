"""Days, times of day and lengths of time as people type them, and how such texts are read.

A day is typed in its people's own order, without a year, by month, weekday, "+7". A text with one reading is that day.
One that people of another place would read otherwise, or whose year is not plain, has readings to choose from and is
no day until somebody chooses.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta
from decimal import Decimal
from functools import lru_cache

from babel.dates import get_day_names, get_month_names

from blankett.engine.feel.temporal import read_duration
from blankett.engine.fields.locale_formats import LOOKALIKES, find_locale, language_of, plain, signs_of

# Days -----------------------------------------------------------------------------------------------------------------


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


# Times of day and lengths of time: ``14:30``, ``2.30 pm``, ``2 h 30 min``, ``P3D`` ------------------------------------


#: Longer texts are nothing a person meant.
LONGEST = 60
_CLOCK = re.compile(
    r"(?P<before>上午|下午|晚上)? ?(?P<hour>[0-9]{1,2})"
    r"(?: ?[:.h点时] ?(?P<minute>[0-9]{2})? ?分?(?: ?[:.] ?(?P<second>[0-9]{2}))?)?"
    r" ?(?P<after>[ap]\.?m\.?|uhr|h|点|时)?\Z",
    re.IGNORECASE,
)
_DIGITS = re.compile(r"(?P<hour>[0-9]{2})(?P<minute>[0-9]{2})\Z")
_HOURS = re.compile(r"(?P<sign>-)? ?(?P<hours>[0-9]{1,4}):(?P<minutes>[0-5][0-9])(?::(?P<seconds>[0-5][0-9]))?\Z")
_PART = re.compile(r"(?P<number>[0-9]+(?:[.,][0-9]+)?) ?(?P<unit>[^\W\d_]+)\.?")
#: Seconds of a unit → what it is called.
_UNITS: Mapping[int, str] = {
    604_800: "w wk week weeks 周 星期 woche wochen",
    86_400: "d day days 天 日 tag tage",
    3_600: "h hr hrs hour hours 小时 时 std stunde stunden",
    60: "m min mins minute minutes 分 分钟 minuten",
    1: "s sec secs second seconds 秒 sekunde sekunden",
}
_SECONDS: Mapping[str, int] = {word: seconds for seconds, words in _UNITS.items() for word in words.split()}


def read_clock(text: str) -> time | None:
    """Return the time of day that *text* says; a number alone says none."""
    bare = " ".join(text.translate(LOOKALIKES).split())
    found = _CLOCK.match(bare) or _DIGITS.match(bare)
    if found is None or len(bare) > LONGEST or (bare.isdecimal() and len(bare) < 4):
        return None
    parts = found.groupdict()
    hour, minute, second = (int(parts.get(name) or 0) for name in ("hour", "minute", "second"))
    half = (parts.get("after") or "").casefold()[:1], parts.get("before") or ""
    if half[0] in ("a", "p") or half[1]:
        if not 1 <= hour <= 12 and not half[1]:
            return None
        is_late = half[0] == "p" or half[1] in ("下午", "晚上")
        if half[1] == "晚上" and hour == 12:
            return None  # midnight: of this day or the next
        hour = hour % 12 + 12 if is_late and hour <= 12 else 0 if hour == 12 and half[0] == "a" else hour
    try:
        return time(hour, minute, second)
    except ValueError:
        return None


def written_clock(value: time) -> str:
    """Return a time of day as it is typed and read: ``14:30``, with seconds where it has some."""
    return value.isoformat("seconds" if value.second or value.microsecond else "minutes")


def read_length(text: str, decimal: str = ".") -> timedelta | None:
    """Return the length of time that *text* says: with units, as hours and minutes, or as ISO 8601 has it.

    *decimal*: the person's decimal sign; a number with another one is not read.
    """
    bare = " ".join(text.translate(LOOKALIKES).split())
    if len(bare) > LONGEST:
        return None
    if bare.lstrip("-").upper().startswith("P"):
        found = read_duration(bare.upper())
        return found if type(found) is timedelta else None
    hours = _HOURS.match(bare)
    if hours is not None:
        length = timedelta(hours=int(hours["hours"]), minutes=int(hours["minutes"]), seconds=int(hours["seconds"] or 0))
        return -length if hours["sign"] else length
    return _with_units(bare, decimal)


def _with_units(bare: str, decimal: str) -> timedelta | None:
    sign, rest = (-1, bare[1:].lstrip()) if bare.startswith("-") else (1, bare)
    seconds, last = Decimal(), 10**9
    while rest:
        part = _PART.match(rest)
        size = _SECONDS.get(part["unit"].casefold()) if part else None
        if part is None or size is None or size >= last or _is_foreign(part["number"], decimal):
            # "2h30": what stands behind hours is minutes.
            if rest.isdecimal() and last == 3_600 and int(rest) < 60:
                return timedelta(seconds=float(sign * (seconds + Decimal(rest) * 60)))
            return None
        seconds += Decimal(part["number"].replace(",", ".")) * size
        last, rest = size, re.sub(r"^(?: ?,| and| und)? ?", "", rest[part.end() :])
    if last == 10**9 or seconds > 86_400 * 36_600:
        return None
    return timedelta(seconds=float(sign * seconds))


def _is_foreign(number: str, decimal: str) -> bool:
    return any(sign in number for sign in ".," if sign != decimal)


def written_hours(value: timedelta, language: str = "en") -> str:
    """Return a length of work in hours and minutes, a day of which nobody takes for 24 of them: ``38 h 30 min``."""
    hours, rest = divmod(abs(value), timedelta(hours=1))
    written = f"{hours}小时" if language == "zh" else f"{hours} h"
    if not hours:
        return written_length(rest, language)
    return f"{written}{'' if language == 'zh' else ' '}{written_length(rest, language)}" if rest else written


def written_length(value: timedelta, language: str = "en") -> str:
    """Return a length of time as it is typed and read: ``1 d 2 h 30 min``, ``1天2小时30分``."""
    rest, parts = abs(value), []
    for size, sign, chinese in ((86_400, "d", "天"), (3_600, "h", "小时"), (60, "min", "分"), (1, "s", "秒")):
        whole = rest // timedelta(seconds=size)
        number = plain(Decimal(rest // timedelta(microseconds=1)) / 1_000_000) if size == 1 else str(whole)
        rest -= timedelta(seconds=size) * whole
        if number != "0":
            parts.append(f"{number}{chinese}" if language == "zh" else f"{number} {sign}")
    joined = ("" if language == "zh" else " ").join(parts) or ("0分" if language == "zh" else "0 min")
    return f"-{joined}" if value < timedelta() else joined
