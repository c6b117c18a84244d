"""The part of the language that decides by rules: what they look at, when, and what follows; and what they count."""

from __future__ import annotations

from blankett.engine.language.grammar.kinds import (
    FORM,
    FORMULA,
    HELP,
    PROCESS,
    WAS,
    Either,
    Key,
    SequenceOf,
    Shape,
    ShapeOf,
    Word,
    title_key,
)

#: What a fact may do with the records it looks at.
MEASURES = ("count", "sum", "min", "max", "latest")
#: The highest priority; the lowest is as far below zero.
HIGHEST_PRIORITY = 1_000

_POINT = Word("reference", of="save, an action, or action:completed")
_COUNTED = Word("reference", of="form and field: form.field")

RULE_SHAPES: tuple[Shape, ...] = (
    Shape(
        "rule",
        "a rule",
        (
            title_key("it", PROCESS),
            HELP,
            Key(
                "at",
                Either(_POINT, SequenceOf(_POINT, least=1)),
                "When it is looked at: `save`, when values are stored; an action, when it is asked for; "
                "`action:completed`, when it has been carried out.",
                required=True,
                part=PROCESS,
            ),
            Key(
                "priority",
                Word("whole", least=-HIGHEST_PRIORITY, most=HIGHEST_PRIORITY),
                "The higher comes first, and wins where two rules set one field; 0 unless told.",
                part=PROCESS,
            ),
            Key("when", FORMULA, "Fires only while this holds; always unless told.", part=PROCESS),
            Key("unless", FORMULA, "Does not fire while this holds.", part=PROCESS),
            Key("valid", ShapeOf("valid"), "The days it is in force.", part=PROCESS),
            Key(
                "then", SequenceOf(ShapeOf("outcome"), least=1), "What follows, in order.", required=True, part=PROCESS
            ),
            WAS,
        ),
        "When something is true of a record, then outcomes.",
    ),
    Shape(
        "valid",
        "valid",
        (
            Key("from", Word("text"), "The first day: `2026-01-01`.", part=PROCESS),
            Key("to", Word("text"), "The last day.", part=PROCESS),
        ),
        "The days a rule is in force.",
    ),
    Shape(
        "fact",
        "a fact",
        (
            title_key("it", PROCESS),
            Key("count", FORM, "How many records of the form there are,", part=PROCESS),
            Key("sum", _COUNTED, "or the sum of a field over them: `invoice.total`,", part=PROCESS),
            Key("min", _COUNTED, "or its smallest value,", part=PROCESS),
            Key("max", _COUNTED, "or its largest value,", part=PROCESS),
            Key("latest", _COUNTED, "or its value in the newest of them.", part=PROCESS),
            Key(
                "where",
                FORMULA,
                "Which records; all others unless told. Bare names are theirs, `this` is this record.",
                part=PROCESS,
            ),
            WAS,
        ),
        "Something counted over other records, read as `facts.<key>`.",
        one_of=MEASURES,
    ),
)
