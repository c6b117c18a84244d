"""Names of roles and formulas together, in `by`, `who` and `notify`."""

from __future__ import annotations

import pytest
from tests.engine.records.company import Company

from blankett.engine.checks import check_blueprint
from blankett.engine.language.diff import diff
from blankett.engine.language.loader import read_blueprint
from blankett.engine.records import ListPage, ListRequest

SHOP = """
blueprint: shop
language: 1
title: Shop
roles:
  clerk: {title: Clerk}
  boss: {title: Boss}
  guard: {title: Guard}
messages:
  sent: "{record.title} was sent."
forms:
  order:
    title: Order
    show: "{name}"
    fields:
      name: {type: text, required: yes}
      helper: {type: user}
      checker: {type: user}
    states:
      draft: {start: true}
      sent: {final: true}
    actions:
      send:
        from: draft
        to: sent
        by: [boss, = helper, = checker]
        effects:
          - notify: {to: [guard, owner, = helper, "= [checker]"], send: sent}
    grants:
      - {who: clerk, may: [create, edit]}
      - {who: [boss, guard, owner, = helper, = checker], may: view}
"""


@pytest.fixture(scope="module")
def company() -> Company:
    return Company(SHOP, ann="clerk", bo="boss", cy="clerk", di="clerk", ed="clerk", gus="guard")


def made(company: Company) -> str:
    return company.done("ann", "order", name="Crane", helper="cy", checker="di").record


@pytest.mark.parametrize(("name", "may_see", "may_send"), [
    ("ann", True, False), ("bo", True, True), ("cy", True, True), ("di", True, True), ("ed", False, False),
    ("gus", True, False),
])  # fmt: skip
def test_a_role_and_whom_any_formula_names_may(company: Company, name: str, may_see: bool, may_send: bool) -> None:
    record = made(company)
    view = company.view(name, record)
    assert (view is not None) == may_see
    assert bool(view and view.actions[0].is_enabled) == may_send
    found = company.engine.query(company.actor(name), ListRequest(blueprint="shop", form="order"))
    seen = {row.id for row in found.rows} if isinstance(found, ListPage) else set()
    assert (record in seen) == may_see


def test_a_notice_goes_to_all_who_are_named_once_and_not_to_who_acts(company: Company) -> None:
    receipt = company.done("bo", "order", made(company), action="send")
    assert sorted(user for user, _message in receipt.notified) == ["ann", "cy", "di", "guard", "gus"]


def test_a_difference_names_them_all() -> None:
    before, after = read_blueprint(SHOP), read_blueprint(SHOP.replace("by: [boss, = helper, ", "by: [boss, "))
    (change,) = diff(before, after)
    told = (change.aspect, change.old, change.new)
    assert told == ("by", "boss, = helper, = checker", "boss, = checker")


@pytest.mark.parametrize(("written", "told"), [
    ("to: [guard, everyone]", "BL212 'everyone' must be a role, owner or assignee."),
    ("to: [guard, gard]", "BL201 there is no role 'gard'. Did you mean 'guard'?"),
    ("to: [guard, = name]", "BL311 this must be a user or a list of users, it is a text."),
])  # fmt: skip
def test_who_is_told_is_checked_in_its_place(written: str, told: str) -> None:
    text = SHOP.replace('to: [guard, owner, = helper, "= [checker]"]', written)
    problems = [f"{problem.id} {problem.text()}" for problem in check_blueprint(text).problems if problem.is_error]
    assert problems == [told]
