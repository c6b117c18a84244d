"""The built-in functions on texts. Lengths and positions count code points; patterns run on a linear-time engine."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from functools import partial
from typing import Final

from blankett.engine.feel.budget import charge, refuse_long_list, refuse_long_text
from blankett.engine.feel.builtins.patterns import compiled_pattern, expanded, replacement_parts
from blankett.engine.feel.builtins.registry import overload


def substring(text: str, start: Decimal, length: Decimal | None = None) -> str | None:
    """Return the part from position *start* (from 1; from the end where negative)."""
    begin = int(start)
    if begin == 0 or abs(begin) > len(text):
        return None
    first = begin - 1 if begin > 0 else len(text) + begin
    if length is None:
        return text[first:]
    count = int(length)
    return text[first : first + count] if count >= 1 else None


def substring_before(text: str, match: str) -> str:
    """Return what stands before the first *match*; empty where there is none."""
    return text.partition(match)[0] if match and match in text else ""


def substring_after(text: str, match: str) -> str:
    """Return what stands after the first *match*; empty where there is none."""
    return text.partition(match)[2] if match else text


def string_length(text: str) -> Decimal:
    """Return the number of characters."""
    return Decimal(len(text))


def replace(text: str, pattern: str, replacement: str, flags: str | None = None, *, older: bool = False) -> str | None:
    """Return *text* with each match of *pattern* replaced; null for a pattern or replacement that is not valid.

    *older*, here and below: patterns as before the first edition of the language.
    """
    expression = compiled_pattern(pattern, flags or "", older)
    if expression is None or expression.fullmatch("") is not None:
        return None
    literal = "q" in (flags or "")
    parts: list[str | int] | None = [replacement]
    if not literal:
        parts = replacement_parts(replacement, expression.groups)
    if parts is None:
        return None
    pieces: list[str] = []
    end = size = 0
    for found in expression.finditer(text):
        charge(1)
        pieces += (text[end : found.start()], expanded(parts, found))
        size += len(pieces[-1]) + len(pieces[-2])
        refuse_long_text(size)
        end = found.end()
    return "".join([*pieces, text[end:]])


def matches(text: str, pattern: str, flags: str | None = None, *, older: bool = False) -> bool | None:
    """Say whether *pattern* is found in *text*; null for a pattern that is not valid."""
    expression = compiled_pattern(pattern, flags or "", older)
    return None if expression is None else expression.search(text) is not None


def split(text: str, delimiter: str, *, older: bool = False) -> list[str] | None:
    """Return the parts of *text* between matches of the pattern *delimiter*; null for one that is not valid."""
    expression = compiled_pattern(delimiter, "", older)
    if expression is None:
        return None
    parts: list[str] = []
    end = 0
    for found in expression.finditer(text):
        charge(1)
        if found.end() == found.start():
            continue
        parts.append(text[end : found.start()])
        end = found.end()
        refuse_long_list(len(parts))
    return [*parts, text[end:]]


def string_join(texts: Sequence[str | None], delimiter: str | None = None) -> str:
    """Return the texts in one, nulls left out."""
    found = [text for text in texts if text is not None]
    refuse_long_text(sum(map(len, found)) + len(delimiter or "") * len(found))
    return (delimiter or "").join(found)


def extract(text: str, pattern: str, *, older: bool = False) -> list[str] | None:
    """Return what *pattern* matches in *text*, one text for each match; null for a pattern that is not valid."""
    expression = compiled_pattern(pattern, "", older)
    if expression is None:
        return None
    parts: list[str] = []
    for found in expression.finditer(text):
        charge(1)
        parts.append(found.group())
    return parts


_REPLACE: Final = (
    "replace(input: string, pattern: string, replacement: string, flags?: string or null) -> string or null"
)
_MATCHES: Final = "matches(input: string, pattern: string, flags?: string or null) -> boolean or null"
_SPLIT: Final = "split(string: string, delimiter: string) -> list<string>"
_EXTRACT: Final = "extract(string: string, pattern: string) -> list<string>"

FUNCTIONS: Final = (
    overload("substring(string: string, start position: number, length?: number or null) -> string or null", substring),
    overload("string length(string: string) -> number", string_length),
    overload("upper case(string: string) -> string", str.upper),
    overload("lower case(string: string) -> string", str.lower),
    overload("substring before(string: string, match: string) -> string", substring_before),
    overload("substring after(string: string, match: string) -> string", substring_after),
    overload(_REPLACE, replace),
    overload("contains(string: string, match: string) -> boolean", lambda string, match: match in string),
    overload("starts with(string: string, match: string) -> boolean", str.startswith),
    overload("ends with(string: string, match: string) -> boolean", str.endswith),
    overload(_MATCHES, matches),
    overload(_SPLIT, split),
    overload("string join(list: list<string or null>, delimiter?: string or null) -> string", string_join),
    overload("trim(string: string) -> string", str.strip),
    overload(_EXTRACT, extract),
)
#: As before the first edition of the language.
OLDER: Final = (
    overload(_REPLACE, partial(replace, older=True)),
    overload(_MATCHES, partial(matches, older=True)),
    overload(_SPLIT, partial(split, older=True)),
    overload(_EXTRACT, partial(extract, older=True)),
)
