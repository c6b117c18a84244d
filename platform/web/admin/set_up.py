"""The first minutes of an installation: its name and its first administrator. Only while there is nobody."""

from __future__ import annotations

import hmac
from zoneinfo import available_timezones

import flask
from flask import request
from flask.typing import ResponseReturnValue

from blankett.web import htmx
from blankett.web.access_policy import PUBLIC, allow
from blankett.web.account.passwords import fault_of
from blankett.web.account.sign_in import begin, remember_language
from blankett.web.identity import current_language
from blankett.web.request_unit import RequestUnit
from blankett.web.services import services
from blankett.web.templating import render, t

pages = flask.Blueprint("set_up", __name__)

FIELDS = ("code", "organisation", "zone", "name", "email", "password")
LONGEST = 200


@pages.get("/set-up")
@allow(PUBLIC)
def show_set_up(request_unit: RequestUnit) -> ResponseReturnValue:
    """Ask for the organisation and its first administrator."""
    remember_language(request_unit)
    if services().organisation_id() is not None:
        return htmx.go_to("/sign-in")
    return render_set_up({"zone": "Europe/Copenhagen", "code": request.args.get("code", "")}, [])


@pages.post("/set-up")
@allow(PUBLIC)
def set_up(request_unit: RequestUnit) -> ResponseReturnValue:
    """Make them, once, and sign the administrator in."""
    if services().organisation_id() is not None:
        return htmx.go_to("/sign-in")
    typed = {key: request.form.get(key, "").strip() for key in FIELDS[:-1]} | {
        "password": request.form.get("password", "")
    }
    mistakes = mistakes_in(typed)
    if mistakes:
        return render_set_up(typed, mistakes), 422
    user = request_unit.accounts.set_up(
        title=typed["organisation"],
        zone=typed["zone"],
        name=typed["name"],
        email=typed["email"],
        password=typed["password"],
        language=current_language(),
    )
    if user is None:  # two browsers at once: the other one was first
        return htmx.go_to("/sign-in")
    return begin(request_unit, user, "/", "")


def mistakes_in(typed: dict[str, str]) -> list[tuple[str, str]]:
    """Return what is wrong: (field, text)."""
    code = services().settings.set_up_code
    mistakes = [] if code is None or is_code(typed["code"], code) else [("code", t("setup.code_wrong"))]
    unfit = [key for key in FIELDS[1:-1] if not typed[key] or len(typed[key]) > LONGEST]
    mistakes += [(key, t(f"setup.{key}_missing")) for key in unfit]
    if typed["email"] and typed["email"].count("@") != 1:
        mistakes.append(("email", t("field.not_an_email")))
    if typed["zone"] and typed["zone"] not in available_timezones():
        mistakes.append(("zone", t("setup.zone_unknown")))
    fault = fault_of(typed["password"], typed["name"], typed["email"], typed["organisation"])
    return [*mistakes, ("password", t(fault))] if fault else mistakes


def is_code(typed: str, code: str) -> bool:
    """Tell whether what was typed is the code that the start of the server printed."""
    return hmac.compare_digest(typed.encode(), code.encode())


def render_set_up(typed: dict[str, str], mistakes: list[tuple[str, str]]) -> str:
    """Return the page, with what was typed; a password is never sent back."""
    kept = {key: typed.get(key, "") for key in FIELDS} | {"password": ""}
    asks_code = services().settings.set_up_code is not None
    zones = sorted(available_timezones())
    return render("pages/set_up.html", typed=kept, mistakes=mistakes, zones=zones, asks_code=asks_code)
