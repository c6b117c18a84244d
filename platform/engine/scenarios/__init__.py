"""Run the scenarios of a blueprint: its own tests, on the real engine over a store in memory.

The samples are made once; each scenario then runs in a transaction that is undone, at a fixed moment, with ids that
count. What comes back is data: what passed, what failed and where, which actions were
taken, and which rows of tables decided.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from blankett.engine.cancellation import stop_if_cancelled
from blankett.engine.feel import watching_tables
from blankett.engine.feel.budget import Purse
from blankett.engine.language.model import Blueprint, Scenario
from blankett.engine.language.renames import with_own_keys
from blankett.engine.scenarios.coverage import Covered, coverage
from blankett.engine.scenarios.player import Play, play_steps
from blankett.engine.scenarios.results import Mismatch, ScenarioReport, ScenarioResult
from blankett.engine.scenarios.stage import MOMENT, Stage

__all__ = ["Budget", "Covered", "Mismatch", "ScenarioReport", "ScenarioResult", "coverage", "run_scenarios"]


#: Steps of all scenarios of a text that are taken for a page, and what their formulas may use together: ten times what
#: the largest shipped blueprint has and uses.
MOST_STEPS = 8_000
MOST_FORMULA_STEPS = 5_000_000
#: Sample records of a text and of those it links to that are made for its scenarios.
MOST_SAMPLES = 2_000


class Budget:
    """How much of a text's scenarios is run where somebody waits for it."""

    def __init__(
        self, steps: int = MOST_STEPS, formula_steps: int = MOST_FORMULA_STEPS, samples: int = MOST_SAMPLES
    ) -> None:
        self.left = steps
        self.samples = samples
        self.purse = Purse(formula_steps)

    @property
    def is_used_up(self) -> bool:
        """Tell whether formulas have used what there is."""
        return self.purse.left <= 0

    def allows(self, scenario: Scenario) -> bool:
        """Take the steps of a scenario from what is left; tell whether it may be run."""
        stop_if_cancelled()
        self.left -= len(scenario.steps) + 1
        return self.left >= 0 and not self.is_used_up

    def allows_samples(self, blueprint: Blueprint) -> bool:
        """Take the samples of a text from what is left; tell whether they may be made."""
        self.samples -= len(blueprint.samples)
        return self.samples >= 0


class _Undo(BaseException):
    """Leaves the transaction of a scenario so that it is undone; nothing in between may catch it."""


def run_scenarios(
    blueprint: Blueprint,
    others: Sequence[Blueprint] = (),
    *,
    only: Callable[[str], bool] = lambda name: True,
    budget: Budget | None = None,
) -> ScenarioReport:
    """Run the scenarios whose name *only* takes, as many as *budget* allows. *others*: blueprints whose forms this one
    links to, with their samples.
    """
    # Nothing is stored yet of what a scenario goes by.
    blueprint, others = with_own_keys(blueprint), [with_own_keys(other) for other in others]
    stage = Stage(budget.purse if budget is not None else None)
    stage.give_calendars(blueprint)  # before the others, which may declare one of the same key otherwise
    wrong: list[Mismatch] = []
    chosen = [scenario for scenario in blueprint.scenarios if only(scenario.name)]
    for published in (*others, blueprint):
        if budget is not None and not budget.allows_samples(published):
            return ScenarioReport(blueprint, (), left_out=len(chosen))  # without all samples none tells anything
        wrong += stage.publish(published)
    if wrong:
        return ScenarioReport(blueprint, (), tuple(wrong))
    results: list[ScenarioResult] = []
    left_out = 0
    for scenario in chosen:
        result = _run(stage, blueprint, scenario) if budget is None or budget.allows(scenario) else None
        if result is None or (budget is not None and budget.is_used_up):
            left_out += 1  # one whose formulas were cut short tells nothing
        else:
            results.append(result)
    stage.store.close()
    return ScenarioReport(blueprint, tuple(results), left_out=left_out)


def _run(stage: Stage, blueprint: Blueprint, scenario: Scenario) -> ScenarioResult:
    began = time.perf_counter()
    play = Play(stage, blueprint, scenario)
    hits: list[tuple[str, tuple[int, ...]]] = []
    try:
        with stage.store.writing(), watching_tables() as hits:
            play_steps(play)
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
        frozenset(play.timed),
    )
