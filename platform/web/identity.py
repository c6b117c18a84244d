"""Who asks: the visitor behind the request's cookie, and the actor the engine knows them as. Found once per request."""

from __future__ import annotations

from dataclasses import replace

from flask import g, request, session

from blankett.engine.access import Actor, actor_of
from blankett.web.accounts import Visitor
from blankett.web.services import services
from blankett.words import LANGUAGES, find_language

#: Keys in the signed cookie.
TOKEN, LANGUAGE = "token", "language"

#: What the pages need when nobody is signed in.
DENSITIES = ("compact", "normal", "roomy")
THEMES = ("light", "dark", "auto")


def current_visitor() -> Visitor | None:
    """Return who is signed in, or None."""
    if "visitor" not in g:
        g.visitor = _find_visitor()
    found: Visitor | None = g.visitor
    return found


def _find_visitor() -> Visitor | None:
    token = session.get(TOKEN)
    organisation = services().organisation()
    if not isinstance(token, str) or organisation is None:
        return None
    return services().accounts.find(organisation.id, token)


def current_actor() -> Actor | None:
    """Return who is signed in as the engine knows them, or None."""
    if "actor" not in g:
        visitor = current_visitor()
        g.actor = as_actor(visitor) if visitor else None
    found: Actor | None = g.actor
    return found


def as_actor(visitor: Visitor) -> Actor:
    """Return a visitor as the engine knows them; texts come in the page's language."""
    actor = actor_of(visitor.user, visitor.workspaces, visitor.memberships)
    return replace(actor, language=current_language())


def the_actor() -> Actor:
    """Return who is signed in; for views whose policy asks for it."""
    actor = current_actor()
    if actor is None:
        raise RuntimeError("this view's policy lets people in who are not signed in")
    return actor


def current_language() -> str:
    """Return the language of the page: the person's own, else one chosen here, else the browser's."""
    found: str | None = g.get("language")  # asked for every text of a page
    if found is None:
        visitor = current_visitor()
        wanted = visitor.user.language if visitor else session.get(LANGUAGE)
        found = g.language = find_language(wanted) or request.accept_languages.best_match(tuple(LANGUAGES)) or "en"
    return found


def forget_visitor() -> None:
    """Find the visitor anew in this request, after signing in or out or a change of preferences."""
    for key in ("visitor", "actor", "language", "readers"):
        g.pop(key, None)
