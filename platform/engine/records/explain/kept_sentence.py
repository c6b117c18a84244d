"""Sentences of the product as they are kept in a notice, to be said in the language of whoever reads it."""

from __future__ import annotations

import json
from typing import Any

from blankett.engine.language.model import Words
from blankett.engine.records.explain.filled_text import KEPT
from blankett.engine.sentences import Sentence

_BEGINS = KEPT + '{"message":'


def keep_sentence(told: Sentence) -> str:
    """Return a sentence as a notice keeps it. Parameters: texts, numbers, an author's words, sentences, or several."""
    return KEPT + json.dumps(_written(told), ensure_ascii=False, separators=(",", ":"))


def kept_sentence(text: str) -> Sentence | None:
    """Return what `keep_sentence` wrote; None for other texts."""
    if not text.startswith(_BEGINS):
        return None
    found = _read(json.loads(text.removeprefix(KEPT)))
    return found if isinstance(found, Sentence) else None


def _written(value: object) -> Any:
    match value:
        case Sentence():
            return {"message": value.message, "params": {key: _written(each) for key, each in value.params.items()}}
        case Words():
            return {"words": dict(value.by_language)}
        case tuple() | list():
            return [_written(each) for each in value]
        case str() | int() | None:
            return value
        case _:
            raise TypeError(f"a {type(value).__name__} is not kept in a notice")


def _read(raw: Any) -> object:
    match raw:
        case {"message": str(message), "params": dict(params)}:
            return Sentence(message, {key: _read(each) for key, each in params.items()})
        case {"words": dict(words)}:
            return Words(words)
        case list():
            return tuple(_read(each) for each in raw)
        case _:
            return raw
