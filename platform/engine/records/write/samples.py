"""Fill a workspace with a blueprint's sample data: the records that scenarios and the demo start with.

Samples are the author's, so they are made with the blueprint's authority; types, required fields and checks hold as
ever.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from blankett.engine.access import Actor
from blankett.engine.feel import BudgetExceeded
from blankett.engine.fields.base import Fault, Line, Value
from blankett.engine.fields.base import TextReading as FieldReading
from blankett.engine.fields.tables import LineFaults
from blankett.engine.language.model import Blueprint, Field, Form, Sample
from blankett.engine.records.command import Command, FieldProblem, Refusal
from blankett.engine.records.explain.filled_text import everything
from blankett.engine.records.unit_of_work import Unit
from blankett.engine.records.write.persist import write
from blankett.engine.records.write.pipeline import open_work
from blankett.engine.records.write.validate import binds, record_problems, value_problems
from blankett.engine.store import Writing

if TYPE_CHECKING:
    from blankett.engine.records.engine import Engine

#: full form name → {key value: record id}
KnownKeys = dict[str, dict[str, str]]


class SampleLookup:
    """Finds what a sample or a scenario names: records by their key, number or title, people by their key, e-mail or
    name.
    """

    def __init__(self, find_person: Callable[[str], str | None] = lambda text: None) -> None:
        self.keys: KnownKeys = {}
        self._find_person = find_person

    def note(self, form: Form, record: str, values: Mapping[str, Any], *names: str | None) -> None:
        """Remember a record under its key and *names* (number, title, id)."""
        known = self.keys.setdefault(form.name, {})
        key = values.get(form.key_field) if form.key_field else None
        for name in (*names, key, record):
            if isinstance(name, str) and name:
                known[name] = record

    def link_by_text(self, form: str, text: str) -> Sequence[tuple[str, str]]:
        """Return the record of *form* that *text* names."""
        found = self.keys.get(form, {}).get(text)
        return [] if found is None else [(found, text)]

    def user_by_text(self, text: str) -> Sequence[tuple[str, str]]:
        """Return the person that *text* names."""
        found = self._find_person(text)
        return [] if found is None else [(found, text)]

    def department_by_text(self, text: str) -> Sequence[tuple[str, str]]:
        """Return the department that *text* is the key of: whether it is there is asked when the record is made."""
        return [(text, text)]

    def copy(self) -> SampleLookup:
        """Return a lookup that knows the same and may learn more by itself."""
        copied = SampleLookup(self._find_person)
        copied.keys = {form: dict(known) for form, known in self.keys.items()}
        return copied


class FullNames:
    """A lookup for the fields of one blueprint, whose links name forms without it."""

    def __init__(self, blueprint: str, lookup: SampleLookup) -> None:
        self._blueprint = blueprint
        self._lookup = lookup

    def link_by_text(self, form: str, text: str) -> Sequence[tuple[str, str]]:
        """Return the record that *text* names."""
        return self._lookup.link_by_text(form if "." in form else f"{self._blueprint}.{form}", text)

    def user_by_text(self, text: str) -> Sequence[tuple[str, str]]:
        """Return the person that *text* names."""
        return self._lookup.user_by_text(text)

    def department_by_text(self, text: str) -> Sequence[tuple[str, str]]:
        """Return the department that *text* names."""
        return self._lookup.department_by_text(text)


def read_values(
    fields: Mapping[str, Field], raw: Mapping[str, Any], lookup: FullNames
) -> tuple[dict[str, Value], list[FieldProblem]]:
    """Return the values that *raw*, as written in a blueprint, stands for, and what could not be read."""
    values: dict[str, Value] = {}
    problems: list[FieldProblem] = []
    reading = FieldReading(lookup=lookup)
    for key, item in raw.items():
        field = fields.get(key)
        if field is None:
            problems.append(FieldProblem((key,), "field.unknown", {"field": key}, key))
            continue
        found = read_value(field, item, reading)
        if isinstance(found, LineFaults):
            problems += [
                FieldProblem((key, str(row), column), fault.message, fault.params, key)
                for (row, column), fault in found.faults.items()
            ]
        elif isinstance(found, Fault):
            problems.append(FieldProblem((key,), found.message, found.params, key))
        else:
            values[key] = found
    return values, problems


def read_value(field: Field, raw: Any, reading: FieldReading) -> Value | Fault:
    """Return the value of one field as written in a blueprint: plain, ``= null`` for nothing, ``==x`` for the text
    ``=x``.
    """
    if raw == "= null":
        return [] if field.columns else None
    if isinstance(raw, str) and raw.startswith("=="):
        raw = raw[1:]
    if field.columns and isinstance(raw, (list, tuple)):
        return _read_lines(field, raw, reading)
    return field.type.read_api(raw, field, reading)


def _read_lines(table: Field, raw: Sequence[Any], reading: FieldReading) -> Value | Fault:
    lines: list[Line] = []
    faults: dict[tuple[int, str], Fault] = {}
    for row, item in enumerate(raw):
        line: Line = {}
        for key, cell in item.items() if isinstance(item, Mapping) else ():
            column = table.columns.get(key)
            found = Fault("field.unknown", {"field": key}) if column is None else read_value(column, cell, reading)
            if isinstance(found, Fault):
                faults[row, key] = found
            else:
                line[key] = found
        lines.append(line)
    return LineFaults("field.bad_lines", {"count": len(faults)}, faults) if faults else lines


def in_order(blueprint: Blueprint) -> list[Sample]:
    """Return the samples so that what others link to comes first, as far as that can be; otherwise in the author's
    order.
    """
    names = {form.name: key for key, form in blueprint.forms.items()}
    links = {
        key: {names.get(field.links_to, "") for field in form.every_field() if field.links_to is not None} - {key}
        for key, form in blueprint.forms.items()
    }
    placed: list[str] = []
    waiting = list(blueprint.forms)
    while waiting:
        free = [key for key in waiting if not links[key] & set(waiting)] or waiting[:1]
        placed += free
        waiting = [key for key in waiting if key not in free]
    return sorted(blueprint.samples, key=lambda sample: placed.index(sample.form))


@dataclass(frozen=True)
class SampleProblem:
    """What is wrong with one sample."""

    sample: Sample
    problem: FieldProblem


def load_samples(
    engine: Engine, actor: Actor, blueprint: Blueprint, workspace: str, lookup: SampleLookup
) -> list[SampleProblem]:
    """Make the blueprint's samples in *workspace*, owned by *actor*; return what is wrong with those that were not
    made.
    """
    problems: list[SampleProblem] = []
    names = FullNames(blueprint.key, lookup)
    for sample in in_order(blueprint):
        form = blueprint.forms[sample.form]
        values, faults = read_values(form.fields, sample.values, names)
        if not faults:
            faults = _make(engine, actor, blueprint.key, form, workspace, values, lookup)
        problems += [SampleProblem(sample, fault) for fault in faults]
    return problems


class _GivenUp(Exception):
    """Undoes the transaction of a sample that is refused."""


def _make(
    engine: Engine,
    actor: Actor,
    blueprint: str,
    form: Form,
    workspace: str,
    values: dict[str, Value],
    lookup: SampleLookup,
) -> list[FieldProblem]:
    command = Command(intent="", actor=actor, blueprint=blueprint, form=form.key, workspace=workspace, values=values)
    problems: list[FieldProblem] = []
    try:
        with engine.store.writing() as writing:
            problems = _write(engine.unit(writing, actor), writing, command, lookup)
            if problems:
                raise _GivenUp
    except _GivenUp:
        pass
    except BudgetExceeded as exceeded:
        problems = [FieldProblem((), "formula.budget", {"reason": str(exceeded)})]
    return problems


def _write(unit: Unit, writing: Writing, command: Command, lookup: SampleLookup) -> list[FieldProblem]:
    """Write one sample with the blueprint's authority; nobody is asked whether they may."""
    work = open_work(unit, command, by_author=True)
    if isinstance(work, Refusal):
        return list(work.problems)
    assert work.merged is not None
    problems = work.merged.problems + work.derive()
    problems += value_problems(work.situation, work.situation.cells(work.merged.typed))
    if binds(work.process.form, work.record.state):
        problems += record_problems(work.situation, everything)
    if problems:
        return problems
    unit.bind(writing)
    unit.number(work, "create")
    work.settle()
    written = write(writing, unit, work, command)
    if isinstance(written, Refusal):
        return list(written.problems)
    lookup.note(work.process.form, written.record, work.situation.values, written.number, written.title)
    return []
