"""New blueprints in a workspace: from a shipped template, as a clone of a published one, or from one's own text."""

from __future__ import annotations

from collections.abc import Collection

import flask
from flask import request
from flask.typing import ResponseReturnValue

from blankett.engine.language.model import KEY, Blueprint, Form
from blankett.engine.publish.clone import also_shared, clone_text
from blankett.engine.publish.drafts import LONGEST_KEY, begin_blueprint
from blankett.engine.publish.readiness import Publication
from blankett.engine.publish.results import Published, Refused
from blankett.web import htmx
from blankett.web.access_policy import WORKSPACE_ADMINISTRATORS, allow
from blankett.web.admin.workspace_tree import TreeRoom, administered_rooms
from blankett.web.form_text import is_line, typed
from blankett.web.identity import current_language, current_reader, the_actor
from blankett.web.replay_post import is_again, say_why_again, shows_again
from blankett.web.request_unit import RequestUnit
from blankett.web.studio.differences import shown_calendars, shown_gifts
from blankett.web.studio.gallery import STARTER, key_of, shipped
from blankett.web.studio.publish_view import STATUS, found_wrong, publisher, refusal_words
from blankett.web.templating import render, t

pages = flask.Blueprint("taking", __name__)

LONGEST_TITLE = 200
Words = list[tuple[str, str]]
#: A reference form on the page of a clone: key, title, is shared, may be shared, titles of what is shared with it.
Shared = tuple[str, str, bool, bool, list[str]]

#: Message of a refusal → the control it stands at; others stand at the key.
CONTROLS = {"publish.no_title": "title", "publish.no_such_workspace": "workspace", "publish.forbidden": "workspace"}


@pages.get("/templates/<template>")
@allow(WORKSPACE_ADMINISTRATORS)
def ask_template(request_unit: RequestUnit, template: str) -> ResponseReturnValue:
    """Ask where a template goes and what it is called there."""
    return draw_template(request_unit, find_template(template), [])


@pages.post("/templates/<template>")
@allow(WORKSPACE_ADMINISTRATORS)
@shows_again
def take_template(request_unit: RequestUnit, template: str) -> ResponseReturnValue:
    """Publish a template as version 1 in a workspace."""
    found = find_template(template)
    if is_again():
        say_why_again()
        return draw_template(request_unit, found, [])
    key, title, workspace = typed("key"), typed("title"), typed("workspace")
    mistakes = key_mistakes(request_unit, key, title)
    if mistakes:
        return draw_template(request_unit, found, mistakes), 422
    publication = Publication(
        source=clone_text(found.source, found.key, key, title, ()),
        blueprint=key,
        workspace=workspace,
        base=0,
        note=t("take.from_template", title=found.title),
    )
    answer = publisher(request_unit).publish(the_actor(), publication)
    if isinstance(answer, Refused):
        return draw_template(request_unit, found, refusal_mistakes(answer)), STATUS[answer.kind]
    return taken(answer, title)


@pages.get("/blueprints/<key>/clone")
@allow(WORKSPACE_ADMINISTRATORS)
def ask_clone(request_unit: RequestUnit, key: str) -> ResponseReturnValue:
    """Ask where a clone goes, what it is called there and what it shares."""
    return draw_clone(request_unit, find_origin(request_unit, key), [])


@pages.post("/blueprints/<key>/clone")
@allow(WORKSPACE_ADMINISTRATORS)
@shows_again
def clone_blueprint(request_unit: RequestUnit, key: str) -> ResponseReturnValue:
    """Publish the newest version of a blueprint as version 1 of another one."""
    origin = find_origin(request_unit, key)
    if is_again():
        say_why_again()
        return draw_clone(request_unit, origin, [])
    new, title, workspace = typed("key"), typed("title"), typed("workspace")
    mistakes = key_mistakes(request_unit, new, title)
    if mistakes:
        return draw_clone(request_unit, origin, mistakes), 422
    # Said before the publisher is asked for: a sentence looks up how its reader writes, and publishing reads by itself.
    note = t("take.from_blueprint", title=origin.title)
    answer = publisher(request_unit).clone(
        the_actor(), key, key=new, title=title, workspace=workspace, copied=copied_forms(origin), note=note
    )
    if isinstance(answer, Refused):
        return draw_clone(request_unit, origin, refusal_mistakes(answer)), STATUS[answer.kind]
    return taken(answer, title)


@pages.get("/new-blueprint")
@allow(WORKSPACE_ADMINISTRATORS)
def ask_new(request_unit: RequestUnit) -> ResponseReturnValue:
    """Ask for a new blueprint's key and text."""
    return draw_new(request_unit, STARTER, [])


@pages.post("/new-blueprint")
@allow(WORKSPACE_ADMINISTRATORS)
@shows_again
def begin(request_unit: RequestUnit) -> ResponseReturnValue:
    """Make a blueprint that nobody has published yet, and go on to its text."""
    source, workspace = request.form.get("source", "").replace("\r\n", "\n"), typed("workspace")
    if is_again():
        say_why_again()
        return draw_new(request_unit, source, [])
    key = key_of(source)
    if key is None:
        return draw_new(request_unit, source, [("source", t("take.no_key"))]), 422
    answer = begin_blueprint(request_unit.engine, the_actor(), key=key, workspace=workspace, source=source)
    if isinstance(answer, Refused):
        mistakes = [(name if name == "workspace" else "source", words) for name, words in refusal_mistakes(answer)]
        return draw_new(request_unit, source, mistakes), STATUS[answer.kind]
    return htmx.go_to(f"/blueprints/{key}")


# Steps ---------------------------------------------------------------------------------------------------------


def find_template(key: str) -> Blueprint:
    """Return a shipped template; 404 when there is none."""
    found = shipped().get(key)
    if found is None:
        flask.abort(404)
    return found


def find_origin(request_unit: RequestUnit, key: str) -> Blueprint:
    """Return the newest version of a blueprint that whoever is signed in may see; 404 otherwise."""
    actor = the_actor()
    reading = request_unit.reading
    stored = reading.blueprint(actor.organisation, key)
    catalog = request_unit.catalog
    found = catalog.newest_blueprint(key)
    if (
        stored is None
        or found is None
        or not (actor.may_administer(stored.workspace) or stored.workspace in actor.roles)
    ):
        flask.abort(404)
    return found


def my_rooms(request_unit: RequestUnit) -> list[TreeRoom]:
    """Return the workspaces a blueprint may be put into."""
    reading = request_unit.reading
    return administered_rooms(reading)


def key_mistakes(request_unit: RequestUnit, key: str, title: str) -> Words:
    """Return what is wrong with a title and a key; whether the key is free is looked at when it is published too."""
    found = [] if is_line(title, LONGEST_TITLE) else [("title", t("take.title_missing"))]
    if not key:
        return [*found, ("key", t("take.key_missing"))]
    if not KEY.match(key) or len(key) > LONGEST_KEY:
        return [*found, ("key", t("publish.bad_key", key=key[:80]))]
    reading = request_unit.reading
    is_taken = reading.blueprint(the_actor().organisation, key) is not None
    return [*found, ("key", t("publish.key_taken", key=key))] if is_taken else found


def refusal_mistakes(refused: Refused) -> Words:
    """Return why a publish was refused, each at the control it is about."""
    messages = [obstacle.message for obstacle in refused.obstacles]
    words = [text for text, _ in refusal_words(refused)]
    told = found_wrong(refused)
    messages, words = [*messages, *("" for _ in told)], [*words, *told]
    return [(CONTROLS.get(message, "key"), text) for message, text in zip(messages, words, strict=True)]


def copied_forms(origin: Blueprint) -> Collection[str]:
    """Return the reference forms that the clone is to have of its own."""
    return {form.key for form in reference_forms(origin) if request.form.get(f"form.{form.key}") == "copy"}


def reference_forms(origin: Blueprint) -> list[Form]:
    """Return the forms a clone may share."""
    return [form for form in origin.forms.values() if form.life == "reference"]


def shown_share(origin: Blueprint, form: Form, copied: Collection[str], may_share: bool) -> Shared:
    """Return a reference form as the page asks about it."""
    title = form.plural.say(current_language())
    return form.key, title, may_share and form.key not in copied, may_share, along(origin, {form.key})


def along(origin: Blueprint, shared: Collection[str]) -> list[str]:
    """Return the titles of the forms that are shared with the *shared* ones, because those link to them."""
    language, found = current_language(), also_shared(origin, shared)
    return [form.plural.say(language) for form in origin.forms.values() if form.key in found]


def free_key(request_unit: RequestUnit, wanted: str) -> str:
    """Return *wanted*, or with a number behind it when a blueprint has that key."""
    reading = request_unit.reading
    taken_keys = {stored.key for stored in reading.blueprints(the_actor().organisation)}
    tries = [wanted, *(f"{wanted}_{number}" for number in range(2, len(taken_keys) + 3))]
    return next(key for key in tries if key not in taken_keys)


def taken(answer: Published, title: str) -> ResponseReturnValue:
    """Say that a blueprint is there, and go to it."""
    flask.flash(t("take.done", title=title), "good")
    for words, elsewhere in shown_gifts(answer.gifts):
        flask.flash(f"{words} {elsewhere}".rstrip())
    for words in shown_calendars(answer.calendars):
        flask.flash(words)
    return htmx.go_to(f"/blueprints/{answer.blueprint}")


# Drawing -------------------------------------------------------------------------------------------------------


def draw_template(request_unit: RequestUnit, found: Blueprint, mistakes: Words) -> str:
    """Return the questions about a template."""
    title = found.title.say(current_language())
    text = found.help.say(current_language()) if found.help else ""
    return render_new_blueprint(
        request_unit,
        "template",
        heading=t("take.template", title=title),
        about=current_reader().gap.join(filter(None, (text, t("take.template_text")))),
        action=f"/templates/{found.key}",
        title=title,
        key=free_key(request_unit, found.key),
        submit=t("take.submit_template"),
        mistakes=mistakes,
    )


def draw_clone(request_unit: RequestUnit, origin: Blueprint, mistakes: Words) -> str:
    """Return the questions about a clone."""
    language = current_language()
    title = origin.title.say(language)
    reading = request_unit.reading
    stored = reading.blueprint(the_actor().organisation, origin.key)
    may_share = stored is not None and the_actor().may_administer(stored.workspace)
    copied = copied_forms(origin) if request.method == "POST" else set()
    return render_new_blueprint(
        request_unit,
        "clone",
        heading=t("take.clone", title=title),
        about=t("take.clone_text"),
        action=f"/blueprints/{origin.key}/clone",
        title="",
        key=free_key(request_unit, origin.key),
        submit=t("take.submit_clone"),
        mistakes=mistakes,
        shares=[shown_share(origin, form, copied, may_share) for form in reference_forms(origin)],
    )


def draw_new(request_unit: RequestUnit, source: str, mistakes: Words) -> str:
    """Return the questions about a blueprint from nothing."""
    return render(
        "pages/new_blueprint.html",
        here="blueprints",
        source=source,
        workspace=typed("workspace"),
        rooms=my_rooms(request_unit),
        mistakes=mistakes,
    )


def render_new_blueprint(
    request_unit: RequestUnit,
    kind: str,
    *,
    heading: str,
    about: str,
    action: str,
    title: str,
    key: str,
    submit: str,
    mistakes: Words,
    shares: Collection[Shared] = (),
) -> str:
    """Return the page that asks for title, key and workspace, with what was typed."""
    rooms, is_first = my_rooms(request_unit), request.method == "GET"
    return render(
        "pages/take.html",
        here="blueprints",
        kind=kind,
        heading=heading,
        about=about,
        action=action,
        text={
            "title": title if is_first else typed("title"),
            "key": key if is_first else typed("key"),
            "workspace": (rooms[0].id if rooms else "") if is_first else typed("workspace"),
        },
        rooms=rooms,
        shares=shares,
        mistakes=mistakes,
        submit=submit,
    )
