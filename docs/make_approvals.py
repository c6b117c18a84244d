"""Make approvals.md from the table that the machine is made from: `python docs/make_approvals.py` rewrites the page."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from blankett.engine.formula import Words
from blankett.engine.sentences import Sentence
from blankett.engine.workflow.act import ApprovalAct, LogEntry
from blankett.engine.workflow.approval_table import CASES, CASES_OF, KINDS, REFUSES, ApprovalCase
from blankett.engine.workflow.course import Course, SeatGround
from blankett.engine.workflow.facts import ApprovalFacts, Nominee, PersonFacts, StepAnswer
from blankett.engine.workflow.machine import (
    ApprovalRefusal,
    BulkItem,
    changed_since_their_approval,
    decide,
    decide_each,
    forecast,
    options,
    replay,
    waits_for_again,
    why_asked,
)
from blankett.engine.workflow.situations import SITUATIONS
from blankett.engine.workflow.terms import ApprovalTerms, Quorum, StepTerms
from blankett.words import all_catalogs, put_value, say

PAGE = Path(__file__).with_name("approvals.md")
#: ``<!-- table: cases -->``, and what was made for it up to ``<!-- end -->``.
PLACE = re.compile(r"<!-- table: (?P<what>\w+) -->(?:\n.*?<!-- end -->)?", re.DOTALL)


def cases() -> Iterator[str]:
    """Yield the rows of each verb, in the order in which they are asked."""
    yield f"{len(CASES)} rows of {len(CASES_OF)} verbs."
    for verb, rows in CASES_OF.items():
        yield ""
        yield f"### {verb}"
        yield ""
        yield "| when | kinds | then | says |"
        yield "|---|---|---|---|"
        for case in rows:
            yield f"| {situation(case)} | {kinds(case)} | {result(case)} | `{case.sentence}` |"


def situation(case: ApprovalCase) -> str:
    """Return when a row is the case."""
    found = SITUATIONS[case.situation]
    return f"{found.help}{' ✎' if found.is_typed else ''}"


def kinds(case: ApprovalCase) -> str:
    """Return the kinds of step a row is about."""
    return "" if case.kinds == KINDS else ", ".join(f"`{kind}`" for kind in case.kinds)


def result(case: ApprovalCase) -> str:
    """Return what a row comes to."""
    return "refused" if case.result == REFUSES else f"**{case.result.strip('_').replace('_', ' ')}**"


def edges() -> Iterator[str]:
    """Yield the rows that answer each edge case, with what is read."""
    yield "| edge case | verb, situation | then | the person reads |"
    yield "|---|---|---|---|"
    for edge in dict.fromkeys(case.edge for case in CASES if case.edge):
        rows = [case for case in CASES if case.edge == edge]
        for sentence in dict.fromkeys(case.sentence for case in rows):
            said = [case for case in rows if case.sentence == sentence]
            verbs = ", ".join(f"`{verb}`" for verb in dict.fromkeys(case.verb for case in said))
            yield f"| {edge} | {verbs}: {situation(said[0])} | {result(said[0])} | {text('en', sentence)} |"


def sentences() -> Iterator[str]:
    """Yield every sentence of the table, in English and Chinese."""
    yield "| id | English | Chinese |"
    yield "|---|---|---|"
    for sentence in sorted({case.sentence for case in CASES}):
        yield f"| `{sentence}` | {text('en', sentence)} | {text('zh', sentence)} |"


def text(language: str, id: str) -> str:
    """Return a sentence with its parameters in braces."""
    message = all_catalogs()[language].find(id)
    if message is None:
        raise LookupError(f"no words for {id}")
    return "".join(piece if isinstance(piece, str) else f"{{{piece.name}}}" for piece in message.pieces(None))


# An order that is sent, agreed to, and grows


NAMES = {"anna": "Anna", "henrik": "Henrik", "mette": "Mette", "ellen": "Ellen", "petra": "Petra", "lars": "Lars"}
TERMS = ApprovalTerms(
    "release_order",
    1,
    (
        StepTerms("warehouse", Words({"en": "Warehouse can deliver"}), covers=frozenset({"pieces"})),
        StepTerms("sales", Words({"en": "Sales manager"}), group="price"),
        StepTerms("finance", Words({"en": "Finance"}), group="price", quorum=Quorum("count", 2)),
        StepTerms("director", Words({"en": "Director"})),
    ),
    Words({"en": "Release order"}),
    covers=frozenset({"total"}),
)


def facts(total: int, *, place: Any = "during", pieces: int = 86) -> ApprovalFacts:
    """Return what is the case for an order of that total."""
    director = StepAnswer(total >= 15_000, (nominee("lars", "director"),), "role:director")
    return ApprovalFacts(
        values={"total": total, "pieces": pieces},
        answers={
            "warehouse": StepAnswer(True, (nominee("henrik", "warehouse"),), "role:warehouse"),
            "sales": StepAnswer(True, (nominee("mette", "sales_manager"),), "role:sales_manager"),
            "finance": StepAnswer(True, (nominee("ellen", "finance"), nominee("petra", "finance")), "role:finance"),
            "director": director,
        },
        people={user: PersonFacts(name) for user, name in NAMES.items()},
        place=place,
        titles={"total": "Total", "pieces": "Pieces"},
    )


def nominee(user: str, role: str) -> Nominee:
    """Return somebody who is asked for a role."""
    return Nominee(user, SeatGround("role", role))


def said(told: Sentence) -> str:
    """Return a sentence in English."""
    return say("en", told.message, **told.params)


class Story:
    """An approval that is played, and written down as it goes."""

    def __init__(self) -> None:
        """Begin before anybody asked."""
        self.course: Course | None = None
        self.log: list[LogEntry] = []
        self.moment = datetime(2026, 11, 17, 9, tzinfo=UTC)

    def play(self, act: ApprovalAct, case: ApprovalFacts, what: str) -> str:
        """Do something and return its line."""
        self.moment += timedelta(minutes=20)
        done = decide(TERMS, self.course, act, case, self.moment)
        if not isinstance(done, ApprovalRefusal):
            self.course = done.course
            self.log.append(done.entry)
        return f"| {NAMES[act.actor]} | {what} | {said(done.sentence)} |"


def story() -> Iterator[str]:
    """Yield an order that is sent, agreed to, and then made larger."""
    before = forecast(TERMS, facts(12_444), "anna", datetime(2026, 11, 17, 9, tzinfo=UTC))
    if isinstance(before, ApprovalRefusal):
        raise LookupError("the order of the story cannot be sent")
    steps = (f"{step.step} {step.outcome} {', '.join(NAMES[user] for user in step.users)}".strip() for step in before)
    yield f"Before it is sent, Anna sees what would follow: {'; '.join(steps)}."
    yield ""
    yield "| who | does | reads |"
    yield "|---|---|---|"
    tale, small, large = Story(), facts(12_444), facts(16_217, pieces=86, place="to")
    yield tale.play(ApprovalAct("start", "anna"), small, "sends an order of 12 444 EUR")
    yield tale.play(ApprovalAct("approve", "mette", "sales"), small, "wants to approve at once")
    yield tale.play(ApprovalAct("approve", "henrik"), small, "approves")
    yield tale.play(ApprovalAct("approve", "mette"), small, "approves")
    yield tale.play(ApprovalAct("approve", "ellen"), small, "approves")
    yield tale.play(ApprovalAct("approve", "petra"), small, "approves")
    yield tale.play(ApprovalAct("change", "anna"), large, "makes it an order of 16 217 EUR")
    yield from told(tale)


def told(tale: Story) -> Iterator[str]:
    """Yield what those of the story may do now, and why."""
    course, now = tale.course, facts(16_217)
    if course is None or replay(tale.log) != course:
        raise LookupError("the log of the story does not lead to its end")
    (path, then, total), *_ = changed_since_their_approval(TERMS, course, "mette", now, tale.moment)
    yield ""
    yield f"Mette sees what changed since she agreed: {path} {put_value('en', then)} → {put_value('en', total)}."
    yield "What she may not do now, and why:"
    yield ""
    for option in options(TERMS, course, "mette", now, tale.moment):
        if not option.is_possible:
            yield f"- {option.verb}: {said(option.sentence)}"
    yield ""
    reasons = [*why_asked(TERMS, course, now, "lars"), *why_asked(TERMS, course, now, "ellen")]
    yield "Why Lars, why Ellen: " + " ".join(said(reason.sentence) for reason in reasons)
    act = ApprovalAct("approve", "ellen")
    bulk = decide_each([BulkItem(TERMS, course, act, now)], tale.moment)
    yield f"Ellen approves it with five others, and this one says: {said(bulk[0].sentence)}"
    if waits_for_again(TERMS, course, now) is not None:
        raise LookupError("the order of the story has not gone on")


TABLES: Mapping[str, Callable[[], Iterator[str]]] = {
    "cases": cases,
    "edges": edges,
    "sentences": sentences,
    "story": story,
}


def made(page: str) -> str:
    """Return the page with its tables made anew."""
    return PLACE.sub(
        lambda place: "\n".join([f"<!-- table: {place['what']} -->", *TABLES[place["what"]](), "<!-- end -->"]), page
    )


if __name__ == "__main__":
    PAGE.write_text(made(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
