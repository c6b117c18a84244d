"""Who is signed in: users with passwords, and sessions that the server can end.

The browser holds a random token in its signed cookie; the table holds the token's hash. A session ends by signing out,
after some idle hours, after a longest time, when its user is switched off, or when the user's stamp changes.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from blankett.engine.store import Organisation, Reading, Store, StoredSession, StoredUser, Workspace, new_id
from blankett.engine.store.database_faults import DatabaseFault
from blankett.engine.store.people import Member
from blankett.engine.store.seals import SIGN_IN
from blankett.engine.store.timestamps import write_moment
from blankett.web.account.passwords import hash_password, is_password

#: A session's last-seen moment is written at most this often: one writer serves all.
TOUCH_EVERY = timedelta(minutes=1)
LONGEST_AGENT = 200
#: Sessions that are over are forgotten after so long.
KEPT_AFTER_END = timedelta(days=2)


@dataclass(frozen=True)
class Visitor:
    """Somebody who is signed in, as of this request."""

    user: StoredUser
    session: StoredSession
    memberships: tuple[Member, ...]
    workspaces: tuple[Workspace, ...]


@dataclass(frozen=True)
class Accounts:
    """Users and sessions of one organisation."""

    store: Store
    clock: Callable[[], datetime]
    idle: timedelta
    longest: timedelta
    #: The id of the user in whose name it is written.
    by: str = ""

    def organisation(self) -> Organisation | None:
        """Return the organisation this installation serves, or None before it is set up."""
        with self.store.reading() as reading:
            return next(iter(reading.organisations()), None)

    def user_called(self, organisation: str, email: str) -> StoredUser | None:
        """Return whose address it is, or None."""
        with self.store.reading() as reading:
            return reading.user_by_email(organisation, email)

    def check(self, organisation: str, email: str, password: str) -> StoredUser | None:
        """Return the active user with this address and password, or None. Takes equally long either way."""
        user = self.user_called(organisation, email)
        if not is_password(user.password if user else "", password):
            return None
        return user if user is not None and user.active else None

    def begin(self, user: StoredUser, agent: str, network: str = "") -> str:
        """Begin a session of *user* and return the token for the browser. Always a new one."""
        token, now = secrets.token_urlsafe(32), self.clock()
        session = StoredSession(
            organisation=user.organisation,
            id=hashed(token),
            user=user.id,
            data=json.dumps({"stamp": user.stamp}),
            agent=agent[:LONGEST_AGENT],
            created_at=now,
            seen_at=now,
            expires_at=now + self.idle,
        )
        with self.store.writing(by=self.by) as writing:
            # Not those that have only just ended: a clock that was wrong for some hours signs nobody out for good.
            writing.expire_sessions(user.organisation, now - KEPT_AFTER_END)
            writing.insert_session(session)
            said = json.dumps({"network": network}) if network else ""
            writing.note(user.organisation, SIGN_IN, user.id, said=said, at=write_moment(now), by=user.id)
        return token

    def find(self, reading: Reading, organisation: str, token: str) -> Visitor | None:
        """Return whose session *token* is, or None when it is over."""
        now = self.clock()
        session, user = reading.session_with_user(organisation, hashed(token), now)
        if session is None or user is None or not self._is_good(user, session, now):
            return None
        workspaces, memberships = reading.places_of(organisation, user.id)
        return Visitor(user, session, tuple(memberships), tuple(workspaces))

    def is_due(self, session: StoredSession) -> bool:
        """Tell whether it is to be noted that the session was seen: at most once a minute."""
        return self.clock() - session.seen_at >= TOUCH_EVERY

    def note_seen(self, session: StoredSession) -> None:
        """Note that a session was seen, where that can be written at once: reading a page needs no writing."""
        now = self.clock()
        with suppress(DatabaseFault), self.store.writing(patience=0) as writing:
            writing.update_session(replace(session, seen_at=now, expires_at=now + self.idle))

    def _is_good(self, user: StoredUser, session: StoredSession, now: datetime) -> bool:
        stamp = json.loads(session.data).get("stamp")
        return user.active and stamp == user.stamp and now < session.created_at + self.longest

    def sessions_of(self, reading: Reading, user: StoredUser) -> list[StoredSession]:
        """Return where *user* is signed in, the last seen first."""
        now = self.clock()
        return [each for each in reading.sessions_of(user.organisation, user.id, now) if self._is_good(user, each, now)]

    def end_session_of(self, user: StoredUser, id: str) -> bool:
        """End one session of *user*; False when there is none of theirs with that id."""
        with self.store.writing(by=self.by) as writing:
            theirs = {each.id for each in writing.sessions_of(user.organisation, user.id, self.clock())}
            return id in theirs and writing.end_session(user.organisation, id)

    def end_other_sessions(self, user: StoredUser, but: str) -> int:
        """End every session of *user* but the one with the id *but*; return how many."""
        with self.store.writing(by=self.by) as writing:
            return writing.end_sessions_of(user.organisation, user.id, but)

    def end(self, organisation: str, token: str) -> None:
        """End the session of *token*."""
        with self.store.writing(by=self.by) as writing:
            writing.end_session(organisation, hashed(token))

    def change(self, user: StoredUser, **changes: str) -> StoredUser:
        """Write new preferences (language, theme, density, zone, name) of *user* and return them."""
        with self.store.writing(by=self.by) as writing:
            now = writing.user(user.organisation, user.id) or user
            changed = replace(now, changed_at=self.clock(), **changes)  # type: ignore[arg-type]  # texts only
            writing.update_user(changed)
        return changed

    def change_password(self, user: StoredUser, password: str, *, is_first: bool = False) -> StoredUser:
        """Give *user* a new password and end every session of theirs. *is_first*: others know it too."""
        kept = hash_password(password)
        with self.store.writing(by=self.by) as writing:
            now = writing.user(user.organisation, user.id) or user
            changed = replace(
                now, password=kept, stamp=secrets.token_hex(8), changed_at=self.clock(), first_password=is_first
            )
            writing.update_user(changed)
            writing.end_sessions_of(user.organisation, user.id)
        return changed

    def set_up(
        self, *, title: str, zone: str, name: str, email: str, password: str, language: str
    ) -> StoredUser | None:
        """Make the organisation, its first workspace and its first administrator, at once.

        Returns None, and does nothing, when somebody else was faster: it happens once in an installation's life.
        """
        now = self.clock()
        organisation = Organisation(id=new_id(now), title=title, zone=zone, collation=language, created_at=now)
        workspace = Workspace(organisation=organisation.id, id=new_id(now), title=title, zone=zone)
        user = self.make_user(organisation.id, name=name, email=email, password=password, language=language)
        user = replace(user, is_admin=True, zone=zone)
        with self.store.writing(by=self.by) as writing:
            if writing.organisations():
                return None
            writing.put_organisation(organisation)
            writing.put_workspace(workspace)
            writing.insert_user(user)
            writing.put_member(
                Member(organisation=organisation.id, workspace=workspace.id, user=user.id, administers=True)
            )
        return user

    def make_user(
        self, organisation: str, *, name: str, email: str, password: str, language: str, is_first: bool = False
    ) -> StoredUser:
        """Return a user that is not written yet; an empty password cannot sign in. *is_first*: they must change it."""
        now = self.clock()
        return StoredUser(
            organisation=organisation,
            id=new_id(now),
            email=email,
            name=name,
            password=hash_password(password) if password else "",
            stamp=secrets.token_hex(8),
            language=language,
            density="normal",
            first_password=is_first,
            created_at=now,
            changed_at=now,
        )


def hashed(token: str) -> str:
    """Return what is kept of a browser's token."""
    return hashlib.sha256(token.encode()).hexdigest()
