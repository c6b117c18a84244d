"""The rules of a form at a decision point, ready to be asked which of them fire.

A set is compiled when it is first asked for, and goes when its form's version does. durable-rules decides where it is
chosen; where it fails, the predicates do.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC
from typing import TYPE_CHECKING, Final
from typing import Any as Value

from blankett.engine.blueprint.rules import DecisionPoint, Rule, rules_at
from blankett.engine.feel import BudgetExceeded
from blankett.engine.rules.attributes import RuleFault
from blankett.engine.rules.choosing import EngineName, chosen_engine
from blankett.engine.rules.durable import DurableRules, LibraryFault
from blankett.engine.rules.faults import Fault, note_fault
from blankett.engine.rules.predicates import Predicates

if TYPE_CHECKING:
    from blankett.engine.blueprint.model import Form
    from blankett.engine.feel import Moment

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
        self._predicates = Predicates(rules)
        self._starts = MAX_STARTS if (engine or chosen_engine()) == "durable" and rules else 0
        self._library: DurableRules | None = None
        self._lock = threading.Lock()

    @property
    def engine(self) -> EngineName:
        """Return what decides: the predicates too where the library failed too often."""
        return "durable" if self._library is not None or self._starts else "python"

    def fired(self, names: Mapping[str, Value], moment: Moment) -> Fired:
        """Return the rules in force today whose condition holds; a null condition does not. Raises BudgetExceeded."""
        if self._library is None and not self._starts:
            return self._decided(self._predicates.fired(names, moment), "python")
        library = None
        try:
            library = self._library or self._start()
            return self._decided(library.fired(names, moment), "durable")
        except BudgetExceeded:
            raise
        except Exception as error:  # whatever happens in the library, the predicates answer
            message = str(error) if isinstance(error, RuleFault) else type(error).__name__
            if not isinstance(error, RuleFault) or isinstance(error, LibraryFault):
                self._drop(library)
            note_fault(Fault(moment.now.astimezone(UTC), self.name, message))
            return self._decided(self._predicates.fired(names, moment), "python", message)

    def _decided(self, numbers: tuple[int, ...], engine: EngineName, fault: str | None = None) -> Fired:
        return Fired(tuple(self._keys[number] for number in numbers), engine, fault)

    def _start(self) -> DurableRules:
        with self._lock:
            if self._library is None:
                self._starts -= 1
                self._library = DurableRules(self._predicates)
                weakref.finalize(self, self._library.close).atexit = False
            return self._library

    def _drop(self, library: DurableRules | None) -> None:
        """Give up what the library holds: after a failure it may answer wrongly."""
        with self._lock:
            if self._library is library:
                self._library = None
        if library is not None:
            library.close()


@dataclass
class _FormRules:
    """The sets of one form."""

    sets: dict[DecisionPoint, RuleSet] = field(default_factory=dict)
    #: None: whatever is chosen.
    engine: EngineName | None = None


_kept: Final[dict[int, _FormRules]] = {}
_lock: Final = threading.Lock()


def rule_set(form: Form, point: DecisionPoint) -> RuleSet:
    """Return the rules of *form* at *point*, compiled when first asked for and kept as long as *form* is."""
    kept = _kept.get(id(form))
    found = kept.sets.get(point) if kept is not None else None
    if found is not None:
        return found
    with _lock:
        kept = _of(form)
        if point not in kept.sets:
            rules = rules_at(form.rules, point)
            kept.sets[point] = RuleSet(rules, f"{form.name} {point}", kept.engine)
        return kept.sets[point]


def keep_to_predicates(form: Form) -> None:
    """Let the predicates decide the rules of *form*: durable-rules failed when they were tried."""
    with _lock:
        kept = _of(form)
        kept.engine = "python"
        kept.sets.clear()


def _of(form: Form) -> _FormRules:
    kept = _kept.get(id(form))
    if kept is None:
        kept = _kept[id(form)] = _FormRules()
        # A form cannot be a key: it compares by what it holds.
        weakref.finalize(form, _kept.pop, id(form), None).atexit = False
    return kept
