"""Currency rates by day: how much of one currency one unit of another was worth from that day on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Context, Decimal
from functools import cache
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.sql.base import Executable

from blankett.engine.store import tables
from blankett.engine.store.seals import ActWriting
from blankett.engine.store.timestamps import from_days, to_days
from blankett.engine.store.transaction import Row, Transaction, insert_into

#: Digits a rate worked out from others is kept to: FEEL's own precision.
DIGITS = Context(prec=34)
ONE = Decimal(1)


_r = tables.rate.c
_here = _r.organisation == bindparam("organisation")
_newest_first = (
    select(_r.source, _r.target, _r.day, _r.value).where(_here).order_by(_r.day.desc(), _r.source, _r.target)
)
_either_way = _newest_first.where(
    _r.day <= bindparam("until"),
    _r.source.in_(bindparam("sources", expanding=True)) | _r.target.in_(bindparam("sources", expanding=True)),
)


@cache
def _put(dialect: str) -> Executable:
    insert: Any = insert_into(dialect, tables.rate)
    key = ["organisation", "source", "target", "day"]
    return insert.on_conflict_do_update(index_elements=key, set_={"value": insert.excluded.value})  # type: ignore[no-any-return]


@dataclass(frozen=True)
class Rate:
    """One *source* is *value* of *target* from *day* on, until there is a newer one."""

    source: str
    target: str
    day: date
    value: Decimal


class RateTable:
    """Answers what one currency is worth in another; each question costs the database once.

    Made for one moment (a request): it does not see rates entered later.
    """

    def __init__(self, find: Callable[[str, str, date], list[Rate]]) -> None:
        self._find = find
        self._known: dict[tuple[str, str, date], Decimal | None] = {}

    def __call__(self, source: str, target: str, day: date) -> Decimal | None:
        """Return how much of *target* one *source* was on *day*; None where no rate is known."""
        if source == target:
            return ONE
        asked = (source, target, day)
        if asked not in self._known:
            self._known[asked] = rate_from(self._find(source, target, day), source, target)
        return self._known[asked]


def rate_from(rates: Iterable[Rate], source: str, target: str) -> Decimal | None:
    """Return the rate that *rates*, newest first, give: entered as asked, the other way round, or through a third
    currency.

    The newest of the first two wins; through a third currency (the first in the alphabet of those that are newest) only
    where neither is known.
    """
    legs: dict[str, dict[str, Decimal]] = defaultdict(dict)
    for rate in rates:
        legs[rate.source].setdefault(rate.target, rate.value)
        legs[rate.target].setdefault(rate.source, DIGITS.divide(ONE, rate.value))
    if target in legs[source]:
        return legs[source][target]
    between = sorted(legs[source].keys() & legs[target].keys())
    return DIGITS.multiply(legs[source][between[0]], legs[between[0]][target]) if between else None


class RateReading(Transaction):
    """Reads rates."""

    def rates(self, organisation: str) -> list[Rate]:
        """Return all rates, newest first."""
        return [_rate(row) for row in self.rows(_newest_first, {"organisation": organisation})]

    def rate_table(self, organisation: str) -> RateTable:
        """Return what answers rates in this transaction."""
        return RateTable(lambda source, target, day: self._legs(organisation, source, target, day))

    def rate(self, organisation: str, source: str, target: str, day: date) -> Decimal | None:
        """Return how much of *target* one *source* was on *day*; None where no rate is known."""
        return self.rate_table(organisation)(source, target, day)

    def _legs(self, organisation: str, source: str, target: str, day: date) -> list[Rate]:
        bound = {"organisation": organisation, "sources": [source, target], "until": to_days(day)}
        return [_rate(row) for row in self.rows(_either_way, bound)]


class RateWriting(RateReading, ActWriting):
    """Enters rates."""

    def put_rate(self, organisation: str, rate: Rate) -> None:
        """Enter a rate, over the one of the same day. Raises ValueError when it is not above zero."""
        if not rate.value.is_finite() or rate.value <= 0:
            raise ValueError(f"a rate is above zero, not {rate.value}")
        row = {"organisation": organisation, "source": rate.source, "target": rate.target, "day": to_days(rate.day)}
        entered = {**row, "value": f"{rate.value:f}"}
        self.do("rate.put", _put(self.dialect), entered)
        self.note_row("rate", entered)


def _rate(row: Row) -> Rate:
    return Rate(row[0], row[1], from_days(row[2]), Decimal(row[3]))
