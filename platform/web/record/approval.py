"""The approval of a record: who must agree, who has, and what the reader may do about it."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date

import flask
from flask import request
from flask.typing import ResponseReturnValue

from blankett.engine.language.grammar.approvals import DONE_ABOUT_APPROVALS
from blankett.engine.records.command import ApprovalAsk, Command, Refusal
from blankett.engine.records.read.approval_view import people_to_name
from blankett.engine.records.read.results import ApprovalSeen, RecordHead, RecordView, SeatSeen, StepSeen, VerbSeen
from blankett.forms.value_text import show_value
from blankett.web import htmx
from blankett.web.access_policy import SIGNED_IN, allow
from blankett.web.errors import STATUS, refuse, words_of
from blankett.web.form_text import whole_number
from blankett.web.identity import the_actor, told
from blankett.web.lookup import find_record
from blankett.web.page_locale import the_reader
from blankett.web.record.facts import headline_of
from blankett.web.replay_post import is_again, say_why_again, shows_again
from blankett.web.request_unit import RequestUnit
from blankett.web.services import services
from blankett.web.templating import ShownMoment, hue, initials, render, short_time, shown_moment, t

pages = flask.Blueprint("approvals", __name__)

#: What is decided at once, with a button of its own.
DECISIONS = ("approve", "return", "reject")
#: Verbs that name somebody.
NAMING = ("ask", "transfer", "delegate", "add_before", "add_beside", "add_after", "replace")
#: The other ways, in the order in which they are offered.
OTHER_WAYS = (*NAMING[:1], "hold", "resume", *NAMING[1:6], "recall", "withdraw")
#: Ways of those who manage approvals; nobody else reads of them.
MANAGING = ("replace",)
VERBS = frozenset({*DONE_ABOUT_APPROVALS, "comment"})
#: Where a step stands → how its rung is drawn.
RUNGS: Mapping[str, str] = {
    "given": "done", "open": "now", "held": "now", "waiting": "next", "skipped": "skip", "rejected": "no",
    "returned": "no", "withdrawn": "skip",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ApproverFace:
    """One who is asked, as a face with what they did."""

    name: str
    initials: str
    hue: str
    #: yes | no | asked | later | free
    standing: str
    words: str
    comment: str
    at: ShownMoment | None
    is_you: bool


@dataclass(frozen=True, slots=True)
class StepBox:
    """A step of the ladder."""

    title: str
    #: How many must agree.
    need: str
    #: done | now | next | skip | no
    rung: str
    note: str
    due: str
    is_late: bool
    faces: tuple[ApproverFace, ...]
    questions: tuple[Mapping[str, object], ...]


@dataclass(frozen=True, slots=True)
class StepGroup:
    """A step, or several side by side under a title."""

    title: str
    number: int
    boxes: tuple[StepBox, ...]

    @property
    def rung(self) -> str:
        """Return how the rung of all of them is drawn."""
        rungs = [box.rung for box in self.boxes]
        return next((each for each in ("no", "now", "next", "done") if each in rungs), "skip")


@dataclass(frozen=True)
class TypedDecision:
    """What was typed into one of the forms of the page, as it is shown again."""

    verb: str = ""
    question: str = ""
    comment: str = ""
    to: str = ""
    then: str = ""
    user: str = ""
    until: str = ""
    waits: str = ""

    @classmethod
    def of(cls, sent: Mapping[str, str]) -> TypedDecision:
        """Return what a form sent."""
        return cls(**{each.name: sent.get(each.name, "") for each in fields(cls)})


@pages.get("/records/<record>/approval")
@allow(SIGNED_IN)
def show_approval(request_unit: RequestUnit, record: str) -> ResponseReturnValue:
    """Show who must agree to what the record waits for."""
    found = find_record(request_unit, record)
    if not found.approvals:
        return htmx.go_to(f"/records/{record}")
    return render_approval(request_unit, found)


@pages.post("/records/<record>/approval")
@allow(SIGNED_IN)
@shows_again
def decide_approval(request_unit: RequestUnit, record: str) -> ResponseReturnValue:
    """Do what was asked of the approval, or say why not, with what was typed."""
    found = find_record(request_unit, record)
    if is_again():
        say_why_again()
        return render_approval(request_unit, found)
    answer = request_unit.apply(approval_command(found, request.form.get("verb", ""), request.form))
    if not isinstance(answer, Refusal):
        flask.flash(done_words(request.form.get("verb", ""), found, answer.state), "good")
        is_seen = answer.is_visible is not False
        is_back = request.form.get("_back") == "inbox"
        return htmx.go_to(f"/records/{record}" if is_seen and not is_back else "/inbox")
    if answer.kind in ("missing", "forbidden", "busy"):
        return refuse(answer)
    again = find_record(request_unit, record)
    return render_approval(request_unit, again, words_of(answer)), STATUS[answer.kind]


def approval_command(record: RecordHead, verb: str, sent: Mapping[str, str], *, bulk: bool = False) -> Command:
    """Return the command that does *verb* as it was sent."""
    return Command(
        intent=sent.get("_intent", "")[:100],
        actor=the_actor(),
        blueprint=record.blueprint,
        form=record.form.key,
        record=record.id,
        approval=ApprovalAsk(
            verb=verb if verb in VERBS else "comment",
            action=sent.get("action", "")[:80],
            step=sent.get("step", "")[:80],
            opening=whole_number(sent.get("opening", "")) or 0,
            question=whole_number(sent.get("question", "")) or 0,
            comment=sent.get("comment", "").strip(),
            to=sent.get("to", "")[:80],
            then="straight" if sent.get("then") == "straight" else "rerun",
            users=tuple(each for each in (sent.get("user", ""),) if each)[:1],
            until=_day(sent.get("until", "")),
            waits=sent.get("waits") == "yes",
            bulk=bulk,
            revision=whole_number(sent.get("_revision", "")),
        ),
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def done_words(verb: str, record: RecordHead, state: str | None) -> str:
    """Return what is said after an approval was acted on: "Approved. It is now: Released."."""
    done = t(f"approvals.done_{verb}") if verb in (*DECISIONS, *OTHER_WAYS, "answer") else t("approvals.done")
    now = record.form.states.get(state or "")
    has_moved = now is not None and (record.state is None or record.state.key != now.key)
    if now is None or not has_moved:
        return t("record.done", done=done)
    return t("record.done_state", done=done, state=now.title)


# What the page shows --------------------------------------------------------------------------------------------------


def render_approval(request_unit: RequestUnit, record: RecordView, mistake: str = "") -> str:
    """Return the page of the record's approval, the one that runs or was the last."""
    seen = record.approvals[0]
    stored = request_unit.unit.linked.record(record.id)
    people = people_to_name(request_unit.unit, stored) if stored is not None else ()
    sent = request.form if request.method == "POST" else {}
    return render(
        "pages/approval.html",
        here=record.form_now.name,
        record=record,
        headline=headline_of(record.amount),
        address=f"/records/{record.id}",
        approval=seen,
        groups=tuple(groups_of(seen)),
        status=status_words(seen),
        facts=tuple(facts_first(record, seen)),
        changes=tuple(changes_of(seen)),
        verbs={verb.verb: verb for verb in seen.verbs},
        ways=tuple(ways_of(seen)),
        asking=sorted((step for step in seen.steps if step.is_open), key=lambda step: not step.is_short),
        naming=NAMING,
        earlier=tuple(step for step in seen.steps if step.status == "given"),
        yours=seen.your_step,
        questions=tuple(each for step in seen.steps for each in step.questions if each.is_yours),
        why=tuple((each.is_asked, told(each.sentence)) for each in seen.why),
        people=people,
        intent=secrets.token_urlsafe(12),
        back="inbox" if request.values.get("from") == "inbox" or sent.get("_back") == "inbox" else "",
        mistake=mistake,
        sent=TypedDecision.of(sent),
        unsent=TypedDecision(),
    )


def ways_of(seen: ApprovalSeen) -> Iterator[VerbSeen]:
    """Yield the other ways, with those of who manages approvals at the end."""
    for name in (*OTHER_WAYS, *MANAGING):
        verb = seen.verb(name)
        if verb is not None and (verb.is_possible or name not in MANAGING):
            yield verb


def status_words(seen: ApprovalSeen) -> str:
    """Return where an approval stands: "Step 2 of 4", or what it came to."""
    if not seen.is_running:
        return t(f"approvals.is_{seen.status}")
    wanted = [step for step in seen.steps if step.status != "skipped"]
    place = next((number for number, step in enumerate(wanted, 1) if step.is_open), len(wanted))
    return t("approvals.step_of", number=place, count=len(wanted))


def groups_of(seen: ApprovalSeen) -> Iterator[StepGroup]:
    """Yield the steps in order, those side by side together."""
    rows: list[list[StepSeen]] = []
    for step in seen.steps:
        if rows and step.group and rows[-1][-1].group == step.group:
            rows[-1].append(step)
        else:
            rows.append([step])
    for number, row in enumerate(rows, 1):
        yield StepGroup(row[0].group, number, tuple(map(box_of, row)))


def box_of(step: StepSeen) -> StepBox:
    """Return a step as it is drawn."""
    return StepBox(
        title=step.title,
        need=need_words(step),
        rung=RUNGS.get(step.status, "next"),
        note=note_of(step),
        due=t("approvals.due", time=short_time(step.due)) if step.due is not None else "",
        is_late=step.due is not None and step.due < services().clock(),
        faces=tuple(face_of(seat) for seat in step.seats if seat.standing != "free" or not step.is_open),
        questions=tuple(
            {"asker": each.asker, "asked": each.asked, "text": each.text, "answer": each.answer}
            for each in step.questions
        ),
    )


def need_words(step: StepSeen) -> str:
    """Return how many must agree: "one of 3", "2 of 3"."""
    asked = len([seat for seat in step.seats if not seat.is_added])
    if step.need == "any":
        return t("approvals.need_any", count=asked) if asked > 1 else ""
    if step.need == "all":
        return t("approvals.need_all", count=asked) if asked > 1 else ""
    if step.need.startswith("weight "):
        return t("approvals.need_weight", weight=step.need.removeprefix("weight "))
    return t("approvals.need_of", need=step.need, count=asked)


def note_of(step: StepSeen) -> str:
    """Return what is said of a step beside its title."""
    if step.status == "held":
        return t("approvals.held_by", name=step.held_by)
    if step.is_short or (step.is_open and not step.seats):
        return t("approvals.nobody")
    if step.status == "skipped":
        return t("approvals.skipped")
    if step.closed_at is not None and step.status in ("given", "rejected", "returned"):
        return t(f"approvals.step_{step.status}", time=short_time(step.closed_at))
    return t("approvals.since", time=short_time(step.opened_at)) if step.is_open and step.opened_at else ""


def face_of(seat: SeatSeen) -> ApproverFace:
    """Return one who is asked as a face."""
    words = t("approvals.seat_you" if seat.is_you and seat.standing == "asked" else f"approvals.seat_{seat.standing}")
    if seat.behalf:
        words = t("approvals.seat_behalf", words=words, name=seat.behalf)
    elif seat.deputies and seat.standing == "asked":
        words = t("approvals.seat_deputy", words=words, name=seat.deputies[0])
    return ApproverFace(
        name=seat.name,
        initials=initials(seat.name),
        hue=hue(seat.name) or "",
        standing=seat.standing,
        words=words,
        comment=seat.comment,
        at=shown_moment(seat.at) if seat.at is not None else None,
        is_you=seat.is_you,
    )


def facts_first(record: RecordView, seen: ApprovalSeen) -> Iterator[tuple[str, str]]:
    """Yield (title, value) of what the author says somebody decides on, as far as the reader may see it."""
    reader = the_reader()
    for key in seen.decide_on:
        view = record.find(key)
        if view is not None and not view.field.columns:
            titles = {view.target.id: view.target.title} if view.target else {}
            yield view.title, show_value(view.field, view.value, reader, titles, view.currency)


def changes_of(seen: ApprovalSeen) -> Iterator[tuple[str, str, str]]:
    """Yield (title, before, now) of what changed since the reader agreed."""
    reader = the_reader()
    for change in seen.changes:
        if change.field.columns or change.field.type.points_to:
            yield change.title, t("approvals.was_other"), t("approvals.is_other")
            continue
        before, after = (
            change.field.type.from_stored(each, change.field) if each is not None else None
            for each in (change.before, change.now)
        )
        yield (
            change.title,
            show_value(change.field, before, reader, {}, None),
            show_value(change.field, after, reader, {}, None),
        )


def strip_of(record: RecordView) -> Mapping[str, object] | None:
    """Return the approval as the record's page shows it in its head: the faces of its steps in order; None where none
    runs.
    """
    seen = next((each for each in record.approvals if each.is_running), None)
    if seen is None:
        return None
    return {
        "title": seen.title,
        "status": status_words(seen),
        "boxes": tuple(box for group in groups_of(seen) for box in group.boxes if box.rung != "skip"),
        "address": f"/records/{record.id}/approval",
        "is_yours": seen.your_step is not None,
        "behalf": seen.behalf,
        "waits_for": seen.asked_names,
    }
