"""Rules that failed when they were tried with durable-rules, so that no process gives them to it again.

Functions on an open transaction. Sets of rules are known by a fingerprint of what the library would be given.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select

from blankett.engine.store import tables
from blankett.engine.store.timestamps import read_moment, write_moment
from blankett.engine.store.transaction import Transaction, insert_into

_t = tables.failed_trial.c
_all = (
    select(_t.fingerprint, _t.rules, _t.reason, _t.at)
    .where(_t.organisation == bindparam("in_organisation"))
    .order_by(_t.at.desc(), _t.rules)
)


@dataclass(frozen=True)
class StoredTrial:
    """A set of rules that failed."""

    fingerprint: str
    #: Where they stand: ``orders.order submit``.
    rules: str
    #: What happened, in English.
    reason: str
    at: datetime


def stored_trials(reading: Transaction, organisation: str) -> list[StoredTrial]:
    """Return what failed, the latest first."""
    rows = reading.rows(_all, {"in_organisation": organisation})
    return [StoredTrial(row[0], row[1], row[2], read_moment(row[3])) for row in rows]


def store_trials(writing: Transaction, organisation: str, failed: Iterable[StoredTrial]) -> None:
    """Keep what failed; what is known already stays as it is."""
    statement = insert_into(writing.dialect, tables.failed_trial).on_conflict_do_nothing()
    for each in failed:
        row = {**each.__dict__, "organisation": organisation, "at": write_moment(each.at)}
        writing.do("failed_trial.insert", statement, row)
