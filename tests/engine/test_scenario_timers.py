"""Timers act while time passes in scenarios, each at its own moment and in order, by the code that a worker runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from blankett.engine.language.loader import load_blueprint, read_blueprint
from blankett.engine.scenarios import coverage, run_scenarios

DESK = """
blueprint: desk
language: 1
title: Desk
roles:
  agent: {title: Agent}
messages:
  hurry: "{record.state}"
forms:
  ticket:
    fields:
      ready: {type: yes_no, default: no}
      seen: {type: text}
      acted: {type: datetime}
    states:
      new: {start: true}
      waiting: {}
      closed: {final: stopped}
    actions:
      park: {from: new, to: waiting, by: agent}
      close: {from: waiting, to: closed, when: ready}
      wake: {from: waiting, to: new, by: agent}
    timers:
      second:
        states: new
        after: 3 hours
        then:
          - set: {seen: = seen + "2"}
      first:
        states: new
        after: 1 hour
        then:
          - set: {seen: "1", acted: = now()}
          - notify: {role: agent, send: hurry}
      end:
        states: waiting
        after: 1 day
        then:
          - act: {action: close}
    grants:
      - {who: agent, may: all}
"""
STORIES = {
    "in order, each at its own moment": [
        "wait: 4 hours",
        "expect: {came_due: [first, second], values: {seen: '12', acted: 2026-03-02T10:00Z}, notified: [agent]}",
        "expect: {timers: {first: over, second: over, end: no}}",
    ],
    "up to the moment, that one counted in": [
        "wait: 1 hour",
        "expect: {came_due: [first], timers: {second: 2026-03-02 12:00}}",
        "wait: 1 minute",
        "expect: {came_due: []}",
    ],
    "what leaves its state first does not": [
        "do: park",
        "wait: 5 hours",
        "expect: {came_due: [], values: {seen: = null}, timers: {end: 2026-03-03 9:00}}",
    ],
    "an action takes itself": [
        "change: {ready: yes}",
        "do: park",
        "wait: 2 days",
        "expect: {state: closed, came_due: [end]}",
    ],
    "what is refused is expected, and tried again": [
        "do: park",
        "wait: 1 day",
        "expect: {refused: guard, state: waiting, timers: {end: 2026-03-03 9:00}}",
        "change: {ready: yes}",
        "wait: 1 hour",
        "expect: {state: closed, came_due: [end]}",
    ],
    "what is refused for good has failed": [
        "do: park",
        "wait: 3 days",
        "expect: {refused: guard, state: waiting, timers: {end: failed}}",
    ],
}


def played(steps: list[str], text: str = DESK) -> list[tuple[str, str, str]]:
    """Return (what, expected, found) of what goes another way than steps on a new ticket say."""
    return [
        (each.what, each.expected, each.found)
        for result in run_scenarios(read_blueprint(text + story(steps))).results
        for each in result.mismatches
    ]


def story(steps: list[str]) -> str:
    """Return a scenario of steps on a new ticket."""
    told = "\n".join(f"      - {step}" for step in ["create: ticket", *steps])
    return f"\nscenarios:\n  a story:\n    as: anna (agent)\n    steps:\n{told}\n"


@pytest.mark.parametrize("steps", STORIES.values(), ids=STORIES)
def test_timers_act_while_time_passes(steps: list[str]) -> None:
    assert played(steps) == []


#: What goes another way → what is told.
WRONG = {
    "nobody expects a refusal": (
        ["do: park", "wait: 1 day", "comment: Hm"],
        [("timer end", "accepted", "refused (guard)")],
    ),
    "one that did not act": (["wait: 1 hour", "expect: {came_due: [second]}"], [("came_due", "second", "first")]),
    "one too many": (["wait: 1 hour", "expect: {came_due: []}"], [("came_due", "none", "first")]),
    "another moment": (
        ["expect: {timers: {first: 2026-03-02 11:00}}"],
        [("timers.first", "2026-03-02 11:00", "2026-03-02 10:00")],
    ),
    "one that does not run": (
        ["expect: {timers: {end: 2026-03-02 11:00}}"],
        [("timers.end", "2026-03-02 11:00", "no")],
    ),
}


@pytest.mark.parametrize(("steps", "told"), WRONG.values(), ids=WRONG)
def test_what_goes_another_way_is_told(steps: list[str], told: list[tuple[str, str, str]]) -> None:
    assert played(steps) == told


def test_timers_without_end_are_stopped_and_told() -> None:
    text = DESK.replace(
        "        after: 1 hour\n", "        after: 1 minute\n        repeat: {every: 1 minute, most: 366}\n"
    )
    many = ["create: ticket", "create: ticket", "create: ticket"]
    (what, expected, found) = played([*many, "wait: 10 hours"], text)[-1]
    assert (what, expected, found) == ("wait 10 hours", "at most 1000 timers that act in one step", "more")


@pytest.mark.parametrize(
    ("step", "id"),
    [
        ("expect: {came_due: [frist]}", "BL222"),
        ("expect: {timers: {frist: no}}", "BL222"),
        ("expect: {timers: {first: soon}}", "BL809"),
    ],
)
def test_what_cannot_be_read_is_told(step: str, id: str) -> None:
    loaded = load_blueprint(DESK + story([step]))
    assert [problem.id for problem in loaded.problems if problem.is_error] == [id]


def test_the_timers_of_the_documentation_are_all_tried() -> None:
    example = Path(__file__).parents[2] / "docs" / "examples" / "timers.yaml"
    report = run_scenarios(read_blueprint(example.read_text(encoding="utf-8")))
    assert (report.passed, coverage(report)["timers"].missing) == (True, ())
