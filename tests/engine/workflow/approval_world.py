"""An approval to play with: five people in a step that counts as is wanted, somebody before and somebody after."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from blankett.engine.formula import Words
from blankett.engine.sentences import Sentence, sentence
from blankett.engine.workflow.act import ApprovalAct, ApprovalOutcome, LogEntry, Verb
from blankett.engine.workflow.course import Course, SeatGround, StepCourse
from blankett.engine.workflow.facts import MACHINE, ApprovalFacts, Nominee, PersonFacts, RecordPlace, StepAnswer
from blankett.engine.workflow.machine import decide
from blankett.engine.workflow.terms import ApprovalTerms, Quorum, QuorumKind, StepTerms

TODAY = date(2026, 12, 1)
QUORUMS = {
    "any": Quorum("any"),
    "all": Quorum("all"),
    "count": Quorum("count", 2),
    "percent": Quorum("percent", 60),
    "weight": Quorum("weight", 3),
}
NAMES = ("req", "first", "ann", "bob", "cho", "dan", "eva", "boss", "mgr", "gone", "blind")
OBSTACLE = sentence("approval.closed_record")


def words(text: str) -> Words:
    return Words({"en": text, "zh": text})


def nominees(*users: str, role: str = "checker", weights: Mapping[str, int] | None = None) -> tuple[Nominee, ...]:
    return tuple(Nominee(user, SeatGround("role", role), (weights or {}).get(user, 1)) for user in users)


class ApprovalWorld:
    """One approval with its people; `play` must be answered by an outcome."""

    def __init__(self, kind: QuorumKind = "any") -> None:
        self.kind = kind
        self.terms = ApprovalTerms(
            "release",
            1,
            (
                StepTerms("first", words("First"), covers=frozenset({"pieces"})),
                StepTerms("check", words("Check"), quorum=QUORUMS[kind], covers=frozenset({"total"})),
                StepTerms("last", words("Last"), covers=frozenset({"total"})),
            ),
            words("Release"),
            covers=frozenset({"total", "pieces"}),
        )
        self.answers = {
            "first": StepAnswer(True, nominees("first"), "role:first"),
            "check": StepAnswer(True, nominees("ann", "bob", "cho", weights={"ann": 2}), "role:checker"),
            "last": StepAnswer(True, nominees("boss"), "role:boss"),
        }
        self.people = {name: PersonFacts(name.title()) for name in NAMES}
        self.put_person("mgr", manages=True)
        self.put_person("gone", active=False)
        self.put_person("blind", sees=False)
        self.values: dict[str, Any] = {"total": 10, "pieces": 3}
        self.place: RecordPlace = "during"
        self.obstacle: Sentence | None = None
        self.is_own_doing = False
        self.today = TODAY
        self.course: Course | None = None
        self.log: list[LogEntry] = []
        self.moment = datetime(2026, 12, 1, 9, tzinfo=UTC)

    @property
    def facts(self) -> ApprovalFacts:
        return ApprovalFacts(
            values=dict(self.values),
            answers=dict(self.answers),
            people=dict(self.people),
            place=self.place,
            obstacle=self.obstacle,
            titles={"total": words("Total"), "pieces": words("Pieces")},
            is_own_doing=self.is_own_doing,
            today=self.today,
        )

    @property
    def running(self) -> Course:
        assert self.course is not None
        return self.course

    def put_person(self, user: str, **changes: Any) -> None:
        self.people[user] = replace(self.people[user], **changes)

    def put_terms(self, **changes: Any) -> None:
        self.terms = replace(self.terms, **changes)

    def put_step(self, key: str, **changes: Any) -> None:
        steps = tuple(replace(step, **changes) if step.key == key else step for step in self.terms.steps)
        self.put_terms(steps=steps)

    def ask_of(self, key: str, *users: str, grounds: str = "") -> None:
        """Let a step ask others; its formulas answer the same unless *grounds* says otherwise."""
        self.answers[key] = replace(
            self.answers[key], nominees=nominees(*users), grounds=grounds or self.answers[key].grounds
        )

    def drop_step(self, key: str) -> None:
        self.put_terms(steps=tuple(step for step in self.terms.steps if step.key != key))

    def run(self, key: str = "check") -> StepCourse:
        found = self.running.step(key)
        assert found is not None
        return found

    def seat_of(self, user: str, key: str = "check") -> int:
        return next(seat.id for seat in self.run(key).seats if seat.user == user)

    def play(self, verb: Verb, actor: str = MACHINE, **told: Any) -> ApprovalOutcome:
        """Do something that must be done."""
        self.moment += timedelta(minutes=1)
        done = decide(self.terms, self.course, ApprovalAct(verb, actor, **told), self.facts, self.moment)
        assert isinstance(done, ApprovalOutcome), done
        self.course = done.course
        self.log.append(done.entry)
        return done

    def start(self) -> None:
        self.play("start", "req")

    def reach_check(self) -> None:
        """Play until the step in the middle asks."""
        self.start()
        self.play("approve", "first")

    def lack_ann(self) -> None:
        """Let others agree until Ann's yes is enough."""
        others = {"any": (), "all": ("bob", "cho"), "count": ("bob",), "percent": ("bob",), "weight": ("bob",)}
        for user in others[self.kind]:
            self.play("approve", user, step="check")

    def give_check(self) -> None:
        """Play until the step in the middle is given."""
        self.reach_check()
        self.lack_ann()
        self.play("approve", "ann", step="check")

    def give(self) -> None:
        """Play until the approval is given; the record goes on."""
        self.give_check()
        self.play("approve", "boss")
        self.place = "to"
