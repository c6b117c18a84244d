"""The signed cookie and the token of forms: Flask's and Flask-WTF's own, with what never changes worked out once.

Which key signs, what a cookie says that it has signed, and what the token of one browser looks like signed, follow from
the secret alone; nothing here says who somebody is or what they may do.
"""

from __future__ import annotations

import hmac
import json
from copy import deepcopy
from functools import lru_cache

from flask import Flask, Request, Response, current_app, session
from flask.json.tag import TaggedJSONSerializer
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from flask_wtf.csrf import generate_csrf
from itsdangerous import BadData, BadSignature, Signer, URLSafeTimedSerializer
from markupsafe import Markup

from blankett.web.account.sign_in_limits import set_device_cookie
from blankett.web.identity import current_visitor

#: Where Flask-WTF keeps a browser's token in the session, and what it signs tokens with.
TOKEN_KEY, TOKEN_SALT = "csrf_token", "wtf-csrf-token"
#: Signed tokens kept, and what cookies with a good signature say.
MOST_TOKENS, MOST_COOKIES = 4096, 1024


def init_cookies(app: Flask) -> None:
    """Let the application use this cookie and these tokens. Comes after Flask-WTF, whose word in templates it takes."""
    app.session_interface = Cookies()
    app.jinja_env.globals["csrf_token"] = csrf_token


class SessionText(TaggedJSONSerializer):
    """Writes what a session holds as plain JSON, for it holds texts alone, and reads what Flask itself would write."""

    def dumps(self, value: object) -> str:
        """Return *value* as text."""
        return json.dumps(value, separators=(",", ":"))


class Cookies(SecureCookieSessionInterface):
    """Flask's signed cookie, its key derived from the secret once."""

    serializer = SessionText()

    def __init__(self) -> None:
        self._made: dict[tuple[str | bytes, ...], URLSafeTimedSerializer] = {}

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """Return what a request's cookie holds.

        Its age is not asked: how long somebody stays signed in is decided by the table of sessions, and a clock that
        was set back must not refuse the cookies of the last hour.
        """
        signer, found = self.get_signing_serializer(app), request.cookies.get(self.get_cookie_name(app))
        if signer is None:
            return None
        try:
            return self.session_class(deepcopy(_signed_content(signer, found)) if found else None)
        except BadSignature:
            return self.session_class()

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Write the cookie of the session, and behind it the one of a browser that is known from now on."""
        super().save_session(app, session, response)
        set_device_cookie(response)

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """Return what signs and reads the cookie: the same as Flask's own."""
        if not app.secret_key:
            return None
        secrets = (*(app.config["SECRET_KEY_FALLBACKS"] or ()), app.secret_key)
        found = self._made.get(secrets)
        if found is None:
            kind = {"key_derivation": self.key_derivation, "digest_method": self.digest_method}
            keys = [Signer(secret, salt=f"{self.salt}", **kind).derive_key() for secret in secrets]  # type: ignore[arg-type]
            found = self._made[secrets] = URLSafeTimedSerializer(
                keys,
                salt=self.salt,
                serializer=self.serializer,
                signer_kwargs={**kind, "key_derivation": "none"},
            )
        return found


def csrf_token() -> str:
    """Return the token that every form posts, and every request of htmx carries."""
    raw = session.get(TOKEN_KEY)
    if not isinstance(raw, str):
        return str(generate_csrf())
    return _signed(str(current_app.secret_key), raw)


def csrf_field() -> Markup:
    """Return the hidden fields that every form posts: the token, and the id of the person the page was made for."""
    visitor = current_visitor()
    return _field(csrf_token(), visitor.user.id if visitor else "")


def carries_token(posted: Request) -> bool:
    """Tell whether a form carries the token of its browser's session; what else would do is Flask-WTF's to say, and
    over https it looks at more.
    """
    sent, raw = posted.form.get(TOKEN_KEY), session.get(TOKEN_KEY)
    if not sent or not isinstance(raw, str) or posted.is_secure:
        return False
    try:
        return hmac.compare_digest(_signed_token(str(current_app.secret_key), sent), raw)
    except BadData:
        return False


@lru_cache(maxsize=MOST_TOKENS)
def _signed_token(secret: str, token: str) -> str:
    """Return what a token says that is signed with *secret*. Raises BadData for others, and keeps nothing of them."""
    return str(URLSafeTimedSerializer(secret, salt=TOKEN_SALT).loads(token))


@lru_cache(maxsize=MOST_COOKIES)
def _signed_content(signer: URLSafeTimedSerializer, cookie: str) -> dict[str, object]:
    """Return what a cookie says that *signer* has signed. Raises BadSignature for others, and keeps nothing of them."""
    content: dict[str, object] = signer.loads(cookie)
    return content


@lru_cache(maxsize=MOST_TOKENS)
def _signed(secret: str, raw: str) -> str:
    return str(URLSafeTimedSerializer(secret, salt=TOKEN_SALT).dumps(raw))


@lru_cache(maxsize=MOST_TOKENS)
def _field(token: str, person: str) -> Markup:
    field = Markup('<input type="hidden" name="csrf_token" value="{}">').format(token)
    return field + Markup('<input type="hidden" name="_person" value="{}">').format(person) if person else field
