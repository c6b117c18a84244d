"""The checks a text must pass before it becomes a version: the checker's, and its own scenarios."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field

from blankett.engine.blueprint.loading.draft import Foreign
from blankett.engine.blueprint.model import Blueprint
from blankett.engine.blueprint.plain import decode_plain
from blankett.engine.blueprint.source import Tree
from blankett.engine.checker import check_blueprint
from blankett.engine.problems import Problem
from blankett.engine.publish.answers import Obstacle, Refused
from blankett.engine.rules import FailedTrial, failed_trials
from blankett.engine.scenarios import ScenarioReport, run_scenarios

#: Finds the newest version of another blueprint by its key.
FindBlueprint = Callable[[str], Blueprint | None]


@dataclass(frozen=True)
class Checked:
    """A text and what the checker says of it."""

    source: str
    #: None when something is wrong.
    blueprint: Blueprint | None
    #: Errors and warnings.
    problems: tuple[Problem, ...]
    #: The blueprint as far as it could be made.
    partial: Blueprint | None = None
    #: The text as it was read.
    tree: Tree | None = field(default=None, repr=False)


def check_source(source: str, foreign: Foreign) -> Checked:
    """Return what the checker finds in *source*; line breaks are taken as plain ones."""
    text = source.replace("\r\n", "\n")
    loaded = check_blueprint(text, foreign=foreign)
    return Checked(text, loaded.blueprint, loaded.problems, loaded.partial, loaded.tree)


def refuse_problems(checked: Checked) -> Refused | None:
    """Refuse a text that the checker finds errors in."""
    if checked.blueprint is not None:
        return None
    count = sum(problem.is_error for problem in checked.problems)
    return Refused("problems", (Obstacle("publish.problems", {"count": count}),), checked.problems)


def try_rules(blueprint: Blueprint) -> tuple[FailedTrial, ...]:
    """Try the rules of *blueprint* in a process of their own, and return those that durable-rules must not decide.

    From then on the predicates decide these, here too. Done once for the same rules; nothing where there are none.
    """
    return tuple(failed_trials(blueprint.forms.values()))


def test_scenarios(blueprint: Blueprint, find: FindBlueprint) -> ScenarioReport:
    """Run the scenarios of *blueprint* in memory, with the samples of the blueprints it links to."""
    try_rules(blueprint)
    return run_scenarios(blueprint, linked_blueprints(blueprint, find))


def linked_blueprints(blueprint: Blueprint, find: FindBlueprint) -> tuple[Blueprint, ...]:
    """Return the blueprints whose forms *blueprint* links to, also through others; what others lean on comes first."""
    found: dict[str, Blueprint] = {}

    def visit(one: Blueprint, under_way: frozenset[str]) -> None:
        for key in sorted({name.partition(".")[0] for name in foreign_forms(one)} - under_way - found.keys()):
            other = find(key)
            if other is not None:
                visit(other, under_way | {key})
                found[key] = other

    visit(blueprint, frozenset({blueprint.key}))
    return tuple(found.values())


def foreign_forms(blueprint: Blueprint) -> frozenset[str]:
    """Return the full names of the forms of other blueprints that the fields of *blueprint* link to."""
    asked = (
        of
        for form in blueprint.forms.values()
        for of in (*form.every_field(), *(of for action in form.actions.values() for of in action.ask.values()))
    )
    targets = (of.links_to for of in asked if of.links_to is not None)
    return frozenset(target for target in targets if "." in target and target.split(".")[0] != blueprint.key)


def refuse_scenarios(checked: Checked, report: ScenarioReport | None) -> Refused | None:
    """Refuse a text of which a sample or a scenario fails."""
    if report is None or report.passed:
        return None
    failed = len(report.samples) or sum(not result.passed for result in report.results)
    message = "publish.samples" if report.samples else "publish.scenarios"
    return Refused("scenarios", (Obstacle(message, {"count": failed}),), checked.problems, report)


def canonical_texts(blueprint: Blueprint, tree: Tree | None) -> tuple[str, str]:
    """Return the blueprint's data as JSON, keys in the author's order, and the places of its items.

    Places are ``[[path…, line, column, start, end], …]``, offsets in characters.
    """
    data = decode_plain(tree) if tree is not None else None
    places = [[*path, place.line, place.column, place.start, place.end] for path, place in blueprint.places.items()]
    return _json(data), _json(places)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
