"""Regular expressions as the standard has them (XPath's), run by RE2, which takes time linear in the text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any as Value
from typing import Final

import re2

#: {block of Unicode: its characters, as the inside of a class}
BLOCKS: Final[Mapping[str, str]] = {
    "BasicLatin": r"\x{0}-\x{7F}",
    "Latin-1Supplement": r"\x{80}-\x{FF}",
    "LatinExtended-A": r"\x{100}-\x{17F}",
    "LatinExtended-B": r"\x{180}-\x{24F}",
    "Greek": r"\x{370}-\x{3FF}",
    "Cyrillic": r"\x{400}-\x{4FF}",
    "Hebrew": r"\x{590}-\x{5FF}",
    "Arabic": r"\x{600}-\x{6FF}",
    "Devanagari": r"\x{900}-\x{97F}",
    "Thai": r"\x{E00}-\x{E7F}",
    "GeneralPunctuation": r"\x{2000}-\x{206F}",
    "CurrencySymbols": r"\x{20A0}-\x{20CF}",
    "LetterlikeSymbols": r"\x{2100}-\x{214F}",
    "Hiragana": r"\x{3040}-\x{309F}",
    "Katakana": r"\x{30A0}-\x{30FF}",
    "CJKUnifiedIdeographs": r"\x{4E00}-\x{9FFF}",
    "HangulSyllables": r"\x{AC00}-\x{D7A3}",
}
_PLAIN = r"(?:[^\\\[\]^-]|\\[\\|.^?*+{}()\[\]-])"
_CLASS = rf"\[(\^?)((?:{_PLAIN}(?:-{_PLAIN})?)+)"
_SUBTRACTION = re.compile(rf"{_CLASS}-{_CLASS}\]\]")
_ITEM = re.compile(rf"({_PLAIN})(?:-({_PLAIN}))?")
_LAST: Final = 0x10FFFF

Spans = list[tuple[int, int]]


def subtracted(pattern: str, position: int) -> tuple[str, int] | None:
    """Return the class with another taken out that starts at *position*, as RE2 reads it, and where it ends.

    None where there is none, or its parts are other than characters and spans of them.
    """
    match = _SUBTRACTION.match(pattern, position)
    if not match:
        return None
    kept = _without(_spans(match[1], match[2]), _spans(match[3], match[4]))
    inside = "".join(f"\\x{{{low:X}}}-\\x{{{high:X}}}" for low, high in kept)
    return (f"[{inside}]" if inside else r"[^\x{0}-\x{10FFFF}]"), match.end()


def _spans(negation: str, items: str) -> Spans:
    """Return the code points of a class, as spans from low to high."""
    spans = []
    for item in _ITEM.finditer(items):
        low = ord(item[1][-1])
        spans.append((low, ord(item[2][-1]) if item[2] else low))
    return _without([(0, _LAST)], spans) if negation else spans


def _without(spans: Spans, taken: Spans) -> Spans:
    """Return *spans* without the code points of *taken*."""
    for low, high in taken:
        spans = [
            piece
            for start, end in spans
            for piece in ((start, min(end, low - 1)), (max(start, high + 1), end))
            if piece[0] <= piece[1]
        ]
    return spans


#: The longest pattern that is compiled, and the memory its program may take.
MAX_PATTERN: Final = 2_000
_MEMORY: Final = 4 << 20
_BLOCK = re.compile(r"\\p\{Is([A-Za-z0-9-]+)\}")
_SPECIAL_GROUP = re.compile(r"\(\?(?!:)")
_FLAGS: Final = {"s": "s", "m": "m", "i": "i"}
#: What `.` takes without the flag s: RE2 leaves out line feeds alone.
_ANY_BUT_LINES: Final = r"[^\n\r]"
#: XML's name characters, for \i and \c.
_NAME_START = r"_:\p{L}"
_NAME_PART = r"-._:\p{L}\p{N}\p{M}"


#: {letter of an escape: (inside a class, alone)}
_CLASSES: Final = {
    "d": (r"\p{Nd}", r"\p{Nd}"),
    "D": (r"\P{Nd}", r"\P{Nd}"),
    "w": (r"\p{L}\p{N}\p{M}\p{S}", r"[\p{L}\p{N}\p{M}\p{S}]"),
    "W": (r"\p{P}\p{Z}\p{C}", r"[\p{P}\p{Z}\p{C}]"),
}


@lru_cache(maxsize=256)
def compiled_pattern(pattern: str, flags: str, older: bool = False) -> Value:
    """Return the compiled *pattern*, or None where it or its *flags* (letters of s, m, i, x, q) are not valid.

    *older*: as before the first edition of the language, when `.` took a carriage return.
    """
    if len(pattern) > MAX_PATTERN or set(flags) - set("smixq"):
        return None
    options = re2.Options()
    options.max_mem = _MEMORY
    options.log_errors = False
    inline = "".join(sorted(_FLAGS[flag] for flag in set(flags) if flag in _FLAGS))
    if "q" in flags:
        source: str | None = re.escape(pattern)
    else:
        source = _translated(pattern, "x" in flags, "." if older or "s" in flags else _ANY_BUT_LINES)
    if source is None:
        return None
    try:
        return re2.compile(f"(?{inline}){source}" if inline else source, options=options)
    except re2.error:
        return None


def _translated(pattern: str, free_spacing: bool, dot: str) -> str | None:
    """Return the XPath pattern as RE2 reads it, or None where XPath refuses it or RE2 has no such thing.

    *dot*: what `.` is.
    """
    if free_spacing:
        pattern = _without_spaces(pattern)
    translated: list[str] = []
    position, in_class = 0, False
    while position < len(pattern):
        character = pattern[position]
        if character == "\\":
            block = _BLOCK.match(pattern, position)
            if block:
                if block[1] not in BLOCKS:
                    return None
                translated.append(BLOCKS[block[1]] if in_class else f"[{BLOCKS[block[1]]}]")
                position = block.end()
                continue
            escape = _escape(pattern[position + 1 : position + 2], in_class)
            if escape is None:
                return None
            translated.append(escape)
            position += 2
            continue
        if character == "[":
            if in_class:
                return None
            difference = subtracted(pattern, position)
            if difference is not None:
                translated.append(difference[0])
                position = difference[1]
                continue
            in_class = True
        elif character == "]":
            in_class = False
        elif not in_class and _SPECIAL_GROUP.match(pattern, position):
            return None
        translated.append(dot if character == "." and not in_class else character)
        position += 1
    return "".join(translated)


def _without_spaces(pattern: str) -> str:
    """Return *pattern* without white space, as the flag x asks, except inside classes."""
    kept: list[str] = []
    in_class = False
    for place, character in enumerate(pattern):
        escaped = place > 0 and pattern[place - 1] == "\\"
        if character in "[]" and not escaped:
            in_class = character == "["
        if in_class or not character.isspace():
            kept.append(character)
    return "".join(kept)


def _escape(letter: str, in_class: bool) -> str | None:
    """Return the escape `\\letter` as RE2 reads it."""
    if letter in ("i", "c"):
        inner = _NAME_START if letter == "i" else _NAME_PART
        return inner if in_class else f"[{inner}]"
    if letter in ("I", "C"):
        return None if in_class else f"[^{_NAME_START if letter == 'I' else _NAME_PART}]"
    if letter in _CLASSES:
        inner, alone = _CLASSES[letter]
        return inner if in_class else alone
    if letter in "sSpPnrt" or letter in "\\|.-^?*+{}()[]$":
        return "\\" + letter if letter else None
    return None


def replacement_parts(replacement: str, groups: int) -> list[str | int] | None:
    """Return *replacement* as texts and numbers of groups, or None where it is not valid.

    `$1` is a group; `\\$` and `\\\\` are characters.
    """
    parts: list[str | int] = []
    position = 0
    while position < len(replacement):
        character = replacement[position]
        following = replacement[position + 1 : position + 2]
        if character == "\\":
            if following not in ("\\", "$") or not following:
                return None
            parts.append(following)
            position += 2
        elif character == "$":
            if not following.isdigit():
                return None
            position += 1
            number = int(replacement[position])
            position += 1
            while (
                position < len(replacement)
                and replacement[position].isdigit()
                and number * 10 + int(replacement[position]) <= groups
            ):
                number = number * 10 + int(replacement[position])
                position += 1
            parts.append(number)
        else:
            parts.append(character)
            position += 1
    return parts


def expanded(parts: list[str | int], found: Value) -> str:
    """Return the replacement for one match; a group that took no part is empty."""
    groups = len(found.groups())
    return "".join(
        part if isinstance(part, str) else (found.group(part) or "") if part <= groups else "" for part in parts
    )
