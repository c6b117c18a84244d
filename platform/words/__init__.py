"""The texts of the product in its languages: `say(language, id, **params)`.

The catalogs are `<language>.po` beside this file, read once. A message has a dotted id (``refusal.stale``) and
parameters in braces. This package imports nothing else of the platform; whoever has a refusal, a fault or a label to
show calls it last.
"""

from __future__ import annotations

from blankett.words.catalogs import LANGUAGES, MessageCatalog, all_catalogs, find_language
from blankett.words.past_tense import past_tense
from blankett.words.values import LOCALES, locale_of, put_value

__all__ = [
    "LANGUAGES",
    "LOCALES",
    "all_catalogs",
    "find_language",
    "has_message",
    "locale_of",
    "past_tense",
    "put_value",
    "say",
]


def say(language: str, id: str, /, **params: object) -> str:
    """Return the message *id* in *language* with *params* put in; English where the language lacks it.

    ``count`` among the params chooses between singular and plural. An id that no catalog has comes back as itself, so
    that a missing text never hides a refusal behind an error page.
    """
    catalogs = all_catalogs()
    catalog = catalogs.get(language)
    message = catalog.find(id) if catalog else None
    if message is None:
        language, message = "en", catalogs["en"].find(id)
    if message is None:
        return id
    pieces = message.pieces(params.get("count"))
    if len(pieces) == 1 and isinstance(pieces[0], str):
        return pieces[0]
    return "".join(piece if isinstance(piece, str) else put_value(language, params.get(piece.name)) for piece in pieces)


def has_message(id: str) -> bool:
    """Tell whether the English catalog has *id*."""
    return _english().find(id) is not None


def _english() -> MessageCatalog:
    return all_catalogs()["en"]
