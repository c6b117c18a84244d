"""The part of the language that says when people work."""

from __future__ import annotations

from blankett.engine.calendar import WEEKDAYS
from blankett.engine.language.grammar.kinds import CURRENT, TEXT, Either, Key, MapOf, Shape, ShapeOf, Word, title_key

_DAY = Word("reference", of="a day, 2026-12-24")

CALENDAR_SHAPES: tuple[Shape, ...] = (
    Shape(
        "calendar",
        "a calendar",
        (
            title_key("it"),
            Key("zone", TEXT, "The time zone of its hours: `Europe/Copenhagen`.", required=True, part=CURRENT),
            Key("hours", ShapeOf("working_hours"), "When people work.", required=True, part=CURRENT),
            Key(
                "holidays",
                TEXT,
                "Whose public holidays are days off: a country, `DK`, or a country and its region, `DE-MV`.",
                part=CURRENT,
            ),
            Key(
                "days",
                MapOf(Either(TEXT, map=ShapeOf("own_day")), "reference", "a day"),
                "Days of its own: `2026-12-24: Christmas Eve` is a day off.",
                part=CURRENT,
            ),
        ),
        "When people work. An organisation that has no calendar of the key gets this one when the version is "
        "published; from then on its administrators keep it.",
    ),
    Shape(
        "working_hours",
        "the hours of a week",
        tuple(
            Key(
                day,
                TEXT,
                f"The hours of {day.capitalize()}s: `8:00-12:00, 13:00-17:00`; off unless told.",
                part=CURRENT,
            )
            for day in WEEKDAYS
        ),
        "The hours of each weekday. `22:00-6:00` ends on the next day.",
    ),
    Shape(
        "own_day",
        "a day",
        (
            Key("title", TEXT, "Why it is otherwise: `New Year's Eve`.", required=True, part=CURRENT),
            Key("hours", TEXT, "Its hours, `8:00-12:00`; a day off unless told.", part=CURRENT),
        ),
        "A day with hours of its own: it wins over the week and over a holiday.",
    ),
)
