"""Put the author's texts into words: titles, messages of checks, notices.

A text's braces hold formulas. A brace that names a field alone is shown as the field is (an option's title), an amount
always with its currency; what the reader may not see is put as `HIDDEN`. Texts that are stored (titles) are in the
blueprint's first language.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from blankett.engine.blueprint.model import Field, Formula, Template, Words
from blankett.engine.feel.members import read_member
from blankett.engine.feel.types import Number, Type
from blankett.engine.feel.values import Reference
from blankett.engine.fields import locales
from blankett.engine.runtime.situation import LineScope, Situation
from blankett.words import locale_of, put_value

#: Stands for a value the reader may not see.
HIDDEN = "(hidden)"
#: Stands for nothing.
NOTHING = "–"

#: Stands for an empty value while a text is put together; no stored text has this character.
MISSING = "\0"
#: Empty values at the end of a text, with the blanks and marks before them.
LEADS_TO_NOTHING = re.compile(rf"(?:[\s:：,，、;；–—-]*{MISSING})+(?=[.。!！]?\s*\Z)")

LONGEST_TITLE = 200
LONGEST_TEXT = 2_000

#: Tells whether the reader may see the value at a path of names: ("customer", "credit_limit").
MayRead = Callable[[tuple[str, ...]], bool]


def everything(_: tuple[str, ...]) -> bool:
    """Let the reader see every value."""
    return True


def say(
    template: Template,
    situation: Situation,
    language: str,
    may_read: MayRead = everything,
    line: LineScope | None = None,
    empty: str = NOTHING,
) -> str:
    """Return *template* in *language* for the record as *situation* has it, at most 2,000 characters.

    An empty value stands as *empty*; at the end of the text it is left out, with what leads to it: "Sent back:
    {reason}" says "Sent back".
    """
    said = [
        piece if isinstance(piece, str) else _said(piece, situation, language, may_read, line, MISSING)
        for piece in template.parts(language)
    ]
    return fill_gaps("".join(said), empty)[:LONGEST_TEXT]


def fill_gaps(text: str, empty: str) -> str:
    """Return *text* with *empty* for each `MISSING`; those at its end are left out."""
    return LEADS_TO_NOTHING.sub("", text).replace(MISSING, empty)


def say_words(
    words: Words,
    situation: Situation,
    language: str,
    may_read: MayRead = everything,
    names: Mapping[str, Any] | None = None,
    line: LineScope | None = None,
) -> str:
    """Return *words*, which stand beside the record, in *language*, with what its formulas give.

    *names* are the record's as the version knows them that the words are from, where that is another one.
    """
    if not words.pieces:
        return words.say(language)
    spoken = language if language in words.by_language else next(iter(words.by_language))
    pieces = words.pieces.get(spoken)
    if pieces is None:
        return words.say(language)
    said = [
        piece if isinstance(piece, str) else _said(piece, situation, language, may_read, line, NOTHING, names)
        for piece in pieces
    ]
    return "".join(said)[:LONGEST_TEXT]


def _said(
    formula: Formula,
    situation: Situation,
    language: str,
    may_read: MayRead,
    line: LineScope | None,
    empty: str,
    names: Mapping[str, Any] | None = None,
) -> str:
    if not all(may_read(path) for path in formula.reads) or _reads_all_facts(formula):
        return HIDDEN
    known = situation.scope_of(line) if names is None else names
    value = formula.compiled.evaluate(known, situation.moment)
    if isinstance(value, Reference) and not value.title:  # a person's name is looked up when it is shown
        person = situation.linked.person(value.id)
        value = Reference(value.id, person.name if person else "", value.fields)
    field = _field_named(formula.text.strip(), situation, line)
    if field is not None and not isinstance(value, Reference):
        return shown_field(field, value, language, situation.currency_at(field, line), empty)
    if isinstance(value, Decimal) and (code := _currency_of(formula.compiled.type, known, may_read)):
        return locales.shown_amount(value, locale_of(language), code)
    return shown(value, language, empty)


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


def shown_field(
    field: Field, value: Any, language: str, currency: str | None, empty: str = NOTHING, locale: str = ""
) -> str:
    """Return a field's value as people read it, in the *locale* where it is not the language's own."""
    if value is None or field.columns:
        return empty if value is None else shown(value, language, empty)
    if isinstance(value, bool):
        return shown(value, language)
    return field.type.show(value, field, locale or locale_of(language), currency)


def shown(value: Any, language: str, empty: str = NOTHING) -> str:
    """Return any FEEL value as people read it in *language*."""
    if value is None or value == "":
        return empty
    if isinstance(value, bool):
        return put_value(language, value)
    if isinstance(value, Decimal):
        return locales.shown_number(value, locale_of(language))
    if isinstance(value, Reference):
        return value.title or empty
    if isinstance(value, datetime):
        return f"{locales.shown_day(value.date(), locale_of(language))} {value:%H:%M}"
    if isinstance(value, date):
        return locales.shown_day(value, locale_of(language))
    if isinstance(value, list):
        return ", ".join(shown(item, language, empty) for item in value) or empty
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {shown(item, language, empty)}" for key, item in value.items())
    return str(value)


def title_of(situation: Situation, template: Template | None, number: str | None, form_title: str) -> str:
    """Return the record's stored title: its `show`, else its number, else its first text, else the form's title."""
    if template is not None:
        language = situation.process.blueprint.languages[0]
        said = " ".join(say(template, situation, language, empty="").split())
        if said:
            return said[:LONGEST_TITLE]
    if number:
        return number
    for key, field in situation.process.form.fields.items():
        if field.type.names_record and field.private is None and situation.names.get(key):
            return str(situation.names[key])[:LONGEST_TITLE]
    return form_title[:LONGEST_TITLE]
