"""Facts: what the rules of a form count over other records, one query each, with the authority of the blueprint.

The record a rule is about is never counted. Records that the same command has touched already are counted as it has
made them, not as they are stored; everything else as the store has it. What was counted before the write lock is
counted again under it (`Facts.have_moved`), so that two people at once cannot both find room.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from blankett.engine.blueprint.model import Fact
from blankett.engine.errors import BlankettError
from blankett.engine.feel.values import Reference
from blankett.engine.store import Counting, counting

if TYPE_CHECKING:
    from blankett.engine.runtime.work import Unit, Work
    from blankett.engine.store import Writing
    from blankett.engine.store.transaction import Row


class NotCountable(BlankettError):
    """A fact cannot be counted now: its form is gone, or a field it needs is still being made ready."""

    def __init__(self, fact: Fact) -> None:
        self.fact = fact
        super().__init__(f"{fact.key} cannot be counted over {fact.form}")


class Facts:
    """What one unit of work has counted."""

    def __init__(self) -> None:
        #: Every question that was asked of the store, with its answer.
        self.asked: list[tuple[Counting, Row | None]] = []
        self._known: dict[tuple[object, ...], Any] = {}

    def values(self, unit: Unit, work: Work, keys: Iterable[str]) -> dict[str, Any]:
        """Return {fact: value} of the record of *work* as it is now. Raises NotCountable."""
        facts = work.process.form.facts
        return {key: self._value(unit, work, facts[key]) for key in keys if key in facts}

    def have_moved(self, writing: Writing) -> bool:
        """Tell whether the store answers any question otherwise than it did."""
        return any(writing.ask(question) != answer for question, answer in self.asked)

    def _value(self, unit: Unit, work: Work, fact: Fact) -> Any:
        touched = _touched(unit, work, fact)
        is_alone = not any(other.kinds for other in unit.works.values() if other is not work)
        known = (work.id, fact.key, *map(_plain, _seen(work, fact))) if is_alone else None
        if known is not None and known in self._known:
            return self._known[known]
        question = self._question(unit, work, fact, [other.id for other in touched])
        answer = unit.catalog.reading.ask(question)
        self.asked.append((question, answer))
        value = _with_touched(unit, work, fact, touched, question.value(answer), question.newest(answer))
        if known is not None:
            self._known[known] = value
        return value

    def _question(self, unit: Unit, work: Work, fact: Fact, touched: Sequence[str]) -> Counting:
        catalog = unit.catalog
        process = catalog.find_newest(*fact.form.split(".", 1))
        if process is None:
            raise NotCountable(fact)
        slots = catalog.slots(process.form)
        without = {work.id, *touched}
        question = counting(
            catalog.organisation, fact, process.form, slots, _outside(unit, work), unit.linked.moment, without
        )
        if question is None:
            raise NotCountable(fact)
        return question


def _outside(unit: Unit, work: Work) -> dict[str, Any]:
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


def _touched(unit: Unit, work: Work, fact: Fact) -> list[Work]:
    """Return the other records of the fact's form that the command has touched."""
    others = (other for other in unit.works.values() if other is not work and other.kinds)
    return [other for other in others if other.process.form.name == fact.form]


def _with_touched(unit: Unit, work: Work, fact: Fact, touched: Sequence[Work], value: Any, newest: str) -> Any:
    """Return what the store counted together with the records of this command, as it has made them."""
    found = [other for other in touched if _counts(unit, work, fact, other)]
    if fact.measure == "count":
        return value + len(found)
    if fact.measure == "latest":
        last = max(found, key=lambda other: other.id, default=None)
        if last is not None and last.id > newest:
            return _held(last, fact)
        return _named(unit, fact, value)
    values = [held for other in found if (held := _held(other, fact)) is not None]
    if fact.measure == "sum":
        return sum(values, value)
    return (min if fact.measure == "min" else max)([*values, *([value] if value is not None else [])], default=None)


def _counts(unit: Unit, work: Work, fact: Fact, other: Work) -> bool:
    """Tell whether the fact's `where` holds for a record of this command."""
    if fact.where is None:
        return True
    current = unit.catalog.current(other.process)
    names: Mapping[str, Any] = current.renamed(other.situation.names)
    missing = dict.fromkeys(path[0] for path in fact.where.reads)
    return fact.where.evaluate({**missing, **names, **_outside(unit, work)}, unit.linked.moment) is True


def _held(other: Work, fact: Fact) -> Any:
    """Return the value of a record of this command that the fact looks at."""
    if fact.path[0] == "record":
        return other.situation.ambient["record"].fields[fact.path[1]]
    return other.situation.names.get(fact.path[0])


def _named(unit: Unit, fact: Fact, value: Any) -> Any:
    """Return a stored value as formulas know it: links and people as references."""
    process = unit.catalog.find_newest(*fact.form.split(".", 1))
    of = process.form.fields.get(fact.path[0]) if process is not None else None
    if value is None or of is None or of.type.name not in ("link", "user"):
        return value
    return unit.linked.reference(value) if of.type.name == "link" else unit.linked.user(value)
