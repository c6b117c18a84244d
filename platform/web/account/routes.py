"""One's own settings: language, look, time zone, keys, password."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import available_timezones

import flask
from flask import request, session
from flask.typing import ResponseReturnValue

from blankett.engine.fields.locale_formats import DAY_WAYS, NUMBER_WAYS, shown_number, typed_day
from blankett.engine.fields.reader import Reader
from blankett.engine.store import StoredSession, StoredUser
from blankett.web import htmx
from blankett.web.access_policy import BEFORE_PASSWORD, SIGNED_IN, allow
from blankett.web.account.accounts import Visitor
from blankett.web.account.passwords import fault_of, is_password
from blankett.web.account.sign_in import begin, draw_first_password
from blankett.web.account.sign_in_limits import TooManyAttempts, count_attempt, forgive
from blankett.web.identity import DENSITIES, THEMES, current_language, current_visitor, the_actor
from blankett.web.replay_post import is_again, safe_path, say_why_again, shows_again
from blankett.web.request_unit import RequestUnit
from blankett.web.services import services
from blankett.web.templating import age, render, short_wait, t
from blankett.words import LANGUAGES

pages = flask.Blueprint("account", __name__)

#: What shows how numbers and days are written.
EXAMPLE_NUMBER, EXAMPLE_DAY = Decimal("1234.5"), date(2026, 12, 31)

#: Preference → the values it may have.
CHOICES = {
    "language": tuple(LANGUAGES),
    "theme": THEMES,
    "density": DENSITIES,
    "numbers": ("", *NUMBER_WAYS),
    "days": ("", *DAY_WAYS),
}


#: What a browser's name for itself has in it → what people call it; the first that fits counts.
BROWSERS = (("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"))
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac", "Mac"),
    ("Linux", "Linux"),
)


@dataclass(frozen=True)
class SignedIn:
    """A browser in which one is signed in."""

    id: str
    #: "Firefox, Linux"; empty when it does not say.
    browser: str
    since: datetime
    #: When it was last used, in words.
    seen: str
    is_this: bool


def _seen(session: StoredSession, visitor: Visitor) -> str:
    """Return when a browser was last used, in words."""
    if session.id == visitor.session.id:
        return t("settings.session_this")
    if services().clock() - session.seen_at < timedelta(minutes=1):
        return t("settings.session_now")
    return t("settings.session_seen", age=age(session.seen_at))


def browser_of(agent: str) -> str:
    """Return what people call a browser and its system."""
    found = (next((name for mark, name in names if mark in agent), "") for names in (BROWSERS, SYSTEMS))
    return ", ".join(name for name in found if name)


def the_visitor() -> Visitor:
    """Return who is signed in; the policy of these views asks for it."""
    visitor = current_visitor()
    if visitor is None:
        flask.abort(401)
    return visitor


@pages.get("/settings")
@allow(SIGNED_IN)
def show_settings(request_unit: RequestUnit) -> str:
    """Show one's settings."""
    return render_settings(request_unit, [])


@pages.post("/settings")
@allow(SIGNED_IN)
@shows_again
def save_settings(request_unit: RequestUnit) -> ResponseReturnValue:
    """Save language, look and time zone."""
    user, typed = the_visitor().user, request.form
    changes: dict[str, Any] = {key: typed[key] for key, allowed in CHOICES.items() if typed.get(key) in allowed}
    zone, keys_off = typed.get("zone", user.zone), typed.get("keys") == "off"
    shown = replace(user, **changes, zone=zone)
    if is_again():
        say_why_again()
        return render_settings(request_unit, [], shown, keys_off=keys_off)
    if zone and zone not in available_timezones():
        return render_settings(request_unit, [("zone", t("setup.zone_unknown"))], shown, keys_off=keys_off), 422
    request_unit.accounts.change(user, **changes, zone=zone)
    session["keys"] = "off" if keys_off else "on"
    request_unit.change_visitor()
    flask.flash(t("settings.saved"), "good")
    return htmx.go_to("/settings")


@pages.post("/settings/<any(language, theme, density):key>")
@allow(SIGNED_IN)
def choose_setting(request_unit: RequestUnit, key: str) -> ResponseReturnValue:
    """Change one preference from the menu, and stay where one was."""
    value = request.form.get(key, "")
    if value not in CHOICES[key]:
        flask.abort(400)
    request_unit.accounts.change(the_visitor().user, **{key: value})
    request_unit.change_visitor()
    return htmx.go_to(came_from())


@pages.post("/settings/password")
@allow(SIGNED_IN)
def change_password(request_unit: RequestUnit) -> ResponseReturnValue:
    """Change one's password; every other session ends."""
    user, mistakes = the_visitor().user, check_new_password()
    if mistakes:
        return render_settings(request_unit, mistakes), 422
    return changed_password(request_unit, user, "/settings")


@pages.get("/first-password")
@allow(BEFORE_PASSWORD)
def show_first_password() -> ResponseReturnValue:
    """Ask for a password that nobody else knows, before anything else."""
    if not the_visitor().user.first_password:
        return htmx.go_to("/inbox")
    return draw_first_password("", "/inbox", [])


@pages.post("/first-password")
@allow(BEFORE_PASSWORD)
def change_first_password(request_unit: RequestUnit) -> ResponseReturnValue:
    """Change the password that others know."""
    user, mistakes = the_visitor().user, check_new_password()
    back, parked = safe_path(request.form.get("next", "/inbox")), request.form.get("parked", "")
    if mistakes:
        return draw_first_password(parked, back, mistakes), 422
    return changed_password(request_unit, user, back, parked)


def check_new_password() -> list[tuple[str, str]]:
    """Return what is wrong with the passwords that were sent."""
    user, old, new = the_visitor().user, request.form.get("old", ""), request.form.get("new", "")
    try:
        keys = count_attempt(user.email, user)
    except TooManyAttempts as tried:
        return [("old", t("account.too_many", wait=short_wait(tried.seconds)))]
    if not is_password(user.password, old):
        return [("old", t("account.wrong_old"))]
    forgive(keys)
    organisation = services().organisation()
    fault = fault_of(new, user.name, user.email, organisation.title if organisation else "")
    if not fault and user.first_password and new == old:
        fault = "account.password_same"
    return [("new", t(fault))] if fault else []


def changed_password(request_unit: RequestUnit, user: StoredUser, then: str, parked: str = "") -> ResponseReturnValue:
    """Give *user* the new password that was sent, and go on under a new session."""
    changed = request_unit.accounts.change_password(user, request.form.get("new", ""))
    answer = begin(request_unit, changed, then, parked)
    flask.flash(t("settings.password_changed"), "good")
    return answer


@pages.post("/settings/sessions")
@allow(SIGNED_IN)
def end_sessions(request_unit: RequestUnit) -> ResponseReturnValue:
    """End one of one's sessions, or all but this one."""
    visitor, one = the_visitor(), request.form.get("session", "")
    if one == visitor.session.id:
        flask.abort(400)
    if one:
        request_unit.accounts.end_session_of(visitor.user, one)
    else:
        request_unit.accounts.end_other_sessions(visitor.user, visitor.session.id)
    flask.flash(t("settings.session_ended") if one else t("settings.sessions_ended"), "good")
    return htmx.go_to("/settings")


@pages.get("/keys")
@allow(SIGNED_IN)
def show_keys() -> str:
    """Show the keyboard map, as a page or in a dialog."""
    is_author, in_dialog = the_actor().is_author, htmx.is_htmx()
    return render("pages/keys.html", "content" if in_dialog else None, in_dialog=in_dialog, is_author=is_author)


def render_settings(
    request_unit: RequestUnit,
    mistakes: list[tuple[str, str]],
    shown: StoredUser | None = None,
    *,
    keys_off: bool | None = None,
) -> str:
    """Return the settings page, with what was chosen: *shown*, and whether single keys do nothing."""
    visitor = the_visitor()
    return render(
        "pages/settings.html",
        mistakes=mistakes,
        user=shown or visitor.user,
        zones=sorted(available_timezones()),
        number_ways=[(way, shown_number(EXAMPLE_NUMBER, written(way, ""), 2)) for way in CHOICES["numbers"]],
        day_ways=[(way, typed_day(EXAMPLE_DAY, written("", way))) for way in CHOICES["days"]],
        densities=DENSITIES,
        themes=THEMES,
        keys_off=session.get("keys") == "off" if keys_off is None else keys_off,
        sessions=[
            SignedIn(
                each.id, browser_of(each.agent), each.created_at, _seen(each, visitor), each.id == visitor.session.id
            )
            for each in services().accounts.sessions_of(request_unit.reading, visitor.user)
        ],
    )


def written(numbers: str, days: str) -> str:
    """Return the page's locale with ways of writing of its own."""
    return Reader.with_ways(current_language(), numbers, days).locale


def came_from() -> str:
    """Return the page of this site that the request came from."""
    referrer = request.referrer or ""
    if not referrer.startswith(request.host_url):
        return "/inbox"
    return safe_path("/" + referrer.removeprefix(request.host_url))
