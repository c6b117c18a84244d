"""The texts of the product in its languages: `say(reader, id, **params)`.

The catalogs are `<language>.po` beside this file, read once. A message has a dotted id (``refusal.stale``) and
parameters in braces, which are put in as the reader writes numbers and days. It is the edge: the web, the command line
and messages call it last, with the ids and parameters that the engine gave.
"""

from __future__ import annotations

from blankett.words.catalogs import LANGUAGES, MessageCatalog, all_catalogs, find_language
from blankett.words.past_tense import past_tense
from blankett.words.values import put_value, say

__all__ = [
    "LANGUAGES",
    "all_catalogs",
    "find_language",
    "has_message",
    "past_tense",
    "put_value",
    "say",
]


def has_message(id: str) -> bool:
    """Tell whether the English catalog has *id*."""
    return _english().find(id) is not None


def _english() -> MessageCatalog:
    return all_catalogs()["en"]
