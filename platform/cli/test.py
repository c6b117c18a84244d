"""`blankett test`: run the scenarios of blueprint files, and tell what went another way than they say."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from blankett.engine.language.model import Blueprint, Form
    from blankett.engine.language.problems import Problem
    from blankett.engine.scenarios import Covered, Mismatch, ScenarioReport


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the results as JSON.")
@click.option("--only", default="", metavar="TEXT", help="Run the scenarios whose name contains TEXT.")
@click.option(
    "--coverage", "covers", is_flag=True, help="Tell which rows, rules, actions, ways, states, timers they cover."
)
@click.option("--require-all", is_flag=True, help="With --coverage: exit with 1 unless they cover everything.")
def test(files: tuple[Path, ...], as_json: bool, only: str, covers: bool, require_all: bool) -> None:
    """Run the scenarios of blueprint FILES; files may link to each other.

    Exits with 0 when all pass, with 1 when one fails or a file has problems.
    """
    shelf = Shelf({str(file): file for file in files})
    outcomes = [run_file(shelf, name, only) for name in shelf.files]
    covers = covers or require_all
    if as_json:
        click.echo(json.dumps([outcome.as_data(covers) for outcome in outcomes], indent=2, ensure_ascii=False))
    else:
        for outcome in outcomes:
            for line in outcome.lines(covers):
                click.echo(line)
        click.echo(outcome_counts(outcomes), err=True)
    is_enough = not require_all or all(outcome.covers_all for outcome in outcomes)
    sys.exit(0 if is_enough and all(outcome.passed for outcome in outcomes) else 1)


@dataclass
class Outcome:
    """What came of one file: problems, or a report."""

    file: str
    problems: tuple[Problem, ...] = ()
    report: ScenarioReport | None = None
    seconds: float = 0.0

    @property
    def passed(self) -> bool:
        """Tell whether the file could be loaded and every scenario passed."""
        return self.report is not None and self.report.passed

    @property
    def coverage(self) -> Mapping[str, Covered]:
        """Return what the scenarios cover, by kind: rows, rules, actions, states."""
        from blankett.engine.scenarios import coverage

        return coverage(self.report) if self.report else {}

    @property
    def covers_all(self) -> bool:
        """Tell whether the scenarios come to every row, rule, action and state."""
        return self.report is not None and not any(covered.missing for covered in self.coverage.values())

    def lines(self, covers: bool = False) -> Iterator[str]:
        """Yield what to print: problems, or each scenario with where it went another way; what they cover if wanted."""
        yield from (problem.line(self.file) for problem in self.problems)
        if self.report is None:
            return
        for wrong in self.report.samples:
            yield from mismatch_lines(self.file, wrong)
        for result in self.report.results:
            yield f"{'ok  ' if result.passed else 'FAIL'} {result.name}"
            for wrong in result.mismatches:
                yield from ("     " + line for line in mismatch_lines(self.file, wrong))
        if covers:
            yield from self.coverage_lines()
            return
        untaken = [f"{form.partition('.')[2]}.{action}" for form, action in self.report.untaken]
        if untaken and self.report.results:
            yield f"{self.file}: no scenario takes {', '.join(untaken)}"

    def coverage_lines(self) -> Iterator[str]:
        """Yield ``orders.yaml: 53 of 54 rows; not approvers.large`` for each kind there is."""
        for kind, covered in self.coverage.items():
            if covered.total:
                lacking = f"; not {', '.join(covered.missing)}" if covered.missing else ""
                yield f"{self.file}: {covered.count} of {covered.total} {kind}{lacking}"

    def as_data(self, covers: bool = False) -> dict[str, object]:
        """Return the outcome as the JSON output shows it; lines and columns count from 1."""
        from blankett.cli.check import as_data

        report = self.report
        covered = {
            kind: {"covered": found.count, "total": found.total, "missing": list(found.missing)}
            for kind, found in self.coverage.items()
        }
        return {
            "file": self.file,
            "passed": self.passed,
            "problems": [as_data(self.file, problem) for problem in self.problems],
            "samples": [mismatch_data(wrong) for wrong in report.samples] if report else [],
            "scenarios": [
                {
                    "name": result.name,
                    "line": result.place.line,
                    "passed": result.passed,
                    "seconds": round(result.seconds, 4),
                    "actions": sorted(f"{form}/{action}" for form, action in result.actions),
                    "timers": sorted(f"{form}/{timer}" for form, timer in result.timers),
                    "mismatches": [mismatch_data(wrong) for wrong in result.mismatches],
                }
                for result in (report.results if report else ())
            ],
            "untaken": [f"{form}/{action}" for form, action in report.untaken] if report else [],
            **({"coverage": covered} if covers else {}),
        }


@dataclass
class Shelf:
    """The files of one call, loaded when they are first wanted: their forms may link to each other."""

    files: dict[str, Path]
    loaded: dict[str, tuple[Blueprint | None, tuple[Problem, ...]]] = field(default_factory=dict)
    #: Files being loaded, so that two may link to each other.
    under_way: set[str] = field(default_factory=set)

    def load(self, name: str) -> tuple[Blueprint | None, tuple[Problem, ...]]:
        """Return the blueprint of a file, None when it has errors, and all its problems."""
        from blankett.engine.language.loader import load_into
        from blankett.engine.language.problems import Report
        from blankett.engine.language.yaml_reader import decode

        if name not in self.loaded:
            self.under_way.add(name)
            report = Report()
            text = decode(self.files[name].read_bytes(), self.files[name].name, report)
            found = None if text is None else load_into(text, report, file=name, foreign=self.find_form)[0]
            self.loaded[name] = (None if report.has_errors else found, report.finished())
            self.under_way.discard(name)
        return self.loaded[name]

    def find(self, key: str) -> Blueprint | None:
        """Return the blueprint with *key* among the files, or None."""
        names = [name for name in self.files if name not in self.under_way]
        blueprints = (self.load(name)[0] for name in sorted(names, key=lambda name: Path(name).stem != key))
        return next((found for found in blueprints if found is not None and found.key == key), None)

    def find_form(self, name: str) -> Form | None:
        """Return a form of another file by its full name, or None."""
        key, _, form = name.partition(".")
        found = self.find(key)
        return found.forms.get(form) if found else None


def run_file(shelf: Shelf, name: str, only: str) -> Outcome:
    """Load one file and run its scenarios whose name contains *only*."""
    from blankett.engine.publish.candidate import linked_blueprints
    from blankett.engine.scenarios import run_scenarios

    began = time.perf_counter()
    blueprint, problems = shelf.load(name)
    if blueprint is None:
        return Outcome(name, tuple(problem for problem in problems if problem.is_error))
    others = linked_blueprints(blueprint, shelf.find)
    report = run_scenarios(blueprint, others, only=lambda scenario: only in scenario)
    return Outcome(name, (), report, time.perf_counter() - began)


def mismatch_lines(file: str, wrong: Mismatch) -> Iterator[str]:
    """Yield ``orders.yaml:12:9 state: expected review, found draft`` and below it what was refused."""
    yield f"{file}:{wrong.place.line}:{wrong.place.column} {wrong.what}: expected {wrong.expected}, found {wrong.found}"
    yield from (f"  {text}" for text in problem_texts(wrong))


def mismatch_data(wrong: Mismatch) -> dict[str, object]:
    """Return a mismatch as the JSON output shows it."""
    return {
        "line": wrong.place.line,
        "column": wrong.place.column,
        "what": wrong.what,
        "expected": wrong.expected,
        "found": wrong.found,
        "problems": list(problem_texts(wrong)),
    }


def problem_texts(wrong: Mismatch) -> Iterator[str]:
    """Yield what the engine refused, in English: ``caller: Fill this in.``."""
    from blankett.forms.errors import word_problem

    for problem in wrong.problems:
        # Ids of lines say nothing to an author.
        place = ".".join(part for part in problem.path if not part.startswith(("+", "0")))
        text = word_problem(problem, "en").text
        yield f"{place}: {text}" if place else text


def outcome_counts(outcomes: list[Outcome]) -> str:
    """Return ``2 files, 36 scenarios passed, 1 failed in 1.2 s``."""
    results = [result for outcome in outcomes if outcome.report for result in outcome.report.results]
    passed = sum(result.passed for result in results)
    seconds = sum(outcome.seconds for outcome in outcomes)
    files = f"{len(outcomes)} file{'' if len(outcomes) == 1 else 's'}"
    scenarios = f"{passed} scenario{'' if passed == 1 else 's'}"
    return f"{files}, {scenarios} passed, {len(results) - passed} failed in {seconds:.1f} s"
