"""Effects that are done one time and left out another."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from tests.engine.records.company import Company
from tests.engine.records.told import in_words

from blankett.engine.checks import check_blueprint
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
messages:
  large: "{record.title} is large."
forms:
  order:
    title: Order
    show: "{name}"
    fields:
      name: {type: text, required: yes}
      total: {type: number, required: yes}
      margin: {type: number, private: [boss]}
      level: {type: text}
    states:
      draft: {start: true}
      sent: {final: true}
    actions:
      send:
        from: draft
        to: sent
        by: clerk
        effects:
          - when: total > 100
            set: {level: large}
          - when: level = "large" and old.level = null
            notify: {role: boss, send: large}
    grants:
      - {who: clerk, may: all}
scenarios:
  a large one is told:
    as: ann (clerk)
    steps:
      - create: order
        with: {name: Crane, total: 101}
      - do: send
      - expect: {values: {level: large}, notified: [boss]}
"""


def made(company: Company, total: int) -> str:
    return company.done("ann", "order", name="Crane", total=Decimal(total)).record


@pytest.fixture(scope="module")
def company() -> Company:
    return Company(SHOP, ann="clerk", bo="boss")


def told(company: Company, record: str, language: str) -> list[tuple[str, tuple[str, ...]]]:
    """Return what the event of the action tells of its conditions."""
    found = company.engine.explain_event(replace(company.actor("ann"), language=language), record, 2)
    assert found is not None
    return [in_words((each.title, each.outcomes), language) for each in found.decisions]


def test_an_effect_is_done_while_its_condition_holds_as_the_effects_before_left_the_record(company: Company) -> None:
    record = made(company, 101)
    receipt = company.done("ann", "order", record, action="send")
    assert {user for user, _message in receipt.notified} == {"bo", "boss"}
    view = company.view("ann", record)
    assert view is not None
    assert told(company, record, "en") == [
        ("A condition of “Send”", ("set Level",)),
        ("A condition of “Send”", ("told Boss",)),
    ]


def test_an_effect_whose_condition_does_not_hold_is_left_out_and_the_history_says_so(company: Company) -> None:
    record = made(company, 100)
    assert company.done("ann", "order", record, action="send").notified == ()
    assert told(company, record, "en") == [
        ("A condition of “Send”", ("left out: set Level",)),
        ("A condition of “Send”", ("left out: told Boss",)),
    ]
    assert told(company, record, "zh") == [
        ("“Send”中的条件", ("未执行：设置了Level",)),
        ("“Send”中的条件", ("未执行：已通知Boss",)),
    ]


def test_what_if_tells_which_way_an_effect_would_go(company: Company) -> None:
    record = made(company, 100)
    found = company.engine.what_if(company.actor("ann"), record, {"total": Decimal(500)})
    assert isinstance(found, WhatIf)
    actions = [(each.before, each.after) for each in found.differences if each.kind == "action"]
    assert in_words(actions) == [("left out: set Level", "set Level")]


def test_conditions_are_covered_when_they_were_seen_both_ways() -> None:
    blueprint = read_blueprint(SHOP)
    covered = coverage(run_scenarios(blueprint))["ways"]
    assert (covered.total, covered.missing) == (4, ("order.send/effects/1/left_out", "order.send/effects/2/left_out"))


def test_a_condition_nobody_may_read_is_not_told(company: Company) -> None:
    text = SHOP.replace("when: total > 100", "when: margin > 100")
    closed = Company(text, ann="clerk", bo="boss clerk")
    record = made(closed, 100)
    closed.done("ann", "order", record, action="send")
    found = closed.engine.explain_event(closed.actor("ann"), record, 2)
    assert found is not None
    tree = found.decisions[0].tree
    assert tree is not None
    assert "Margin" not in str(in_words(tree))


def problems(text: str) -> list[str]:
    return [f"{problem.id} {problem.text()}" for problem in check_blueprint(text).problems]


def test_a_guard_that_holds_is_known_in_conditions() -> None:
    text = SHOP.replace("total: {type: number, required: yes}", "total: {type: number}")
    assert [each for each in problems(text) if "BL313" in each]
    guarded = text.replace("        by: clerk\n", "        by: clerk\n        when: total != null\n")
    assert not [each for each in problems(guarded) if "BL313" in each]


def test_an_outcome_of_a_rule_has_no_condition_of_its_own() -> None:
    rule = "    rules:\n      more:\n        at: save\n        then:\n          - {when: total > 5, warn: More.}\n"
    found = problems(SHOP.replace("    grants:\n", f"{rule}    grants:\n"))
    assert any(each.startswith("BL101 unknown key 'when' in an outcome") for each in found), found
