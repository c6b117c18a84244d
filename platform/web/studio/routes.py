"""Blueprints: the gallery, a blueprint's text with what is found in it, its draft, what the draft changes."""

from __future__ import annotations

import flask
from flask import Response, request
from flask.typing import ResponseReturnValue

from blankett.engine.language.diff import text_diff
from blankett.engine.publish.results import BlueprintDraft, Refused
from blankett.web import htmx
from blankett.web.access_policy import WORKSPACE_ADMINISTRATORS, allow
from blankett.web.identity import current_language, current_reader, the_actor
from blankett.web.replay_post import is_again, say_why_again, shows_again
from blankett.web.request_unit import RequestUnit
from blankett.web.studio.gallery import find_groups, find_templates
from blankett.web.studio.publish_view import Home, answer_refused, find_home, publisher, refusal_words, unless_newer
from blankett.web.studio.view import Findings, find_findings
from blankett.web.templating import render, t

pages = flask.Blueprint("blueprints", __name__)


@pages.get("/blueprints")
@allow(WORKSPACE_ADMINISTRATORS)
def show_gallery(request_unit: RequestUnit) -> str:
    """Show every blueprint one may work on or clone, and the templates that ship."""
    reading = request_unit.reading
    groups = find_groups(request_unit, reading, the_actor(), current_language())
    templates = find_templates(reading, the_actor(), current_language())
    return render("pages/blueprints.html", here="blueprints", groups=groups, templates=templates, is_empty=not groups)


@pages.get("/blueprints/<key>")
@allow(WORKSPACE_ADMINISTRATORS)
def show_blueprint(request_unit: RequestUnit, key: str) -> ResponseReturnValue:
    """Show the text people work on, checked."""
    home = find_home(request_unit, key)
    draft = publisher(request_unit).draft(the_actor(), key)
    if isinstance(draft, Refused):
        return answer_refused(draft)
    return render_blueprint(
        request_unit, home, draft, draft.source, find_findings(request_unit, draft, draft.source, is_saved=True)
    )


@pages.post("/blueprints/<key>")
@allow(WORKSPACE_ADMINISTRATORS)
@shows_again
def work_on_blueprint(request_unit: RequestUnit, key: str) -> ResponseReturnValue:
    """Do what the button says: check what was typed, save it, or save it and go on to publishing."""
    home = find_home(request_unit, key)
    what, source = request.form.get("_do", "save"), typed_source()
    if is_again():
        say_why_again()
        return check_page(request_unit, home, storable(source), run=False)
    if what == "check":
        return check_page(request_unit, home, source)
    saved = publisher(request_unit).save_draft(the_actor(), key, source, typed_number("revision"))
    if isinstance(saved, Refused):
        return draw_refused(request_unit, home, saved, source)
    if what == "publish":
        return htmx.go_to(f"/blueprints/{key}/publish")
    flask.flash(t("studio.saved"), "good")
    return htmx.go_to(f"/blueprints/{key}")


@pages.post("/blueprints/<key>/check")
@allow(WORKSPACE_ADMINISTRATORS)
def check_blueprint(request_unit: RequestUnit, key: str) -> ResponseReturnValue:
    """Check what was typed and run its scenarios; nothing is saved."""
    home = find_home(request_unit, key)
    return unless_newer(("text", key), lambda: check_page(request_unit, home, typed_source()))


@pages.get("/blueprints/<key>/text")
@allow(WORKSPACE_ADMINISTRATORS)
def show_text(request_unit: RequestUnit, key: str) -> ResponseReturnValue:
    """Give the text people work on as a file."""
    find_home(request_unit, key)
    draft = publisher(request_unit).draft(the_actor(), key)
    return answer_refused(draft) if isinstance(draft, Refused) else as_file(draft.source, f"{key}.yaml")


@pages.get("/blueprints/<key>/changes")
@allow(WORKSPACE_ADMINISTRATORS)
def show_changes(request_unit: RequestUnit, key: str) -> ResponseReturnValue:
    """Show what the draft changes, in words and line by line."""
    home, draft = find_home(request_unit, key), publisher(request_unit).draft(the_actor(), key)
    if isinstance(draft, Refused):
        return answer_refused(draft)
    findings = find_findings(request_unit, draft, draft.source, is_saved=True)
    reading = request_unit.reading
    version = reading.version(the_actor().organisation, key, draft.base) if draft.base else None
    return render(
        "pages/changes.html",
        here="blueprints",
        key=key,
        title=home.title,
        draft=draft,
        by=name_of(request_unit, draft.changed_by),
        changes=findings.changes,
        is_comparable=findings.blueprint is not None,
        lines=text_diff(version.source if version else "", draft.source),
    )


@pages.post("/blueprints/<key>/discard")
@allow(WORKSPACE_ADMINISTRATORS)
def discard_draft(request_unit: RequestUnit, key: str) -> ResponseReturnValue:
    """Throw the draft away, unless somebody saved a newer one meanwhile."""
    find_home(request_unit, key)
    answer = publisher(request_unit).discard_draft(the_actor(), key, typed_number("revision"))
    if isinstance(answer, Refused):
        return answer_refused(answer)
    flask.flash(t("changes.discarded"), "good")
    return htmx.go_to(f"/blueprints/{key}")


def check_page(request_unit: RequestUnit, home: Home, source: str, *, run: bool = True) -> ResponseReturnValue:
    """Return the page with what is found in *source*, or only that part of it when htmx asks.

    *run* runs its scenarios too.
    """
    draft = publisher(request_unit).draft(the_actor(), home.key)
    if isinstance(draft, Refused):
        return answer_refused(draft)
    is_saved = source == draft.source
    # What was typed goes on from the text its page was opened with: a save by somebody else meanwhile must be noticed.
    draft = BlueprintDraft(**{**draft.__dict__, "revision": typed_number("revision")})
    findings = find_findings(request_unit, draft, source, is_saved=is_saved, run=run)
    return render_blueprint(request_unit, home, draft, source, findings, is_saved=is_saved)


def render_blueprint(
    request_unit: RequestUnit,
    home: Home,
    draft: BlueprintDraft,
    source: str,
    findings: Findings,
    *,
    is_saved: bool = True,
    mistakes: list[tuple[str, str]] | None = None,
) -> str:
    """Return the page of a blueprint's text."""
    return render(
        "pages/blueprint.html",
        "findings" if htmx.wants_fragment("findings") else None,
        here="blueprints",
        key=home.key,
        title=home.title,
        room=home.room,
        draft=draft,
        source=source,
        is_saved=is_saved,
        saved_by=name_of(request_unit, draft.changed_by),
        saved_at=draft.changed_at,
        mistakes=mistakes or [],
        findings=findings,
    )


def draw_refused(request_unit: RequestUnit, home: Home, refused: Refused, source: str) -> ResponseReturnValue:
    """Return what a save was answered with: both texts when somebody was faster, else the page with the reason."""
    words = [text for text, _ in refusal_words(refused)]
    if refused.draft is not None:
        page = render(
            "pages/draft_conflict.html",
            here="blueprints",
            key=home.key,
            title=home.title,
            words=current_reader().gap.join(words),
            mine=source,
            theirs=refused.draft.source,
            draft=refused.draft,
            lines=text_diff(refused.draft.source, source),
        )
        return page, 409
    draft = publisher(request_unit).draft(the_actor(), home.key)
    if refused.kind != "invalid" or isinstance(draft, Refused):
        return answer_refused(refused)
    kept = storable(source)
    findings = find_findings(request_unit, draft, kept, is_saved=False)
    page = render_blueprint(
        request_unit, home, draft, kept, findings, is_saved=False, mistakes=[("source", words_of) for words_of in words]
    )
    return page, 422


def storable(source: str) -> str:
    """Return *source* as a page can show it: lone surrogates cannot be sent to a browser."""
    return source.encode("utf-8", "replace").decode("utf-8")


def typed_source() -> str:
    """Return the text that was sent; browsers send line breaks as CRLF."""
    return request.form.get("source", "").replace("\r\n", "\n")


def typed_number(name: str) -> int:
    """Return a number of a hidden field; 0 for anything else."""
    sent = request.form.get(name, "")
    return int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 19 else 0


def name_of(request_unit: RequestUnit, user: str) -> str:
    """Return the name of a user, or their id when they are gone."""
    reading = request_unit.reading
    found = reading.user(the_actor().organisation, user)
    return found.name if found else user


def as_file(source: str, name: str) -> Response:
    """Return a text as a file to keep."""
    answer = Response(source, mimetype="text/plain")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
