"""The language as data: every key, what it holds and what it is for.

The checker walks it, the JSON Schema and the tables of the language reference are made from it. What the field types
bring comes from `blankett.engine.fields`. What keys mean is the loader's business.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from blankett.engine.feel.lexer import KEYWORDS
from blankett.engine.fields import COMING_TYPES, FIELD_TYPES
from blankett.engine.fields.base import TypeOption
from blankett.engine.language.grammar.actions import ACTION_SHAPES, EFFECT_SHAPES, MESSAGE_SHAPE
from blankett.engine.language.grammar.approvals import APPROVAL_SHAPES
from blankett.engine.language.grammar.calendars import CALENDAR_SHAPES
from blankett.engine.language.grammar.decision_logic import RULE_SHAPES, TABLE_SHAPES
from blankett.engine.language.grammar.kinds import (
    COLUMN,
    CURRENT,
    DISPLAY,
    FIELD,
    FORMULA,
    HELP,
    HELP_BESIDE,
    KEY,
    PROCESS,
    RETIRED,
    ROLE,
    STATE,
    TEMPLATE,
    TEXT,
    TITLE,
    VALUE,
    WAS,
    WHO,
    YES_NO,
    YES_NO_OR_FORMULA,
    Anything,
    Either,
    Key,
    Kind,
    MapOf,
    SequenceOf,
    Shape,
    ShapeOf,
    Word,
    kind_words,
    title_key,
)
from blankett.engine.language.grammar.scenarios import STORY_SHAPES
from blankett.engine.language.grammar.timers import TIMER_SHAPES
from blankett.engine.language.model import VERBS

#: The version of the language this code reads.
LANGUAGE = 1
#: Names a formula sees beside the form's own: no field may be called so.
SCOPE_NAMES = frozenset({"facts", "id", "inputs", "old", "parent", "record", "that", "this", "user"})
RESERVED = KEYWORDS | SCOPE_NAMES

_OPTION = Word("reference", of="the key of an option")
_FIELDS_OPENED = Either(Word("reference", of="all"), SequenceOf(FIELD))
_CURRENCY = Word("reference", of="the key of a field, or a currency code")
_STATE_OR_ACTION = Word("reference", of="the key of a state or an action")
THAT = Key("that", FORMULA, "What must hold.", required=True, part=PROCESS)
BINDS = Key(
    "binds",
    Word("word", words=("written", "always")),
    "When it binds if it reads the day, a rate, a linked record or a fact; `written` unless told.",
    part=PROCESS,
)
FIELDS = MapOf(ShapeOf("field"), "name", "a field", least=1)

_OPTIONS = Either(
    list=SequenceOf(Word("text"), least=1),
    map=MapOf(Either(TITLE, map=ShapeOf("option")), "option", "an option", least=1),
)

_OPTION_KINDS: Mapping[str, Kind] = {
    "text": TITLE,
    "value": VALUE,
    "formula": FORMULA,
    "choices": replace(_OPTIONS, scalar=Word("reference", of="the key of a list under options")),
    "pattern": Word("pattern"),
    "yes_no": YES_NO,
    "form": Word("reference", of="a form, or blueprint.form"),
    "role": ROLE,
    "fields": FIELDS,
    "currency": _CURRENCY,
    "states": Either(STATE, SequenceOf(STATE, least=1)),
    "states_or_actions": Either(_STATE_OR_ACTION, SequenceOf(_STATE_OR_ACTION, least=1)),
    "length": TEXT,
    "calendar": Word("reference", of="the key of a calendar"),
}


def _option_key(option: TypeOption) -> Key:
    if option.kind == "whole":
        kind: Kind = Word("whole", least=option.least, most=option.most)
    elif option.kind == "word":
        kind = Word("word", words=option.words)
    else:
        kind = _OPTION_KINDS[option.kind]
    return Key(option.key, kind, option.help, option.required, part=option.part)


BLUEPRINT = Shape(
    "blueprint",
    "the blueprint",
    (
        Key("blueprint", KEY, "The key of the blueprint, one in the organisation.", required=True, part=CURRENT),
        Key(
            "language",
            Word("whole", least=LANGUAGE, most=LANGUAGE),
            "The version of this language: 1.",
            required=True,
            part=CURRENT,
        ),
        Key(
            "languages",
            SequenceOf(Word("text"), least=1),
            "The languages of the texts; those written in place are in the first, the others in `translations`.",
            part=CURRENT,
        ),
        Key("title", TITLE, "What people call the application.", required=True, part=DISPLAY),
        HELP,
        Key("roles", MapOf(ShapeOf("role"), "key", "a role"), "Who works with it.", part=CURRENT),
        Key(
            "forms",
            MapOf(ShapeOf("form"), "key", "a form", least=1),
            "The kinds of records.",
            required=True,
            part=PROCESS,
        ),
        Key(
            "tables",
            MapOf(ShapeOf("table"), "name", "a table"),
            "Decision tables: functions for every formula.",
            part=PROCESS,
        ),
        Key(
            "options",
            MapOf(_OPTIONS, "key", "a list of options"),
            "Lists of options that several fields share: a field names one, `options: channels`.",
            part=PROCESS,
        ),
        Key(
            "calendars",
            MapOf(ShapeOf("calendar"), "key", "a calendar"),
            "When people work, and which days are holidays: what formulas of working time count in.",
            part=CURRENT,
        ),
        Key(
            "messages",
            MapOf(Either(TEMPLATE, map=ShapeOf("message")), "key", "a message"),
            "Texts that `notify` sends: a line in the application, or a letter.",
            part=PROCESS,
        ),
        Key(
            "translations",
            MapOf(Anything(), "reference", "a language"),
            "The texts in the other languages, by key.",
            part=DISPLAY,
        ),
        Key(
            "samples",
            MapOf(SequenceOf(MapOf(Anything(), "reference", "a field")), "reference", "a form"),
            "Records to start with; links are written as the other record's key.",
            part=CURRENT,
        ),
        Key(
            "scenarios",
            MapOf(ShapeOf("scenario"), "free", "a scenario"),
            "Tests that run before a publish.",
            part=CURRENT,
        ),
    ),
    "One application.",
    not_yet=("ledgers",),
)

ROLE_SHAPE = Shape(
    "role",
    "a role",
    (title_key("it"), Key("includes", SequenceOf(ROLE), "Roles whose rights it has too.", part=CURRENT)),
    "A part people play.",
)

FORM_SHAPE = Shape(
    "form",
    "a form",
    (
        title_key("one record"),
        Key("plural", TITLE, "What people call several; the title unless told.", part=DISPLAY),
        HELP,
        Key("icon", TEXT, "The name of a Tabler icon.", part=DISPLAY),
        Key(
            "life",
            Word("word", words=("process", "reference")),
            "`process` records run through states by their own version; `reference` records are always of the newest.",
            part=PROCESS,
        ),
        Key("key", FIELD, "The field people know a record by: a customer's code.", part=PROCESS),
        Key("show", TEMPLATE, "The title of a record. Private fields may not be used.", part=CURRENT),
        Key("number", ShapeOf("number"), "How records are numbered.", part=PROCESS),
        Key(
            "currency",
            _CURRENCY,
            "The currency of its amounts.",
            part=PROCESS,
        ),
        Key(
            "amount",
            FIELD,
            "The amount or number a record is about: shown beside its title, in dialogs and while it is filled in. "
            "Unless told, the one field of money of a `process`; none where there are several.",
            part=DISPLAY,
        ),
        Key("fields", FIELDS, "What is filled in.", required=True, part=PROCESS),
        Key(
            "sections",
            MapOf(ShapeOf("section"), "key", "a section"),
            "Groups of fields on the page, in order.",
            part=DISPLAY,
        ),
        Key("checks", MapOf(ShapeOf("check"), "key", "a check"), "Conditions every record must meet.", part=PROCESS),
        Key(
            "unique",
            MapOf(SequenceOf(FIELD, least=1), "key", "a rule of what is unique"),
            "Fields whose values together no two records have: `reference: [customer, reference]`.",
            part=PROCESS,
        ),
        Key("states", MapOf(ShapeOf("state"), "key", "a state"), "Where a record is in its life.", part=PROCESS),
        Key(
            "actions", MapOf(ShapeOf("action"), "key", "an action"), "What moves it from state to state.", part=PROCESS
        ),
        Key(
            "approvals",
            MapOf(ShapeOf("approval"), "key", "an approval"),
            "Who must agree before an action is done.",
            part=PROCESS,
        ),
        Key(
            "rules",
            MapOf(ShapeOf("rule"), "key", "a rule"),
            "What follows when something is true of a record.",
            part=PROCESS,
        ),
        Key("facts", MapOf(ShapeOf("fact"), "name", "a fact"), "What it counts over other records.", part=PROCESS),
        Key(
            "timers",
            MapOf(ShapeOf("timer"), "key", "a timer"),
            "What happens by itself when its time has come.",
            part=PROCESS,
        ),
        Key(
            "grants", SequenceOf(ShapeOf("grant")), "Who may do what. What nobody is granted, nobody may.", part=CURRENT
        ),
        Key(
            "lists",
            MapOf(ShapeOf("list"), "key", "a list"),
            "Lists of records; the first is shown first.",
            part=CURRENT,
        ),
        Key(
            "due",
            FIELD,
            "The day by which what a record waits for should be done: shown in the inbox. A state may say another.",
            part=DISPLAY,
        ),
        WAS,
        replace(RETIRED, part=CURRENT),
    ),
    "A kind of record.",
)

FIELD_SHAPE = Shape(
    "field",
    "a field",
    (
        Key("type", Word("reference", of="a type"), "What kind of value it holds.", required=True, part=PROCESS),
        title_key("it"),
        HELP_BESIDE,
        Key("required", YES_NO_OR_FORMULA, "Must be filled in from the first action on.", part=PROCESS),
        Key("visible", YES_NO_OR_FORMULA, "Shown, asked and seen by formulas only while this holds.", part=PROCESS),
        Key(
            "editable", YES_NO_OR_FORMULA, "People may change it; `no` leaves it to formulas and effects.", part=PROCESS
        ),
        Key("default", VALUE, "What a new record starts with.", part=PROCESS),
        Key("compute", FORMULA, "Its value, always; nobody types it.", part=PROCESS),
        Key(
            "fill", FORMULA, "Copied whenever what it reads changes, until a person types something else.", part=PROCESS
        ),
        Key("unique", YES_NO, "No two records have the same.", part=PROCESS),
        Key("check", ShapeOf("field_check"), "A condition on the value.", part=PROCESS),
        replace(
            BINDS,
            help="When bounds and `required` bind that read the day, a rate or a linked record; `written` unless told.",
        ),
        Key("private", SequenceOf(ROLE, least=1), "Only these roles may read it.", part=CURRENT),
        Key(
            "declassify",
            SequenceOf(FIELD, least=1),
            "Private fields whose values it may show although it is made of them.",
            part=CURRENT,
        ),
        Key(
            "internal",
            YES_NO,
            "For the house alone: not printed. What is private, or made of it, is internal unless this says `no`.",
            part=DISPLAY,
        ),
        Key("index", YES_NO, "Kept ready to search, sort and filter by.", part=CURRENT),
        Key("snapshot", SequenceOf(STATE, least=1), "States at whose entry a live value is stored.", part=PROCESS),
        WAS,
        RETIRED,
    ),
    "A value of a form, a column of a table, or something an action asks.",
    variant_key="type",
    variants={type_.name: tuple(_option_key(option) for option in type_.options) for type_ in FIELD_TYPES},
    not_yet_variants=COMING_TYPES,
)

SHAPES: tuple[Shape, ...] = (
    BLUEPRINT,
    ROLE_SHAPE,
    FORM_SHAPE,
    FIELD_SHAPE,
    Shape(
        "option",
        "an option",
        (
            title_key("it"),
            Key("becomes", _OPTION, "No option any more: records that have it get this one instead.", part=CURRENT),
            WAS,
            RETIRED,
        ),
        "One value of a choice.",
    ),
    Shape(
        "field_check",
        "a field's check",
        (
            THAT,
            Key("message", TEMPLATE, "What to say when it does not.", part=PROCESS),
            BINDS,
        ),
        "A condition on one field.",
    ),
    Shape(
        "number",
        "a number",
        (
            Key(
                "pattern",
                TEXT,
                "`SO-{year}-{counter:5}`: {year}, {month} and one {counter:digits}.",
                required=True,
                part=PROCESS,
            ),
            Key(
                "policy",
                Word("word", words=("gapless", "fast")),
                "`gapless` leaves no hole; `fast` waits for nobody.",
                part=PROCESS,
            ),
            Key(
                "at",
                Word("reference", of="create, or the key of an action"),
                "When it is drawn; `create` unless told.",
                part=PROCESS,
            ),
        ),
        "How records are numbered.",
    ),
    Shape(
        "section",
        "a section",
        (
            title_key("it"),
            Key("fields", SequenceOf(FIELD, least=1), "Its fields, in order.", required=True, part=DISPLAY),
        ),
        "A group of fields on the page.",
    ),
    Shape(
        "check",
        "a check",
        (
            THAT,
            Key("message", TEMPLATE, "What to say when it does not.", required=True, part=PROCESS),
            Key("field", FIELD, "The field the message stands at.", part=PROCESS),
            Key("when", FORMULA, "Looked at only while this holds.", part=PROCESS),
            BINDS,
        ),
        "A condition on the whole record.",
    ),
    *ACTION_SHAPES,
    *APPROVAL_SHAPES,
    *EFFECT_SHAPES,
    MESSAGE_SHAPE,
    Shape(
        "grant",
        "a grant",
        (
            Key(
                "who", WHO, "Roles, everyone, owner, assignee, or a formula giving people.", required=True, part=CURRENT
            ),
            Key(
                "may",
                Either(
                    Word("word", words=("all", *VERBS)),
                    SequenceOf(Word("word", words=VERBS), least=1),
                ),
                "What they may do; `all` is everything but administer.",
                required=True,
                part=CURRENT,
            ),
            Key("states", Either(STATE, SequenceOf(STATE, least=1)), "In these states only.", part=CURRENT),
            Key("where", FORMULA, "On records for which this holds only.", part=CURRENT),
            Key(
                "read",
                _FIELDS_OPENED,
                "The fields it opens to read; all that are not private unless told.",
                part=CURRENT,
            ),
            Key(
                "write",
                _FIELDS_OPENED,
                "The fields it opens to change.",
                part=CURRENT,
            ),
            Key("hide", SequenceOf(FIELD, least=1), "Fields it does not open.", part=CURRENT),
            Key("deny", YES_NO, "Takes the right away instead; wins over every grant.", part=CURRENT),
        ),
        "Who may do what.",
    ),
    Shape(
        "list",
        "a list",
        (
            title_key("it"),
            Key("columns", SequenceOf(COLUMN, least=1), "What it shows.", required=True, part=CURRENT),
            Key("where", FORMULA, "Which records; all unless told.", part=CURRENT),
            Key("sort", SequenceOf(COLUMN, least=1), "The order: `-total` is descending.", part=CURRENT),
        ),
        "A list of records.",
    ),
    *RULE_SHAPES,
    *TIMER_SHAPES,
    *TABLE_SHAPES,
    *STORY_SHAPES,
    *CALENDAR_SHAPES,
)


def _by_name(shapes: tuple[Shape, ...]) -> Mapping[str, Shape]:
    named = {shape.name: shape for shape in shapes}
    if len(named) != len(shapes):
        raise ValueError("two shapes have one name")
    return named


SHAPES_BY_NAME = _by_name(SHAPES)


@dataclass(frozen=True)
class KeyRow:
    """A row of the language reference."""

    key: str
    kind: str
    help: str
    required: bool


def key_rows(shape: str) -> Iterator[KeyRow]:
    """Yield the rows of a shape's table, in the order of the reference."""
    for key in SHAPES_BY_NAME[shape].keys:
        yield KeyRow(key.name, kind_words(key.kind), key.help, key.required)


def type_rows(type_name: str) -> Iterator[KeyRow]:
    """Yield the rows of a field type's own keys."""
    for key in FIELD_SHAPE.variants[type_name]:
        yield KeyRow(key.name, kind_words(key.kind), key.help, key.required)
