"""Working time by calendars: a table of the cases that go wrong, and everything against a walk quarter by quarter."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from types import MappingProxyType
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blankett.engine.calendar import (
    Calendar,
    CalendarDefinition,
    Length,
    OwnDay,
    Week,
    meant_length,
    read_definition,
    read_hours,
    read_length,
    week_fault,
    write_definition,
    written_hours,
)

COPENHAGEN = ZoneInfo("Europe/Copenhagen")


def hours(text: str):
    """Return the hours of a text that is right."""
    found = read_hours(text)
    assert not isinstance(found, str), found
    return found


def week(*days: str) -> Week:
    """Return a week of texts; days that are not given are off."""
    return Week(tuple(hours(text) for text in (*days, *[""] * (7 - len(days)))))


OFFICE = CalendarDefinition(
    "Europe/Copenhagen",
    (week(*["8:00-12:00, 13:00-17:00"] * 4, "8:00-12:00"),),
    "DK",
    MappingProxyType({date(2026, 12, 25): "Juledag", date(2027, 3, 26): "Langfredag"}),
    days=MappingProxyType({date(2026, 12, 24): OwnDay("Closed"), date(2026, 12, 31): OwnDay("Half", hours("8-12"))}),
)
#: Nights from Sunday to Friday, over both changes of the clock.
NIGHTS = CalendarDefinition("Europe/Copenhagen", (week(*["22:00-6:00"] * 4, "", "", "22:00-6:00"),))
ALWAYS = CalendarDefinition("Europe/Copenhagen", (week(*["0:00-24:00"] * 7),))


def at(text: str, zone: str = "Europe/Copenhagen") -> datetime:
    """Return a moment of a zone: ``2026-11-30 8:00``."""
    day, _, clock = text.partition(" ")
    return datetime.fromisoformat(f"{day}T{clock.zfill(5)}").replace(tzinfo=ZoneInfo(zone))


@pytest.mark.parametrize(
    ("definition", "start", "length", "end"),
    [
        pytest.param(OFFICE, "2026-11-30 8:00", "4 working hours", "2026-11-30 12:00", id="ends with the morning"),
        pytest.param(OFFICE, "2026-11-30 11:00", "2 working hours", "2026-11-30 14:00", id="over the break"),
        pytest.param(OFFICE, "2026-11-30 12:30", "1 working hour", "2026-11-30 14:00", id="begins in the break"),
        pytest.param(OFFICE, "2026-12-04 11:00", "2 working hours", "2026-12-07 9:00", id="over a week end"),
        pytest.param(OFFICE, "2026-12-23 16:00", "2 working hours", "2026-12-28 9:00", id="over holidays and own days"),
        pytest.param(OFFICE, "2026-12-31 11:00", "2 working hours", "2027-01-01 9:00", id="half day, over the year"),
        pytest.param(OFFICE, "2026-11-30 15:20", "1 working day", "2026-12-01 15:20", id="same time of the next day"),
        pytest.param(OFFICE, "2026-12-03 15:20", "1 working day", "2026-12-04 12:00", id="end of a shorter day"),
        pytest.param(OFFICE, "2026-11-28 10:00", "1 working day", "2026-12-01 8:00", id="begun on a Saturday"),
        pytest.param(OFFICE, "2026-11-30 12:00", "1 working day", "2026-12-01 12:00", id="begun at an end"),
        pytest.param(OFFICE, "2026-12-22 9:00", "2 working days", "2026-12-28 9:00", id="days over Christmas"),
        pytest.param(OFFICE, "2027-03-25 9:00", "1 working day", "2027-03-29 9:00", id="moved holiday, Good Friday"),
        pytest.param(OFFICE, "2026-11-30 9:00", "3 days", "2026-12-03 9:00", id="plain days"),
        pytest.param(OFFICE, "2027-03-27 9:00", "1 day", "2027-03-28 9:00", id="a plain day of 23 hours"),
        pytest.param(OFFICE, "2027-03-27 9:00", "24 hours", "2027-03-28 10:00", id="24 hours over the change"),
        pytest.param(OFFICE, "2026-11-30 9:00", "1 working day 2 working hours", "2026-12-01 11:00", id="both"),
        pytest.param(OFFICE, "2028-02-28 9:00", "1 working day", "2028-02-29 9:00", id="leap day"),
        pytest.param(NIGHTS, "2026-11-30 23:00", "1 working day", "2026-12-01 23:00", id="a night later"),
        pytest.param(NIGHTS, "2026-12-01 2:00", "1 working day", "2026-12-02 2:00", id="small hours are of the night"),
        pytest.param(NIGHTS, "2027-03-28 22:00", "8 working hours", "2027-03-29 6:00", id="the night after the change"),
        pytest.param(NIGHTS, "2026-12-04 5:00", "2 working hours", "2026-12-06 23:00", id="the last night of the week"),
        pytest.param(ALWAYS, "2027-03-27 22:00", "8 working hours", "2027-03-28 7:00", id="clock put forward"),
        pytest.param(ALWAYS, "2026-10-24 22:00", "8 working hours", "2026-10-25 5:00", id="clock put back"),
    ],
)
def test_lengths_end_when_people_have_worked_them(
    definition: CalendarDefinition, start: str, length: str, end: str
) -> None:
    asked = read_length(length)
    assert asked is not None
    found = Calendar(definition).advance(at(start), asked)
    assert found is not None
    assert found.astimezone(COPENHAGEN).strftime("%Y-%m-%d %-H:%M") == end


@pytest.mark.parametrize(
    ("definition", "start", "end", "worked"),
    [
        pytest.param(OFFICE, "2026-11-30 0:00", "2026-12-07 0:00", "36:00", id="a week"),
        pytest.param(OFFICE, "2026-12-24 0:00", "2026-12-28 0:00", "0:00", id="Christmas"),
        pytest.param(OFFICE, "2026-12-31 0:00", "2027-01-04 0:00", "8:00", id="over the year"),
        pytest.param(OFFICE, "2026-12-01 9:00", "2026-11-30 16:00", "-2:00", id="backwards"),
        pytest.param(NIGHTS, "2026-10-24 12:00", "2026-10-26 12:00", "8:00", id="no shift in the change"),
        pytest.param(ALWAYS, "2027-03-28 0:00", "2027-03-29 0:00", "23:00", id="23 hours"),
        pytest.param(ALWAYS, "2026-10-25 0:00", "2026-10-26 0:00", "25:00", id="25 hours"),
    ],
)
def test_working_time_between_moments(definition: CalendarDefinition, start: str, end: str, worked: str) -> None:
    found = Calendar(definition).time_between(at(start), at(end))
    assert found is not None
    minutes = found // timedelta(minutes=1)
    assert f"{'-' if minutes < 0 else ''}{abs(minutes) // 60}:{abs(minutes) % 60:02}" == worked


def test_a_moment_is_read_in_the_zone_of_the_calendar() -> None:
    calendar = Calendar(OFFICE)
    shanghai = at("2026-11-30 15:00", "Asia/Shanghai")
    assert calendar.next_moment(shanghai) == shanghai  # it is 8:00 in Copenhagen
    found = calendar.add_time(shanghai, timedelta(hours=1))
    assert found is not None
    assert (found, found.tzinfo) == (at("2026-11-30 9:00"), ZoneInfo("Asia/Shanghai"))


@pytest.mark.parametrize(
    ("day", "count", "found"),
    [
        ("2026-12-23", 1, "2026-12-28"),
        ("2026-12-24", 0, "2026-12-28"),
        ("2026-12-23", 0, "2026-12-23"),
        ("2026-12-28", -1, "2026-12-23"),
        ("2026-12-26", -2, "2026-12-22"),
        ("2026-12-31", 1, "2027-01-01"),
        ("2027-01-01", -1, "2026-12-31"),
        ("2026-11-30", 10_000, "2065-04-02"),
        ("2026-11-30", 40_000, None),
        ("1999-12-31", 1, None),
    ],
)
def test_working_days_are_added(day: str, count: int, found: str | None) -> None:
    calendar = Calendar(OFFICE)
    added = calendar.add_days(date.fromisoformat(day), count)
    assert (None if added is None else added.isoformat()) == found
    if added is not None and count:
        assert calendar.days_between(date.fromisoformat(day), added) == count


def test_a_day_whose_hours_the_night_before_lasts_through_has_an_answer() -> None:
    days = MappingProxyType({date(2026, 3, 4): OwnDay("Stock-taking", hours("2-3"))})
    calendar = Calendar(CalendarDefinition("Europe/Copenhagen", NIGHTS.weeks, days=days))
    tuesday, day = datetime(2026, 3, 3, 23, 0, tzinfo=COPENHAGEN), Length(working_days=1)
    assert calendar.spans_of(date(2026, 3, 4)) == []
    assert calendar.advance(tuesday, day) == datetime(2026, 3, 5, 22, 0, tzinfo=COPENHAGEN)
    early = datetime(2026, 3, 4, 2, 30, tzinfo=COPENHAGEN)  # still Tuesday's work
    assert calendar.advance(early, day) == datetime(2026, 3, 5, 22, 0, tzinfo=COPENHAGEN)


def test_hours_hold_from_their_day_on() -> None:
    later = Week(week(*["6:00-12:00"] * 5).days, date(2026, 12, 1))
    calendar = Calendar(CalendarDefinition("Europe/Copenhagen", (OFFICE.weeks[0], later)))
    assert [written_hours(calendar.definition.hours_on(date(2026, 11, day))) for day in (30,)] == [
        "8:00-12:00, 13:00-17:00"
    ]
    assert calendar.time_between(at("2026-11-30 0:00"), at("2026-12-02 0:00")) == timedelta(hours=14)


def test_a_day_of_rest_is_worked_in_place_of_a_holiday() -> None:
    definition = CalendarDefinition("Asia/Shanghai", (week("", "9:00-18:00"),), worked=frozenset({date(2026, 2, 14)}))
    assert written_hours(definition.hours_on(date(2026, 2, 14))) == "9:00-18:00"
    assert written_hours(definition.hours_on(date(2026, 2, 15))) == ""


def test_what_lies_outside_the_years_of_calendars_has_no_answer() -> None:
    calendar = Calendar(OFFICE)
    late = at("2099-12-31 16:59")
    assert calendar.add_time(late, timedelta(hours=1)) is None
    assert calendar.time_between(late, datetime(2101, 1, 1, tzinfo=UTC)) is None
    assert calendar.is_working_day(date(2100, 1, 1)) is None
    assert calendar.advance(late, Length(working_days=1)) is None
    assert calendar.advance(datetime(9999, 12, 31, 23, 30, tzinfo=UTC), Length(days=1)) is None
    for plain in (Length(days=1), Length(minutes=9 * 60), Length(minutes=10**12)):
        assert calendar.advance(late, plain) is None
        assert calendar.advance(at("1999-12-31 12:00"), plain) is None
    assert calendar.advance(late, Length(minutes=7 * 60)) == at("2099-12-31 23:59")


def test_the_days_on_which_the_clock_is_changed() -> None:
    changes = [(date(2027, 3, 28), True), (date(2027, 10, 31), False)]
    assert Calendar(OFFICE).clock_changes(date(2026, 10, 26)) == changes[:1]
    assert Calendar(OFFICE).clock_changes(date(2027, 3, 28)) == [*changes, (date(2028, 3, 26), True)]
    assert Calendar(replace(OFFICE, zone="Asia/Shanghai")).clock_changes(date(2027, 1, 1)) == []


# ---- against a walk, quarter by quarter ----

QUARTER = timedelta(minutes=15)


class Walk:
    """Says of each quarter of an hour whether it is worked, by looking at a clock that goes on by one."""

    def __init__(self, definition: CalendarDefinition, first: date, days: int) -> None:
        self.zone = ZoneInfo(definition.zone)
        self.begin = datetime(first.year, first.month, first.day, tzinfo=UTC) - timedelta(days=1)
        count = (days + 2) * 96
        clocks = [(self.begin + n * QUARTER).astimezone(self.zone).replace(tzinfo=None, fold=0) for n in range(count)]
        self.works = [False] * count
        for number in range(-2, days + 2):
            day = first + timedelta(days=number)
            midnight = datetime.combine(day, time())
            for span in definition.hours_on(day):
                # From the first quarter that shows its beginning, or more, to the first that shows its end.
                opens, closes = midnight + timedelta(minutes=span.start), midnight + timedelta(minutes=span.end)
                start = next((n for n, clock in enumerate(clocks) if clock >= opens), count)
                end = next((n for n, clock in enumerate(clocks) if clock >= closes), count)
                if clocks[0] <= opens:
                    self.works[start:end] = [True] * max(0, end - start)

    def between(self, start: datetime, end: datetime) -> timedelta:
        """Return the quarters that are worked."""
        one, other = ((moment - self.begin) // QUARTER for moment in (start, end))
        return sum(self.works[one:other]) * QUARTER


clock_texts = st.integers(0, 23 * 4 + 3).map(lambda quarter: quarter * 15)


@st.composite
def weeks(draw: st.DrawFn) -> Week:
    """Return a week with some days of work, spans and nights among them."""
    days = []
    for _ in range(7):
        cuts = sorted(draw(st.lists(clock_texts, max_size=4, unique=True)))
        text = ", ".join(f"{a // 60}:{a % 60:02}-{b // 60}:{b % 60:02}" for a, b in list(pairwise(cuts))[::2])
        if not text and draw(st.booleans()):
            text = draw(st.sampled_from(["22:00-6:00", "20:30-2:30", "23:00-3:00"]))
        days.append(hours(text))
    return Week(tuple(days))


definitions = st.builds(
    lambda week, zone, off: CalendarDefinition(zone, (week,), days=MappingProxyType({off: OwnDay("off")})),
    weeks().filter(lambda week: week_fault(week.days) is None),
    st.sampled_from(["Europe/Copenhagen", "America/New_York", "Australia/Lord_Howe", "Asia/Shanghai", "UTC"]),
    st.dates(date(2026, 10, 20), date(2026, 11, 5)),
)
#: Around a change of the clock in each of the zones.
firsts = st.sampled_from(
    [date(2026, 10, 23), date(2026, 3, 27), date(2026, 10, 30), date(2026, 10, 2), date(2026, 12, 30)]
)


@given(definitions, firsts, st.integers(0, 3 * 96), st.integers(0, 3 * 96))
def test_measuring_is_counting_quarters(definition: CalendarDefinition, first: date, one: int, other: int) -> None:
    calendar, walk = Calendar(definition), Walk(definition, first, 4)
    base = datetime(first.year, first.month, first.day, tzinfo=UTC)
    start, end = (base + n * QUARTER for n in sorted((one, other)))
    assert calendar.time_between(start, end) == walk.between(start, end)
    assert calendar.time_between(end, start) == -walk.between(start, end)


@given(definitions, firsts, st.integers(0, 1440), st.integers(1, 2000))
def test_adding_is_what_measuring_says(definition: CalendarDefinition, first: date, begin: int, minutes: int) -> None:
    calendar = Calendar(definition)
    start, length = (
        datetime(first.year, first.month, first.day, tzinfo=UTC) + timedelta(minutes=begin),
        timedelta(minutes=minutes),
    )
    end, before = calendar.add_time(start, length), calendar.add_time(start, -length)
    assert end is not None
    assert before is not None
    assert (calendar.time_between(start, end), calendar.time_between(before, start)) == (length, length)
    # The earliest end and the latest beginning there are.
    assert calendar.time_between(start, end - timedelta(minutes=1)) == length - timedelta(minutes=1)
    assert calendar.time_between(before + timedelta(minutes=1), start) == length - timedelta(minutes=1)


@given(definitions, st.dates(date(2026, 1, 1), date(2027, 12, 31)), st.integers(-300, 300).filter(bool))
def test_working_days_are_those_that_have_hours(definition: CalendarDefinition, day: date, count: int) -> None:
    calendar, step = Calendar(definition), timedelta(days=1 if count > 0 else -1)
    found, left = day, abs(count)
    while left:
        found += step
        left -= bool(definition.hours_on(found))
    assert calendar.add_days(day, count) == found
    assert calendar.days_between(day, found) == count


@given(definitions)
def test_a_definition_is_read_as_it_was_written(definition: CalendarDefinition) -> None:
    text = write_definition(definition)
    assert (read_definition(text), write_definition(read_definition(text))) == (definition, text)
    assert [read_hours(written_hours(day)) for day in definition.weeks[0].days] == list(definition.weeks[0].days)


def test_far_answers_look_into_each_year_once(monkeypatch: pytest.MonkeyPatch) -> None:
    laid_out: list[int] = []
    real = Calendar._laid_out
    monkeypatch.setattr(Calendar, "_laid_out", lambda self, year: (laid_out.append(year), real(self, year))[1])
    calendar = Calendar(OFFICE)
    for _ in range(3):
        calendar.add_time(at("2026-11-30 8:00"), timedelta(hours=80_000))
        calendar.time_between(at("2026-11-30 8:00"), at("2066-01-01 0:00"))
    assert laid_out == list(range(2025, 2070))


# ---- texts ----


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("8-16", "8:00-16:00"),
        ("830–1700", "8:30-17:00"),
        ("8:00-12:00,13.00-17.00", "8:00-12:00, 13:00-17:00"),
        ("0-24", "0:00-24:00"),
        ("22:00-6:00", "22:00-6:00"),
        ("8:00至12:00，13:00至18:00", "8:00-12:00, 13:00-18:00"),
        ("", ""),
        ("closed", ""),
        ("8", "unreadable"),
        ("8:70-9", "unreadable"),
        ("25-26", "unreadable"),
        ("24:00-6:00", "unreadable"),
        ("8-12, 11-17", "overlap"),
        ("22-6, 7-9", "overlap"),
        ("8-12, 13-9", "endless"),
        ("1-2,3-4,5-6,7-8,9-10,11-12,13-14", "too_many"),
    ],
)
def test_hours_are_read_as_people_write_them(text: str, found: str) -> None:
    read = read_hours(text)
    assert (read if isinstance(read, str) else written_hours(read)) == found


def test_a_week_needs_work_and_nights_that_end_before_the_next_day_begins() -> None:
    assert week_fault(week().days) == "empty"
    assert week_fault(week("22:00-6:00", "5:00-7:00").days) == 0
    assert week_fault(week("5:00-7:00", "", "", "", "", "", "22:00-6:00").days) == 6
    assert week_fault(NIGHTS.weeks[0].days) is None


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("2 working days", Length(working_days=2)),
        ("1 working day", Length(working_days=1)),
        ("8 working hours", Length(working_minutes=480)),
        ("1 working day 4 working hours", Length(working_days=1, working_minutes=240)),
        ("1 working hour and 30 working minutes", Length(working_minutes=90)),
        ("2 weeks", Length(days=14)),
        ("3 days 2 hours", Length(days=3, minutes=120)),
        ("PT8H", Length(minutes=480)),
        ("P2DT30M", Length(days=2, minutes=30)),
        ("2 working weeks", None),
        ("0 days", None),
        ("P1M", None),
        ("", None),
        ("soon", None),
    ],
)
def test_lengths_are_read(text: str, length: Length | None) -> None:
    assert read_length(text) == length


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("2 business days", "2 working days"),
        ("two workdays", "2 working days"),
        ("8 work hours", "8 working hours"),
        ("8h", "8 hours"),
        ("3d", "3 days"),
        ("2 Working Days", "2 working days"),
        ("2 working weeks", "10 working days"),
        ("1 working day, 2 working hours", "1 working day 2 working hours"),
        ("soon", None),
        ("2 working days", None),
    ],
)
def test_lengths_of_elsewhere_are_understood(text: str, meant: str | None) -> None:
    assert meant_length(text) == meant
