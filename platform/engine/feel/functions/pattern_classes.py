"""Classes of characters that XPath has and RE2 has not: `[a-z-[aeiou]]`, and blocks such as `\\p{IsGreek}`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

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
