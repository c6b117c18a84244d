"""What was sent by a page whose session is dead: it travels through the sign-in page and back to where it was typed.

Nothing is stored: the values stand in hidden fields of the page that asks to sign in, with the id of the person who
typed them, and come to light again only for that person.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlencode, urlsplit

from flask import current_app, flash, g, request
from werkzeug.exceptions import HTTPException

from blankett.web.identity import current_actor
from blankett.web.security import SAFE_METHODS
from blankett.web.templating import t

View = TypeVar("View", bound=Callable[..., Any])

#: The hidden field, and the header of htmx's requests, that say for whom a page was made.
PERSON, PERSON_HEADER = "_person", "X-Blankett-Person"
#: Says that a form is sent only to be shown again, with everything typed; nothing is saved.
AGAIN = "_again"
#: The page's own fields that are not sent on.
OWN = frozenset({"csrf_token", PERSON, AGAIN})
#: Route → what is typed there and must never stand in a page again.
SECRETS: Mapping[str, frozenset[str]] = {
    "/settings/password": frozenset({"old", "new"}),
    "/first-password": frozenset({"old", "new"}),
    "/workspaces/<id>/members": frozenset({"password"}),
    "/set-up": frozenset({"password", "code"}),
    "/sign-in": frozenset({"password"}),
}


@dataclass(frozen=True)
class Parked:
    """A post that waits for somebody to sign in."""

    #: Id of the user who typed it; empty when the page did not say.
    person: str
    #: (name, text), in the page's order.
    pairs: tuple[tuple[str, str], ...]


def shows_again(view: View) -> View:
    """Declare that a view, posted to with `AGAIN`, shows the form as it was typed and saves nothing."""
    view.shows_again = True  # type: ignore[attr-defined]
    return view


def is_again() -> bool:
    """Tell whether the form is only to be shown again: it was sent for that, or could not be saved just now."""
    return request.method == "POST" and (AGAIN in request.form or "why_again" in g)


def show_again_because(why: str) -> None:
    """Let the view that is called next show the form as it was typed, with the sentence *why*."""
    g.why_again = why


def say_why_again() -> None:
    """Say on the page why the form is shown again."""
    flash(g.get("why_again") or t("account.back_again"), "warn")


def typed_by() -> str:
    """Return the id of the person for whom the page that sent this request was made; empty when it does not say."""
    posted = request.form.get(PERSON) if request.method not in SAFE_METHODS else None
    return posted or request.headers.get(PERSON_HEADER, "")


def is_of_somebody_else() -> bool:
    """Tell whether the page was made for another person than the one who is signed in now."""
    actor, person = current_actor(), typed_by()
    return actor is not None and person not in ("", actor.user)


def park() -> Mapping[str, str]:
    """Return what the sign-in page needs to keep the current post; nothing of a post from another site is kept."""
    address = request.full_path if request.query_string else request.path
    if not is_from_here():
        return {"next": "/", "parked": ""}
    kept = json.dumps({"person": typed_by(), "pairs": typed_pairs()}, ensure_ascii=False, separators=(",", ":"))
    return {"next": safe_path(address), "parked": kept.encode("utf-8", "replace").decode("utf-8")}


def typed_pairs() -> list[tuple[str, str]]:
    """Return what the current post carries, (name, text), without the page's own fields and what is secret."""
    left_out = OWN | SECRETS.get(str(request.url_rule), frozenset())
    return [(name, text) for name, text in request.form.items(multi=True) if name not in left_out]


def is_from_here() -> bool:
    """Tell whether the request was sent by a page of this site, as far as the browser says."""
    origin = request.headers.get("Origin")
    is_ours = origin is None or urlsplit(origin).netloc == request.host
    return is_ours and request.headers.get("Sec-Fetch-Site", "same-origin") in ("same-origin", "none")


def read_parked(text: str) -> Parked | None:
    """Return what `park` wrote; None when it was tampered with, or there is nothing."""
    try:
        found = json.loads(text)
        pairs = tuple((str(name), str(value)) for name, value in found["pairs"])
        return Parked(str(found["person"]), pairs)
    except (ValueError, TypeError, KeyError):
        return None


def can_show_again(address: str) -> bool:
    """Tell whether the view at *address* can show what was typed there without saving it."""
    try:
        adapter = current_app.url_map.bind("localhost")
        endpoint, _ = adapter.match(urlsplit(address).path, method="POST")
    except HTTPException:
        return False
    return getattr(current_app.view_functions[endpoint], "shows_again", False) is True


def sign_in_address(back: str) -> str:
    """Return the sign-in page that leads back to *back* afterwards."""
    path = safe_path(back)
    return "/sign-in" if path == "/" else f"/sign-in?{urlencode({'next': path})}"


def safe_path(path: str) -> str:
    """Return *path* when it is one of this site, else ``/``."""
    is_ours = path.startswith("/") and not path.startswith(("//", "/\\")) and "\\" not in path
    return path if is_ours and path.isprintable() else "/"
