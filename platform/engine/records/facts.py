"""Facts: what the formulas of a form count over other records, one query each, with the authority of the blueprint.

The record that asks is never counted. Records that the same command has touched already are counted as it has
made them, not as they are stored; everything else as the store has it. What was counted before the write lock is
counted again under it (`Facts.have_moved`), so that two people at once cannot both find room.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from blankett.engine.errors import BlankettError
from blankett.engine.feel.values import Reference
from blankett.engine.fields.text import is_cut
from blankett.engine.language.form_formulas import every_effect, reached_form
from blankett.engine.language.model import Blueprint, Fact, Form
from blankett.engine.records.blueprint_cache import Catalog
from blankett.engine.records.link_loader import Linked
from blankett.engine.records.linked_form import Behind, form_behind
from blankett.engine.records.record_change import Work
from blankett.engine.store import Counting, Writing, counting
from blankett.engine.store.transaction import Row


class NotCountable(BlankettError):
    """A fact cannot be counted now: its form is gone, or a field it needs is still being made ready."""

    def __init__(self, fact: Fact) -> None:
        self.fact = fact
        super().__init__(f"{fact.key} cannot be counted over {fact.form}")


class CountingUnit(Protocol):
    """What facts look at of the unit of work that asks for them."""

    @property
    def catalog(self) -> Catalog:
        """Return the versions in use."""

    @property
    def linked(self) -> Linked:
        """Return the records that were read."""

    @property
    def works(self) -> Mapping[str, Work]:
        """Return the records that the command touches, by id."""

    @property
    def user(self) -> Reference:
        """Return the actor as formulas see them."""


class Facts:
    """What one unit of work has counted."""

    def __init__(self) -> None:
        #: Every question that was asked of the store, with its answer.
        self.asked: list[tuple[Counting, Row | None]] = []
        #: Facts that a check, a guard or a compute wanted and that cannot be counted now: what was decided so is void.
        self.uncountable: list[Fact] = []
        self._known: dict[tuple[object, ...], Any] = {}

    def values(self, unit: CountingUnit, work: Work, keys: Iterable[str]) -> dict[str, Any]:
        """Return {fact: value} of the record of *work* as it is now. Raises NotCountable."""
        facts = work.process.form.facts
        return {key: self._value(unit, work, facts[key]) for key in keys if key in facts}

    def have_moved(self, writing: Writing) -> bool:
        """Tell whether the store answers any question otherwise than it did."""
        return any(writing.ask(question) != answer for question, answer in self.asked)

    def _value(self, unit: CountingUnit, work: Work, fact: Fact) -> Any:
        counted = form_behind(unit.catalog, work.process, fact.form)
        touched = _touched(unit, work, counted)
        is_alone = not any(other.kinds for other in unit.works.values() if other is not work)
        known = (work.id, fact.key, *map(_plain, _seen(work, fact))) if is_alone else None
        if known is not None and known in self._known:
            return self._known[known]
        question = self._question(unit, work, fact, counted, [other.id for other in touched])
        answer = unit.catalog.reading.ask(question)
        self.asked.append((question, answer))
        value = _Touched(unit, work, fact, counted).added(touched, question.value(answer), question.newest(answer))
        if known is not None:
            self._known[known] = value
        return value

    def _question(
        self, unit: CountingUnit, work: Work, fact: Fact, counted: Behind, touched: Sequence[str]
    ) -> Counting:
        catalog = unit.catalog
        columns = counted.columns()
        if columns is None:
            raise NotCountable(fact)
        question = counting(
            catalog.organisation, fact, columns, _outside(unit, work), unit.linked.moment, {work.id, *touched}
        )
        if question is None:
            raise NotCountable(fact)
        return question


class CountedFacts(Mapping[str, Any]):
    """The name `facts` of one record: each is counted when a formula reads it, for the record as it is then.

    One that cannot be counted now is null to the formula, and noted, so that nothing is written because of it.
    """

    def __init__(self, counted: Facts, unit: CountingUnit, work: Work) -> None:
        self._counted = counted
        self._unit = unit
        self._work = work

    def __getitem__(self, key: str) -> Any:
        """Return what the fact is now."""
        facts = self._work.process.form.facts
        try:
            return self._counted.values(self._unit, self._work, [key])[key]
        except NotCountable:
            self._counted.uncountable.append(facts[key])
            self._work.situation.uncounted.append(key)
            return None

    def __iter__(self) -> Iterator[str]:
        """Return the keys of the form's facts; counts nothing."""
        return iter(self._work.process.form.facts)

    def __len__(self) -> int:
        """Return how many facts the form has."""
        return len(self._work.process.form.facts)


def may_count(catalog: Catalog, blueprint: Blueprint) -> bool:
    """Tell whether rules may count records while something is done to a record of *blueprint*: its own rules, or those
    of records that effects reach, which may be of other blueprints and of newer versions.
    """
    seen: set[str] = set()
    waiting = [blueprint, *filter(None, [catalog.newest_blueprint(blueprint.key)])]
    for each in waiting:  # grows on the way
        if any(form.facts for form in each.forms.values()):
            return True
        new = _blueprints_reached(each) - seen - {each.key}
        seen |= new
        waiting += filter(None, map(catalog.newest_blueprint, sorted(new)))
    return False


def _blueprints_reached(blueprint: Blueprint) -> set[str]:
    """Return the keys of the blueprints whose records its effects make or change."""
    return {key for form in blueprint.forms.values() for key in form.once(_blueprints_of_effects)}


def _blueprints_of_effects(form: Form) -> frozenset[str]:
    names: set[str] = set()
    for effect in every_effect(form):
        if effect.makes is not None:
            names.add(effect.makes)
        if effect.target is not None:
            names.add(reached_form(form, effect.target))
    return frozenset(name.partition(".")[0] for name in names if name)


def _outside(unit: CountingUnit, work: Work) -> dict[str, Any]:
    """Return the names of a `where` that are not the other record's."""
    return {"this": work.situation.this, "user": unit.user}


def _seen(work: Work, fact: Fact) -> list[Any]:
    """Return what of the record itself the fact looks at."""
    names = work.situation.names
    return [names.get(key) for key in sorted({path[0] for path in fact.own_reads})]


def _plain(value: Any) -> str:
    """Return what tells one value from another."""
    return value.id if isinstance(value, Reference) else repr(value)


# Records of the same command ------------------------------------------------------------------------------------------


def _touched(unit: CountingUnit, work: Work, counted: Behind) -> list[Work]:
    """Return the other records of the counted form that the command has touched."""
    others = (other for other in unit.works.values() if other is not work and other.kinds)
    return [other for other in others if counted.form is not None and _form_now(unit, other) is counted.form]


def _form_now(unit: CountingUnit, work: Work) -> Form | None:
    return unit.catalog.current(work.process).newest


@dataclass(frozen=True)
class _Touched:
    """What one fact counts among the records of the command itself."""

    unit: CountingUnit
    work: Work
    fact: Fact
    counted: Behind

    def added(self, touched: Sequence[Work], value: Any, newest: str) -> Any:
        """Return what the store counted together with the records of this command, as it has made them."""
        fact = self.fact
        found = [other for other in touched if self._counts(other)]
        if fact.measure == "count":
            return value + len(found)
        if fact.measure == "latest":
            last = max(found, key=lambda other: other.id, default=None)
            if last is not None and last.id > newest:
                return self._held(last)
            return self._whole(newest) if is_cut(value) else self._named(value)
        values = [held for other in found if (held := self._held(other)) is not None]
        if fact.measure == "sum":
            return sum(values, value)
        known = [value] if value is not None else []
        return (min if fact.measure == "min" else max)([*values, *known], default=None)

    def _names(self, other: Work) -> Mapping[str, Any]:
        """Return the names of a record of this command as the fact knows them."""
        return self.counted.names(self.unit.catalog.current(other.process), other.situation.names)

    def _counts(self, other: Work) -> bool:
        """Tell whether the fact's `where` holds for a record of this command."""
        if self.fact.where is None:
            return True
        names = {**self._names(other), **_outside(self.unit, self.work)}
        return self.fact.where.evaluate(names, self.unit.linked.moment) is True

    def _held(self, other: Work) -> Any:
        """Return the value of a record of this command that the fact looks at."""
        if self.fact.path[0] == "record":
            return self._names(other)["record"].fields[self.fact.path[1]]
        return self._names(other).get(self.fact.path[0])

    def _whole(self, record: str) -> str | None:
        """Return the text of the record that was found, which is longer than what lists keep of it."""
        stored = self.unit.linked.record(record)
        return None if stored is None else self.unit.catalog.whole_text(stored, self.counted.path(self.fact.path))

    def _named(self, value: Any) -> Any:
        """Return a stored value as formulas know it: links and people as references."""
        found = self.counted.field(self.fact.path)
        pointed = found[1].type.points_to if found is not None else None
        if value is None or pointed is None:
            return value
        return self.unit.linked.pointed(pointed, value)
