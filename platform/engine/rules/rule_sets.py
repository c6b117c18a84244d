"""The rules of a form at a decision point, ready to be asked which of them fire.

A set is compiled when it is first asked for, and goes when its form's version does. durable-rules decides where it is
chosen; where it fails, the predicates do.
"""

from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING, Final, Literal
from typing import Any as Value

from blankett.engine.errors import BlankettError
from blankett.engine.feel import BudgetExceeded
from blankett.engine.language.model import DecisionPoint, Rule, rules_at
from blankett.engine.rules.durable import DurableRules, LibraryFault, library_version
from blankett.engine.rules.durable.faults import NotedFault, note_fault
from blankett.engine.rules.durable.profile import RuleFault, packets_of
from blankett.engine.rules.durable.trials import Failure, failure_of, fingerprint_of, try_rules
from blankett.engine.rules.rule_evaluator import Predicates

if TYPE_CHECKING:
    from blankett.engine.feel import Moment
    from blankett.engine.language.model import Form


EngineName = Literal["durable", "python"]
VARIABLE: Final = "BLANKETT_RULES_ENGINE"


class RuleEngineError(BlankettError):
    """The engine that is asked for is none, or is not installed."""


def chosen_engine(environment: Mapping[str, str] = os.environ) -> EngineName:
    """Return the engine that decides rules. Raise RuleEngineError where the variable asks for one that there is not."""
    asked = environment.get(VARIABLE, "")
    if not asked:
        return "python" if library_version() is None else "durable"
    if asked == "python":
        return "python"
    if asked == "durable":
        if library_version() is None:
            raise RuleEngineError(
                f"{VARIABLE} is durable, but durable_rules is not installed: pip install durable_rules"
            )
        return "durable"
    raise RuleEngineError(f"{VARIABLE} is {asked!r}; it must be durable or python.")


#: How often a set is given to the library anew after the library failed.
MAX_STARTS: Final = 3


@dataclass(frozen=True, slots=True)
class Fired:
    """The rules that fire."""

    #: Keys, the highest priority first, then in the author's order.
    keys: tuple[str, ...]
    #: What decided.
    engine: EngineName
    #: Why durable-rules was asked but did not decide, in English; None when all was well.
    fault: str | None = None


class RuleSet:
    """The rules of one form at one decision point, compiled together. *name* says which, in messages."""

    def __init__(self, rules: tuple[Rule, ...], name: str = "", engine: EngineName | None = None) -> None:
        self.rules = rules
        self.name = name
        #: The facts its conditions read, which the names must hold under ``facts``.
        self.facts = frozenset(path[1] for rule in rules for path in rule.reads if path[0] == "facts" and len(path) > 1)
        self._keys = tuple(rule.key for rule in rules)
        self.predicates = Predicates(rules)
        self._starts = MAX_STARTS if rules and (engine or chosen_engine()) == "durable" else 0
        self._library: DurableRules | None = None
        self._lock = threading.Lock()

    @property
    def engine(self) -> EngineName:
        """Return what decides: the predicates too where the library failed too often."""
        return "durable" if self._library is not None or self._starts else "python"

    def fired(self, names: Mapping[str, Value], moment: Moment) -> Fired:
        """Return the rules in force today whose condition holds; a null condition does not. Raises BudgetExceeded."""
        if self._library is None and not self._starts:
            return self._decided(self.predicates.fired(names, moment), "python")
        library = None
        try:
            library = self._library or self._start()
            if library is None:
                return self._decided(self.predicates.fired(names, moment), "python")
            return self._decided(library.fired(names, moment), "durable")
        except BudgetExceeded:
            raise
        except Exception as error:  # whatever happens in the library, the predicates answer
            message = str(error) if isinstance(error, RuleFault) else type(error).__name__
            if not isinstance(error, RuleFault) or isinstance(error, LibraryFault):
                self._drop(library)
            note_fault(NotedFault(moment.now.astimezone(UTC), self.name, message))
            return self._decided(self.predicates.fired(names, moment), "python", message)

    def foreseen(self, names: Mapping[str, Value], moment: Moment) -> Fired:
        """Return the rules that would fire, as the predicates find them: for a page, which decides nothing."""
        return self._decided(self.predicates.fired(names, moment), "python")

    def _decided(self, numbers: tuple[int, ...], engine: EngineName, fault: str | None = None) -> Fired:
        return Fired(tuple(self._keys[number] for number in numbers), engine, fault)

    def _start(self) -> DurableRules | None:
        """Give the rules to the library, unless they failed when they were tried."""
        with self._lock:
            if self._library is None and self._starts:
                self._starts -= 1
                packets = packets_of(self.predicates)
                if failure_of(fingerprint_of(packets)) is not None:
                    self._starts = 0
                    return None
                self._library = DurableRules(self.predicates, packets)
                weakref.finalize(self, self._library.close).atexit = False
            return self._library

    def _drop(self, library: DurableRules | None) -> None:
        """Give up what the library holds: after a failure it may answer wrongly."""
        with self._lock:
            if self._library is library:
                self._library = None
        if library is not None:
            library.close()


_lock: Final = threading.Lock()


def rule_set(form: Form, point: DecisionPoint) -> RuleSet:
    """Return the rules of *form* at *point*, compiled when first asked for and kept as long as *form* is."""
    kept = form.once(_sets_of)
    found = kept.get(point)
    if found is not None:
        return found
    with _lock:
        if point not in kept:
            kept[point] = RuleSet(rules_at(form.rules, point), f"{form.name} {point}")
        return kept[point]


def _sets_of(form: Form) -> dict[DecisionPoint, RuleSet]:
    return {}


@dataclass(frozen=True)
class FailedTrial:
    """Rules of a form that durable-rules must not be given: the predicates decide them."""

    form: str
    point: DecisionPoint
    #: The first of the rules.
    rule: Rule
    failure: Failure


def failed_trials(forms: Iterable[Form]) -> list[FailedTrial]:
    """Try the rules of *forms* in a process of their own, and return what failed; nothing where Python decides."""
    points = [(form, point) for form in forms for point in _points_of(form)]
    if not points or chosen_engine() == "python":
        return []
    sets = [rule_set(form, point) for form, point in points]
    failures = try_rules([each.predicates for each in sets])
    return [
        FailedTrial(form.name, point, found.rules[0], failure)
        for (form, point), found, failure in zip(points, sets, failures, strict=True)
        if failure is not None
    ]


def _points_of(form: Form) -> list[DecisionPoint]:
    return list(dict.fromkeys(point for rule in form.rules.values() for point in rule.at))
