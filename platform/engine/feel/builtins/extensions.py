"""Our own functions beside the standard's: `total`, `convert`, `today`, `now`."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Final

from blankett.engine.feel.budget import Run
from blankett.engine.feel.builtins.registry import overload
from blankett.engine.feel.values import ZERO


def total(numbers: list[Decimal | None] | None) -> Decimal:
    """Return the sum of the numbers that are there; 0 for none."""
    return sum((number for number in numbers or () if number is not None), ZERO)


def today(run: Run) -> date:
    """Return the day of the evaluation, in the zone of its moment."""
    return run.moment.now.astimezone(run.moment.zone).date()


def now(run: Run) -> datetime:
    """Return the time of the evaluation, in the zone of its moment, to the second."""
    return run.moment.now.astimezone(run.moment.zone).replace(microsecond=0)


def converted(run: Run, source: str | None, amount: Decimal, target: str, day: date) -> Decimal | None:
    """Return *amount* of currency *source* in currency *target* at that day's rate; null where none is known."""
    if type(day) is not date:
        return None
    if source is None or source == target:
        return amount if source == target else None
    rate = run.moment.rate(source, target, day)
    return None if rate is None else amount * rate


def convert_unsourced(amount: Decimal, currency: str, day: date) -> None:
    """Answer null: an amount whose currency is not known cannot be converted."""


FUNCTIONS: Final = (
    overload("total(list: list<N or null> or null) -> N", total),
    overload("convert(amount: number, currency: string, date: date) -> number", convert_unsourced),
    overload("today() -> date", today, with_run=True),
    overload("now() -> date and time", now, with_run=True),
)
