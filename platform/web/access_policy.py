"""Who may come to which route at all. What may be done with a record there is asked of the engine.

Every view declares its policy with `allow`. A view without one stops the start of the application.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import Flask, abort, current_app, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, Unauthorized

from blankett.web.cookies import carries_token
from blankett.web.identity import current_actor, current_visitor
from blankett.web.replay_post import is_of_somebody_else
from blankett.web.security import SAFE_METHODS

View = TypeVar("View", bound=Callable[..., object])


class PasswordFirst(HTTPException):
    """Somebody whose password others know wants to go on before it is changed."""

    code = 401


class MissingPolicyError(Exception):
    """Routes were registered whose views declare no policy."""

    def __init__(self, endpoints: list[str]) -> None:
        super().__init__(f"These views declare no policy with @allow(…): {', '.join(endpoints)}.")
        self.endpoints = endpoints


@dataclass(frozen=True)
class RoutePolicy:
    """Who a route is for."""

    name: str
    needs_sign_in: bool
    needs_administrator: bool = False
    #: Administrators of any workspace come in too; the view asks which workspace it is.
    takes_workspace_administrator: bool = False


#: Anybody, signed in or not: signing in, files that browsers load.
PUBLIC = RoutePolicy("public", needs_sign_in=False)
#: Everybody who is signed in; the engine decides about records.
SIGNED_IN = RoutePolicy("signed in", needs_sign_in=True)
#: The same, also for who must change their password before anything else.
BEFORE_PASSWORD = RoutePolicy("signed in, whatever the password", needs_sign_in=True)
#: Administrators of the organisation.
ADMINISTRATORS = RoutePolicy("administrators", needs_sign_in=True, needs_administrator=True)
#: Administrators of the organisation or of a workspace; which one they need is asked by the view.
WORKSPACE_ADMINISTRATORS = RoutePolicy(
    "workspace administrators", needs_sign_in=True, needs_administrator=True, takes_workspace_administrator=True
)


def allow(policy: RoutePolicy) -> Callable[[View], View]:
    """Declare the policy of a view. Stands under the route."""

    def declare(view: View) -> View:
        view.policy = policy  # type: ignore[attr-defined]
        return view

    return declare


def policy_of(app: Flask, endpoint: str) -> RoutePolicy | None:
    """Return the policy the view of *endpoint* declares, or None."""
    return getattr(app.view_functions.get(endpoint), "policy", None)


def init_policies(app: Flask) -> None:
    """Refuse to start with a view that has no policy, and ask each request's."""
    app.view_functions["static"] = _declared(app.view_functions["static"])
    endpoints = {rule.endpoint for rule in app.url_map.iter_rules()}
    missing = sorted(endpoint for endpoint in endpoints if policy_of(app, endpoint) is None)
    if missing:
        raise MissingPolicyError(missing)
    app.before_request(enforce)


def _declared(view: Callable[..., Any]) -> Callable[..., Any]:
    def static(**arguments: object) -> Any:
        return view(**arguments)

    return allow(PUBLIC)(static)


def enforce() -> None:
    """Refuse a request whose policy the visitor does not meet: 401, or 403; and a post that carries no token of theirs.

    Who is signed in is looked at first: whoever is not any more is led to signing in, with what they sent.
    """
    if request.endpoint is None:
        return
    policy = policy_of(current_app, request.endpoint)
    if policy is None:
        abort(403)
    if not policy.needs_sign_in:
        check_token()
        return
    actor = current_actor()
    if actor is None or (request.method == "GET" and is_of_somebody_else()):
        raise Unauthorized
    try:
        check_token()
    except CSRFError:
        if is_of_somebody_else():
            raise Unauthorized from None
        raise
    if policy is not BEFORE_PASSWORD and must_change_password():
        raise PasswordFirst
    if not policy.needs_administrator or actor.is_admin:
        return
    if not (policy.takes_workspace_administrator and actor.administers):
        abort(403)


def must_change_password() -> bool:
    """Tell whether others know the password of whoever is signed in."""
    visitor = current_visitor()
    return visitor is not None and visitor.user.first_password


def check_token() -> None:
    """Refuse a post without the token that goes with this browser's session."""
    if request.method not in SAFE_METHODS and not carries_token(request):
        current_app.extensions["csrf"].protect()
