"""Runs the scenarios of a small blueprint and says what went another way."""

from __future__ import annotations

from blankett.engine.checks import check_blueprint
from blankett.engine.scenarios import run_scenarios


def misses(source: str) -> list[str]:
    """Return what the scenarios of *source* found otherwise than expected, with the line of the step."""
    checked = check_blueprint(source)
    assert checked.blueprint is not None, [problem.line("x.yaml") for problem in checked.problems if problem.is_error]
    report = run_scenarios(checked.blueprint)
    found = [*report.samples, *(wrong for result in report.results for wrong in result.mismatches)]
    assert report.results
    return [f"{wrong.place.line}: {wrong.what} is {wrong.found}, not {wrong.expected}" for wrong in found]
