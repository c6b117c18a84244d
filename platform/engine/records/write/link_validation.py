"""Whether what was typed into link and user fields points at something the actor may choose.

Looks only at values typed in this command, and at what an action asked: an old link may point at a record that nobody
could choose any more.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from blankett.engine.fields.base import Fault
from blankett.engine.language.model import Action, Field, Form, Formula
from blankett.engine.paths import field_path
from blankett.engine.records.command import FieldProblem
from blankett.engine.records.evaluation_context import Cell, LineScope, StoredNames, path_of, split_path
from blankett.engine.records.linked_form import form_behind
from blankett.engine.records.record_access import stored_permit
from blankett.engine.records.record_change import Work
from blankett.engine.records.unit_of_work import Unit
from blankett.engine.records.write.input import Merged
from blankett.engine.records.write.validate import Judged
from blankett.engine.store import StoredRecord

#: (path, field, value, the line it stands in)
Pointer = tuple[tuple[str, ...], Field, str, LineScope | None]


def close_links(unit: Unit, form: Form, merged: Merged, stored: StoredRecord | None) -> None:
    """Let links that were typed in this command lead nowhere where the actor may not choose their record.

    Otherwise what is filled or worked out through them would tell that the record exists, and what it holds. A record
    that the stored one links to already stays open to its formulas.
    """
    typed = set(_typed_links(form, merged))
    if not typed:
        return
    if stored is not None:
        typed -= set(_held(stored.data.values()))
    unit.linked.load(typed)
    for id in typed:
        found = unit.linked.record(id)
        if found is not None:
            permit = stored_permit(unit, unit.catalog.process_of(found), found)
            if not (permit.may("pick") or permit.may("view")):
                unit.linked.close(id)


def _typed_links(form: Form, merged: Merged) -> Iterator[str]:
    for field in form.every_field():
        if field.type.points_to != "record":
            continue
        lines = (None,) if field.table is None else merged.values.get(field.table) or ()
        for line in lines:
            path = field.key if line is None else f"{field.table}/{line['id']}/{field.key}"
            value = (merged.values if line is None else line).get(field.key)
            if path in merged.changed and isinstance(value, str):
                yield value


def _held(values: Iterable[object]) -> Iterator[str]:
    """Yield every text that stands in the values of a record or its lines."""
    for value in values:
        if isinstance(value, str):
            yield value
        elif isinstance(value, list):
            yield from _held(value)
        elif isinstance(value, Mapping):
            yield from _held(value.values())


def pointing_problems(unit: Unit, work: Work, cells: Iterable[Cell]) -> list[FieldProblem]:
    """Return the typed links and users among *cells* that point nowhere, or where the actor may not point."""
    pointers = list(_pointers(work, cells))
    unit.linked.load(id for _, field, id, _ in pointers if field.type.points_to == "record")
    unit.linked.load_people(id for _, field, id, _ in pointers if field.type.points_to == "person")
    return [problem for pointer in pointers for problem in _problem(unit, work, pointer)]


def choice_problems(unit: Unit, work: Work, due: Judged) -> list[FieldProblem]:
    """Return the links that may not be chosen any more, because what their `where` reads of the record was written.

    Whoever wrote it: a person, a formula, a rule or an effect. Who may choose is not asked, only the condition.
    """
    found: list[FieldProblem] = []
    for name in work.process.form.conditions:
        if name[0] != "where":
            continue
        of = work.process.form.find(name[1:])
        assert of is not None
        for line in work.situation.lines[of.table] if of.table else (None,):
            problem = _left_behind(unit, work, of, line) if due.is_due(name, line) else None
            found += [problem] if problem is not None else []
    return found


def choice_warnings(unit: Unit, work: Work, due: Judged) -> tuple[FieldProblem, ...]:
    """Return the same for a draft that is kept all the same."""
    current = unit.catalog.current(work.process)
    found = []
    for problem in choice_problems(unit, work, due):
        of = work.process.form.find(field_path(problem.path))
        params = {"field": current.field(of).title if of is not None else problem.key, **problem.params}
        found.append(replace(problem, message="field.choice_left_behind", params=params))
    return tuple(found)


def _left_behind(unit: Unit, work: Work, of: Field, line: LineScope | None) -> FieldProblem | None:
    path = path_of(of, line)
    value = (work.situation.values if line is None else line.values).get(of.key)
    if not isinstance(value, str) or path in work.situation.hidden:
        return None
    stored, where = unit.linked.record(value), of.options["where"]
    if stored is None or not isinstance(where, Formula) or _fits(unit, work, of, where, stored, line):
        return None
    return FieldProblem(split_path(path), "field.not_among_choices", {"value": stored.title}, of.key, of.place)


def input_pointing_problems(unit: Unit, work: Work, action: Action, values: Mapping[str, Any]) -> list[FieldProblem]:
    """Return the links and users among what an action asked that point nowhere, or where the actor may not point."""
    found: list[FieldProblem] = []
    for key, field in action.ask.items():
        if field.type.points_to and isinstance(values.get(key), str):
            found += _problem(unit, work, (("inputs", key), field, values[key], None))
    return found


def _pointers(work: Work, cells: Iterable[Cell]) -> Iterator[Pointer]:
    for path, field, line in cells:
        if field.type.points_to:
            value = (work.situation.values if line is None else line.values).get(field.key)
            if isinstance(value, str):
                yield path, field, value, line


def _problem(unit: Unit, work: Work, pointer: Pointer) -> Iterator[FieldProblem]:
    path, field, id, line = pointer
    if field.type.points_to == "department":
        fault = _department_fault(unit, id)
    elif field.type.points_to == "person":
        fault = _user_fault(unit, work, field, id)
    else:
        fault = _link_fault(unit, work, field, id, line)
    if fault is not None:
        yield FieldProblem(path, fault.message, fault.params, field.key, field.place)


def _user_fault(unit: Unit, work: Work, field: Field, id: str) -> Fault | None:
    """Return the same fault for nobody and for somebody who does not hold the role: existence is not told."""
    person, role = unit.linked.person(id), field.options.get("role")
    holds = not isinstance(role, str) or id in unit.catalog.holders(work.process.blueprint, work.record, role)
    return None if person is not None and person.active and holds else Fault("field.no_such_user", {"value": id[:80]})


def _department_fault(unit: Unit, id: str) -> Fault | None:
    """Return what is wrong with a department that was chosen; one that was closed takes no new records."""
    found = unit.directory().find(id)
    if found is None:
        return Fault("field.no_such_department", {"value": id[:80]})
    return None if found.closed_at is None else Fault("field.closed_department", {"value": found.title})


def _link_fault(unit: Unit, work: Work, field: Field, id: str, line: LineScope | None) -> Fault | None:
    """Return the same fault for a record that is not there, of another form, or not to be chosen: existence is not
    told.
    """
    nothing = Fault("field.no_such_record", {"value": id[:80]})
    stored = unit.linked.record(id)
    behind = form_behind(unit.catalog, work.process, str(field.links_to)).form
    if stored is None or behind is None or stored.form_name != behind.kept_name:
        return nothing
    process = unit.catalog.process_of(stored)
    permit = stored_permit(unit, process, stored)
    if not (permit.may("pick") or permit.may("view")):
        return nothing
    where = field.options.get("where")
    if isinstance(where, Formula) and not _fits(unit, work, field, where, stored, line):
        return Fault("field.not_among_choices", {"value": stored.title})
    return None


def _fits(unit: Unit, work: Work, field: Field, where: Formula, stored: StoredRecord, line: LineScope | None) -> bool:
    process = unit.catalog.process_of(stored)
    behind = form_behind(unit.catalog, work.process, str(field.links_to))
    this = work.situation.this if line is None else line.names
    there = StoredNames(process, stored, unit.linked, {"this": this, "user": unit.user})
    names = behind.names(unit.catalog.current(process), there)
    return where.compiled.evaluate(names, unit.linked.moment) is True
