"""Reading the catalogs: PO files whose msgid is a message id, with pieces split out once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from io import BytesIO
from string import Formatter

from babel.messages.pofile import read_po

#: Language → its own name, as the language menu shows it.
LANGUAGES: Mapping[str, str] = {"en": "English", "zh": "中文"}


@dataclass(frozen=True, slots=True)
class Slot:
    """Where a parameter goes."""

    name: str


Pieces = tuple[str | Slot, ...]


@dataclass(frozen=True, slots=True)
class Message:
    """One text; *plural* is None when the language, or the message, has one form for all numbers."""

    single: Pieces
    plural: Pieces | None = None

    def pieces(self, count: object) -> Pieces:
        """Return the form for *count*. The languages of the product differ between one and all other numbers."""
        return self.single if self.plural is None or count == 1 else self.plural


class MessageCatalog:
    """The messages of one language."""

    def __init__(self, language: str, messages: Mapping[str, Message]) -> None:
        self.language = language
        self._messages = messages

    def find(self, id: str) -> Message | None:
        """Return the message *id*, or None."""
        return self._messages.get(id)

    def ids(self) -> frozenset[str]:
        """Return the ids of all messages."""
        return frozenset(self._messages)


@lru_cache(maxsize=1)
def all_catalogs() -> Mapping[str, MessageCatalog]:
    """Return every catalog by language. Reads the files at the first call."""
    return {language: read_catalog(language) for language in LANGUAGES}


def read_catalog(language: str) -> MessageCatalog:
    """Return the catalog of *language*; raise for a file that is not well formed. Untranslated ones are left out."""
    source = files("blankett.words").joinpath(f"{language}.po").read_bytes()
    found = read_po(BytesIO(source), locale=language, abort_invalid=True)
    messages = {}
    for entry in found:
        id = entry.id[0] if isinstance(entry.id, (tuple, list)) else entry.id
        texts = entry.string if isinstance(entry.string, (tuple, list)) else (entry.string,)
        if id and all(texts):
            forms = [split(str(text)) for text in texts]
            messages[str(id)] = Message(forms[0], forms[1] if len(forms) > 1 else None)
    return MessageCatalog(language, messages)


def split(text: str) -> Pieces:
    """Return the pieces of ``"{count} of {limit}"``; ``{{`` is a brace."""
    pieces: list[str | Slot] = []
    for words, name, _, _ in Formatter().parse(text):
        if words:
            pieces.append(words)
        if name is not None:
            pieces.append(Slot(name))
    return tuple(pieces) or ("",)


def find_language(wanted: str | None) -> str | None:
    """Return the language of the product that *wanted* (``zh-CN``, ``en_GB``) names, or None."""
    key = (wanted or "").replace("_", "-").split("-")[0].lower()
    return key if key in LANGUAGES else None
