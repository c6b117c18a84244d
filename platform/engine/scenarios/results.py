"""How scenarios went, as data: what passed, what failed and where, which actions were taken."""

from __future__ import annotations

from dataclasses import dataclass

from blankett.engine.language.model import Blueprint, Place
from blankett.engine.records import FieldProblem


@dataclass(frozen=True)
class Mismatch:
    """Where a scenario went another way than it says."""

    place: Place
    #: What was looked at: ``state``, ``values.total``, ``refused``, ``do submit``.
    what: str
    expected: str
    found: str
    #: What the engine refused, when it did.
    problems: tuple[FieldProblem, ...] = ()


@dataclass(frozen=True)
class ScenarioResult:
    """How one scenario went."""

    name: str
    place: Place
    mismatches: tuple[Mismatch, ...]
    #: (form's full name, action) that were taken.
    actions: frozenset[tuple[str, str]]
    seconds: float
    #: (table's full name, row's number from 1) of the rows that gave a table's value.
    rows: frozenset[tuple[str, int]] = frozenset()
    #: (form's full name, rule) that fired, also where the command was then refused.
    rules: frozenset[tuple[str, str]] = frozenset()
    #: (form's full name, way) that conditions of actions took (`Action.ways`), also where it was then refused.
    ways: frozenset[tuple[str, str]] = frozenset()
    #: (form's full name, state) that records came to be in.
    states: frozenset[tuple[str, str]] = frozenset()

    #: (form's full name, timer) that acted.
    timers: frozenset[tuple[str, str]] = frozenset()

    @property
    def passed(self) -> bool:
        """Tell whether everything went as the scenario says."""
        return not self.mismatches


@dataclass(frozen=True)
class ScenarioReport:
    """How the scenarios of a blueprint went."""

    blueprint: Blueprint
    results: tuple[ScenarioResult, ...]
    #: What is wrong with the samples; then no scenario ran.
    samples: tuple[Mismatch, ...] = ()
    #: How many were not run, because together they take too long.
    left_out: int = 0

    @property
    def passed(self) -> bool:
        """Tell whether all went well."""
        return not self.samples and all(result.passed for result in self.results)

    @property
    def untaken(self) -> tuple[tuple[str, str], ...]:
        """Return (form's full name, action) of the actions that no scenario took, in the author's order."""
        taken = frozenset[tuple[str, str]]().union(*(result.actions for result in self.results))
        every = ((form.name, action) for form in self.blueprint.forms.values() for action in form.actions)
        return tuple(pair for pair in every if pair not in taken)
