"""Times of day and lengths of time as people write them: ``14:30``, ``2.30 pm``, ``2 h 30 min``, ``P3D``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import time, timedelta
from decimal import Decimal

from blankett.engine.feel.temporal import read_duration
from blankett.engine.fields.locale_formats import LOOKALIKES, plain

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
