"""Handing over everything of somebody who leaves: what there is, one act, an event for each record, nothing twice."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from blankett.engine.access import load_actor
from blankett.engine.departments import Absence
from blankett.engine.jobs.handover_job import HandoverJob
from blankett.engine.people.department_changes import DepartmentChanges, WantedDepartment, WantedPost
from blankett.engine.records.command import Command, Handover, Refusal
from blankett.engine.store import StoredRecord
from blankett.engine.store.jobs import Job, find_job
from blankett.engine.verify import verify
from blankett.web.services import Services

from .conftest import ORGANISATION, ROOM, publish
from .pages import form_pairs, with_values, words

SignedIn = Callable[[str], Any]
DESK = """\
blueprint: desk
language: 1
title: Desk
roles:
  clerk: {title: Clerk}
  manager: {title: Manager}
forms:
  ticket:
    title: Ticket
    plural: Tickets
    show: "{what}"
    fields:
      what: {type: text, required: yes}
      boss: {type: user}
    approvals:
      agree: {steps: {boss: {title: Boss, approvers: = boss}}}
    states:
      open: {start: true}
      asked: {}
      done: {final: true}
      no: {final: stopped}
    actions:
      ask: {title: Ask, from: open, to: done, by: clerk, approval: agree, during: asked, rejected: no}
      drop: {title: Drop, from: open, to: no, by: clerk}
    grants:
      - {who: clerk, may: [create, view, edit]}
      - {who: manager, may: [view]}
"""


def said(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


@pytest.fixture
def desk(services: Services) -> Services:
    """Tickets of Anna's, a department that she heads, a post, and Wu, for whom she stands in."""
    publish(services.store, DESK, services.clock())
    with services.store.writing() as writing:
        changes = DepartmentChanges(writing, ORGANISATION, services.clock())
        changes.create(WantedDepartment(title="Sales", head="anna", deputy="wu"))
        changes.create_post(WantedPost(title="Chief clerk", department="sales", holder="anna"))
        writing.put_absence(
            Absence(
                organisation=ORGANISATION, id="a1", user="mette", substitute="anna", by="mette", at=services.clock(),
                first=date(2026, 12, 1), last=date(2026, 12, 5),
            )
        )  # fmt: skip
    return services


def ticket(visitor: Any, what: str, **typed: str) -> str:
    pairs = form_pairs(visitor.get("/forms/desk/ticket/new").text)
    answer = visitor.post("/forms/desk/ticket/new", with_values(pairs, what=what, _do="save", **typed))
    assert answer.status_code == 303, words(answer.text)
    return str(answer.headers["Location"]).rpartition("/")[2]


def act(services: Services, user: str, record: str, action: str) -> None:
    with services.store.reading() as reading:
        actor = load_actor(reading, ORGANISATION, user)
    assert actor is not None
    command = Command(intent="", actor=actor, blueprint="desk", form="ticket", record=record, action=action)
    answer = services.engine.apply(command)
    assert not isinstance(answer, Refusal), answer


def stored(services: Services, record: str) -> StoredRecord:
    with services.store.reading() as reading:
        found = reading.record(ORGANISATION, record)
    assert found is not None
    return found


def run_job(services: Services, kind: HandoverJob) -> list[str]:
    """Take the steps of the job that was asked for last, as a worker does; return what each came to."""
    with services.store.reading() as reading:
        row = reading.connection.exec_driver_sql("SELECT id FROM job WHERE kind = 'handover'").scalar()
        job = find_job(reading, ORGANISATION, str(row))
    assert isinstance(job, Job)
    outcomes = []
    while not outcomes or outcomes[-1] == "again":
        outcomes.append(kind.take_step(services.engine, job, "w").outcome)
    return outcomes


def test_everything_goes_to_another_and_each_record_says_so(desk: Services, signed_in: SignedIn) -> None:
    anna, admin = signed_in("anna"), signed_in("admin")
    tickets = [ticket(anna, f"ink {number}") for number in range(3)]
    over = ticket(anna, "paper")
    act(desk, "anna", over, "drop")
    page = said(admin.get("/people/anna/hand-over").text)
    for told in ("Tickets: 3", "Head: Sales", "Posts: Chief clerk", "Stands in for: Mette Holm"):
        assert told in page
    assert admin.post("/people/anna/hand-over", {"heir": "Wu Jing"}).status_code == 303
    with desk.store.reading() as reading:
        directory = reading.directory(ORGANISATION)
        held = (directory.departments["sales"].head, directory.departments["sales"].deputy)
        assert (held, [post.holder for post in directory.posts.values()]) == (("wu", None), ["wu"])
        assert [each.substitute for each in reading.absences(ORGANISATION, date(2026, 12, 1))] == ["wu"]
    assert run_job(desk, HandoverJob()) == ["again", "done"]
    assert [stored(desk, id).owner for id in [*tickets, over]] == ["wu", "wu", "wu", "anna"]
    assert "handed over from Anna Lindqvist to Wu Jing" in said(anna.get(f"/records/{tickets[0]}").text)
    assert "Nothing is left to hand over." in admin.get("/people/anna/hand-over").text
    assert run_job(desk, HandoverJob()) == ["done"]
    assert [stored(desk, id).revision for id in tickets] == [2, 2, 2]
    assert [*verify(desk.store)] == []


def test_what_is_owed_to_approvals_goes_too_and_what_cannot_is_shown(desk: Services, signed_in: SignedIn) -> None:
    wu, admin = signed_in("wu"), signed_in("admin")
    asked = ticket(wu, "ink", boss="Mette Holm")
    act(desk, "wu", asked, "ask")
    # Olga may not see tickets, so she cannot decide about one: it stays, and the page says so.
    admin.post("/people/mette/hand-over", {"heir": "Olga Strand"})
    assert run_job(desk, HandoverJob()) == ["done"]
    assert "Something is owed to the approval of one record" in said(admin.get("/people/mette/hand-over").text)
    with desk.store.writing() as writing:
        writing.connection.exec_driver_sql("DELETE FROM job")
    admin.post("/people/mette/hand-over", {"heir": "Anna Lindqvist"})
    assert run_job(desk, HandoverJob()) == ["again", "done"]
    with desk.store.reading() as reading:
        assert [task.user for task in reading.tasks_for(ORGANISATION, asked)] == ["anna"]


@pytest.mark.parametrize("lost", ["active", "is_admin"])
def test_what_somebody_asked_for_who_may_not_any_more_is_not_said_to_be_done(
    desk: Services, signed_in: SignedIn, lost: str
) -> None:
    wu, admin = signed_in("wu"), signed_in("admin")
    record = ticket(wu, "ink", boss="Mette Holm")
    act(desk, "wu", record, "ask")
    admin.post("/people/mette/hand-over", {"heir": "Anna Lindqvist"})
    with desk.store.writing() as writing:
        asker = writing.user(ORGANISATION, "admin")
        assert asker is not None
        writing.update_user(replace(asker, **{lost: False}))  # type: ignore[arg-type]
    with pytest.raises(RuntimeError, match="may not hand over any more: admin"):
        run_job(desk, HandoverJob())
    with desk.store.reading() as reading:
        assert [task.user for task in reading.tasks_for(ORGANISATION, record)] == ["mette"]


WRONG = {
    "oneself": ("anna", "Choose somebody else: that is the same person."),
    "nobody": ("Nobody", "Nobody is called Nobody, and nobody has that address."),
    "empty": ("", "Say who."),
}


@pytest.mark.parametrize(("heir", "told"), WRONG.values(), ids=WRONG)
def test_to_whom_it_cannot_go_is_told(desk: Services, signed_in: SignedIn, heir: str, told: str) -> None:
    answer = signed_in("admin").post("/people/anna/hand-over", {"heir": heir})
    assert (answer.status_code, told in words(answer.text)) == (422, True)


def test_only_administrators_hand_over(desk: Services, signed_in: SignedIn) -> None:
    anna = signed_in("anna")
    record = ticket(anna, "ink")
    assert anna.post("/people/anna/hand-over", {"heir": "wu"}).status_code == 403
    with desk.store.reading() as reading:
        actor = load_actor(reading, ORGANISATION, "anna")
    assert actor is not None
    command = Command(
        intent="", actor=actor, blueprint="desk", form="ticket", record=record, workspace=ROOM,
        handover=Handover("anna", "wu"),
    )  # fmt: skip
    answer = desk.engine.apply(command)
    assert isinstance(answer, Refusal)
    assert (answer.kind, answer.problems[0].message) == ("forbidden", "refusal.may_not_hand_over")
