"""Work a form out as it is typed: what would be filled, computed, hidden, required and wrong. Writes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from itertools import product
from typing import Any

from blankett.engine import feel
from blankett.engine.feel.values import Reference
from blankett.engine.fields.base import Pointed
from blankett.engine.language.model import SAVE, Field
from blankett.engine.paths import Path
from blankett.engine.records.command import Command, FieldProblem, FieldVisibility, FormPreview, Refusal
from blankett.engine.records.compiled_form import VisibleCondition, cases_of
from blankett.engine.records.evaluation_context import LineScope, Situation, path_of
from blankett.engine.records.permit import Permit
from blankett.engine.records.read.record_view import Look, look_at, readable_values, say_current
from blankett.engine.records.record_access import work_permit
from blankett.engine.records.record_change import Work
from blankett.engine.records.unit_of_work import Unit, refusal
from blankett.engine.records.write import actions
from blankett.engine.records.write.destinations import state_after
from blankett.engine.records.write.link_validation import choice_problems, pointing_problems
from blankett.engine.records.write.pipeline import once, open_work
from blankett.engine.records.write.rule_rounds import Ruling, foresee, unmet, wants_saving
from blankett.engine.records.write.validate import (
    binds,
    due_in,
    early_problems,
    is_editable,
    is_required,
    record_problems,
)


def visibility_of(situation: Situation, permit: Permit) -> tuple[FieldVisibility, ...]:
    """Return for each conditional field that the actor may read when it is shown. Changes nothing."""
    found = []
    for condition in situation.process.conditions:
        if not permit.can_read(condition.field.path):
            continue
        choices = tuple(path for path in condition.choices if permit.can_read(path) and permit.can_write(path))
        try:
            shown = frozenset(_shown(situation, condition, choices)) if choices else frozenset()
        except feel.BudgetExceeded:
            choices, shown = (), frozenset()
        found.append(FieldVisibility(condition.field.path, choices, shown, condition.watched))
    return tuple(found)


def _shown(situation: Situation, condition: VisibleCondition, choices: tuple[Path, ...]) -> Iterator[tuple[str, ...]]:
    """Yield the texts of the choices, case by case, for which the field is shown."""
    form, field = situation.process.form, condition.field
    for case in product(*(cases_of(form, path) for path in choices)):
        values = {path: value for path, (_, value) in zip(choices, case, strict=True)}
        names = _names(situation, field, values)
        if condition.formula.compiled.evaluate(names, situation.moment) is True:
            yield tuple(text for text, _ in case)


def _names(situation: Situation, field: Field, values: dict[Path, Any]) -> dict[str, Any]:
    """Return the names the condition of *field* sees when the choices hold *values*."""
    own = {path[0]: value for path, value in values.items() if len(path) == 1}
    record = {**situation.names, **own}
    if field.table is None:
        # A condition on the field itself looks at what it holds, also while it is hidden.
        record[field.key] = situation.name_of(field, situation.values.get(field.key))
        return record
    parent = Reference(situation.this.id, situation.this.title, record)
    shape = situation.process.shapes[field.table]
    line = LineScope(field.table, {"id": "+new"})
    line.give_names(shape, situation.linked, parent, situation.ambient)
    return {**line.names, **{path[-1]: value for path, value in values.items() if len(path) == 2}}


#: A field or column with the line it stands in.
Cell = tuple[Field, LineScope | None]


def preview(unit: Unit, command: Command) -> FormPreview | Refusal:
    """Return the form of *command* as it would be stored; a refusal when the actor may not have the form at all."""
    stored = unit.linked.record(command.record) if command.record is not None else None
    if stored is not None:
        unit.linked.load_named(unit.catalog.process_of(stored), (stored.data,))
    work = open_work(unit, command)
    if isinstance(work, Refusal):
        return work
    derived = work.derive()
    problems = [*work.input_problems(), *derived]
    permit = work.permit_before or work_permit(unit, work)
    if not permit.may("create" if work.before is None else "edit") and command.action is None:
        return refusal("forbidden", "refusal.may_not_create" if work.before is None else "refusal.may_not_edit")
    work.situation.refresh_live()
    problems += pointing_problems(unit, work, work.situation.cells(work.merged.typed if work.merged else ()))
    ruling = foresee(unit, work, SAVE) if not problems and wants_saving(work) else Ruling(SAVE)
    problems += [*ruling.refusals, *unmet(unit, work, ruling, permit), *(ruling.loop.problems if ruling.loop else ())]
    problems += _problems(unit, work, command, permit, problems)
    return replace(_preview(unit, work, permit, problems), warnings=ruling.warnings)


def new_form(unit: Unit, blueprint: str, form: str, workspace: str, copy: str | None) -> FormPreview | Refusal:
    """Return an empty form, or one with what was typed into the record *copy*."""
    command = Command(intent="", actor=unit.actor, blueprint=blueprint, form=form, workspace=workspace)
    if copy is None:
        return preview(unit, command)
    look = _look_at_original(unit, blueprint, form, copy)
    if isinstance(look, Refusal):
        return look
    return preview(
        unit, replace(command, workspace=workspace or look.work.record.workspace, values=copied_values(look))
    )


def _look_at_original(unit: Unit, blueprint: str, form: str, id: str) -> Look | Refusal:
    stored, newest = unit.linked.record(id), unit.catalog.find_newest(blueprint, form)
    is_alike = stored is not None and newest is not None and stored.form_name == newest.form.kept_name
    look = look_at(unit, stored) if stored is not None and is_alike else None
    unit.works.clear()
    return look or refusal("missing", "refusal.no_record")


def copied_values(look: Look) -> Mapping[str, Any]:
    """Return what a copy of a record starts with: what the reader may see and a person may type, and nothing unique or
    filled.
    """
    form, filled = look.process.form, look.situation.filled
    values: dict[str, Any] = {}
    for key, value in readable_values(look).items():
        field = form.fields[key]
        if field.is_fixed:
            continue  # what fills its lines does so for the copy too
        if field.columns:
            values[key] = [_copied_line(look, field, line) for line in value]
        elif _is_copied(field) and key not in filled:
            values[key] = value
    return values


def _is_copied(field: Field) -> bool:
    return field.is_typed and not field.unique and not field.retired and field.editable is not False


def _copied_line(look: Look, table: Field, line: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: line[key]
        for key, column in table.columns.items()
        if key in line and _is_copied(column) and f"{table.key}/{line['id']}/{key}" not in look.situation.filled
    }


def _problems(
    unit: Unit, work: Work, command: Command, permit: Permit, known: list[FieldProblem]
) -> list[FieldProblem]:
    """Return what is wrong with what was typed, and what saving would refuse."""
    may_read = permit.can_read_name
    typed = work.merged.typed if work.merged else set()
    # What was filled or worked out from what was typed is told as early as what was typed.
    cells = work.situation.cells(typed | work.changes.changed)
    action, due = work.process.form.actions.get(command.action or ""), due_in(work)
    found = once(early_problems(work.situation, cells, may_read, due), known)
    if action is not None:
        found += actions.read_inputs(unit, work, action, command.inputs)
    if binds(work.process.form, state_after(work, action)):
        due = due_in(work, action)
        found += once(record_problems(work.situation, may_read, known, due), known + found)
    found += once(choice_problems(unit, work, due), known + found)
    return found


def _preview(unit: Unit, work: Work, permit: Permit, problems: list[FieldProblem]) -> FormPreview:
    situation = work.situation
    cells = list(_cells(situation, permit))
    tables = situation.lines
    # A table that is hidden keeps its lines on the page, so that they are there when it is shown again.
    values = {
        key: value
        for key, value in situation.values.items()
        if permit.can_read((key,)) and (key not in situation.hidden or key in tables)
    }
    paths = {path_of(field, line): (field, line) for field, line in cells}
    return FormPreview(
        values=permit.masked_lines(values),
        hidden=frozenset(path for path in situation.hidden if path in paths),
        filled=frozenset(path for path in situation.filled if path in paths),
        required=frozenset(path for path, cell in paths.items() if is_required(situation, *cell)),
        locked=frozenset(path for path, cell in paths.items() if _is_locked(situation, permit, cell)),
        problems=tuple(problem for problem in problems if problem.path == () or permit.can_read_problem(problem.path)),
        currencies=dict(_currencies(situation, paths)),
        titles=_titles(unit, situation, cells),
        helps=dict(_helps(unit, situation, permit)),
        visibility=visibility_of(situation, permit),
    )


def _helps(unit: Unit, situation: Situation, permit: Permit) -> Iterator[tuple[str, str]]:
    """Yield the helps of fields that say something of the record, as the reader may know it."""
    current, reader = permit.current, unit.reader
    for field in situation.process.form.fields.values():
        words = current.field(field).help
        if words is not None and words.pieces and permit.can_read(field.path):
            yield field.key, say_current(words, situation, current, permit, reader)


def _cells(situation: Situation, permit: Permit) -> Iterator[Cell]:
    """Yield what the actor may read, each field followed by its columns in every line."""
    for field in situation.process.form.fields.values():
        if permit.can_read(field.path):
            yield field, None
        columns = [column for column in field.columns.values() if permit.can_read(column.path)]
        for line in situation.lines.get(field.key, ()):
            for column in columns:
                yield column, line


def _is_locked(situation: Situation, permit: Permit, cell: Cell) -> bool:
    field, line = cell
    return field.is_fixed or not permit.can_write(field.path) or not is_editable(situation, field, line)


def _currencies(situation: Situation, paths: Mapping[str, Cell]) -> Iterator[tuple[str, str]]:
    for path, (field, line) in paths.items():
        code = situation.currency_at(field, line)
        if code is not None:
            yield path, code


def _titles(unit: Unit, situation: Situation, cells: list[Cell]) -> Mapping[str, str]:
    """Return the titles of the records and people the form points to."""
    ids: dict[Pointed, set[str]] = {"record": set(), "person": set(), "department": set()}
    for field, line in cells:
        if field.type.points_to:
            value = (situation.values if line is None else line.values).get(field.key)
            if isinstance(value, str):
                ids[field.type.points_to].add(value)
    unit.linked.load(ids["record"])
    unit.linked.load_people(ids["person"])
    return {id: unit.linked.title_of(to, id) or id for to, each in ids.items() for id in each}


def within_budget(work: Callable[[], FormPreview | Refusal]) -> FormPreview | Refusal:
    """Return what *work* gives; a refusal when a formula of the blueprint takes too long."""
    try:
        return work()
    except feel.BudgetExceeded as exceeded:
        return refusal("invalid", "formula.budget", reason=str(exceeded))
