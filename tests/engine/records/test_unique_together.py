"""Fields that are unique together: what holds a place, who is told which record does, and two people at once."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from blankett.engine.records import Command, Receipt, Refusal
from blankett.engine.scenarios.stage import WORKSPACE

from .company import Company
from .told import in_words, misses

BILLS = """\
blueprint: bills
language: 1
title: Bills
roles: {clerk: {}, boss: {}, guest: {}}
forms:
  firm:
    life: reference
    key: code
    fields:
      code: {type: text, unique: yes}
    grants: [{who: [clerk, boss, guest], may: all}]
  bill:
    show: "Bill {text}"
    fields:
      firm: {type: link, to: firm, required: yes}
      text: {type: text}
      has_number: {type: yes_no, default: yes}
      number: {type: text, visible: has_number}
      secret: {type: number, private: [boss]}
      day: {type: date}
    unique:
      number_of_firm: [firm, number]
      secret_day: [secret, day]
    grants:
      - {who: [clerk, boss], may: all}
      - {who: guest, may: create}
      - {who: guest, may: [view, edit], where: text = "mine"}
samples:
  firm: [{code: A}, {code: B}]
scenarios:
  the same number of another firm is another bill:
    as: ann (clerk)
    steps:
      - create: bill
        with: {firm: A, number: R1}
      - create: bill
        with: {firm: B, number: R1}
      - create: bill
        with: {firm: A, number: " r1 "}
      - expect: {refused: number_of_firm}
  what is empty or hidden holds no place:
    as: ann (clerk)
    steps:
      - create: bill
        with: {firm: A}
      - create: bill
        with: {firm: A}
      - create: bill
        with: {firm: A, number: R1}
      - change: {has_number: no}
      - create: bill
        with: {firm: A, number: R1}
      - change: {number: R2}
      - create: bill
        with: {firm: A, number: R1}
      - expect: {values: {number: R1}}
"""


def test_several_fields_are_unique_together() -> None:
    assert misses(BILLS) == []


def company() -> Company:
    company = Company(BILLS, ann="clerk", gus="guest", max="boss")
    company.firm = company.done("ann", "firm", code="C").record  # type: ignore[attr-defined]
    return company


def command(company: Company, name: str, **values: Any) -> Command:
    return Command(
        intent="", actor=company.actor(name), blueprint="bills", form="bill", workspace=WORKSPACE,
        values={"firm": company.firm, **values},  # type: ignore[attr-defined]
    )  # fmt: skip


def told(answer: Receipt | Refusal) -> list[tuple[str, dict[str, object]]]:
    assert isinstance(answer, Refusal)
    return [(problem.message, in_words(problem.params)) for problem in answer.problems]


def test_the_message_names_the_fields_and_the_record_to_who_may_see_them() -> None:
    bills = company()
    held = bills.engine.apply(command(bills, "ann", number="R1", text="x"))
    assert isinstance(held, Receipt)
    assert [told(bills.engine.apply(command(bills, name, number="R1"))) for name in ("ann", "gus")] == [
        [("field.not_unique_together_of", {"fields": ("Firm", "Number"), "title": "Bill x", "record": held.record})],
        [("field.not_unique_together", {"fields": ("Firm", "Number")})],
    ]


def test_a_private_field_is_not_named_to_who_may_not_read_it() -> None:
    bills = company()
    made = bills.engine.apply(command(bills, "max", secret=Decimal(7), day=date(2026, 5, 1)))
    assert isinstance(made, Receipt)
    other = bills.engine.apply(command(bills, "max", secret=Decimal(7)))
    assert isinstance(other, Receipt)
    changed = Command(
        intent="", actor=bills.actor("ann"), blueprint="bills", form="bill", workspace=WORKSPACE, record=other.record,
        values={"day": date(2026, 5, 1)},
    )  # fmt: skip
    assert told(bills.engine.apply(changed)) == [("field.not_unique_together", {"fields": ("Day",)})]


def test_of_two_people_at_once_one_gets_the_place() -> None:
    bills = company()
    store = bills.engine.store
    real = store.writing
    first: list[Receipt | Refusal] = []

    def meanwhile() -> Any:
        if not first:
            store.writing = real  # type: ignore[method-assign]
            first.append(bills.engine.apply(command(bills, "max", number="R1")))
        return real()

    store.writing = meanwhile  # type: ignore[method-assign]
    second = bills.engine.apply(command(bills, "ann", number="R1"))
    assert isinstance(first[0], Receipt)
    assert [message for message, _ in told(second)] == ["field.not_unique_together_of"]
