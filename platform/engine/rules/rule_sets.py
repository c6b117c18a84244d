"""The rules of a form at a decision point, ready to be asked which of them fire.

A set is compiled when it is first asked for, and goes when its form's version does.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal
from typing import Any as Value

from blankett.engine.blueprint.rules import DecisionPoint, Rule, rules_at
from blankett.engine.rules.predicates import Predicates

if TYPE_CHECKING:
    from blankett.engine.blueprint.model import Form
    from blankett.engine.feel import Moment

#: What decides: durable-rules, or the predicates made of the same parse.
EngineName = Literal["durable", "python"]


@dataclass(frozen=True, slots=True)
class Fired:
    """The rules that fire."""

    #: Keys, the highest priority first, then in the author's order.
    keys: tuple[str, ...]
    engine: EngineName
    #: Why durable-rules was asked but did not answer, in English; None when all was well.
    fault: str | None = None


class RuleSet:
    """The rules of one form at one decision point, compiled together."""

    def __init__(self, rules: tuple[Rule, ...]) -> None:
        self.rules = rules
        #: The facts its conditions read, which the names must hold under ``facts``.
        self.facts = frozenset(path[1] for rule in rules for path in rule.reads if path[0] == "facts" and len(path) > 1)
        self._keys = tuple(rule.key for rule in rules)
        self._predicates = Predicates(rules)

    def fired(self, names: Mapping[str, Value], moment: Moment) -> Fired:
        """Return the rules in force today whose condition holds; a null condition does not. Raises BudgetExceeded."""
        numbers = self._predicates.fired(names, moment)
        return Fired(tuple(self._keys[number] for number in numbers), "python") if numbers else _NOTHING


_NOTHING: Final = Fired((), "python")
_sets: dict[int, dict[DecisionPoint, RuleSet]] = {}
_lock: Final = threading.Lock()


def rule_set(form: Form, point: DecisionPoint) -> RuleSet:
    """Return the rules of *form* at *point*, compiled when first asked for and kept as long as *form* is."""
    found = _sets.get(id(form), {}).get(point)
    if found is not None:
        return found
    with _lock:
        kept = _sets.get(id(form))
        if kept is None:
            kept = _sets[id(form)] = {}
            # A form cannot be a key: it compares by what it holds.
            weakref.finalize(form, _sets.pop, id(form), None).atexit = False
        if point not in kept:
            kept[point] = RuleSet(rules_at(form.rules, point))
        return kept[point]
