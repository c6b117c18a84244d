"""What the verbs do to a course: one function for each result of the table."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final, Literal

from blankett.engine.sentences import sentence
from blankett.engine.workflow.course import (
    ApprovalQuestion,
    ApprovalSeat,
    Course,
    Deputy,
    LastDecision,
    SeatGround,
    StepCourse,
    StepHold,
    Vote,
)
from blankett.engine.workflow.course_work import CourseWork
from blankett.engine.workflow.facts import MACHINE
from blankett.engine.workflow.matter import Matter
from blankett.engine.workflow.patch import patched_course
from blankett.engine.workflow.tally import count_votes
from blankett.engine.workflow.terms import StepTerms

Operation = Callable[[Matter, CourseWork], None]


def the_step(matter: Matter) -> StepTerms:
    """Return the step an act is about; the table has refused where there is none."""
    if matter.step is None:
        raise LookupError("the act is about no step")
    return matter.step


def the_run(matter: Matter) -> StepCourse:
    """Return how far that step is."""
    if matter.run is None:
        raise LookupError("the act is about no step")
    return matter.run


def the_seat(matter: Matter) -> ApprovalSeat:
    """Return the seat an act is about."""
    if matter.named_seat is None:
        raise LookupError("the act is about no seat")
    return matter.named_seat


# The request


def begin_course(matter: Matter, work: CourseWork) -> None:
    """Begin the approval; nothing was asked before, or what was is over and done with."""
    former = matter.course
    work.begin(
        Course(
            approval=matter.terms.key,
            version=matter.terms.version,
            requester=matter.actor,
            began_at=matter.moment,
            round=former.round + 1 if former is not None else 1,
            steps=tuple(_waits(step, former) for step in matter.terms.steps),
            serial=former.serial if former is not None else 0,
            values=matter.facts.values_of(matter.terms.all_covered()),
            # What ran when it was given, and was not undone when it was then rejected, does not run again.
            completed=former is not None and former.completed and former.status != "given",
        )
    )
    work.transition = "requested"
    _go_on(work)


def go_straight_back(matter: Matter, work: CourseWork) -> None:
    """Go on where it was returned. What was given before holds, as far as it was given for what stands there now."""
    former = matter.running
    back_to = former.back_to
    work.begin(
        replace(
            former,
            version=matter.terms.version,
            requester=matter.actor,
            began_at=matter.moment,
            round=former.round + 1,
            status="running",
            back_to="",
            values=matter.facts.values_of(matter.terms.all_covered()),
            steps=_steps_of_terms(matter, former),
            ended_by=None,
            ended_at=None,
        )
    )
    for step in matter.terms.steps:
        run = work.get_step(step.key)
        if step.key == back_to or not run.is_settled or is_concerned(matter, step, run):
            work.reset_step(step.key)
    work.transition = "requested"
    _go_on(work)


def _waits(step: StepTerms, former: Course | None) -> StepCourse:
    """Return a step that waits; whom it had asked is remembered with what they decided."""
    known = former.step(step.key) if former is not None else None
    return StepCourse(step.key, seats=known.seats if known is not None else ())


def _go_on(work: CourseWork) -> None:
    """Open what is next. A record that was requested and at once given is completed."""
    requested = work.transition
    work.advance()
    if work.transition is None:
        work.transition = requested


# Decisions


def vote_yes(matter: Matter, work: CourseWork) -> None:
    """Agree."""
    _vote(matter, work, is_yes=True)


def vote_no(matter: Matter, work: CourseWork) -> None:
    """Say no; the step is rejected as soon as the others cannot be enough."""
    _vote(matter, work, is_yes=False)


def _vote(matter: Matter, work: CourseWork, *, is_yes: bool) -> None:
    step, seat = the_step(matter), the_seat(matter)
    behalf = seat.user if seat.user != matter.actor else None
    vote = Vote(
        is_yes,
        matter.actor,
        matter.moment,
        behalf=behalf,
        comment=matter.act.comment,
        signature=matter.act.signature,
        values=matter.facts.values_of(matter.terms.covered_by(step)),
    )
    work.put_seat(step.key, seat.id, vote=vote)
    work.note("yes" if is_yes else "no", step.key, matter.actor)
    if behalf:
        work.tell(
            (behalf,), sentence("approval.told_decided_for_you", who=matter.facts.name(matter.actor), step=step.title)
        )
    work.may_recall = True
    work.settle(step)
    if work.course.status == "rejected":
        work.tell(
            (work.course.requester,), sentence("approval.told_rejected", step=step.title, comment=matter.act.comment)
        )


def return_to_start(matter: Matter, work: CourseWork) -> None:
    """Return it to whoever asked."""
    step = the_step(matter)
    work.close_step(step.key, "returned")
    work.end("returned", "returned")
    work.put(back_to=step.key if matter.act.then == "straight" else "")
    work.tell((work.course.requester,), sentence("approval.told_returned", step=step.title, comment=matter.act.comment))
    work.may_recall = not matter.by_machine


def return_to_step(matter: Matter, work: CourseWork) -> None:
    """Return it to an earlier step; those between are asked again, or keep what they gave."""
    step, target = the_step(matter), matter.terms.position(matter.act.to)
    work.note("returned", step.key, matter.actor)
    for each in matter.terms.steps:
        at = matter.terms.position(each.key)
        run = work.get_step(each.key)
        between = target < at and run.is_settled
        if each.key in (matter.act.to, step.key) or run.asks or (between and matter.act.then == "rerun"):
            work.reset_step(each.key)
    deciders = [seat.vote.by for seat in the_run_of(matter, matter.act.to).seats if seat.vote is not None]
    work.tell(deciders, sentence("approval.told_step_returned", step=step.title, comment=matter.act.comment))
    work.may_recall = True
    work.advance()


def the_run_of(matter: Matter, key: str) -> StepCourse:
    """Return how far a step is that the table has found to be there."""
    run = matter.running.step(key)
    if run is None:
        raise LookupError(f"the course has no step {key}")
    return run


# Who decides


def transfer(matter: Matter, work: CourseWork) -> None:
    """Let somebody else decide in place of the holder, who decides no more."""
    step, seat, to = the_step(matter), the_seat(matter), matter.only_name()
    _give_seat(work, step.key, seat, to, SeatGround("transferred", matter.actor))
    work.note("transferred", step.key, to)
    others = (each.user for each in the_run(matter).seats if each.id != seat.id)
    told = sentence(
        "approval.told_transferred", who=matter.facts.name(matter.actor), to=matter.facts.name(to), step=step.title
    )
    work.tell((work.course.requester, seat.user, *others), told)
    work.name_substitutes(step.key)


def _give_seat(work: CourseWork, step: str, seat: ApprovalSeat, to: str, ground: SeatGround) -> None:
    work.put_seat(step, seat.id, user=to, ground=ground, former=(*seat.former, seat.user), deputies=())


def delegate(matter: Matter, work: CourseWork) -> None:
    """Let somebody decide beside the holder, until a day; one of the two decides."""
    step, seat, to = the_step(matter), the_seat(matter), matter.only_name()
    work.put_seat(step.key, seat.id, deputies=(*seat.deputies, Deputy(to, "delegate", matter.act.until)))
    work.note("delegated", step.key, to)


def add_before(matter: Matter, work: CourseWork) -> None:
    """Let somebody decide before the actor does."""
    _add(matter, work, "before")


def add_beside(matter: Matter, work: CourseWork) -> None:
    """Let somebody decide beside the actor."""
    _add(matter, work, "beside")


def add_after(matter: Matter, work: CourseWork) -> None:
    """Let somebody decide after the actor has."""
    _add(matter, work, "after")


def _add(matter: Matter, work: CourseWork, placed: Literal["before", "beside", "after"]) -> None:
    step, own = the_step(matter), the_seat(matter)
    added = []
    for user in matter.act.users:
        id = work.number()
        waits_for = {"before": own.waits_for, "beside": own.waits_for, "after": (own.id,)}[placed]
        added.append(
            ApprovalSeat(
                id,
                user,
                SeatGround("added", matter.actor, matter.act.comment),
                added_by=own.user,
                placed=placed,
                waits_for=waits_for,
            )
        )
        work.note("added", step.key, user)
    work.put_step(step.key, seats=(*work.get_step(step.key).seats, *added))
    if placed == "before":
        work.put_seat(step.key, own.id, waits_for=(*own.waits_for, *(seat.id for seat in added)))
    work.name_substitutes(step.key)


def remove(matter: Matter, work: CourseWork) -> None:
    """Take out somebody who was added; who waited for them waits no more."""
    step, seat = the_step(matter), the_seat(matter)
    work.note("removed", step.key, seat.user)
    _drop_seats(work, step.key, {seat.id})
    work.tell((seat.user,), sentence("approval.told_removed", step=step.title, who=matter.facts.name(matter.actor)))
    work.settle(step)


def _drop_seats(work: CourseWork, key: str, ids: set[int]) -> None:
    run = work.get_step(key)
    gone = {seat.id: seat.waits_for for seat in run.seats if seat.id in ids}
    kept = []
    for seat in run.seats:
        if seat.id in gone:
            continue
        waits_for = tuple(dict.fromkeys(id for each in seat.waits_for for id in gone.get(each, (each,))))
        kept.append(replace(seat, waits_for=tuple(id for id in waits_for if id not in gone)))
    work.put_step(key, seats=tuple(kept))


def replace_holders(matter: Matter, work: CourseWork) -> None:
    """Name who decides a step in place of those who have not; what was decided stays."""
    step, run = the_step(matter), the_run(matter)
    named = matter.act.users
    dropped = {seat.id for seat in run.seats if seat.vote is None and seat.user not in named}
    _drop_seats(work, step.key, dropped)
    there = {seat.user for seat in work.get_step(step.key).seats}
    new = tuple(
        ApprovalSeat(work.number(), user, SeatGround("named", matter.actor)) for user in named if user not in there
    )
    work.put_step(step.key, seats=(*work.get_step(step.key).seats, *new))
    for user in named:
        work.note("named", step.key, user)
    work.tell(
        (seat.user for seat in run.seats if seat.id in dropped),
        sentence("approval.told_replaced", step=step.title, who=matter.facts.name(matter.actor)),
    )
    work.name_substitutes(step.key)
    work.settle(step)


def hand_over(matter: Matter, work: CourseWork) -> None:
    """Give all that somebody owes to another: seats, questions, the request itself."""
    leaver, heir = matter.act.users
    if work.course.requester == leaver:
        work.put(requester=heir)
        work.note("requester", "", heir)
    for run in work.course.open_steps():
        for seat in run.seats:
            if seat.user == leaver and seat.vote is None:
                _inherit(matter, work, run.key, seat, heir)
        deputies = {
            seat.id: tuple(each for each in seat.deputies if each.user != leaver)
            for seat in work.get_step(run.key).seats
        }
        for id, kept in deputies.items():
            work.put_seat(run.key, id, deputies=kept)
        questions = tuple(
            replace(each, to=heir) if each.to == leaver and each.is_open and each.by != heir else each
            for each in work.get_step(run.key).questions
        )
        work.put_step(run.key, questions=questions)
    _settle_open(matter, work)


def _inherit(matter: Matter, work: CourseWork, key: str, seat: ApprovalSeat, heir: str) -> None:
    """Give a seat to who takes over; where they may not decide, or decide already, it is dropped."""
    run = work.get_step(key)
    is_barred = heir == work.course.requester and not matter.terms.own
    if is_barred or any(each.user == heir for each in run.seats):
        _drop_seats(work, key, {seat.id})
        work.note("removed", key, seat.user)
    else:
        _give_seat(work, key, seat, heir, SeatGround("inherited", seat.user))
        work.note("transferred", key, heir)


def _settle_open(matter: Matter, work: CourseWork) -> None:
    """Weigh every open step anew."""
    for step in matter.terms.steps:
        if work.course.is_running and work.get_step(step.key).asks:
            work.name_substitutes(step.key)
            work.settle(step)


def renew_people(matter: Matter, work: CourseWork) -> None:
    """Ask no more those who are gone or lost the role they were asked for, and who came where it has too few."""
    _renew(matter, work, settles=True)


def renew_people_only(matter: Matter, work: CourseWork) -> None:
    """Do the same, and leave the last step open: its action would be refused."""
    _renew(matter, work, settles=False)


def _renew(matter: Matter, work: CourseWork, *, settles: bool) -> None:
    for run in matter.running.open_steps():
        lost = {seat.id for seat in run.seats if seat.vote is None and has_lost(matter, run, seat)}
        for seat in run.seats:
            if seat.id in lost:
                work.note("removed", run.key, seat.user)
        _drop_seats(work, run.key, lost)
        left_out = (*run.left_out, *((seat.user, "lost") for seat in run.seats if seat.id in lost))
        work.put_step(run.key, left_out=tuple(dict.fromkeys(left_out)))
        _join(matter, work, run.key)
        work.put_step(run.key, questions=tuple(_dropped_if_gone(matter, work, each) for each in run.questions))
        work.name_substitutes(run.key)
    if settles:
        _settle_open(matter, work)


def _dropped_if_gone(matter: Matter, work: CourseWork, question: ApprovalQuestion) -> ApprovalQuestion:
    if not question.is_open or matter.facts.can_act(question.to):
        return question
    work.tell((question.by,), sentence("approval.told_question_gone", who=matter.facts.name(question.to)))
    return replace(question, dropped=True)


def _join(matter: Matter, work: CourseWork, key: str) -> None:
    """Ask who came since a step opened: where the first decides, or where it has too few."""
    step, run = matter.terms.step(key), work.get_step(key)
    if step is None or not (step.quorum.kind == "any" or run.is_short or not run.seats):
        return
    if any(seat.ground.kind == "named" for seat in run.seats) and not run.is_short:
        return  # somebody said who decides it
    there = {seat.user for seat in run.seats} | {former for seat in run.seats for former in seat.former}
    new = []
    for nominee in matter.facts.answer(key).nominees:
        barred = nominee.user == matter.running.requester and not matter.terms.own
        if nominee.user not in there and not barred and matter.facts.can_act(nominee.user):
            there.add(nominee.user)
            new.append(ApprovalSeat(work.number(), nominee.user, nominee.ground, nominee.weight))
            work.note("joined", key, nominee.user)
    work.put_step(key, seats=(*run.seats, *new))


def has_lost(matter: Matter, run: StepCourse, seat: ApprovalSeat) -> bool:
    """Tell whether the holder of a seat may not decide any more: gone, blind, or without the role or post."""
    if not matter.facts.can_act(seat.user):
        return True
    if seat.ground.kind not in ("role", "head") or run.key not in matter.facts.answers:
        return False
    return all(nominee.user != seat.user for nominee in matter.facts.answer(run.key).nominees)


# What waits


def withdraw(matter: Matter, work: CourseWork) -> None:
    """Take the request back; nobody decides any more."""
    asked = [seat.user for run in work.course.open_steps() for seat in run.seats]
    decided = [
        seat.vote.by for run in work.course.steps for seat in run.seats if seat.vote is not None and seat.vote.by
    ]
    who = matter.facts.name(matter.actor) if matter.actor else sentence("approval.by_itself")
    work.end("withdrawn", "withdrawn")
    work.tell(
        (work.course.requester, *asked, *decided),
        sentence("approval.told_withdrawn", who=who, comment=matter.act.comment),
    )


def hold(matter: Matter, work: CourseWork) -> None:
    """Put the step aside; its clock stands."""
    step = the_step(matter)
    held = StepHold(matter.actor, matter.moment, matter.act.until, matter.act.comment)
    work.put_step(step.key, status="held", hold=held)
    work.note("held", step.key, matter.actor)
    others = (seat.user for seat in the_run(matter).seats)
    work.tell(
        (work.course.requester, *others),
        sentence(
            "approval.told_held", who=matter.facts.name(matter.actor), step=step.title, comment=matter.act.comment
        ),
    )


def resume(matter: Matter, work: CourseWork) -> None:
    """Take the step up again; its clock goes on."""
    step = the_step(matter)
    work.put_step(step.key, status="open", hold=None, due=matter.facts.answer(step.key).due)
    work.note("resumed", step.key, matter.actor)
    work.name_substitutes(step.key)


def recall(matter: Matter, work: CourseWork) -> None:
    """Take the last decision back: everything is as it was before it."""
    last = matter.running.last
    if last is None:
        raise LookupError("there is nothing to take back")
    before = patched_course(matter.running, read_patch(last))
    ended = not matter.running.is_running
    work.begin(
        replace(
            before,
            serial=matter.running.serial,
            completed=matter.running.completed,
            reopened="to" if matter.running.status == "given" else before.reopened,
            last=None,
        )
    )
    work.note("recalled", last.step, matter.actor)
    if ended:
        work.transition = "reopened"


def read_patch(last: LastDecision) -> Mapping[str, object]:
    """Return the patch that takes a decision back."""
    found: Mapping[str, object] = json.loads(last.undo)
    return found


def do_nothing(matter: Matter, work: CourseWork) -> None:
    """Change nothing: what was said stands in the history."""
    if matter.act.verb == "comment":
        work.note("said", matter.act.step, matter.actor)


def ask(matter: Matter, work: CourseWork) -> None:
    """Ask somebody; the clock stands until the answer where that is wanted."""
    step, run, to = the_step(matter), the_run(matter), matter.only_name()
    question = ApprovalQuestion(
        work.number(), matter.actor, to, matter.act.comment, matter.moment, waits=matter.act.waits
    )
    work.put_step(step.key, questions=(*run.questions, question))
    work.note("asked", step.key, to)


def answer(matter: Matter, work: CourseWork) -> None:
    """Answer a question; the clock goes on where no other keeps it."""
    step, run = the_step(matter), the_run(matter)
    question = next(each for each in run.questions if each.id == matter.act.question)
    given = replace(question, answer=matter.act.comment, answered_at=matter.moment)
    after = work.put_step(step.key, questions=tuple(given if each is question else each for each in run.questions))
    if run.clock_stands and not after.clock_stands:
        work.put_step(step.key, due=matter.facts.answer(step.key).due)
    work.note("answered", step.key, matter.actor)
    work.tell(
        (question.by,),
        sentence("approval.told_answered", who=matter.facts.name(matter.actor), answer=matter.act.comment),
    )


# Time


def remind(matter: Matter, work: CourseWork) -> None:
    """Remind those whose decision is wanted."""
    step, run = the_step(matter), the_run(matter)
    wanted = [seat for seat in run.seats if run.may_vote(seat)]
    users = [user for seat in wanted for user in (seat.user, *(deputy.user for deputy in seat.deputies))]
    for user in users:
        work.note("reminded", step.key, user)
    work.tell(users or (None,), sentence("approval.told_reminded", step=step.title))


def escalate(matter: Matter, work: CourseWork) -> None:
    """Let whoever stands above those who have not decided do so in their place."""
    step, run = the_step(matter), the_run(matter)
    for seat in run.seats:
        superior = superior_of(matter, run, seat)
        if superior is not None:
            work.put_seat(step.key, seat.id, deputies=(*seat.deputies, Deputy(superior, "superior")))
            work.note("escalated", step.key, superior)
            work.tell(
                (seat.user,), sentence("approval.told_escalated", step=step.title, who=matter.facts.name(superior))
            )
    work.tell((work.course.requester,), sentence("approval.told_late", step=step.title))


def superior_of(matter: Matter, run: StepCourse, seat: ApprovalSeat) -> str | None:
    """Return who decides in place of a holder who is late: the first above them who may and is not asked yet."""
    if not run.may_vote(seat):
        return None
    taken = {each.user for each in run.seats} | {deputy.user for each in run.seats for deputy in each.deputies}
    superiors = [deputy.user for deputy in seat.deputies if deputy.kind == "superior"]
    seen, user = set[str](), superiors[-1] if superiors else seat.user
    while user not in seen and user in matter.facts.people:
        seen.add(user)
        above = matter.facts.people[user].superior
        if above is None:
            return None
        barred = above == matter.running.requester and not matter.terms.own
        if above not in taken and not barred and matter.facts.can_act(above):
            return above
        user = above
    return None


def tell_nobody_above(matter: Matter, work: CourseWork) -> None:
    """Tell those who manage approvals that a step is late and nobody stands above its holders."""
    step = the_step(matter)
    work.note("late", step.key)
    work.tell((None, work.course.requester), sentence("approval.told_late", step=step.title))


def approve_for_time(matter: Matter, work: CourseWork) -> None:
    """Take silence for a yes."""
    step, run = the_step(matter), the_run(matter)
    values = matter.facts.values_of(matter.terms.covered_by(step))
    for seat in run.seats:
        if seat.vote is None:
            vote = Vote(True, MACHINE, matter.moment, values=values, how="timer")
            work.put_seat(step.key, seat.id, vote=vote)
    work.note("time_yes", step.key)
    work.tell(
        (seat.user for seat in run.seats if seat.vote is None), sentence("approval.told_time_yes", step=step.title)
    )
    work.settle(step)


def reject_for_time(matter: Matter, work: CourseWork) -> None:
    """Take silence for a no."""
    step = the_step(matter)
    work.note("time_no", step.key)
    work.close_step(step.key, "rejected")
    work.end("rejected", "rejected")
    work.tell((work.course.requester,), sentence("approval.told_time_no", step=step.title))


# What was agreed to, and what is now


def is_concerned(matter: Matter, step: StepTerms, run: StepCourse) -> bool:
    """Tell whether a step must be asked again: it was given for other values, or asks somebody else now."""
    answer = matter.facts.answer(step.key)
    if not answer.applies:
        return False
    if run.status == "skipped" and run.skipped != "repeat":
        return True
    return answer.grounds != run.grounds or bool(changed_since(matter, step, run.seats))


def changed_since(matter: Matter, step: StepTerms, seats: Iterable[ApprovalSeat]) -> tuple[str, ...]:
    """Return the covered paths whose value is another than some decision of *seats* was about."""
    now = dict(matter.facts.values_of(matter.terms.covered_by(step)))
    votes = [dict(seat.vote.values) for seat in seats if seat.vote is not None]
    return tuple(path for path in now if any(repr(vote.get(path)) != repr(now[path]) for vote in votes))


def changed_paths(matter: Matter) -> tuple[str, ...]:
    """Return the covered paths whose value was changed in the record since it was last looked at."""
    before, now = dict(matter.running.values), matter.facts.values_of(matter.terms.all_covered())
    return tuple(path for path, value in now if repr(before.get(path)) != repr(value))


def note_values(matter: Matter, work: CourseWork) -> None:
    """Remember the values as they are; nobody is asked again."""
    work.put(values=matter.facts.values_of(matter.terms.all_covered()))


def agree_to_own_doing(matter: Matter, work: CourseWork) -> None:
    """Take what the action itself did for agreed to by all who agreed to the action."""
    changed, now = changed_paths(matter), matter.facts.values
    note_values(matter, work)
    for run in work.course.steps:
        for seat in run.seats:
            if seat.vote is not None:
                values = tuple((path, now.get(path) if path in changed else kept) for path, kept in seat.vote.values)
                work.put_seat(run.key, seat.id, vote=replace(seat.vote, values=values))
        if run.status == "given":
            work.put_step(run.key, grounds=matter.facts.answer(run.key).grounds)


def ask_again(matter: Matter, work: CourseWork) -> None:
    """Ask those again whose steps a change concerns; open steps that apply no more are skipped."""
    _ask_again(matter, work, skips=True)


def ask_again_only(matter: Matter, work: CourseWork) -> None:
    """Do the same, and leave open what applies no more: without it the action would be refused."""
    _ask_again(matter, work, skips=False)


def _ask_again(matter: Matter, work: CourseWork, *, skips: bool) -> None:
    note_values(matter, work)
    was_running = work.course.is_running
    for step in matter.terms.steps:
        run = work.get_step(step.key)
        settled_or_asking = run.asks or run.is_parked or run.is_settled or run.status in ("rejected", "withdrawn")
        if settled_or_asking and is_concerned(matter, step, run):
            deciders = [seat.vote.by for seat in run.seats if seat.vote is not None and seat.vote.by]
            work.reset_step(step.key)
            work.note("reopened", step.key)
            work.tell(deciders, sentence("approval.told_asked_again", step=step.title))
        elif run.asks and skips and not matter.facts.answer(step.key).applies:
            work.reset_step(step.key)
    if not was_running:
        _run_again(matter, work)
    work.advance()
    if not was_running:
        _come_back(work)


def _come_back(work: CourseWork) -> None:
    """Let the record come back into the approval, unless nobody is asked: then it stays where it is."""
    work.transition = "reopened" if work.course.is_running and work.course.reopened == "to" else None


def _run_again(matter: Matter, work: CourseWork) -> None:
    """Let a course that was over go on, from where its record stands."""
    later = matter.facts.place == "later" or work.course.reopened == "later"
    work.put(
        status="running",
        round=work.course.round + 1,
        reopened="later" if later else "to",
        ended_by=None,
        ended_at=None,
        back_to="",
    )
    for run in work.course.steps:
        if run.status in ("rejected", "returned", "withdrawn"):
            work.reset_step(run.key)


def reopen(matter: Matter, work: CourseWork) -> None:
    """Open an approval that is over again, from a step on."""
    start = matter.terms.position(matter.act.to) if matter.act.to else 0
    for step in matter.terms.steps:
        if matter.terms.position(step.key) >= start:
            work.reset_step(step.key)
    _run_again(matter, work)
    work.note("reopened", matter.act.to, matter.actor)
    work.advance()
    _come_back(work)


def migrate(matter: Matter, work: CourseWork) -> None:
    """Go on by another version's steps: what was given for the same question holds; the rest is asked."""
    former = matter.running
    work.put(version=matter.terms.version, steps=_steps_of_terms(matter, former))
    note_values(matter, work)
    work.note("migrated")
    for step in matter.terms.steps:
        run = work.get_step(step.key)
        if not former.is_running:
            if run.status == "waiting":
                work.put_step(step.key, status="skipped", skipped="version")
        elif (run.asks and not matter.facts.answer(step.key).applies) or (
            run.status != "waiting" and is_concerned(matter, step, run)
        ):
            work.reset_step(step.key)
        elif not _holds(step, run):
            work.reset_step(step.key)
            work.put_step(step.key, is_parked=count_votes(step.quorum, run.seats).verdict != "rejected")
    if former.is_running:
        work.advance()


def _holds(step: StepTerms, run: StepCourse) -> bool:
    """Tell whether a step is as its decisions say by these terms: given, or open."""
    verdict = count_votes(step.quorum, run.seats).verdict
    if run.status == "given":
        return verdict == "given"
    return not run.asks or verdict == ("short" if run.is_short else "open")


def _steps_of_terms(matter: Matter, former: Course) -> tuple[StepCourse, ...]:
    """Return the steps that the terms have, each as far as it was under its key of then."""
    found = []
    for step in matter.terms.steps:
        run = former.step(step.key) or former.step(matter.terms.was.get(step.key, ""))
        found.append(replace(run, key=step.key) if run is not None else StepCourse(step.key))
    return tuple(found)


#: Results of the table -> what is done.
OPERATIONS: Final[Mapping[str, Operation]] = MappingProxyType(
    {
        operation.__name__: operation
        for operation in (
            begin_course,
            go_straight_back,
            vote_yes,
            vote_no,
            return_to_start,
            return_to_step,
            transfer,
            delegate,
            add_before,
            add_beside,
            add_after,
            remove,
            replace_holders,
            hand_over,
            renew_people,
            renew_people_only,
            withdraw,
            hold,
            resume,
            recall,
            do_nothing,
            ask,
            answer,
            remind,
            escalate,
            tell_nobody_above,
            approve_for_time,
            reject_for_time,
            note_values,
            agree_to_own_doing,
            ask_again,
            ask_again_only,
            reopen,
            migrate,
        )
    }
)


def trial(matter: Matter, name: str) -> CourseWork:
    """Return what an operation would do, worked out once for an act. Nothing is done by that."""
    if name not in matter.tried:
        work = CourseWork(matter)
        OPERATIONS[name](matter, work)
        matter.tried[name] = work
    found: CourseWork = matter.tried[name]
    return found
