"""Tables in a running application: they say who may act, fill fields, and are watched while scenarios run."""

from __future__ import annotations

from blankett.engine.checks import check_blueprint
from blankett.engine.scenarios import run_scenarios
from blankett.engine.scenarios.coverage import coverage

SHOP = """\
blueprint: shop
language: 1
title: Shop
roles:
  sales: {title: Sales}
  manager: {title: Manager, includes: [sales]}
  director: {title: Director, includes: [manager]}
forms:
  customer:
    title: Customer
    life: reference
    key: code
    fields:
      code: {type: text, unique: yes, required: yes}
      tier: {type: choice, options: [new, silver, gold], required: yes}
    grants:
      - {who: sales, may: all}
  order:
    title: Order
    currency: EUR
    fields:
      customer: {type: link, to: customer, required: yes}
      urgent: {type: yes_no, default: no}
      total: {type: money, min: 0, required: yes}
      freight: {type: money, fill: "freight(total, urgent).price"}
      carrier: {type: text, compute: "freight(total, urgent).carrier"}
    states:
      draft: {start: yes}
      released: {final: yes}
    actions:
      release:
        from: draft
        to: released
        by: "= approvers(total, customer.tier)"
    grants:
      - {who: sales, may: [view, create, edit]}
tables:
  approvers:
    hit: first
    in: {total: order.total, tier: customer.tier}
    out: {role: role}
    rows:
      large: [">= 100000", "-", director]
      risky: ["[10000..100000)", new, manager]
      rest: ["-", "-", sales]
  freight:
    in: {total: order.total, urgent: order.urgent}
    out: {price: {type: money, currency: EUR}, carrier: {type: text, values: [van, post]}}
    default: {price: 0, carrier: van}
    rows:
      - ["< 100", no, 5, post]
      - ["< 100", yes, "= total / 10 + 5", van]
samples:
  customer:
    - {code: ACME, tier: gold}
    - {code: NEWCO, tier: new}
scenarios:
  a small order is released by sales:
    as: anna (sales)
    steps:
      - create: order
        with: {customer: ACME, total: 50}
      - expect: {can: [release], values: {freight: 5, carrier: post}}
      - change: {urgent: yes}
      - expect: {values: {freight: 10, carrier: van}}
      - do: release
      - expect: {state: released}
  a large order of a new customer needs the manager:
    as: anna (sales)
    steps:
      - create: order
        with: {customer: NEWCO, total: 20000}
      - do: release
      - expect: {refused: access, cannot: [release], values: {freight: 0}}
      - as: mette (manager)
      - do: release
      - expect: {state: released}
  a very large order needs the director:
    as: mette (manager)
    steps:
      - create: order
        with: {customer: ACME, total: 100000}
      - expect: {cannot: [release]}
      - as: lars (director)
      - do: release
      - expect: {state: released}
"""


def test_a_table_says_who_may_act_and_fills_fields() -> None:
    found = check_blueprint(SHOP)
    assert [problem.line("shop.yaml") for problem in found.problems] == []
    assert found.blueprint is not None
    report = run_scenarios(found.blueprint)
    assert {result.name: result.mismatches for result in report.results if result.mismatches} == {}
    assert report.passed


def test_the_rows_that_decided_are_taken_down() -> None:
    blueprint = check_blueprint(SHOP).blueprint
    assert blueprint is not None
    report = run_scenarios(blueprint, only=lambda name: "small" in name)
    assert report.results[0].rows == {("shop.approvers", 3), ("shop.freight", 1), ("shop.freight", 2)}
    assert coverage(report)["rows"].missing == ("approvers.large", "approvers.risky")
    assert coverage(run_scenarios(blueprint))["rows"].missing == ()
