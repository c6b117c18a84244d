"""Notices follow rights: they say what their reader may read, and only while they may."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

from tests.engine.records.company import Company

from blankett.engine.store import Notification

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


def test_a_notice_is_told_in_the_language_and_ways_of_who_reads_it_now() -> None:
    source = TOLD.replace("type: number", "type: money, currency: EUR").replace("{cost}", "{cost * 2}, {cost}")
    chinese = "translations:\n  zh:\n    messages: {news: '{name} 的价格 {cost}', plain: '{name} 到了'}\n"
    source = source.replace("title: Told\n", "title: Told\nlanguages: [en, zh]\n") + chinese
    company = Company(source, bea="boss", ben="boss")
    record = company.done("ben", "job", name="Pump", cost=Decimal("1234.5")).record
    company.done("ben", "job", record, action="send")
    bea = company.actor("bea")
    readers = [bea, replace(bea, numbers="point_comma"), replace(bea, language="zh"), replace(bea, language="da")]
    assert [notice.text for reader in readers for notice in company.engine.notices(reader, 50)] == [
        "Pump costs €2,469.00, €1,234.50",
        "Pump costs €2.469,00, €1.234,50",
        "Pump 的价格 €1,234.50",
        "Pump costs €2,469.00, €1,234.50",
    ]


def test_a_notice_of_before_values_were_kept_is_told_as_it_was_written() -> None:
    company = Company(TOLD, cleo="clerk", ben="boss")
    record = company.done("ben", "job", name="Pump").record
    old = Notification(
        organisation=company.actor("cleo").organisation, user="cleo", id="0", at=datetime(2026, 1, 5, tzinfo=UTC),
        record=record, message="plain", text="Pump is there since 1,234 days",
    )  # fmt: skip
    with company.stage.store.writing() as writing:
        writing.put_notifications([old])
    assert told(company, "cleo") == ["Pump is there since 1,234 days"]


def test_what_was_left_out_of_a_notice_opens_nothing_else_in_it() -> None:
    source = TOLD.replace("private: [boss]}", "private: [boss]}\n      note: {type: text, private: [guest]}")
    source = source.replace("{name} costs {cost}", "{name} costs {cost}: {note}")
    company = Company(source, cleo="clerk", bea="boss", ben="boss")
    for name in ("Pump", "Pump (hidden)"):
        record = company.done("ben", "job", name=name, cost=Decimal(5)).record
        company.done("ben", "job", record, action="send")
    assert told(company, "bea") == ["Pump (hidden) costs 5: (hidden)", "Pump costs 5: (hidden)"]
    company.people["bea"] = frozenset({"clerk"})
    assert told(company, "bea") == [None, None]
    assert told(company, "cleo") == [
        "Pump (hidden) costs (hidden): (hidden)",
        "Pump costs (hidden): (hidden)",
    ]
