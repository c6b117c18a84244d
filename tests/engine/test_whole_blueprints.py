"""Whatever blueprint comes, the checker answers with located problems; what it passes runs, and keeps its promises."""

from __future__ import annotations

import os
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from blankett.engine.blueprint.model import Blueprint, Person
from blankett.engine.checker import check_blueprint
from blankett.engine.problems import KINDS
from blankett.engine.runtime import Command, FormPreview, ListPage, ListRequest, Receipt, RecordView, Refusal
from blankett.engine.scenarios.stage import WORKSPACE, Stage
from blankett.engine.verify import verify

from .made_blueprints import Maker, mutated, values_for

#: How many blueprints are made; `make nightly` makes more, and others every time.
CASES = int(os.environ.get("BLANKETT_CASES", "60"))
#: Commands to one of them.
COMMANDS = 20

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
        play(stage, blueprint, Random(seed + 2))
        assert verify(stage.store) == []
    finally:
        stage.store.close()


def play(stage: Stage, blueprint: Blueprint, chance: Random) -> None:
    """Send commands by chance; each gets an answer, and every page of its record can be read."""
    people = [stage.actor(Person("anna", frozenset({"sales"}))), stage.actor(Person("max", frozenset({"boss"})))]
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
        assert isinstance(stage.engine.preview(command), FormPreview | Refusal)
        answer = stage.engine.apply(command)
        assert isinstance(answer, Receipt | Refusal)
        if isinstance(answer, Receipt):
            records[form.key] = sorted({*records[form.key], answer.record})
            assert isinstance(stage.engine.open(command.actor, answer.record), RecordView)
        listed = stage.engine.query(command.actor, ListRequest(blueprint=blueprint.key, form=form.key))
        assert isinstance(listed, ListPage)


@pytest.mark.parametrize("seed", range(3))
def test_a_seed_makes_one_blueprint(seed: int) -> None:
    assert made(seed) == made(seed)
