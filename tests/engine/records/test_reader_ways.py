"""Sentences have numbers, amounts, days and times as their reader writes them, in the reader's zone; whatever kind of
sentence it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest

from blankett.engine.access import Actor
from blankett.engine.fields.reader import Reader
from blankett.engine.records import Command, Receipt, Refusal
from blankett.engine.records.explain.what_if import WhatIf
from blankett.engine.records.read.notices import read_kept
from blankett.words import put_value, say

from .company import WORKSPACE, Company

VISITS = """\
blueprint: visits
language: 1
title: Visits
roles: {nurse: {}, chief: {}}
forms:
  visit:
    fields:
      weight: {type: number, unit: kg}
      price: {type: money, currency: EUR}
      share: {type: percent, max: 50}
      day: {type: date}
      at: {type: datetime}
      hour: {type: time, max: 18:00}
      span: {type: duration, max: PT4H}
    states: {draft: {start: true}, sent: {}, done: {final: true}}
    actions:
      send: {from: draft, to: sent, by: nurse}
      weigh: {from: sent, to: done, by: nurse, when: weight < 1000}
      pay: {from: sent, to: done, by: nurse, when: price < 1000}
      wait: {from: sent, to: done, by: nurse, when: "day < date(2026, 2, 1)"}
      begin: {from: sent, to: done, by: nurse, when: 'at < date and time("2026-01-31T12:00:00Z")'}
      end:
        from: sent
        to: done
        by: nurse
        when: false
        message: "{weight}; {price}; {share}; {day}; {at}; {hour}; {span}; {price * 2}; {weight * 2}"
    rules:
      heavy:
        at: save
        when: weight > 2000
        then: [{warn: "Weighs {weight}."}]
    grants: [{who: nurse, may: all}, {who: chief, may: all}]
"""

#: 23:30 on the last of January in UTC: the first of February in Copenhagen and in Shanghai.
VALUES: dict[str, Any] = {
    "weight": Decimal("1234.5"), "price": Decimal("1452.2"), "share": Decimal("0.125"), "day": date(2026, 2, 3),
    "at": datetime(2026, 1, 31, 23, 30, tzinfo=UTC), "hour": time(14, 30), "span": timedelta(hours=1, minutes=30),
}  # fmt: skip
#: numbers, days, zone
GERMAN = ("point_comma", "dmy_point", "Europe/Copenhagen")
SHANGHAI = ("comma_point", "ymd_dash", "Asia/Shanghai")


@pytest.fixture(scope="module")
def visits() -> Company:
    return Company(VISITS, anna="nurse", bo="nurse", carl="chief")


@pytest.fixture(scope="module")
def visit(visits: Company) -> str:
    made = visits.done("anna", "visit", **VALUES)
    visits.done("anna", "visit", made.record, action="send")
    visits.done("anna", "visit", made.record, price=Decimal("2000"), at=datetime(2026, 3, 1, 7, tzinfo=UTC))
    visits.done("anna", "visit", made.record, price=VALUES["price"], at=VALUES["at"])
    return made.record


def with_ways(actor: Actor, numbers: str, days: str, zone: str) -> Actor:
    return replace(actor, numbers=numbers, days=days, zone=zone)


def answer(visits: Company, anna: Actor, visit: str | None, **values: Any) -> Receipt | Refusal:
    command = Command(
        intent="", actor=anna, blueprint="visits", form="visit", record=visit, workspace=WORKSPACE, values=values
    )
    return visits.engine.apply(command)


def sentences(visits: Company, anna: Actor, visit: str) -> Iterator[tuple[str, str]]:
    """Yield one sentence of each kind, with what it is."""
    reader = Reader.with_ways(anna.language, anna.numbers, anna.days, anna.zone)
    view = visits.engine.open(anna, visit)
    assert view is not None
    for action in view.actions:
        yield f"reason of {action.key}", " ".join(put_value(reader, reason) for reason in action.reasons)
    for change in view.timeline[0].changes:
        yield (
            f"timeline, {change.title}",
            f"{put_value(reader, change.before)} → {put_value(reader, change.after)}",
        )
    for field in ("share", "hour", "span"):
        most: Any = {"share": Decimal("0.755"), "hour": time(19), "span": timedelta(hours=5)}[field]
        refused = answer(visits, anna, visit, **{field: most})
        assert isinstance(refused, Refusal)
        yield f"too much of {field}", say(reader, refused.problems[0].message, **refused.problems[0].params)
    warned = answer(visits, anna, None, weight=Decimal(2500))
    assert isinstance(warned, Receipt)
    with visits.engine.store.reading() as reading:
        catalog = visits.engine.unit(reading, anna).catalog
        yield "warning", put_value(reader, read_kept(catalog, warned.warnings[0]["params"]["text"]))
    tried = visits.engine.what_if(anna, visit, {"weight": Decimal("5000.5")})
    assert isinstance(tried, WhatIf)
    yield "what if", next(told for each in tried.differences if "5" in (told := put_value(reader, each.after)))


GERMAN_SENTENCES = {
    "reason of weigh": "“Weight” is 1.234,5\u00a0kg and must be less than 1.000\u00a0kg.",
    "reason of pay": "“Price” is €1.452,20 and must be less than €1.000,00.",
    "reason of wait": "“Day” is 03.02.2026 and must be before 01.02.2026.",
    "reason of begin": "“At” is 01.02.2026 00:30 and must be before 31.01.2026 13:00.",
    "reason of end": (
        "1.234,5\u00a0kg; €1.452,20; 12,5%; 03.02.2026; 01.02.2026 00:30; 14:30; 1 h 30 min; €2.904,40; 2.469"
    ),
    "timeline, Price": "€2.000,00 → €1.452,20",
    "timeline, At": "01.03.2026 08:00 → 01.02.2026 00:30",
    "too much of share": "Enter 50% or less.",
    "too much of hour": "Enter 18:00 or earlier.",
    "too much of span": "Enter 4 h or less.",
    "warning": "Weighs 2.500\u00a0kg.",
    "what if": "“Weight” is 5.000,5\u00a0kg and must be less than 1.000\u00a0kg.",
}
SHANGHAI_SENTENCES = {
    "reason of weigh": "“Weight” is 1,234.5\u00a0kg and must be less than 1,000\u00a0kg.",
    "reason of pay": "“Price” is €1,452.20 and must be less than €1,000.00.",
    "reason of wait": "“Day” is 2026-02-03 and must be before 2026-02-01.",
    "reason of begin": "“At” is 2026-02-01 07:30 and must be before 2026-01-31 20:00.",
    "reason of end": (
        "1,234.5\u00a0kg; €1,452.20; 12.5%; 2026-02-03; 2026-02-01 07:30; 14:30; 1 h 30 min; €2,904.40; 2,469"
    ),
    "timeline, Price": "€2,000.00 → €1,452.20",
    "timeline, At": "2026-03-01 15:00 → 2026-02-01 07:30",
    "too much of share": "Enter 50% or less.",
    "too much of hour": "Enter 18:00 or earlier.",
    "too much of span": "Enter 4 h or less.",
    "warning": "Weighs 2,500\u00a0kg.",
    "what if": "“Weight” is 5,000.5\u00a0kg and must be less than 1,000\u00a0kg.",
}


@pytest.mark.parametrize(
    ("ways", "wanted"), [(GERMAN, GERMAN_SENTENCES), (SHANGHAI, SHANGHAI_SENTENCES)], ids=["German", "Shanghai"]
)
def test_a_sentence_is_written_as_its_reader_writes(
    visits: Company, visit: str, ways: tuple[str, str, str], wanted: dict[str, str]
) -> None:
    found = dict(sentences(visits, with_ways(visits.actor("anna"), *ways), visit))
    assert found == wanted
