"""Clocks of records: they begin, pause, go on, stop and begin anew by states and actions; nobody types them."""

from __future__ import annotations

import pytest

from blankett.engine.language.loader import load_blueprint, read_blueprint
from blankett.engine.scenarios import run_scenarios

DESK = """
blueprint: desk
language: 1
title: Desk
roles:
  agent: {title: Agent}
calendars:
  office:
    zone: Europe/Copenhagen
    hours: {monday: 8:00-16:00, tuesday: 8:00-16:00, wednesday: 8:00-16:00, thursday: 8:00-16:00, friday: 8:00-14:00}
forms:
  ticket:
    due: response
    fields:
      urgent: {type: yes_no, default: no}
      response: {type: clock, starts: new, stops: [answer, solved], pauses: [asked], within: 8 working hours}
      resolution:
        type: clock
        starts: [new, reopened]
        pauses: asked
        stops: solved
        within: '= if urgent then "1 working day" else "5 working days"'
      late: {type: yes_no, compute: response != null and response < now()}
    states:
      draft: {start: true}
      new: {}
      asked: {held: true}
      solved: {}
      reopened: {}
      closed: {final: true}
    actions:
      report: {from: draft, to: new, by: agent}
      ask: {from: [new, reopened], to: asked, by: agent}
      back: {from: asked, to: new, by: agent}
      answer: {from: [new, reopened], by: agent}
      solve: {from: [new, reopened], to: solved, by: agent}
      reopen: {from: solved, to: reopened, by: agent}
      close: {from: [new, solved], to: closed, by: agent}
    grants:
      - {who: agent, may: all}
"""
#: What happens → the steps; a moment is by when the clock is due. All begin on Monday, 2 March 2026, 10:00 at the desk.
STORIES = {
    "nothing runs before": ["expect: {values: {response: = null, resolution: = null}}"],
    "they begin with a state": [
        "do: report",
        "expect: {values: {response: 2026-03-03T09:00Z, resolution: 2026-03-09T09:00Z, late: no}}",
    ],
    "they stand still while somebody is asked": [
        "do: report",
        "wait: 2 working hours",
        "do: ask",
        "expect: {values: {response: = null, resolution: = null}}",
        "at: 2026-03-05 10:00",
        "do: back",
        "expect: {values: {response: 2026-03-05T15:00Z}}",
    ],
    "one stops with an action, the other goes on": [
        "do: report",
        "do: answer",
        "expect: {values: {response: = null, resolution: 2026-03-09T09:00Z}}",
    ],
    "one that stopped does not begin again where it is": [
        "do: report",
        "do: answer",
        "change: {urgent: yes}",
        "expect: {values: {response: = null}}",
    ],
    "one begins anew when its state is entered again": [
        "do: report",
        "do: solve",
        "expect: {values: {resolution: = null}}",
        "at: 2026-03-04 8:00",
        "do: reopen",
        "expect: {values: {resolution: 2026-03-11T07:00Z, response: = null}}",
    ],
    "one whose length is worked out follows it": [
        "do: report",
        "change: {urgent: yes}",
        "expect: {values: {resolution: 2026-03-03T09:00Z, response: 2026-03-03T09:00Z}}",
    ],
    "both end with the record": [
        "do: report",
        "do: close",
        "expect: {values: {response: = null, resolution: = null}}",
    ],
    "formulas see that it is late": [
        "do: report",
        "at: 2026-03-03 10:01",
        "expect: {values: {late: yes}}",
    ],
}


def wrong(steps: list[str], desk: str = DESK) -> list[tuple[str, str, str]]:
    """Return (what, expected, found) of what goes another way than steps on a new ticket say."""
    told = "\n".join(f"      - {step}" for step in ["create: ticket", *steps])
    story = f"\nscenarios:\n  a story:\n    as: anna (agent)\n    steps:\n{told}\n"
    results = run_scenarios(read_blueprint(desk + story)).results
    return [(each.what, each.expected, each.found) for result in results for each in result.mismatches]


@pytest.mark.parametrize("steps", STORIES.values(), ids=STORIES)
def test_a_clock_follows_its_record(steps: list[str]) -> None:
    assert wrong(steps) == []


#: What is written of a clock → what is told.
MISTAKES = {
    "a default": ("response: {type: clock,", "response: {type: clock, required: yes,", "BL118"),
    "a state that is none": ("pauses: [asked]", "pauses: [askd]", "BL204"),
    "a length that is none": ("within: 8 working hours", "within: 8 business hours", "BL310"),
    "a formula that gives no length": (
        '\'= if urgent then "1 working day" else "5 working days"\'',
        "= 1 = 1",
        "BL311",
    ),
    "another calendar": ("within: 8 working hours}", "within: 8 working hours, calendar: home}", "BL330"),
    "an effect that sets it": (
        "answer: {from: [new, reopened], by: agent}",
        "answer: {from: [new, reopened], by: agent, effects: [{set: {response: = now()}}]}",
        "BL401",
    ),
}


@pytest.mark.parametrize(("text", "instead", "id"), MISTAKES.values(), ids=MISTAKES)
def test_what_makes_no_clock_is_told(text: str, instead: str, id: str) -> None:
    assert text in DESK
    loaded = load_blueprint(DESK.replace(text, instead))
    assert [problem.id for problem in loaded.problems if problem.is_error] == [id]


def test_a_clock_that_goes_on_lets_its_timer_act_no_second_time() -> None:
    timer = "    timers:\n      hurry: {field: response, before: 2 working hours, then: [{set: {urgent: yes}}]}\n"
    steps = ["do: report", "wait: 7 working hours", "expect: {came_due: [hurry]}"]
    for _ in range(2):
        steps += ["do: ask", "wait: 3 days", "do: back", "wait: 10 minutes", "expect: {came_due: []}"]
    assert wrong(steps, DESK.replace("    grants:", f"{timer}    grants:")) == []
