"""The situations of the table: what can be the case when somebody acts. Each gives the parameters of its sentence.

The docstring of each is what the documentation says of it. One that depends on what is typed or chosen in the act is
passed over where a page asks what somebody may do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from blankett.engine.sentences import Sentence, sentence
from blankett.engine.workflow.course import ApprovalQuestion, ApprovalSeat, StepCourse
from blankett.engine.workflow.course_work import CourseWork
from blankett.engine.workflow.facts import MACHINE
from blankett.engine.workflow.matter import Matter
from blankett.engine.workflow.operations import (
    changed_paths,
    has_lost,
    is_concerned,
    superior_of,
    trial,
)
from blankett.engine.workflow.tally import count_votes

#: The parameters of the sentence where it is the case; None where it is not.
Found = Mapping[str, object] | None
YES: Final[Mapping[str, object]] = {}


@dataclass(frozen=True)
class ActSituation:
    """Something that can be the case."""

    name: str
    #: In English, for the documentation.
    help: str
    find: Callable[[Matter], Found]
    #: Whether it depends on what is typed or chosen.
    is_typed: bool


SITUATIONS: Final[dict[str, ActSituation]] = {}


def situation(*, typed: bool = False) -> Callable[[Callable[[Matter], Found]], Callable[[Matter], Found]]:
    """Register a situation under the name of its function; *typed* where it depends on what is typed or chosen."""

    def register(find: Callable[[Matter], Found]) -> Callable[[Matter], Found]:
        name = find.__name__
        if name in SITUATIONS:
            raise ValueError(f"situation {name} is there twice")
        SITUATIONS[name] = ActSituation(name, (find.__doc__ or "").removesuffix("."), find, typed)
        return find

    return register


def _when(holds: bool, /, **params: object) -> Found:
    return params if holds else None


def _names(matter: Matter, users: Iterable[str]) -> object:
    """Return people in a sentence, each once."""
    return tuple(_name(matter, user) for user in dict.fromkeys(users)) or sentence("approval.nobody")


def _titles(matter: Matter, paths: Iterable[str]) -> tuple[object, ...]:
    """Return what values are called in a sentence."""
    return tuple(matter.facts.titles.get(path, path) for path in paths)


def _name(matter: Matter, user: str | None) -> str | Sentence:
    """Return what a person is called in a sentence."""
    return matter.facts.name(user) if user else sentence("approval.by_itself")


# The course


@situation()
def always(matter: Matter) -> Found:
    """Otherwise."""
    return YES


@situation()
def no_course(matter: Matter) -> Found:
    """No approval was asked for."""
    return _when(matter.course is None)


@situation()
def is_running(matter: Matter) -> Found:
    """The approval is running."""
    if matter.course is None or not matter.course.is_running:
        return None
    return {"people": _names(matter, _wanted(matter))}


def _wanted(matter: Matter) -> list[str]:
    """Return whose decision is wanted now."""
    return [seat.user for run in matter.running.open_steps() for seat in run.seats if run.may_vote(seat)]


def _over(matter: Matter, status: str) -> Found:
    course = matter.course
    if course is None or course.status != status:
        return None
    return {"who": _name(matter, course.ended_by), "at": course.ended_at}


@situation()
def over_given(matter: Matter) -> Found:
    """The approval was given."""
    return _over(matter, "given")


@situation()
def over_rejected(matter: Matter) -> Found:
    """The approval was rejected."""
    return _over(matter, "rejected")


@situation()
def over_returned(matter: Matter) -> Found:
    """It was returned to whoever asked, and not requested again."""
    return _over(matter, "returned")


@situation()
def over_withdrawn(matter: Matter) -> Found:
    """The request was withdrawn."""
    return _over(matter, "withdrawn")


@situation()
def comes_back(matter: Matter) -> Found:
    """It was returned, to go straight back to who returned it."""
    course = matter.course
    if course is None or course.status != "returned" or not course.back_to:
        return None
    step = matter.terms.step(course.back_to)
    return _when(step is not None, step=step.title if step is not None else "")


@situation()
def not_requester(matter: Matter) -> Found:
    """Who acts neither asked for the approval nor manages it."""
    is_theirs = matter.actor == matter.running.requester or matter.facts.manages(matter.actor)
    return _when(not is_theirs and not matter.by_machine, who=_name(matter, matter.running.requester))


@situation()
def not_manager(matter: Matter) -> Found:
    """Who acts does not manage approvals here."""
    return _when(not matter.by_machine and not matter.facts.manages(matter.actor))


@situation()
def was_given_before(matter: Matter) -> Found:
    """It was given before, and opened again because what was agreed to changed; a person would withdraw it."""
    return _when(bool(matter.running.reopened) and not matter.by_machine, people=_names(matter, _wanted(matter)))


# Who acts


@situation()
def actor_gone(matter: Matter) -> Found:
    """The account of who acts is closed."""
    person = matter.facts.people.get(matter.actor)
    return _when(not matter.by_machine and (person is None or not person.active))


@situation()
def actor_blind(matter: Matter) -> Found:
    """Who acts may not see the record any more."""
    return _when(not matter.by_machine and not matter.facts.can_act(matter.actor))


@situation()
def decided_for_you(matter: Matter) -> Found:
    """Somebody has decided in the actor's place."""
    for run, seat in _seats_of_actor(matter):
        if seat.vote is not None and seat.user == matter.actor and seat.vote.by not in (matter.actor, MACHINE):
            return _when(not _wants_actor(matter, run), who=_name(matter, seat.vote.by), at=seat.vote.at)
    return None


@situation()
def owner_decided(matter: Matter) -> Found:
    """Those in whose place the actor may decide did so themselves."""
    for run, seat in _seats_of_actor(matter):
        if seat.vote is not None and seat.user != matter.actor and seat.vote.by != matter.actor:
            return _when(not _wants_actor(matter, run), who=_name(matter, seat.vote.by), at=seat.vote.at)
    return None


def _seats_of_actor(matter: Matter) -> list[tuple[StepCourse, ApprovalSeat]]:
    run = matter.run
    return [(run, seat) for seat in matter.seats_of(run, matter.actor)] if run is not None else []


def _wants_actor(matter: Matter, run: StepCourse) -> bool:
    return any(run.may_vote(seat) for seat in matter.seats_of(run, matter.actor))


@situation()
def was_transferred(matter: Matter) -> Found:
    """The actor's part was transferred to somebody else."""
    if matter.run is None or matter.seats_of(matter.run, matter.actor):
        return None
    to = next((seat.user for seat in matter.run.seats if matter.actor in seat.former), None)
    return _when(to is not None, to=_name(matter, to))


@situation()
def deputy_over(matter: Matter) -> Found:
    """The days are over in which the actor may decide for somebody."""
    if matter.run is None or matter.seats_of(matter.run, matter.actor):
        return None
    for seat in matter.run.seats:
        for deputy in seat.deputies:
            if deputy.user == matter.actor:
                return {"who": _name(matter, seat.user), "until": deputy.until}
    return None


@situation()
def requester_barred(matter: Matter) -> Found:
    """Who acts asked for the approval, and nobody approves their own request."""
    return _when(not matter.terms.own and matter.actor == matter.running.requester)


@situation()
def role_lost(matter: Matter) -> Found:
    """Who acts was asked for a role or post that they hold no more."""
    run, seat = matter.run, matter.seat
    if run is None:
        return None
    if seat is None:
        return _when((matter.actor, "lost") in run.left_out, role="")
    if seat.user != matter.actor or seat.vote is not None:
        return None
    return _when(has_lost(matter, run, seat), role=seat.ground.name)


@situation()
def not_asked(matter: Matter) -> Found:
    """The step does not ask the actor."""
    users = [seat.user for seat in matter.run.seats] if matter.run is not None else []
    return _when(matter.seat is None, people=_names(matter, users))


@situation()
def decided_already(matter: Matter) -> Found:
    """The actor has decided this step."""
    seat = matter.seat
    if matter.run is None or seat is None or _wants_actor(matter, matter.run) or seat.vote is None:
        return None
    return _when(seat.vote.by == matter.actor, at=seat.vote.at)


@situation()
def decided_as_other(matter: Matter) -> Found:
    """The actor has decided this step in another seat: one person, one voice."""
    if matter.run is None:
        return None
    votes = [seat.vote for seat in matter.run.seats if seat.vote is not None and seat.vote.by == matter.actor]
    return _when(bool(votes), at=votes[0].at if votes else None)


@situation()
def seat_waits(matter: Matter) -> Found:
    """Somebody who was added decides before the actor."""
    run, seat = matter.run, matter.seat
    if run is None or seat is None or seat.vote is not None:
        return None
    before = [other.user for id in seat.waits_for if (other := run.seat(id)) is not None and other.vote is None]
    return _when(bool(before), people=_names(matter, before))


# The step


@situation(typed=True)
def step_unknown(matter: Matter) -> Found:
    """The approval has no such step."""
    return _when(matter.run is None or matter.step is None)


@situation()
def step_waits(matter: Matter) -> Found:
    """It is not the turn of the step."""
    return _when(matter.run is not None and matter.run.status == "waiting", people=_names(matter, _wanted(matter)))


@situation()
def step_given(matter: Matter) -> Found:
    """The step was given."""
    run = matter.run
    if run is None or run.status != "given":
        return None
    votes = [seat.vote for seat in run.seats if seat.vote is not None and seat.vote.is_yes]
    last = max(votes, key=lambda vote: vote.at, default=None)
    return {"who": _name(matter, last.by if last else None), "at": run.closed_at}


@situation()
def step_skipped(matter: Matter) -> Found:
    """The step was skipped."""
    return _when(matter.run is not None and matter.run.status == "skipped")


@situation()
def step_not_open(matter: Matter) -> Found:
    """The step asks nobody now."""
    return _when(matter.run is None or not matter.run.asks)


@situation(typed=True)
def opened_again(matter: Matter) -> Found:
    """The step was opened again since the page was drawn."""
    run, shown = matter.run, matter.act.opening
    return _when(run is not None and shown not in (0, run.opening))


@situation(typed=True)
def values_moved(matter: Matter) -> Found:
    """What is agreed to changed since the page was drawn."""
    if matter.act.saw is None or matter.step is None:
        return None
    saw = dict(matter.act.saw)
    now = matter.facts.values_of(matter.terms.covered_by(matter.step))
    moved = tuple(path for path, value in now if path in saw and repr(saw[path]) != repr(value))
    return _when(bool(moved), paths=_titles(matter, moved))


@situation(typed=True)
def bulk_changed(matter: Matter) -> Found:
    """One of several decided at once, and what is agreed to changed since the actor agreed to it."""
    seat, step = matter.seat, matter.step
    if not matter.act.bulk or seat is None or step is None or seat.earlier is None:
        return None
    then, now = dict(seat.earlier.values), matter.facts.values_of(matter.terms.covered_by(step))
    moved = tuple(path for path, value in now if repr(then.get(path)) != repr(value))
    return _when(bool(moved), paths=_titles(matter, moved))


@situation()
def is_held_until(matter: Matter) -> Found:
    """The step is put aside until a day."""
    held = matter.run.hold if matter.run is not None else None
    if held is None or held.until is None:
        return None
    return {"who": _name(matter, held.by), "until": held.until}


@situation()
def is_held(matter: Matter) -> Found:
    """The step is put aside."""
    held = matter.run.hold if matter.run is not None else None
    return _when(held is not None, who=_name(matter, held.by if held else None))


@situation()
def not_held(matter: Matter) -> Found:
    """The step is not put aside."""
    return _when(matter.run is None or matter.run.hold is None)


@situation()
def held_by_other(matter: Matter) -> Found:
    """Somebody else put the step aside."""
    held = matter.run.hold if matter.run is not None else None
    if held is None or matter.by_machine or matter.facts.manages(matter.actor):
        return None
    return _when(held.by != matter.actor, who=_name(matter, held.by))


@situation()
def question_waits(matter: Matter) -> Found:
    """The clock stands until a question is answered."""
    open_ones = [each.to for each in matter.run.questions if each.waits and each.is_open] if matter.run else []
    return _when(bool(open_ones), people=_names(matter, open_ones))


# What is typed


@situation(typed=True)
def comment_missing(matter: Matter) -> Found:
    """The decision needs a comment."""
    step = matter.step
    wanted = step is not None and matter.terms.wants_comment(step, matter.act.verb)
    return _when(wanted and not matter.act.comment.strip())


@situation(typed=True)
def text_missing(matter: Matter) -> Found:
    """Nothing was written."""
    return _when(not matter.act.comment.strip())


@situation(typed=True)
def signature_missing(matter: Matter) -> Found:
    """The step is signed, and there is no signature."""
    return _when(matter.step is not None and matter.step.signed and not matter.act.signature.strip())


@situation(typed=True)
def day_missing(matter: Matter) -> Found:
    """No last day was named."""
    return _when(matter.act.until is None)


@situation(typed=True)
def day_past(matter: Matter) -> Found:
    """The day that was named is past."""
    until = matter.act.until
    return _when(until is not None and until < matter.facts.today, until=until)


# Whom the act names


@situation(typed=True)
def nobody_named(matter: Matter) -> Found:
    """Nobody was named."""
    return _when(not matter.act.users)


@situation(typed=True)
def several_named(matter: Matter) -> Found:
    """More than one was named."""
    return _when(len(set(matter.act.users)) > 1)


@situation(typed=True)
def to_self(matter: Matter) -> Found:
    """The actor named themselves."""
    return _when(matter.actor in matter.act.users)


@situation(typed=True)
def to_holder(matter: Matter) -> Found:
    """Whom the seat belongs to already was named."""
    seat = matter.named_seat
    return _when(seat is not None and seat.user in matter.act.users, who=_name(matter, seat.user if seat else None))


@situation(typed=True)
def to_gone(matter: Matter) -> Found:
    """Somebody whose account is closed was named, or nobody knows them."""
    people = matter.facts.people
    gone = [user for user in matter.act.users if user not in people or not people[user].active]
    return _when(bool(gone), people=_names(matter, gone))


@situation(typed=True)
def to_blind(matter: Matter) -> Found:
    """Somebody who may not see the record was named."""
    blind = [user for user in matter.act.users if not matter.facts.can_act(user)]
    return _when(bool(blind), people=_names(matter, blind))


@situation(typed=True)
def to_requester(matter: Matter) -> Found:
    """Who asked for the approval was named, and nobody approves their own request."""
    requester = matter.running.requester
    return _when(not matter.terms.own and requester in matter.act.users, who=_name(matter, requester))


@situation(typed=True)
def to_asked(matter: Matter) -> Found:
    """Somebody was named who holds the task already."""
    run = matter.run
    if run is None:
        return None
    holders = {seat.user for seat in run.seats}
    named = [user for user in matter.act.users if user in holders]
    return _when(bool(named), people=_names(matter, named))


@situation(typed=True)
def to_deputy(matter: Matter) -> Found:
    """Somebody was named who may decide in that place already."""
    seat = matter.named_seat
    named = [user for user in matter.act.users if seat is not None and matter.is_deputy(seat, user)]
    return _when(bool(named), people=_names(matter, named))


@situation(typed=True)
def same_holders(matter: Matter) -> Found:
    """The same people were named who hold the task already."""
    run = matter.run
    holders = {seat.user for seat in run.seats if seat.vote is None} if run is not None else set()
    return _when(bool(holders) and set(matter.act.users) == holders, people=_names(matter, sorted(holders)))


@situation(typed=True)
def seat_unknown(matter: Matter) -> Found:
    """The step asks nobody of that seat."""
    return _when(matter.named_seat is None)


@situation()
def nobody_added(matter: Matter) -> Found:
    """Nobody was added to the step."""
    return _when(matter.run is None or all(seat.added_by is None for seat in matter.run.seats))


@situation(typed=True)
def asked_by_terms(matter: Matter) -> Found:
    """Who would be taken out is asked by the approval itself."""
    seat = matter.named_seat
    return _when(seat is not None and seat.added_by is None, who=_name(matter, seat.user if seat else None))


@situation(typed=True)
def added_by_other(matter: Matter) -> Found:
    """Who would be taken out was added by somebody else."""
    seat = matter.named_seat
    if seat is None or matter.facts.manages(matter.actor):
        return None
    return _when(seat.added_by != matter.actor, who=_name(matter, seat.added_by))


@situation(typed=True)
def seat_decided(matter: Matter) -> Found:
    """Who would be taken out has decided."""
    seat = matter.named_seat
    return _when(seat is not None and seat.vote is not None, who=_name(matter, seat.user if seat else None))


@situation(typed=True)
def not_two_named(matter: Matter) -> Found:
    """It was not said who leaves and who takes over."""
    return _when(len(matter.act.users) != 2)


@situation(typed=True)
def to_same_person(matter: Matter) -> Found:
    """Who leaves would take over from themselves."""
    return _when(len(set(matter.act.users)) == 1)


@situation(typed=True)
def heir_unfit(matter: Matter) -> Found:
    """Who would take over has no account, or may not see the record."""
    heir = matter.act.users[-1]
    return _when(not matter.facts.can_act(heir), who=_name(matter, heir))


@situation(typed=True)
def has_no_part(matter: Matter) -> Found:
    """Who leaves has no part in the approval."""
    leaver = matter.act.users[0]
    parts = [matter.running.requester]
    for run in matter.running.open_steps():
        parts += [seat.user for seat in run.seats if seat.vote is None]
        parts += [deputy.user for seat in run.seats for deputy in seat.deputies]
        parts += [each.to for each in run.questions if each.is_open]
    return _when(leaver not in parts, who=_name(matter, leaver))


# Where it is returned to


@situation(typed=True)
def return_unknown(matter: Matter) -> Found:
    """There is no such step to return to."""
    to = matter.act.to
    return _when(bool(to) and (matter.terms.step(to) is None or matter.running.step(to) is None))


def _target(matter: Matter) -> StepCourse | None:
    return matter.running.step(matter.act.to) if matter.act.to else None


@situation(typed=True)
def return_to_itself(matter: Matter) -> Found:
    """The step itself was named to return to."""
    return _when(bool(matter.act.to) and matter.run is not None and matter.act.to == matter.run.key)


@situation(typed=True)
def return_to_running(matter: Matter) -> Found:
    """The step to return to is still running."""
    target = _target(matter)
    return _when(target is not None and target.asks, to=_title(matter, matter.act.to))


@situation(typed=True)
def return_forward(matter: Matter) -> Found:
    """The step to return to comes later, or has not asked anybody yet."""
    target = _target(matter)
    if target is None or matter.run is None:
        return None
    is_later = matter.terms.position(target.key) >= matter.terms.position(matter.run.key)
    return _when(is_later or target.status == "waiting", to=_title(matter, matter.act.to))


@situation(typed=True)
def return_to_skipped(matter: Matter) -> Found:
    """The step to return to was skipped."""
    target = _target(matter)
    return _when(target is not None and target.status == "skipped", to=_title(matter, matter.act.to))


@situation(typed=True)
def return_to_nobody(matter: Matter) -> Found:
    """The approver of the step to return to has left, and nobody takes their place."""
    target = _target(matter)
    if target is None:
        return None
    run = trial(matter, "return_to_step").get_step(target.key)
    return _when(run.is_short, to=_title(matter, target.key), people=_names(matter, _deciders(target)))


def _deciders(run: StepCourse) -> list[str]:
    return [seat.vote.by for seat in run.seats if seat.vote is not None and seat.vote.by]


def _title(matter: Matter, key: str) -> object:
    step = matter.terms.step(key)
    return step.title if step is not None else key


@situation(typed=True)
def return_decider_left(matter: Matter) -> Found:
    """The approver of the step to return to has left; somebody else is asked in it now."""
    target = _target(matter)
    if target is None:
        return None
    left = [user for user in _deciders(target) if not matter.facts.can_act(user)]
    asked = trial(matter, "return_to_step").get_step(target.key).seats
    return _when(
        bool(left),
        to=_title(matter, target.key),
        left=_names(matter, left),
        people=_names(matter, [seat.user for seat in asked]),
    )


@situation(typed=True)
def requester_gone(matter: Matter) -> Found:
    """It would go back to somebody whose account is gone."""
    requester = matter.running.requester
    return _when(not matter.act.to and not matter.facts.can_act(requester), who=_name(matter, requester))


@situation(typed=True)
def record_went_on(matter: Matter) -> Found:
    """The record has gone on since the approval was given, so it cannot go back to whoever asked."""
    return _when(not matter.act.to and matter.running.reopened == "later")


@situation(typed=True)
def return_step_straight(matter: Matter) -> Found:
    """To an earlier step, and then straight back."""
    return _when(bool(matter.act.to) and matter.act.then == "straight", to=_title(matter, matter.act.to))


@situation(typed=True)
def return_step_rerun(matter: Matter) -> Found:
    """To an earlier step, and then through the steps between again."""
    return _when(bool(matter.act.to), to=_title(matter, matter.act.to))


@situation(typed=True)
def return_start_straight(matter: Matter) -> Found:
    """To whoever asked, and then straight back."""
    return _when(matter.act.then == "straight", who=_name(matter, matter.running.requester))


@situation(typed=True)
def return_start_rerun(matter: Matter) -> Found:
    """To whoever asked, and then from the start."""
    return {"who": _name(matter, matter.running.requester)}


# What a decision comes to


def _decided(matter: Matter) -> CourseWork:
    """Return the course as it is after the decision."""
    return trial(matter, {"approve": "vote_yes", "reject": "vote_no", "start": "begin_course"}[matter.act.verb])


@situation()
def completion_refused(matter: Matter) -> Found:
    """It would be given by that, and the action's guard or a check refuses."""
    verb, chosen = matter.act.verb, matter.act.users
    if (verb == "remove" and matter.named_seat is None) or (verb in ("replace", "hand_over") and not chosen):
        return None  # a page asks before anybody is chosen
    return _refused_completion(matter, trial(matter, _COMPLETE[verb]))


#: Verbs that may leave nothing to decide -> what they do.
_COMPLETE: Final = {
    "start": "begin_course",
    "approve": "vote_yes",
    "remove": "remove",
    "replace": "replace_holders",
    "hand_over": "hand_over",
    "time_out": "approve_for_time",
}


def _refused_completion(matter: Matter, work: CourseWork) -> Found:
    """Return why the action may not be completed where the course would come to that."""
    completes = work.course.status == "given" and work.transition == "completed"
    return _when(completes and matter.facts.obstacle is not None, reason=matter.facts.obstacle)


def _after(matter: Matter) -> tuple[str, StepCourse | None]:
    """Return the status of the course and of the step after the decision."""
    work = _decided(matter)
    return work.course.status, work.course.step(matter.run.key) if matter.run is not None else None


def _opened_after(matter: Matter) -> list[StepCourse]:
    """Return the steps that are opened by the decision."""
    work = _decided(matter)
    before = {run.opening for run in matter.course.open_steps()} if matter.course is not None else set()
    return [run for run in work.course.open_steps() if run.opening not in before]


@situation()
def completes(matter: Matter) -> Found:
    """The approval is given."""
    return _when(_after(matter)[0] == "given")


@situation()
def completes_again(matter: Matter) -> Found:
    """The approval is given again, after it was opened again; effects do not run a second time."""
    return _when(_after(matter)[0] == "given" and matter.running.completed)


@situation()
def opens_nobody(matter: Matter) -> Found:
    """No approver can be found for the step that is next."""
    short = [run for run in _opened_after(matter) if run.is_short]
    return _when(bool(short), next=_title(matter, short[0].key) if short else "")


@situation()
def skips_repeat(matter: Matter) -> Found:
    """The step just after is skipped, since the same person gave the one before."""
    work = _decided(matter)
    repeated = [step for what, step, _ in work.happened if what == "repeated"]
    wanted = [seat.user for run in work.course.open_steps() for seat in run.seats if run.may_vote(seat)]
    return _when(bool(repeated), skipped=_title(matter, repeated[0] if repeated else ""), people=_names(matter, wanted))


@situation()
def opens_next(matter: Matter) -> Found:
    """The step is given, and the next one asks."""
    opened = _opened_after(matter)
    users = [seat.user for run in opened for seat in run.seats if run.may_vote(seat)]
    return _when(bool(opened), next=_title(matter, opened[0].key) if opened else "", people=_names(matter, users))


@situation()
def beside_waits(matter: Matter) -> Found:
    """The step is given, and one beside it still waits."""
    _, run = _after(matter)
    return _when(run is not None and run.status == "given", people=_names(matter, _wanted_after(matter)))


def _wanted_after(matter: Matter) -> list[str]:
    work = _decided(matter)
    return [seat.user for run in work.course.open_steps() for seat in run.seats if run.may_vote(seat)]


@situation(typed=True)
def bulk_added_waits(matter: Matter) -> Found:
    """One of several decided at once, and somebody who was added must agree too."""
    return _when(matter.act.bulk and bool(_added_after(matter)), people=_names(matter, _added_after(matter)))


@situation()
def added_waits(matter: Matter) -> Found:
    """Enough have agreed, and somebody who was added must agree too."""
    return _when(bool(_added_after(matter)), people=_names(matter, _added_after(matter)))


def _added_after(matter: Matter) -> list[str]:
    """Return the added ones who keep a step from being given."""
    _, run = _after(matter)
    if run is None or matter.step is None or not run.asks:
        return []
    tally = count_votes(matter.step.quorum, run.seats)
    if tally.said_yes < tally.needed:
        return []
    return [seat.user for seat in run.seats if seat.added_by is not None and seat.vote is None]


@situation()
def more_needed(matter: Matter) -> Found:
    """More must agree."""
    _, run = _after(matter)
    if run is None or matter.step is None:
        return None
    tally = count_votes(matter.step.quorum, run.seats)
    users = [seat.user for seat in run.seats if seat.vote is None]
    return {"given": tally.said_yes, "needed": tally.needed, "people": _names(matter, users)}


@situation()
def rejects(matter: Matter) -> Found:
    """The approval is rejected."""
    return _when(_after(matter)[0] == "rejected", who=_name(matter, matter.running.requester))


@situation()
def rejects_later(matter: Matter) -> Found:
    """The change of a record that has gone on is rejected."""
    return _when(_after(matter)[0] == "rejected" and matter.running.reopened == "later")


# Taking back


@situation()
def nothing_to_recall(matter: Matter) -> Found:
    """There is no decision of the actor to take back."""
    votes = [seat.vote for run in matter.running.steps for seat in run.seats if seat.vote is not None]
    last = matter.running.last
    is_theirs = last is not None and last.by == matter.actor
    return _when(not is_theirs and all(vote.by != matter.actor for vote in votes))


@situation()
def decided_after_you(matter: Matter) -> Found:
    """Somebody has decided, or something has changed, since the actor's decision."""
    last = matter.running.last
    return _when(last is None or last.by != matter.actor, who=_name(matter, last.by if last else None))


@situation()
def grace_over(matter: Matter) -> Found:
    """The time in which a decision can be taken back is over."""
    last = matter.running.last
    minutes = int(matter.terms.grace.total_seconds() // 60)
    return _when(last is not None and matter.moment - last.at > matter.terms.grace, minutes=minutes)


@situation()
def record_left(matter: Matter) -> Found:
    """The record is not where the decision led it any more."""
    course = matter.running
    places = {"given": "to", "rejected": "rejected", "returned": "returned"}
    if course.is_running or course.status not in places:
        return _when(course.status == "withdrawn")
    return _when(matter.facts.place != places[course.status])


@situation()
def recall_reopens(matter: Matter) -> Found:
    """The decision ended the approval; the record comes back, and effects that ran stay done."""
    return _when(not matter.running.is_running)


# Questions


@situation(typed=True)
def question_unknown(matter: Matter) -> Found:
    """There is no such question."""
    return _when(_question(matter) is None)


def _question(matter: Matter) -> ApprovalQuestion | None:
    run = matter.run
    return next((each for each in run.questions if each.id == matter.act.question), None) if run is not None else None


@situation(typed=True)
def question_of_other(matter: Matter) -> Found:
    """Somebody else was asked."""
    question = _question(matter)
    return _when(
        question is not None and question.to != matter.actor, who=_name(matter, question.to if question else None)
    )


@situation(typed=True)
def question_answered(matter: Matter) -> Found:
    """The question was answered."""
    question = _question(matter)
    return _when(question is not None and question.answer is not None, at=question.answered_at if question else None)


@situation(typed=True)
def question_dropped(matter: Matter) -> Found:
    """No answer is wanted any more."""
    question = _question(matter)
    return _when(question is not None and question.dropped)


@situation(typed=True)
def asked_already(matter: Matter) -> Found:
    """The actor has asked that person, who has not answered yet."""
    run, to = matter.run, matter.only_name()
    open_ones = [each for each in run.questions if each.is_open and each.by == matter.actor] if run is not None else []
    return _when(any(each.to == to for each in open_ones), who=_name(matter, to))


@situation(typed=True)
def asks_and_waits(matter: Matter) -> Found:
    """The clock stands until the answer."""
    return _when(matter.act.waits, who=_name(matter, matter.only_name()))


# Opening again


@situation()
def closed_record(matter: Matter) -> Found:
    """The record is where nothing that was agreed to may change any more."""
    paths = changed_paths(matter) if matter.act.verb == "change" else ()
    return _when(matter.facts.place == "closed", paths=_titles(matter, paths))


@situation()
def was_not_given(matter: Matter) -> Found:
    """The approval was not given; it is requested again, not opened again."""
    return _when(matter.course is not None and matter.course.status not in ("given", "running"))


# Time


def _overdue(matter: Matter) -> str | None:
    return matter.step.overdue if matter.step is not None else None


@situation()
def not_hurried(matter: Matter) -> Found:
    """The step says nothing of what happens when nobody decides in time."""
    return _when(_overdue(matter) is None)


@situation()
def overdue_reminds(matter: Matter) -> Found:
    """Time is up: those who were asked are reminded."""
    return _when(_overdue(matter) == "remind")


@situation()
def overdue_escalates(matter: Matter) -> Found:
    """Time is up: whoever stands above those who were asked may decide in their place."""
    run = matter.run
    if run is None or _overdue(matter) != "escalate":
        return None
    superiors = [above for seat in run.seats if (above := superior_of(matter, run, seat)) is not None]
    return _when(bool(superiors), people=_names(matter, superiors))


@situation()
def overdue_nobody_above(matter: Matter) -> Found:
    """Time is up, and nobody stands above those who were asked."""
    return _when(_overdue(matter) == "escalate")


@situation()
def overdue_asks_nobody(matter: Matter) -> Found:
    """Time is up in a step that asks too few people: silence of nobody is no yes."""
    return _when(_overdue(matter) == "approve" and matter.run is not None and matter.run.is_short)


@situation()
def overdue_refused(matter: Matter) -> Found:
    """Time is up, silence is a yes, and the action's guard or a check refuses that it is given."""
    return completion_refused(matter) if _overdue(matter) == "approve" else None


@situation()
def overdue_approves(matter: Matter) -> Found:
    """Time is up: silence is a yes."""
    return _when(_overdue(matter) == "approve")


@situation()
def overdue_rejects(matter: Matter) -> Found:
    """Time is up: silence is a no."""
    return _when(_overdue(matter) == "reject")


@situation()
def overdue_no_way_back(matter: Matter) -> Found:
    """Time is up, and it cannot go back: the account of whoever asked is gone, or the record has gone on."""
    gone = requester_gone(matter) is not None or record_went_on(matter) is not None
    return _when(_overdue(matter) == "return" and gone)


@situation()
def overdue_returns(matter: Matter) -> Found:
    """Time is up: it goes back to whoever asked."""
    return _when(_overdue(matter) == "return")


# What changed


@situation()
def not_covered(matter: Matter) -> Found:
    """Nothing that was agreed to is another now."""
    return _when(not changed_paths(matter))


def _concerned(matter: Matter) -> list[str]:
    """Return the steps that a change makes ask again."""
    found = []
    for step in matter.terms.steps:
        run = matter.running.step(step.key)
        if run is not None and run.status != "waiting" and is_concerned(matter, step, run):
            found.append(step.key)
    return found


@situation()
def change_concerns_nobody(matter: Matter) -> Found:
    """Something that was agreed to changed, and every decision holds for what it is now."""
    lapsed = [run for run in matter.running.open_steps() if not matter.facts.answer(run.key).applies]
    return _when(not _concerned(matter) and not (lapsed and matter.running.is_running))


@situation()
def change_of_rejected_later(matter: Matter) -> Found:
    """The change of a record that has gone on was rejected, and it is changed once more."""
    course = matter.running
    return _reopening(matter) if course.status == "rejected" and course.reopened == "later" else None


def _reopening(matter: Matter) -> Found:
    keys = _concerned(matter)
    return {"steps": tuple(_title(matter, key) for key in keys), "paths": _titles(matter, changed_paths(matter))}


@situation()
def change_by_action(matter: Matter) -> Found:
    """The action itself did it when the approval was given: whoever agreed to the one agreed to the other."""
    return _when(matter.facts.is_own_doing)


@situation()
def change_before_request(matter: Matter) -> Found:
    """It was given, and the record is back where it is asked for, or where a rejection leads."""
    return _when(matter.running.status == "given" and matter.facts.place in ("returned", "rejected"))


@situation()
def change_not_live(matter: Matter) -> Found:
    """Nothing is agreed to now: it was rejected, returned or withdrawn."""
    return _when(matter.running.status in ("rejected", "returned", "withdrawn"))


@situation()
def change_at_to(matter: Matter) -> Found:
    """It was given, and the record stands where that led: it goes back to the approval."""
    return _reopening(matter) if matter.running.status == "given" and matter.facts.place == "to" else None


@situation()
def change_later(matter: Matter) -> Found:
    """It was given, and the record has gone on: it stays, and every action that leads on waits."""
    return _reopening(matter) if matter.running.status == "given" else None


@situation()
def change_refused_completion(matter: Matter) -> Found:
    """What is open applies no more, so it would be given by the change, and the action's guard or a check refuses."""
    return _refused_completion(matter, trial(matter, "ask_again"))


@situation()
def change_completes(matter: Matter) -> Found:
    """What is open applies no more, and all else was given."""
    return _when(trial(matter, "ask_again").course.status == "given")


@situation()
def change_lapses(matter: Matter) -> Found:
    """A step that is open applies no more, and no decision is touched."""
    return _when(not _concerned(matter))


@situation()
def change_while_open(matter: Matter) -> Found:
    """The approval is running, and decisions were about other values, or somebody else is asked now."""
    return _reopening(matter)


@situation()
def people_as_they_were(matter: Matter) -> Found:
    """Everybody who is asked may still decide, and nobody new is asked."""
    work = trial(matter, "renew_people")
    return _when(work.course == matter.course)


@situation()
def people_refused_completion(matter: Matter) -> Found:
    """Those who are left have agreed, and the action's guard or a check refuses that it is given."""
    return _refused_completion(matter, trial(matter, "renew_people"))


@situation()
def people_complete(matter: Matter) -> Found:
    """Those who are left have agreed, so the approval is given."""
    return _when(trial(matter, "renew_people").course.status == "given")


@situation()
def people_too_few(matter: Matter) -> Found:
    """Nobody who could decide is left in a step."""
    work = trial(matter, "renew_people")
    short = [run.key for run in work.course.open_steps() if run.is_short]
    return _when(bool(short), step=_title(matter, short[0] if short else ""))


@situation()
def version_same(matter: Matter) -> Found:
    """It runs by that version already."""
    return _when(matter.running.version == matter.terms.version)


@situation()
def version_refused_completion(matter: Matter) -> Found:
    """By the new version's steps nothing is left to decide, and the action's guard or a check refuses."""
    return _refused_completion(matter, trial(matter, "migrate"))


@situation()
def version_completes(matter: Matter) -> Found:
    """By the new version's steps nothing is left to decide."""
    return _when(matter.running.is_running and trial(matter, "migrate").course.status == "given")


@situation()
def version_opens_other(matter: Matter) -> Found:
    """By the new version's steps somebody else is asked, or again."""
    work = trial(matter, "migrate")
    before = {run.opening for run in matter.running.open_steps()}
    opened = [run.key for run in work.course.open_steps() if run.opening not in before]
    return _when(bool(opened), steps=tuple(_title(matter, key) for key in opened))


@situation()
def adder_was_added(matter: Matter) -> Found:
    """Who adds somebody was added themselves."""
    seat = matter.seat
    return _when(seat is not None and seat.added_by is not None, people=_names(matter, matter.act.users))


@situation()
def others_named(matter: Matter) -> Found:
    """Somebody was named who may do it."""
    return {"people": _names(matter, matter.act.users), "until": matter.act.until}


def moved_since(matter: Matter, seat: ApprovalSeat) -> tuple[tuple[str, object, object], ...]:
    """Return what changed since who holds a seat agreed: (path, then, now)."""
    step = matter.step
    if seat.earlier is None or step is None:
        return ()
    then, now = dict(seat.earlier.values), matter.facts.values_of(matter.terms.covered_by(step))
    return tuple((path, then.get(path), value) for path, value in now if repr(then.get(path)) != repr(value))
