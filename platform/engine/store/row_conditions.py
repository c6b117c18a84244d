"""Conditions on record rows, as access puts them together: who, where, in which state. Constants are worked out at
once.

A condition is true, false or NULL; NULL does not hold, except that `none_of` makes it hold, as the language says of a
condition that has no answer.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.elements import False_, True_

from blankett.engine.feel.budget import Moment
from blankett.engine.feel.builtins.departments import ORGANISATION_FUNCTIONS
from blankett.engine.feel.sql import ColumnResolver, Condition, to_sql
from blankett.engine.language.model import Formula
from blankett.engine.store import tables

#: Functions whose answer changes with time alone, or with what the organisation says of itself.
TIMELY = frozenset({"now", "today", "convert"}) | ORGANISATION_FUNCTIONS

ALWAYS: Condition = sa.true()
NEVER: Condition = sa.false()

_r = tables.record.c


def asks_departments(formula: Formula) -> bool:
    """Tell whether a formula reads something of a department that the tree may change: ``user.department.head``."""
    return any(path[1] == "department" and path[0] in ("user", "record") for path in formula.reads if len(path) > 2)


def is_timely(formula: Formula) -> bool:
    """Tell whether the answer of a formula may change although no record did."""
    return not formula.checked.calls.isdisjoint(TIMELY) or asks_departments(formula)


def is_always(condition: Condition) -> bool:
    """Tell whether the condition holds for every row."""
    return isinstance(condition, True_)


def is_never(condition: Condition) -> bool:
    """Tell whether the condition holds for no row."""
    return isinstance(condition, False_)


def all_of(*conditions: Condition) -> Condition:
    """Return the condition that holds where all of *conditions* do."""
    if any(map(is_never, conditions)):
        return NEVER
    kept = [condition for condition in conditions if not is_always(condition)]
    return sa.and_(*kept) if len(kept) > 1 else kept[0] if kept else ALWAYS


def any_of(*conditions: Condition) -> Condition:
    """Return the condition that holds where one of *conditions* does."""
    if any(map(is_always, conditions)):
        return ALWAYS
    kept = [condition for condition in conditions if not is_never(condition)]
    return sa.or_(*kept) if len(kept) > 1 else kept[0] if kept else NEVER


def none_of(*conditions: Condition) -> Condition:
    """Return the condition that holds where none of *conditions* does."""
    found = any_of(*conditions)
    if is_always(found) or is_never(found):
        return NEVER if is_always(found) else ALWAYS
    return sa.not_(sa.func.coalesce(found, sa.false()))


def in_workspaces(ids: Collection[str]) -> Condition:
    """Return the condition of records in one of these workspaces."""
    return _one_of(_r.workspace, ids)


def in_departments(ids: Collection[str]) -> Condition:
    """Return the condition of records that belong to one of these departments."""
    return _one_of(_r.department, ids)


def in_states(states: Collection[str]) -> Condition:
    """Return the condition of records in one of these states."""
    return _one_of(_r.state, states)


def not_in_states(states: Collection[str]) -> Condition:
    """Return the condition of records in none of these states; records without a state are among them."""
    return any_of(_r.state.is_(None), _r.state.not_in(sorted(states))) if states else ALWAYS


def owned_by(user: str) -> Condition:
    """Return the condition of records *user* owns."""
    return _r.owner == user


def assigned_to(user: str) -> Condition:
    """Return the condition of records that were handed to *user*."""
    return _r.assignee == user


def holds(formula: Formula, columns: ColumnResolver, names: Mapping[str, Any], moment: Moment) -> Condition | None:
    """Return *formula* as a condition; None where it is outside the SQL subset or reads a field without a slot."""
    compiled = formula.compiled
    try:
        return to_sql(compiled.expression, compiled.scope, columns, names, moment)
    except ValueError:
        return None


def _one_of(column: sa.ColumnElement[Any], values: Collection[str]) -> Condition:
    if not values:
        return NEVER
    return column == next(iter(values)) if len(values) == 1 else column.in_(sorted(values))
