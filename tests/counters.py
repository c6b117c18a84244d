"""What the counters of numbers hold."""

from __future__ import annotations

from sqlalchemy import bindparam, select

from blankett.engine.store import Reading, tables

_c = tables.counter.c
_DRAWN = select(_c.value).where(_c.organisation == bindparam("organisation"), _c.name == bindparam("name"))


def last_number(reading: Reading, organisation: str, series: str) -> int:
    """Return the last serial drawn in *series*; 0 before the first."""
    row = reading.first(_DRAWN, {"organisation": organisation, "name": series})
    return 0 if row is None else int(row[0])
