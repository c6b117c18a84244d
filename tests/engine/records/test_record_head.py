"""The head of a record, which its edit form shows: it tells how the record came where it is as the whole history does,
and reads only what can have led it there.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from blankett.engine.records.read import record_view
from blankett.engine.records.read.results import RecordHead, RecordView
from blankett.engine.store import StoredEvent

from .company import Company

CLAIMS = """\
blueprint: claims
language: 1
title: Claims
roles: {clerk: {}, chief: {}}
forms:
  claim:
    fields:
      currency: {type: choice, options: [EUR, DKK], default: EUR}
      note: {type: text}
    states: {draft: {start: true, title: Draft}, sent: {title: Sent}}
    actions:
      send: {from: draft, to: sent, by: clerk}
      return: {from: sent, to: draft, by: chief, ask: {missing: {type: money, currency: currency}}}
    grants: [{who: clerk, may: all}, {who: chief, may: all}]
"""


@pytest.fixture
def claims() -> Company:
    return Company(CLAIMS, anna="clerk", carl="chief")


@pytest.fixture
def returned(claims: Company) -> str:
    """A claim that came back, and has another currency since."""
    made = claims.done("anna", "claim").record
    claims.done("anna", "claim", made, action="send")
    claims.done("carl", "claim", made, action="return", inputs={"missing": Decimal(5)})
    claims.done("anna", "claim", made, currency="DKK")
    return made


def seen(company: Company, name: str, record: str) -> tuple[RecordHead, RecordView]:
    """Return the head of a record, and the whole."""
    actor = company.actor(name)
    with company.engine.store.reading() as reading:
        head = record_view.open_head(company.engine.unit(reading, actor), record)
        whole = record_view.open_record(company.engine.unit(reading, actor), record)
    assert head is not None
    assert whole is not None
    return head, whole


def test_a_head_tells_how_a_record_came_where_it_is_as_its_history_does(claims: Company, returned: str) -> None:
    head, whole = seen(claims, "anna", returned)
    assert whole.move is not None
    assert [(title, str(words)) for title, words in whole.move.inputs] == [("Missing", "€5.00")]
    same = {name: value for name, value in vars(whole).items() if name in vars(head) and name != "actions"}
    assert {**vars(head), "actions": None} == {
        **same, "actions": None, "move": replace(whole.move, changes=(), revision=0)
    }  # fmt: skip
    assert (head.came_from, head.state) == (head.states[1], head.states[0])


def test_a_head_reads_no_more_of_a_history_that_grew(claims: Company, returned: str) -> None:
    before = moves(claims, returned)
    for number in range(5):
        claims.done("anna", "claim", returned, note=f"note {number}")
    assert moves(claims, returned) == before
    assert [event.kind for event in before] == ["act", "act", "create"]


def moves(company: Company, record: str) -> list[StoredEvent]:
    """Return what a head reads of a record's history."""
    organisation = company.actor("anna").organisation
    with company.engine.store.reading() as reading:
        return reading.moves(organisation, record, limit=200)
