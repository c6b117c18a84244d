"""Lay what was typed over what is stored: field by field, line by line, each value looked at by its type.

Knows nothing of access, formulas or other records. A line is known by its id; one the record does not have yet carries
`NEW_LINE` before its id until it is stored, so that answers name it as the form knows it.

A value that is a `Fault` is a text nobody could read. It is the person's own all the same: the field counts as typed,
so that no fill and no default takes its place, formulas see null, and the command is refused until it is mended.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from blankett.engine.fields.base import Fault, Value
from blankett.engine.fields.tables import MOST_LINES
from blankett.engine.language.model import Field, Form
from blankett.engine.records.command import NEW_LINE, FieldProblem

LINE_ID = re.compile(r"\+?[0-9A-Za-z]{1,32}\Z")

#: The longest name that is repeated in a message.
LONGEST_NAME = 80


@dataclass
class Merged:
    """The values as typed, and what that changed."""

    values: dict[str, Any]
    is_new: bool
    #: Paths "field" or "table/line id/column" a person typed in this command.
    typed: set[str] = field(default_factory=set)
    #: Paths whose value differs from before; a table counts when lines came, went or moved.
    changed: set[str] = field(default_factory=set)
    #: Field paths (("lines", "price")) that were sent at all, changed or not, and those that were changed.
    sent: set[tuple[str, ...]] = field(default_factory=set)
    edited: set[tuple[str, ...]] = field(default_factory=set)
    new_lines: set[str] = field(default_factory=set)
    problems: list[FieldProblem] = field(default_factory=list)
    #: Path of a field or cell whose text could not be read → what was there before.
    unread: dict[str, Value] = field(default_factory=dict)

    def refuse(self, path: tuple[str, ...], fault: Fault) -> None:
        """Note that the value at *path* was not taken."""
        self.problems.append(FieldProblem(path, fault.message, fault.params, key=path[0]))

    def set_aside(self, hidden: Collection[str]) -> list[str]:
        """Return the paths whose text could not be read and that are hidden; what is hidden is not asked for, so their
        problems are forgotten.
        """
        found = [path for path in self.unread if path in hidden or path.partition("/")[0] in hidden]
        if found:
            self.problems = [problem for problem in self.problems if "/".join(problem.path) not in found]
        return found


@dataclass(frozen=True)
class TypedValues:
    """What a command says of its values: which were typed (None: not known), and which of the record's are still
    filled.
    """

    paths: frozenset[str] | None
    filled: frozenset[str]
    refill: frozenset[str] = frozenset()


def merge(
    form: Form,
    old: Mapping[str, Any] | None,
    sent: Mapping[str, Value | Fault],
    typed: TypedValues,
    new_id: Callable[[], str],
    *,
    by_author: bool = False,
) -> Merged:
    """Return the values of *old* (None for a new record) with *sent* laid over them. *old* is left alone.

    *by_author*: the values are the blueprint's own (a sample), so they may be the lines of a table that is fixed.
    """
    merged = Merged(empty_values(form) if old is None else copy_values(form, old), old is None)
    for key, value in sent.items():
        found = form.fields.get(key)
        if found is None:
            merged.refuse((str(key)[:LONGEST_NAME],), Fault("field.unknown", {"field": str(key)[:LONGEST_NAME]}))
        elif found.columns:
            _merge_table(merged, found, value, typed, new_id, is_fixed=found.is_fixed and not by_author)
        else:
            _merge_value(merged, found, value, typed)
    return merged


def empty_values(form: Form) -> dict[str, Any]:
    """Return a value for every field: None, and [] for tables."""
    return {key: [] if found.columns else None for key, found in form.fields.items()}


def copy_values(form: Form, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return *values* with lines of their own, so that writing one leaves the other alone."""
    copied = dict(values)
    for key, found in form.fields.items():
        if found.columns:
            copied[key] = [dict(line) for line in values.get(key) or ()]
    return copied


def take(of: Field, value: Value | Fault) -> Value | Fault:
    """Return *value* when the field takes it exactly as it is; nothing is rounded or cut silently."""
    if isinstance(value, Fault):
        return value
    if value is None or value == "":
        return None
    taken = of.type.from_feel(value, of)
    if isinstance(taken, Fault):
        return taken
    if taken != value:
        return Fault("field.too_many_decimals", {"count": of.options.get("decimals", 6)})
    return of.type.check(value, of) or taken


def _merge_value(merged: Merged, of: Field, value: Value | Fault, typed: TypedValues) -> None:
    merged.sent.add(of.path)
    before = merged.values.get(of.key)
    if _is_left_filled(of, of.key, typed, merged.is_new):
        return
    if value == before or (value == "" and before is None):
        _note_typed(merged, of.key, typed)
        return
    if not of.is_typed:
        merged.refuse((of.key,), Fault("field.computed"))
        return
    merged.edited.add(of.path)
    merged.values[of.key] = _taken(merged, of, (of.key,), value, before)
    merged.changed.add(of.key)
    merged.typed.add(of.key)


def _taken(merged: Merged, of: Field, path: tuple[str, ...], value: Value | Fault, before: Value) -> Value:
    """Return the value as the field takes it; None, and a problem, for one that it does not take."""
    taken = take(of, value)
    if not isinstance(taken, Fault):
        return taken
    merged.refuse(path, taken)
    if isinstance(value, Fault):
        merged.unread["/".join(path)] = before
    return None


def _is_left_filled(of: Field, path: str, typed: TypedValues, is_new: bool) -> bool:
    """Tell whether the form says that nobody typed this: the filled value it sends along is then worked out anew, not
    taken.
    """
    if of.fill is None:
        return False
    if path in typed.refill:
        return True
    return typed.paths is not None and path not in typed.paths and (is_new or path in typed.filled)


def _note_typed(merged: Merged, path: str, typed: TypedValues) -> None:
    """Note a value that is the same as before but was typed all the same: it stays as typed."""
    if typed.paths is not None and path in typed.paths:
        merged.typed.add(path)


def _merge_table(
    merged: Merged,
    table: Field,
    lines: Value | Fault,
    typed: TypedValues,
    new_id: Callable[[], str],
    *,
    is_fixed: bool,
) -> None:
    merged.sent.add(table.path)
    if isinstance(lines, Fault):
        merged.refuse((table.key,), lines)
        return
    if lines is None:
        lines = []
    if not isinstance(lines, list) or not all(isinstance(line, Mapping) for line in lines):
        merged.refuse((table.key,), Fault("field.not_a_table"))
        return
    fault = table.type.check(lines, table)
    if fault is not None:
        merged.refuse((table.key,), fault)
        if len(lines) > MOST_LINES:
            return
    old = {line["id"]: line for line in merged.values.get(table.key) or ()}
    merged_lines = _merge_lines(merged, table, lines, old, typed, new_id)
    if is_fixed and {line["id"] for line in merged_lines} != old.keys():
        merged.refuse((table.key,), Fault("field.fixed_lines"))
        kept = {line["id"]: line for line in merged_lines}
        merged.new_lines.difference_update(kept.keys() - old.keys())
        merged_lines = [kept.get(line_id) or dict(line) for line_id, line in old.items()]
    if [line["id"] for line in merged_lines] != list(old):
        merged.changed.add(table.key)
        merged.edited.add(table.path)
    merged.values[table.key] = merged_lines


def _merge_lines(
    merged: Merged,
    table: Field,
    lines: list[Any],
    old: Mapping[str, Any],
    typed: TypedValues,
    new_id: Callable[[], str],
) -> list[dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for sent in lines:
        line_id = _line_id(sent.get("id"), old, found, new_id)
        if line_id is None:
            merged.refuse((table.key, str(sent.get("id"))[:LONGEST_NAME]), Fault("line.unknown"))
            continue
        if line_id in old:
            line = dict(old[line_id])
        else:
            line = {"id": line_id, **dict.fromkeys(table.columns)}
            merged.new_lines.add(line_id)
        found[line_id] = line
        for key, value in sent.items():
            if key != "id":
                _merge_cell(merged, table, line, key, value, typed)
    return list(found.values())


def _line_id(sent: object, old: Mapping[str, Any], taken: Mapping[str, Any], new_id: Callable[[], str]) -> str | None:
    """Return the id of a line, made for one that has none; None for one that is not this record's or comes twice."""
    if sent is None or sent == "":
        return NEW_LINE + new_id()
    if not isinstance(sent, str) or not LINE_ID.match(sent) or sent in taken:
        return None
    plain = sent.removeprefix(NEW_LINE)
    if plain in old:
        return None if plain in taken else plain
    return sent if sent != plain else None


def _merge_cell(
    merged: Merged, table: Field, line: dict[str, Any], key: str, value: Value | Fault, typed: TypedValues
) -> None:
    column = table.columns.get(key)
    path = (table.key, line["id"], str(key)[:LONGEST_NAME])
    if column is None:
        merged.refuse(path, Fault("field.unknown", {"field": path[-1]}))
        return
    is_new = line["id"] in merged.new_lines
    if not is_new or value not in (None, ""):
        merged.sent.add(column.path)
    joined = "/".join(path)
    if _is_left_filled(column, joined, typed, is_new):
        return
    if value == line.get(key) or (value == "" and line.get(key) is None):
        _note_typed(merged, joined, typed)
        return
    if column.compute is not None:
        merged.refuse(path, Fault("field.computed"))
        return
    merged.edited.add(column.path)
    line[key] = _taken(merged, column, path, value, line.get(key))
    merged.changed.update((joined, table.key))
    merged.typed.add(joined)
