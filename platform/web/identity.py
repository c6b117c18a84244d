"""Who asks: the visitor behind the request's cookie, and the actor the engine knows them as. Found once per request."""

from __future__ import annotations

from blankett.engine.access import Actor
from blankett.engine.fields.reader import Reader
from blankett.web.account.accounts import Visitor
from blankett.web.request_unit import current_unit
from blankett.words import put_value

#: What the pages need when nobody is signed in.
DENSITIES = ("compact", "normal", "roomy")
THEMES = ("light", "dark", "auto")


def current_visitor() -> Visitor | None:
    """Return who is signed in, or None."""
    return current_unit().visitor


def current_actor() -> Actor | None:
    """Return who is signed in as the engine knows them, or None."""
    return current_unit().actor


def the_actor() -> Actor:
    """Return who is signed in; for views whose policy asks for it."""
    actor = current_actor()
    if actor is None:
        raise RuntimeError("this view's policy lets people in who are not signed in")
    return actor


def current_reader() -> Reader:
    """Return who reads the page: its language, and how numbers, days and times are written for them."""
    return current_unit().reader


def told(value: object) -> str:
    """Return what the engine says, in the words of who reads the page."""
    return put_value(current_reader(), value)


def current_language() -> str:
    """Return the language of the page."""
    return current_unit().language
