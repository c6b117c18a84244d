"""Whatever blueprint comes, the checker answers with located problems; what it passes runs, and keeps its promises."""

from __future__ import annotations

import os
from collections.abc import Iterator
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.asked_engine import AskedEngine

from blankett.engine.checks import check_blueprint
from blankett.engine.language.loader import load_blueprint
from blankett.engine.language.model import Blueprint, ScenarioPerson
from blankett.engine.language.problems import KINDS, Problem
from blankett.engine.publish.clone import clone_text
from blankett.engine.records import Command, FormPreview, ListPage, ListRequest, Receipt, RecordView, Refusal
from blankett.engine.records.write.execution_log import execution_logged
from blankett.engine.scenarios.stage import WORKSPACE, Stage
from blankett.engine.verify import verify

from .made_blueprints import Maker, mutated, values_for

#: How many blueprints are made; `make nightly` makes more, and others every time.
CASES = int(os.environ.get("BLANKETT_CASES", "60"))
#: Commands to one of them.
COMMANDS = 20

#: What may be said of rules of a blueprint that runs all the same.
ABOUT_RULES = {
    "never_holds",
    "rule_never_fires",
    "sets_twice",
    "sets_in_vain",
    "rules_loop",
    "rule_grows",
    "cancels_itself",
    "refused_anyway",
}
SEEDS = st.integers(0, 2**48)
BOUNDED = settings(
    max_examples=CASES,
    deadline=None,
    derandomize="BLANKETT_CASES" not in os.environ,
    suppress_health_check=[HealthCheck.too_slow],
)


def made(seed: int) -> str:
    """Return a blueprint made by chance."""
    return Maker(Random(seed)).blueprint()


@BOUNDED
@given(SEEDS)
def test_the_checker_answers_any_blueprint_with_located_problems(seed: int) -> None:
    text = mutated(made(seed), Random(seed + 1))
    loaded = check_blueprint(text)
    lines = text.split("\n")
    for problem in loaded.problems:
        assert problem.name in KINDS
        assert problem.message
        assert 1 <= problem.place.line <= len(lines)
        assert 1 <= problem.place.column <= len(lines[problem.place.line - 1]) + 1
    assert (loaded.blueprint is None) == any(problem.is_error for problem in loaded.problems)


def test_most_blueprints_that_are_made_are_sound() -> None:
    sound = [check_blueprint(made(seed)).blueprint is not None for seed in range(20)]
    assert sum(sound) >= len(sound) // 3


@BOUNDED
@given(SEEDS)
def test_what_the_checker_passes_runs_and_keeps_its_promises(seed: int) -> None:
    blueprint = check_blueprint(made(seed)).blueprint
    if blueprint is None:
        return
    stage = Stage()
    try:
        stage.publish(blueprint)
        assert len(list(play(stage, blueprint, Random(seed + 2)))) == COMMANDS
        assert verify(stage.store) == []
    finally:
        stage.store.close()


@BOUNDED
@given(SEEDS)
def test_what_is_said_of_rules_holds_when_they_decide(seed: int) -> None:
    """Blueprints whose only errors are about what rules do are run all the same."""
    loaded = check_blueprint(Maker(Random(seed), likes_rules=True).blueprint())
    if loaded.partial is None or not {problem.name for problem in loaded.problems if problem.is_error} <= ABOUT_RULES:
        return
    said = {name: {rule_of(problem) for problem in loaded.problems if problem.name == name} for name in ABOUT_RULES}
    stage = Stage()
    try:
        stage.publish(loaded.partial)
        for fired, answer in play(stage, loaded.partial, Random(seed + 2)):
            assert not fired & (said["never_holds"] | said["rule_never_fires"])
            if isinstance(answer, Receipt):
                assert not fired & said["refused_anyway"]
                assert not said["cancels_itself"] & {warning["key"] for warning in answer.warnings}
        assert verify(stage.store) == []
    finally:
        stage.store.close()


def rule_of(problem: Problem) -> str:
    """Return the rule a problem stands in; empty for one that stands elsewhere."""
    path = problem.place.path
    return path[3] if path[2:3] == ("rules",) and len(path) > 3 else ""


def play(stage: Stage, blueprint: Blueprint, chance: Random) -> Iterator[tuple[set[str], Receipt | Refusal]]:
    """Send commands by chance; each gets an answer, and every page of its record can be read. Yield the rules of cases
    that fired, and the answer.
    """
    people = [
        stage.actor(ScenarioPerson("anna", frozenset({"sales"}))),
        stage.actor(ScenarioPerson("max", frozenset({"boss"}))),
    ]
    records: dict[str, list[str]] = {key: [] for key in blueprint.forms}
    for number in range(COMMANDS):
        form = blueprint.forms["thing" if number < 2 or chance.random() < 0.1 else "case"]
        record = chance.choice([None, *records[form.key] * 2])
        action = chance.choice([None, *form.actions]) if record is not None or chance.random() < 0.3 else None
        is_typed = record is None or chance.random() < 0.4
        command = Command(
            intent="",
            actor=chance.choice(people),
            blueprint=blueprint.key,
            form=form.key,
            workspace=WORKSPACE,
            record=record,
            values=values_for(form, chance, records["thing"], whole=record is None) if is_typed else {},
            action=action,
            inputs={"why": "because"} if action and form.actions[action].ask and chance.random() < 0.8 else {},
        )
        assert isinstance(AskedEngine.over(stage.engine).preview(command), FormPreview | Refusal)
        with execution_logged() as seen:
            answer = stage.engine.apply(command)
        assert isinstance(answer, Receipt | Refusal)
        if isinstance(answer, Receipt):
            records[form.key] = sorted({*records[form.key], answer.record})
            assert isinstance(stage.engine.open(command.actor, answer.record), RecordView)
        listed = AskedEngine.over(stage.engine).query(
            command.actor, ListRequest(blueprint=blueprint.key, form=form.key)
        )
        assert isinstance(listed, ListPage)
        yield {rule for name, rule in seen.rules if name == "made.case"}, answer


@pytest.mark.parametrize("seed", range(3))
def test_a_seed_makes_one_blueprint(seed: int) -> None:
    assert made(seed) == made(seed)


@pytest.mark.parametrize("seed", range(12))
def test_a_blueprint_is_cloned_with_and_without_its_reference_forms(seed: int) -> None:
    source = Maker(Random(seed)).blueprint()
    origin = load_blueprint(source).blueprint
    if origin is None:  # it need not be sound to be made
        return
    references = [form.key for form in origin.forms.values() if form.life == "reference"]
    forms = {form.name: form for form in origin.forms.values()}
    for shared in ([], references):
        loaded = load_blueprint(clone_text(source, origin.key, "the_copy", "A copy", shared), foreign=forms.get)
        assert [problem.message for problem in loaded.problems if problem.is_error] == []
