"""The texts of the product in its languages: `say(reader, id, **params)`.

The catalogs are `<language>.po` beside this file, read once. A message has a dotted id (``refusal.stale``) and
parameters in braces, which are put in as the reader writes numbers and days. It is the edge: the web, the command line
and messages call it last, with the ids and parameters that the engine gave.
"""

from __future__ import annotations

from blankett.engine.fields.reader import Reader
from blankett.words.catalogs import LANGUAGES, MessageCatalog, all_catalogs, find_language
from blankett.words.past_tense import past_tense
from blankett.words.values import put_value

__all__ = [
    "LANGUAGES",
    "all_catalogs",
    "find_language",
    "has_message",
    "past_tense",
    "put_value",
    "say",
]


def say(reader: Reader | str, id: str, /, **params: object) -> str:
    """Return the message *id* in the reader's language, with *params* as they write them; English where the language
    lacks it. A language alone stands for a reader who has its ways.

    ``count`` among the params chooses between singular and plural. An id that no catalog has comes back as itself, so
    that a missing text never hides a refusal behind an error page.
    """
    catalogs = all_catalogs()
    catalog = catalogs.get(reader if isinstance(reader, str) else reader.language)
    message = catalog.find(id) if catalog else None
    if message is None:
        reader, message = "en", catalogs["en"].find(id)
    if message is None:
        return id
    pieces = message.pieces(params.get("count"))
    if len(pieces) == 1 and isinstance(pieces[0], str):
        return pieces[0]
    return "".join(piece if isinstance(piece, str) else put_value(reader, params.get(piece.name)) for piece in pieces)


def has_message(id: str) -> bool:
    """Tell whether the English catalog has *id*."""
    return _english().find(id) is not None


def _english() -> MessageCatalog:
    return all_catalogs()["en"]
