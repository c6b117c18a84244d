"""The texts of the product in its languages: `say(reader, id, **params)`.

The catalogs are `<language>.po` beside this file, read once. A message has a dotted id (``refusal.stale``) and
parameters in braces, which are put in as the reader writes numbers and days. It is the edge: the web, the command line
and messages call it last, with the ids and parameters that the engine gave.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from blankett.engine.fields.reader import Reader, SentenceValue, shown
from blankett.engine.language.model import Words
from blankett.engine.sentences import Joined, Sentence
from blankett.words.catalogs import LANGUAGES, Message, all_catalogs, find_language
from blankett.words.past_tense import say_done

__all__ = [
    "LANGUAGES",
    "all_catalogs",
    "find_language",
    "put_value",
    "say",
    "say_done",
    "say_each",
]

#: Languages whose words have a blank between them whatever they begin and end with.
_SPACED: Final = frozenset({"en"})
#: A Chinese character, or a sign of Chinese texts.
_CHINESE: Final = re.compile("[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef“”]")


def put_value(reader: Reader | str, value: object) -> str:
    """Return *value* as a sentence shows it to *reader*; a language alone stands for a reader who has its ways."""
    if isinstance(value, str):
        return value
    if isinstance(reader, str):
        reader = Reader.of_language(reader)
    if value is None:
        return reader.nothing
    if isinstance(value, SentenceValue):
        return value.shown_to(reader)
    if isinstance(value, Sentence):
        return say(reader, value.message, **value.params)
    if isinstance(value, Joined):
        return put_value(reader, value.between).join(put_value(reader, part) for part in value.parts)
    if isinstance(value, Words):
        return value.say(reader.language)
    if isinstance(value, (tuple, list)):
        return reader.between.join(put_value(reader, item) for item in value)
    return shown(value, reader, reader.nothing)


def say(reader: Reader | str, id: str, /, **params: object) -> str:
    """Return the message *id* in the reader's language, with *params* as they write them; English where the language
    lacks it. A language alone stands for a reader who has its ways.

    ``count`` among the params chooses between singular and plural. An id that no catalog has comes back as itself, so
    that a missing text never hides a refusal behind an error page.
    """
    language = reader if isinstance(reader, str) else reader.language
    message = _find(language, id)
    if message is None:
        reader, message = "en", _find("en", id)
    if message is None:
        return id
    pieces = message.pieces(params.get("count"))
    if len(pieces) == 1 and isinstance(pieces[0], str):
        return pieces[0]
    texts = [piece if isinstance(piece, str) else put_value(reader, params.get(piece.name)) for piece in pieces]
    return _joiner(language)(texts)


def say_each(language: str, id: str, /, **columns: Sequence[str]) -> list[str]:
    """Return the message *id*, one without ``count``, for each row of a table: *columns* are its params, row by row."""
    message = _find(language, id) or _find("en", id)
    rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    if message is None:
        return [id] * len(rows)
    join, pieces = _joiner(language), message.single
    return [join([piece if isinstance(piece, str) else row[piece.name] for piece in pieces]) for row in rows]


def _find(language: str, id: str) -> Message | None:
    catalog = all_catalogs().get(language)
    return catalog.find(id) if catalog else None


def _joiner(language: str) -> Callable[[Iterable[str]], str]:
    """Return what puts the texts of a sentence one after the other."""
    return "".join if language in _SPACED else close_up


def close_up(texts: Iterable[str]) -> str:
    """Return *texts* one after the other without the blank that would stand between two Chinese characters where one
    ends and the next begins; a blank beside a number or a Latin word stays, and so do those inside of a text.
    """
    said = ""
    for text in texts:
        if said.endswith(" ") and _CHINESE.match(said, len(said) - 2) and _CHINESE.match(text):
            said = said[:-1]
        elif text.startswith(" ") and _CHINESE.match(text, 1) and said and _CHINESE.match(said, len(said) - 1):
            text = text[1:]
        said += text
    return said
