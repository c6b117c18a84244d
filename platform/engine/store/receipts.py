"""Intents: one effect per rendered form. The receipt is kept under the form's key, in the transaction of the effect.

Old receipts are looked for a page of keys at a time, and forgotten: nobody has such a form before them any more.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.sql.base import Executable

from blankett.engine.errors import BlankettError
from blankett.engine.store import tables
from blankett.engine.store.seals import INTENTS_FORGOTTEN, ActWriting
from blankett.engine.store.timestamps import read_moment, write_moment
from blankett.engine.store.transaction import Transaction, insert_into

_i = tables.intent.c
_one = select(_i.key, _i.actor, _i.digest, _i.receipt, _i.at).where(
    _i.organisation == bindparam("organisation"), _i.key == bindparam("key")
)
#: The keys alone stand in the index; asked for whole rows, SQLite would rather look at all of an organisation.
_about = select(_i.key).where(_i.organisation == bindparam("organisation"), _i.record == bindparam("about"))
_of_record = select(*tables.intent.c).where(_i.organisation == bindparam("organisation"), _i.key.in_(_about))
_replace = update(tables.intent).where(_i.organisation == bindparam("in_organisation"), _i.key == bindparam("this"))
_page = (
    select(_i.key, _i.at)
    .where(_i.organisation == bindparam("organisation"), _i.key > bindparam("after"))
    .order_by(_i.key)
    .limit(bindparam("most"))
)
_forget = delete(tables.intent).where(_i.organisation == bindparam("in_organisation"), _i.key == bindparam("this"))
_a = tables.act.c
#: When each receipt was noted last; verifying goes by that.
_noted = (
    select(_a.subject, func.max(_a.at))
    .where(
        _a.organisation == bindparam("organisation"),
        _a.kind == "intent",
        _a.subject.in_(bindparam("keys", expanding=True)),
    )
    .group_by(_a.subject)
)
#: Receipts looked at together.
PAGE = 500


@cache
def _insert(dialect: str) -> Executable:
    return insert_into(dialect, tables.intent).on_conflict_do_nothing()


@dataclass(frozen=True)
class StoredIntent:
    """What became of a form that was sent."""

    key: str
    #: The user who sent it: nobody else gets the receipt.
    actor: str
    #: A hash of what was asked for.
    digest: str
    #: JSON.
    receipt: str
    at: datetime


@dataclass(frozen=True)
class OldIntents:
    """Of a page of receipts those that may be forgotten."""

    keys: Sequence[str]
    #: The last key of the page, behind which the next one begins; None behind the last page.
    last: str | None


class IntentTaken(BlankettError):
    """Another transaction has taken effect under this key since it was looked up. Read its receipt in a new
    transaction.
    """

    def __init__(self, key: str) -> None:
        self.key = key
        super().__init__(f"the intent {key!r} has taken effect meanwhile")


class IntentReading(Transaction):
    """Looks up receipts."""

    def intent(self, organisation: str, key: str) -> StoredIntent | None:
        """Return what became of the form with *key*, or None when nothing did."""
        row = self.first(_one, {"organisation": organisation, "key": key})
        return None if row is None else StoredIntent(row[0], row[1], row[2], row[3], read_moment(row[4]))

    def old_intents(self, organisation: str, until: datetime, after: str = "", most: int = PAGE) -> OldIntents:
        """Return which of the *most* receipts behind the key *after* are from before *until*, and were noted before."""
        rows = self.rows(_page, {"organisation": organisation, "after": after, "most": most})
        before = write_moment(until)
        old = [row[0] for row in rows if row[1] < before]
        noted = self.rows(_noted, {"organisation": organisation, "keys": old}) if old else []
        fresh = {row[0] for row in noted if row[1] >= before}
        return OldIntents([key for key in old if key not in fresh], rows[-1][0] if len(rows) == most else None)


class IntentWriting(IntentReading, ActWriting):
    """Keeps receipts."""

    def put_intent(
        self,
        organisation: str,
        key: str,
        actor: str,
        digest: str,
        receipt: str,
        at: datetime,
        record: str | None = None,
    ) -> None:
        """Keep the receipt of *key*. Raise IntentTaken when another transaction was first: this one must be undone."""
        row = {
            "organisation": organisation, "key": key, "actor": actor, "digest": digest,
            "receipt": receipt, "record": record, "at": write_moment(at),
        }  # fmt: skip
        if self.do("intent.insert", _insert(self.dialect), row) != 1:
            raise IntentTaken(key)
        self.note_row("intent", row, at=row["at"] or "")

    def rewrite_receipts(self, organisation: str, record: str, rewrite: Callable[[str], str]) -> None:
        """Put what *rewrite* makes of it in the place of every receipt about *record*."""
        for found in self.rows(_of_record, {"organisation": organisation, "about": record}):
            row = dict(zip(tables.intent.c.keys(), found, strict=True))
            row["receipt"] = rewrite(row["receipt"])
            bound = {"in_organisation": organisation, "this": row["key"], "receipt": row["receipt"]}
            self.do("intent.update", _replace, bound)
            self.note_row("intent", row)

    def expire_intents(self, organisation: str, until: datetime, keys: Sequence[str]) -> None:
        """Forget the receipts with *keys*, which `old_intents` gave for *until*. That they are is noted once."""
        if keys:
            self.do("intent.delete", _forget, [{"in_organisation": organisation, "this": key} for key in keys])
            if not self.acts_about(organisation, write_moment(until), INTENTS_FORGOTTEN):
                self.note(organisation, INTENTS_FORGOTTEN, write_moment(until))
