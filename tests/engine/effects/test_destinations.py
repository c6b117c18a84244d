"""Actions that lead to one state or another."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from tests.engine.records.company import Company
from tests.engine.records.told import in_words

from blankett.engine.language.loader import read_blueprint
from blankett.engine.records.explain.what_if import WhatIf
from blankett.engine.scenarios import run_scenarios
from blankett.engine.scenarios.coverage import coverage

SHOP = """
blueprint: shop
language: 1
title: Shop
roles:
  clerk: {title: Clerk}
  boss: {title: Boss}
forms:
  order:
    title: Order
    show: "{name}"
    fields:
      name: {type: text, required: yes}
      total: {type: number, required: yes}
      margin: {type: number, private: [boss]}
      other: {type: link, to: order}
    states:
      draft: {start: true}
      checked: {}
      sent: {}
      done: {final: true}
    actions:
      send:
        from: draft
        by: clerk
        to:
          - {when: total > 100, to: checked}
          - {to: sent}
      close:
        from: [checked, sent]
        by: clerk
        ask:
          late: {type: yes_no, default: no}
        to:
          - {when: inputs.late = true, to: sent}
          - {to: done}
        effects:
          - act: {link: other, action: send}
    grants:
      - {who: clerk, may: all}
scenarios:
  a large one is checked:
    as: ann (clerk)
    steps:
      - create: order
        with: {name: Crane, total: 101}
      - do: send
      - expect: {state: checked}
"""


@pytest.fixture(scope="module")
def company() -> Company:
    return Company(SHOP, ann="clerk", bo="boss clerk")


def made(company: Company, total: int, **values: object) -> str:
    return company.done("ann", "order", name="Crane", total=Decimal(total), **values).record


def state(company: Company, record: str) -> str | None:
    view = company.view("ann", record)
    assert view is not None
    return view.state.key if view.state else None


@pytest.mark.parametrize(("total", "leads_to"), [(101, "checked"), (100, "sent")])
def test_the_first_destination_whose_condition_holds_counts(company: Company, total: int, leads_to: str) -> None:
    record = made(company, total)
    company.done("ann", "order", record, action="send")
    assert state(company, record) == leads_to


def test_what_was_answered_decides_and_an_effect_takes_the_way_of_its_record(company: Company) -> None:
    parent = made(company, 500)
    for late, leads_to in ((True, "sent"), (False, "done")):
        record = made(company, 1, other=parent if late else None)
        company.done("ann", "order", record, action="send")
        company.done("ann", "order", record, action="close", inputs={"late": late})
        assert state(company, record) == leads_to
    assert state(company, parent) == "checked"


def test_the_page_says_where_an_action_leads_as_far_as_that_is_known(company: Company) -> None:
    record = made(company, 101)
    view = company.view("ann", record)
    assert view is not None
    (send,) = view.actions
    assert (send.leads_to, in_words(send.leads)) == ("checked", "It leads to “Checked”.")
    company.done("ann", "order", record, action="send")
    view = company.view("ann", record)
    assert view is not None
    (close,) = view.actions
    assert (close.leads_to, in_words(close.leads)) == (None, "It leads to one of: Sent, Done.")


def test_where_it_leads_is_not_told_to_who_may_not_read_why(company: Company) -> None:
    closed = Company(SHOP.replace("when: total > 100", "when: margin > 100"), ann="clerk", bo="boss clerk")
    record = made(closed, 1)
    for name, leads_to in (("ann", None), ("bo", "sent")):
        view = closed.view(name, record)
        assert view is not None
        assert view.actions[0].leads_to == leads_to


def test_the_history_and_the_explanation_tell_which_way_and_why(company: Company) -> None:
    record = made(company, 101)
    before = company.engine.explain_action(company.actor("ann"), record, "send")
    assert before is not None
    company.done("ann", "order", record, action="send")
    after = company.engine.explain_event(replace(company.actor("ann"), language="zh"), record, 2)
    assert after is not None
    told = [(each.kind, in_words(each.title), in_words(each.outcomes), each.line) for each in before.decisions]
    told += [(each.kind, *in_words((each.title, each.outcomes), "zh"), each.line) for each in after.decisions]
    line = next(at for at, text in enumerate(SHOP.splitlines(), 1) if "total > 100" in text)
    assert told == [
        ("destination", "Where “Send” leads", ("leads to Checked",), line),
        ("destination", "“Send”之后的状态", ("进入“Checked”",), line),
    ]
    assert all(each.tree is not None for each in (*before.decisions, *after.decisions))


def test_what_if_tells_where_it_would_lead(company: Company) -> None:
    record = made(company, 100)
    found = company.engine.what_if(company.actor("ann"), record, {"total": Decimal(500)})
    assert isinstance(found, WhatIf)
    actions = [(each.before, each.after) for each in found.differences if each.kind == "action"]
    assert in_words(actions) == [("leads to Sent", "leads to Checked")]


def test_each_destination_is_to_be_covered_and_is_a_task_where_one_leads_nearer_to_the_end() -> None:
    blueprint = read_blueprint(SHOP)
    covered = coverage(run_scenarios(blueprint))["ways"]
    assert (covered.total, covered.missing) == (4, ("order.send/to/2", "order.close/to/1", "order.close/to/2"))
    form = blueprint.forms["order"]
    assert form.leads_nearer(form.actions["send"], "draft")
    assert form.leads_nearer(form.actions["close"], "checked")


def test_a_record_in_any_of_the_states_verifies(company: Company) -> None:
    from blankett.engine.verify import verify

    assert not list(verify(company.stage.store))
