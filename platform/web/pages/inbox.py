"""The inbox: what waits for somebody, what they were told, what is theirs and not finished."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import flask
from babel.dates import format_date
from flask import request
from flask.typing import ResponseReturnValue

from blankett.engine.runtime.commands import Refusal
from blankett.engine.runtime.inbox import InboxItem
from blankett.engine.runtime.listing import ListRequest
from blankett.engine.runtime.views import StateView
from blankett.engine.store import Filter, QueryProblem, is_id
from blankett.web import htmx
from blankett.web.finding import find_form
from blankett.web.identity import current_language, the_actor
from blankett.web.policies import SIGNED_IN, allow
from blankett.web.services import services
from blankett.web.shell import find_places
from blankett.web.templating import age, reader_zone, render, t
from blankett.words import locale_of

pages = flask.Blueprint("inbox", __name__)

MOST_WAITING = 100
MOST_NOTICES = 8
MOST_MINE = 12


@dataclass(frozen=True, slots=True)
class Waiting:
    """A record that waits."""

    id: str
    words: str
    detail: str
    age: str
    due: str
    state: StateView | None


@dataclass(frozen=True, slots=True)
class Mine:
    """A record of one's own."""

    id: str
    title: str
    state: StateView | None
    age: str
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Notice:
    """Something one was told."""

    id: str
    text: str
    record: str | None
    at: datetime
    is_read: bool


@pages.get("/inbox")
@allow(SIGNED_IN)
def show() -> str:
    """Show the inbox."""
    items = services().engine.inbox(the_actor(), MOST_WAITING)
    notices, unread = find_notices()
    now = services().clock().astimezone(reader_zone())
    return render(
        "pages/inbox.html",
        here="inbox",
        today=format_date(now, "full", locale=locale_of(current_language())),
        groups=grouped(items, services().clock()),
        waiting=f"{len(items)}+" if len(items) >= MOST_WAITING else str(len(items)),
        mine=find_mine(),
        notices_list=notices,
        unread=unread,
    )


@pages.post("/inbox/notices")
@allow(SIGNED_IN)
def mark_read() -> ResponseReturnValue:
    """Mark every notice up to the newest one shown as read."""
    actor, until = the_actor(), request.form.get("until", "")
    if is_id(until):
        with services().store.writing() as writing:
            writing.read_notifications(actor.organisation, actor.user, until, services().clock())
    return htmx.go_to("/inbox")


def grouped(items: Sequence[InboxItem], now: datetime) -> list[tuple[str, list[Waiting]]]:
    """Return what waits, longest first: over a day, and since today."""
    old = [waiting_of(item) for item in items if now - item.since >= timedelta(days=1)]
    new = [waiting_of(item) for item in items if now - item.since < timedelta(days=1)]
    groups = [(t("inbox.older_than_day"), old), (t("inbox.today"), new)]
    return [(title, rows) for title, rows in groups if rows]


def waiting_of(item: InboxItem) -> Waiting:
    """Return a row of the inbox: what is asked first, the number in grey."""
    action = leading_action(item)
    detail = " · ".join(part for part in (item.number or "", item.form_title) if part)
    title = item.title.removeprefix(item.number or "").strip() or item.title
    now = services().clock()
    due = "soon" if now - item.since >= timedelta(days=1) else "ok"
    return Waiting(item.id, t("inbox.ask", action=action, title=title), detail, age(item.since), due, item.state)


def leading_action(item: InboxItem) -> str:
    """Return the title of the action that leads furthest on among those open; the form's when there is none."""
    form = find_form(item.blueprint, item.form)
    place = {key: number for number, key in enumerate(form.states)}
    here = place.get(item.state.key, 0) if item.state else 0

    def leads_on(key: str) -> bool:
        action = form.actions.get(key)
        target = form.states.get(action.to or "") if action else None
        return target is not None and place[target.key] > here and not (target.stopped or target.held)

    titles = [title for key, title in item.actions if leads_on(key)] or [title for _, title in item.actions]
    return titles[0] if titles else item.form_title


def find_mine() -> list[Mine]:
    """Return one's own records that are not finished, the last changed first."""
    actor = the_actor()
    found = [mine for place in process_forms() for mine in mine_of(place, actor.user)]
    return sorted(found, key=lambda mine: mine.changed_at, reverse=True)[:MOST_MINE]


def process_forms() -> list[Mapping[str, str]]:
    """Return the forms somebody may look at: blueprint and key."""
    places = [place for group in find_places(the_actor()).groups for place in group.places]
    return [dict(zip(("blueprint", "form"), place.key.split("."), strict=True)) for place in places]


def mine_of(place: Mapping[str, str], user: str) -> list[Mine]:
    """Return one's own unfinished records of one form."""
    form = find_form(place["blueprint"], place["form"])
    open_states = tuple(key for key, state in form.states.items() if not state.final)
    if not open_states:
        return []
    asked = ListRequest(
        blueprint=form.blueprint,
        form=form.key,
        filters=(Filter(("record", "owner"), "equals", user), Filter(("record", "state"), "in", open_states)),
        sort=((("record", "changed_at"), True),),
        columns=("record.title",),
        limit=MOST_MINE,
    )
    page = services().engine.query(the_actor(), asked)
    if isinstance(page, (Refusal, QueryProblem)):
        return []
    return [Mine(row.id, row.title, row.state, age(row.changed_at), row.changed_at) for row in page.rows]


def find_notices() -> tuple[list[Notice], str]:
    """Return the newest notices, and how many are unread, in words."""
    actor = the_actor()
    with services().store.reading() as reading:
        found = reading.notifications(actor.organisation, actor.user, limit=MOST_NOTICES)
        unread = reading.unread_count(actor.organisation, actor.user)
    notices = [Notice(one.id, one.text, one.record, one.at, one.read_at is not None) for one in found]
    return notices, str(unread) if unread else ""
