"""What rules count over the records of a form: one row of numbers for one question, and taking turns at counting."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from blankett.engine.feel.budget import Moment
from blankett.engine.feel.sql import Condition, SqlColumn
from blankett.engine.language.model import Fact, Measure
from blankett.engine.store import tables
from blankett.engine.store.query import rows_of
from blankett.engine.store.record_columns import SCALE, NamedColumns, cell_reader
from blankett.engine.store.row_conditions import ALWAYS, all_of, holds
from blankett.engine.store.transaction import Row, Transaction

_r = tables.record.c
#: Stored numbers are added up in two parts, so that no sum is larger than an integer of the database.
_PART = 10**6


@dataclass(frozen=True)
class Counting:
    """A question over the records of a form, as SQL, and how to read its answer."""

    measure: Measure
    statement: sa.Select[Any]
    column: SqlColumn | None

    def value(self, row: Row | None) -> Any:
        """Return the answer: a number, a stored value as fields know it, or None. Links and people are ids."""
        if self.measure == "count":
            return Decimal(row[0] if row is not None else 0)
        if self.measure == "sum":
            high, low = (row[0] or 0, row[1] or 0) if row is not None else (0, 0)
            return (Decimal(int(high)) * _PART + Decimal(int(low))) / SCALE
        kept = None if row is None else row[0]
        return None if kept is None or self.column is None else cell_reader(self.column)(kept)

    def newest(self, row: Row | None) -> str:
        """Return the id of the record that `latest` was read from; empty where there is none."""
        return "" if row is None or self.measure != "latest" else str(row[1])


def counting(
    organisation: str, fact: Fact, columns: NamedColumns, names: Mapping[str, Any], moment: Moment,
    without: Iterable[str],
) -> Counting | None:  # fmt: skip
    """Return the question that *fact* asks of the records of a form, all but those with the ids *without*.

    *names*: ``this`` and ``user``. None where a field it needs has no slot (yet).
    """
    where = ALWAYS if fact.where is None else holds(fact.where, columns, names, moment)
    column = columns.column(fact.path) if fact.path else None
    if where is None or (fact.path and column is None):
        return None
    others = _r.id.not_in(sorted(without))
    rows = rows_of(organisation, columns.columns.form)
    return _question(fact.measure, column, all_of(rows, others, where))


def _question(measure: Measure, column: SqlColumn | None, where: Condition) -> Counting:
    if measure == "count" or column is None:
        return Counting("count", sa.select(sa.func.count()).select_from(tables.record).where(where), None)
    element = column.element
    if measure == "latest":
        # Ids are made in the order of time.
        found = sa.select(element, _r.id).where(where).order_by(_r.id.desc()).limit(1)
    elif measure == "sum":
        parts = (sa.func.sum(element.op("/")(_PART)), sa.func.sum(element.op("%")(_PART)))
        found = sa.select(*parts).where(where)
    else:
        found = sa.select((sa.func.min if measure == "min" else sa.func.max)(element)).where(where)
    return Counting(measure, found, column)


class CountingReading(Transaction):
    """Asks."""

    def ask(self, question: Counting) -> Row | None:
        """Return the row that answers."""
        row = self.first(question.statement, {})
        return None if row is None else tuple(row)


class CountingWriting(CountingReading):
    """Asks under the lock."""

    def take_turns(self, organisation: str) -> None:
        """Wait until nobody else of the organisation counts and writes; until the end of the transaction.

        Two commands that each count and then write what the other counts must not both find room. SQLite has one
        writer at a time anyway.
        """
        if self.dialect == "postgresql":
            key = sa.func.hashtextextended(f"facts {organisation}", 0)
            self.connection.execute(sa.select(sa.func.pg_advisory_xact_lock(key)))
