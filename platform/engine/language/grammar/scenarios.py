"""The part of the language that tests a blueprint: scenarios, their steps, and what is expected."""

from __future__ import annotations

from blankett.engine.language.grammar.approvals import DONE_ABOUT_APPROVALS
from blankett.engine.language.grammar.kinds import (
    ACTION,
    CURRENT,
    FIELD,
    FORM,
    RULE,
    STATE,
    TEXT,
    TIMER,
    Anything,
    Either,
    Key,
    MapOf,
    SequenceOf,
    Shape,
    ShapeOf,
    Word,
)

#: What goes with what is done about an approval.
DECISION_PARTS = ("comment", "whom", "step", "to", "straight", "until")

STORY_SHAPES: tuple[Shape, ...] = (
    Shape(
        "scenario",
        "a scenario",
        (
            Key("as", Word("text"), "Who acts first: `anna (sales)`.", required=True, part=CURRENT),
            Key("steps", SequenceOf(ShapeOf("step"), least=1), "What happens, in order.", required=True, part=CURRENT),
        ),
        "A test.",
    ),
    Shape(
        "step",
        "a step",
        (
            Key("as", Word("text"), "Somebody else acts from here on.", part=CURRENT),
            Key("create", FORM, "A new record.", part=CURRENT),
            Key(
                "on",
                Either(FORM, map=MapOf(TEXT, "reference", "a form", least=1)),
                "Go to the newest record of the form, or to one of it by its key, number or title: `{customer: ACME}`.",
                part=CURRENT,
            ),
            Key("change", MapOf(Anything(), "reference", "a field", least=1), "New values.", part=CURRENT),
            Key("do", ACTION, "An action is taken.", part=CURRENT),
            Key(
                "decide",
                Word("word", words=DONE_ABOUT_APPROVALS),
                "Something is done about the approval that the record waits for.",
                part=CURRENT,
            ),
            Key("comment", TEXT, "Something is said.", part=CURRENT),
            Key("wait", TEXT, "Time passes: `31 days`, `3 working days`, `2 hours`.", part=CURRENT),
            Key("at", TEXT, "Time passes until then: `2026-12-24 14:00`.", part=CURRENT),
            Key("expect", ShapeOf("expect"), "What must be true now.", part=CURRENT),
            Key(
                "with",
                MapOf(Anything(), "reference", "a field"),
                "The values of `create`, the inputs of `do`; of `decide` what goes with it: `comment`, `whom`, `step`, "
                "`to` (the step it is returned to), `straight` (back, afterwards), `until`.",
                part=CURRENT,
            ),
            Key(
                "calendar",
                Word("reference", of="the key of a calendar"),
                "Whose working time `wait` counts in, whose clocks `at` tells; the only one unless told.",
                part=CURRENT,
            ),
        ),
        "A step of a scenario.",
        one_of=("as", "create", "on", "change", "do", "decide", "comment", "wait", "at", "expect"),
    ),
    Shape(
        "expect",
        "expect",
        (
            Key("state", STATE, "The state it is in.", part=CURRENT),
            Key("values", MapOf(Anything(), "reference", "a field", least=1), "What fields hold.", part=CURRENT),
            Key(
                "refused",
                TEXT,
                "The last step was refused, by this check, rule, field or action, `guard` or `access`.",
                part=CURRENT,
            ),
            Key(
                "fired",
                SequenceOf(RULE),
                "Rules that fired in the last step; an empty list says that none did.",
                part=CURRENT,
            ),
            Key(
                "warned",
                SequenceOf(RULE),
                "Rules that warned in the last step; an empty list says that none did.",
                part=CURRENT,
            ),
            Key(
                "waiting_for",
                SequenceOf(TEXT),
                "Roles and people who must decide about it now, and nobody else; an empty list says that nobody must.",
                part=CURRENT,
            ),
            Key(
                "came_due",
                SequenceOf(TIMER),
                "Timers that acted when time passed last; an empty list says that none did.",
                part=CURRENT,
            ),
            Key(
                "timers",
                MapOf(TEXT, "reference", "a timer", least=1),
                "When timers of the record are due next, `2026-12-24 14:00`, or `no`, `over`, `stopped`, `failed`.",
                part=CURRENT,
            ),
            Key("can", SequenceOf(ACTION), "Actions that may be taken now.", part=CURRENT),
            Key("cannot", SequenceOf(ACTION, least=1), "Actions that may not.", part=CURRENT),
            Key("title", TEXT, "The record's title.", part=CURRENT),
            Key("number", TEXT, "The record's number.", part=CURRENT),
            Key("hidden", SequenceOf(FIELD, least=1), "Fields the person does not see.", part=CURRENT),
            Key(
                "notified",
                SequenceOf(TEXT),
                "Roles and people that were told since this was last asked; an empty list says that nobody was.",
                part=CURRENT,
            ),
            Key(
                "records",
                MapOf(Word("whole", least=0), "reference", "a form", least=1),
                "How many records there are.",
                part=CURRENT,
            ),
        ),
        "What must be true.",
    ),
)
