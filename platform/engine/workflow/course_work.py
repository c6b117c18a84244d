"""A course while an act is carried out: what an operation changes, tells and comes to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from blankett.engine.sentences import Sentence, sentence
from blankett.engine.workflow.act import ApprovalNotice, Transition
from blankett.engine.workflow.course import (
    ApprovalSeat,
    Course,
    CourseStatus,
    Deputy,
    StepCourse,
    StepStatus,
    Vote,
)
from blankett.engine.workflow.facts import Nominee, StepAnswer
from blankett.engine.workflow.matter import Matter
from blankett.engine.workflow.tally import count_votes
from blankett.engine.workflow.terms import StepTerms


class CourseWork:
    """The course as it becomes, with what happened on the way. Made for one act, and thrown away after it."""

    def __init__(self, matter: Matter) -> None:
        """Begin with the course as it is."""
        self.matter = matter
        self.terms = matter.terms
        self.facts = matter.facts
        self.moment = matter.moment
        self._course = matter.course
        self.happened: list[tuple[str, str, str]] = []
        self.notices: list[ApprovalNotice] = []
        self.transition: Transition | None = None
        #: The decision can be taken back.
        self.may_recall = False

    @property
    def course(self) -> Course:
        """Return the course as it is by now."""
        if self._course is None:
            raise LookupError("no approval was asked for")
        return self._course

    def begin(self, course: Course) -> None:
        """Begin a course, or a round of it."""
        self._course = course

    def put(self, **changes: object) -> None:
        """Change the course itself."""
        self._course = replace(self.course, **changes)  # type: ignore[arg-type]

    def put_step(self, key: str, **changes: object) -> StepCourse:
        """Change one step, and return it."""
        run = replace(self.get_step(key), **changes)  # type: ignore[arg-type]
        self.put(steps=tuple(run if each.key == key else each for each in self.course.steps))
        return run

    def put_seat(self, key: str, id: int, **changes: object) -> None:
        """Change one seat of a step."""
        run = self.get_step(key)
        self.put_step(
            key,
            seats=tuple(
                replace(seat, **changes) if seat.id == id else seat  # type: ignore[arg-type]
                for seat in run.seats
            ),
        )

    def get_step(self, key: str) -> StepCourse:
        """Return how far a step is."""
        run = self.course.step(key)
        if run is None:
            raise LookupError(f"the course has no step {key}")
        return run

    def number(self) -> int:
        """Return a number that was not used yet."""
        self.put(serial=self.course.serial + 1)
        return self.course.serial

    def note(self, what: str, step: str = "", user: str = "") -> None:
        """Note for the history what happened."""
        self.happened.append((what, step, user))

    def tell(self, users: Iterable[str | None], told: Sentence) -> None:
        """Tell people something, each once; whoever acts knows it."""
        for user in dict.fromkeys(users):
            if user != self.matter.actor or user is None:
                self.notices.append(ApprovalNotice(user, told))

    # Steps open and close

    def advance(self) -> None:
        """Open what is next, and end the course where nothing is left. Steps behind an open one wait."""
        for stage in self.terms.stages():
            for step in stage:
                if self.get_step(step.key).status == "waiting":
                    self.open_step(step)
                if self.get_step(step.key).status == "rejected":  # by decisions that a version counts otherwise
                    self.end("rejected", "rejected")
                    return
            if not all(self.get_step(step.key).is_settled for step in stage):
                self._park_after(stage[-1])
                return
        self.end("given", "completed")

    def _park_after(self, last: StepTerms) -> None:
        """Let open steps behind a stage wait; what was decided in them holds until they open again."""
        for step in self.terms.steps[self.terms.steps.index(last) + 1 :]:
            run = self.get_step(step.key)
            if run.asks:
                self.put_step(step.key, status="waiting", is_parked=True, hold=None)
                self.note("parked", step.key)

    def open_step(self, step: StepTerms) -> None:
        """Ask whom the step asks now, or skip it."""
        run, answer = self.get_step(step.key), self.facts.answer(step.key)
        if not answer.applies:
            self.put_step(
                step.key, status="skipped", skipped="condition", seats=(), closed_at=self.moment, is_parked=False
            )
            self.note("skipped", step.key)
            return
        seats = run.seats if run.is_parked else self._seats(run, step, answer)
        self.put_step(
            step.key,
            status="open",
            skipped="",
            opening=self.number(),
            opened_at=self.moment,
            closed_at=None,
            due=answer.due,
            seats=seats,
            left_out=self._left_out(answer.nominees),
            grounds=answer.grounds,
            is_parked=False,
            is_short=False,
        )
        self.note("opened", step.key)
        self.name_substitutes(step.key)
        if self.terms.skips_repeats and not run.is_parked:
            self._repeat(step)
        self.weigh(step)

    def _seats(self, run: StepCourse, step: StepTerms, answer: StepAnswer) -> tuple[ApprovalSeat, ...]:
        """Return whom a step asks: those it names now, each once. Who had their seat handed on, and who was added by
        somebody who is asked again, is asked too; what they had decided is remembered.
        """
        if answer.grounds == run.grounds and any(seat.ground.kind == "named" for seat in run.seats):
            return tuple(self._again(seat, None) for seat in run.seats if self._is_asked(seat.user))
        had = {seat.former[0] if seat.former else seat.user: seat for seat in reversed(run.seats)}
        found: dict[str, ApprovalSeat] = {}
        for nominee in self._merged(answer.nominees):
            seat = had.get(nominee.user)
            if seat is not None and not (self.facts.can_act(seat.user) and self._may_be_asked(seat.user)):
                seat = None
            if seat is None and not self._is_asked(nominee.user):
                continue
            new = self._seat(nominee) if seat is None else self._again(seat, nominee)
            found.setdefault(new.user, new)
        for seat in run.seats:
            if seat.added_by in found and seat.user not in found and self._is_asked(seat.user):
                found[seat.user] = self._again(seat, None)
        ids = {seat.id for seat in found.values()}
        return tuple(
            replace(seat, waits_for=tuple(id for id in seat.waits_for if id in ids)) for seat in found.values()
        )

    def _seat(self, nominee: Nominee) -> ApprovalSeat:
        return ApprovalSeat(id=self.number(), user=nominee.user, ground=nominee.ground, weight=nominee.weight)

    def _again(self, seat: ApprovalSeat, nominee: Nominee | None) -> ApprovalSeat:
        kept = tuple(deputy for deputy in seat.deputies if deputy.kind == "delegate")
        weight = nominee.weight if nominee is not None else seat.weight
        return replace(seat, vote=None, earlier=seat.vote or seat.earlier, deputies=kept, weight=weight)

    def _merged(self, nominees: tuple[Nominee, ...]) -> Iterable[Nominee]:
        """Return each nominee once, with their heaviest ground."""
        found: dict[str, Nominee] = {}
        for nominee in nominees:
            if nominee.user not in found or found[nominee.user].weight < nominee.weight:
                found[nominee.user] = nominee
        return found.values()

    def _may_be_asked(self, user: str) -> bool:
        return self.terms.own or user != self.course.requester

    def _is_asked(self, user: str) -> bool:
        return self._may_be_asked(user) and self.facts.can_act(user)

    def _left_out(self, nominees: tuple[Nominee, ...]) -> tuple[tuple[str, str], ...]:
        """Return who is not asked, and why."""
        why: dict[str, str] = {}
        for nominee in nominees:
            person = self.facts.people.get(nominee.user)
            if person is None or not person.active:
                why[nominee.user] = "inactive"
            elif not person.sees:
                why[nominee.user] = "blind"
            elif not self._may_be_asked(nominee.user):
                why[nominee.user] = "requester"
        return tuple(why.items())

    def name_substitutes(self, key: str) -> None:
        """Let substitutes decide for those of a step who are away, and nobody for those who are back."""
        for seat in self.get_step(key).seats:
            others = tuple(deputy for deputy in seat.deputies if deputy.kind != "substitute")
            person = self.facts.people.get(seat.user)
            found = (
                self._substitute(key, seat.user) if person is not None and person.away_until and not seat.vote else None
            )
            if found is not None and person is not None and all(deputy.user != found for deputy in others):
                others = (*others, Deputy(found, "substitute", person.away_until))
            if others != seat.deputies:
                self.put_seat(key, seat.id, deputies=others)

    def _substitute(self, key: str, user: str) -> str | None:
        """Return who stands in: the first who can, and who decides nothing else of this round: one person, one step."""
        taken = {
            seat.user if seat.vote is None else seat.vote.by
            for run in self.course.steps
            if run.status in ("open", "held", "given")
            for seat in run.seats
            if (run.asks or seat.vote is not None) and not (run.key == key and seat.user == user)
        }
        return next(
            (each for each in self.facts.people[user].substitutes if self._is_asked(each) and each not in taken), None
        )

    def _repeat(self, step: StepTerms) -> None:
        """Let those who gave the step before give this one too. Only the one just before counts, skipped ones aside."""
        given = self._just_before(step)
        for seat in self.get_step(step.key).seats:
            vote = given.get(seat.user)
            if vote is not None and seat.vote is None and seat.added_by is None:
                values = self.facts.values_of(self.terms.covered_by(step))
                self.put_seat(step.key, seat.id, vote=Vote(True, seat.user, self.moment, values=values, how="repeat"))
                self.note("repeated", step.key, seat.user)

    def _just_before(self, step: StepTerms) -> dict[str, Vote]:
        for stage in reversed(self.terms.stages()[: self.terms.position(step.key)]):
            runs = [self.get_step(each.key) for each in stage]
            if any(run.status == "given" or run.skipped == "repeat" for run in runs):
                votes = [seat.vote for run in runs for seat in run.seats if seat.vote is not None and seat.vote.is_yes]
                return {vote.by: vote for vote in votes}
        return {}

    def weigh(self, step: StepTerms) -> None:
        """Close a step that is decided; say of one that cannot be that it has nobody, and tell who can help."""
        run = self.get_step(step.key)
        tally = count_votes(step.quorum, run.seats)
        if tally.verdict == "given":
            votes = [seat.vote for seat in run.seats if seat.vote is not None]
            if all(vote.how == "repeat" for vote in votes):
                self.close_step(step.key, "skipped")
                self.put_step(step.key, skipped="repeat")
            else:
                self.close_step(step.key, "given")
        elif tally.verdict == "rejected":
            self.close_step(step.key, "rejected")
        elif (tally.verdict == "short") != run.is_short:
            self.put_step(step.key, is_short=tally.verdict == "short")
            if tally.verdict == "short":
                self.note("short", step.key)
                self.tell(
                    (None, self.course.requester),
                    sentence("approval.told_short", step=step.title, needed=tally.needed, asked=len(run.seats)),
                )

    def close_step(self, key: str, status: StepStatus) -> None:
        """Close a step; questions in it are answered no more."""
        run = self.get_step(key)
        for question in run.questions:
            if question.is_open:
                self.tell((question.to,), sentence("approval.told_question_dropped", question=question.text))
        questions = tuple(replace(each, dropped=True) if each.is_open else each for each in run.questions)
        self.put_step(
            key, status=status, closed_at=self.moment, hold=None, questions=questions, is_short=False, is_parked=False
        )
        self.note(status, key)

    def reset_step(self, key: str) -> None:
        """Let a step wait to be asked again; what was decided is remembered."""
        run = self.get_step(key)
        if run.status != "waiting" or run.is_parked:
            if run.asks:
                self.close_step(key, "waiting")
            self.put_step(key, status="waiting", skipped="", hold=None, is_parked=False, is_short=False)

    def end(self, status: CourseStatus, transition: Transition) -> None:
        """End the course: what is open is closed with it."""
        for run in self.course.open_steps():
            self.close_step(run.key, "withdrawn")
        self.put(status=status, ended_by=self.matter.actor, ended_at=self.moment)
        # A record that has gone on since it was given stays where it is.
        self.transition = transition if self.course.reopened != "later" else None
        if status != "rejected" or self.course.reopened == "to":
            self.put(reopened="")
        self.note(status)

    def settle(self, step: StepTerms) -> None:
        """Weigh what was decided in a step, and go on from there."""
        self.weigh(step)
        run = self.get_step(step.key)
        if run.status == "rejected":
            self.end("rejected", "rejected")
        elif run.is_settled:
            self.advance()
