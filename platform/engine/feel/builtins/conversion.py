"""The built-in functions that turn values into others: `string`, `number`, `not`, `is`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any as Value
from typing import Final

from blankett.engine.feel.budget import charge, refuse_long_text
from blankett.engine.feel.builtins.registry import overload
from blankett.engine.feel.operators import number_from
from blankett.engine.feel.temporal import WIDE, WideDateTime, WideTime, temporal_text, widened
from blankett.engine.feel.values import NO_END, Function, Range, Reference, YearsMonths

_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_SEPARATORS: Final = (" ", ",", ".")


def string(value: Value) -> str | None:
    """Return *value* as a text; null for null. A record is its title."""
    return None if value is None else text_of(value, quoted=False)


def text_of(value: Value, quoted: bool) -> str:
    """Return *value* as it is written in a formula; a text in quotes only where *quoted*. Raises BudgetExceeded."""
    if not isinstance(value, (list, dict)):
        return _single_text(value, quoted)
    pieces: list[str] = []
    length = 0
    for piece in _pieces(value):
        pieces.append(piece)
        length += len(piece)
        refuse_long_text(length)
    return "".join(pieces)


class _Written(str):
    """A piece of the text that is ready, among values that are still to be written."""

    __slots__ = ()


def _pieces(value: Value) -> Iterator[str]:
    """Yield the text of a list or context piece by piece, so that a text that grows too long is stopped early.

    However deep the lists lie in each other: what waits is on a pile, not in calls.
    """
    waiting = [value]
    while waiting:
        next_one = waiting.pop()
        if type(next_one) is _Written:
            yield next_one
        elif isinstance(next_one, list):
            charge(len(next_one))
            waiting += reversed(_opened("[", [("", item) for item in next_one], "]"))
        elif isinstance(next_one, dict):
            charge(len(next_one))
            entries = [(f"{_key_text(name)}: ", item) for name, item in next_one.items()]
            waiting += reversed(_opened("{", entries, "}"))
        else:
            yield _single_text(next_one, quoted=True)


def _opened(opening: str, entries: list[tuple[str, Value]], closing: str) -> list[Value]:
    """Return the pieces and values that a list or context is written of."""
    parts: list[Value] = [_Written(opening)]
    for place, (label, item) in enumerate(entries):
        parts += (_Written(f"{', ' if place else ''}{label}"), item)
    return [*parts, _Written(closing)]


def _single_text(value: Value, quoted: bool) -> str:
    if value is None:
        return "null"
    if isinstance(value, str):
        return _quoted(value) if quoted else value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return number_text(value)
    if type(value) in WIDE or isinstance(value, (date, time, timedelta, YearsMonths)):
        text = temporal_text(value)
        return f'@"{text}"' if quoted else text
    if isinstance(value, Reference):
        return value.title
    if isinstance(value, Range):
        return _range_text(value)
    return f"function({', '.join(value.parameters)})" if isinstance(value, Function) else str(value)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _key_text(name: str) -> str:
    return name if re.fullmatch(r"[^\W\d][\w ]*", name) else _quoted(name)


def _range_text(value: Range) -> str:
    low, high = (_single_text(end, quoted=True) for end in (value.low, value.high))
    if value.low is NO_END:
        return f"({'<=' if value.high_closed else '<'} {high})"
    if value.high is NO_END:
        return f"({'>=' if value.low_closed else '>'} {low})"
    return f"{'[' if value.low_closed else '('}{low}..{high}{']' if value.high_closed else ')'}"


def number_text(number: Decimal) -> str:
    """Return *number* in plain digits, as written: `1.50` stays so."""
    return format(number, "f") if number else format(abs(number), "f")


def number(text: str, grouping: str | None = None, decimal_mark: str | None = None) -> Decimal | None:
    """Return the number written in *text* with these separators, groups of three; null where it is none."""
    if grouping in _SEPARATORS and grouping and grouping in text and not _in_groups(text, grouping, decimal_mark):
        return None
    return number_loosely(text, grouping, decimal_mark)


def _in_groups(text: str, grouping: str, decimal_mark: str | None) -> bool:
    """Tell whether the digits before the decimals stand in groups: of three, or as in India of two before the last."""
    point = decimal_mark or "."
    whole = text.lstrip("+-") if grouping == point else text.lstrip("+-").partition(point)[0]
    first, *others = whole.split(grouping)
    if not others:
        return False  # a separator among the decimals
    sizes = {len(group) for group in others[:-1]}
    return (
        all(group.isascii() and group.isdigit() for group in (first, *others))
        and len(others[-1]) == 3
        and len(sizes) <= 1
        and sizes <= {2, 3}
        and 0 < len(first) <= (3 if 2 not in sizes else 2)
    )


def number_loosely(text: str, grouping: str | None = None, decimal_mark: str | None = None) -> Decimal | None:
    """Return the number written in *text*, whatever the length of its groups, as before the first edition."""
    if grouping is not None and grouping not in _SEPARATORS:
        return None
    if decimal_mark is not None and (decimal_mark not in (".", ",") or decimal_mark == grouping):
        return None
    if grouping:
        text = text.replace(grouping, "")
    if decimal_mark:
        text = text.replace(".", "?") if decimal_mark != "." else text
        text = text.replace(decimal_mark, ".")
    return number_from(text) if _NUMBER.fullmatch(text) else None


def negated(value: Value) -> bool | None:
    """Return the opposite of a truth value; null of anything else."""
    return (not value) if type(value) is bool else None


def is_same(one: Value, other: Value) -> bool:
    """Say whether two values are the same in kind and in all their parts (equal moments in two zones are not)."""
    one, other = widened(one), widened(other)
    if type(one) is not type(other):
        return False
    if type(one) is list:
        charge(len(one))
        return len(one) == len(other) and all(map(is_same, one, other))
    if type(one) is dict:
        charge(len(one))
        return one.keys() == other.keys() and all(is_same(value, other[name]) for name, value in one.items())
    if isinstance(one, (WideDateTime, WideTime)):
        return temporal_text(one) == temporal_text(other)
    if type(one) is Range:
        ends = is_same(one.low, other.low) and is_same(one.high, other.high)
        return ends and one.sides == other.sides
    return bool(one == other)


_NUMBER_CALL: Final = (
    "number(from: string, grouping separator?: string or null, decimal separator?: string or null) -> number or null"
)
FUNCTIONS: Final = (
    overload("string(from: Any) -> string", string),
    overload(_NUMBER_CALL, number),
    overload("not(negand: boolean) -> boolean", negated),
    overload("is(value1: Any, value2: Any) -> boolean", is_same),
)
#: As before the first edition of the language.
OLDER: Final = (overload(_NUMBER_CALL, number_loosely),)
