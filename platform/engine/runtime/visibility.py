"""When fields are shown, as far as a page can know it without asking: for each choice that its condition reads.

A condition over choices and yes/no fields of the same page has few cases; each is worked out here, by the evaluator
that decides at saving too, with everything else as it stands now. What else the condition hangs on is named, so that a
page knows when an answer is needed after all.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

from blankett.engine import feel
from blankett.engine.blueprint.model import Field
from blankett.engine.feel.values import Reference
from blankett.engine.runtime.commands import FieldVisibility
from blankett.engine.runtime.field_conditions import Condition, Path, cases_of
from blankett.engine.runtime.permits import Permit
from blankett.engine.runtime.situation import LineScope, Situation


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


def _shown(situation: Situation, condition: Condition, choices: tuple[Path, ...]) -> Iterator[tuple[str, ...]]:
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
    line = LineScope(field.table, {"id": "+new"}, shape, situation.linked, parent, situation.ambient)
    return {**line.names, **{path[-1]: value for path, value in values.items() if len(path) == 2}}
