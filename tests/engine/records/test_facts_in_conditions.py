"""Facts in checks, in the checks of fields, in guards and effects: counted anew for each, and again under the lock."""

from __future__ import annotations

from datetime import date
from typing import Any

from blankett.engine.records import Command, Receipt, Refusal
from blankett.engine.scenarios.stage import WORKSPACE

from .company import Company
from .told import misses

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
    reasons = [[reason.params["value"] for reason in each.reasons] for each in view.actions]
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
