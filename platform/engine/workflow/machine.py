"""The machine of approvals: every verb is answered by the first row of the table that is the case.

`decide` carries an act out on a course and returns what comes of it, or why not; `options` and `explain_act` ask the
same rows without doing anything, so what a page offers and explains is what will be decided.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from blankett.engine.sentences import Sentence, sentence
from blankett.engine.workflow.act import (
    ApprovalAct,
    ApprovalOutcome,
    ApprovalRefusal,
    Duty,
    LogEntry,
    Verb,
)
from blankett.engine.workflow.approval_table import CASES_OF, REFUSES, ApprovalCase
from blankett.engine.workflow.course import Course, LastDecision, StepCourse
from blankett.engine.workflow.course_work import CourseWork
from blankett.engine.workflow.facts import ApprovalFacts
from blankett.engine.workflow.matter import Matter
from blankett.engine.workflow.operations import trial
from blankett.engine.workflow.patch import course_difference, patched_course
from blankett.engine.workflow.situations import SITUATIONS, moved_since
from blankett.engine.workflow.terms import ApprovalTerms

#: Verbs of people, in the order in which pages offer them.
OFFERED: Final[tuple[Verb, ...]] = (
    "approve",
    "return",
    "reject",
    "ask",
    "hold",
    "resume",
    "transfer",
    "delegate",
    "add_before",
    "add_beside",
    "add_after",
    "remove",
    "recall",
    "withdraw",
    "replace",
    "reopen",
    "comment",
)
#: Verbs after which the decision before can still be taken back.
LEAVE_LAST: Final = frozenset({"comment", "answer"})


def decide(
    terms: ApprovalTerms, course: Course | None, act: ApprovalAct, facts: ApprovalFacts, moment: datetime
) -> ApprovalOutcome | ApprovalRefusal:
    """Carry an act out and return what comes of it; or why it is not done, with nothing changed.

    *course* is None before the first request. *facts* are of the record as it will be. Reads and writes nothing.
    """
    matter = Matter(terms, course, act, facts, moment)
    case, params = find_case(matter)
    told = Sentence(case.sentence, params)
    if case.result == REFUSES:
        return ApprovalRefusal(case.id, told)
    return _outcome(matter, trial(matter, case.result), case, told)


def may_join(course: Course, actor: str) -> bool:
    """Tell whether *actor* owes nothing to an approval that still waits, and so may have to be asked by now."""
    return course.is_running and all(duty.user != actor for duty in duties(course))


def renewed(
    terms: ApprovalTerms, course: Course, actor: str, facts: ApprovalFacts, moment: datetime
) -> ApprovalOutcome | None:
    """Return the course with those asked who may decide by now, where that asks *actor*, who was not asked before."""
    if not may_join(course, actor):
        return None
    found = decide(terms, course, ApprovalAct("people_changed"), facts, moment)
    if isinstance(found, ApprovalRefusal) or not found.course.is_running:
        return None
    return found if any(duty.user == actor for duty in found.opened) else None


def find_case(matter: Matter) -> tuple[ApprovalCase, Mapping[str, object]]:
    """Return the row that answers an act, and the parameters of its sentence."""
    for case in CASES_OF[matter.act.verb]:
        if matter.kind in case.kinds:
            found = SITUATIONS[case.situation].find(matter)
            if found is not None:
                return case, _params(matter, found)
    raise LookupError(f"the table has no row for {matter.act.verb} of a step that counts {matter.kind}")


def _params(matter: Matter, found: Mapping[str, object]) -> Mapping[str, object]:
    return {"step": matter.step.title if matter.step is not None else "", **found}


def _outcome(matter: Matter, work: CourseWork, case: ApprovalCase, told: Sentence) -> ApprovalOutcome:
    course, act = work.course, matter.act
    if work.may_recall:
        undo = json.dumps(course_difference(course, matter.running), sort_keys=True)
        key = matter.run.key if matter.run is not None else ""
        course = replace(course, last=LastDecision(act.actor, matter.moment, key, act.verb, undo))
    elif act.verb not in LEAVE_LAST and course != matter.course:
        course = replace(course, last=None)
    runs_effects = work.transition == "completed" and not course.completed
    if course.status == "given":
        course = replace(course, completed=True)
    before = set(duties(matter.course)) if matter.course is not None else set()
    after = set(duties(course))
    return ApprovalOutcome(
        course=course,
        entry=LogEntry(
            verb=act.verb,
            actor=act.actor,
            at=matter.moment,
            row=case.id,
            round=course.round,
            step=matter.run.key if matter.run is not None else "",
            behalf=matter.behalf or "",
            comment=act.comment,
            happened=tuple(work.happened),
            patch=course_difference(matter.course, course),
        ),
        sentence=told,
        transition=work.transition,
        runs_effects=runs_effects,
        opened=tuple(sorted(after - before)),
        closed=tuple(sorted(before - after)),
        notices=tuple(work.notices),
    )


def replay(entries: Iterable[LogEntry]) -> Course | None:
    """Return the course that a log leads to; None for an empty one."""
    course = None
    for entry in entries:
        course = patched_course(course, entry.patch)
    return course


def duties(course: Course) -> tuple[Duty, ...]:
    """Return who owes what now: a decision, an answer, or a request to be made again."""
    found = []
    for run in course.open_steps() if course.is_running else ():
        for seat in run.seats:
            if run.may_vote(seat):
                found.append(Duty("decide", run.key, run.opening, seat.id, seat.user, due=run.due))
                found.extend(
                    Duty("decide", run.key, run.opening, seat.id, deputy.user, seat.user, run.due)
                    for deputy in seat.deputies
                )
        found.extend(Duty("answer", run.key, run.opening, each.id, each.to) for each in run.questions if each.is_open)
    if course.status == "returned":
        found.append(Duty("revise", "", course.round, 0, course.requester))
    return tuple(found)


@dataclass(frozen=True)
class ActOption:
    """A verb as a page offers it: possible, or with the sentence why not."""

    verb: Verb
    is_possible: bool
    #: The row of the table that answers, and what it says.
    row: str
    sentence: Sentence


def options(
    terms: ApprovalTerms, course: Course | None, actor: str, facts: ApprovalFacts, moment: datetime, step: str = ""
) -> tuple[ActOption, ...]:
    """Return every verb of people with whether *actor* may take it, or why not. What is typed is not looked at yet."""
    found = []
    for verb in OFFERED:
        matter = Matter(terms, course, ApprovalAct(verb, actor, step), facts, moment)
        case, params = explain_act(matter)
        found.append(ActOption(verb, case.result != REFUSES, case.id, Sentence(case.sentence, params)))
    return tuple(found)


def explain_act(matter: Matter) -> tuple[ApprovalCase, Mapping[str, object]]:
    """Return the row that would answer an act if what is typed and chosen in it were in order."""
    for case in CASES_OF[matter.act.verb]:
        if matter.kind not in case.kinds or (SITUATIONS[case.situation].is_typed and case.result == REFUSES):
            continue
        found = SITUATIONS[case.situation].find(matter)
        if found is not None:
            return case, _params(matter, found)
    raise LookupError(f"the table has no row for {matter.act.verb} of a step that counts {matter.kind}")


@dataclass(frozen=True)
class AskedReason:
    """Why a step asks somebody, or does not."""

    user: str
    step: str
    is_asked: bool
    sentence: Sentence


def why_asked(terms: ApprovalTerms, course: Course, facts: ApprovalFacts, user: str) -> tuple[AskedReason, ...]:
    """Return, for each step that is not over, why it asks *user* or why it does not."""
    return tuple(
        AskedReason(user, run.key, *_why(terms, course, run, facts, user))
        for run in course.steps
        if run.status in ("open", "held", "waiting")
    )


#: Why somebody is left out -> the sentence.
LEFT_OUT: Final = {
    "inactive": "approval.not_since_inactive",
    "blind": "approval.not_since_blind",
    "requester": "approval.not_since_requester",
    "lost": "approval.not_since_lost",
}


def _why(
    terms: ApprovalTerms, course: Course, run: StepCourse, facts: ApprovalFacts, user: str
) -> tuple[bool, Sentence]:
    step = terms.step(run.key)
    title = step.title if step is not None else run.key
    if run.status == "waiting":
        nominee = next((each for each in facts.answer(run.key).nominees if each.user == user), None)
        said = "approval.not_yet" if nominee is not None else "approval.not_named"
        return False, sentence(said, step=title)
    for seat in run.seats:
        if seat.user == user:
            return True, sentence(
                f"approval.since_{seat.ground.kind}", step=title, name=_ground_name(facts, seat.ground.name)
            )
        for deputy in seat.deputies:
            if deputy.user == user:
                return True, sentence(
                    f"approval.since_{deputy.kind}", step=title, who=facts.name(seat.user), until=deputy.until
                )
        if user in seat.former:
            return False, sentence("approval.not_since_transfer", step=title, who=facts.name(seat.user))
    why = dict(run.left_out).get(user)
    if why is not None:
        return False, sentence(LEFT_OUT[why], step=title, who=facts.name(user))
    return False, sentence("approval.not_named", step=title)


def _ground_name(facts: ApprovalFacts, name: str) -> str:
    return facts.name(name) if name in facts.people else name


@dataclass(frozen=True)
class ForecastStep:
    """What one step would ask if the request were sent now."""

    step: str
    #: asks: somebody · nobody: nobody could be found · skipped.
    outcome: str
    users: tuple[str, ...]
    reason: Sentence | None = None
    #: When it is due, of steps that are open at once.
    due: datetime | None = None


def forecast(
    terms: ApprovalTerms, facts: ApprovalFacts, requester: str, moment: datetime
) -> tuple[ForecastStep, ...] | ApprovalRefusal:
    """Return what each step would ask, in order, if *requester* sent the record as it is; or why it would be refused.

    It comes of the evaluation that will decide: of the request, and for later steps of what they would ask now.
    """
    asked = decide(terms, None, ApprovalAct("start", requester), facts, moment)
    if isinstance(asked, ApprovalRefusal):
        return asked
    found = []
    for step in terms.steps:
        work = CourseWork(Matter(terms, asked.course, ApprovalAct("start", requester), facts, moment))
        if asked.course.is_running and work.get_step(step.key).status == "waiting":
            work.open_step(step)
        run = work.get_step(step.key)
        if run.status == "skipped":
            found.append(ForecastStep(step.key, "skipped", (), facts.answer(step.key).reason))
        else:
            users = tuple(seat.user for seat in run.seats)
            first = asked.course.step(step.key)
            due = run.due if first is not None and first.asks else None
            found.append(ForecastStep(step.key, "nobody" if run.is_short else "asks", users, due=due))
    return tuple(found)


def waits_for_again(terms: ApprovalTerms, course: Course, facts: ApprovalFacts) -> Sentence | None:
    """Return why no action may lead a record on whose approval was opened again; None where none is."""
    if course.reopened != "later":
        return None
    if course.status == "rejected":
        return sentence("approval.again_rejected", who=facts.name(course.ended_by or ""))
    users = dict.fromkeys(duty.user for duty in duties(course) if duty.kind == "decide" and not duty.behalf)
    return sentence(
        "approval.waits_again", people=tuple(map(facts.name, users)) or sentence("approval.nobody"), title=terms.title
    )


def changed_since_their_approval(
    terms: ApprovalTerms, course: Course, actor: str, facts: ApprovalFacts, moment: datetime, step: str = ""
) -> tuple[tuple[str, object, object], ...]:
    """Return what changed since somebody who is asked again agreed, as (path, then, now)."""
    matter = Matter(terms, course, ApprovalAct("approve", actor, step), facts, moment)
    return moved_since(matter, matter.seat) if matter.seat is not None else ()


@dataclass(frozen=True)
class BulkItem:
    """One task of several that are decided at once."""

    terms: ApprovalTerms
    course: Course | None
    act: ApprovalAct
    facts: ApprovalFacts


def decide_each(items: Iterable[BulkItem], moment: datetime) -> tuple[ApprovalOutcome | ApprovalRefusal, ...]:
    """Return the result of each of several decisions; one that is refused keeps none of the others from being done."""
    return tuple(decide(item.terms, item.course, replace(item.act, bulk=True), item.facts, moment) for item in items)
