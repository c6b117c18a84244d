"""Letters on their way: rows of the transaction that caused them, sent behind it, in order for each record.

What becomes of a letter is decided by `blankett.engine.letters`; here stands how far it is.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from sqlalchemy import bindparam, delete, func, insert, select, update

from blankett.engine.store import tables
from blankett.engine.store.jobs import add_job
from blankett.engine.store.json_text import data_text
from blankett.engine.store.seals import ActWriting
from blankett.engine.store.timestamps import read_moment, write_moment
from blankett.engine.store.transaction import Row, Transaction, insert_into

#: waiting: for its turn, or its next try · sending: handed over, and no answer noted yet · sent · failed: given up
#: after as many tries as there are, or refused for good · stopped: it was not to be sent any more.
LetterState = Literal["waiting", "sending", "sent", "failed", "stopped"]
OPEN: tuple[LetterState, ...] = ("waiting", "sending")
#: The kind of the job that sends the letters about a record.
LETTER_JOB = "letters"
#: Counting letters stops here.
COUNT_CAP = 1_000


@dataclass(frozen=True, kw_only=True)
class StoredLetter:
    """A letter to one reader, with its texts as `records.explain.filled_text` keeps them."""

    organisation: str
    #: Sorts by time; names the cause wherever the letter goes, so that it can be told when it comes twice.
    id: str
    at: datetime
    #: The record it is about.
    record: str
    #: Key of the blueprint's message.
    message: str
    subject: str
    body: str
    #: The user who reads it; empty where `address` says who.
    reader: str = ""
    #: An e-mail address of somebody who is no user, and the language they read; empty: the blueprint's first.
    address: str = ""
    language: str = ""
    state: LetterState = "waiting"
    #: How often it was handed over.
    tries: int = 0
    changed_at: datetime
    delivered_at: datetime | None = None
    #: Why it failed or was stopped: the id of a sentence, and what a mail server said literally.
    reason: str = ""
    detail: str = ""


_o = tables.outbox.c
_columns = (
    _o.organisation, _o.id, _o.at, _o.record, _o.reader, _o.address, _o.payload, _o.state, _o.tries, _o.changed_at,
    _o.delivered_at, _o.reason, _o.detail,
)  # fmt: skip
_here = _o.organisation == bindparam("in_organisation")
_one = select(*_columns).where(_here, _o.id == bindparam("this"))
_next = (
    select(*_columns)
    .where(_here, _o.record == bindparam("about"), _o.state.in_(OPEN))
    .order_by(_o.id)
    .limit(1)
    .with_for_update()
)
_newest = (
    select(*_columns)
    .where(_here, _o.state.in_(bindparam("in_states", expanding=True)), _o.id < bindparam("before"))
    .order_by(_o.id.desc())
    .limit(bindparam("most"))
)
_count = select(func.count()).select_from(
    select(_o.id).where(_here, _o.state == bindparam("in_state")).limit(COUNT_CAP).subquery()
)
_insert = insert(tables.outbox)
_change = update(tables.outbox).where(_here, _o.id == bindparam("this"))
_forget = delete(tables.outbox).where(_here, _o.record == bindparam("about"))
_s = tables.setting.c
_setting = select(_s.value).where(_s.organisation == bindparam("in_organisation"), _s.key == bindparam("named"))


class OutboxReading(Transaction):
    """Reads letters, and how they are sent."""

    def letter(self, organisation: str, id: str) -> StoredLetter | None:
        """Return a letter, or None."""
        row = self.first(_one, {"in_organisation": organisation, "this": id})
        return None if row is None else _letter(row)

    def letters(
        self, organisation: str, states: Sequence[LetterState], most: int, before: str = ""
    ) -> list[StoredLetter]:
        """Return letters in one of *states*, the newest first, those older than the letter *before*."""
        bound = {"in_organisation": organisation, "in_states": states, "before": before or "~", "most": most}
        return [_letter(row) for row in self.rows(_newest, bound)]

    def letter_count(self, organisation: str, state: LetterState) -> int:
        """Return how many letters are in a state; 1,000 stands for more."""
        row = self.first(_count, {"in_organisation": organisation, "in_state": state})
        return 0 if row is None else int(row[0])

    def setting(self, organisation: str, key: str) -> str | None:
        """Return a setting of the organisation, JSON; None where it has its default."""
        row = self.first(_setting, {"in_organisation": organisation, "named": key})
        return None if row is None else str(row[0])


class OutboxWriting(OutboxReading, ActWriting):
    """Writes letters."""

    def put_letters(self, letters: Sequence[StoredLetter]) -> None:
        """Leave letters to be sent once this transaction stands."""
        if letters:
            self.do("outbox.insert", _insert, [_row_of(letter) for letter in letters])

    def next_letter(self, organisation: str, record: str) -> StoredLetter | None:
        """Return the oldest letter about a record that is still to be sent, under its lock; or None."""
        row = self.first(_next, {"in_organisation": organisation, "about": record})
        return None if row is None else _letter(row)

    def change_letter(self, letter: StoredLetter) -> None:
        """Write how far a letter is."""
        row = _row_of(letter)
        changed = {name: row[name] for name in ("state", "tries", "changed_at", "delivered_at", "reason", "detail")}
        self.do("outbox.change", _change, {**changed, "in_organisation": letter.organisation, "this": letter.id})

    def forget_letters(self, organisation: str, record: str) -> None:
        """Take away the letters about a record that is gone."""
        self.do("outbox.delete", _forget, {"in_organisation": organisation, "about": record})

    def put_setting(self, organisation: str, key: str, value: str) -> None:
        """Keep a setting of the organisation, JSON."""
        row = {"organisation": organisation, "key": key, "value": value}
        statement = insert_into(self.dialect, tables.setting)
        statement = statement.on_conflict_do_update(
            index_elements=["organisation", "key"], set_={"value": statement.excluded.value}
        )
        self.do("setting.put", statement, row)
        self.note_row("setting", row)


def ask_to_send(writing: Transaction, organisation: str, record: str, now: datetime) -> None:
    """Ask for the letters about a record to be sent once this transaction stands."""
    add_job(writing, organisation, LETTER_JOB, record, now, args={"record": record})


def changed(
    letter: StoredLetter, now: datetime, state: LetterState, reason: str = "", detail: str = ""
) -> StoredLetter:
    """Return a letter in another state, since *now*."""
    delivered = now if state == "sent" else letter.delivered_at
    return replace(letter, state=state, changed_at=now, delivered_at=delivered, reason=reason, detail=detail)


def _row_of(letter: StoredLetter) -> dict[str, object]:
    payload = {
        "message": letter.message, "subject": letter.subject, "body": letter.body, "language": letter.language,
    }  # fmt: skip
    return {
        "organisation": letter.organisation,
        "id": letter.id,
        "at": write_moment(letter.at),
        "record": letter.record,
        "reader": letter.reader,
        "address": letter.address,
        "payload": data_text(payload),
        "state": letter.state,
        "tries": letter.tries,
        "changed_at": write_moment(letter.changed_at),
        "delivered_at": None if letter.delivered_at is None else write_moment(letter.delivered_at),
        "reason": letter.reason,
        "detail": letter.detail,
    }


def _letter(row: Row) -> StoredLetter:
    held = json.loads(row[6])
    return StoredLetter(
        organisation=row[0], id=row[1], at=read_moment(row[2]), record=row[3], message=held["message"],
        subject=held["subject"], body=held["body"], reader=row[4], address=row[5], language=held["language"],
        state=row[7], tries=row[8], changed_at=read_moment(row[9]),
        delivered_at=None if row[10] is None else read_moment(row[10]), reason=row[11], detail=row[12],
    )  # fmt: skip
