"""The kinds of value a key of the language may hold: what the grammar is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field
from typing import Literal, TypeAlias

from blankett.engine.fields.base import CURRENT as CURRENT
from blankett.engine.fields.base import DISPLAY as DISPLAY
from blankett.engine.fields.base import PROCESS as PROCESS
from blankett.engine.fields.base import Part

ScalarKind = Literal[
    "text",
    "title",
    "template",
    "formula",
    "cell",
    "value",
    "yes_no",
    "yes_no_or_formula",
    "whole",
    "key",
    "reference",
    "word",
    "pattern",
    "names",
    "who",
    "anything",
]


@dataclass(frozen=True)
class Word:
    """One scalar."""

    kind: ScalarKind
    #: What a reference names, for messages and docs: "a role", "a field of the form".
    of: str = ""
    #: For `kind="word"`: the words allowed.
    words: tuple[str, ...] = ()
    #: For `kind="whole"`: bounds.
    least: int | None = None
    most: int | None = None


@dataclass(frozen=True)
class SequenceOf:
    """A list; *least* is the fewest items."""

    item: Kind
    least: int = 0


#: What the keys of a map are: identifiers, identifiers that formulas see, options, free names.
KeyKind = Literal["key", "name", "option", "free", "reference"]


@dataclass(frozen=True)
class MapOf:
    """A map whose keys the author chooses."""

    value: Kind
    keys: KeyKind = "key"
    #: What a key names, in words: "a field", "a state".
    of: str = "an entry"
    least: int = 0


@dataclass(frozen=True)
class ShapeOf:
    """A map with the keys of a shape, by the shape's name."""

    shape: str


@dataclass(frozen=True)
class Either:
    """A value of one kind or another; no two of them are written the same way (scalar, list, map)."""

    scalar: Word | None = None
    list: SequenceOf | None = None
    map: MapOf | ShapeOf | None = None


@dataclass(frozen=True)
class Anything:
    """Any tree: values that a field's type reads later."""


Kind: TypeAlias = Word | SequenceOf | MapOf | ShapeOf | Either | Anything


# Kinds that many keys share.
TEXT = Word("text")
TITLE = Word("title")
TEMPLATE = Word("template")
FORMULA = Word("formula")
CELL = Word("cell")
VALUE = Word("value")
YES_NO = Word("yes_no")
YES_NO_OR_FORMULA = Word("yes_no_or_formula")
KEY = Word("key")
ROLE = Word("reference", of="the key of a role")
FIELD = Word("reference", of="the key of a field")
STATE = Word("reference", of="the key of a state")
ACTION = Word("reference", of="the key of an action")
APPROVAL = Word("reference", of="the key of an approval")
FORM = Word("reference", of="the key of a form")
LINK = Word("reference", of="the key of a link field")
MESSAGE = Word("reference", of="the key of a message")
RULE = Word("reference", of="the key of a rule")
TIMER = Word("reference", of="the key of a timer")
CALENDAR = Word("reference", of="the key of a calendar")
COLUMN = Word("reference", of="a field or a property of the record")
WHO = Either(Word("who"), SequenceOf(Word("who", of="a role, everyone, owner, assignee or a formula"), least=1))


@dataclass(frozen=True)
class Key:
    """A key of a shape. What it is part of must be said: `publish` decides by it whether records have to move."""

    name: str
    kind: Kind
    #: One line for the language reference.
    help: str
    required: bool = False
    _: KW_ONLY
    part: Part


WAS = Key("was", KEY, "The key it had before: records and translations of the old key are its own.", part=CURRENT)
RETIRED = Key("retired", YES_NO, "Kept for old records only.", part=PROCESS)
HELP = Key("help", TITLE, "A sentence or two for the people who use it.", part=DISPLAY)
#: The same, where it stands beside a record and may say something of it.
HELP_BESIDE = Key("help", TEMPLATE, HELP.help, part=DISPLAY)


def title_key(what: str, part: Part = DISPLAY, *, kind: Kind = TITLE) -> Key:
    """Return the key `title` of a shape; it is part of the process where reasons name it by the record's version."""
    return Key("title", kind, f"What people call {what}; made from the key unless told.", part=part)


@dataclass(frozen=True)
class Shape:
    """A map with keys of the language's own."""

    name: str
    #: In messages: "a field", "the blueprint".
    words: str
    keys: tuple[Key, ...]
    help: str = ""
    #: Keys that are planned: refused by name.
    not_yet: tuple[str, ...] = ()
    #: Exactly one of these keys must be there.
    one_of: tuple[str, ...] = ()
    #: Further keys by the word under *variant_key*: a field's options by its type.
    variant_key: str = ""
    variants: Mapping[str, tuple[Key, ...]] = field(default_factory=dict)
    #: Words under *variant_key* that are planned.
    not_yet_variants: tuple[str, ...] = ()


def kind_words(kind: Kind) -> str:
    """Return what is expected, in an author's words: ``a list``, ``yes or no``, ``a formula``."""
    if isinstance(kind, Word):
        if kind.kind == "word":
            return f"one of {', '.join(kind.words)}"
        return SCALAR_WORDS.get(kind.kind) or kind.of
    if isinstance(kind, Either):
        return " or ".join(kind_words(part) for part in (kind.scalar, kind.list, kind.map) if part is not None)
    if isinstance(kind, SequenceOf):
        return "a list"
    return "anything" if isinstance(kind, Anything) else "a map"


SCALAR_WORDS: Mapping[str, str] = {
    "text": "a text",
    "title": "a text",
    "template": "a text",
    "formula": "a formula",
    "cell": "a cell",
    "value": "a value",
    "yes_no": "yes or no",
    "yes_no_or_formula": "yes, no or a formula",
    "whole": "a whole number",
    "key": "a key",
    "pattern": "a pattern",
    "names": "a name",
    "who": "a name",
    "anything": "a value",
}
