"""Rules are tried in a process of their own before durable-rules decides them here."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from random import Random

import pytest
from tests.engine.rules.made_rules import MOMENT, made_rules, rule

from blankett.engine.language.loader import read_blueprint
from blankett.engine.language.model import SAVE, DecisionPoint
from blankett.engine.rules import FailedTrial, Failure, Fired, failed_trials, library_version, remember, rule_set
from blankett.engine.rules.durable import trials
from blankett.engine.rules.durable.profile import packets_of
from blankett.engine.rules.durable.trials import failure_of, fingerprint_of, try_rules
from blankett.engine.rules.rule_evaluator import Predicates
from blankett.engine.rules.rule_sets import RuleSet

needs_library = pytest.mark.skipif(library_version() is None, reason="durable_rules is not installed")

#: What a stand-in program begins with.
START = """
import json, os, sys, time
sets = json.load(sys.stdin)["sets"]
def say(answer):
    print(json.dumps(answer), flush=True)
"""
ORDERS = (
    "blueprint: orders\nlanguage: 1\ntitle: Orders\nforms: {order: {title: Order, fields: {total: {type: number}}}}\n"
)


@pytest.fixture(autouse=True)
def _nothing_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trials, "_known", trials._Known())


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the file of a program that is run in the place of the real one; it has the sets as `sets`."""
    path = tmp_path / "stand_in.py"
    monkeypatch.setattr(trials, "_COMMAND", (sys.executable, str(path)))
    return path


def program(text: str) -> str:
    return f"{START}\n{text}\n"


def sets(*conditions: str) -> list[Predicates]:
    return [Predicates([rule("only", condition)]) for condition in conditions]


def reasons(found: list[Failure | None]) -> list[str | None]:
    return [failure.reason if failure else None for failure in found]


@needs_library
def test_rules_inside_the_language_pass() -> None:
    random = Random(3)
    made = [Predicates(made_rules(random)) for _ in range(20)]
    dated = Predicates([rule("dated", "total > 1", valid_from=date(2026, 1, 1), valid_to=date(2026, 12, 31))])
    assert reasons(try_rules([*made, dated])) == [None] * 21


@needs_library
def test_rules_that_answer_otherwise_than_the_predicates_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    good, bad = sets("total > 1", "total > 2")
    monkeypatch.setattr(bad, "every", 0)
    assert reasons(try_rules([good, bad])) == [None, "answers otherwise than the predicates"]


def test_rules_that_crash_the_process_fail_and_the_others_are_tried_on(stand_in: Path) -> None:
    stand_in.write_text(
        program('for each in sets:\n    os.kill(os.getpid(), 11) if "666" in json.dumps(each) else say(None)')
    )
    assert reasons(try_rules(sets("total > 1", "total > 333", "total > 3"))) == [None, "crashed with signal 11", None]


def test_rules_that_never_end_fail(stand_in: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trials, "PATIENCE", 1.0)
    stand_in.write_text(program("say(None)\ntime.sleep(60)"))
    assert reasons(try_rules(sets("total > 1", "total > 2"))) == [None, "did not end in 1 seconds"]


def test_rules_that_keep_the_processor_busy_fail(stand_in: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trials, "WORK_LIMIT", 0)
    busy = "from blankett.engine.rules.durable.trial_run import limit_work\nsay(None)\nlimit_work(0)\nwhile True: pass"
    stand_in.write_text(program(busy))
    assert reasons(try_rules(sets("total > 1", "total > 2"))) == [None, "did not end in 0 seconds of work"]


def test_rules_that_cannot_be_tried_fail(stand_in: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trials, "_COMMAND", (str(stand_in.with_name("absent")),))
    assert reasons(try_rules(sets("total > 1"))) == ["could not be tried: FileNotFoundError"]


def test_only_so_many_processes_are_started(stand_in: Path) -> None:
    stand_in.write_text(program(f"open({str(stand_in.with_suffix('.log'))!r}, 'a').write('x')\nsys.exit(7)"))
    found = reasons(try_rules(sets("total > 1", "total > 2", "total > 3", "total > 4")))
    assert found == ["ended with code 7"] * 3 + ["was not tried, because others before it failed"]
    assert stand_in.with_suffix(".log").read_text() == "xxx"


def test_the_same_rules_are_tried_once(stand_in: Path) -> None:
    log = stand_in.with_suffix(".log")
    stand_in.write_text(program(f"open({str(log)!r}, 'a').write('x')\nfor each in sets: say(None)"))
    assert reasons(try_rules(sets("total > 1"))) == [None]
    assert reasons(try_rules(sets("total  >  1", "total > 2"))) == [None, None]
    assert reasons(try_rules(sets("total > 2"))) == [None]
    assert log.read_text() == "xx"


def test_another_version_of_the_library_is_tried_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    packets = packets_of(*sets("total > 1"))
    before = fingerprint_of(packets)
    monkeypatch.setattr(trials, "library_version", lambda: "9.9")
    assert fingerprint_of(packets) != before


def test_rules_that_failed_elsewhere_are_decided_by_the_predicates() -> None:
    packets = packets_of(*sets("total > 1"))
    remember([Failure(fingerprint_of(packets), "crashed with signal 11")])
    assert failure_of(fingerprint_of(packets)) == "crashed with signal 11"
    found = RuleSet((rule("only", "total > 1"),), "orders.order save", "durable")
    assert found.fired({"total": Decimal(2)}, MOMENT) == Fired(("only",), "python")
    assert found.engine == "python"


def test_a_form_s_rules_are_tried_by_decision_point(stand_in: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("blankett.engine.rules.rule_sets.chosen_engine", lambda: "durable")
    submit = DecisionPoint("request", "submit")
    rules = [replace(rule("first", "total > 1"), at=(SAVE,)), replace(rule("second", "total > 333"), at=(SAVE, submit))]
    form = replace(read_blueprint(ORDERS).forms["order"], rules={each.key: each for each in rules})
    stand_in.write_text(program("say(None)\nsys.exit(1)"))
    (failed,) = failed_trials([form])
    assert failed == FailedTrial("orders.order", submit, rules[1], failed.failure)
    assert failed.failure.reason == "ended with code 1"
    assert rule_set(form, submit).fired({"total": Decimal(999)}, MOMENT) == Fired(("second",), "python")


def test_nothing_is_tried_where_python_decides_or_there_are_no_rules(
    stand_in: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_in.write_text("raise SystemExit(1)")
    form = read_blueprint(ORDERS).forms["order"]
    monkeypatch.setenv("BLANKETT_RULES_ENGINE", "python")
    assert failed_trials([form, replace(form, rules={"only": rule("only", "total > 1")})]) == []
    monkeypatch.setattr("blankett.engine.rules.rule_sets.chosen_engine", lambda: "durable")
    assert failed_trials([form]) == []
