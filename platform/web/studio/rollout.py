"""What the newest version still does to the records, as its page tells it: how far it is, and what stays and why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

import flask
from flask.typing import ResponseReturnValue

from blankett.engine.language.model import Blueprint
from blankett.engine.publish.impact import Class, Example
from blankett.engine.publish.results import Refused
from blankett.engine.publish.rollout import Rollout, is_held_up
from blankett.web import htmx
from blankett.web.access_policy import WORKSPACE_ADMINISTRATORS, allow
from blankett.web.identity import current_language, the_actor
from blankett.web.request_unit import RequestUnit
from blankett.web.studio.differences import why
from blankett.web.studio.publish_view import find_home, publisher
from blankett.web.studio.routes import name_of
from blankett.web.templating import render

pages = flask.Blueprint("rollout", __name__)

#: The element that shows it.
ELEMENT = "rollout"


@dataclass(frozen=True)
class ShownStaying:
    """Records that stay on the version they have for one reason."""

    form: str
    count: int
    words: str
    #: The list where they are found.
    address: str
    examples: tuple[Example, ...]


@dataclass(frozen=True)
class ShownRollout:
    """How far a version is with the records."""

    number: int
    by: str
    at: datetime
    looked_at: int
    total: int
    moved: int
    followed: int
    stayed: int
    #: Records whose list columns and titles were written, once all have moved that are to.
    filled: int
    is_moving: bool
    is_done: bool
    #: Its job has failed or was stopped, and whether the reader may let it go on.
    is_held_up: bool
    may_go_on: bool
    #: The version that came before it was through; 0 for none.
    overtaken_by: int
    staying: tuple[ShownStaying, ...]

    @property
    def is_worth_telling(self) -> bool:
        """Tell whether there is anything to be seen of it."""
        return not self.is_done or self.looked_at > 0


@pages.get("/blueprints/<key>/versions/rollout")
@allow(WORKSPACE_ADMINISTRATORS)
def show_rollout(request_unit: RequestUnit, key: str) -> ResponseReturnValue:
    """Show how far the newest version is, for the page of versions, which asks until it is through; then
    the page is drawn anew, since its table counts the records of each version.
    """
    find_home(request_unit, key)
    found = shown_rollout(request_unit, key)
    if found is None or found.is_done or not htmx.wants_fragment(ELEMENT):
        return htmx.go_to(f"/blueprints/{key}/versions")
    return render("fragments/_rollout.html", key=key, rollout=found)


def shown_rollout(request_unit: RequestUnit, key: str) -> ShownRollout | None:
    """Return how far the newest version of a blueprint is; None where it has nothing to do with records."""
    found = publisher(request_unit).rollout(the_actor(), key)
    if found is None or isinstance(found, Refused):
        return None
    progress = found.progress
    return ShownRollout(
        number=found.row.number,
        by=name_of(request_unit, found.row.by),
        at=found.row.ended_at or found.row.changed_at,
        looked_at=found.looked_at,
        total=found.total,
        moved=progress.moved,
        followed=progress.followed,
        stayed=progress.stayed,
        filled=progress.filled,
        is_moving=progress.phase == "move",
        is_done=found.is_done,
        is_held_up=not found.is_done and is_held_up(request_unit.reading, found.row),
        may_go_on=the_actor().is_admin,
        overtaken_by=progress.overtaken_by,
        staying=tuple(_staying(request_unit, key, found)),
    )


def _staying(request_unit: RequestUnit, key: str, rollout: Rollout) -> Iterator[ShownStaying]:
    newest = request_unit.catalog.newest_blueprint(key)
    for form, found in rollout.progress.staying.items():
        for each in found.values():
            yield ShownStaying(
                form=_title(newest, form),
                count=each.count,
                words=why(each.reason),
                address=f"/forms/{key}/{form}{_filter(each)}",
                examples=tuple(each.examples),
            )


def _title(newest: Blueprint | None, form: str) -> str:
    known = newest.forms.get(form) if newest is not None else None
    return known.title.say(current_language()) if known is not None else form


def _filter(found: Class) -> str:
    """Return what narrows the list of a form to records that stay for a reason, where the list has a filter for it."""
    reason = found.reason
    if reason.message == "stay.state_gone":
        return "?" + urlencode({"record.state": reason.path[-1]})
    if reason.message == "stay.option_gone" and len(reason.path) == 1 and reason.value:
        return "?" + urlencode({reason.path[0]: reason.value})
    return ""
