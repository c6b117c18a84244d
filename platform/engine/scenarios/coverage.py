"""What of a blueprint its scenarios cover: rows of tables, rules, actions, the ways these take where they depend,
states, and timers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from blankett.engine.language.model import Blueprint
from blankett.engine.scenarios.results import ScenarioReport, ScenarioResult

#: (what it belongs to, its own key): ("order", "submit"), ("approvers", "large").
Part = tuple[str, str]


@dataclass(frozen=True)
class Covered:
    """How many parts of one kind there are, and which of them no scenario comes to."""

    total: int
    #: ``order.submit``, in the author's order.
    missing: tuple[str, ...]

    @property
    def count(self) -> int:
        """Return how many are covered."""
        return self.total - len(self.missing)


def coverage(report: ScenarioReport) -> Mapping[str, Covered]:
    """Return what the scenarios of *report* cover, by kind: rows, rules, actions, ways, states, timers."""
    return {kind: _covered(report, every, seen) for kind, (every, seen) in KINDS.items()}


def _covered(
    report: ScenarioReport,
    every: Callable[[Blueprint], Iterator[Part]],
    seen: Callable[[Blueprint, ScenarioResult], Iterator[Part]],
) -> Covered:
    parts = tuple(every(report.blueprint))
    met = {part for result in report.results for part in seen(report.blueprint, result)}
    return Covered(len(parts), tuple(".".join(part) for part in parts if part not in met))


def _rows(blueprint: Blueprint) -> Iterator[Part]:
    return ((table.key, row.key) for table in blueprint.tables.values() for row in table.rows)


def _rows_hit(blueprint: Blueprint, result: ScenarioResult) -> Iterator[Part]:
    tables = {table.name: table for table in blueprint.tables.values()}
    hit = ((tables[name], number) for name, number in result.rows if name in tables)
    return ((table.key, table.rows[number - 1].key) for table, number in hit)


def _rules(blueprint: Blueprint) -> Iterator[Part]:
    return ((form.key, rule) for form in blueprint.forms.values() for rule in form.rules)


def _rules_fired(blueprint: Blueprint, result: ScenarioResult) -> Iterator[Part]:
    return _own(blueprint, result.rules)


def _actions(blueprint: Blueprint) -> Iterator[Part]:
    return ((form.key, action) for form in blueprint.forms.values() for action in form.actions)


def _actions_taken(blueprint: Blueprint, result: ScenarioResult) -> Iterator[Part]:
    return _own(blueprint, result.actions)


def _ways(blueprint: Blueprint) -> Iterator[Part]:
    forms = blueprint.forms.values()
    return ((form.key, way) for form in forms for action in form.actions.values() for way in action.ways)


def _ways_taken(blueprint: Blueprint, result: ScenarioResult) -> Iterator[Part]:
    return _own(blueprint, result.ways)


def _states(blueprint: Blueprint) -> Iterator[Part]:
    forms = blueprint.forms.values()
    return ((form.key, state.key) for form in forms for state in form.states.values() if not state.retired)


def _states_entered(blueprint: Blueprint, result: ScenarioResult) -> Iterator[Part]:
    return _own(blueprint, result.states)


def _timers(blueprint: Blueprint) -> Iterator[Part]:
    return ((form.key, timer) for form in blueprint.forms.values() for timer in form.timers)


def _timers_done(blueprint: Blueprint, result: ScenarioResult) -> Iterator[Part]:
    return _own(blueprint, result.timers)


def _own(blueprint: Blueprint, found: frozenset[Part]) -> Iterator[Part]:
    """Yield what is of the blueprint's own forms, by their keys instead of their full names."""
    keys = {form.name: form.key for form in blueprint.forms.values()}
    return ((keys[name], key) for name, key in found if name in keys)


#: Kind → every part of a blueprint, and those a scenario came to.
KINDS: Mapping[
    str, tuple[Callable[[Blueprint], Iterator[Part]], Callable[[Blueprint, ScenarioResult], Iterator[Part]]]
] = {
    "rows": (_rows, _rows_hit),
    "rules": (_rules, _rules_fired),
    "actions": (_actions, _actions_taken),
    "ways": (_ways, _ways_taken),
    "states": (_states, _states_entered),
    "timers": (_timers, _timers_done),
}
