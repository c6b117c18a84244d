"""What must hold of a record: required fields, bounds, the checks of fields and of the form. All problems are
collected.

A draft may be half done: `required`, the least number of lines and checks bind once the record is out of its start
state, and in forms without actions at every save. What is hidden is not asked and not checked.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

from blankett.engine.fields.base import Fault, Value
from blankett.engine.fields.tables import TableType
from blankett.engine.language.model import Action, Check, Field, Form, Formula
from blankett.engine.paths import Path, from_record, has_empty, value_at
from blankett.engine.records.command import FieldProblem
from blankett.engine.records.compiled_form import Demand
from blankett.engine.records.evaluation_context import Cell, LineScope, Situation, decode, path_of, split_path
from blankett.engine.records.explain.condition_sentences import Teller, path_title
from blankett.engine.records.explain.filled_text import HIDDEN, MayRead, fill_text
from blankett.engine.records.explain.reasons import Reason
from blankett.engine.records.matched_lines import match_lines
from blankett.engine.records.record_change import Work
from blankett.engine.records.write.destinations import state_after
from blankett.engine.trace import needs_of, readable, trace


def binds(form: Form, state: str | None) -> bool:
    """Tell whether a record of *form* in *state* must be complete: it is no draft, and was not given up."""
    found = form.states.get(state) if state else None
    return not form.actions or found is None or not (found.start or found.stopped)


class Judged(Protocol):
    """Tells which conditions that move by themselves are to be judged; `due.Due` is one."""

    def is_due(self, name: tuple[str, ...], line: LineScope | None = None) -> bool:
        """Tell whether to judge the condition *name* of the form, in *line*."""
        ...


class Everything:
    """Judges every condition."""

    def is_due(self, name: tuple[str, ...], line: LineScope | None = None) -> bool:
        """Return yes."""
        return True


EVERYTHING = Everything()


def record_problems(
    situation: Situation, may_read: MayRead, known: Iterable[FieldProblem] = (), due: Judged = EVERYTHING
) -> list[FieldProblem]:
    """Return everything that keeps the record from being complete and right, in the form's order. Where a problem is
    *known* already, nothing is said of what cannot be worked out because of it. What moves by itself is judged where
    it is *due*.
    """
    problems: list[FieldProblem] = []
    wrong = {name for problem in known for name in (problem.path[:1] + problem.path[-1:])}
    hidden, values = situation.hidden, situation.values
    for demand in situation.process.demands:
        key = demand.field.key
        if key in hidden:
            continue
        if not _is_met(demand, values.get(key)):
            problems.extend(_field_problems(situation, demand, None, may_read, wrong, due))
        for line in situation.lines[key] if demand.columns else ():
            for column in demand.columns:
                if _is_met(column, line.values.get(column.field.key)):
                    continue
                if not hidden or path_of(column.field, line) not in hidden:
                    problems.extend(_field_problems(situation, column, line, may_read, wrong, due))
    at_fault = wrong | {problem.path[0] for problem in problems}
    for check in situation.process.form.checks.values():
        # One mistake, one message: a check that cannot be made because a required field is empty adds nothing.
        if due.is_due(("check", check.key)):
            problems.extend(_check_problem(situation, check, may_read, at_fault))
    return problems


def value_problems(situation: Situation, cells: Iterable[Cell], due: Judged = EVERYTHING) -> list[FieldProblem]:
    """Return what is wrong with typed values in themselves: decimals their currency lacks, bounds by formula."""
    problems: list[FieldProblem] = []
    demands = situation.process.demand_at
    for _, field, line in cells:
        demand = demands[field.path]
        if demand.takes_any or demand.columns:
            continue
        value = (situation.values if line is None else line.values).get(field.key)
        if value is not None and (found := _bound_problem(situation, demand, value, line, due)) is not None:
            problems.append(found)
    return problems


def early_problems(
    situation: Situation, cells: Iterable[Cell], may_read: MayRead, due: Judged = EVERYTHING
) -> list[FieldProblem]:
    """Return what can be told of values before anybody asks for the whole: bounds, and the fields' own checks where
    they do not hold. Of what is hidden nothing is said.
    """
    shown = [cell for cell in cells if "/".join(cell[0]) not in situation.hidden and cell[0][0] not in situation.hidden]
    problems = value_problems(situation, shown, due)
    for _, field, line in shown:
        value = (situation.values if line is None else line.values).get(field.key)
        if field.check is not None and value is not None and due.is_due(("field", *field.path), line):
            found = _field_check_problem(situation, field, line, may_read, ())
            problems += [problem for problem in found if problem.message != "check.null"]
    return problems


def is_required(situation: Situation, field: Field, line: LineScope | None = None) -> bool:
    """Tell whether the field must not stay empty now."""
    if isinstance(field.required, bool):
        return field.required
    return field.required.compiled.evaluate(situation.names_for(field.required, line), situation.moment) is True


def is_editable(situation: Situation, field: Field, line: LineScope | None = None) -> bool:
    """Tell whether the blueprint lets anyone type the field now; access is looked at elsewhere."""
    if not field.is_typed:
        return False
    if isinstance(field.editable, bool):
        return field.editable
    return field.editable.compiled.evaluate(situation.names_for(field.editable, line), situation.moment) is True


def _is_met(demand: Demand, value: Value) -> bool:
    """Tell whether nothing can be wrong with *value*, whatever else the record holds."""
    return demand.may_be_empty if _is_empty(value) else demand.takes_any


def _is_empty(value: Value) -> bool:
    return not value and (value is None or value == [])


def _field_problems(
    situation: Situation,
    demand: Demand,
    line: LineScope | None,
    may_read: MayRead,
    wrong: Collection[str],
    due: Judged,
) -> list[FieldProblem]:
    field = demand.field
    value = (situation.values if line is None else line.values).get(field.key)
    problems: list[FieldProblem] = []
    if _is_empty(value):
        is_asked = field.required is not False and due.is_due(("required", *field.path), line)
        if is_asked and is_required(situation, field, line):
            problems.append(_problem(field, line, Fault("field.required")))
        if not demand.columns:
            return problems
    if demand.columns:
        assert isinstance(field.type, TableType)
        fault = field.type.check_count(value, field) if value or field.required is False else None
        if fault is not None:
            problems.append(_problem(field, line, fault))
    elif (beyond := _bound_problem(situation, demand, value, line, due)) is not None:
        problems.append(beyond)
    if field.check is not None and value is not None and due.is_due(("field", *field.path), line):
        problems += _field_check_problem(situation, field, line, may_read, wrong)
    return problems


def _problem(field: Field, line: LineScope | None, fault: Fault) -> FieldProblem:
    return FieldProblem(split_path(path_of(field, line)), fault.message, fault.params, key=field.key, place=field.place)


def _bound_problem(
    situation: Situation, demand: Demand, value: Value, line: LineScope | None, due: Judged
) -> FieldProblem | None:
    """Return what is wrong with a value's size: beyond `min` or `max`, or with more digits than its currency has."""
    field, least, most = demand.field, demand.least, demand.most
    currency = None if demand.currency is None else situation.currency(demand.currency, line)
    if currency is not None and field.type.from_feel(value, field, currency) != value:
        return _problem(field, line, Fault("field.too_precise", {"currency": currency}))
    fault = field.type.check(value, field) if demand.is_judged else None
    if fault is None and (least or most) and due.is_due(("bound", *field.path), line):
        fault = field.type.check_between(
            value,
            least.compiled.evaluate(situation.names_for(least, line), situation.moment) if least else None,
            most.compiled.evaluate(situation.names_for(most, line), situation.moment) if most else None,
        )
    return None if fault is None else _problem(field, line, field.type.in_currency(fault, currency))


def _field_check_problem(
    situation: Situation, field: Field, line: LineScope | None, may_read: MayRead, wrong: Collection[str]
) -> Iterator[FieldProblem]:
    check = field.check
    assert check is not None
    found = check.that.compiled.evaluate(situation.names_for(check.that, line), situation.moment)
    if found is True:
        return
    path = split_path(path_of(field, line))
    if found is None:
        empty, is_hidden = empty_reads(check.that, situation, line)
        if not is_hidden and not any(name in wrong for read in empty for name in read):
            yield FieldProblem(
                path,
                "check.null",
                {"empty": _titles(situation, empty, may_read)},
                key=field.key,
                place=check.that.place,
            )
    elif check.message is None:
        yield FieldProblem(path, "check.field", {}, key=field.key, place=check.that.place)
    else:
        may_read = may_read if line is None else _in_line(situation, line, may_read)
        text = fill_text(check.message, situation, may_read, line)
        why = _why(situation, check.that, may_read, line)
        yield FieldProblem(path, "said", {"text": text}, field.key, check.that.place, why)


def _check_problem(situation: Situation, check: Check, may_read: MayRead, at_fault: set[str]) -> Iterator[FieldProblem]:
    if check.field is not None and check.field in situation.hidden:
        return
    moment = situation.moment
    if check.when is not None and check.when.compiled.evaluate(situation.names_for(check.when), moment) is not True:
        return
    found = check.that.compiled.evaluate(situation.names_for(check.that), moment)
    if found is True:
        return
    path = (check.field,) if check.field else ()
    if found is None:
        empty, is_hidden = empty_reads(check.that, situation)
        if not is_hidden and at_fault.isdisjoint(path[0] for path in check.that.reads):
            yield FieldProblem(
                path, "check.null", {"empty": _titles(situation, empty, may_read)}, key=check.key, place=check.place
            )
        return
    text = fill_text(check.message, situation, may_read)
    yield FieldProblem(path, "said", {"text": text}, check.key, check.place, _why(situation, check.that, may_read))


def _why(situation: Situation, that: Formula, may_read: MayRead, line: LineScope | None = None) -> tuple[Reason, ...]:
    """Return what of a check fails, with the values it saw."""
    teller = Teller(situation.linked.catalog, situation.linked, situation.process, situation, line)
    needs = needs_of(trace(that, situation.scope_of(line), situation.moment))
    return tuple(teller.need(readable(need, may_read)) for need in needs)


def _in_line(situation: Situation, line: LineScope, may_read: MayRead) -> MayRead:
    """Return what may be read, asked in the names of a line: a bare name there is a column."""
    fields = situation.process.form.fields
    return lambda path: may_read(from_record(path, fields, line.table))


def _titles(situation: Situation, paths: tuple[tuple[str, ...], ...], may_read: MayRead) -> tuple[object, ...]:
    """Return what the empty fields are called; a field the reader may not see is not named."""
    catalog, form = situation.linked.catalog, situation.process.form
    seen = (path for path in paths if may_read(path))
    return tuple(path_title(catalog, form, path) for path in seen) or (HIDDEN,)


def empty_reads(
    formula: Formula, situation: Situation, line: LineScope | None = None
) -> tuple[tuple[tuple[str, ...], ...], bool]:
    """Return the paths *formula* reads whose value is null now, the longest of each, and whether hiding alone makes
    them so.
    """
    names = situation.scope_of(line)
    empty = sorted(path for path in formula.reads if has_empty(value_at(names, path)))
    # customer and customer.limit empty: the customer is what is missing.
    shortest = tuple(path for path in empty if not any(path[:length] in empty for length in range(1, len(path))))
    hidden_roots = {path.split("/")[0] if "/" not in path else path.split("/")[2] for path in situation.hidden}
    return shortest, bool(shortest) and all(path[0] in hidden_roots for path in shortest)


#: Properties of a record that conditions may read.
PROPERTIES = ("state", "owner", "assignee", "number")


@dataclass(frozen=True, eq=False)
class Due:
    """What of a record was written by the command under way."""

    work: Work
    #: It is made, or leaves its start state: everything is judged.
    is_first: bool

    def is_due(self, name: Path, line: LineScope | None = None) -> bool:
        """Tell whether to judge the condition *name* of the form, in *line*: it cannot move, or hangs on what was
        written.
        """
        if self.is_first:
            return True
        reads = self.work.process.form.conditions.get(name)
        return reads is None or any(self._is_written(path, line) for path in reads)

    def _is_written(self, path: Path, line: LineScope | None) -> bool:
        if path[0] == "record":
            return path[1] in self._properties
        if len(path) == 1:
            return path[0] in self._written
        if line is not None and line.table == path[0]:
            return f"{path[0]}/{line.id}/{path[1]}" in self._written
        return f"{path[0]}/{path[1]}" in self._written

    @cached_property
    def _properties(self) -> frozenset[str]:
        before, now = self.work.before, self.work.record
        return frozenset(name for name in PROPERTIES if getattr(before, name) != getattr(now, name))

    @cached_property
    def _written(self) -> frozenset[str]:
        """Return what differs from what is stored: "total", "lines" (lines came or went), "lines/price" (of any line),
        "lines/<id>/price". What shows and hides a field is among what its conditions read.
        """
        work = self.work
        assert work.before is not None
        before, now = decode(work.process, work.before.data), work.situation.values
        found: set[str] = set()
        for key, of in work.process.form.fields.items():
            if of.columns:
                found |= _written_lines(key, before.get(key) or [], now.get(key) or [])
            elif before.get(key) != now.get(key) and not of.live:
                found.add(key)
        return frozenset(found)


def _written_lines(table: str, before: list[dict[str, Any]], now: list[dict[str, Any]]) -> set[str]:
    found: set[str] = set()
    for line in match_lines(before, now):
        changed = line.changed()
        if changed or line.came or line.went:
            found.add(table)
        found.update(f"{table}/{column}" for column in changed)
        if not line.went:
            found.update(f"{table}/{line.id}/{column}" for column in changed)
    return found


def due_in(work: Work, action: Action | None = None) -> Due:
    """Return what is to be judged of *work*; *action*: the one that is asked for and not carried out yet."""
    if work.before is None:
        return Due(work, True)
    start = work.process.form.start
    was = work.before.state
    now = state_after(work, action)
    return Due(work, start is not None and was == start.key and now != start.key)
