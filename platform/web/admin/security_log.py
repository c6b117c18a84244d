"""What happened to accounts and rights: sign-ins, people, roles, rates, calendars, blueprints; for administrators."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import flask
from flask import request

from blankett.engine.access import split_role
from blankett.engine.store import FOR_DEPARTMENT, Reading
from blankett.engine.store.seals import REMOVED, SIGN_IN, SIGN_IN_FAILED, Act
from blankett.engine.store.timestamps import from_days, read_moment
from blankett.web.access_policy import ADMINISTRATORS, allow
from blankett.web.admin.workspace_tree import role_titles
from blankett.web.identity import current_reader, the_actor
from blankett.web.request_unit import RequestUnit
from blankett.web.templating import render, short_day, t

pages = flask.Blueprint("security_log", __name__)

RIGHTS = ("user", "member", "share", "workspace", "organisation")
SIGN_INS = (SIGN_IN, SIGN_IN_FAILED)
BLUEPRINTS = ("blueprint", "version")
CALENDARS = ("calendar",)
DEPARTMENTS = ("department", "department_member", "post", "absence")
RATES = ("rate",)
SENDING = ("setting",)
#: Views of the log → the kinds of acts they show. Rates, of which every day brings many, stand in a view of their own.
VIEWS: Mapping[str, tuple[str, ...]] = {
    "": (*SIGN_INS, *RIGHTS, *BLUEPRINTS, *CALENDARS, *DEPARTMENTS, *SENDING),
    "sign_ins": SIGN_INS,
    "rights": RIGHTS,
    "blueprints": BLUEPRINTS,
    "calendars": CALENDARS,
    "departments": DEPARTMENTS,
    "rates": RATES,
}
PAGE = 100
#: What says an id that has a name.
NAMED = frozenset({"parent", "head", "deputy", "holder", "user", "substitute", "department"})


@dataclass(frozen=True)
class ActLine:
    """One act, in words."""

    at: datetime
    #: Who did it; empty for the machine itself.
    who: str
    what: str
    about: str
    details: str


@pages.get("/security-log")
@allow(ADMINISTRATORS)
def show_security_log(request_unit: RequestUnit) -> str:
    """Show the newest acts of a view, or those before a number."""
    asked, view = request.args.get("before", ""), request.args.get("view", "")
    view = view if view in VIEWS else ""
    before = int(asked) if asked.isdecimal() and len(asked) < 19 else 2**62
    organisation = the_actor().organisation
    reading = request_unit.reading
    acts = reading.newest_acts(organisation, VIEWS[view], PAGE + 1, before)
    names = Names(names_of(reading, organisation), role_titles(request_unit.catalog))
    head, unsealed = reading.head(organisation), reading.unsealed_count(organisation)
    lines = [line_of(act, names) for act in acts[:PAGE]]
    older = acts[PAGE - 1].number if len(acts) > PAGE else None
    return render(
        "pages/security_log.html",
        here="security_log",
        views=[(key, t(f"security_log.view_{key or 'most'}")) for key in VIEWS],
        view=view,
        lines=lines,
        older=older,
        head=str(head) if head else "",
        unsealed=unsealed,
    )


@dataclass(frozen=True)
class Names:
    """How what acts name by ids and keys is called."""

    #: Of people and workspaces, by id.
    of: Mapping[str, str]
    #: Of roles, by key.
    roles: Mapping[str, str]


def names_of(reading: Reading, organisation: str) -> Mapping[str, str]:
    """Return {id: name} of people, workspaces, departments and posts."""
    directory = reading.directory(organisation)
    titles = {id: found.title for id, found in directory.departments.items()}
    titles |= {id: found.title for id, found in directory.posts.items()}
    people = {user.id: user.name for user in reading.all_users(organisation)}
    return titles | people | {room.id: room.title for room in reading.workspaces(organisation)}


def line_of(act: Act, names: Names) -> ActLine:
    """Return an act in words."""
    what = t(f"security_log.{act.kind}_removed") if is_removal(act) else t(f"security_log.{act.kind}")
    about = " · ".join(names.of.get(part, part) for part in subject_parts(act) if part != "-")
    said = json.loads(act.said) if act.said else {}
    told = (f"{t(f'security_log.of_{key}')}: {value_of(key, value, names)}" for key, value in said.items())
    details = "; ".join(told)
    return ActLine(act.at, names.of.get(act.actor, act.actor), what, about, details)


def subject_parts(act: Act) -> list[str]:
    """Return what an act is about; a rate by the day from which it holds."""
    parts = act.subject.split(" ")
    if act.kind == "rate" and parts[-1].lstrip("-").isdecimal():
        return [*parts[:-1], short_day(from_days(int(parts[-1])))]
    return parts


def is_removal(act: Act) -> bool:
    """Tell whether the act took something away."""
    return act.digest == REMOVED and act.kind in ("member", "rate", "department_member", "post")


def role_words(held: str, names: Names) -> str:
    """Return what a role is called, also one that is held for a department alone."""
    if FOR_DEPARTMENT not in held:
        return names.roles.get(held, held)
    role, department = split_role(held)
    return t("people.for_department", role=names.roles.get(role, role), department=names.of.get(department, department))


def value_of(key: str, value: object, names: Names) -> str:
    """Return a value of an act: roles by title, a workspace by name, yes and no in words, a dash for nothing."""
    if key in ("active", "is_admin", "administers"):
        return t("security_log.yes") if value else t("security_log.no")
    if key in ("first", "last") and isinstance(value, int):
        return short_day(from_days(value))
    if key in ("closed_at", "ended_at") and isinstance(value, str):
        return short_day(read_moment(value).date())
    text = "" if value is None else str(value)
    if text.startswith("["):
        return current_reader().between.join(role_words(str(role), names) for role in json.loads(text)) or "–"
    return (names.of.get(text, text) if key in NAMED else text) or "–"
