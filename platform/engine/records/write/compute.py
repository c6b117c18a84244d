"""Work out what is not typed: default, fill, compute and visible, in the form's one dependency order.

**The filled set** holds the fields and columns (lines by id) that still hold what was filled. For a field with `fill`:

1. *typed now* → it leaves the set and keeps what was typed, an emptied one too; 2. *given up* (`refill`) → it is filled
and joins the set; 3. *of a new record or line, and not typed* → it is filled and joins the set, also when the fill
gives null: it still waits for one; 4. *in the set*, and a field of the record or a column of the line that the formula
reads has changed in this write → filled anew; 5. otherwise it is left alone. `today()`, `now()`, rates and changes of
linked records never fill anew: a fill is a copy of that moment.

A change is one of this write: typed, set by an effect, or worked out by an earlier step; a field that came out of or
went into hiding has changed as well, since formulas see null while it is hidden. What only values of the record decide,
none of which has changed, is as it is stored, and is not worked out again (`ComputeStep.settled_by`).

`default` gives a value once, to a new record or line, where nothing was typed and nothing filled. `compute` is always
the formula's; a *live* one is worked out as well, for the formulas that follow, but `encode` leaves it out, except in
the states that snapshot it. `visible` comes last at each field, and decides what the later formulas see.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from blankett.engine.fields.base import Fault, Value
from blankett.engine.language.model import Field
from blankett.engine.records.command import NEW_LINE, FieldProblem
from blankett.engine.records.compiled_form import ComputeStep
from blankett.engine.records.evaluation_context import LineScope, Situation, default_of, path_of, split_path


@dataclass
class Changes:
    """What this write has changed so far, and how. Grows while the record is worked out."""

    is_new: bool = False
    typed: set[str] = field(default_factory=set)
    refill: frozenset[str] = frozenset()
    #: Paths "field" or "table/line id/column"; a table is named too when one of its lines changed.
    changed: set[str] = field(default_factory=set)
    new_lines: set[str] = field(default_factory=set)
    #: Whether the record is as this version of its form worked it out when it was stored.
    is_settled: bool = False

    def may_move(self, step: ComputeStep) -> bool:
        """Tell whether what *step* gives may be something else than what the record holds."""
        if not self.is_settled or self.refill or step.settled_by is None:
            return True
        return not self.changed.isdisjoint(step.settled_by)


def derive(situation: Situation, changes: Changes) -> list[FieldProblem]:
    """Work out every field of *situation*; return what could not be stored (a computed number that is too large)."""
    problems: list[FieldProblem] = []
    situation.filled.difference_update(changes.typed)
    for step in situation.process.steps:
        if not changes.may_move(step):
            continue
        if step.table is None:
            _derive_one(situation, changes, step, None, problems)
        else:
            for line in situation.lines[step.table]:
                _derive_one(situation, changes, step, line, problems)
    if not changes.is_new and not changes.changed.isdisjoint(situation.lines):
        _drop_lost_lines(situation)
    return problems


def _derive_one(
    situation: Situation, changes: Changes, step: ComputeStep, line: LineScope | None, problems: list[FieldProblem]
) -> None:
    of = step.field
    path = path_of(of, line)
    held = situation.values if line is None else line.values
    before = held.get(of.key)
    found: Value | Fault = before
    if of.compute is not None:
        if path not in situation.frozen:
            uncounted = len(situation.uncounted)
            found = situation.work_out(step, line)
            if len(situation.uncounted) > uncounted:
                found = before  # a command is refused then; a record that a publish moves keeps what it held
    elif _wants_fill(situation, changes, step, path, line):
        situation.filled.add(path)
        found = _value_of(situation, step, of.fill, line)
    if of.default is not None and found is None and _is_fresh(changes, line) and path not in changes.typed:
        currency = situation.currency(step.currency, line)
        found = default_of(of, situation.scope_of(line), situation.moment, currency)
    if isinstance(found, Fault):
        problems.append(FieldProblem(split_path(path), found.message, found.params, key=of.key, place=of.place))
        found = None
    if found != before:
        situation.put(of, found, line)
        _note(changes, of, path)
    if of.visible is not None:
        was_hidden = path in situation.hidden
        if was_hidden and (of.key,) in of.visible.reads:
            # A condition on the field itself looks at what it holds, not at the null that others see.
            situation.show(of, True, line)
        is_visible = of.visible.compiled.evaluate(situation.names_for(of.visible, line), situation.moment) is True
        if is_visible is (path in situation.hidden):
            situation.show(of, is_visible, line)
        if is_visible is was_hidden:
            _note(changes, of, path)


def _note(changes: Changes, of: Field, path: str) -> None:
    changes.changed.add(path)
    if of.table is not None:
        changes.changed.add(of.table)


def _is_fresh(changes: Changes, line: LineScope | None) -> bool:
    return changes.is_new or (line is not None and line.id in changes.new_lines)


def _wants_fill(situation: Situation, changes: Changes, step: ComputeStep, path: str, line: LineScope | None) -> bool:
    if step.field.fill is None or path in changes.typed:
        return False
    if path in changes.refill or _is_fresh(changes, line):
        return True
    if path not in situation.filled:
        return False
    if not changes.changed.isdisjoint(step.fill_fields):
        return True
    return line is not None and any(
        f"{step.table}/{line.id}/{column}" in changes.changed for column in step.fill_columns
    )


def _value_of(situation: Situation, step: ComputeStep, formula: Any, line: LineScope | None) -> Value | Fault:
    found = formula.compiled.evaluate(situation.names_for(formula, line), situation.moment)
    return step.field.type.from_formula(
        found, step.field, situation.moment.zone, situation.currency(step.currency, line)
    )


def _drop_lost_lines(situation: Situation) -> None:
    """Forget what the hidden, filled and frozen sets say of lines that are gone."""
    for paths in (situation.hidden, situation.filled, situation.frozen):
        lost = [path for path in paths if "/" in path and not _has_line(situation, path)]
        paths.difference_update(lost)


def _has_line(situation: Situation, path: str) -> bool:
    table, line_id, _ = path.split("/")
    return any(line.id == line_id for line in situation.lines.get(table, ()))


# Storing --------------------------------------------------------------------------------------------------------------


def take_snapshots(situation: Situation, state: str) -> None:
    """Freeze the live fields whose `snapshot` names *state* at their value of now; a start state lets all go live
    again.
    """
    process = situation.process
    start = process.form.start
    if start is not None and state == start.key:
        situation.frozen.clear()
        return
    for of in process.snapshots:
        if state in of.snapshot:
            situation.frozen.update(path_of(of, line) for line in _lines_of(situation, of))


def thaw_snapshots(situation: Situation, state: str) -> bool:
    """Let the stored live fields that *state* stores at its entry be worked out once more; tell whether there are any.

    Otherwise they would keep for ever what the first of their states stored.
    """
    fields = [of for of in situation.process.snapshots if state in of.snapshot]
    again = {path_of(of, line) for of in fields for line in _lines_of(situation, of)} & situation.frozen
    situation.frozen.difference_update(again)
    return bool(again)


def _lines_of(situation: Situation, of: Field) -> Iterable[LineScope | None]:
    return situation.lines[of.table] if of.table else (None,)


def encode(situation: Situation) -> dict[str, Any]:
    """Return the record's data as it is stored: no empty values, no live fields but frozen ones, lines under their own
    ids.
    """
    data: dict[str, Any] = {}
    for key, of in situation.process.form.fields.items():
        value = situation.values.get(key)
        if of.columns:
            if value:
                data[key] = [_encode_line(situation, of, line) for line in value]
        elif of.live:
            if key in situation.frozen:
                data[key] = None if value is None else of.type.to_stored(value, of)
        elif value is not None:
            data[key] = of.type.to_stored(value, of)
    return data


def _encode_line(situation: Situation, table: Field, line: dict[str, Any]) -> dict[str, Any]:
    line_id = line["id"]
    stored: dict[str, Any] = {"id": line_id.removeprefix(NEW_LINE)}
    for key, column in table.columns.items():
        value = line.get(key)
        if column.live:
            if f"{table.key}/{line_id}/{key}" in situation.frozen:
                stored[key] = None if value is None else column.type.to_stored(value, column)
        elif value is not None:
            stored[key] = column.type.to_stored(value, column)
    return stored


def settled(paths: Iterable[str]) -> frozenset[str]:
    """Return paths with lines under the ids they are stored under."""
    return frozenset(path.replace(f"/{NEW_LINE}", "/", 1) for path in paths)
