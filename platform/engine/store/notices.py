"""Notices for people in the application: rows of the transaction that caused them, so that nobody is told of something
that did not happen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, delete, func, insert, select, update

from blankett.engine.store import tables
from blankett.engine.store.seals import ActWriting
from blankett.engine.store.timestamps import read_moment, write_moment
from blankett.engine.store.transaction import Row, Transaction

#: Counting unread notices stops here.
UNREAD_CAP = 100


@dataclass(frozen=True, kw_only=True)
class Notification:
    """A notice for one person."""

    organisation: str
    user: str
    #: Sorts by time.
    id: str
    at: datetime
    #: The record it is about.
    record: str | None
    #: The key of the blueprint's message.
    message: str
    #: Plain words, or an author's text with its values, which `records.explain.filled_text` writes and reads; with
    #: nothing in it that the person may not see.
    text: str
    read_at: datetime | None = None


_n = tables.notification.c
_mine = (_n.organisation == bindparam("in_organisation"), _n.user == bindparam("of_user"))
_page = (
    select(_n.organisation, _n.user, _n.id, _n.at, _n.record, _n.message, _n.text, _n.read_at)
    .where(*_mine, _n.id < bindparam("before"))
    .order_by(_n.id.desc())
    .limit(bindparam("limit"))
)
_unread = select(func.count()).select_from(
    select(_n.id).where(*_mine, _n.read_at.is_(None)).limit(UNREAD_CAP).subquery()
)
_read = update(tables.notification).where(*_mine, _n.read_at.is_(None), _n.id <= bindparam("until"))
_read_one = update(tables.notification).where(*_mine, _n.read_at.is_(None), _n.id == bindparam("this"))
_insert_notice = insert(tables.notification)
_about = (_n.organisation == bindparam("in_organisation"), _n.record == bindparam("about"))
_notices_about = select(_n.user, _n.id).where(*_about)
_forget_notices = delete(tables.notification).where(*_about)


class NoticeReading(Transaction):
    """Reads notices."""

    def notifications(
        self, organisation: str, user: str, before: str | None = None, limit: int = 50
    ) -> list[Notification]:
        """Return the notices of *user*, newest first, those older than the notice *before*."""
        bound = {"in_organisation": organisation, "of_user": user, "before": before or "~", "limit": limit}
        return [_notification(row) for row in self.rows(_page, bound)]

    def unread_count(self, organisation: str, user: str) -> int:
        """Return how many notices *user* has not read; 100 stands for more."""
        row = self.first(_unread, {"in_organisation": organisation, "of_user": user})
        return 0 if row is None else int(row[0])


class NoticeWriting(NoticeReading, ActWriting):
    """Writes notices."""

    def put_notifications(self, notifications: Sequence[Notification]) -> None:
        """Give people notices."""
        if notifications:
            rows = [
                {**notice.__dict__, "at": write_moment(notice.at), "read_at": _kept(notice.read_at)}
                for notice in notifications
            ]
            self.do("notification.insert", _insert_notice, rows)
            for row in rows:
                self.note_row("notification", row)

    def read_notifications(self, organisation: str, user: str, until: str, at: datetime, *, only: bool = False) -> int:
        """Mark the notices of *user* up to the id *until* as read (only that one with *only*); return how many were
        not.
        """
        name = "this" if only else "until"
        bound = {"in_organisation": organisation, "of_user": user, name: until, "read_at": write_moment(at)}
        return self.do("notification.read", _read_one if only else _read, bound)

    def forget_notices(self, organisation: str, record: str) -> None:
        """Take away what people were told about a record that is gone."""
        bound = {"in_organisation": organisation, "about": record}
        for user, id in self.rows(_notices_about, bound):
            self.note_removed("notification", organisation, user, id)
        self.do("notification.delete", _forget_notices, bound)


def _kept(moment: datetime | None) -> str | None:
    return None if moment is None else write_moment(moment)


def _moment(kept: str | None) -> datetime | None:
    return None if kept is None else read_moment(kept)


def _notification(row: Row) -> Notification:
    return Notification(
        organisation=row[0], user=row[1], id=row[2], at=read_moment(row[3]), record=row[4],
        message=row[5], text=row[6], read_at=_moment(row[7]),
    )  # fmt: skip
