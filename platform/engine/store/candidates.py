"""Few rows among many: conditions an index answers, of which every row that a query finds meets at least one.

A list that is sorted by one column and filtered by another follows the sort's index, which is right where much is
found and a walk through the whole form where little is. So what is rare is looked up first, up to a bound, and only
then sorted. Everything here is a wider question than the query's: the query's own condition decides in the end.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql import operators
from sqlalchemy.sql.elements import (
    BinaryExpression,
    BindParameter,
    BooleanClauseList,
    Case,
    Grouping,
    Null,
    UnaryExpression,
)
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.visitors import iterate, replacement_traverse

from blankett.engine.feel.sql import Condition
from blankett.engine.store import tables
from blankett.engine.store.row_conditions import all_of, is_always, is_never
from blankett.engine.store.sql_expressions import written

#: Conditions on one column each; every row that is found meets one of them.
Cover = tuple[Condition, ...]

_r = tables.record.c
#: Columns with an index of their own behind the form's.
INDEXED = frozenset({*tables.SLOTS, "number", "state", "owner", "assignee", "department"})
#: Comparisons an index answers by looking up values, or by a range of them.
LOOKED_UP = frozenset({operators.eq, operators.in_op})
RANGED = frozenset({operators.lt, operators.le, operators.gt, operators.ge})
#: Most values of an `IN (…)` that is looked up, and most conditions of a cover.
MOST_VALUES = 100


def covers_of(condition: Condition) -> list[Cover]:
    """Return the covers of a condition, those by values before those by ranges."""
    found = list(_covers(condition))
    return sorted(found, key=lambda cover: any(_is_ranged(term) for term in cover))


def _covers(condition: Any) -> Iterator[Cover]:
    condition = _bare(condition)
    if isinstance(condition, BooleanClauseList) and condition.operator is operators.and_:
        yield from _covers_of_all(condition.clauses)
    elif isinstance(condition, BooleanClauseList) and condition.operator is operators.or_:
        parts = [covers_of(part) for part in condition.clauses if not is_never(_bare(part))]
        joined = tuple(term for found in parts if found for term in found[0])
        if parts and all(parts) and len(joined) <= MOST_VALUES:
            yield joined
    elif (term := _term(condition)) is not None:
        yield (term[1],)


def _covers_of_all(parts: Sequence[Any]) -> Iterator[Cover]:
    """Yield the covers of parts that all hold: terms on one column bound it together."""
    terms: dict[str, list[Condition]] = {}
    for part in parts:
        if (term := _term(_bare(part))) is not None:
            terms.setdefault(term[0], []).append(term[1])
        else:
            yield from _covers(part)
    for found in terms.values():
        yield (all_of(*found),)


def _term(part: Any) -> tuple[str, Condition] | None:
    """Return (column, comparison with given values) of an indexed column; a masked one is never more than it is."""
    if not isinstance(part, BinaryExpression) or part.operator not in LOOKED_UP | RANGED:
        return None
    column, bound = _unmasked(part.left), part.right
    if column is None or not isinstance(bound, BindParameter):
        return None
    if part.operator is not operators.in_op:
        compared: Condition = part.operator(column, bound)
        return column.name, compared
    values: Sequence[Any] = bound.value or ()
    return (column.name, column.in_(values)) if len(values) <= MOST_VALUES else None


def _unmasked(element: Any) -> sa.ColumnElement[Any] | None:
    element = _bare(element)
    if isinstance(element, Case) and element.value is None and len(element.whens) == 1:
        if element.else_ is not None and not isinstance(_bare(element.else_), Null):
            return None
        element = _bare(element.whens[0][1])
    is_own = isinstance(element, sa.Column) and element.table is tables.record and element.name in INDEXED
    return element if is_own else None


def _bare(element: Any) -> Any:
    while isinstance(element, Grouping):
        element = element.element
    return element


def _is_ranged(term: Condition) -> bool:
    return any(isinstance(part, BinaryExpression) and part.operator in RANGED for part in iterate(term))


# States ---------------------------------------------------------------------------------------------------------------


def names_state(condition: Condition) -> bool:
    """Tell whether the condition says anything of states."""
    return any(part is _r.state for part in iterate(condition))


def column_of(cover: Cover) -> sa.Column[Any] | None:
    """Return the column of which a cover asks for one value; None for any other cover."""
    term = cover[0] if len(cover) == 1 else None
    if not isinstance(term, BinaryExpression) or not isinstance(term.left, sa.Column):
        return None
    values: Sequence[Any] = (term.right.value or ()) if isinstance(term.right, BindParameter) else ()
    is_one = term.operator is operators.eq or (term.operator is operators.in_op and len(values) == 1)
    return term.left if is_one else None


def state_cover(condition: Condition, states: Sequence[str]) -> Cover | None:
    """Return the cover by the states in which *condition* can hold; None where it can in each of *states*, which are
    those that records have.
    """
    possible = [state for state in states if True in _outcomes(condition, state)]
    if len(possible) == len(states):
        return None
    of_none = [_r.state.is_(None)] if True in _outcomes(condition, None) else []
    return (*([_r.state.in_(possible)] if possible else []), *of_none)


_EITHER = frozenset({True, False})
_NOT = {frozenset({True}): frozenset({False}), frozenset({False}): frozenset({True}), _EITHER: _EITHER}


def _outcomes(condition: Any, state: str | None) -> frozenset[bool]:
    """Return what a condition can come to for a record in *state*, nothing else being known of it."""
    condition = _bare(condition)
    if is_always(condition) or is_never(condition):
        return frozenset({is_always(condition)})
    if isinstance(condition, BooleanClauseList):
        parts = [_outcomes(part, state) for part in condition.clauses]
        ends = condition.operator is operators.or_
        if frozenset({ends}) in parts:
            return frozenset({ends})
        return _EITHER if any(len(part) > 1 for part in parts) else frozenset({not ends})
    if isinstance(condition, UnaryExpression) and condition.operator is operators.inv:
        return _NOT[_outcomes(condition.element, state)] if state is not None else _EITHER
    if isinstance(condition, BinaryExpression):
        known = _state_of(condition.left, state)
        return _EITHER if known is None else _compared(condition, known[0])
    return _EITHER


def _state_of(element: Any, state: str | None) -> tuple[str | None] | None:
    """Return what a column that holds the state, by its own name or its newest, comes to; None for other columns."""
    element = _bare(element)
    if element is _r.state:
        return (state,)
    if isinstance(element, Case) and element.value is _r.state:
        names = {when.value: then.value for when, then in element.whens}
        return (names.get(state, state),)
    return None


def _compared(comparison: BinaryExpression[Any], state: str | None) -> frozenset[bool]:
    right = _bare(comparison.right)
    if comparison.operator in (operators.is_, operators.is_not) and isinstance(right, Null):
        return frozenset({(state is None) == (comparison.operator is operators.is_)})
    if not isinstance(right, BindParameter):
        return _EITHER
    if state is None:
        return frozenset({False})
    test = _COMPARED.get(comparison.operator)
    return _EITHER if test is None else frozenset({test(state, right.value)})


_COMPARED: Mapping[Any, Any] = {
    operators.eq: lambda state, value: state == value,
    operators.ne: lambda state, value: state != value,
    operators.in_op: lambda state, values: state in values,
    operators.not_in_op: lambda state, values: state not in values,
}


def states_of(within: Condition) -> sa.Select[Any]:
    """Return what reads the states that records of a form have: one look into the index for each."""
    lowest = sa.select(sa.func.min(_r.state)).where(within, _r.state > "").scalar_subquery()
    found = sa.select(lowest.label("state")).cte("states", recursive=True)
    after = sa.select(sa.func.min(_r.state)).where(within, _r.state > found.c.state).scalar_subquery()
    found = found.union_all(sa.select(after).where(found.c.state.is_not(None)))
    return sa.select(found.c.state).where(found.c.state.is_not(None))


# Asking ---------------------------------------------------------------------------------------------------------------


def looking_up(within: Condition, cover: Cover) -> sa.Select[Any]:
    """Return what reads the ids of the rows that meet a cover, at most ``most``."""
    parts = [sa.select(_r.id).where(within, term).limit(sa.bindparam("most")).subquery() for term in cover]
    found = sa.union_all(*(sa.select(part.c.id) for part in parts)).subquery()
    return sa.select(found.c.id).limit(sa.bindparam("most"))


@written(postgresql="jsonb_array_elements_text(CAST({0} AS JSONB))", sqlite="json_each({0})")
class ListedTexts(FunctionElement[Any]):
    """The texts of a JSON list, a row each."""

    name = "listed_texts"
    inherit_cache = True


def listed_texts(name: str) -> sa.TableValuedAlias:
    """Return the JSON list that is told as *name*: its texts are the column ``value``."""
    return ListedTexts(sa.bindparam(name, type_=sa.Text())).table_valued(sa.column("value", sa.Text()))


@written(
    postgresql="({1} = {2} AND {0} = ANY (ARRAY(SELECT jsonb_array_elements_text(CAST({3} AS JSONB)))))",
    # Both at once, the id first: by an organisation alone SQLite would rather read all it has than look up some rows.
    sqlite="({0}, {1}) IN (SELECT value, {2} FROM json_each({3}))",
)
class ToldRows(FunctionElement[Any]):
    """Whether a row has one of the ids of a JSON list: each is looked up, however few rows the form may have."""

    # Not Boolean: SQLite would compare it with 1, and then look at every row.
    type = sa.types.NullType()
    name = "told_rows"
    inherit_cache = True


def told_rows(organisation: str) -> Condition:
    """Return whether a row is the organisation's and has one of the ids of the JSON list that is told as ``ids``."""
    own = sa.literal(organisation, type_=_r.organisation.type)
    return ToldRows(_r.id, _r.organisation, own, sa.bindparam("ids", type_=sa.Text()))


def chosen_rows(organisation: str, ids: sa.Select[Any]) -> Condition:
    """Return whether a row is the organisation's and has one of the ids that *ids* gives; both at once, as above."""
    own, found = sa.literal(organisation, type_=_r.organisation.type), ids.subquery()
    return sa.tuple_(_r.id, _r.organisation).in_(sa.select(found.c.id, own))


@written(postgresql="{0}", sqlite="+{0}")
class Unindexed(FunctionElement[Any]):
    """A column that SQLite looks for in no index. PostgreSQL knows by its statistics when not to."""

    name = "unindexed"
    inherit_cache = True

    def __init__(self, column: sa.ColumnElement[Any]) -> None:
        self.type = column.type
        super().__init__(column)


def unindexed(condition: Condition, kept: Sequence[sa.ColumnElement[Any]] = ()) -> Condition:
    """Return *condition* with its columns, but for the *kept* ones, looked for in no index."""

    def hidden(part: Any, **_: Any) -> Any | None:
        is_own = isinstance(part, sa.Column) and part.table is tables.record
        return Unindexed(part) if is_own and not any(part is column for column in kept) else None

    replace: Any = hidden
    found: Condition = replacement_traverse(condition, {}, replace)
    return found
