"""An author's text with the values it shows: pieces and values, written for whoever reads it when they read it.

What somebody may not see is left out when the text is filled, so that it can be kept, and read later. The title of a
record is such a text, in the blueprint's own language.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from blankett.engine.feel.members import read_member
from blankett.engine.feel.types import Number, Type
from blankett.engine.feel.values import Reference
from blankett.engine.fields.reader import NOTHING, AmountValue, FieldValue, PlainValue, Reader, SentenceValue
from blankett.engine.language.model import Field, Form, Formula, Template, Words
from blankett.engine.records.evaluation_context import LineScope, Situation
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
        return self.written(reader)

    def written(self, reader: Reader, write: Callable[[str], str] = str, most: int = LONGEST_TEXT) -> str:
        """Return the same with each value as *write* puts it into the author's words; at most *most* characters."""
        pieces = self.pieces.get(reader.language)
        if pieces is None:
            pieces = next(iter(self.pieces.values()), ())
        said = "".join(piece if isinstance(piece, str) else write(piece.shown_to(reader)) for piece in pieces)
        return fill_gaps(said, self.empty)[:most]

    def to_text(self, form: str, version: int) -> str:
        """Return it as it is kept. *form*: the full name of the form whose fields it shows, as *version* has it."""
        pieces = {language: [_written(piece) for piece in pieces] for language, pieces in self.pieces.items()}
        kept = {"form": form, "version": version, "empty": self.empty, "pieces": pieces}
        return KEPT + json.dumps(kept, ensure_ascii=False, separators=(",", ":"))


def fill_gaps(text: str, empty: str) -> str:
    """Return *text* with *empty* for each `MISSING`; those at its end are left out."""
    return LEADS_TO_NOTHING.sub("", text).replace(MISSING, empty)


# Filling --------------------------------------------------------------------------------------------------------------

#: Stands for a value the reader may not see.
HIDDEN = "(hidden)"

LONGEST_TITLE = 200

#: Tells whether the reader may see the value at a path of names: ("customer", "credit_limit").
MayRead = Callable[[tuple[str, ...]], bool]


def everything(_: tuple[str, ...]) -> bool:
    """Let the reader see every value."""
    return True


def fill_text(
    template: Template,
    situation: Situation,
    may_read: MayRead = everything,
    line: LineScope | None = None,
    empty: str = NOTHING,
    names: Mapping[str, Any] | None = None,
) -> FilledText:
    """Return *template* filled for the record as *situation* has it, without what *may_read* closes."""
    return _filled(template.pieces, situation, may_read, line, empty, names)


def _filled(
    pieces: Mapping[str, tuple[str | Formula, ...]],
    situation: Situation,
    may_read: MayRead,
    line: LineScope | None,
    empty: str,
    names: Mapping[str, Any] | None,
) -> FilledText:
    known: dict[str, Piece] = {}  # most languages show the same values

    def value(formula: Formula) -> Piece:
        if formula.text not in known:
            known[formula.text] = _value(formula, situation, may_read, line, names)
        return known[formula.text]

    filled = {
        language: tuple([piece if isinstance(piece, str) else value(piece) for piece in parts])
        for language, parts in pieces.items()
    }
    return FilledText(filled, empty)


def say_words(
    words: Words,
    situation: Situation,
    reader: Reader,
    may_read: MayRead = everything,
    names: Mapping[str, Any] | None = None,
) -> str:
    """Return *words*, which stand beside the record, for *reader*, with what its formulas give.

    *names* are the record's as the version knows them that the words are from, where that is another one.
    """
    if not words.pieces:
        return words.say(reader.language)
    spoken = reader.language if reader.language in words.by_language else next(iter(words.by_language))
    pieces = words.pieces.get(spoken)
    if pieces is None:
        return words.say(reader.language)
    said = (
        piece if isinstance(piece, str) else _shown_value(_value(piece, situation, may_read, None, names), reader)
        for piece in pieces
    )
    return "".join(said)[:LONGEST_TEXT].replace(MISSING, NOTHING)


def _shown_value(piece: Piece, reader: Reader) -> str:
    return piece if isinstance(piece, str) else piece.shown_to(reader)


def _value(
    formula: Formula,
    situation: Situation,
    may_read: MayRead,
    line: LineScope | None,
    names: Mapping[str, Any] | None,
) -> Piece:
    """Return what a formula of a text gives, or that the reader may not see it."""
    if not all(may_read(path) for path in formula.reads) or _reads_all_facts(formula):
        return HIDDEN
    known = situation.names_for(formula, line) if names is None else names
    value = formula.compiled.evaluate(known, situation.moment)
    if isinstance(value, Reference):
        person = None if value.title else situation.linked.person(value.id)  # looked up when it is shown
        return PlainValue(value.title or (person.name if person else ""), MISSING)
    field = _field_named(formula.text.strip(), situation, line)
    if field is not None:
        return FieldValue(field, value, situation.currency_at(field, line), MISSING)
    if isinstance(value, Decimal) and (code := _currency_of(formula.compiled.type, known, may_read)):
        return AmountValue(value, code)
    return PlainValue(_said(value), MISSING)


def _said(value: Any) -> Any:
    """Return a value of a formula with the titles of records and people in place of their ids."""
    if isinstance(value, list):
        return [_said(item) for item in value]
    return value.title if isinstance(value, Reference) else value


def _reads_all_facts(formula: Formula) -> bool:
    """Tell whether a text shows `facts` as a whole, which nobody can be told to be allowed."""
    return {path for path in formula.reads if path[0] == "facts"} == {("facts",)}


def _currency_of(given: Type, names: Mapping[str, Any], may_read: MayRead) -> str | None:
    """Return the code of an amount's currency: of a known one, or what the field that names it holds, of this record or
    of one it links to, where the reader may see that.
    """
    currency = given.currency if isinstance(given, Number) else None
    if isinstance(currency, str) or currency is None:
        return currency
    if len(currency) > 1 and not may_read(currency):
        return None
    code = names.get(currency[0])
    for step in currency[1:]:
        code = read_member(code, step)
    return code if isinstance(code, str) else None


def _field_named(name: str, situation: Situation, line: LineScope | None) -> Field | None:
    if line is not None:
        return situation.process.form.fields[line.table].columns.get(name)
    return situation.process.form.fields.get(name)


def stored_title(situation: Situation, template: Template | None, number: str | None, form_title: str) -> str:
    """Return the record's stored title: its `show`, else its number, else its first text, else the form's title."""
    if template is not None:
        reader = Reader.of_language(situation.process.blueprint.languages[0])
        said = " ".join(fill_text(template, situation, empty="").shown_to(reader).split())
        if said:
            return said[:LONGEST_TITLE]
    if number:
        return number
    for key, field in situation.process.form.fields.items():
        is_title = field.type.names_record and field.private is None and key not in situation.hidden
        if is_title and (held := situation.values.get(key)):
            return str(held)[:LONGEST_TITLE]
    return form_title[:LONGEST_TITLE]


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
