"""Publishing a draft, or an old version again; the list of versions and the text of each."""

from __future__ import annotations

from collections.abc import Sequence

import flask
from flask import request
from flask.typing import ResponseReturnValue

from blankett.engine.publish.readiness import Publication
from blankett.engine.publish.results import Published, Refused
from blankett.engine.publish.rollout import Pace, Rollout
from blankett.web import htmx
from blankett.web.access_policy import WORKSPACE_ADMINISTRATORS, allow
from blankett.web.form_text import is_clean, typed
from blankett.web.identity import current_language, current_reader, the_actor
from blankett.web.replay_post import is_again, say_why_again, shows_again
from blankett.web.request_unit import RequestUnit
from blankett.web.studio.differences import shown_impact
from blankett.web.studio.publish_view import (
    STATUS,
    Home,
    PublishSheet,
    answer_refused,
    find_home,
    publisher,
    refusal_words,
    sheet_for,
)
from blankett.web.studio.rollout import shown_rollout
from blankett.web.studio.routes import as_file, name_of
from blankett.web.templating import render, t

pages = flask.Blueprint("publishing", __name__)

LONGEST_NOTE = 1000
#: Steps of what is done to the records that the request takes itself; the rest is done in the background.
MOST_STEPS = 5


@pages.get("/blueprints/<key>/publish")
@allow(WORKSPACE_ADMINISTRATORS)
def preview_publish(request_unit: RequestUnit, key: str) -> ResponseReturnValue:
    """Show what publishing the draft, or an old version again, would change and do."""
    home = find_home(request_unit, key)
    source = source_of(request_unit, key)
    if isinstance(source, Refused):
        return answer_refused(source)
    return render_preview(home, sheet_for(request_unit, key, source))


@pages.post("/blueprints/<key>/publish")
@allow(WORKSPACE_ADMINISTRATORS)
@shows_again
def publish_draft(request_unit: RequestUnit, key: str) -> ResponseReturnValue:
    """Publish exactly what was previewed, or say what stands in the way."""
    home = find_home(request_unit, key)
    source = source_of(request_unit, key)
    if isinstance(source, Refused):
        return answer_refused(source)
    if is_again():
        say_why_again()
        return render_preview(home, sheet_for(request_unit, key, source))
    sheet = sheet_for(request_unit, key, source, runs=False)
    mistakes = choice_mistakes(sheet)
    if request.form.get("digest") != sheet.digest:
        return render_preview(
            home, sheet_for(request_unit, key, source), refused=[(t("publish_page.other_text"), ())]
        ), 409
    if mistakes:
        return render_preview(home, sheet_for(request_unit, key, source), mistakes=mistakes), 422
    answer = publisher(request_unit).publish(
        the_actor(),
        Publication(
            source=source,
            blueprint=key,
            base=number_typed("base"),
            move="move" if request.form.get("move") == "move" else "stay",
            note=typed("note"),
        ),
        Pace(MOST_STEPS),
    )
    if isinstance(answer, Refused):
        return render_preview(home, sheet_for(request_unit, key, source), refused=refusal_words(answer)), STATUS[
            answer.kind
        ]
    flask.flash(published_words(answer), "good")
    return htmx.go_to(f"/blueprints/{key}/versions")


@pages.get("/blueprints/<key>/publish/count")
@allow(WORKSPACE_ADMINISTRATORS)
def show_count(request_unit: RequestUnit, key: str) -> ResponseReturnValue:
    """Show how far the count of the records is, for the preview, which asks again until it is done."""
    find_home(request_unit, key)
    source = source_of(request_unit, key)
    if isinstance(source, Refused):
        return answer_refused(source)
    address = preview_address(key)
    if not htmx.wants_fragment("publish-count"):
        return htmx.go_to(address)
    counting = publisher(request_unit).counting(the_actor(), source)
    if counting is None:  # it may be another process that counts: then one is begun here
        found = publisher(request_unit).preview(the_actor(), key, source, waits=False)
        counting = None if isinstance(found, Refused) else found.counting
    if counting is None:
        return htmx.go_to(address)
    question = f"/blueprints/{key}/publish/count" + (f"?again={again()}" if again() else "")
    return render("fragments/_count.html", counting=counting, address=address, question=question)


@pages.post("/blueprints/<key>/publish/becomes")
@allow(WORKSPACE_ADMINISTRATORS)
def say_what_becomes(request_unit: RequestUnit, key: str) -> ResponseReturnValue:
    """Say in the draft what becomes of a state or an option that is gone, and show the preview of that."""
    home, draft = find_home(request_unit, key), publisher(request_unit).draft(the_actor(), key)
    if isinstance(draft, Refused):
        return answer_refused(draft)
    saved = publisher(request_unit).map_ended(the_actor(), draft, typed("ended"), typed("becomes"))
    if isinstance(saved, Refused):
        return render_preview(home, sheet_for(request_unit, key, draft.source), refused=refusal_words(saved)), STATUS[
            saved.kind
        ]
    return htmx.go_to(f"/blueprints/{key}/publish")


@pages.get("/blueprints/<key>/versions")
@allow(WORKSPACE_ADMINISTRATORS)
def list_versions(request_unit: RequestUnit, key: str) -> ResponseReturnValue:
    """List the versions, the newest first."""
    home, heads = find_home(request_unit, key), publisher(request_unit).versions(the_actor(), key)
    if isinstance(heads, Refused):
        return answer_refused(heads)
    names = {user: name_of(request_unit, user) for user in {head.by for head in heads}}
    return render(
        "pages/versions.html",
        here="blueprints",
        key=key,
        title=home.title,
        heads=heads,
        names=names,
        rollout=shown_rollout(request_unit, key),
        is_left_behind=publisher(request_unit).has_left_behind(the_actor(), key),
    )


@pages.get("/blueprints/<key>/versions/move")
@allow(WORKSPACE_ADMINISTRATORS)
def preview_move(request_unit: RequestUnit, key: str) -> ResponseReturnValue:
    """Show what moving the records of older versions would do; its count alone, until it is done."""
    home = find_home(request_unit, key)
    found = publisher(request_unit).preview_left_behind(the_actor(), key, waits=False)
    address = f"/blueprints/{key}/versions/move"
    if htmx.wants_fragment("publish-count"):
        if isinstance(found, Refused) or found.counting is None:
            return htmx.go_to(address)
        return render("fragments/_count.html", counting=found.counting, address=address, question=address)
    if isinstance(found, Refused):
        return answer_refused(found)
    return render(
        "pages/move_records.html",
        here="blueprints",
        key=key,
        title=home.title,
        behind=found,
        forms=shown_impact(found.impact, current_language(), is_later=True),
        question=address,
        address=address,
    )


@pages.post("/blueprints/<key>/versions/move")
@allow(WORKSPACE_ADMINISTRATORS)
def move_records(request_unit: RequestUnit, key: str) -> ResponseReturnValue:
    """Take the records of older versions to the newest one, as far as they can go."""
    find_home(request_unit, key)
    answer = publisher(request_unit).move_left_behind(the_actor(), key, Pace(MOST_STEPS))
    if isinstance(answer, Refused):
        return answer_refused(answer)
    flask.flash(rollout_words(answer), "good")
    return htmx.go_to(f"/blueprints/{key}/versions")


@pages.get("/blueprints/<key>/versions/<int:number>")
@allow(WORKSPACE_ADMINISTRATORS)
def show_version(request_unit: RequestUnit, key: str, number: int) -> ResponseReturnValue:
    """Show the text of a version."""
    home = find_home(request_unit, key)
    reading = request_unit.reading
    found = reading.version(the_actor().organisation, key, number)
    newest = reading.newest_versions(the_actor().organisation).get(key, 0)
    if found is None:
        flask.abort(404)
    return render(
        "pages/version.html",
        here="blueprints",
        key=key,
        title=home.title,
        version=found,
        by=name_of(request_unit, found.by),
        lines=found.source.split("\n"),
        is_newest=number == newest,
        older=number - 1,
        newer=number + 1 if number < newest else 0,
    )


@pages.get("/blueprints/<key>/versions/<int:number>/text")
@allow(WORKSPACE_ADMINISTRATORS)
def show_version_text(request_unit: RequestUnit, key: str, number: int) -> ResponseReturnValue:
    """Give the text of a version as a file, to the character."""
    find_home(request_unit, key)
    source = publisher(request_unit).version_source(the_actor(), key, number)
    return answer_refused(source) if isinstance(source, Refused) else as_file(source, f"{key}_{number}.yaml")


# Steps ---------------------------------------------------------------------------------------------------------


def again() -> int | None:
    """Return the number of the version that is to be published again; None for the draft."""
    return number_typed("again") or None


def preview_address(key: str) -> str:
    """Return the address of the preview of what is to be published."""
    number = again()
    return f"/blueprints/{key}/publish" + (f"?again={number}" if number else "")


def number_typed(name: str) -> int:
    """Return a number of the address or a hidden field; 0 for anything else."""
    sent = request.values.get(name, "")
    return int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 10 else 0


def source_of(request_unit: RequestUnit, key: str) -> str | Refused:
    """Return the text that is to be published."""
    number = again()
    if number is not None:
        return publisher(request_unit).version_source(the_actor(), key, number)
    draft = publisher(request_unit).draft(the_actor(), key)
    return draft if isinstance(draft, Refused) else draft.source


def choice_mistakes(sheet: PublishSheet) -> list[tuple[str, str]]:
    """Return what is wrong with what was chosen and typed."""
    found = []
    if sheet.is_choice and request.form.get("move") not in ("stay", "move"):
        found.append(("move", t("publish_page.move_missing")))
    note = typed("note")
    if len(note) > LONGEST_NOTE or not is_clean(note):
        found.append(("note", t("publish_page.note_long", count=LONGEST_NOTE)))
    return found


def published_words(answer: Published) -> str:
    """Return what a publish did."""
    said = [t("publish_page.done", number=answer.number)]
    if answer.moved:
        said.append(t("publish_page.done_moved", count=answer.moved))
    if not answer.rollout.is_done:
        said.append(t("rollout.goes_on"))
    elif answer.stayed:
        said.append(t("publish_page.done_stayed", count=answer.stayed))
    return current_reader().gap.join(said)


def rollout_words(rollout: Rollout) -> str:
    """Return what moving the records of older versions did."""
    if not rollout.is_done:
        return t("rollout.goes_on")
    found = rollout.progress
    told = [t("rollout.moved", count=found.moved)]
    told += [t("rollout.followed", count=found.followed)] if found.followed else []
    told += [t("rollout.stayed", count=found.stayed)] if found.stayed else []
    return current_reader().gap.join(told)


def render_preview(
    home: Home,
    sheet: PublishSheet,
    *,
    mistakes: list[tuple[str, str]] | None = None,
    refused: Sequence[tuple[str, tuple[object, ...]]] | None = None,
) -> str:
    """Return the page of publishing, with what was chosen and typed."""
    number = again()
    return render(
        "pages/publish.html",
        here="blueprints",
        key=home.key,
        title=home.title,
        again=number,
        address=preview_address(home.key),
        shown=sheet,
        typed={"move": request.form.get("move", ""), "note": request.form.get("note", "").replace("\r\n", "\n")},
        mistakes=mistakes or [],
        refused=refused or [],
    )
