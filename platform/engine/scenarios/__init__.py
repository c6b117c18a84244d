"""Run the scenarios of a blueprint: its own tests, on the real engine over a store in memory.

The samples are made once; each scenario then runs in a transaction that is undone, at a fixed moment, with ids that
count. What comes back is data: what passed, what failed and where, which actions were
taken, and which rows of tables decided.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from blankett.engine.feel import watching_tables
from blankett.engine.language.model import Blueprint, Scenario
from blankett.engine.scenarios.coverage import Covered, coverage
from blankett.engine.scenarios.player import Play
from blankett.engine.scenarios.results import Mismatch, ScenarioReport, ScenarioResult
from blankett.engine.scenarios.stage import MOMENT, Stage

__all__ = ["Covered", "Mismatch", "ScenarioReport", "ScenarioResult", "coverage", "run_scenarios"]


class _Undo(BaseException):
    """Leaves the transaction of a scenario so that it is undone; nothing in between may catch it."""


def run_scenarios(
    blueprint: Blueprint, others: Sequence[Blueprint] = (), *, only: Callable[[str], bool] = lambda name: True
) -> ScenarioReport:
    """Run the scenarios whose name *only* takes. *others*: blueprints whose forms this one links to, with their
    samples.
    """
    stage = Stage()
    wrong: list[Mismatch] = []
    for published in (*others, blueprint):
        wrong += stage.publish(published)
    if wrong:
        return ScenarioReport(blueprint, (), tuple(wrong))
    results = tuple(_run(stage, blueprint, scenario) for scenario in blueprint.scenarios if only(scenario.name))
    stage.store.close()
    return ScenarioReport(blueprint, results)


def _run(stage: Stage, blueprint: Blueprint, scenario: Scenario) -> ScenarioResult:
    began = time.perf_counter()
    play = Play(stage, blueprint, scenario)
    hits: list[tuple[str, tuple[int, ...]]] = []
    try:
        with stage.store.writing(), watching_tables() as hits:
            play.run()
            raise _Undo
    except _Undo:
        pass
    stage.now = MOMENT
    seconds = time.perf_counter() - began
    rows = frozenset((name, row + 1) for name, won in hits for row in won)
    return ScenarioResult(
        scenario.name,
        scenario.place,
        tuple(play.mismatches),
        frozenset(play.taken),
        seconds,
        rows,
        frozenset(play.fired),
        frozenset(play.ways),
        frozenset(play.entered),
    )
