"""Notices follow rights: they say what their reader may read, and only while they may."""

from __future__ import annotations

from decimal import Decimal

from tests.engine.records.company import Company

TOLD = """
blueprint: told
language: 1
title: Told
roles: {clerk: {}, boss: {}, guest: {}}
forms:
  job:
    fields:
      name: {type: text}
      cost: {type: number, private: [boss]}
    states: {new: {start: true}, open: {}, done: {final: true}}
    actions:
      send:
        from: new
        to: open
        by: [clerk, boss]
        effects:
          - notify: {role: clerk, send: news}
          - notify: {role: boss, send: news}
          - notify: {role: guest, send: plain}
    grants: [{who: [clerk, boss], may: all}]
messages:
  news: "{name} costs {cost}"
  plain: "{name} is there"
"""


def told(company: Company, name: str) -> list[str | None]:
    return [notice.text for notice in company.engine.notices(company.actor(name), 50)]


def test_a_notice_tells_each_reader_what_they_may_read() -> None:
    company = Company(TOLD, cleo="clerk", bea="boss", ben="boss", gus="guest")
    record = company.done("ben", "job", name="Pump", cost=Decimal(5)).record
    company.done("ben", "job", record, action="send")
    assert (told(company, "cleo"), told(company, "bea")) == (["Pump costs (hidden)"], ["Pump costs 5"])


def test_a_notice_is_shown_while_its_reader_may_see_the_record_and_what_it_tells() -> None:
    company = Company(TOLD, cleo="clerk", bea="boss", ben="boss")
    record = company.done("ben", "job", name="Pump", cost=Decimal(5)).record
    company.done("ben", "job", record, action="send")
    company.people["bea"] = frozenset({"clerk"})
    company.people["cleo"] = frozenset({"guest"})
    assert (told(company, "bea"), told(company, "cleo")) == ([None], [None])
    assert [notice.record for notice in company.engine.notices(company.actor("cleo"), 50)] == [None]
