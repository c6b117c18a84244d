"""An author's text with the values it shows: pieces and values, written for whoever reads it when they read it.

What somebody may not see is left out when the text is filled, so that it can be kept, and read later.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from blankett.engine.fields.reader import NOTHING, AmountValue, FieldValue, PlainValue, Reader, SentenceValue
from blankett.engine.language.model import Form
from blankett.engine.trace.traced_condition import value_from, whole

#: Stands for an empty value while a text is put together; no stored text has this character.
MISSING = "\0"
#: Empty values at the end of a text, with the blanks and marks before them.
LEADS_TO_NOTHING = re.compile(rf"(?:[\s:：,，、;；–—-]*{MISSING})+(?=[.。!！]?\s*\Z)")
LONGEST_TEXT = 2_000

#: Begins a kept text with values, as it does in sequences of JSON (RFC 7464); no text of a person has this character.
KEPT = "\x1e"

#: Words, or a value.
Piece = str | SentenceValue


@dataclass(frozen=True)
class FilledText(SentenceValue):
    """A text that says something of a record as it was when it was filled."""

    #: Language → what it says, in order; the author's own language first.
    pieces: Mapping[str, tuple[Piece, ...]]
    #: Stands for an empty value. At the end of the text it is left out, with what leads to it: "Sent back: {reason}"
    #: says "Sent back".
    empty: str = NOTHING

    def shown_to(self, reader: Reader) -> str:
        """Return it in the reader's language, or the author's; at most 2,000 characters."""
        pieces = self.pieces.get(reader.language)
        if pieces is None:
            pieces = next(iter(self.pieces.values()), ())
        said = "".join(piece if isinstance(piece, str) else piece.shown_to(reader) for piece in pieces)
        return fill_gaps(said, self.empty)[:LONGEST_TEXT]

    def to_text(self, form: str, version: int) -> str:
        """Return it as it is kept. *form*: the full name of the form whose fields it shows, as *version* has it."""
        pieces = {language: [_written(piece) for piece in pieces] for language, pieces in self.pieces.items()}
        kept = {"form": form, "version": version, "empty": self.empty, "pieces": pieces}
        return KEPT + json.dumps(kept, ensure_ascii=False, separators=(",", ":"))


def fill_gaps(text: str, empty: str) -> str:
    """Return *text* with *empty* for each `MISSING`; those at its end are left out."""
    return LEADS_TO_NOTHING.sub("", text).replace(MISSING, empty)


# Kept -----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class KeptText:
    """A filled text as it was kept, with what is needed to read it."""

    #: The full name of the form and the version whose fields it shows.
    form: str
    version: int
    raw: Mapping[str, Any]

    def filled(self, form: Form | None) -> FilledText:
        """Return it for *form*, that of its version; where that is gone values are shown by what they are."""
        pieces = {
            str(language): tuple(_read(piece, form) for piece in pieces)
            for language, pieces in self.raw["pieces"].items()
        }
        return FilledText(pieces, str(self.raw["empty"]))


def kept_text(text: str) -> KeptText | None:
    """Return what `FilledText.to_text` wrote; None for plain words."""
    if not text.startswith(KEPT):
        return None
    raw = json.loads(text.removeprefix(KEPT))
    return KeptText(str(raw["form"]), int(raw["version"]), raw)


def _written(piece: Piece) -> Any:
    match piece:
        case FieldValue():
            return {"field": ".".join(piece.field.path), "value": whole(piece.value), "currency": piece.currency}
        case AmountValue():
            return {"value": whole(piece.value), "currency": piece.currency}
        case PlainValue():
            return {"value": whole(piece.value)}
        case str():
            return piece
        case _:
            raise TypeError(f"a {type(piece).__name__} is no value of an author's text")


def _read(raw: Any, form: Form | None) -> Piece:
    if isinstance(raw, str):
        return raw
    value, currency = value_from(raw["value"]), raw.get("currency")
    field = form.find(tuple(raw["field"].split("."))) if form is not None and "field" in raw else None
    if field is not None:
        return FieldValue(field, value, currency, MISSING)
    return AmountValue(value, currency) if currency is not None else PlainValue(value, MISSING)
