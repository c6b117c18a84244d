"""Records that move to a new version while somebody decides about them."""

from __future__ import annotations

from blankett.engine.records import Command, Receipt
from blankett.engine.records.command import ApprovalAsk

from .conftest import Office

DEALS = """\
blueprint: deals
language: 1
title: Deals
roles:
  sales: {title: Sales}
forms:
  deal:
    fields:
      total: {type: number}
    states:
      draft: {start: true}
      checking: {}
      agreed: {}
      sending: {}
      sent: {final: true}
    actions:
      agree: {from: draft, during: checking, to: agreed, rejected: draft, by: sales, approval: check}
      send: {from: agreed, during: sending, to: sent, rejected: agreed, by: sales, approval: check}
    approvals:
      check:
        own: yes
        steps:
          one: {approvers: sales}
    grants:
      - {who: sales, may: all}
"""

#: Nobody has to agree any more.
WITHOUT = (
    DEALS[: DEALS.index("      agree:")]
    + """\
      agree: {from: draft, to: checking, by: sales}
      check: {from: checking, to: agreed, by: sales}
      send: {from: agreed, to: sending, by: sales}
      finish: {from: sending, to: sent, by: sales}
"""
    + DEALS[DEALS.index("    grants:") :]
)


def test_a_record_stays_that_waits_for_what_the_new_version_does_not_ask(office: Office) -> None:
    office.publish(DEALS)
    deal = office.do("deals.deal").record
    office.do("deals.deal", deal, "agree")
    given = Command(
        intent="given", actor=office.actor("anna"), blueprint="deals", form="deal", record=deal,
        approval=ApprovalAsk(verb="approve"),
    )  # fmt: skip
    assert isinstance(office.engine.apply(given), Receipt)
    office.do("deals.deal", deal, "send")
    office.publish(WITHOUT, "move")
    record = office.record(deal)
    assert (record.version, record.state) == (1, "sending")
