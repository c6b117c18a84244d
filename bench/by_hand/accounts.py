"""Who asks: signing in, the session in the database, and the token that every form carries."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask import Request, abort

from bench.by_hand.database import Prepared
from bench.by_hand.tables import member, session, user, workspace

COOKIE, LIFETIME = "by_hand", timedelta(hours=8)
#: As the product's: OWASP's second choice.
hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
#: A role, and those it has with it.
INCLUDES: Mapping[str, frozenset[str]] = {"sales": frozenset({"sales"}), "manager": frozenset({"sales", "manager"})}

_find_session = Prepared(
    sa.select(
        user.c.id, user.c.name, user.c.email, session.c.csrf, member.c.role,
        workspace.c.id.label("workspace"), workspace.c.title,
    )
    .join(user, user.c.id == session.c.user)
    .join(member, member.c.user == user.c.id)
    .join(workspace, workspace.c.id == member.c.workspace)
    .where(session.c.token == sa.bindparam("token"), session.c.expires > sa.bindparam("now"))
)  # fmt: skip
_find_user = Prepared(sa.select(user.c.id, user.c.password).where(user.c.email == sa.bindparam("email")))
_find_name = Prepared(sa.select(user.c.name).where(user.c.id == sa.bindparam("id")))
_put_session = Prepared(sa.insert(session))
_drop_session = Prepared(sa.delete(session).where(session.c.token == sa.bindparam("token")))


@dataclass(slots=True)
class Person:
    """Who asks, with what they may."""

    id: str
    name: str
    email: str
    csrf: str
    #: Workspace → the roles they have in it.
    roles: dict[str, frozenset[str]]
    #: The name of their workspace, when they have one only.
    room: str

    @property
    def initials(self) -> str:
        """Return what stands in their face: "CL"."""
        return self.name[:2].upper()

    def may(self, role: str, workspace: str) -> bool:
        """Tell whether they have *role* in *workspace*."""
        return role in self.roles.get(workspace, ())


def find_person(connection: sqlite3.Connection, request: Request, now: str) -> Person | None:
    """Return who is signed in with what they may, or None."""
    token = request.cookies.get(COOKIE)
    rows = _find_session.rows(connection, token=_digest(token), now=now) if token else ()
    if not rows:
        return None
    roles: dict[str, frozenset[str]] = {}
    for row in rows:
        roles[row.workspace] = roles.get(row.workspace, frozenset()) | INCLUDES[row.role]
    first = rows[0]
    return Person(first.id, first.name, first.email, first.csrf, roles, first.title if len(roles) == 1 else "")


def name_of(connection: sqlite3.Connection, id: str) -> str:
    """Return somebody's name."""
    return str(_find_name.value(connection, id=id))


def sign_in(connection: sqlite3.Connection, email: str, password: str) -> str | None:
    """Begin a session and return what its cookie says; None for a wrong address or password."""
    found = _find_user.row(connection, email=email)
    try:
        if found is None or not hasher.verify(found.password, password):
            return None
    except (VerificationError, InvalidHashError):
        return None
    token = secrets.token_urlsafe(32)
    expires = (datetime.now(UTC) + LIFETIME).isoformat()
    _put_session.run(connection, token=_digest(token), user=found.id, csrf=secrets.token_urlsafe(64), expires=expires)
    return token


def sign_out(connection: sqlite3.Connection, request: Request) -> None:
    """End the session."""
    _drop_session.run(connection, token=_digest(request.cookies.get(COOKIE, "")))


def require_token(request: Request, person: Person) -> None:
    """Answer 400 unless the form, or its headers, carry the session's token."""
    given = request.headers.get("X-CSRFToken") or request.form.get("csrf_token", "")
    if not hmac.compare_digest(given.encode(), person.csrf.encode()):
        abort(400)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
