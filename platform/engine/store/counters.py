"""The numbers of records: serials of a series, without gaps where they are drawn in the transaction of the record."""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy.sql.base import Executable

from blankett.engine.store import tables
from blankett.engine.store.transaction import Transaction, insert_into

_c = tables.counter.c


@cache
def _draw(dialect: str) -> Executable:
    insert: Any = insert_into(dialect, tables.counter)
    drawn = insert.on_conflict_do_update(index_elements=["organisation", "name"], set_={"value": _c.value + 1})
    return drawn.returning(_c.value)  # type: ignore[no-any-return]


class CounterWriting(Transaction):
    """Draws from counters."""

    def draw_number(self, organisation: str, series: str) -> int:
        """Return the next serial of *series*, from 1. No other transaction draws from it until this one ends; undone,
        it is given back, so that a series drawn in the transaction of its record has no gaps.
        """
        if self._fault_points is not None:
            self._fault_points("counter.draw")
        drawn = {"organisation": organisation, "name": series, "value": 1}
        return int(self.rows(_draw(self.dialect), drawn, gives_names=True)[0][0])
