"""The text a record is found by: its number, its title and the short texts lists keep of it, folded, so that `muller`
finds Müller, and PT-2000 is found by whatever dash a phone makes of it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from functools import lru_cache

#: Behind the number and behind the title, and never in either.
GAP = "\x1f"
#: Between the texts behind the title, and never in any.
BETWEEN = "\x1e"
#: At the end where not all of them found room.
CUT = "\x1d"
#: Most bytes kept of the texts behind the title: with number and title they fit an entry of PostgreSQL's indexes.
LONGEST_WORDS = 1_200
#: Longest number and title kept, in characters.
LONGEST_NUMBER, LONGEST_TITLE = 80, 200

#: Letters that are no accented ones and that few keyboards have.
LETTERS = {"ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ħ": "h", "ı": "i", "ŋ": "n"}
DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u00ad\ufe58\ufe63\u30fb"
QUOTES = "\u2018\u2019\u201a\u201b\u2032\u02bc\u02b9\u0060\u00b4\u05f3"
DOUBLE_QUOTES = "\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb\u3003"
UNSEEN = "\u200b\u200c\u200d\u2060\ufeff"
_ALIKE = str.maketrans(
    {**LETTERS, **dict.fromkeys(DASHES, "-"), **dict.fromkeys(QUOTES, "'"), **dict.fromkeys(DOUBLE_QUOTES, '"'),
     **dict.fromkeys(UNSEEN, "")}
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


def fold_as_before(text: str) -> str:
    """Return *text* as it was looked for before accents and marks were folded: rows not written since have it so."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def search_text(number: str | None, title: str, words: Iterable[str] = ()) -> str:
    """Return what the search looks through for a record."""
    head = search_head(number, title)
    behind = BETWEEN.join(filter(None, map(fold, words)))
    kept = behind.encode("utf-8", "replace")
    if len(kept) > LONGEST_WORDS:
        behind = kept[:LONGEST_WORDS].decode("utf-8", "ignore") + CUT
    return head + behind


def search_head(number: str | None, title: str) -> str:
    """Return the part that everybody who may choose the record may find it by."""
    return f"{fold(number or '')[:LONGEST_NUMBER]}{GAP}{fold(title)[:LONGEST_TITLE]}{GAP}"


def containing(text: str) -> str:
    """Return the LIKE pattern of texts that contain *text*, with ``\\`` as its escape character."""
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def is_keepable(text: str) -> bool:
    """Tell whether both databases take *text*: no NUL, no half of a surrogate pair."""
    if text.isascii():
        return "\0" not in text
    return "\0" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)
