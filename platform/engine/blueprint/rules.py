"""The business rules of a checked form. Like all of the model frozen, made by the loader, and only read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from blankett.engine.effects.base import Moment

if TYPE_CHECKING:
    from collections.abc import Mapping

    from blankett.engine.blueprint.texts import Formula, Place, Words
    from blankett.engine.effects import Effect
    from blankett.engine.feel import Type


#: What a fact counts over other records.
Measure = Literal["count", "sum", "min", "max", "latest"]


@dataclass(frozen=True, slots=True)
class DecisionPoint:
    """Where in a record's life rules are looked at, written ``save``, ``submit`` or ``submit:completed``."""

    moment: Moment
    #: The key of the action; empty for `save`.
    action: str = ""

    def __str__(self) -> str:
        return {"save": "save", "request": self.action, "completed": f"{self.action}:completed"}[self.moment]


SAVE = DecisionPoint("save")


@dataclass(frozen=True)
class Fact:
    """A value counted over the records of a form, in one query; formulas of rules know it as ``facts.<key>``."""

    key: str
    title: Words
    measure: Measure
    #: The full name of the form it looks at.
    form: str
    #: The field that is summed or compared; None for `count`.
    field: str | None
    #: Which records: bare names and `record` are the other record's, `this` is the rule's.
    where: Formula | None
    #: The static type of its value; never null for `count` and `sum`.
    type: Type
    place: Place
    was: str | None = None

    @cached_property
    def counted_reads(self) -> frozenset[tuple[str, ...]]:
        """Return what it reads of the records it counts, from their own names."""
        reads = self.where.reads if self.where is not None else frozenset()
        return frozenset(path for path in reads if path[0] not in ("this", "user")) | (
            {self.path} if self.path else set()
        )

    @cached_property
    def own_reads(self) -> frozenset[tuple[str, ...]]:
        """Return what it reads of the record whose rules ask for it: ``this.customer`` is ``("customer",)``."""
        reads = self.where.reads if self.where is not None else frozenset()
        return frozenset(path[1:] for path in reads if path[0] == "this" and len(path) > 1)

    @property
    def path(self) -> tuple[str, ...]:
        """Return the path of its field from the other record's names: ``("total",)``, ``("record", "created_at")``."""
        return tuple(self.field.split(".")) if self.field else ()


@dataclass(frozen=True)
class Rule:
    """When something is true of a record at a decision point, then outcomes."""

    key: str
    title: Words
    help: Words | None
    at: tuple[DecisionPoint, ...]
    #: None: always.
    when: Formula | None
    #: Where this is true the rule does not fire; null is not true.
    unless: Formula | None
    #: The higher comes first, and wins where two set one field; 0 unless told.
    priority: int
    #: The first and the last day it is in force; None is open.
    valid_from: date | None
    valid_to: date | None
    then: tuple[Effect, ...]
    place: Place
    was: str | None = None

    @cached_property
    def reads(self) -> frozenset[tuple[str, ...]]:
        """Return every path its conditions read, facts as ``("facts", key)``."""
        return frozenset(path for formula in (self.when, self.unless) if formula for path in formula.reads)

    def in_force(self, day: date) -> bool:
        """Tell whether the rule holds on *day*."""
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day <= self.valid_to)


def rules_at(rules: Mapping[str, Rule], point: DecisionPoint) -> tuple[Rule, ...]:
    """Return the rules looked at at *point*: the highest priority first, then in the author's order."""
    return tuple(sorted((rule for rule in rules.values() if point in rule.at), key=lambda rule: -rule.priority))
