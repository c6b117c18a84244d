"""Several records made by one action: one a line, one an item of a list."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from tests.engine.records.company import Company

from blankett.engine.checks import check_blueprint
from blankett.engine.records import Command, Refusal
from blankett.engine.scenarios.stage import ORGANISATION, WORKSPACE

SHOP = """
blueprint: shop
language: 1
title: Shop
roles:
  clerk: {title: Clerk}
forms:
  product:
    title: Product
    life: reference
    show: "{name}"
    fields:
      name: {type: text, required: yes}
    grants:
      - {who: clerk, may: all}
  order:
    title: Order
    show: "{name}"
    fields:
      name: {type: text, required: yes}
      days: {type: number, decimals: 0}
      quiet: {type: yes_no, default: no}
      lines:
        type: table
        visible: quiet = false
        fields:
          product: {type: link, to: product, required: yes}
          quantity: {type: number, decimals: 0, required: yes}
          task: {type: link, to: task, editable: no}
    states:
      draft: {start: true}
      sent: {}
      done: {final: true}
    actions:
      send:
        from: [draft, sent]
        to: sent
        by: clerk
        effects:
          - create:
              form: task
              each: lines
              link: lines.task
              with:
                order: = record
                quantity: = that.quantity
                title: '= name + ": " + that.product.name'
      plan:
        from: sent
        by: clerk
        effects:
          - create:
              form: task
              each: = if days = null then null else for d in [1..days] return d
              with: {order: = record, quantity: = that, title: A day}
      end: {from: sent, to: done, by: clerk}
    grants:
      - {who: clerk, may: all}
  task:
    title: Task
    number: {pattern: "T-{counter:3}", policy: gapless, at: create}
    show: "{title}"
    fields:
      order: {type: link, to: order, required: yes}
      title: {type: text, required: yes}
      quantity: {type: number, decimals: 0, max: 300, required: yes}
    grants:
      - {who: clerk, may: all}
"""


@pytest.fixture
def company() -> Company:
    return Company(SHOP, ann="clerk")


def ordered(company: Company, *quantities: int, **values: Any) -> str:
    product = company.done("ann", "product", name="Crane").record
    lines = [{"id": f"+{at}", "product": product, "quantity": Decimal(each)} for at, each in enumerate(quantities)]
    return company.done("ann", "order", name="First", lines=lines, **values).record


def tasks(company: Company) -> list[tuple[str | None, str, Any]]:
    """Return (number, title, quantity) of every task, the oldest first."""
    page = company.page("ann", "task")
    with company.stage.store.reading() as reading:
        found = reading.records(ORGANISATION, {row.id for row in page.rows})
    return sorted((each.number, each.title, each.data["quantity"]) for each in found.values())


def test_a_line_gets_a_record_that_knows_it_and_points_at_it(company: Company) -> None:
    order = ordered(company, 3, 5)
    receipt = company.done("ann", "order", order, action="send")
    assert tasks(company) == [("T-001", "First: Crane", "3"), ("T-002", "First: Crane", "5")]
    with company.stage.store.reading() as reading:
        stored = reading.record(ORGANISATION, order)
        made = reading.records(ORGANISATION, set(receipt.created))
        causes = {event.cause for id in made for event in reading.events(ORGANISATION, id)}
    assert stored is not None
    assert [line["task"] for line in stored.data["lines"]] == list(receipt.created)
    assert {each.data["order"] for each in made.values()} == {order}
    assert causes == {f"{order}/2"}


def test_a_line_that_has_its_record_gets_no_second(company: Company) -> None:
    order = ordered(company, 3, 5)
    company.done("ann", "order", order, action="send")
    assert company.done("ann", "order", order, action="send").created == ()
    assert len(tasks(company)) == 2


def test_each_item_of_a_list_gets_a_record_and_no_list_none(company: Company) -> None:
    order = ordered(company, days=Decimal(3))
    company.done("ann", "order", order, action="send")
    company.done("ann", "order", order, action="plan")
    assert tasks(company) == [("T-001", "A day", "1"), ("T-002", "A day", "2"), ("T-003", "A day", "3")]
    other = ordered(company)
    company.done("ann", "order", other, action="send")
    assert company.done("ann", "order", other, action="plan").created == ()


def test_lines_that_are_hidden_get_none(company: Company) -> None:
    order = ordered(company, 3, quiet=True)
    assert company.done("ann", "order", order, action="send").created == ()


def refused(company: Company, order: str, action: str) -> list[tuple[str, Any]]:
    command = Command(
        intent="", actor=company.actor("ann"), blueprint="shop", form="order", record=order, workspace=WORKSPACE,
        action=action,
    )  # fmt: skip
    answer = company.engine.apply(command)
    assert isinstance(answer, Refusal)
    return [(problem.message, dict(problem.params)) for problem in answer.problems]


def test_more_than_can_be_made_at_once_are_refused_and_nothing_is_made(company: Company) -> None:
    order = ordered(company, days=Decimal(201))
    company.done("ann", "order", order, action="send")
    assert refused(company, order, "plan") == [("effect.too_many_each", {"limit": 200, "count": 201})]
    assert tasks(company) == []


def test_a_record_that_cannot_be_made_refuses_them_all(company: Company) -> None:
    order = ordered(company, 5, 301)
    ((message, _params),) = refused(company, order, "send")
    assert message == "effect.refused"
    assert tasks(company) == []


@pytest.mark.parametrize(("old", "new", "told"), [
    ("each: lines", "each: line", "BL203 there is no field 'line' in 'order'. Did you mean 'lines'?"),
    ("each: lines", "each: name", "BL212 'name' must be a table or a formula."),
    ("each: lines", "each: = days", "BL311 this must be a list, it is a number."),
    ("link: lines.task", "link: lines.quantity", "BL212 'lines.quantity' must be a link column: 'lines.…'."),
    ("link: lines.task", "link: lines.product",
     "BL213 the link field 'lines.product' points at 'shop.product', not at 'shop.task'."),
    ("= that.quantity", "= that.quantty", "BL305 that has no 'quantty'. Did you mean 'quantity'?"),
])  # fmt: skip
def test_what_is_wrong_is_told_in_its_place(old: str, new: str, told: str) -> None:
    found = check_blueprint(SHOP.replace(old, new)).problems
    assert told in [f"{problem.id} {problem.text()}" for problem in found if problem.is_error]
