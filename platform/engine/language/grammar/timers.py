"""The part of the language that says what happens when nobody does anything."""

from __future__ import annotations

from blankett.engine.language.grammar.kinds import (
    CALENDAR,
    FIELD,
    FORMULA,
    HELP,
    PROCESS,
    STATE,
    TEXT,
    WAS,
    Either,
    Key,
    SequenceOf,
    Shape,
    ShapeOf,
    Word,
    title_key,
)

#: The most reminders of one timer: a year of days.
MOST_REPEATS = 366

TIMER_SHAPES: tuple[Shape, ...] = (
    Shape(
        "timer",
        "a timer",
        (
            title_key("it"),
            HELP,
            Key(
                "states",
                Either(STATE, SequenceOf(STATE, least=1)),
                "It runs while a record is in one of these, from the moment it came into them unless `field` or `at` "
                "says another; every state that is not final, where one of those says it.",
                part=PROCESS,
            ),
            Key("field", FIELD, "The day or moment it runs from.", part=PROCESS),
            Key("at", FORMULA, "The day or moment it is due, or that it runs from.", part=PROCESS),
            Key(
                "after",
                TEXT,
                "How long after: `2 working days`, `3 days`, `8 working hours`; or a formula, `= …`, giving a duration "
                "or such a text.",
                part=PROCESS,
            ),
            Key("before", TEXT, "How long before the `field` or `at`, written in the same way.", part=PROCESS),
            Key("calendar", CALENDAR, "Whose working time it counts in; the only one unless told.", part=PROCESS),
            Key("time", TEXT, "The time of the day on which it is due: `8:00`.", part=PROCESS),
            Key("unless", FORMULA, "Asked when it is due: nothing is done while this holds.", part=PROCESS),
            Key("then", SequenceOf(ShapeOf("effect"), least=1), "What happens, in order.", required=True, part=PROCESS),
            Key("repeat", ShapeOf("timer_repeat"), "That it happens again, while the record stays.", part=PROCESS),
            WAS,
        ),
        "What happens by itself when its time has come. It runs from a `field`, from `at`, from the moment a record "
        "came into one of its `states`, or, where it names none of these, from the effect `start`.",
    ),
    Shape(
        "timer_repeat",
        "a repetition",
        (
            Key("every", TEXT, "How long after the last time: `1 working day`.", required=True, part=PROCESS),
            Key(
                "most",
                Word("whole", least=1, most=MOST_REPEATS),
                "How many more times, at most.",
                required=True,
                part=PROCESS,
            ),
        ),
        "That a timer goes on after it was due.",
    ),
)
