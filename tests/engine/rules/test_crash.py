"""Hostile rules and records do no harm: a short hunt; `make crash` looks longer."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest
from tests.engine.rules import crash
from tests.engine.rules.crash import Found, hunt, made_case, try_case


def test_a_short_hunt_finds_nothing() -> None:
    assert hunt(600, most=120) == (120, [])


def test_a_case_is_the_same_whenever_it_is_made() -> None:
    (rules, records), (again, _) = made_case(5), made_case(5)
    assert [(each.when and each.when.text) for each in rules] == [(each.when and each.when.text) for each in again]
    assert len(records) == crash.RECORDS


def test_another_answer_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter(range(100))
    monkeypatch.setattr(crash, "_answer", lambda rules, names: next(answers))
    told = try_case(5)
    assert told is not None
    assert told.startswith("1 is not 0: ")


def test_a_process_that_dies_is_found_with_its_case_and_the_hunt_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    runs = iter(
        [([json.dumps([7, None])], "the process ended with -11: "), ([json.dumps([9, "differs"])], ""), ([], "hangs")]
    )
    over = iter([0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 99.0])
    monkeypatch.setattr(crash, "_child", lambda first, seconds, most: next(runs))
    monkeypatch.setattr(crash, "time", SimpleNamespace(monotonic=lambda: next(over)))  # the clock of nobody else
    cases, found = hunt(10, first=7)
    assert found == [Found(8, "the process ended with -11: "), Found(9, "differs"), Found(10, "hangs")]
    assert cases == 4
