"""Rules and facts of a form: how they are written, and what they become."""

from __future__ import annotations

from datetime import date

import pytest

from blankett.engine import feel
from blankett.engine.effects import (
    AssignEffect,
    CreateEffect,
    NotifyEffect,
    RefuseOutcome,
    RequireOutcome,
    SetEffect,
    WarnOutcome,
)
from blankett.engine.language.diff import diff
from blankett.engine.language.form_formulas import settings_of
from blankett.engine.language.loader import load_blueprint, read_blueprint
from blankett.engine.language.model import SAVE, Blueprint, DecisionPoint, Rule, rules_at
from blankett.engine.store import SlotMap, give_slots, wanted_slots
from blankett.words import say

SHOP = """\
blueprint: shop
language: 1
languages: [en, zh]
title: Shop
roles:
  sales: {title: Sales}
  finance: {title: Finance}
  director: {title: Director}
forms:
  customer:
    title: Customer
    life: reference
    key: code
    fields:
      code: {type: text, unique: yes, required: yes}
      blocked: {type: yes_no, default: no}
      manager: {type: user}
      secret: {type: number, private: [finance]}
    grants:
      - {who: everyone, may: all}
  complaint:
    title: Complaint
    currency: currency
    fields:
      customer: {type: link, to: customer, required: yes}
      currency: {type: choice, options: [EUR, DKK], required: yes}
      cost: {type: money}
      about: {type: text}
      order: {type: link, to: order}
    grants:
      - {who: everyone, may: all}
  order:
    title: Order
    currency: currency
    fields:
      customer: {type: link, to: customer, required: yes}
      currency: {type: choice, options: [EUR, DKK], required: yes}
      total: {type: money, required: yes}
      urgent: {type: yes_no, default: no}
      hold: {type: yes_no, default: no}
      note: {type: text}
      complaint: {type: link, to: complaint}
    states:
      draft: {start: yes}
      released: {final: yes}
    actions:
      submit:
        from: draft
        to: released
        by: sales
        ask:
          reason: {type: text}
    facts:
      complaints_lately:
        title: Complaints lately
        count: complaint
        where: customer = this.customer and record.created_at > now() - duration("P30D")
      cost_of_complaints:
        sum: complaint.cost
        where: customer = this.customer and currency = this.currency
      last_complaint: {max: complaint.record.created_at}
      about: {latest: complaint.about}
    rules:
      credit_hold:
        title: Credit hold
        help: Blocked customers wait.
        at: submit
        priority: 10
        when: customer.blocked = true and facts.complaints_lately >= 3
        unless: urgent = true
        valid: {from: 2026-01-01, to: 2026-12-31}
        then:
          - set: {hold: yes}
          - notify: {role: finance, send: held}
          - assign: "= customer.manager"
          - create: {form: complaint, with: {customer: = customer, currency: = currency}, link: complaint}
      blocked:
        at: [save, submit:completed]
        when: hold = true
        then:
          - refuse: "The customer {customer.code} is blocked."
          - refuse: {message: "Really {facts.cost_of_complaints}.", field: customer}
          - warn: Look at {customer.code}.
      costly:
        at: submit
        when: total > facts.cost_of_complaints and inputs.reason = null
        then:
          - require: [director, finance]
          - warn: Since {facts.last_complaint} there were none like {facts.about}.
    grants:
      - {who: everyone, may: all}
messages:
  held: "{record.number} is held after {facts.complaints_lately} complaints: {inputs.reason}"
translations:
  zh:
    title: 商店
    roles: {sales: 销售, finance: 财务, director: 总监}
    forms:
      order:
        facts: {complaints_lately: 最近的投诉}
        rules:
          credit_hold: {title: 信用冻结, help: 等待。}
          blocked:
            title: 冻结
            refuse: "客户 {customer.code} 被冻结。"
            refuse_2: "真的。"
            warn: "请看 {customer.code}。"
    messages: {held: "{record.number} 冻结"}
"""


@pytest.fixture(scope="module")
def shop() -> Blueprint:
    return read_blueprint(SHOP)


def rule(blueprint: Blueprint, key: str) -> Rule:
    return blueprint.forms["order"].rules[key]


def problems(text: str) -> list[str]:
    """Return what is wrong with a text, without its places: the golden files have those."""
    return [f"{problem.id} {problem.text()}" for problem in load_blueprint(text).problems if problem.id != "BL701"]


def test_a_rule_has_what_its_author_wrote(shop: Blueprint) -> None:
    held = rule(shop, "credit_hold")
    assert (held.title.by_language, held.help and held.help.say("en")) == (
        {"en": "Credit hold", "zh": "信用冻结"},
        "Blocked customers wait.",
    )
    assert held.at == (DecisionPoint("request", "submit"),)
    assert (held.priority, held.valid_from, held.valid_to) == (10, date(2026, 1, 1), date(2026, 12, 31))
    assert held.when is not None
    assert held.when.text == "customer.blocked = true and facts.complaints_lately >= 3"
    assert held.unless is not None
    assert [type(outcome) for outcome in held.then] == [SetEffect, NotifyEffect, AssignEffect, CreateEffect]
    assert {key: setting.constant for key, setting in settings_of(held).items()} == {"hold": True}


def test_messages_of_a_rule_are_translated_in_the_order_they_are_written(shop: Blueprint) -> None:
    first, second, third = rule(shop, "blocked").then
    assert isinstance(first, RefuseOutcome)
    assert first.message.words.by_language == {
        "en": "The customer {customer.code} is blocked.",
        "zh": "客户 {customer.code} 被冻结。",
    }
    assert isinstance(second, RefuseOutcome)
    assert (second.message.words.say("zh"), second.field) == ("真的。", "customer")
    assert isinstance(third, WarnOutcome)
    assert third.message.words.say("zh") == "请看 {customer.code}。"


def test_a_rule_may_require_one_of_several_roles(shop: Blueprint) -> None:
    required = rule(shop, "costly").then[0]
    assert isinstance(required, RequireOutcome)
    assert required.roles == {"director", "finance"}


def test_rules_of_a_point_come_by_priority_then_in_the_authors_order(shop: Blueprint) -> None:
    rules = shop.forms["order"].rules
    assert [each.key for each in rules_at(rules, DecisionPoint("request", "submit"))] == ["credit_hold", "costly"]
    assert [each.key for each in rules_at(rules, SAVE)] == ["blocked"]
    assert [str(point) for point in rule(shop, "blocked").at] == ["save", "submit:completed"]


def test_facts_have_the_types_of_what_they_count(shop: Blueprint) -> None:
    facts = shop.forms["order"].facts
    assert {key: (fact.measure, fact.form, fact.path) for key, fact in facts.items()} == {
        "complaints_lately": ("count", "shop.complaint", ()),
        "cost_of_complaints": ("sum", "shop.complaint", ("cost",)),
        "last_complaint": ("max", "shop.complaint", ("record", "created_at")),
        "about": ("latest", "shop.complaint", ("about",)),
    }
    assert facts["complaints_lately"].type == feel.Number()
    assert facts["cost_of_complaints"].type == feel.Number(("currency",))
    assert facts["last_complaint"].type == feel.DateTime(nullable=True)
    assert facts["about"].type == feel.Text(nullable=True)
    assert facts["complaints_lately"].title.say("zh") == "最近的投诉"


def test_a_rule_reads_facts_by_their_keys(shop: Blueprint) -> None:
    facts = {path for path in rule(shop, "credit_hold").reads if path[0] == "facts" and len(path) > 1}
    assert facts == {("facts", "complaints_lately")}


def test_the_links_that_rules_walk_are_loaded_with_the_record(shop: Blueprint) -> None:
    assert ("customer",) in shop.forms["order"].link_paths


def test_what_facts_ask_has_slots(shop: Blueprint) -> None:
    wants = wanted_slots(shop, shop.forms["complaint"])
    given = {place.path for place in give_slots(SlotMap(), wants, {}, ready=True).new}
    assert given == {"customer", "currency", "cost", "about", "order"}


def test_a_field_that_a_rule_fills_with_something_private_is_private_too() -> None:
    text = SHOP.replace("- set: {hold: yes}", "- set: {hold: yes, note: = string(customer.secret)}")
    loaded = load_blueprint(text)
    assert loaded.blueprint is not None
    assert loaded.blueprint.forms["order"].private_sources == {("note",): {("customer", "secret")}}


def test_a_field_that_a_rule_fills_with_a_private_fact_is_private_too() -> None:
    text = SHOP.replace("cost: {type: money}", "cost: {type: money, private: [finance]}")
    text = text.replace("- set: {hold: yes}", "- set: {hold: yes, note: = string(facts.cost_of_complaints)}")
    loaded = load_blueprint(text)
    assert loaded.blueprint is not None
    order = loaded.blueprint.forms["order"]
    assert order.private_sources == {("note",): {("facts", "cost_of_complaints")}}
    assert order.private_roles == {("facts", "cost_of_complaints"): {"finance"}}
    shown = text.replace("note: {type: text}", "note: {type: text, declassify: [facts.cost_of_complaints]}")
    assert read_blueprint(shown).forms["order"].private_sources == {}


def test_inputs_are_known_only_where_every_point_is_of_an_action_that_asks_them() -> None:
    assert problems(SHOP.replace("at: submit\n        when: total", "at: [save, submit]\n        when: total")) == [
        "BL303 there is no inputs here; it is known in the guard, the effects, the rules and the "
        "messages of an action that asks."
    ]


def test_facts_are_known_where_something_is_decided() -> None:
    text = SHOP.replace("note: {type: text}", "note: {type: text, fill: string(facts.complaints_lately)}")
    assert problems(text) == [
        "BL303 there is no facts here; "
        "it is known in the rules, checks, guards, effects and computes of a form that has `facts`."
    ]


def test_a_rule_cannot_set_what_does_not_exist_or_is_computed_or_a_table() -> None:
    lines = "\n      lines:\n        type: table\n        fields:\n          name: {type: text}"
    text = SHOP.replace("note: {type: text}", "note: {type: text, compute: '\"x\"'}" + lines)
    text = text.replace("- set: {hold: yes}", "- set: {hold: yes, holds: yes, note: x, lines: '= null'}")
    assert problems(text) == [
        "BL203 there is no field 'holds' in 'order'. Did you mean 'hold'?",
        "BL401 'note' is computed; nothing else can give it a value.",
        "BL212 'lines' must be a field that is no table; effects give lines.",
    ]


def test_a_rule_needs_outcomes_of_roles_and_messages_that_exist() -> None:
    text = SHOP.replace("[director, finance]", "[directors]").replace("send: held", "send: hold")
    assert problems(text.replace("- warn: Look at {customer.code}.", "- {}")) == [
        "BL206 there is no message 'hold'. Did you mean 'held'?",
        "BL114 an outcome needs exactly one of set, refuse, warn, require, notify, assign, create; this has 0.",
        "BL201 there is no role 'directors'. Did you mean 'director'?",
        "BL702 nothing has the text 'warn' that is translated to zh here.",
    ]


def test_a_difference_tells_of_rules_and_facts_in_words(shop: Blueprint) -> None:
    changed = SHOP.replace("priority: 10", "priority: 5").replace("- set: {hold: yes}\n", "- set: {hold: no}\n")
    changed = changed.replace('duration("P30D")', 'duration("P60D")').replace("      costly:\n", "      dear:\n")
    changes = diff(shop, read_blueprint(changed))
    told = [
        (
            say("en", change.label),
            say("en", change.subject, **_said(change.params)),
            change.aspect,
            change.old,
            change.new,
        )
        for change in changes
    ]
    assert told[:2] == [
        ("Changed", "Rule Credit hold on Order", "priority", "10", "5"),
        (
            "Changed",
            "Rule Credit hold on Order",
            "then",
            told[1][3],
            (told[1][3] or "").replace("hold: yes", "hold: no"),
        ),
    ]
    assert [each[:2] for each in told[2:]] == [
        ("Added", "Rule Dear on Order"),
        ("Removed", "Rule Costly on Order"),
        ("Changed", "Fact Complaints lately on Order"),
    ]


def test_a_renamed_rule_is_the_same_rule(shop: Blueprint) -> None:
    changed = SHOP.replace("      costly:\n", "      dear:\n        was: costly\n        title: Costly\n")
    changes = diff(shop, read_blueprint(changed))
    assert [(change.kind, change.item, change.old, change.new) for change in changes] == [
        ("renamed", "rule", "costly", "dear")
    ]


def _said(params: object) -> dict[str, str]:
    assert isinstance(params, dict)
    return {key: value if isinstance(value, str) else value.say("en") for key, value in params.items()}
