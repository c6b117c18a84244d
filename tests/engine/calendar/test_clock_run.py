"""Clocks in working time: what pauses put off, nights, weekends, holidays and changes of the clocks, as a table."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blankett.engine.calendar import Calendar, ClockRun, begin_run, read_length

from .test_calendar import COPENHAGEN, NIGHTS, OFFICE, at

office = Calendar(OFFICE)


def begun(length: str, moment: str, calendar: Calendar = office) -> ClockRun:
    """Return a run that has begun at a moment of Copenhagen."""
    read = read_length(length)
    assert read is not None
    run = begin_run(at(moment), read, calendar, COPENHAGEN)
    assert run is not None
    return run


#: (length, began, pauses, when it is then due), in Copenhagen.
RUNS = {
    "a day's work": ("8 working hours", "2026-11-30 10:00", [], "2026-12-01 10:00"),
    "over lunch": ("2 working hours", "2026-11-30 11:00", [], "2026-11-30 14:00"),
    "begun at night": ("2 working hours", "2026-11-30 20:00", [], "2026-12-01 10:00"),
    "paused within a day": ("2 working hours", "2026-11-30 8:00", [("9:00", "11:00")], "2026-11-30 12:00"),
    "paused over a night": (
        "3 working hours", "2026-11-30 8:00", [("2026-11-30 9:00", "2026-12-01 9:00")], "2026-12-01 11:00",
    ),
    "paused over a weekend": (
        "4 working hours", "2026-12-03 16:00", [("2026-12-03 17:00", "2026-12-07 8:00")], "2026-12-07 11:00",
    ),
    "paused twice": (
        "3 working hours", "2026-11-30 8:00", [("9:00", "10:00"), ("11:00", "12:00")], "2026-11-30 14:00",
    ),
    "paused by night alone": (
        "9 working hours", "2026-11-30 8:00", [("2026-11-30 18:00", "2026-12-01 7:00")], "2026-12-01 9:00",
    ),
    "paused over Christmas": (
        "2 working days", "2026-12-22 10:00", [("2026-12-23 10:00", "2026-12-28 10:00")], "2026-12-29 10:00",
    ),
    "resumed when late": (
        "1 working hour", "2026-11-30 8:00", [("2026-11-30 10:00", "2026-11-30 11:00")], "2026-11-30 10:00",
    ),
    "plain days": ("3 days", "2026-12-24 10:00", [("2026-12-25 10:00", "2026-12-26 10:00")], "2026-12-28 10:00"),
    "plain days over the spring": ("2 days", "2026-03-28 10:00", [], "2026-03-30 10:00"),
    "a leap day": ("1 day", "2028-02-28 10:00", [], "2028-02-29 10:00"),
}  # fmt: skip


@pytest.mark.parametrize(("length", "began", "pauses", "due"), RUNS.values(), ids=RUNS)
def test_a_clock_is_due_when_its_time_has_run(length: str, began: str, pauses: list[tuple[str, str]], due: str) -> None:
    run = begun(length, began)
    for pause in pauses:
        first, last = (each if " " in each else f"{began[:10]} {each}" for each in pause)
        run = run.pause(at(first))
        assert run.runs_until is None
        run = run.resume(at(last), office)
    assert run.due == at(due)


def test_a_night_that_is_an_hour_shorter_has_an_hour_less_of_work() -> None:
    nights = Calendar(NIGHTS)
    assert begun("8 working hours", "2026-03-29 22:00", nights).due == at("2026-03-30 6:00")
    assert begun("8 working hours", "2026-10-22 22:00", nights).due == at("2026-10-23 6:00")


def test_what_is_left_stands_still_in_a_pause_and_stays_when_it_stops() -> None:
    run = begun("8 working hours", "2026-11-30 8:00")
    paused = run.pause(at("2026-11-30 10:00"))
    stopped = paused.resume(at("2026-12-02 10:00"), office).stop(at("2026-12-02 11:00"))
    assert [each.left(at("2026-12-05 10:00"), office) / timedelta(hours=1) for each in (run, paused, stopped)] == [
        -28,
        6,
        5,
    ]
    assert [each.is_kept for each in (run, paused, stopped)] == [None, None, True]


def test_a_paused_clock_ends_where_it_was_paused() -> None:
    run = begun("2 working hours", "2026-11-30 8:00").pause(at("2026-11-30 9:00")).stop(at("2026-12-20 9:00"))
    assert (run.stopped, run.is_kept, run.state) == (at("2026-11-30 9:00"), True, "stopped")


def test_a_share_of_its_time_is_used() -> None:
    run = begun("8 working hours", "2026-11-30 8:00")
    held = run.pause(at("2026-11-30 10:00")).resume(at("2026-11-30 14:00"), office)
    assert (run.share_used(at("2026-11-30 15:00"), office), held.share_used(at("2026-12-01 9:00"), office)) == (
        0.75,
        0.75,
    )


def test_a_longer_time_puts_off_by_when_it_is_due_and_keeps_what_was_paused() -> None:
    run = begun("2 working hours", "2026-11-30 8:00").pause(at("2026-11-30 9:00"))
    run = run.resume(at("2026-11-30 10:00"), office)
    longer = read_length("4 working hours")
    assert longer is not None
    assert run.renew(longer, office, COPENHAGEN).due == at("2026-11-30 14:00")


def test_a_calendar_that_is_gone_counts_plain_time() -> None:
    run = begun("2 working hours", "2026-11-30 15:00").pause(at("2026-11-30 16:00"))
    assert run.resume(at("2026-12-01 16:00"), None).due == at("2026-12-01 17:00")


@given(st.lists(st.integers(min_value=0, max_value=600), max_size=6), st.integers(min_value=1, max_value=2_000))
def test_pauses_take_nothing_of_the_time_there_is(minutes: list[int], whole: int) -> None:
    moment = datetime(2026, 11, 30, 7, tzinfo=UTC)
    length = read_length(f"{whole} working minutes")
    assert length is not None
    run = begin_run(moment, length, office, COPENHAGEN)
    assert run is not None
    used = timedelta()
    for place, passed in enumerate(minutes):
        later = moment + timedelta(minutes=passed)
        if place % 2:
            run = run.resume(later, office)
        else:
            used += office.time_between(moment, later) or timedelta()
            run = run.pause(later)
        moment = later
    assert used + run.left(moment, office) == timedelta(minutes=whole)
