"""The part of the language that moves records: states, actions, and what actions do."""

from __future__ import annotations

from blankett.engine.blueprint.kinds import (
    ACTION,
    CURRENT,
    DISPLAY,
    FIELD,
    FORM,
    FORMULA,
    HELP_BESIDE,
    LINK,
    MESSAGE,
    PROCESS,
    RETIRED,
    ROLE,
    STATE,
    TEMPLATE,
    VALUE,
    WAS,
    WHO,
    YES_NO,
    Either,
    Key,
    ListOf,
    MapOf,
    Shape,
    ShapeOf,
    Word,
    title_key,
)

VALUES = MapOf(VALUE, "reference", "a field")
EFFECTS = ("set", "create", "update", "assign", "notify", "act")

ACTION_SHAPES: tuple[Shape, ...] = (
    Shape(
        "state",
        "a state",
        (
            title_key("it"),
            HELP_BESIDE,
            Key("start", YES_NO, "New records begin here.", part=PROCESS),
            Key(
                "final",
                Either(Word("word", words=("no", "stopped", "true", "false", "yes"))),
                "The end; `stopped` is no success.",
                part=PROCESS,
            ),
            Key("held", YES_NO, "The record is held up here.", part=PROCESS),
            Key(
                "due",
                FIELD,
                "The day by which it should leave: shown in the inbox. The form's `due` unless told.",
                part=DISPLAY,
            ),
            Key("becomes", STATE, "No state any more: records that are in it go to this one.", part=CURRENT),
            WAS,
            RETIRED,
        ),
        "Where a record is in its life.",
    ),
    Shape(
        "action",
        "an action",
        (
            title_key("it", kind=TEMPLATE),
            HELP_BESIDE,
            Key(
                "from",
                Either(STATE, ListOf(STATE, least=1)),
                "The states it may be taken in.",
                required=True,
                part=PROCESS,
            ),
            Key("to", STATE, "The state it leads to; the record stays where it is unless told.", part=PROCESS),
            Key("by", WHO, "Who may take it. Nobody unless told: then only effects take it.", part=CURRENT),
            Key("when", FORMULA, "May be taken only while this holds.", part=PROCESS),
            Key(
                "ask",
                MapOf(ShapeOf("field"), "name", "a field", least=1),
                "Asked before it is taken; read as `inputs.<key>`.",
                part=PROCESS,
            ),
            Key("effects", ListOf(ShapeOf("effect"), least=1), "What happens, in order.", part=PROCESS),
            Key("confirm", TEMPLATE, "Asked again with this sentence.", part=DISPLAY),
            Key(
                "task",
                YES_NO,
                "Whether a record waits in the inbox of who may take it now. Unless told, where it leads nearer to a "
                "final state that is not `stopped`.",
                part=CURRENT,
            ),
            WAS,
        ),
        "A button.",
        not_yet=("approval", "during", "rejected", "returned", "on_change"),
    ),
    Shape(
        "effect",
        "an effect",
        (
            Key(
                "set",
                MapOf(VALUE, "reference", "a field", least=1),
                "Gives fields of this record new values.",
                part=PROCESS,
            ),
            Key("create", ShapeOf("create"), "Makes a record of another form.", part=PROCESS),
            Key("update", ShapeOf("update"), "Gives fields of linked records new values.", part=PROCESS),
            Key("assign", VALUE, "Hands the record to a person.", part=PROCESS),
            Key("notify", ShapeOf("notify"), "Tells people.", part=PROCESS),
            Key("act", ShapeOf("act"), "Takes an action on linked records.", part=PROCESS),
        ),
        "Something an action does.",
        not_yet=("post", "call", "document", "start", "stop"),
        one_of=EFFECTS,
    ),
    Shape(
        "create",
        "create",
        (
            Key("form", FORM, "The form of the new record.", required=True, part=PROCESS),
            Key("with", VALUES, "Its values.", part=PROCESS),
            Key("link", LINK, "A link field of this record that then points at the new one.", part=PROCESS),
        ),
        "Makes a record.",
    ),
    Shape(
        "update",
        "update",
        (
            Key("link", LINK, "The link field that names the record.", part=PROCESS),
            Key("form", FORM, "Or the form whose records are changed,", part=PROCESS),
            Key(
                "where",
                FORMULA,
                "all for which this holds; bare names are theirs, `this` is this record.",
                part=PROCESS,
            ),
            Key(
                "set",
                MapOf(VALUE, "reference", "a field", least=1),
                "The new values; bare names are this record's, `that` is the other record.",
                required=True,
                part=PROCESS,
            ),
        ),
        "Changes other records.",
        one_of=("link", "form"),
    ),
    Shape(
        "notify",
        "notify",
        (
            Key("role", ROLE, "Everybody who holds the role,", part=PROCESS),
            Key("user", VALUE, "or the person, or the list of people, a formula gives.", part=PROCESS),
            Key("send", MESSAGE, "What they are told.", required=True, part=PROCESS),
        ),
        "Tells people in the application.",
        one_of=("role", "user"),
    ),
    Shape(
        "act",
        "act",
        (
            Key("link", LINK, "The link field that names the record.", part=PROCESS),
            Key("form", FORM, "Or the form whose records are meant,", part=PROCESS),
            Key(
                "where",
                FORMULA,
                "all for which this holds; bare names are theirs, `this` is this record.",
                part=PROCESS,
            ),
            Key("action", ACTION, "The action of the other form.", required=True, part=PROCESS),
            Key("with", VALUES, "What it asks.", part=PROCESS),
        ),
        "Takes an action on other records.",
        one_of=("link", "form"),
    ),
)
