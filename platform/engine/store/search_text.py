"""The text a record is found by: its number and title, folded, so that `müller` finds Müller and `MÜLLER`."""

from __future__ import annotations

import unicodedata

#: Between the number and the title, and never in either.
GAP = "\x1f"
#: Longest search text kept, in characters.
LONGEST = 400


def fold(text: str) -> str:
    """Return *text* without case, with full-width letters and digits as the ordinary ones, and single spaces."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def search_text(number: str | None, title: str) -> str:
    """Return what the search looks through for a record."""
    return f"{fold(number or '')}{GAP}{fold(title)}"[:LONGEST]


def containing(text: str) -> str:
    """Return the LIKE pattern of texts that contain *text*, with ``\\`` as its escape character."""
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def is_keepable(text: str) -> bool:
    """Tell whether both databases take *text*: no NUL, no half of a surrogate pair."""
    if text.isascii():
        return "\0" not in text
    return "\0" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)
