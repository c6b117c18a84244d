"""Signed-in sessions. The id is a hash of what the browser holds, so that reading this table signs nobody in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, delete, insert, select, update

from blankett.engine.store import tables
from blankett.engine.store.people import USER_COLUMNS, StoredUser, user_of
from blankett.engine.store.timestamps import read_moment, write_moment
from blankett.engine.store.transaction import Row, Transaction


@dataclass(frozen=True, kw_only=True)
class StoredSession:
    """What the server remembers of one browser."""

    organisation: str
    #: A hash of the browser's token.
    id: str
    #: None until somebody signs in.
    user: str | None
    #: JSON.
    data: str
    #: What the browser calls itself.
    agent: str = ""
    created_at: datetime
    seen_at: datetime
    expires_at: datetime


_s = tables.session.c
_COLUMNS = (_s.organisation, _s.id, _s.user, _s.data, _s.agent, _s.created_at, _s.seen_at, _s.expires_at)
_here = _s.organisation == bindparam("in_organisation")
_this = (_here, _s.id == bindparam("this"))
_one = select(*_COLUMNS).where(*_this, _s.expires_at > bindparam("now"))
_one_with_user = (
    select(*_COLUMNS, *USER_COLUMNS)
    .join(tables.user, (tables.user.c.organisation == _s.organisation) & (tables.user.c.id == _s.user))
    .where(*_this, _s.expires_at > bindparam("now"))
)
_of_user = (
    select(*_COLUMNS)
    .where(_here, _s.user == bindparam("of_user"), _s.expires_at > bindparam("now"))
    .order_by(_s.seen_at.desc(), _s.id)
)
_insert = insert(tables.session)
_update = update(tables.session).where(*_this)
_end = delete(tables.session).where(*_this)
_end_of_user = delete(tables.session).where(_here, _s.user == bindparam("of_user"), _s.id != bindparam("but"))
_expire = delete(tables.session).where(_here, _s.expires_at <= bindparam("now"))


class SessionReading(Transaction):
    """Reads sessions."""

    def session(self, organisation: str, id: str, now: datetime) -> StoredSession | None:
        """Return the session, or None when there is none or it is over at *now*."""
        row = self.first(_one, {"in_organisation": organisation, "this": id, "now": write_moment(now)})
        return None if row is None else _session(row)

    def session_with_user(
        self, organisation: str, id: str, now: datetime
    ) -> tuple[StoredSession | None, StoredUser | None]:
        """Return the session and whose it is; nothing when there is none, or nobody's, or it is over at *now*."""
        row = self.first(_one_with_user, {"in_organisation": organisation, "this": id, "now": write_moment(now)})
        return (None, None) if row is None else (_session(row), user_of(row[len(_COLUMNS) :]))

    def sessions_of(self, organisation: str, user: str, now: datetime) -> list[StoredSession]:
        """Return the sessions of *user* that are not over, the last seen first."""
        bound = {"in_organisation": organisation, "of_user": user, "now": write_moment(now)}
        return [_session(row) for row in self.rows(_of_user, bound)]


class SessionWriting(SessionReading):
    """Writes sessions."""

    def insert_session(self, session: StoredSession) -> None:
        """Begin a session."""
        self.do("session.insert", _insert, _row(session))

    def update_session(self, session: StoredSession) -> bool:
        """Write *session* over the one with its id; False when that one is gone."""
        row = _row(session)
        bound = {"in_organisation": row.pop("organisation"), "this": row.pop("id")}
        return self.do("session.update", _update, {**row, **bound}) == 1

    def end_session(self, organisation: str, id: str) -> bool:
        """End a session; False when it was gone."""
        return self.do("session.delete", _end, {"in_organisation": organisation, "this": id}) == 1

    def end_sessions_of(self, organisation: str, user: str, but: str = "") -> int:
        """End the sessions of *user*, all but the one with the id *but*, and return how many."""
        bound = {"in_organisation": organisation, "of_user": user, "but": but}
        return self.do("session.delete", _end_of_user, bound)

    def expire_sessions(self, organisation: str, now: datetime) -> int:
        """Forget the sessions that are over and return how many."""
        return self.do("session.delete", _expire, {"in_organisation": organisation, "now": write_moment(now)})


def _row(session: StoredSession) -> dict[str, object]:
    moments = {name: write_moment(getattr(session, name)) for name in ("created_at", "seen_at", "expires_at")}
    return {**session.__dict__, **moments}


def _session(row: Row) -> StoredSession:
    return StoredSession(
        organisation=row[0], id=row[1], user=row[2], data=row[3], agent=row[4],
        created_at=read_moment(row[5]), seen_at=read_moment(row[6]), expires_at=read_moment(row[7]),
    )  # fmt: skip
