"""What the engine says: message ids with parameters, in any depth. `blankett.words` puts them into words, at the edge.

A parameter is a text, a plain value or a `SentenceValue`, the author's words in all languages, a sentence, or several
of these. Whether somebody may read it is decided when the sentence is made.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Sentence:
    """A message of the product."""

    message: str
    params: Mapping[str, object] = field(default_factory=dict)


#: Words that are the same for every reader of a page, or a sentence.
Told = str | Sentence


@dataclass(frozen=True)
class Joined:
    """Several things said one after the other: the steps of a path, the ways of a choice."""

    parts: tuple[object, ...]
    between: str | Sentence = ""


def sentence(message: str, /, **params: object) -> Sentence:
    """Return a message with its parameters."""
    return Sentence(message, params)
