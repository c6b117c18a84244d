"""Publishing tries the rules of a version in a process of their own."""

from __future__ import annotations

import sys
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from blankett.engine.feel import Moment
from blankett.engine.language.model import SAVE
from blankett.engine.rules import Fired, rule_set
from blankett.engine.rules.durable import trials
from blankett.engine.store import StoredTrial, stored_trials

from .conftest import SHOP, Office

GRANTS = "    grants:\n      - {who: sales, may: all}\n"
RULES = """\
    rules:
      nameless:
        at: save
        when: name = "nobody"
        then:
          - refuse: Nobody is nobody.
"""
SHOP_WITH_RULES = SHOP.replace(GRANTS, RULES + GRANTS, 1)


@pytest.fixture
def crashing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let every trial crash, and return a file that has a letter for each."""
    program, log = tmp_path / "crash.py", tmp_path / "crash.log"
    program.write_text(f"import os\nopen({str(log)!r}, 'a').write('x')\nos.kill(os.getpid(), 11)\n")
    log.write_text("")
    monkeypatch.setattr(trials, "_COMMAND", (sys.executable, str(program)))
    monkeypatch.setattr(trials, "_known", trials._Known())
    monkeypatch.setattr("blankett.engine.rules.rule_sets.chosen_engine", lambda: "durable")
    return log


def kept_trials(office: Office) -> list[StoredTrial]:
    with office.store.reading() as reading:
        return stored_trials(reading, "acme")


def test_rules_that_crash_are_foretold_published_all_the_same_and_remembered(office: Office, crashing: Path) -> None:
    office.publish(SHOP)
    (failed,) = office.preview(SHOP_WITH_RULES).failed_trials
    assert (failed.form, str(failed.point), failed.rule.key) == ("shop.customer", "save", "nameless")
    assert failed.failure.reason == "crashed with signal 11"
    assert kept_trials(office) == []
    office.publish(SHOP_WITH_RULES)
    (kept,) = kept_trials(office)
    assert (kept.fingerprint, kept.rules, kept.reason) == (
        failed.failure.fingerprint,
        "shop.customer save",
        "crashed with signal 11",
    )
    assert crashing.read_text() == "x"


def test_another_process_learns_what_failed_when_it_loads_the_version(
    office: Office, crashing: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.publish(SHOP_WITH_RULES)
    monkeypatch.setattr(trials, "_known", trials._Known())
    office.restart()
    with office.store.reading() as reading:
        loaded = office.engine.catalog.view(reading, "acme", office.now).newest_blueprint("shop")
    assert loaded is not None
    fired = rule_set(loaded.forms["customer"], SAVE).fired({"name": "nobody"}, Moment(office.now, ZoneInfo("UTC")))
    assert fired == Fired(("nameless",), "python")
    assert crashing.read_text() == "x"


def test_nothing_is_tried_for_a_blueprint_without_rules(office: Office, crashing: Path) -> None:
    office.publish(SHOP)
    assert crashing.read_text() == ""
