"""The blueprints that come with the product: they check clean, their scenarios pass and leave nothing out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from importlib.resources import files
from pathlib import Path

import pytest

from blankett.engine.checks import check_blueprint
from blankett.engine.language.loader import read_blueprint
from blankett.engine.language.model import Blueprint, Option, Words
from blankett.engine.scenarios import ScenarioReport, coverage, run_scenarios

SHIPPED = sorted(path for path in Path(str(files("blankett.blueprints"))).glob("*.yaml"))
#: Scenarios a shipped blueprint must have at least.
SCENARIOS = {"order_management": 30, "leave_request": 7}


@pytest.fixture(scope="module", params=SHIPPED, ids=lambda path: path.stem)
def source(request: pytest.FixtureRequest) -> str:
    """Return the text of a shipped blueprint."""
    path: Path = request.param
    return path.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def blueprint(source: str) -> Blueprint:
    """Return a shipped blueprint."""
    return read_blueprint(source)


@pytest.fixture(scope="module")
def report(blueprint: Blueprint) -> ScenarioReport:
    """Return how the scenarios of a shipped blueprint went."""
    return run_scenarios(blueprint)


def test_both_blueprints_are_shipped() -> None:
    assert [path.stem for path in SHIPPED] == ["leave_request", "order_management"]


def test_it_checks_clean(source: str) -> None:
    assert [problem.line("shipped.yaml") for problem in check_blueprint(source).problems] == []


def test_its_key_is_the_name_of_its_file(request: pytest.FixtureRequest, blueprint: Blueprint) -> None:
    path: Path = request.node.callspec.params["source"]
    assert blueprint.key == path.stem


def test_its_samples_are_taken(report: ScenarioReport) -> None:
    assert report.samples == ()


def test_every_scenario_passes(report: ScenarioReport) -> None:
    assert {result.name: result.mismatches for result in report.results if not result.passed} == {}


def test_its_scenarios_come_to_every_row_rule_action_and_state(report: ScenarioReport) -> None:
    assert {kind: covered.missing for kind, covered in coverage(report).items() if covered.missing} == {}


def test_it_has_enough_scenarios(report: ScenarioReport) -> None:
    assert len(report.results) >= SCENARIOS[report.blueprint.key]


def test_every_state_is_expected_by_some_scenario(blueprint: Blueprint) -> None:
    expected = {
        step.values["state"]
        for scenario in blueprint.scenarios
        for step in scenario.steps
        if step.kind == "expect" and "state" in step.values
    }
    states = {state for form in blueprint.forms.values() for state in form.states}
    assert sorted(states - expected) == []


def test_every_word_is_there_in_every_language(blueprint: Blueprint) -> None:
    lacking = [words.say("en") for words in every_text(blueprint) if words.languages() != blueprint.languages]
    assert lacking == []


def every_text(item: object) -> Iterator[Words]:
    """Yield every text people read of a blueprint; not what shows a record, nor options that are their own name."""
    if isinstance(item, Words):
        if item.languages():
            yield item
    elif isinstance(item, (tuple, list)):
        for part in item:
            yield from every_text(part)
    elif isinstance(item, Mapping):
        yield from every_text(list(item.values()))
    elif isinstance(item, Option) and item.title.say("en") == item.key:
        return
    elif is_dataclass(item) and type(item).__module__ == Blueprint.__module__:
        for part in fields(item):
            if part.name != "show":
                yield from every_text(getattr(item, part.name))
