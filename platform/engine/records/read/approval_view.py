"""An approval as one person sees it: who decided, who is next, what they may do themselves and why not."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace

from blankett.engine.access import people_in
from blankett.engine.feel import BudgetExceeded
from blankett.engine.language.model import Action, Form
from blankett.engine.records.approval_facts import FactsReader, approval_of, terms_of
from blankett.engine.records.permit import Permit
from blankett.engine.records.read.results import (
    AgreedChange,
    ApprovalSeen,
    QuestionSeen,
    SeatSeen,
    SeatStanding,
    StepForeseen,
    StepSeen,
    VerbSeen,
)
from blankett.engine.records.record_change import ApprovalState, Work
from blankett.engine.records.unit_of_work import Unit
from blankett.engine.records.write.approvals import approvals_of
from blankett.engine.store import StoredRecord
from blankett.engine.workflow.act import ApprovalRefusal
from blankett.engine.workflow.course import ApprovalSeat, Course, StepCourse
from blankett.engine.workflow.facts import ApprovalFacts
from blankett.engine.workflow.machine import (
    changed_since_their_approval,
    duties,
    forecast,
    options,
    renewed,
    why_asked,
)
from blankett.engine.workflow.terms import ApprovalTerms


def approvals_seen(unit: Unit, work: Work, permit: Permit) -> tuple[ApprovalSeen, ...]:
    """Return the approvals of a record as the actor sees them, one that runs in front."""
    form = work.process.form
    found = [
        _seen(unit, work, permit, action, state)
        for key, state in approvals_of(unit, work).items()
        if (action := form.actions.get(key)) is not None and approval_of(form, action) is not None
    ]
    return tuple(sorted(found, key=lambda each: (not each.is_running, -each.began_at.timestamp())))


def foresee_approval(unit: Unit, work: Work, action: Action) -> tuple[StepForeseen, ...]:
    """Return what each step would ask if the actor requested the approval of an action now; nothing where it has none,
    where it would be refused, or where that takes too much to work out: requesting it tells.
    """
    form, language = work.process.form, unit.actor.language
    approval = approval_of(form, action)
    if approval is None:
        return ()
    terms = terms_of(form, action, work.process.version)
    try:
        facts = FactsReader(unit, work, action, approval, unit.actor.user).facts(None, ())
    except BudgetExceeded:
        return ()
    found = forecast(terms, facts, unit.actor.user, unit.now)
    if isinstance(found, ApprovalRefusal):
        return ()
    titles = {step.key: step.title.say(language) for step in terms.steps}
    return tuple(
        StepForeseen(titles[each.step], each.outcome, tuple(map(facts.name, each.users)), each.due) for each in found
    )


def _seen(unit: Unit, work: Work, permit: Permit, action: Action, state: ApprovalState) -> ApprovalSeen:
    form, course, language = work.process.form, state.course, unit.actor.language
    approval = approval_of(form, action)
    assert approval is not None
    terms = terms_of(form, action, work.process.version)
    facts = FactsReader(unit, work, action, approval, course.requester).facts(course, ())
    came = renewed(terms, course, unit.actor.user, facts, unit.now)
    course = came.course if came is not None else course
    steps = tuple(_steps(unit, terms, course, facts, form, action))
    owed = [duty for duty in duties(course) if duty.kind == "decide" and duty.user == unit.actor.user]
    yours = next((step for step in steps if owed and step.key == owed[0].step), None)
    moved = changed_since_their_approval(terms, course, unit.actor.user, facts, unit.now) if yours is not None else ()
    return ApprovalSeen(
        action=action.key,
        title=approval.title.say(language),
        status=course.status,
        round=course.round,
        requester=course.requester,
        requester_name=facts.name(course.requester),
        began_at=course.began_at,
        ended_at=course.ended_at,
        steps=steps,
        verbs=tuple(
            VerbSeen(each.verb, each.is_possible, each.sentence)
            for each in options(terms, course, unit.actor.user, facts, unit.now)
        ),
        your_step=yours,
        behalf=facts.name(owed[0].behalf) if owed and owed[0].behalf else "",
        changes=tuple(_changes(form, moved, permit, language)),
        why=why_asked(terms, course, facts, unit.actor.user),
        decide_on=approval.decide_on,
    )


def _changes(
    form: Form, moved: Collection[tuple[str, object, object]], permit: Permit, language: str
) -> Iterator[AgreedChange]:
    """Yield what changed of what the reader may see."""
    for key, before, now in moved:
        field = form.fields.get(key)
        if field is not None and permit.can_read((key,)):
            yield AgreedChange(field, field.title.say(language), before, now)


def _steps(
    unit: Unit, terms: ApprovalTerms, course: Course, facts: ApprovalFacts, form: Form, action: Action
) -> Iterator[StepSeen]:
    approval, language = approval_of(form, action), unit.actor.language
    assert approval is not None
    for step, around in approval.asked_steps():
        run = course.step(step.key) or StepCourse(step.key)
        if run.status == "waiting" and not run.is_parked and course.is_running:
            run = replace(run, seats=tuple(_coming(terms, course, facts, step.key)))
        yield StepSeen(
            key=step.key,
            title=step.title.say(language),
            group=around.title.say(language) if around is not None else "",
            status=_status(run, course, facts),
            need=step.need.written,
            said_yes=sum(seat.vote is not None and seat.vote.is_yes for seat in run.seats),
            opening=run.opening,
            opened_at=run.opened_at,
            closed_at=run.closed_at,
            due=run.due if run.asks else None,
            seats=tuple(_seat(unit, run, seat, facts) for seat in run.seats),
            questions=tuple(_questions(unit, run, facts)),
            is_short=run.is_short,
            held_by=facts.name(run.hold.by) if run.hold is not None else "",
        )


def _status(run: StepCourse, course: Course, facts: ApprovalFacts) -> str:
    """Return where a step stands; one that will be left out as things are is said to be skipped."""
    if run.status == "waiting" and course.is_running and not facts.answer(run.key).applies:
        return "skipped"
    return run.status


def _coming(terms: ApprovalTerms, course: Course, facts: ApprovalFacts, key: str) -> Iterator[ApprovalSeat]:
    """Yield whom a step would ask that waits for its turn."""
    for number, nominee in enumerate(facts.answer(key).nominees):
        if facts.can_act(nominee.user) and (terms.own or nominee.user != course.requester):
            yield ApprovalSeat(-number - 1, nominee.user, nominee.ground, nominee.weight)


def _seat(unit: Unit, run: StepCourse, seat: ApprovalSeat, facts: ApprovalFacts) -> SeatSeen:
    vote, you = seat.vote, unit.actor.user
    standing: SeatStanding = "free"
    if vote is not None:
        standing = "yes" if vote.is_yes else "no"
    elif run.may_vote(seat):
        standing = "asked"
    elif run.asks or run.status == "waiting":
        standing = "later"
    return SeatSeen(
        id=seat.id,
        user=seat.user,
        name=facts.name(vote.by if vote is not None and vote.by else seat.user),
        standing=standing,
        is_you=you == seat.user or (standing == "asked" and any(each.user == you for each in seat.deputies)),
        at=vote.at if vote is not None else None,
        comment=vote.comment if vote is not None else "",
        behalf=facts.name(vote.behalf) if vote is not None and vote.behalf else "",
        deputies=tuple(facts.name(each.user) for each in seat.deputies),
        is_added=seat.added_by is not None,
        weight=seat.weight,
    )


def _questions(unit: Unit, run: StepCourse, facts: ApprovalFacts) -> Iterator[QuestionSeen]:
    for each in run.questions:
        if not each.dropped:
            is_yours = each.is_open and each.to == unit.actor.user
            yield QuestionSeen(
                each.id, facts.name(each.by), facts.name(each.to), each.text, each.at, each.answer, is_yours
            )


def people_to_name(unit: Unit, stored: StoredRecord) -> tuple[tuple[str, str], ...]:
    """Return whom an approval may be handed to, (id, name) by name: the active people of the record's workspace and of
    those above it, but the actor.
    """
    rooms = unit.catalog.places.above(stored.workspace)
    people = people_in(unit.linked.reading, unit.actor.organisation, rooms)
    return tuple((each.id, each.name) for each in people if each.id != unit.actor.user)
