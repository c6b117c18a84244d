"""The text a record is found by, and what an index of it holds: its number, its title and the short texts lists keep of
it, folded, so that `muller` finds Müller, and PT-2000 is found by whatever dash a phone makes of it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from functools import lru_cache
from zlib import crc32

from blankett.engine.fields.base import UNSEEN
from blankett.engine.store import tables

#: Before the number, and before the texts of fields: what stands between them everybody may search who may choose the
#: record. Never in a text.
HEAD = "\x1e"
#: Behind each text, and never in any.
GAP = "\x1f"
#: Slot → the mark before its text, which nobody can look for.
MARKS_OF_SLOTS: Mapping[str, str] = {slot: chr(0xE000 + place) for place, slot in enumerate(tables.TEXT_SLOTS)}

#: Letters that are no accented ones and that few keyboards have.
LETTERS = {"ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ħ": "h", "ı": "i", "ŋ": "n"}
DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u00ad\ufe58\ufe63\u30fb"
QUOTES = "\u2018\u2019\u201a\u201b\u2032\u02bc\u02b9\u0060\u00b4\u05f3"
DOUBLE_QUOTES = "\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb\u3003"
_ALIKE = str.maketrans(
    {**LETTERS, **dict.fromkeys(DASHES, "-"), **dict.fromkeys(QUOTES, "'"), **dict.fromkeys(DOUBLE_QUOTES, '"'),
     **dict.fromkeys(UNSEEN, ""), **dict.fromkeys(MARKS_OF_SLOTS.values(), "")}
)  # fmt: skip


@lru_cache(maxsize=4096)
def fold(text: str) -> str:
    """Return *text* as it is looked for: without case and accents, full-width letters and digits as the ordinary ones,
    dashes and quotation marks as a keyboard has them, single spaces.
    """
    if text.isascii():
        return " ".join(text.casefold().split())
    # Marks that stand for themselves before they are taken apart: NFKD makes a space and a mark of an acute accent.
    plain = unicodedata.normalize("NFKD", text.translate(_ALIKE).casefold())
    letters = "".join(letter for letter in plain if not _is_accent(letter))
    return " ".join(unicodedata.normalize("NFC", letters).translate(_ALIKE).split())


def _is_accent(letter: str) -> bool:
    """Tell whether a mark stands over or under a Latin, Greek or Cyrillic letter; others make another letter of it."""
    return "\u0300" <= letter <= "\u036f"


def search_text(number: str | None, title: str, texts: Mapping[str, str]) -> str:
    """Return what the search looks through for a record. *texts*: slot → the words in it."""
    fields = (f"{MARKS_OF_SLOTS[slot]}{fold(texts[slot])}{GAP}" for slot in sorted(texts))
    return f"{HEAD}{fold(number or '')}{GAP}{fold(title)}{GAP}{HEAD}{''.join(fields)}"


def is_keepable(text: str) -> bool:
    """Tell whether both databases take *text*: no NUL, no half of a surrogate pair."""
    if text.isascii():
        return "\0" not in text
    return "\0" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)


# Tokens ---------------------------------------------------------------------------------------------------------------

#: Characters of a token: single ones, for scripts with words of one; pairs; and longer runs, which few records have.
LONGEST_RUN = 4
#: What stands for number and title where a field has its slot's letter.
HEAD_LETTER = "0"
LETTERS_OF_SLOTS: Mapping[str, str] = {slot: chr(ord("a") + place) for place, slot in enumerate(tables.TEXT_SLOTS)}
_SLOTS_BY_MARK = {mark: slot for slot, mark in MARKS_OF_SLOTS.items()}
#: ASCII that an index takes for the end of a word → what it takes for a letter.
_AS_LETTERS = {place: 0x100 + place for place in range(128) if not chr(place).isalnum()}
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


@lru_cache(maxsize=4096)
def scope_of(organisation: str, form: str) -> str:
    """Return what the tokens of a form's records begin with. Two forms may share one: a hit is confirmed on its row."""
    number = crc32(f"{organisation} {form}".encode())
    return "".join(_DIGITS[number // len(_DIGITS) ** place % len(_DIGITS)] for place in range(3))


def tokens_of(scope: str, text: str) -> list[str]:
    """Return the tokens of a record with the search *text*: scope, the field's letter, a run of one to four characters
    of a word.
    """
    found = {
        f"{scope}{letter}{run}"
        for letter, part in _parts(text)
        for word in part.translate(_AS_SPACE).split()
        for run in _runs(word.translate(_AS_LETTERS))
    }
    return sorted(found)


_AS_SPACE = str.maketrans({HEAD: " ", GAP: " "})


def _parts(text: str) -> Iterator[tuple[str, str]]:
    """Yield (letter, text) of number and title together and of each field."""
    _, head, fields = text.split(HEAD, 2)
    yield HEAD_LETTER, head
    for part in fields.split(GAP)[:-1]:
        yield LETTERS_OF_SLOTS[_SLOTS_BY_MARK[part[0]]], part[1:]


def _runs(word: str) -> list[str]:
    return [word[at : at + length] for length in range(1, LONGEST_RUN + 1) for at in range(len(word) - length + 1)]


def runs_to_find(word: str) -> list[str]:
    """Return the runs that a folded *word* must have, those first that fewest records have: ends tell more."""
    letters = word.translate(_AS_LETTERS)
    if len(letters) <= LONGEST_RUN:
        return [letters]
    runs = [letters[start : start + LONGEST_RUN] for start in range(len(letters) - LONGEST_RUN + 1)]
    return list(dict.fromkeys([runs[-1], runs[0], *runs]))
