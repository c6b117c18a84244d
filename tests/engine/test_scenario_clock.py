"""Scenarios know time: a step lets it pass by a length or until a moment, as calendars and clocks have it."""

from __future__ import annotations

import pytest

from blankett.engine.language.loader import load_blueprint, read_blueprint
from blankett.engine.scenarios import run_scenarios

PLAIN = """
blueprint: desk
language: 1
title: Desk
roles:
  sales: {title: Sales}
forms:
  memo:
    fields:
      made: {type: datetime, default: = now()}
    grants:
      - {who: sales, may: all}
"""
TIMED = f"""{PLAIN}
calendars:
  office:
    zone: Europe/Copenhagen
    hours: {{monday: 8:00-16:00, tuesday: 8:00-16:00, wednesday: 8:00-16:00, thursday: 8:00-16:00, friday: 8:00-14:00}}
    holidays: DK
    days:
      2026-12-31: {{title: Half a day, hours: 8:00-12:00}}
"""
TWO = (
    TIMED
    + """  oslo: {zone: Europe/Oslo, hours: {monday: 8:00-9:00}}
"""
)
STAMPED = """
scenarios:
  stamped:
    as: anna (sales)
    steps:
      {steps}
      - create: memo
      - expect: {{values: {{made: {moment}}}}}
"""


def wrong(text: str) -> list[tuple[str, str, str]]:
    """Return (what, expected, found) of every mismatch of the scenarios of a text."""
    results = run_scenarios(read_blueprint(text)).results
    return [(each.what, each.expected, each.found) for result in results for each in result.mismatches]


#: Steps → the moment at which a record is then made. Every scenario begins on Monday, 2 March 2026, at 9:00 UTC.
MOMENTS = {
    "hours": (["wait: 2 hours"], "2026-03-02T11:00:00Z"),
    "working hours end with the day": (["wait: 6 working hours"], "2026-03-02T15:00:00Z"),
    "working hours over a night": (["wait: 7 working hours"], "2026-03-03T08:00:00Z"),
    "working days over a weekend": (["wait: 5 working days"], "2026-03-09T09:00:00Z"),
    "an ISO length": (["wait: PT90M"], "2026-03-02T10:30:00Z"),
    "lengths joined": (["wait: 1 working day and 2 working hours"], "2026-03-03T11:00:00Z"),
    "days keep the time of the clock in spring": (["wait: 28 days"], "2026-03-30T08:00:00Z"),
    "hours do not": (["wait: 672 hours"], "2026-03-30T09:00:00Z"),
    "days keep it in autumn": (["at: 2026-10-24 9:00", "wait: 1 day"], "2026-10-25T08:00:00Z"),
    "an hour in the night of autumn": (["at: 2026-10-25 2:30", "wait: 1 hour"], "2026-10-25T01:30:00Z"),
    "a leap day": (["at: 2028-02-28 12:00", "wait: 1 day"], "2028-02-29T11:00:00Z"),
    "no leap day": (["at: 2027-02-28 12:00", "wait: 1 day"], "2027-03-01T11:00:00Z"),
    "Easter": (["at: 2026-04-01 10:00", "wait: 1 working day"], "2026-04-07T08:00:00Z"),
    "a day of its own": (["at: 2026-12-31 11:00", "wait: 2 working hours"], "2027-01-04T08:00:00Z"),
    "winter": (["at: 2026-12-24 14:00"], "2026-12-24T13:00:00Z"),
    "summer": (["at: 2026-07-01 14:00"], "2026-07-01T12:00:00Z"),
    "now": (["at: 2026-03-02 10:00"], "2026-03-02T09:00:00Z"),
}


@pytest.mark.parametrize(("steps", "moment"), MOMENTS.values(), ids=MOMENTS)
def test_time_passes_as_a_step_says(steps: list[str], moment: str) -> None:
    written = "\n      ".join(f"- {step}" for step in steps)
    assert wrong(TIMED + STAMPED.format(steps=written, moment=moment)) == []


STANDING = {
    "a moment that is over": (
        "at: 2026-03-02 9:59",
        [("at 2026-03-02 9:59", "a moment after 2026-03-02 10:00", "2026-03-02 09:59")],
    ),
    "a time that clocks leave out": (
        "at: 2026-03-29 2:30",
        [("at 2026-03-29 2:30", "a time that the clocks of Europe/Copenhagen show", "2026-03-29 02:30")],
    ),
    "a wait without end": (
        "wait: 99999 weeks",
        [("wait 99999 weeks", "a time to wait that ends before 2100", "one that does not")],
    ),
    "a moment out of reach": (
        "at: 2100-01-01 8:00",
        [("at 2100-01-01 8:00", "a moment before 2100", "2100-01-01 08:00")],
    ),
}


@pytest.mark.parametrize(("step", "told"), STANDING.values(), ids=STANDING)
def test_time_that_cannot_pass_is_told_and_the_clock_stands(step: str, told: list[tuple[str, str, str]]) -> None:
    assert wrong(TIMED + STAMPED.format(steps=f"- {step}", moment="2026-03-02T09:00:00Z")) == told


#: What is told of steps of time that cannot be read.
UNREAD = {
    "no length": (
        TIMED,
        "wait: a while",
        "BL803 'a while' is no time to wait; write '31 days', '3 working days' or '2 hours'.",
    ),
    "other words": (
        TIMED,
        "wait: 3 business days",
        "BL803 '3 business days' is no time to wait; write '31 days', '3 working days' or '2 hours'. "
        "Did you mean '3 working days'?",
    ),
    "nothing": (
        TIMED,
        "wait: 0 days",
        "BL803 '0 days' is no time to wait; write '31 days', '3 working days' or '2 hours'.",
    ),
    "no moment": (TIMED, "at: 2027-02-29 8:00", "BL809 '2027-02-29 8:00' is no moment; write '2026-12-24 14:00'."),
    "a day alone": (TIMED, "at: 2026-12-24", "BL809 '2026-12-24' is no moment; write '2026-12-24 14:00'."),
    "no calendar": (
        PLAIN,
        "wait: 3 working days",
        "BL330 working time needs a calendar, and the blueprint has none under 'calendars'.",
    ),
    "several calendars": (
        TWO,
        "wait: 3 working days",
        "BL330 several calendars are there: say 'calendar: office' or another.",
    ),
    "whose clocks": (
        TWO,
        "at: 2026-12-24 14:00",
        "BL330 several calendars are there: say 'calendar: office' or another.",
    ),
    "an unknown calendar": (
        TWO,
        "{wait: 3 working days, calendar: ofice}",
        "BL330 there is no calendar 'ofice' under 'calendars' of the blueprint. Did you mean 'office'?",
    ),
    "a calendar of another step": (
        TIMED,
        "{comment: Hm, calendar: office}",
        "BL119 'calendar' means something only with wait or at.",
    ),
}


@pytest.mark.parametrize(("text", "step", "told"), UNREAD.values(), ids=UNREAD)
def test_a_step_of_time_that_cannot_be_read_is_told(text: str, step: str, told: str) -> None:
    written = f"\nscenarios:\n  it waits:\n    as: anna (sales)\n    steps:\n      - create: memo\n      - {step}\n"
    loaded = load_blueprint(text + written)
    assert [f"{each.id} {each.text()}" for each in loaded.problems if each.is_error] == [told]


def test_a_wait_counts_in_the_calendar_it_names() -> None:
    steps = "- {wait: 2 working hours, calendar: oslo}"
    assert wrong(TWO + STAMPED.format(steps=steps, moment="2026-03-16T08:00:00Z")) == []
