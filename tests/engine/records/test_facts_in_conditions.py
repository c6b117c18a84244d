"""Facts in checks, in the checks of fields, in guards and effects: counted anew for each, and again under the lock."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from blankett.engine.checks import check_blueprint
from blankett.engine.records import Command, Receipt, Refusal
from blankett.engine.scenarios.stage import WORKSPACE

from .company import Company
from .told import in_words, misses

DAY = date(2026, 5, 1)
ROOMS = """\
blueprint: rooms
language: 1
title: Rooms
roles: {clerk: {}, boss: {}}
forms:
  booking:
    fields:
      room: {type: text, required: yes}
      day: {type: date, required: yes}
      seats:
        type: number
        check:
          that: seats + facts.seats <= 10
          message: "{facts.seats} of 10 seats are taken."
      place: {type: number, editable: no}
    states: {draft: {start: true}, booked: {}, used: {final: true}}
    facts:
      taken: {count: booking, where: room = this.room and day = this.day and record.state != "draft"}
      seats: {sum: booking.seats, where: day = this.day and record.state != "draft"}
      waiting: {count: booking, where: record.state = "draft"}
    checks:
      free:
        that: facts.taken < 2
        message: "{room} has {facts.taken} bookings that day."
        field: day
    actions:
      book:
        from: draft
        to: booked
        by: clerk
        effects:
          - set: {place: = facts.taken + 1}
      use:
        from: booked
        to: used
        by: clerk
        when: facts.waiting = 0
        message: "{facts.waiting} still wait."
    grants: [{who: clerk, may: all}]
scenarios:
  two in a room are enough:
    as: ann (clerk)
    steps:
      - create: booking
        with: {room: A, day: 2026-05-01, seats: 1}
      - do: book
      - expect: {values: {place: 1}}
      - create: booking
        with: {room: A, day: 2026-05-01, seats: 1}
      - do: book
      - expect: {values: {place: 2}}
      - create: booking
        with: {room: A, day: 2026-05-01, seats: 1}
      - do: book
      - expect: {refused: free}
      - change: {day: 2026-05-02}
      - do: book
      - expect: {values: {place: 1}}
  what others do binds when the record is written:
    as: ann (clerk)
    steps:
      - create: booking
        with: {room: A, day: 2026-05-01, seats: 5}
      - do: book
      - create: booking
        with: {room: B, day: 2026-05-01, seats: 6}
      - do: book
      - expect: {refused: seats}
      - change: {seats: 4}
      - do: book
      - expect: {state: booked}
  the guard counts too:
    as: ann (clerk)
    steps:
      - create: booking
        with: {room: A, day: 2026-05-01, seats: 1}
      - do: book
      - create: booking
        with: {room: B, day: 2026-05-01, seats: 1}
      - do: book
      - expect: {can: [use]}
      - create: booking
        with: {room: C, day: 2026-05-01}
      - as: ann (clerk)
      - do: book
      - expect: {can: [use], state: booked}
      - create: booking
        with: {room: C, day: 2026-05-01}
"""


COUNTED = """\
blueprint: desks
language: 1
title: Desks
roles: {clerk: {}}
forms:
  desk:
    fields:
      room: {type: text, required: yes}
      shade: {type: text, compute: lower case(room)}
      beside: {type: number, compute: facts.others + 1}
      far: {type: yes_no, compute: beside > 2}
    facts:
      others: {count: desk, where: shade = this.shade}
    grants: [{who: clerk, may: all}]
scenarios:
  a compute counts when its record is written:
    as: ann (clerk)
    steps:
      - create: desk
        with: {room: A}
      - expect: {values: {beside: 1, far: no}}
      - create: desk
        with: {room: a}
      - create: desk
        with: {room: A}
      - expect: {values: {beside: 3, far: yes}}
      - change: {room: B}
      - expect: {values: {beside: 1, far: no}}
      - comment: Nothing changes
      - expect: {values: {beside: 1}}
"""


def test_a_compute_over_facts_is_worked_out_when_its_record_is_written() -> None:
    assert misses(COUNTED) == []


def test_what_was_computed_stays_until_the_record_is_written_again() -> None:
    company = Company(COUNTED, ann="clerk")
    first = company.done("ann", "desk", room="A")
    company.done("ann", "desk", room="A")
    seen = [beside(company, first.record)]
    company.done("ann", "desk", first.record, room="a")
    assert [*seen, beside(company, first.record)] == [Decimal(1), Decimal(2)]


def beside(company: Company, record: str) -> object:
    view = company.view("ann", record)
    assert view is not None
    return next(field.value for section in view.sections for field in section.fields if field.field.key == "beside")


def test_a_compute_that_counts_and_changes_by_itself_and_one_that_goes_round_are_told() -> None:
    live = COUNTED.replace("facts.others + 1", "facts.others + today().year")
    round_ = COUNTED.replace("shade = this.shade", "shade = this.shade and beside = this.beside")
    found = [[problem.name for problem in check_blueprint(text).problems] for text in (live, round_)]
    assert found == [["live_fact"], ["cycle"]]


def test_checks_guards_and_effects_count_over_other_records() -> None:
    assert misses(ROOMS) == []


def command(company: Company, record: str, action: str) -> Command:
    return Command(
        intent="", actor=company.actor("ann"), blueprint="rooms", form="booking", workspace=WORKSPACE, record=record,
        action=action,
    )  # fmt: skip


def test_a_guard_that_counts_says_so_on_the_page_and_refuses() -> None:
    company = Company(ROOMS, ann="clerk")
    first = company.done("ann", "booking", room="A", day=DAY, action="book")
    company.done("ann", "booking", room="B", day=DAY)
    view = company.view("ann", first.record)
    assert view is not None
    reasons = [[in_words(reason.params["value"]) for reason in each.reasons] for each in view.actions]
    answer = company.engine.apply(command(company, first.record, "use"))
    assert isinstance(answer, Refusal)
    assert (reasons, answer.kind) == ([["1 still wait."]], "guard")


def test_what_somebody_books_meanwhile_is_counted_under_the_lock() -> None:
    company = Company(ROOMS, ann="clerk", bo="clerk")
    company.done("ann", "booking", room="A", day=DAY, action="book")
    one, other = (company.done(name, "booking", room="A", day=DAY).record for name in ("ann", "bo"))
    store = company.engine.store
    real = store.writing
    done: list[Receipt] = []

    def meanwhile() -> Any:
        if not done:
            store.writing = real  # type: ignore[method-assign]
            done.append(company.done("bo", "booking", other, action="book"))
        return real()

    store.writing = meanwhile  # type: ignore[method-assign]
    answer = company.engine.apply(command(company, one, "book"))
    assert isinstance(answer, Refusal)
    assert [(problem.path, problem.key) for problem in answer.problems] == [(("day",), "free")]
