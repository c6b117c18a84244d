"""One's own settings: language, look, time zone, keys, password."""

from __future__ import annotations

from zoneinfo import available_timezones

import flask
from flask import request, session
from flask.typing import ResponseReturnValue

from blankett.web import htmx
from blankett.web.accounts import Visitor
from blankett.web.attempts import count_attempt
from blankett.web.identity import DENSITIES, THEMES, current_visitor, forget_visitor
from blankett.web.pages.sign_in import begin
from blankett.web.parked import safe_path
from blankett.web.passwords import fault_of, is_password
from blankett.web.policies import SIGNED_IN, allow
from blankett.web.services import services
from blankett.web.templating import render, t
from blankett.words import LANGUAGES

pages = flask.Blueprint("account", __name__)

#: Preference → the values it may have.
CHOICES = {"language": tuple(LANGUAGES), "theme": THEMES, "density": DENSITIES}


def the_visitor() -> Visitor:
    """Return who is signed in; the policy of these views asks for it."""
    visitor = current_visitor()
    if visitor is None:
        flask.abort(401)
    return visitor


@pages.get("/settings")
@allow(SIGNED_IN)
def form() -> str:
    """Show one's settings."""
    return draw([])


@pages.post("/settings")
@allow(SIGNED_IN)
def save() -> ResponseReturnValue:
    """Save language, look and time zone."""
    user, typed = the_visitor().user, request.form
    changes = {key: typed[key] for key, allowed in CHOICES.items() if typed.get(key) in allowed}
    zone = typed.get("zone", user.zone)
    if zone and zone not in available_timezones():
        return draw([("zone", t("setup.zone_unknown"))]), 422
    services().accounts.change(user, **changes, zone=zone)
    session["keys"] = "off" if typed.get("keys") == "off" else "on"
    forget_visitor()
    flask.flash(t("settings.saved"), "good")
    return htmx.go_to("/settings")


@pages.post("/settings/<any(language, theme, density):key>")
@allow(SIGNED_IN)
def choose(key: str) -> ResponseReturnValue:
    """Change one preference from the menu, and stay where one was."""
    value = request.form.get(key, "")
    if value not in CHOICES[key]:
        flask.abort(400)
    services().accounts.change(the_visitor().user, **{key: value})
    forget_visitor()
    return htmx.go_to(came_from())


@pages.post("/settings/password")
@allow(SIGNED_IN)
def change_password() -> ResponseReturnValue:
    """Change one's password; every other session ends."""
    user = the_visitor().user
    count_attempt(user.email)
    new = request.form.get("new", "")
    fault = fault_of(new)
    if not is_password(user.password, request.form.get("old", "")):
        return draw([("old", t("account.wrong_old"))]), 422
    if fault:
        return draw([("new", t(fault))]), 422
    changed = services().accounts.change_password(user, new)
    answer = begin(changed, "/settings", "")
    flask.flash(t("settings.password_changed"), "good")
    return answer


@pages.get("/keys")
@allow(SIGNED_IN)
def keys() -> str:
    """Show the keyboard map, as a page or in a dialog."""
    return render("pages/keys.html", "content" if htmx.is_htmx() else None, in_dialog=htmx.is_htmx())


def draw(mistakes: list[tuple[str, str]]) -> str:
    """Return the settings page."""
    visitor = the_visitor()
    return render(
        "pages/settings.html",
        mistakes=mistakes,
        user=visitor.user,
        zones=sorted(available_timezones()),
        densities=DENSITIES,
        themes=THEMES,
        keys_off=session.get("keys") == "off",
    )


def came_from() -> str:
    """Return the page of this site that the request came from."""
    referrer = request.referrer or ""
    if not referrer.startswith(request.host_url):
        return "/inbox"
    return safe_path("/" + referrer.removeprefix(request.host_url))
