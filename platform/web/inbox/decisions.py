"""What somebody owes to approvals, in the inbox: by when it is due, and several decided at once with a result each."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import flask
from flask import request

from blankett.engine.records.command import Refusal
from blankett.engine.records.read.decision_tasks import DecisionTask, decision_tasks
from blankett.engine.records.read.record_view import open_record
from blankett.forms.value_text import show_value
from blankett.web.errors import words_of
from blankett.web.page_locale import the_reader
from blankett.web.record.approval import approval_command, done_words
from blankett.web.request_unit import RequestUnit
from blankett.web.services import services
from blankett.web.templating import reader_zone, short_time, t, time_words

#: So many are decided at once.
MOST_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class OwedRow:
    """A row of the inbox: something that is owed to an approval."""

    #: What the row's box says: the record, the action, the step, its opening and the revision that is seen.
    pick: str
    address: str
    words: str
    details: str
    #: When it is due and how far away that is, and late | soon | ok; nothing where nothing is said.
    due: tuple[str, str, str] | None
    amount: str
    sender: str
    since: datetime
    age: str
    behalf: str
    is_again: bool
    #: Several can be decided at once: those that are decisions and did not change since.
    is_pickable: bool


@dataclass(frozen=True, slots=True)
class OwedGroup:
    """Rows under a title: overdue, today, later, without a time."""

    title: str
    rows: tuple[OwedRow, ...]


def decisions_context(request_unit: RequestUnit) -> Mapping[str, object]:
    """Return what the reader owes to approvals, by when it is due."""
    tasks = decision_tasks(request_unit.unit)
    groups: dict[str, list[OwedRow]] = {}
    for task in tasks:
        groups.setdefault(group_of(task), []).append(row_of(task))
    return {
        "decisions": tuple(OwedGroup(t(title), tuple(rows)) for title, rows in groups.items()),
        "decision_count": len(tasks),
        "decide_intent": secrets.token_urlsafe(12),
    }


def group_of(task: DecisionTask) -> str:
    """Return the message that is the title of the group a task stands in."""
    if task.due is None:
        return "inbox.no_day"
    if task.due < services().clock():
        return "inbox.overdue"
    return "inbox.today" if _day(task.due) == _day(services().clock()) else "inbox.later"


def row_of(task: DecisionTask) -> OwedRow:
    """Return a task as a row."""
    own = task.title.removeprefix(task.number or "").strip() or task.title
    asked = {"decide": task.approval, "answer": t("approvals.to_answer"), "revise": t("approvals.to_revise")}[task.kind]
    details = (task.number, task.form_title, task.step_title)
    return OwedRow(
        pick="|".join((task.record, task.action, task.step, str(task.opening), str(task.revision))),
        address=f"/records/{task.record}" + ("/approval?from=inbox" if task.kind != "revise" else ""),
        words=t("inbox.ask", action=asked, title=own),
        details=" · ".join(each for each in details if each),
        due=due_words(task.due) if task.due is not None else None,
        amount=show_value(task.amount.field, task.amount.value, the_reader(), {}, task.amount.currency)
        if task.amount is not None
        else "",
        sender=task.requester if task.kind != "revise" else "",
        since=task.since,
        age=time_words().age(task.since),
        behalf=task.behalf,
        is_again=task.is_again,
        is_pickable=task.kind == "decide" and not task.is_again,
    )


def due_words(due: datetime) -> tuple[str, str, str]:
    """Return when something is due, how far away that is, and late | soon | ok."""
    left = due - services().clock()
    if left < timedelta():
        return t("approvals.late", age=time_words().age(due)), t("inbox.was_due", day=short_time(due)), "late"
    hours, minutes = divmod(int(left.total_seconds()) // 60, 60)
    words = (
        t("approvals.days_left", count=hours // 24)
        if hours >= 48
        else t("approvals.left", hours=hours, minutes=minutes)
    )
    return short_time(due), words, "soon" if _day(due) == _day(services().clock()) else "ok"


def _day(moment: datetime) -> date:
    return moment.astimezone(reader_zone()).date()


def decide_picked(request_unit: RequestUnit, picks: Sequence[str]) -> None:
    """Agree to several requests at once, each by itself; the page says of each what came of it."""
    if not picks:
        flask.flash(t("approvals.nothing_picked"), "warn")
    for pick in picks[:MOST_AT_ONCE]:
        told, tone = decide_one(request_unit, pick.split("|"))
        flask.flash(told, tone)
    if len(picks) > MOST_AT_ONCE:
        flask.flash(t("approvals.more_picked", count=len(picks) - MOST_AT_ONCE, most=MOST_AT_ONCE), "warn")


def decide_one(request_unit: RequestUnit, parts: Sequence[str]) -> tuple[str, str]:
    """Agree to one of several requests; return what came of it, and its tone."""
    record, action, step, opening, revision = (*parts, "", "", "", "", "")[:5]
    found = open_record(request_unit.unit.again(), record) if record else None
    if found is None:
        return t("approvals.one_gone"), "bad"
    intent = f"{request.form.get('_intent', '')[:60]}-{record}"
    sent = {"_intent": intent, "action": action, "step": step, "opening": opening, "_revision": revision}
    answer = request_unit.apply(approval_command(found, "approve", sent, bulk=True))
    if isinstance(answer, Refusal):
        return t("approvals.one_result", title=found.title, result=words_of(answer)), "bad"
    return t("approvals.one_result", title=found.title, result=done_words("approve", found, answer.state)), "good"
