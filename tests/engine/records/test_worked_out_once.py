"""An action that writes no value is worked out and looked at once, unless something else is read by its form."""

from __future__ import annotations

from collections import Counter
from types import ModuleType
from typing import Any

import pytest

from blankett.engine.records import record_change as work
from blankett.engine.records.evaluation_context import Situation
from blankett.engine.records.write import pipeline

from .told import misses

SOURCE = """\
blueprint: bounds
language: 1
title: Bounds
roles: {clerk: {}}
forms:
  firm:
    life: reference
    key: code
    show: "{code}"
    fields:
      code: {type: text, required: yes, unique: yes}
      limit: {type: number}
    grants: [{who: clerk, may: all}]
  deal:
    fields:
      firm: {type: link, to: firm}
      total: {type: number, check: {that: total > 0}}
      twice: {type: number, compute: total * 2}
      # the field
    # the check
    states: {draft: {start: true}, sent: {}, done: {final: true}}
    actions:
      send: {from: draft, to: sent, by: clerk}
      finish:
        from: sent
        to: done
        by: clerk
        # the effect
    grants: [{who: clerk, may: all}]
samples:
  firm: [{code: F1, limit: 50}]
scenarios:
  later:
    as: ann (clerk)
    steps:
      - create: deal
        with: {firm: F1, total: 5}
      - do: send
      - do: finish
"""
RAISE = "effects: [{set: {total: 9}}]"
UPDATE = "effects: [{update: {link: firm, set: {limit: 9}}}]"
EXPECTED = {
    "nothing": ("", "", "", "{state: done, values: {twice: 10}}"),
    "its own state": ("stage: {type: text, compute: record.state}", "", "", "{values: {stage: done}}"),
    "a value": ("", "", RAISE, "{values: {total: 9, twice: 18}}"),
    "a linked record": ("most: {type: number, compute: firm.limit}", "", UPDATE, "{values: {most: 9}}"),
    "a check of its own state": (
        "",
        'checks: {never: {that: record.state != "done", message: Never}}',
        "",
        "{refused: never, state: sent}",
    ),
    "a check of a value": ("", "checks: {low: {that: total < 9, message: No}}", RAISE, "{refused: low, state: sent}"),
}
#: For those, how often the record is worked out and looked at from its making to its end.
TIMES = {"nothing": (3, 2), "its own state": (5, 4), "a value": (4, 3)}


def source(field: str, check: str, effect: str, expected: str) -> str:
    text = f"{SOURCE}      - expect: {expected}\n"
    for place, put in (("# the field", field), ("# the check", check), ("# the effect", effect)):
        text = text.replace(place, put)
    return text


@pytest.mark.parametrize("read", EXPECTED)
def test_what_reads_more_than_was_written_is_worked_out_again(read: str) -> None:
    assert misses(source(*EXPECTED[read])) == []


@pytest.mark.parametrize("read", TIMES)
def test_an_action_that_writes_nothing_is_worked_out_and_looked_at_once(
    read: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted: Counter[str] = Counter()

    def count(module: ModuleType, name: str) -> None:
        once = getattr(module, name)

        def counting(situation: Situation, *given: Any, **named: Any) -> Any:
            counted[name] += situation.process.form.key == "deal"
            return once(situation, *given, **named)

        monkeypatch.setattr(module, name, counting)

    count(work, "derive")
    count(pipeline, "record_problems")
    assert misses(source(*EXPECTED[read])) == []
    assert (counted["derive"], counted["record_problems"]) == TIMES[read]
