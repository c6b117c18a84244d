"""Queries over the records of a form: a page, a count, a record by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from blankett.engine.blueprint.model import Form
from blankett.engine.feel.sql import Condition
from blankett.engine.store import tables
from blankett.engine.store.columns import Path
from blankett.engine.store.conditions import ALWAYS, NEVER, is_never
from blankett.engine.store.filters import naming_conditions
from blankett.engine.store.plan import (
    FullAccess,
    Plan,
    Query,
    QueryProblem,
    QueryRefused,
    RowAccess,
    plan_for,
)
from blankett.engine.store.records import StoredRecord, from_row
from blankett.engine.store.search_text import is_keepable
from blankett.engine.store.transaction import Row, Transaction

__all__ = ["Count", "FullAccess", "Page", "Query", "QueryProblem", "QueryReading", "RowAccess"]

#: Counting stops here: a list says "1000+".
COUNT_CAP = 1000
#: Most rows of a page.
LARGEST_PAGE = 500

_r = tables.record.c


@dataclass(frozen=True)
class Page:
    """Some records of a list, in order."""

    records: tuple[StoredRecord, ...]
    #: For each record: path → what the reader sees there, None for empty and for hidden from them.
    cells: tuple[Mapping[Path, Any], ...]
    #: The cursor of the page behind this one, or None on the last.
    next: str | None


@dataclass(frozen=True)
class Count:
    """How many records there are; *number* or more when it is capped."""

    number: int
    capped: bool


class QueryReading(Transaction):
    """Answers queries."""

    def page(self, query: Query) -> Page | QueryProblem:
        """Return a page of records with their cells, or why it was not asked."""
        try:
            return self._page(plan_for(query), max(1, min(query.limit, LARGEST_PAGE)))
        except QueryRefused as refused:
            return refused.problem

    def count(self, query: Query, cap: int = COUNT_CAP) -> Count | QueryProblem:
        """Return how many records the query finds, up to *cap*. Looks at no page."""
        try:
            plan = plan_for(query)
            row = None if is_never(plan.condition) else self.first(plan.counting, {"most": cap + 1})
        except QueryRefused as refused:
            return refused.problem
        number = 0 if row is None else int(row[0])
        return Count(min(number, cap), number > cap)

    def count_by_state(self, query: Query) -> dict[str | None, int] | QueryProblem:
        """Return how many records of each state the query finds; states without any are left out."""
        try:
            plan = plan_for(query)
            rows = [] if is_never(plan.condition) else self.rows(plan.counting_by_state, {})
        except QueryRefused as refused:
            return refused.problem
        return {row[0]: row[1] for row in rows}

    def values_beside(self, query: Query, path: Path, known: frozenset[str], most: int) -> list[str]:
        """Return the values at *path* that records of the form have beside the *known* ones, at most *most*.

        Says nothing of access. Each costs a look into the index; a path without a column has none.
        """
        plan = plan_for(query)
        column = plan.columns.column(path)
        if column is None:
            return []
        found: list[str] = []
        after = sa.bindparam("after", type_=sa.Text())
        lowest = sa.select(sa.func.min(column.element)).where(plan.within, column.element > after)
        value: str | None = ""
        for _ in range(most + len(known)):
            row = self.first(lowest, {"after": value})
            value = None if row is None else row[0]
            if value is None:
                break
            if value not in known:
                found.append(value)
        return found[:most]

    def named(self, query: Query, text: str) -> list[tuple[str, str]]:
        """Return (id, title) of at most 2 records whose id, else key, else number, else title is *text*."""
        plan = plan_for(query)
        try:
            nothing = not text.strip() or not is_keepable(text) or is_never(plan.condition)
        except QueryRefused:
            nothing = True
        if nothing:
            return []
        opens = _key_alone(query.form) if query.verb == "pick" else plan.opens
        for condition in naming_conditions(text, plan.columns, plan.within, opens):
            chosen = sa.select(_r.id, _r.title).where(plan.condition, condition).order_by(_r.id).limit(2)
            if rows := self.rows(chosen, {}):
                return [(row[0], row[1]) for row in rows]
        return []

    def _page(self, plan: Plan, limit: int) -> Page:
        rows: list[Row] = []
        for statement in plan.statements:
            if len(rows) <= limit:
                rows.extend(self.rows(statement, {"most": limit + 1 - len(rows)}))
        shown = rows[:limit]
        more = plan.cursor_of(shown[-1]).to_text() if len(rows) > limit else None
        return Page(tuple(map(from_row, shown)), tuple(plan.cells_of(shown)), more)


def _key_alone(form: Form) -> Callable[[Path], Condition]:
    """Return where a record's key may be seen by who may only pick: it is a name, unless the author made it private."""
    return lambda path: NEVER if path in form.private_sources else ALWAYS
