"""A text on its way to become a version: read, checked, compared and tried once, and kept for what follows.

Kept under the text and the newest versions of every blueprint, since those decide what the checker finds. What people
make of it (access, obstacles) is asked anew each time, and what becomes of the records too, unless very many must be
opened for it (`impact_count`): what is kept never decides what one may do.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from blankett.engine.checks import check_blueprint
from blankett.engine.language.diff import Difference, TextLine, diff, text_diff
from blankett.engine.language.model import Blueprint
from blankett.engine.language.problems import Problem
from blankett.engine.language.renames import FIRST_KEY, first_keys, with_first_keys
from blankett.engine.language.source import Tree, decode_plain
from blankett.engine.publish.impact_count import KeptCount
from blankett.engine.publish.results import Obstacle, Refused
from blankett.engine.records.blueprint_cache import Catalog
from blankett.engine.rules import FailedTrial, failed_trials
from blankett.engine.scenarios import Budget, ScenarioReport, run_scenarios

#: Finds the newest version of another blueprint by its key.
FindBlueprint = Callable[[str], Blueprint | None]


@dataclass(frozen=True)
class CheckedText:
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


def check_source(source: str, catalog: Catalog) -> CheckedText:
    """Return what the checker finds in *source*; line breaks are taken as plain ones.

    Its forms go on under the keys that the records of the versions before it are kept under.
    """
    text = source.replace("\r\n", "\n")
    loaded = check_blueprint(text, foreign=catalog.find_form)
    blueprint = loaded.blueprint
    if blueprint is not None and blueprint.key in catalog.newest:
        line = catalog.line(blueprint.key, catalog.newest[blueprint.key])
        blueprint = with_first_keys(blueprint, first_keys(line, blueprint))
    return CheckedText(text, blueprint, loaded.problems, loaded.partial, loaded.tree)


def refuse_problems(checked: CheckedText) -> Refused | None:
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
    return run_scenarios(blueprint, linked_blueprints(blueprint, find), budget=Budget())


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


def refuse_scenarios(checked: CheckedText, report: ScenarioReport | None) -> Refused | None:
    """Refuse a text of which a sample or a scenario fails."""
    if report is None or report.passed:
        return None
    failed = len(report.samples) or sum(not result.passed for result in report.results)
    message = "publish.samples" if report.samples else "publish.scenarios"
    return Refused("scenarios", (Obstacle(message, {"count": failed}),), checked.problems, report)


def canonical_texts(blueprint: Blueprint, tree: Tree | None) -> tuple[str, str]:
    """Return the blueprint's data as JSON, keys in the author's order, and the places of its items. Beside what the
    author wrote stands the key under which the records of a form are kept that was renamed.

    Places are ``[[path…, line, column, start, end], …]``, offsets in characters.
    """
    data: Any = decode_plain(tree) if tree is not None else None
    for form in blueprint.forms.values():
        if form.first_key and data is not None:
            data["forms"][form.key][FIRST_KEY] = form.first_key
    places = [[*path, place.line, place.column, place.start, place.end] for path, place in blueprint.places.items()]
    return _json(data), _json(places)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


#: Texts that are kept, the last used ones; the blueprint of each is in memory.
MOST = 6
T = TypeVar("T")
#: (organisation, digest of the text, the newest version of every blueprint)
Key = tuple[str, str, frozenset[tuple[str, int]]]


@dataclass
class Candidate:
    """One text, and what was worked out of it; each thing once, by whoever asks first."""

    checked: CheckedText
    _known: dict[str, object] = field(default_factory=dict)
    #: How the records were found, a while ago.
    count: KeptCount = field(default_factory=KeptCount)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    @property
    def blueprint(self) -> Blueprint:
        """Return the checked blueprint; there is one only where the text has no errors."""
        assert self.checked.blueprint is not None
        return self.checked.blueprint

    def compared(self, old: Blueprint | None) -> tuple[tuple[Difference, ...], tuple[TextLine, ...]]:
        """Return what differs from *old*, the newest version when the text was read, in meaning and line by line."""
        new = self.blueprint
        return self._once("compared", lambda: (diff(old, new), text_diff(old.source, new.source)) if old else ((), ()))

    def scenarios(self, find: FindBlueprint) -> ScenarioReport:
        """Return how its scenarios went."""
        return self._once("scenarios", lambda: test_scenarios(self.blueprint, find))

    def failed_trials(self) -> tuple[FailedTrial, ...]:
        """Return the rules that durable-rules must not decide."""
        return self._once("trials", lambda: try_rules(self.blueprint))

    def canonical(self) -> tuple[str, str]:
        """Return the text's data and the places of its items, as JSON."""
        return self._once("canonical", lambda: canonical_texts(self.blueprint, self.checked.tree))

    def _once(self, name: str, make: Callable[[], T]) -> T:
        with self._lock:
            if name not in self._known:
                self._known[name] = make()
            return self._known[name]  # type: ignore[return-value]


def _key_of(catalog: Catalog, source: str) -> Key:
    text = source.replace("\r\n", "\n").encode("utf-8", "surrogatepass")
    return catalog.organisation, hashlib.sha256(text).hexdigest(), frozenset(catalog.newest.items())


class Candidates:
    """The last texts that somebody looked at on their way to a version."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Key, Candidate] = OrderedDict()
        self._lock = threading.Lock()
        self._checking: dict[Key, threading.Lock] = {}
        #: (organisation, blueprint, newest version) → how the records were found that older ones keep.
        self.counts: dict[tuple[str, str, int], KeptCount] = {}

    def of(self, catalog: Catalog, source: str) -> Candidate:
        """Return the candidate of a text, checked with the other blueprints' newest forms in view."""
        text, key = source.replace("\r\n", "\n"), _key_of(catalog, source)
        with self._lock:
            checking = self._checking.setdefault(key, threading.Lock())
        with checking:
            found = self._find(key)
            if found is None:
                found = Candidate(check_source(text, catalog))
                self._keep(key, found)
            return found

    def find(self, catalog: Catalog, source: str) -> Candidate | None:
        """Return the candidate of a text that somebody has looked at, as things stand now; reads nothing."""
        return self._find(_key_of(catalog, source))

    def _find(self, key: Key) -> Candidate | None:
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
            return found

    def _keep(self, key: Key, candidate: Candidate) -> None:
        with self._lock:
            self._kept[key] = candidate
            while len(self._kept) > MOST:
                self._kept.popitem(last=False)
            for waiting in self._checking.keys() - self._kept.keys() - {key}:
                del self._checking[waiting]
