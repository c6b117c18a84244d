"""What holds of every approval, whoever does what: random verbs by random people over random steps."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.engine.workflow.approval_world import NAMES, TODAY, ApprovalWorld, nominees, words

from blankett.engine.workflow.act import ApprovalAct, ApprovalOutcome, ApprovalRefusal, LogEntry, Verb
from blankett.engine.workflow.course import Course, StepCourse, Vote
from blankett.engine.workflow.facts import MACHINE, RecordPlace, StepAnswer
from blankett.engine.workflow.machine import decide, duties, options, replay
from blankett.engine.workflow.situations import SITUATIONS
from blankett.engine.workflow.terms import ApprovalTerms, Quorum, StepTerms

KEYS = ("one", "two", "three", "four")
PEOPLE = NAMES[:9]
#: What the record does: where each transition leads.
LEADS: dict[str, RecordPlace] = {
    "requested": "during",
    "completed": "to",
    "rejected": "rejected",
    "returned": "returned",
    "withdrawn": "returned",
    "reopened": "during",
}
#: Verbs that a page, a timer or a write would not ask for at random, and often enough to get far.
USUAL: tuple[Verb, ...] = ("approve", "approve", "approve", "approve", "change", "start")

quorums = st.sampled_from(
    [Quorum(), Quorum("all"), Quorum("count", 2), Quorum("percent", 50), Quorum("weight", 2), Quorum("count", 1)]
)


@st.composite
def step_lists(draw: st.DrawFn, version: int) -> ApprovalTerms:
    keys = draw(st.lists(st.sampled_from(KEYS), min_size=1, max_size=4, unique=True))
    steps = tuple(
        StepTerms(
            key,
            words(key),
            group=draw(st.sampled_from(["", "", "side"])),
            quorum=draw(quorums),
            covers=draw(st.sampled_from([None, frozenset({"total"}), frozenset({"pieces"})])),
            comment="never",
            overdue=draw(st.sampled_from([None, "remind", "escalate", "approve", "reject", "return"])),
        )
        for key in keys
    )
    return ApprovalTerms(
        "release",
        version,
        steps,
        covers=frozenset({"total"}),
        own=draw(st.booleans()),
        skips_repeats=draw(st.booleans()),
        comment="never",
    )


class Play:
    """A world that is played at random, with what must hold after each act."""

    def __init__(self, data: st.DataObject) -> None:
        self.data = data
        self.world = ApprovalWorld()
        self.world.terms = data.draw(step_lists(1))
        self.holders = {key: self.people() for key in KEYS}
        self.effects = 0
        #: Openings of steps of which it was told that they have too few.
        self.told_short: set[int] = set()
        self.answer()

    def people(self) -> list[str]:
        return self.data.draw(st.lists(st.sampled_from(PEOPLE), min_size=1, max_size=3, unique=True))

    def answer(self) -> None:
        """Work out what the steps would ask: who holds their role, and from some total on the boss too."""
        total = self.world.values["total"]
        self.world.answers = {
            key: StepAnswer(
                applies=key != "three" or total >= 20,
                nominees=nominees(*users, *(("boss",) if total >= 30 and key == "two" else ()), weights={"ann": 2}),
                grounds=f"role:{key}" + ("+boss" if total >= 30 and key == "two" else ""),
            )
            for key, users in self.holders.items()
        }

    def step(self) -> None:
        """Let people, the record or the version change, or somebody do something."""
        what = self.data.draw(st.sampled_from([*["act"] * 12, "people", "version", "record"]))
        if what == "people":
            user = self.data.draw(st.sampled_from(PEOPLE))
            self.world.put_person(
                user,
                active=self.data.draw(st.booleans()) or user == "req",
                superior=self.data.draw(st.sampled_from([None, *PEOPLE])),
                away_until=self.data.draw(st.sampled_from([None, TODAY])),
                substitutes=tuple(self.people()),
            )
            self.holders[self.data.draw(st.sampled_from(KEYS))] = self.people()[: self.data.draw(st.integers(0, 3))]
            self.answer()
            self.act(ApprovalAct("people_changed"))
        elif what == "version":
            self.world.terms = self.data.draw(step_lists(self.world.terms.version + 1))
            self.act(ApprovalAct("migrate"))
        elif what == "record":
            if self.world.place == "to":
                self.world.place = self.data.draw(st.sampled_from(["to", "later", "closed"]))
        else:
            self.act(self.drawn_act())

    def drawn_act(self) -> ApprovalAct:
        """Return an act that is often one that can be done: by who is asked, of a step that is open."""
        draw, course = self.data.draw, self.world.course
        runs = course.open_steps() if course is not None else ()
        wanted = [duty for duty in duties(course) if duty.kind != "revise"] if course is not None else []
        verb = draw(st.sampled_from((*USUAL, *get_args(Verb))))
        actor = draw(st.sampled_from(PEOPLE))
        if verb in ("time_out", "people_changed", "migrate"):
            actor = MACHINE
        elif verb == "recall" and course is not None and course.last is not None:
            actor = course.last.by
        elif verb in ("reopen", "replace", "hand_over"):
            actor = "mgr"
        elif wanted and draw(st.integers(0, 4)):
            actor = draw(st.sampled_from(wanted)).user
        added = [(run.key, seat.id) for run in runs for seat in run.seats if seat.added_by]
        questions = [(run.key, each.id) for run in runs for each in run.questions]
        step = draw(st.sampled_from([run.key for run in runs])) if runs and actor in (MACHINE, "mgr") else ""
        told: dict[str, Any] = {"step": draw(st.sampled_from([step, step, step, *KEYS]))}
        if verb == "remove" and added:
            told["step"], told["seat"] = draw(st.sampled_from(added))
        if verb == "answer" and questions:
            told["step"], told["question"] = draw(st.sampled_from(questions))
        return ApprovalAct(
            verb,
            actor,
            comment="why",
            to=draw(st.sampled_from(["", "", *KEYS])),
            then=draw(st.sampled_from(["rerun", "straight"])),
            users=tuple(self.people()[: 2 if verb == "hand_over" else 1]),
            until=draw(st.sampled_from([TODAY, TODAY + timedelta(days=2)])),
            waits=draw(st.booleans()),
            bulk=draw(st.booleans()),
            **told,
        )

    def act(self, act: ApprovalAct) -> None:
        """Do something, and hold all that must hold after it."""
        world = self.world
        if act.verb == "start" and world.place not in ("during", "rejected", "returned"):
            return  # the action starts where the record is not: nobody can ask for it there
        if act.verb == "migrate" and world.course is not None and act.actor:
            act = replace(act, actor=MACHINE)
        former_values = dict(world.values)
        if act.verb == "change":
            world.values["total"] = self.data.draw(st.sampled_from([10, 25, 40]))
            self.answer()
        world.moment += timedelta(minutes=1)
        before, facts = world.course, world.facts
        done = decide(world.terms, before, act, facts, world.moment)
        self.hold_options(act, done)
        if isinstance(done, ApprovalRefusal):
            if act.verb == "change" and before is not None:
                world.values = former_values  # the change is refused with it
                self.answer()
            if act.verb == "migrate":
                world.terms = replace(world.terms, version=before.version if before is not None else 1)
            return
        self.hold_votes(before, done)
        self.hold_record(before, done)
        world.course = done.course
        world.log.append(done.entry)
        self.hold_people(done)
        self.hold_log(done)

    def hold_options(self, act: ApprovalAct, done: ApprovalOutcome | ApprovalRefusal) -> None:
        """A page says the same as the machine, but for what is typed."""
        world = self.world
        said = {
            option.verb: option
            for option in options(world.terms, world.course, act.actor, world.facts, world.moment, act.step)
        }
        if act.verb in said and isinstance(done, ApprovalRefusal):
            situation = done.row.split(".")[1]
            typed = SITUATIONS[situation].is_typed
            assert typed or act.bulk or act.seat or said[act.verb].row == done.row or not_of_pages(done.row)
        elif act.verb in said and act.verb in ("approve", "reject", "hold", "withdraw", "recall"):
            assert said[act.verb].is_possible

    def hold_votes(self, before: Course | None, done: ApprovalOutcome) -> None:
        """Nobody decides who might not; nothing is decided twice; no decision is lost."""
        for run in done.course.steps:
            former = before.step(run.key) if before is not None else None
            for seat in run.seats:
                old = next((each for each in former.seats if each.id == seat.id), None) if former is not None else None
                if seat.vote is None or (old is not None and old.vote == seat.vote):
                    continue
                if done.entry.verb == "recall":
                    continue  # what was decided before it stands again
                assert old is None or old.vote is None or former is None or former.opening != run.opening
                self.hold_vote(former, run, seat.id, seat.vote, done)

    def hold_vote(
        self, former: StepCourse | None, run: StepCourse, seat_id: int, vote: Vote, done: ApprovalOutcome
    ) -> None:
        seat = run.seat(seat_id)
        assert seat is not None
        if vote.how == "repeat":
            assert (vote.by, self.world.terms.skips_repeats) == (seat.user, True)
        elif vote.how == "timer":
            step = self.world.terms.step(run.key)
            assert step is not None
            assert (done.entry.verb, step.overdue, vote.by) == ("time_out", "approve", MACHINE)
        else:
            assert former is not None
            old = former.seat(seat_id)
            assert old is not None
            assert former.may_vote(old)
            assert vote.by == done.entry.actor
            assert vote.by in (old.user, *(deputy.user for deputy in old.deputies))
            assert self.world.facts.can_act(vote.by)
            assert self.world.terms.own or vote.by != done.course.requester
            assert ("yes" if vote.is_yes else "no", run.key, vote.by) in done.entry.happened

    def hold_record(self, before: Course | None, done: ApprovalOutcome) -> None:
        """The record goes from where it is to where it may; the effects run once for a request."""
        world = self.world
        was = world.place
        if done.entry.verb == "start":
            assert done.transition in ("requested", "completed")
        if done.transition == "reopened":
            assert was in ("to", "rejected", "returned")
        elif done.transition in ("completed", "rejected", "returned", "withdrawn") and done.entry.verb != "start":
            assert was == "during"
        if done.transition is not None:
            world.place = LEADS[done.transition]
        if done.course.is_running:
            assert world.place == ("later" if done.course.reopened == "later" else "during")
        if before is None or (done.entry.verb == "start" and before.status == "given"):
            self.effects = 0
        self.effects += done.runs_effects
        assert self.effects <= 1

    def hold_people(self, done: ApprovalOutcome) -> None:
        """Every open step has somebody who can act, or says that it has nobody and has told whom."""
        course, facts = done.course, self.world.facts
        if not course.is_running:
            assert not course.open_steps()
            return
        assert course.open_steps()
        stages = {self.world.terms.position(run.key) for run in course.open_steps()}
        assert len(stages) == 1
        for run in course.open_steps():
            can = [duty.user for duty in duties(course) if duty.step == run.key and duty.kind == "decide"]
            assert run.is_short or run.status == "held" or any(map(facts.can_act, can))
            if run.is_short and run.opening not in self.told_short:
                assert any(notice.user is None for notice in done.notices)
                self.told_short.add(run.opening)

    def hold_log(self, done: ApprovalOutcome) -> None:
        """Log and course can be written down and read; the log leads to the course."""
        course = Course.from_json(json.loads(json.dumps(done.course.to_json())))
        entries = [LogEntry.from_json(json.loads(json.dumps(entry.to_json()))) for entry in self.world.log]
        assert (course, replay(entries)) == (done.course, done.course)
        opened, closed = set(done.opened), set(done.closed)
        assert not opened & closed


def not_of_pages(row: str) -> bool:
    """Tell whether a row refuses what would be completed: a page says of it what the act would find."""
    return row.endswith("completion_refused")


@given(st.data())
def test_an_approval_holds_whoever_does_what(data: st.DataObject) -> None:
    play = Play(data)
    play.act(ApprovalAct("start", "req"))
    for _ in range(data.draw(st.sampled_from([6, 20, 20]))):
        play.step()


def test_what_a_later_version_adds_is_passed_over() -> None:
    world = ApprovalWorld()
    world.give_check()
    data: dict[str, Any] = world.running.to_json()
    data["mood"] = "good"
    data["steps"][0]["colour"] = "red"
    assert Course.from_json(data) == world.running


def test_a_course_of_a_format_to_come_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^the course of an approval is in format 2; this version reads 1$"):
        Course.from_json({"format": 2})
