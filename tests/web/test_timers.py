"""Timers on pages: what is to come on a record, what came by itself in its history, all of them for administrators."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from blankett.engine.access import load_actor
from blankett.engine.language.loader import read_blueprint
from blankett.engine.records import Command, Receipt
from blankett.engine.records.timers import fire_due
from blankett.forms.errors import say_refusal
from blankett.web.services import Services

from .conftest import ORGANISATION, ROOM, Clock, publish
from .pages import words

SignedIn = Callable[[str], Any]
CARE = """
blueprint: care
language: 1
languages: [en, zh]
title: Care
roles: {clerk: {title: Clerk}}
calendars: {office: {title: The office, zone: UTC, hours: {friday: 8-16, monday: 8-16}}}
forms:
  call:
    title: Call
    show: "{name}"
    fields:
      name: {type: text}
      secret: {type: date, private: [boss]}
      count: {type: number, default: 0}
    states: {open: {start: true}, shut: {final: true}}
    actions:
      close: {title: Close it, done: closed it, from: open, to: shut, when: count > 0, message: Nobody has counted.}
    timers:
      look:
        title: Look at it
        help: Nobody has.
        states: open
        after: 2 working hours
        then: [{set: {count: = count + 1}}]
        repeat: {every: 1 working day, most: 2}
      shut: {title: Shut it, states: open, after: 1 hour, then: [{act: {action: close}}]}
      hidden: {title: A secret, field: secret, then: [{set: {count: 5}}]}
    grants: [{who: clerk, may: all}]
translations: {zh: {title: 关怀}}
"""


@pytest.fixture
def call(services: Services) -> str:
    """Give a call of Anna's, made on Friday, 20 November, at 9:30."""
    text = CARE.replace("roles: {clerk", "roles: {boss: {title: Boss}, clerk")
    publish(services.store, text, services.clock())
    with services.store.writing() as writing:
        writing.give_calendars(ORGANISATION, read_blueprint(text).calendars.values(), "en")
        anna = load_actor(writing, ORGANISATION, "anna")
    assert anna is not None
    answer = services.engine.apply(
        Command(intent="", actor=anna, blueprint="care", form="call", workspace=ROOM, values={"name": "Roof"})
    )
    assert isinstance(answer, Receipt)
    return answer.record


def test_a_record_tells_what_is_to_come_and_what_came_by_itself(
    call: str, signed_in: SignedIn, services: Services, clock: Clock
) -> None:
    anna = signed_in("anna")
    page = words(anna.get(f"/records/{call}").text)
    assert "By itself Shut it 10:30 counted from Friday, 20 November 2026 09:30 Look at it 11:30 Nobody has." in page
    assert "in the working time of The office, then 2 more times at most" in page
    assert "A secret" not in page
    clock.pass_by(hours=1)
    fire_due(services.engine, ORGANISATION, 9, say_refusal)
    assert "It was refused: Nobody has counted. 1 try" in words(anna.get(f"/records/{call}").text)
    clock.pass_by(hours=2)
    fire_due(services.engine, ORGANISATION, 9, say_refusal)
    fire_due(services.engine, ORGANISATION, 9, say_refusal)
    page = words(anna.get(f"/records/{call}").text)
    assert "Shut it by itself: closed it" in page
    assert "Look at it by itself" in page
    assert 'id="timers"' not in page
    why = words(anna.get(f"/records/{call}/events/2/why").text)
    assert "The time of “Look at it” had come" in why


def test_administrators_see_the_next_timers_and_try_again_what_failed(
    call: str, signed_in: SignedIn, services: Services, clock: Clock
) -> None:
    admin = signed_in("admin")
    page = words(admin.get("/jobs").text)
    assert "Timers set 2 next: 10:30" in page
    # What they may not open is not named.
    assert "Next timers What happens Record When Reason Action Shut it Call 10:30 Look at it Call 11:30" in page
    clock.pass_by(hours=1)
    fire_due(services.engine, ORGANISATION, 9, say_refusal)
    page = words(admin.get("/jobs").text)
    assert "Shut it Call 10:30 It was refused: 1 try Try now" in page
    retry = f"/jobs/timers/{call}/shut/retry"
    admin.post(retry)
    assert "The timer is tried again." in words(admin.get("/jobs").text)
    assert fire_due(services.engine, ORGANISATION, 9, say_refusal) == 1
    admin.post(f"/jobs/timers/{call}/none/retry")
    assert "The timer is tried again." not in words(admin.get("/jobs").text)
    assert signed_in("anna").post(retry).status_code == 403
