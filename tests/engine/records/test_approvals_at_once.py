"""Several people decide at one moment: exactly one wins, the others read what happened, and nothing is half done."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from blankett.engine.language.loader import read_blueprint
from blankett.engine.records import Receipt, Refusal
from blankett.engine.records.command import ApprovalAsk, Command
from blankett.engine.verify import verify

from .conftest import ORGANISATION, TRADE, Trade, make_trade
from .test_concurrency import at_once

WISH = """\
forms:
  wish:
    fields:
      sum: {type: number, required: yes}
      granted: {type: number, default: 0}
    states: {draft: {start: true}, review: {}, granted: {}, refused: {final: stopped}}
    actions:
      ask:
        from: draft
        during: review
        to: granted
        by: warehouse
        approval: granting
        rejected: refused
        approves: [sum]
        effects: [set: {granted: = granted + 1}]
    approvals:
      granting: {steps: {all_of_sales: {approvers: sales, need: any}}}
    grants:
      - {who: [sales, warehouse, manager], may: [view, create, edit]}
"""
DATABASES = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]


@pytest.fixture(params=DATABASES)
def wishes(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Trade]:
    """Give a company in a database of its own, where wishes must be granted; all that is kept of it agrees."""
    is_file = request.param == "sqlite"
    made = make_trade(
        f"sqlite:///{tmp_path / 'wishes.db'}" if is_file else request.getfixturevalue("make_postgres_database")()
    )
    made.publish(TRADE.replace("forms:\n", WISH, 1))
    yield made
    assert verify(made.store, ORGANISATION, load=lambda text, find, edition: read_blueprint(text)) == []
    made.store.close()


def asked(trade: Trade) -> str:
    """Return a wish that waits for sales."""
    wish = trade.done("wilma", "wish", sum=Decimal(5)).record
    trade.done("wilma", "wish", wish, action="ask")
    return wish


def deciding(trade: Trade, name: str, wish: str, verb: str, comment: str = "") -> Callable[[], Any]:
    command = Command(
        intent=f"{name}-{verb}", actor=trade.actor(name), blueprint="trade", form="wish", record=wish,
        approval=ApprovalAsk(verb=verb, comment=comment),
    )  # fmt: skip
    return lambda: trade.engine.apply(command)


def test_of_several_who_decide_at_one_moment_one_wins(wishes: Trade) -> None:
    wish = asked(wishes)
    answers = at_once(
        deciding(wishes, "anna", wish, "approve"),
        deciding(wishes, "bo", wish, "reject", "No"),
        deciding(wishes, "max", wish, "approve"),
    )
    lost = [answer for answer in answers if isinstance(answer, Refusal)]
    won = next(answer for answer in answers if isinstance(answer, Receipt))
    assert len(lost) == 2
    assert {refused.problems[0].message for refused in lost} == {
        "approval.over_given" if won.state == "granted" else "approval.over_rejected"
    }
    assert wishes.stored(wish).data.get("granted") == ("1" if won.state == "granted" else "0")


def test_one_form_sent_many_times_at_once_decides_once(wishes: Trade) -> None:
    wish = asked(wishes)
    answers = at_once(*[deciding(wishes, "anna", wish, "approve")] * 6)
    assert len(set(answers)) == 1
    assert wishes.stored(wish).data["granted"] == "1"


def test_a_decision_and_a_change_at_one_moment_leave_nothing_agreed_to_unseen(wishes: Trade) -> None:
    wish = asked(wishes)
    at_once(
        deciding(wishes, "anna", wish, "approve"),
        lambda: wishes.apply("wilma", "wish", wish, sum=Decimal(50)),
    )
    with wishes.store.reading() as reading:
        (kept,) = reading.approvals(ORGANISATION, wish)
    stored = wishes.stored(wish)
    assert dict(kept.course["values"])["sum"] == stored.data["sum"]
    # Either the change came first and was agreed to, or it came later and is asked about.
    assert (stored.state, kept.status) in {("granted", "given"), ("review", "running")}
