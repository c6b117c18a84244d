"""The part of the language that tests a blueprint: scenarios, their steps, and what is expected."""

from __future__ import annotations

from blankett.engine.blueprint.kinds import (
    ACTION,
    FIELD,
    FORM,
    RULE,
    STATE,
    TEXT,
    Anything,
    Key,
    ListOf,
    MapOf,
    Shape,
    ShapeOf,
    Word,
)

STORY_SHAPES: tuple[Shape, ...] = (
    Shape(
        "scenario",
        "a scenario",
        (
            Key("as", Word("text"), "Who acts first: `anna (sales)`.", required=True),
            Key("steps", ListOf(ShapeOf("step"), least=1), "What happens, in order.", required=True),
        ),
        "A test.",
    ),
    Shape(
        "step",
        "a step",
        (
            Key("as", Word("text"), "Somebody else acts from here on."),
            Key("create", FORM, "A new record."),
            Key("on", FORM, "Go to the newest record of the form."),
            Key("change", MapOf(Anything(), "reference", "a field", least=1), "New values."),
            Key("do", ACTION, "An action is taken."),
            Key("comment", TEXT, "Something is said."),
            Key("wait", TEXT, "Time passes: `31 days`, `2 hours`."),
            Key("expect", ShapeOf("expect"), "What must be true now."),
            Key("with", MapOf(Anything(), "reference", "a field"), "The values of `create`, the inputs of `do`."),
        ),
        "A step of a scenario.",
        one_of=("as", "create", "on", "change", "do", "comment", "wait", "expect"),
    ),
    Shape(
        "expect",
        "expect",
        (
            Key("state", STATE, "The state it is in."),
            Key("values", MapOf(Anything(), "reference", "a field", least=1), "What fields hold."),
            Key(
                "refused", TEXT, "The last step was refused, by this check, rule, field or action, `guard` or `access`."
            ),
            Key("fired", ListOf(RULE), "Rules that fired in the last step; an empty list says that none did."),
            Key("warned", ListOf(RULE), "Rules that warned in the last step; an empty list says that none did."),
            Key("can", ListOf(ACTION), "Actions that may be taken now."),
            Key("cannot", ListOf(ACTION, least=1), "Actions that may not."),
            Key("title", TEXT, "The record's title."),
            Key("number", TEXT, "The record's number."),
            Key("hidden", ListOf(FIELD, least=1), "Fields the person does not see."),
            Key("notified", ListOf(TEXT, least=1), "Roles and people that were told since the last `expect`."),
            Key(
                "records", MapOf(Word("whole", least=0), "reference", "a form", least=1), "How many records there are."
            ),
        ),
        "What must be true.",
    ),
)
