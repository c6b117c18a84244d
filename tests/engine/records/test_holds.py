"""What holds a record up is told to who would be told by trying, with what they may not see hidden in it."""

from __future__ import annotations

from decimal import Decimal

import pytest
from tests.engine.records.company import Company

from blankett.words import put_value

TEXT = """
blueprint: hold
language: 1
title: Hold
roles: {clerk: {}, money: {}, guest: {}}
forms:
  job:
    show: Job
    fields:
      debt: {type: number, private: [money]}
      stop: {type: yes_no}
      amount: {type: number}
    states: {new: {start: true}, open: {}, packed: {}, done: {final: true}}
    actions:
      send: {from: new, to: open, by: clerk}
      release: {from: open, to: packed, by: clerk}
      finish: {from: packed, to: done, by: guest}
      lift: {from: open, by: money, effects: [set: {stop: false}]}
    rules:
      owes: {title: Owes, at: release, when: debt != null and debt > 10, then: [refuse: "Owes {debt} of {amount}."]}
      stops: {title: Stops, at: release, when: stop, then: [refuse: "Stops at {debt}."]}
      later: {title: Later, at: finish, when: debt != null, then: [refuse: Not yet.]}
    grants: [{who: clerk, may: all}, {who: money, may: all}, {who: guest, may: view}]
"""


@pytest.fixture(scope="module")
def company() -> Company:
    return Company(TEXT, cleo="clerk", mia="money", gus="guest")


@pytest.mark.parametrize(
    ("who", "held"),
    [
        ("mia", ["Owes 20 of 70.", "Stops at 20.", "Not yet."]),
        # They would be told when they release it; that it is held later hangs on what they may not see.
        ("cleo", ["Owes (hidden) of 70.", "Stops at (hidden)."]),
        # They could not try: a condition that they may not read stays unsaid.
        ("gus", ["Stops at (hidden)."]),
    ],
    ids=["who may see all", "who may try", "who looks on"],
)
def test_what_holds_a_record_up_is_told_as_far_as_the_reader_may_know(
    company: Company, who: str, held: list[str]
) -> None:
    record = company.done("mia", "job", debt=Decimal(20), stop=True, amount=Decimal(70)).record
    company.done("cleo", "job", record, action="send")
    view = company.view(who, record)
    assert view is not None
    assert [put_value("en", hold.text) for hold in view.holds] == held
