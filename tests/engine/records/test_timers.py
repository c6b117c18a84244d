"""Timers of records: when they are due, what they do then, and that they do it once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from tests.engine.records.company import Company
from tests.jobs import do_jobs

from blankett.engine.calendar import OwnDay
from blankett.engine.jobs.deadlines_job import change_calendar
from blankett.engine.records import Command, Receipt, Refusal
from blankett.engine.records.timers import PAUSES, fire_due, retry_timer
from blankett.engine.scenarios.stage import ORGANISATION
from blankett.engine.store.timers import TimerRow, record_timers
from blankett.engine.verify import verify

#: Hours of a week in Copenhagen; 2026-03-02, when the stage begins, is a Monday.
HEAD = """
blueprint: quotes
language: 1
title: Quotes
roles: {sales: {title: Sales}, boss: {title: Boss}}
calendars:
  office:
    zone: Europe/Copenhagen
    hours: {monday: 8-16, tuesday: 8-16, wednesday: 8-16, thursday: 8-16, friday: 8-16}
    days: {2026-03-09: Closed, 2026-04-06: Easter Monday}
messages: {late: "{name} is late.", done: "{name} is done."}
forms:
  quote:
    title: Quote
    show: "{name}"
    fields:
      name: {type: text}
      until: {type: date}
      call: {type: datetime}
      lasts: {type: duration}
      length: {type: text}
      count: {type: number, default: 0}
      other: {type: link, to: quote}
    states: {draft: {start: true}, sent: {}, parked: {}, won: {final: true}, lost: {final: stopped}}
    actions:
      send: {from: [draft, parked], to: sent, by: sales}
      park: {from: sent, to: parked, by: sales}
      back: {from: sent, to: draft, by: sales}
      win: {from: sent, to: won, by: sales EFFECTS}
      again: {from: sent, by: sales, effects: [{start: it}]}
      enough: {from: sent, by: sales, effects: [{stop: it}]}
      bounce: {from: sent, by: sales, effects: [{act: {link: other, action: send}}]}
      expire: {from: sent, to: lost, when: count < 5, message: Counted too far.}
    timers:
      it: {TIMER}
    grants: [{who: sales, may: all}]
"""
COUNTS = "then: [{set: {count: = count + 1}}]"


@dataclass
class Story:
    """A company whose quotes have the timer `it`, and the quote it is about."""

    company: Company
    quote: str

    @property
    def row(self) -> TimerRow | None:
        """Return the timer's row."""
        with self.company.stage.store.reading() as reading:
            return next(iter(record_timers(reading, ORGANISATION, self.quote)), None)

    @property
    def due(self) -> str | None:
        """Return when it is looked at next, where it waits."""
        row = self.row
        return f"{row.look_at:%Y-%m-%d %H:%M}" if row is not None and row.state == "pending" else None

    @property
    def count(self) -> int:
        """Return how often it has counted."""
        return int(self.data.get("count", 0))

    @property
    def data(self) -> Any:
        """Return the quote's values as they are stored."""
        with self.company.stage.store.reading() as reading:
            found = reading.record(ORGANISATION, self.quote)
        assert found is not None
        return {**found.data, "state": found.state, "assignee": found.assignee}

    def do(self, action: str | None = None, **values: Any) -> None:
        """Take an action, or change values."""
        given = {"action": action} if action is not None else {}
        self.company.done("ann", "quote", self.quote, **given, **values)

    def pass_to(self, moment: str) -> int:
        """Let the clock show *moment*, and do what is due until nothing is; return how many were looked at."""
        self.company.stage.now = datetime.fromisoformat(moment).replace(tzinfo=UTC)
        looked = 0
        while found := fire_due(self.company.engine, ORGANISATION, 10, said):
            looked += found
            assert looked < 100, "no end"
        return looked

    @property
    def events(self) -> Iterator[tuple[str, str, str | None]]:
        """Yield (kind, who, action) of its history, oldest first."""
        with self.company.stage.store.reading() as reading:
            for event in reversed(reading.events(ORGANISATION, self.quote)):
                yield event.kind, event.actor, event.action


def said(refusal: Refusal) -> str:
    """Return the ids of a refusal."""
    return ", ".join(problem.message for problem in refusal.problems)


def story(timer: str, effects: str = "", **values: Any) -> Story:
    """Return the story of a quote just made, at 9:00 UTC on Monday, 2 March."""
    text = HEAD.replace("TIMER", timer).replace("EFFECTS", f", effects: [{effects}]" if effects else "")
    company = Company(text, ann="sales", bo="boss")
    return Story(company, company.done("ann", "quote", name="A", **values).record)


# When it is due -------------------------------------------------------------------------------------------------------


#: Noon in UTC on the days before the clock is put forward, and back.
BEFORE_SPRING, BEFORE_AUTUMN = datetime(2026, 3, 28, 12, tzinfo=UTC), datetime(2026, 10, 24, 12, tzinfo=UTC)
#: (timer, values, when it is due), for a quote that is sent on Monday, 2 March 2026, at 9:00 UTC, 10:00 in Copenhagen.
DEADLINES: list[tuple[str, dict[str, Any], str | None]] = [
    ("states: sent, after: 3 days", {}, "2026-03-05 09:00"),
    ("states: sent, after: 90 minutes", {}, "2026-03-02 10:30"),
    ("states: sent, after: 2 working days", {}, "2026-03-04 09:00"),
    ("states: sent, after: 5 working days", {}, "2026-03-10 09:00"),  # 9 March is closed
    ("states: sent, after: 8 working hours", {}, "2026-03-03 09:00"),
    ('states: sent, after: 3 days, time: "8:30"', {}, "2026-03-05 08:30"),
    ('states: sent, after: 3 days, calendar: office, time: "8:30"', {}, "2026-03-05 07:30"),
    ('states: sent, after: 1 hour, time: "8:30"', {}, "2026-03-03 08:30"),  # that of today has passed
    ("states: sent, after: = lasts", {"lasts": timedelta(hours=5)}, "2026-03-02 14:00"),
    ("states: sent, after: = length", {"length": "2 working days"}, "2026-03-04 09:00"),
    ("states: sent, after: = length", {"length": "soon"}, None),
    ("states: sent, after: = lasts", {}, None),
    ('states: sent, after: = duration("P1M")', {}, "2026-04-02 08:00"),  # 10:00 in Copenhagen, in summer
    ("field: until", {"until": date(2026, 3, 12)}, "2026-03-12 00:00"),
    ("field: until", {}, None),
    ('field: until, time: "8:00"', {"until": date(2026, 3, 12)}, "2026-03-12 08:00"),
    ('field: until, time: "8:00", calendar: office', {"until": date(2026, 3, 12)}, "2026-03-12 07:00"),
    ("field: until, before: 2 working days", {"until": date(2026, 3, 12)}, "2026-03-10 07:00"),
    ("field: until, before: 3 working days", {"until": date(2026, 3, 12)}, "2026-03-06 07:00"),
    ("field: until, before: 1 week", {"until": date(2026, 3, 12)}, "2026-03-05 00:00"),
    ("field: call, after: 30 minutes", {"call": datetime(2026, 3, 5, 12, tzinfo=UTC)}, "2026-03-05 12:30"),
    ('at: until + duration("P1D"), after: 2 hours', {"until": date(2026, 3, 12)}, "2026-03-13 02:00"),
    ("at: record.created_at, after: 1 day", {}, "2026-03-03 09:00"),
    # The clock is put forward on 29 March, and back on 25 October: a day stays a day, hours stay hours.
    ('field: until, after: 1 day, calendar: office, time: "8:00"', {"until": date(2026, 3, 28)}, "2026-03-29 06:00"),
    ("field: call, after: 1 day, calendar: office", {"call": BEFORE_SPRING}, "2026-03-29 11:00"),
    ("field: call, after: 24 hours, calendar: office", {"call": BEFORE_SPRING}, "2026-03-29 12:00"),
    ("field: call, after: 1 day, calendar: office", {"call": BEFORE_AUTUMN}, "2026-10-25 13:00"),
    # 2:30 is left out on 29 March, and is there twice on 25 October: the first one.
    ('field: until, calendar: office, time: "2:30"', {"until": date(2026, 3, 29)}, "2026-03-29 01:30"),
    ('field: until, calendar: office, time: "2:30"', {"until": date(2026, 10, 25)}, "2026-10-25 00:30"),
    # Easter Monday is no working day; 29 February is a day.
    ("field: until, after: 1 working day", {"until": date(2026, 4, 3)}, "2026-04-07 06:00"),
    ("field: until, after: 1 day", {"until": date(2028, 2, 28)}, "2028-02-29 00:00"),
    ('at: until + duration("P1Y")', {"until": date(2028, 2, 29)}, "2029-02-28 00:00"),
    ("field: until, after: 1 day", {"until": date(9999, 12, 31)}, None),
]  # fmt: skip


@pytest.mark.parametrize(("timer", "values", "due"), DEADLINES)
def test_it_is_due_when_its_words_say(timer: str, values: dict[str, Any], due: str | None) -> None:
    found = story(f"{timer}, {COUNTS}", **values)
    found.do("send")
    assert found.due == due


def test_it_runs_while_the_record_is_in_its_states_and_begins_anew_when_it_comes_back() -> None:
    found = story(f"states: [sent, parked], after: 2 days, {COUNTS}")
    assert found.row is None
    found.do("send")
    found.pass_to("2026-03-03T09:00")
    found.do("park")
    assert found.due == "2026-03-04 09:00"
    found.do("send")
    found.do("back")
    assert found.row is None
    found.do("send")
    assert found.due == "2026-03-05 09:00"
    assert (found.pass_to("2026-03-06T00:00"), found.count, found.due) == (1, 1, None)


def test_its_deadline_moves_with_the_day_it_hangs_on() -> None:
    found = story(f"field: until, {COUNTS}", until=date(2026, 3, 12))
    found.do(until=date(2026, 3, 20))
    assert (found.pass_to("2026-03-13T00:00"), found.due) == (0, "2026-03-20 00:00")
    found.do(until=date(2026, 3, 5))
    assert (found.pass_to("2026-03-13T00:00"), found.count) == (1, 1)
    found.do(until=date(2026, 3, 6))
    assert (found.pass_to("2026-03-13T00:00"), found.count, found.due) == (0, 1, None)
    found.do(until=date(2026, 4, 1))
    assert found.due == "2026-04-01 00:00"
    found.do(until=None)
    assert found.row is None


def test_a_day_that_is_gone_for_a_while_lets_nothing_be_done_again() -> None:
    found = story(f"field: call, before: 2 hours, repeat: {{every: 1 hour, most: 1}}, {COUNTS}")
    for said, now, counted, due in (
        ("12:00", "10:00", 1, "2026-03-03 11:00"),
        (None, "11:30", 1, None),
        ("12:30", "11:45", 1, "2026-03-03 12:30"),  # the reminder is still to come, an hour after it was taken up
        (None, "12:00", 1, None),
        ("13:00", "13:30", 2, None),
        (None, "13:45", 2, None),
        ("14:00", "14:00", 2, None),
        ("20:00", "14:30", 2, "2026-03-03 18:00"),
    ):
        found.do(call=datetime.fromisoformat(f"2026-03-03T{said}Z") if said else None)
        found.pass_to(f"2026-03-03T{now}")
        assert (found.count, found.due) == (counted, due), (said, now)
    found.do("send")
    found.do("enough")
    found.do(call=None)
    found.do(call=datetime(2026, 3, 5, 12, tzinfo=UTC))
    assert (found.row is not None and found.row.state, found.due) == ("stopped", None)


def test_what_another_record_says_later_is_waited_for() -> None:
    found = story(f"at: other.until, {COUNTS}")
    other = found.company.done("ann", "quote", name="B", until=date(2026, 3, 10)).record
    found.do(other=other)
    assert found.due == "2026-03-10 00:00"
    found.company.done("ann", "quote", other, until=date(2026, 3, 15))
    assert (found.pass_to("2026-03-11T00:00"), found.count, found.due) == (1, 0, "2026-03-15 00:00")
    assert (found.pass_to("2026-03-15T00:00"), found.count) == (1, 1)


# What it does ---------------------------------------------------------------------------------------------------------


def test_it_reminds_again_and_nothing_is_made_up_for() -> None:
    found = story(f"states: sent, after: 2 working days, repeat: {{every: 1 working day, most: 3}}, {COUNTS}")
    found.do("send")
    told = []
    for day in range(3, 14):
        found.pass_to(f"2026-03-{day:02}T10:00")
        told.append(found.count)
    assert told == [0, 1, 2, 3, 3, 3, 3, 4, 4, 4, 4]
    late = story(f"states: sent, after: 2 days, repeat: {{every: 1 day, most: 3}}, {COUNTS}")
    late.do("send")
    assert (late.pass_to("2026-03-10T09:00"), late.count, late.due) == (1, 1, "2026-03-11 09:00")


def test_unless_is_asked_when_it_is_due() -> None:
    found = story(f'states: sent, after: 1 day, unless: name = "quiet", repeat: {{every: 1 day, most: 2}}, {COUNTS}')
    found.do("send", name="quiet")
    assert (found.pass_to("2026-03-03T10:00"), found.count, found.due) == (1, 0, "2026-03-04 09:00")
    found.do(name="loud")
    assert (found.pass_to("2026-03-04T10:00"), found.count) == (1, 1)


def test_it_takes_an_action_of_its_own_record_in_nobodys_name() -> None:
    found = story("states: sent, after: 1 day, then: [{act: {action: expire}}, {assign: = record.owner}]")
    found.do("send")
    found.pass_to("2026-03-03T09:00")
    assert (found.data["state"], found.data["assignee"], found.row) == ("lost", "ann", None)
    assert list(found.events) == [("create", "ann", None), ("act", "ann", "send"), ("timer", "", "expire")]
    assert verify(found.company.stage.store) == []


def test_it_tells_people_makes_records_and_leaves_the_record_as_it_is() -> None:
    then = "then: [{notify: {role: boss, send: late}}, {create: {form: quote, with: {name: = name}}}]"
    found = story(f"states: sent, after: 1 day, {then}")
    found.do("send")
    found.pass_to("2026-03-03T09:00")
    view = found.company.view("ann", found.quote)
    assert view is not None
    assert (view.revision, list(found.events)[-1]) == (2, ("timer", "", None))
    made = found.company.page("ann", "quote").rows
    assert len(made) == 2
    with found.company.stage.store.reading() as reading:
        owners = {reading.record(ORGANISATION, row.id).owner for row in made}  # type: ignore[union-attr]
        told = [note.text for user in ("bo", "boss") for note in reading.notifications(ORGANISATION, user)]
    assert (owners, len(told)) == ({"ann"}, 2)


def test_an_effect_starts_it_anew_and_another_stops_it() -> None:
    found = story(f"states: sent, after: 2 days, {COUNTS}")
    found.do("send")
    found.pass_to("2026-03-03T09:00")
    found.do("again")
    assert found.due == "2026-03-05 09:00"
    found.do("enough")
    found.do(name="still")
    assert (found.due, found.pass_to("2026-03-09T09:00"), found.count) == (None, 0, 0)
    found.do("back")
    found.do("send")
    assert found.due == "2026-03-11 09:00"


def test_one_that_only_an_effect_starts_runs_in_a_final_state_too() -> None:
    found = story(f"after: 5 days, {COUNTS}", effects="{start: it}")
    found.do("send")
    assert found.row is None
    found.do("win")
    assert (found.pass_to("2026-03-08T09:00"), found.count, found.data["state"]) == (1, 1, "won")


# When it cannot -------------------------------------------------------------------------------------------------------


def test_what_is_refused_is_tried_again_and_holds_nothing_else_up() -> None:
    found = story("states: sent, after: 1 day, then: [{act: {action: expire}}]", count=Decimal(7))
    other = found.company.done("ann", "quote", name="B").record
    for quote in (found.quote, other):
        found.company.done("ann", "quote", quote, action="send")
    found.pass_to("2026-03-03T09:00")
    row = found.row
    assert row is not None
    assert (row.tries, row.reason, row.detail, row.look_at - found.company.stage.now) == (
        1, "timers.why_refused", "plain", PAUSES[0],
    )  # fmt: skip
    assert Story(found.company, other).data["state"] == "lost"
    for day in range(4, 4 + len(PAUSES)):
        found.pass_to(f"2026-03-{day:02}T09:00")
    assert found.row is not None
    assert (found.row.state, found.data["state"]) == ("failed", "sent")
    with found.company.stage.store.writing() as writing:
        assert retry_timer(writing, ORGANISATION, found.quote, "it", found.company.stage.now)
    found.pass_to("2026-03-20T09:00")
    assert found.data["state"] == "sent"
    found.do(count=Decimal(1))  # it is tried again whenever the record changes
    found.pass_to("2026-03-20T09:00")
    assert found.data["state"] == "lost"


def test_a_refusal_that_cannot_be_put_into_words_holds_nothing_else_up() -> None:
    found = story("states: sent, after: 1 day, then: [{act: {action: expire}}]", count=Decimal(7))
    other = found.company.done("ann", "quote", name="B").record
    for quote in (found.quote, other):
        found.company.done("ann", "quote", quote, action="send")
    found.company.stage.now = datetime(2026, 3, 3, 9, tzinfo=UTC)

    def speechless(_: Refusal) -> str:
        raise KeyError("no such word")

    assert fire_due(found.company.engine, ORGANISATION, 10, speechless) == 2
    assert found.row is not None
    assert (found.row.tries, found.row.reason) == (1, "timers.why_error")
    assert Story(found.company, other).data["state"] == "lost"


def test_timers_that_let_each_other_begin_again_at_once_come_to_an_end() -> None:
    found = story("at: record.created_at, states: sent, then: [{set: {count: = count + 1}}, {start: it}]")
    found.do("send")
    found.pass_to("2026-03-03T09:00")
    row = found.row
    assert row is not None
    assert (row.state, row.reason, found.count) == ("failed", "timers.why_goes_round", 11)


def test_one_that_puts_off_its_own_day_by_a_moment_each_time_comes_to_an_end() -> None:
    found = story('field: call, then: [{set: {count: = count + 1}}, {set: {call: = now() + duration("PT1S")}}]')
    found.do(call=found.company.stage.now)
    for second in range(20):
        found.pass_to(f"2026-03-02T10:00:{second:02}")
    row = found.row
    assert row is not None
    assert (row.state, row.reason, found.count) == ("failed", "timers.why_goes_round", 11)
    found.do(call=datetime(2026, 3, 3, tzinfo=UTC))  # somebody changed it: it runs again
    assert found.due == "2026-03-03 00:00"
    calm = story('field: call, then: [{set: {count: = count + 1}}, {set: {call: = now() + duration("PT1H")}}]')
    calm.do(call=calm.company.stage.now)
    for hour in range(10, 24):
        calm.pass_to(f"2026-03-02T{hour}:00")
    assert (calm.count, calm.due) == (14, "2026-03-03 00:00")


def test_a_clock_that_jumps_lets_nothing_happen_twice_and_loses_nothing() -> None:
    found = story(f"states: sent, after: 2 days, repeat: {{every: 1 day, most: 1}}, {COUNTS}")
    found.do("send")
    assert [(found.pass_to(f"2026-03-04T{hour}:00"), found.count) for hour in ("09", "08", "09")] == [
        (1, 1), (0, 1), (0, 1),
    ]  # fmt: skip
    assert [(found.pass_to(f"2026-03-0{day}T08:00"), found.count) for day in (5, 6, 5, 6)] == [
        (0, 1), (1, 2), (0, 2), (0, 2),
    ]  # fmt: skip


def test_a_record_that_is_discarded_takes_its_timers_along() -> None:
    found = story(f"states: draft, after: 1 day, {COUNTS}")
    assert found.due == "2026-03-03 09:00"
    company = found.company
    command = Command(
        intent="", actor=company.actor("ann"), blueprint="quotes", form="quote", record=found.quote, discard=True
    )
    assert isinstance(company.engine.apply(command), Receipt)
    assert (found.row, found.pass_to("2026-03-09T09:00"), verify(company.stage.store)) == (None, 0, [])


def test_deadlines_move_with_their_calendar_but_what_was_done_is_not_done_again() -> None:
    found = story(f"states: sent, after: 2 working days, {COUNTS}")
    found.do("send")
    late = Story(found.company, found.company.done("ann", "quote", name="B").record)
    found.pass_to("2026-03-04T10:00")
    late.do("send")
    assert (found.count, late.due) == (1, "2026-03-06 10:00")
    engine, store = found.company.stage.engine, found.company.stage.store
    with store.writing() as writing:
        calendar = writing.calendar(ORGANISATION, "office")
        assert calendar is not None
        days = {**calendar.definition.days, date(2026, 3, 3): OwnDay("Strike", ()), date(2026, 3, 5): OwnDay("Too", ())}
        changed = replace(calendar, definition=replace(calendar.definition, days=days), revision=2)
        assert change_calendar(writing, ORGANISATION, changed, "", engine.clock()) == 1
    assert do_jobs(engine) == ["done"]
    assert (late.due, found.due, found.pass_to("2026-03-31T10:00"), found.count) == ("2026-03-10 10:00", None, 1, 1)
