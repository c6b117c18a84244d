"""Approvals at work: what is asked, decided and opened again, and what becomes of the record, its tasks and history."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from blankett.engine.departments import Absence
from blankett.engine.records import Command, Engine, Receipt, Refusal
from blankett.engine.records.command import ApprovalAsk
from blankett.engine.records.timers import fire_due
from blankett.engine.scenarios.stage import WORKSPACE
from blankett.engine.store import Member, Workspace
from blankett.engine.verify import verify

from .company import Company

ORDERS = """\
blueprint: shop
language: 1
title: Shop
roles:
  sales: {title: Sales}
  lead: {title: Leader}
  finance: {title: Finance}
  board: {title: Board}
forms:
  order:
    number: {pattern: "O-{counter:3}", at: submit}
    fields:
      total: {type: number, required: yes}
      note: {type: text}
      sent: {type: number, default: 0}
      seller: {type: user}
    states:
      draft: {start: true}
      review: {}
      released: {}
      packed: {}
      shipped: {final: true}
      refused: {final: stopped}
    actions:
      submit:
        from: draft
        during: review
        to: released
        by: sales
        when: total < 5000
        approval: release
        rejected: refused
        approves: [total]
        effects: [set: {sent: = sent + 1}]
      pack: {from: released, to: packed, by: sales}
      ship: {from: packed, to: shipped, by: sales}
      give_up: {from: [draft, review], to: refused, by: sales}
    approvals:
      release:
        steps:
          first: {title: Leader, approvers: lead}
          both:
            when: total > 100
            together:
              money: {title: Money, approvers: finance, need: 2}
              person: {title: Seller, approvers: = seller}
          last: {title: Board, when: total > 1000, approvers: [{role: board, weight: 2}, lead], need: {weight: 3}}
    grants:
      - {who: sales, may: [view, create, edit]}
      - {who: [lead, finance, board], may: view}
"""


class Shop(Company):
    """The shop with its people, and short ways to decide there."""

    def __init__(self, text: str = ORDERS) -> None:
        super().__init__(
            text, sam="sales", lea="lead", leo="lead", fin="finance", fay="finance", bob="board", sid="sales"
        )

    def requested(self, total: int, **values: Any) -> str:
        """Return an order whose release sam has asked for."""
        order = self.done("sam", "order", total=Decimal(total), **values).record
        self.done("sam", "order", order, action="submit")
        return order

    def decide(self, name: str, order: str, verb: str, **asked: Any) -> Receipt | Refusal:
        """Act on the approval of an order."""
        command = Command(
            intent=asked.pop("intent", ""), actor=self.actor(name), blueprint="shop", form="order", record=order,
            workspace=WORKSPACE, approval=ApprovalAsk(verb=verb, **asked),
        )  # fmt: skip
        return self.engine.apply(command)

    def told(self, name: str, order: str, verb: str, **asked: Any) -> str:
        """Return the state after an act, or the message it was refused with."""
        answer = self.decide(name, order, verb, **asked)
        return answer.problems[0].message if isinstance(answer, Refusal) else str(answer.state)

    def owed(self, order: str) -> list[str]:
        """Return who owes what: ``lea first``."""
        organisation = self.actor("sam").organisation
        with self.stage.store.reading() as reading:
            found = reading.tasks_for(organisation, order)
        return sorted(f"{task.user} {task.step or task.kind}" for task in found if task.user in self.people)

    def stands(self, order: str) -> tuple[str | None, str | None, object]:
        """Return the state of an order, its number and how often its effects ran."""
        view = self.view("sam", order)
        assert view is not None
        return view.state.key if view.state else None, view.number, view.values["sent"]


@pytest.fixture
def shop() -> Iterator[Shop]:
    """Give the shop; whatever happened there, all that is kept agrees."""
    made = Shop()
    yield made
    assert verify(made.stage.store) == []


def test_an_action_waits_for_its_approval_and_is_done_when_everybody_agreed(shop: Shop) -> None:
    order = shop.requested(50)
    before = shop.stands(order), shop.owed(order)
    state = shop.told("lea", order, "approve")
    assert (before, state, shop.stands(order), shop.owed(order)) == (
        (("review", None, 0), ["lea first", "leo first"]),
        "released",
        ("released", "O-001", 1),
        [],
    )


def test_steps_follow_each_other_side_by_side_and_by_weight(shop: Shop) -> None:
    order = shop.requested(2000, seller="sid")
    owed = [shop.owed(order)]
    for name in ("lea", "fin", "sid", "fay", "bob", "leo"):
        assert isinstance(shop.decide(name, order, "approve"), Receipt)
        owed.append(shop.owed(order))
    assert owed == [
        ["lea first", "leo first"],
        ["fay money", "fin money", "sid person"],
        ["fay money", "sid person"],
        ["fay money"],
        ["bob last", "lea last", "leo last"],
        ["lea last", "leo last"],
        [],
    ]
    assert shop.stands(order)[0] == "released"


def test_a_no_needs_a_reason_and_leads_to_where_it_is_rejected(shop: Shop) -> None:
    order = shop.requested(50)
    told = [shop.told("lea", order, "reject"), shop.told("lea", order, "reject", comment="Too late")]
    assert (told, shop.stands(order)) == (["approval.comment_missing", "refused"], ("refused", None, 0))


def test_what_is_returned_goes_straight_back_or_through_all_steps_again(shop: Shop) -> None:
    order = shop.requested(500, seller="sid")
    shop.decide("lea", order, "approve")
    assert shop.told("fin", order, "return", comment="Which customer?", then="straight") == "draft"
    assert shop.owed(order) == ["sam revise"]
    shop.done("sam", "order", order, note="Hansen")
    shop.done("sam", "order", order, action="submit")
    assert shop.owed(order) == ["fay money", "fin money", "sid person"]
    shop.decide("fin", order, "return", comment="Again")
    shop.done("sam", "order", order, action="submit")
    assert shop.owed(order) == ["lea first", "leo first"]


def test_who_asked_does_not_decide_nor_does_who_was_not_asked(shop: Shop) -> None:
    order = shop.requested(500, seller="sam")
    told = [shop.told(name, order, "approve") for name in ("sam", "fin", "sid")]
    assert told == ["approval.requester_barred", "approval.not_asked", "approval.not_asked"]


def test_of_two_who_decide_at_once_one_wins_and_the_other_reads_what_happened(shop: Shop) -> None:
    order = shop.requested(50)
    shown = shop.view("leo", order)
    assert shown is not None
    first = shop.decide("lea", order, "approve", revision=shown.revision)
    second = shop.decide("leo", order, "reject", comment="No", revision=shown.revision)
    assert isinstance(first, Receipt)
    assert isinstance(second, Refusal)
    assert (second.kind, second.problems[0].message) == ("state", "approval.over_given")


def test_the_same_form_sent_twice_decides_once(shop: Shop) -> None:
    order = shop.requested(50)
    answers = [shop.decide("lea", order, "approve", intent="form-1") for _ in range(2)]
    assert answers[0] == answers[1]
    assert shop.stands(order) == ("released", "O-001", 1)


def test_a_change_of_what_was_agreed_to_asks_again_and_runs_no_effect_twice(shop: Shop) -> None:
    order = shop.requested(50)
    shop.decide("lea", order, "approve")
    shop.done("sam", "order", order, note="Other words")
    assert shop.stands(order) == ("released", "O-001", 1)
    shop.done("sam", "order", order, total=Decimal(80))
    assert (shop.stands(order)[0], shop.owed(order)) == ("review", ["lea first", "leo first"])
    shop.decide("leo", order, "approve")
    assert shop.stands(order) == ("released", "O-001", 1)


def test_a_change_in_a_later_state_stays_there_and_holds_up_what_leads_on(shop: Shop) -> None:
    order = shop.requested(50)
    shop.decide("lea", order, "approve")
    shop.done("sam", "order", order, action="pack")
    shop.done("sam", "order", order, total=Decimal(90))
    command = Command(
        intent="", actor=shop.actor("sam"), blueprint="shop", form="order", record=order, workspace=WORKSPACE,
        action="ship",
    )  # fmt: skip
    refused = shop.engine.apply(command)
    assert isinstance(refused, Refusal)
    assert (refused.kind, refused.problems[0].message) == ("state", "approval.waits_again")
    assert shop.told("lea", order, "approve") == "packed"
    shop.done("sam", "order", order, action="ship")


def test_a_guard_that_holds_no_more_refuses_the_decision_and_leaves_it_open(shop: Shop) -> None:
    order = shop.requested(50, seller="sid")
    shop.done("sam", "order", order, total=Decimal(9000))
    told = [shop.told(name, order, "approve") for name in ("lea", "fin", "fay", "sid", "lea", "bob")]
    assert told == ["review", "review", "review", "review", "review", "approval.completion_refused"]
    assert (shop.stands(order), shop.owed(order)) == (("review", None, 0), ["bob last", "leo last"])


def test_another_action_out_of_the_state_takes_the_request_back(shop: Shop) -> None:
    order = shop.requested(50)
    shop.done("sam", "order", order, action="give_up")
    assert (shop.stands(order)[0], shop.owed(order)) == ("refused", [])
    assert shop.told("lea", order, "approve") == "approval.over_withdrawn"


def test_who_asked_takes_it_back_and_it_is_a_draft_again(shop: Shop) -> None:
    order = shop.requested(50)
    told = [shop.told("sid", order, "withdraw"), shop.told("sam", order, "withdraw")]
    assert (told, shop.owed(order)) == (["approval.not_requester", "draft"], [])


def test_others_are_asked_added_and_handed_to(shop: Shop) -> None:
    order = shop.requested(50)
    told = [
        shop.told("lea", order, "add_beside", users=("fin",)),
        shop.told("leo", order, "transfer", users=("leo",)),
        shop.told("leo", order, "transfer", users=("bob",)),
        shop.told("lea", order, "ask", users=("sam",), comment="Why?", waits=True),
        shop.told("lea", order, "approve"),
    ]
    assert told == ["review", "approval.transfer_self", "review", "review", "review"]
    assert shop.owed(order) == ["bob first", "fin first", "sam first"]


def test_a_decision_is_taken_back_within_its_grace(shop: Shop) -> None:
    order = shop.requested(500, seller="sid")
    shop.decide("lea", order, "approve")
    assert shop.told("lea", order, "recall") == "review"
    assert shop.owed(order) == ["lea first", "leo first"]
    shop.decide("lea", order, "approve")
    shop.stage.now += timedelta(minutes=11)
    assert shop.told("lea", order, "recall") == "approval.grace_over"


def test_what_asks_nobody_is_done_at_once() -> None:
    first = "first: {title: Leader, approvers: lead}"
    shop = Shop(ORDERS.replace(first, "first: {when: total > 10, approvers: lead}"))
    order = shop.requested(5)
    assert shop.stands(order) == ("released", "O-001", 1)


def test_a_step_without_anybody_waits_until_there_is_somebody(shop: Shop) -> None:
    order = shop.requested(500)
    assert shop.told("lea", order, "approve") == "review"
    without = shop.owed(order)
    shop.done("sam", "order", order, seller="sid")
    assert (without, shop.owed(order)) == (["fay money", "fin money"], ["fay money", "fin money", "sid person"])


def late(shop: Shop, **time: float) -> int:
    """Let time pass, and carry out what is due then; return how much was."""
    shop.stage.now += timedelta(**time)
    engine = Engine(shop.stage.store, lambda: shop.stage.now)
    return fire_due(engine, shop.actor("sam").organisation, 100, lambda refused: refused.problems[0].message)


@pytest.mark.parametrize(
    ("overdue", "state", "owed"),
    [
        ("remind", "review", ["lea first", "leo first"]),
        ("approve", "released", []),
        ("reject", "refused", []),
        ("return", "draft", ["sam revise"]),
    ],
)
def test_what_nobody_decides_in_time_takes_its_course_once(overdue: str, state: str, owed: list[str]) -> None:
    first = "first: {title: Leader, approvers: lead}"
    shop = Shop(ORDERS.replace(first, first[:-1] + f", due: 2 hours, overdue: {overdue}}}"))
    order = shop.requested(50)
    fired = [late(shop, hours=1), late(shop, hours=1, minutes=1), late(shop, hours=9)]
    assert (fired, shop.stands(order)[0], shop.owed(order)) == ([0, 1, 0], state, owed)
    assert verify(shop.stage.store) == []


def test_what_was_put_aside_until_a_day_is_taken_up_after_it(shop: Shop) -> None:
    order = shop.requested(50)
    until = shop.stage.now.date() + timedelta(days=2)
    shop.decide("lea", order, "hold", comment="After the fair", until=until)
    aside = [late(shop, days=2), shop.owed(order), shop.told("leo", order, "approve")]
    taken_up = [late(shop, days=1), shop.owed(order), late(shop, days=9), shop.told("leo", order, "approve")]
    assert aside == [0, [], "approval.is_held_until"]
    assert taken_up == [1, ["lea first", "leo first"], 0, "released"]


def test_what_was_put_aside_until_the_last_day_there_is_stays_aside(shop: Shop) -> None:
    order = shop.requested(50)
    assert isinstance(shop.decide("lea", order, "hold", comment="Some day", until=date.max), Receipt)
    assert (late(shop, days=900), shop.told("leo", order, "approve")) == (0, "approval.is_held_until")


@pytest.mark.parametrize(("due", "hours"), [("1 day", 25), ("24 hours", 24)])
def test_days_of_a_step_are_those_of_the_clock_where_the_record_is(due: str, hours: int) -> None:
    first = "first: {title: Leader, approvers: lead}"
    shop = Shop(ORDERS.replace(first, first[:-1] + f", due: {due}, overdue: remind}}"))
    organisation = shop.actor("sam").organisation
    with shop.stage.store.writing() as writing:
        writing.put_workspace(
            Workspace(organisation=organisation, id=WORKSPACE, title="Home", zone="Europe/Copenhagen")
        )
    shop.stage.now = datetime(2026, 10, 24, 12, tzinfo=UTC)  # the clocks go back in the night
    order = shop.requested(50)
    with shop.stage.store.reading() as reading:
        found = {task.due_at for task in reading.tasks_for(organisation, order)}
    assert found == {shop.stage.now + timedelta(hours=hours)}


def test_a_decision_in_time_leaves_nothing_to_be_done_later() -> None:
    first = "first: {title: Leader, approvers: lead}"
    shop = Shop(ORDERS.replace(first, first[:-1] + ", due: 2 hours, overdue: reject}"))
    order = shop.requested(50)
    shop.decide("lea", order, "approve")
    assert (late(shop, hours=3), shop.stands(order)[0]) == (0, "released")


def test_who_is_away_is_stood_in_for_and_both_names_stand_in_the_history(shop: Shop) -> None:
    now, organisation = shop.stage.now, shop.actor("sam").organisation
    absence = Absence(
        organisation=organisation, id="a", user="sid", substitute="bob", first=now.date(),
        last=now.date() + timedelta(days=3), by="sid", at=now,
    )  # fmt: skip
    with shop.stage.store.writing() as writing:
        writing.put_absence(absence)
    order = shop.requested(500, seller="sid")
    shop.decide("lea", order, "approve")
    assert "bob person" in shop.owed(order)
    assert shop.told("bob", order, "approve", step="person") == "review"
    with shop.stage.store.reading() as reading:
        (event, *_) = reading.events(organisation, order, limit=1)
    (entry,) = event.payload["approvals"]  # type: ignore[misc]
    assert (event.actor, entry["behalf"]) == ("bob", "sid")  # type: ignore[index]


def test_another_action_takes_back_what_was_opened_again_too(shop: Shop) -> None:
    order = shop.requested(50)
    shop.decide("lea", order, "approve")
    shop.done("sam", "order", order, total=Decimal(80))
    shop.done("sam", "order", order, action="give_up")
    assert (shop.stands(order)[0], shop.owed(order)) == ("refused", [])


def test_people_are_told_what_concerns_them_and_managers_where_nobody_can_decide(shop: Shop) -> None:
    with shop.stage.store.writing() as writing:
        lea = Member(
            organisation=shop.actor("lea").organisation, workspace=WORKSPACE, user="lea", administers=True,
            roles=("lead",),
        )  # fmt: skip
        writing.put_member(lea)
    order = shop.requested(500)
    shop.told("leo", order, "approve")
    shop.told("fin", order, "return", comment="Which one?")
    said = {
        name: [notice.text for notice in shop.engine.notices(shop.actor(name), 50)] for name in ("sam", "lea", "leo")
    }
    short = "“Seller” needs 1 to agree and asks 0: name somebody who decides."
    assert said == {"sam": ["“Money” returned it to you. Which one?", short], "lea": [short], "leo": []}


def test_a_record_that_was_taken_back_to_its_start_is_changed_freely_and_asked_for_anew() -> None:
    shop = Shop(ORDERS.replace("      pack:", "      revise: {from: released, to: draft, by: sales}\n      pack:"))
    order = shop.requested(50)
    shop.decide("lea", order, "approve")
    shop.done("sam", "order", order, action="revise")
    changed = shop.done("sam", "order", order, total=Decimal(80)).state, shop.owed(order)
    shop.done("sam", "order", order, action="submit")
    assert (changed, shop.owed(order)) == (("draft", []), ["lea first", "leo first"])
    assert verify(shop.stage.store) == []


def test_what_the_action_asked_is_known_when_a_change_leaves_nothing_to_decide() -> None:
    text = ORDERS.replace("effects: [", "ask: {why: {type: text}}\n        effects: [set: {note: = inputs.why}, ")
    shop = Shop(text.replace("first: {", "first: {when: total > 10, "))
    order = shop.done("sam", "order", total=Decimal(50)).record
    shop.done("sam", "order", order, action="submit", inputs={"why": "It is urgent."})
    state = shop.done("sam", "order", order, total=Decimal(5)).state
    view = shop.view("sam", order)
    assert (state, view and view.values["note"]) == ("released", "It is urgent.")


def test_everybody_is_asked_who_sees_the_record_once_it_waits() -> None:
    text = ORDERS.replace("first: {title: Leader, approvers: lead}", "first: {approvers: [lead, = seller], need: all}")
    shop = Shop(text.replace("[lead, finance, board], may: view", "[lead, finance, board], may: view, states: review"))
    order = shop.requested(50, seller="sid")
    asked = shop.owed(order)
    for name in ("lea", "leo", "sid"):
        shop.told(name, order, "approve")
    shop.done("sam", "order", order, total=Decimal(80))
    assert (asked, shop.owed(order)) == (["lea first", "leo first", "sid first"],) * 2


def test_what_is_said_is_no_longer_than_a_comment_and_said_by_those_who_may_comment(shop: Shop) -> None:
    order = shop.requested(50)
    told = [
        shop.told("fin", order, "comment", comment="Why not?"),
        shop.told("lea", order, "reject", comment="no" * 5_001),
        shop.told("lea", order, "reject", comment="no\x00"),
    ]
    assert told == ["refusal.may_not_comment", "field.too_long", "field.bad_characters"]
    assert shop.stands(order)[0] == "review"


@pytest.mark.parametrize("to", ["released", "shipped"])
def test_what_the_action_does_itself_does_not_ask_for_it_again(to: str) -> None:
    text = ORDERS.replace("        approves: [total]\n", "").replace("total < 5000", "total < 5000 and sent < 2")
    shop = Shop(text.replace("to: released\n        by", f"to: {to}\n        by"))
    order = shop.requested(50)
    state = shop.told("lea", order, "approve"), shop.owed(order), shop.stands(order)
    assert state == (to, [], (to, "O-001", 1))
    assert verify(shop.stage.store) == []


def test_a_change_after_what_the_action_did_itself_asks_again() -> None:
    text = ORDERS.replace("        approves: [total]\n", "").replace("total < 5000", "total < 5000 and sent < 2")
    shop = Shop(text)
    order = shop.requested(50)
    shop.decide("lea", order, "approve")
    shop.done("sam", "order", order, note="Hello")
    before = shop.stands(order)[0]
    shop.done("sam", "order", order, total=Decimal(80))
    assert (before, shop.stands(order)[0], shop.owed(order)) == ("released", "review", ["lea first", "leo first"])
    assert verify(shop.stage.store) == []


def test_a_decision_about_values_that_stand_there_no_more_is_refused(shop: Shop) -> None:
    order = shop.requested(50)
    shown = []
    for total in (90, 60, 50):
        shop.done("sam", "order", order, total=Decimal(total))
        view = shop.view("lea", order)
        assert view is not None
        shown.append(view.revision)
    shop.done("sam", "order", order, note="Nothing that is agreed to")
    told = [shop.told("lea", order, "approve", revision=revision) for revision in shown]
    assert told == ["approval.values_moved", "approval.values_moved", "released"]


def test_asking_many_takes_no_more_queries_than_asking_few() -> None:
    def queries(count: int) -> int:
        shop = Shop()
        for number in range(count):
            shop.people[f"lead{number}"] = frozenset({"lead"})
            shop.actor(f"lead{number}")
        order = shop.requested(50)
        statements: list[str] = []
        with shop.stage.store.reading() as reading:
            driver = reading.connection.connection.dbapi_connection
        assert isinstance(driver, sqlite3.Connection)
        driver.set_trace_callback(statements.append)
        shop.view("lea", order)
        driver.set_trace_callback(None)
        assert len(shop.owed(order)) == 2 + count
        return len(statements)

    assert queries(1) == queries(20)


def test_what_moves_by_itself_is_agreed_to_by_what_it_is_worked_out_from() -> None:
    fields = """\
      seller: {type: user}
      pieces: {type: number}
      article: {type: link, to: article}
      lines:
        type: table
        fields:
          count: {type: number}
          sum: {type: number, compute: count * parent.article.price, snapshot: [packed]}
      worth: {type: number, compute: pieces * article.price + total(lines.sum), snapshot: [packed]}
"""
    article = "  article: {life: reference, fields: {price: {type: number}}, grants: [{who: sales, may: all}]}\n"
    text = ORDERS.replace("approves: [total]", "approves: [worth]").replace("forms:\n", f"forms:\n{article}", 1)
    shop = Shop(text.replace("      seller: {type: user}\n", fields))
    screw = shop.done("sam", "article", price=Decimal(2)).record
    order = shop.requested(50, pieces=Decimal(3), article=screw, lines=[{"count": Decimal(2)}])
    shop.decide("lea", order, "approve")
    shop.done("sam", "article", screw, price=Decimal(9))
    states = [shop.done("sam", "order", order, note="By a rate alone").state]
    states.append(shop.done("sam", "order", order, pieces=Decimal(30)).state)
    shop.decide("lea", order, "approve")
    states.append(shop.done("sam", "order", order, action="pack").state)
    assert (states, shop.owed(order)) == (["released", "review", "packed"], [])


def test_a_write_asks_those_who_may_decide_by_now_and_who_stands_in_by_now(shop: Shop) -> None:
    order, now, organisation = shop.requested(50), shop.stage.now, shop.actor("lea").organisation
    shop.people["ludo"] = frozenset({"lead"})
    shop.actor("ludo")
    absence = Absence(
        organisation=organisation, id="a", user="leo", substitute="bob", first=now.date(),
        last=now.date() + timedelta(days=3), by="leo", at=now,
    )  # fmt: skip
    with shop.stage.store.writing() as writing:
        writing.put_member(Member(organisation=organisation, workspace=WORKSPACE, user="lea", roles=()))
        writing.put_absence(absence)
    shop.done("sam", "order", order, note="Hello")
    assert shop.owed(order) == ["bob first", "leo first", "ludo first"]


def test_who_was_named_to_decide_decides_alone_whatever_is_written() -> None:
    shop = Shop(ORDERS.replace("board], may: view", "board], may: [view, administer]"))
    order = shop.requested(50)
    shop.decide("fin", order, "replace", users=("bob",))
    shop.done("sam", "order", order, note="Hello")
    assert (shop.owed(order), shop.told("bob", order, "approve")) == (["bob first"], "released")


def test_what_a_timer_changes_asks_again_as_what_a_person_changes() -> None:
    timer = "    timers:\n      grow: {states: released, after: 1 day, then: [set: {total: 4000}]}\n    approvals:\n"
    shop = Shop(ORDERS.replace("    approvals:\n", timer))
    order = shop.requested(50)
    shop.decide("lea", order, "approve")
    assert (late(shop, days=2), shop.stands(order)[0], shop.owed(order)) == (1, "review", ["lea first", "leo first"])
    assert verify(shop.stage.store) == []


def test_whoever_changes_what_was_agreed_to_is_told_of_fields_that_they_may_read() -> None:
    margin = "      margin: {type: number, compute: total / 10, private: [lead]}\n      seller:"
    shop = Shop(ORDERS.replace("      seller:", margin).replace("approves: [total]", "approves: [total, margin]"))
    order = shop.requested(50)
    shop.decide("lea", order, "approve")
    (warning,) = shop.done("sam", "order", order, total=Decimal(80)).warnings
    assert ("total" in str(warning).lower(), "margin" in str(warning).lower()) == (True, False)


def test_who_came_into_a_role_decides_though_nothing_was_written_since(shop: Shop) -> None:
    order = shop.requested(50)
    shop.people["ludo"] = frozenset({"lead"})
    view = shop.engine.open(shop.actor("ludo"), order)
    assert view is not None
    (seen,) = view.approvals
    assert (seen.your_step is not None, shop.owed(order)) == (True, ["lea first", "leo first"])
    assert (shop.told("fin", order, "approve"), shop.told("ludo", order, "approve")) == (
        "approval.not_asked",
        "released",
    )
