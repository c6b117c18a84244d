"""The inbox: what waits for somebody, what is theirs and not finished, what they were told; each under its tab."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import quote_plus, urlencode

import flask
from flask import request
from flask.typing import ResponseReturnValue

from blankett.engine.fields.locale_formats import full_day
from blankett.engine.fields.reader import Reader
from blankett.engine.language.model import Form
from blankett.engine.records.command import Refusal
from blankett.engine.records.read import record_list
from blankett.engine.records.read.inbox import DueBy, Inbox, InboxItem, LongQueue, TaskCount, inbox
from blankett.engine.records.read.notices import notices
from blankett.engine.records.read.record_list import ListRequest
from blankett.engine.records.read.results import Amount, StateView
from blankett.engine.store import Filter, QueryProblem, is_id
from blankett.forms.value_text import show_value
from blankett.web import htmx
from blankett.web.access_policy import SIGNED_IN, allow
from blankett.web.clock_words import clock_words
from blankett.web.identity import current_language, the_actor
from blankett.web.inbox.decisions import decide_picked, decisions_context
from blankett.web.layout import find_places
from blankett.web.list.view import alike_titles, title_in_list
from blankett.web.lookup import find_form
from blankett.web.page_locale import the_reader
from blankett.web.request_unit import RequestUnit
from blankett.web.services import services
from blankett.web.templating import TimeWords, reader_zone, render, short_day, t, time_words
from blankett.words import say_each

pages = flask.Blueprint("inbox", __name__)

#: Tasks, and notices, of a page.
PAGE = 100
#: Records of one's own that are shown, of each form and in all.
MOST_MINE = 100
VIEWS = ("", "mine", "notices")


@dataclass(frozen=True, slots=True)
class TaskGroup:
    """Tasks that stand together under a title, column by column."""

    title: str
    ids: Sequence[str]
    words: Sequence[str]
    details: Sequence[str]
    #: When each is due, what that means today, and late | soon | ok; nothing of a record without a day.
    dues: Sequence[tuple[str, ...]]
    amounts: Sequence[str]
    #: The name of who brought it here, if anybody did.
    senders: Sequence[tuple[str, ...]]
    #: Since when it waits: as a machine reads it, in full, and how long that is.
    moments: Sequence[str]
    full_moments: Sequence[str]
    ages: Sequence[str]


@dataclass(frozen=True, slots=True)
class Mine:
    """A record of one's own."""

    id: str
    title: str
    form_title: str
    state: StateView | None
    age: str
    changed_at: datetime


@pages.get("/inbox")
@allow(SIGNED_IN)
def show_inbox(request_unit: RequestUnit) -> str:
    """Show the tasks, one's own records or the notices."""
    return draw_inbox(request_unit)


@pages.post("/inbox")
@allow(SIGNED_IN)
def decide_several(request_unit: RequestUnit) -> str:
    """Agree to several requests at once. What came of each stands on this answer: a cookie would not hold it."""
    decide_picked(request_unit, request.form.getlist("pick"))
    return draw_inbox(request_unit)


def draw_inbox(request_unit: RequestUnit) -> str:
    """Return the page, with what its address asks for."""
    view = request.args.get("view", "")
    view = view if view in VIEWS else ""
    now = services().clock().astimezone(reader_zone())
    return render(
        "pages/inbox.html",
        here="inbox",
        today=full_day(now.date(), the_reader().locale),
        view=view,
        unread=unread_words(request_unit),
        **{"": task_context, "mine": mine_context, "notices": notice_context}[view](request_unit),
    )


@pages.post("/inbox/notices")
@allow(SIGNED_IN)
def mark_read(request_unit: RequestUnit) -> ResponseReturnValue:
    """Mark every notice up to the newest one shown as read."""
    actor, until = the_actor(), request.form.get("until", "")
    if is_id(until):
        with request_unit.writing() as writing:
            writing.read_notifications(actor.organisation, actor.user, until, services().clock())
    return htmx.go_to("/inbox?view=notices")


# Tasks ----------------------------------------------------------------------------------------------------------------


def task_context(request_unit: RequestUnit) -> Mapping[str, object]:
    """Return the tasks of the page, by when they are due."""
    skip = int(text) if (text := request.args.get("from", "")).isdecimal() and len(text) < 6 else 0
    wanted = request.args.get("department")
    department = request_unit.reading.directory(the_actor().organisation).find(wanted) if wanted else None
    found = find_tasks(request_unit, skip) if department is None else tasks_of(request_unit, skip, department.id)
    asked = "" if department is None else f"&department={quote_plus(department.id)}"
    reader, times = the_reader(), time_words()
    items: dict[str, list[InboxItem]] = {}
    for item in found.items:
        items.setdefault(group_of(item), []).append(item)
    groups = [task_group(t(id), group, reader, times) for id, group in items.items()]
    decisions = decisions_context(request_unit)
    return {
        **decisions,
        "groups": groups,
        "count": count_words(found.count),
        "is_complete": found.count.is_complete,
        "has_amounts": any(any(group.amounts) for group in groups),
        "has_days": any(any(group.dues) for group in groups),
        "long_queues": [(queue.plural, list_address(request_unit, queue)) for queue in found.long_queues],
        "newer": f"/inbox?from={max(0, skip - PAGE)}{asked}" if skip else "",
        "older": f"/inbox?from={skip + PAGE}{asked}" if found.has_more else "",
        "department": "" if department is None else department.title,
    }


def find_tasks(request_unit: RequestUnit, skip: int) -> Inbox:
    """Return a page of the reader's tasks, and keep how many there are for the frame."""
    unit = request_unit.unit
    badge, now = services().badge, services().standings.of(unit)
    found = inbox(unit, PAGE, skip, badge.queues(unit, now))
    badge.keep(unit, now, found.count)
    return found


def tasks_of(request_unit: RequestUnit, skip: int, department: str) -> Inbox:
    """Return a page of the reader's tasks on records of a department, or of one below it."""
    unit = request_unit.unit
    within = request_unit.reading.directory(the_actor().organisation).within(department)
    queues = services().badge.queues(unit, services().standings.of(unit))
    return inbox(unit, PAGE, skip, [queue.of_departments(within) for queue in queues])


def count_words(count: TaskCount) -> str:
    """Return how many tasks there are: ``8``, or ``at least 8``."""
    return str(count.number) if count.is_complete else t("inbox.at_least", count=count.number)


def list_address(request_unit: RequestUnit, queue: LongQueue) -> str:
    """Return the address of the list that has everything of a form that may wait."""
    form = find_form(request_unit, queue.blueprint, queue.form)
    pairs = [("list", key) for key in whole_lists(form)[:1]]
    pairs += [("record.state", state) for state in queue.states]
    return f"/forms/{queue.blueprint}/{queue.form}?{urlencode(pairs)}"


def whole_lists(form: Form) -> list[str]:
    """Return the lists of a form that leave out no record."""
    return [key for key, view in form.lists.items() if view.where is None]


def group_of(item: InboxItem) -> str:
    """Return the message that is the title of the group a task stands in."""
    if item.due is None:
        return "inbox.no_day"
    if is_late(item.due):
        return "inbox.overdue"
    left = days_left(item.due)
    return "inbox.overdue" if left < 0 else "inbox.today" if left == 0 else "inbox.later"


def is_late(due: DueBy) -> bool:
    """Tell whether the moment by which something is due has passed."""
    return isinstance(due.by, datetime) and due.by < services().clock()


def days_left(due: DueBy) -> int:
    """Return how many days there are until something is due where the reader is; negative when it has passed."""
    return (day_of(due) - services().clock().astimezone(reader_zone()).date()).days


def day_of(due: DueBy) -> date:
    """Return the day on which something is due where the reader is."""
    return due.by.astimezone(reader_zone()).date() if isinstance(due.by, datetime) else due.by


def task_group(title: str, items: Sequence[InboxItem], reader: Reader, times: TimeWords) -> TaskGroup:
    """Return *items* as rows of the inbox: what is asked first, the number in grey."""
    asked, sinces = [item.task[1] for item in items], [item.since for item in items]
    return TaskGroup(
        title=title,
        ids=[item.id for item in items],
        words=say_each(reader.language, "inbox.ask", action=asked, title=list(map(own_title, items))),
        details=list(map(details_of, items)),
        dues=[due_words(item.due) if item.due is not None else () for item in items],
        amounts=[amount_words(item.amount, reader) if item.amount is not None else "" for item in items],
        senders=[(item.sender.title,) if item.sender is not None else () for item in items],
        moments=[since.isoformat() for since in sinces],
        full_moments=list(map(times.full, sinces)),
        ages=list(map(times.age, sinces)),
    )


def own_title(item: InboxItem) -> str:
    """Return the title of a task without its number, unless it has no other."""
    return item.title.removeprefix(item.number or "").strip() or item.title


def details_of(item: InboxItem) -> str:
    """Return the number, the form and the state of a task."""
    details = (item.number, item.form_title, item.state.title if item.state else "")
    return " · ".join([each for each in details if each])


def amount_words(about: Amount, reader: Reader) -> str:
    """Return what a task is about, in words."""
    return show_value(about.field, about.value, reader, {}, about.currency)


def due_words(due: DueBy) -> tuple[str, ...]:
    """Return by when something is due in few words, how far away that is, and late | soon | ok."""
    if due.run is not None:
        told = clock_words(due.field, due.run)
        return told.due, told.left, told.kind
    left, day = days_left(due), short_day(day_of(due))
    clock = f"{due.by.astimezone(reader_zone()):%H:%M}" if isinstance(due.by, datetime) else ""
    if left < 0:
        return t("inbox.days_late", count=-left), t("inbox.was_due", day=f"{day} {clock}".strip()), "late"
    if left == 0:
        return t("inbox.due_today"), clock, "late" if is_late(due) else "soon"
    return f"{day} {clock}".strip(), t("inbox.days_left", count=left), "ok"


# One's own ------------------------------------------------------------------------------------------------------------


def mine_context(request_unit: RequestUnit) -> Mapping[str, object]:
    """Return one's own records that are not finished, the last changed first."""
    actor = the_actor()
    found = [mine for place in process_forms() for mine in mine_of(request_unit, place, actor.user)]
    return {"mine": sorted(found, key=lambda mine: mine.changed_at, reverse=True)[:MOST_MINE]}


def process_forms() -> list[Mapping[str, str]]:
    """Return the forms somebody may look at: blueprint and key."""
    places = [place for group in find_places().side.groups for place in group.places]
    return [dict(zip(("blueprint", "form"), place.key.split("."), strict=True)) for place in places]


def mine_of(request_unit: RequestUnit, place: Mapping[str, str], user: str) -> list[Mine]:
    """Return one's own unfinished records of one form."""
    form = find_form(request_unit, place["blueprint"], place["form"])
    open_states = tuple(key for key, state in form.states.items() if not state.final)
    if not open_states:
        return []
    asked = ListRequest(
        blueprint=form.blueprint,
        form=form.key,
        everything=True,
        filters=(Filter(("record", "owner"), "equals", user), Filter(("record", "state"), "in", open_states)),
        sort=((("record", "changed_at"), True),),
        columns=("record.title",),
        limit=MOST_MINE,
    )
    page = record_list.query(request_unit.unit, asked)
    if isinstance(page, (Refusal, QueryProblem)):
        return []
    title, times, alike = form.title.say(current_language()), time_words(), alike_titles(page.rows)
    return [
        Mine(row.id, title_in_list(row, alike), title, row.state, times.age(row.changed_at), row.changed_at)
        for row in page.rows
    ]


# Notices --------------------------------------------------------------------------------------------------------------


def notice_context(request_unit: RequestUnit) -> Mapping[str, object]:
    """Return the newest notices."""
    return {"notices_list": notices(request_unit.unit, PAGE)}


def unread_words(request_unit: RequestUnit) -> str:
    """Return how many notices are unread, in words; empty for none."""
    actor = the_actor()
    reading = request_unit.reading
    unread = reading.unread_count(actor.organisation, actor.user)
    return str(unread) if unread else ""
