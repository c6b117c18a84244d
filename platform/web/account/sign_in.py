"""Signing in and out; in the demo, stepping into one of its people."""

from __future__ import annotations

from dataclasses import dataclass

import flask
from flask import make_response, request, session
from flask.typing import ResponseReturnValue

from blankett.engine.store import Organisation, StoredUser
from blankett.web import htmx
from blankett.web.access_policy import BEFORE_PASSWORD, PUBLIC, allow
from blankett.web.account.failed_sign_ins import remember_failure
from blankett.web.account.sign_in_limits import TooManyAttempts, count_attempt, forgive, network_of, remember_device
from blankett.web.identity import current_language, current_visitor
from blankett.web.replay_post import can_show_again, read_parked, safe_path
from blankett.web.request_unit import LANGUAGE, TOKEN, RequestUnit
from blankett.web.services import services
from blankett.web.templating import render, short_wait, t
from blankett.words import find_language


@dataclass(frozen=True)
class DemoAccount:
    """One of the demo's people."""

    id: str
    name: str
    #: What they do, in words.
    work: str


def demo_people(request_unit: RequestUnit, organisation: Organisation) -> list[DemoAccount]:
    """Return the people of the demo who may sign in, in the order the story names them."""
    from blankett.demo.people import people  # the story's machinery comes along; only the demo needs it

    reading = request_unit.reading
    users = reading.users(organisation.id, [person.key for person in people()])
    return [
        DemoAccount(person.key, users[person.key].name, person.work_zh if current_language() == "zh" else person.work)
        for person in people()
        if person.key in users and users[person.key].active
    ]


def draw_sign_in(request_unit: RequestUnit, **context: object) -> str:
    """Return the sign-in page; the demo's shows its people."""
    organisation = services().organisation()
    offered = demo_people(request_unit, organisation) if services().settings.is_demo and organisation else []
    title = organisation.title if organisation else ""
    visitor = current_visitor()
    defaults = {
        "next": "/",
        "parked": "",
        "email": "",
        "mistakes": [],
        "people": offered,
        "organisation": title,
        # Somebody else is signed in than the person whose text is parked.
        "other": visitor.user.name if visitor else "",
    }
    return render("pages/sign_in.html", **{**defaults, **context, "next": safe_path(str(context.get("next", "/")))})


def draw_first_password(parked: str, back: str, mistakes: list[tuple[str, str]]) -> str:
    """Return the page that asks for a password nobody else knows, and carries what is parked."""
    return render("pages/first_password.html", mistakes=mistakes, next=safe_path(back), parked=parked)


def draw_parked(address: str, parked: str) -> str:
    """Return the page that leads back to *address* with what was typed there, for the person who typed it."""
    found = read_parked(parked)
    pairs = found.pairs if found else ()
    return render("pages/parked.html", next=address, pairs=pairs, may_show=can_show_again(address))


pages = flask.Blueprint("sign_in", __name__)

LONGEST_EMAIL = 254


@pages.get("/sign-in")
@allow(PUBLIC)
def show_sign_in(request_unit: RequestUnit) -> ResponseReturnValue:
    """Show the sign-in page; the demo shows its people."""
    remember_language(request_unit)
    if services().organisation_id() is None:
        return htmx.go_to("/set-up")
    back = safe_path(request.args.get("next", "/"))
    if current_visitor() is not None:
        return htmx.go_to(back)
    return draw_sign_in(request_unit, next=back)


@pages.post("/sign-in")
@allow(PUBLIC)
def sign_in(request_unit: RequestUnit) -> ResponseReturnValue:
    """Check address and password and begin a session."""
    organisation = services().organisation_id()
    if organisation is None:
        return htmx.go_to("/set-up")
    email, password = request.form.get("email", "").strip(), request.form.get("password", "")
    kept = {"next": safe_path(request.form.get("next", "/")), "parked": request.form.get("parked", ""), "email": email}
    if not email or not password or len(email) > LONGEST_EMAIL:
        return draw_sign_in(request_unit, **kept, mistakes=[("email", t("account.both"))]), 422
    called = request_unit.accounts.user_called(organisation, email)
    try:
        keys = count_attempt(email, called)
    except TooManyAttempts as tried:
        said = t("account.too_many", wait=short_wait(tried.seconds))
        answer = make_response(draw_sign_in(request_unit, **kept, mistakes=[("email", said)]), 429)
        answer.headers["Retry-After"] = str(tried.seconds)
        return answer
    user = request_unit.accounts.check(organisation, email, password)
    if user is None:
        remember_failure(email, network_of(request.remote_addr or ""))
        return draw_sign_in(request_unit, **kept, mistakes=[("email", t("account.wrong"))]), 422
    forgive(keys)
    return begin(request_unit, user, kept["next"], kept["parked"])


@pages.post("/sign-in/language")
@allow(PUBLIC)
def choose_language(request_unit: RequestUnit) -> ResponseReturnValue:
    """Show the sign-in page in another language, with what it carries."""
    chosen = find_language(request.form.get("language"))
    if chosen:
        session[LANGUAGE] = chosen
        request_unit.change_visitor()
    return draw_sign_in(request_unit, next=request.form.get("next", "/"), parked=request.form.get("parked", ""))


@pages.post("/sign-in/demo")
@allow(PUBLIC)
def step_in(request_unit: RequestUnit) -> ResponseReturnValue:
    """Begin a session as one of the demo's people. Elsewhere there is no such page."""
    organisation = services().organisation()
    if not services().settings.is_demo or organisation is None:
        flask.abort(404)
    user = find_demo_person(request_unit, organisation, request.form.get("user", ""))
    if user is None:
        flask.abort(404)
    return begin(request_unit, user, safe_path(request.form.get("next", "/")), request.form.get("parked", ""))


@pages.post("/sign-out")
@allow(BEFORE_PASSWORD)
def sign_out(request_unit: RequestUnit) -> ResponseReturnValue:
    """End the session, here and on the server."""
    organisation, token = services().organisation_id(), session.get(TOKEN)
    if organisation is not None and isinstance(token, str):
        request_unit.accounts.end(organisation, token)
    language = session.get(LANGUAGE)
    session.clear()
    if language:
        session[LANGUAGE] = language
    answer = htmx.go_to("/sign-in")
    answer.headers["Clear-Site-Data"] = '"cache"'
    return answer


def begin(request_unit: RequestUnit, user: StoredUser, back: str, parked: str) -> ResponseReturnValue:
    """Begin a session of *user* under a new token, and go on to where they wanted to be."""
    session.clear()
    network = network_of(request.remote_addr or "")
    session[TOKEN] = request_unit.accounts.begin(user, request.user_agent.string, network)
    session.permanent = True
    remember_device(user)
    flask.g.pop("csrf_token", None)
    request_unit.change_visitor()
    kept = read_parked(parked)
    if kept is not None and kept.person == user.id:
        return draw_first_password(parked, back, []) if user.first_password else draw_parked(back, parked)
    if kept is not None and kept.person:
        return draw_sign_in(request_unit, next=back, parked=parked)
    return htmx.go_to("/inbox" if back == "/" else back)


def find_demo_person(request_unit: RequestUnit, organisation: Organisation, id: str) -> StoredUser | None:
    """Return the active user *id*."""
    reading = request_unit.reading
    user = reading.user(organisation.id, id)
    return user if user is not None and user.active else None


def remember_language(request_unit: RequestUnit) -> None:
    """Keep the language chosen by ``?language=``."""
    chosen = find_language(request.args.get("language"))
    if chosen:
        session[LANGUAGE] = chosen
        request_unit.change_visitor()
