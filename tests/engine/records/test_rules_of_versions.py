"""Rules of older versions at work: what they count and tell after fields, forms and states have got other keys."""

from __future__ import annotations

import json

from blankett.engine.records.facts import may_count

from .conftest import ORGANISATION, Trade, messages
from .test_rules import MEMO, texts, warned, with_rules
from .told import in_words

LIMITS = 'limits: {sum: customer.credit_limit, where: currency = "EUR"}'
PRIVATE = """
careful:
  at: submit
  when: convert(customer.credit_limit, currency, today()) > 10 and facts.limits >= 0
  then:
    - warn: Much.
    - notify: {role: warehouse, send: limits}
"""
COUNTED = """
told:
  at: save
  then:
    - warn: "{facts.gold}, {facts.open}, {facts.last}"
"""
FACTS = """
gold: {count: customer, where: tier = "gold" and record.id != this.record.id}
open: {count: order, where: customer = this.customer and record.state = "review"}
last: {latest: customer.tier}
"""


def limit_renamed(text: str) -> str:
    """Return the blueprint in which the customers' private credit limit has another key."""
    found = text.replace("credit_limit", "cap")
    return found.replace("cap: {type: money, private", "cap: {was: credit_limit, type: money, private")


def test_facts_of_an_older_version_count_by_the_keys_of_today(trade: Trade) -> None:
    old = with_rules(COUNTED, facts=FACTS)
    trade.publish(old, 2)
    pinned = trade.order().record
    trade.order(action="submit")
    renamed = old.replace("tier: {type: choice,", "rank: {was: tier, type: choice,").replace(".tier", ".rank")
    renamed = renamed.replace("where: tier", "where: rank").replace("tier: gold", "rank: gold")
    renamed = renamed.replace("review: {title", "looked_at: {was: review, title").replace("review]", "looked_at]")
    renamed = renamed.replace("to: review", "to: looked_at").replace("from: review", "from: looked_at")
    renamed = renamed.replace("from: [review,", "from: [looked_at,").replace('state = "review"', 'state = "looked_at"')
    trade.publish(renamed.replace("states: [review]", "states: [looked_at]"), 3)
    trade.order(action="submit")
    # One is in review as the older version calls it, one as the newer does: both count, by either.
    assert warned(trade.done("anna", "order", pinned, note="x")) == [("told", "1, 2, new")]
    assert warned(trade.order()) == [("told", "1, 2, new")]


def test_a_fact_over_a_form_that_ended_refuses_and_says_so(trade: Trade) -> None:
    old = with_rules(
        "few:\n  at: save\n  when: facts.memos > 5\n  then:\n    - refuse: No.", facts="memos: {count: memo}"
    )
    trade.publish(old, 2)
    pinned = trade.order().record
    start, end = old.index("  memo:\n"), old.index("\nmessages:")
    trade.publish((old[:start] + old[end:]).replace("{count: memo}", "{count: shipment}"), 3)
    assert messages(trade.refused("anna", "order", pinned, note="x")) == [((), "rule.not_countable")]


def test_what_was_private_when_a_rule_saw_it_stays_so_under_another_key(trade: Trade) -> None:
    old = with_rules(PRIVATE, facts=LIMITS, messages='  limits: "{customer.credit_limit} {facts.limits}"\n')
    trade.publish(old, 2)
    seen, later = trade.order().record, trade.order().record
    trade.done("anna", "order", seen, action="submit")
    trade.publish(limit_renamed(old), 3)
    trade.done("anna", "order", later, action="submit")
    for record in (seen, later):
        explained = trade.engine.explain_event(trade.actor("anna"), record, 2)
        assert explained is not None
        plain = json.dumps(in_words(explained.decisions))
        assert "50,000" not in plain
        assert "credit_limit" not in plain
        assert "may not see" in plain
        known = trade.engine.explain_event(trade.actor("max"), record, 2)
        assert known is not None
        assert "50,000" in json.dumps(in_words(known.decisions))
    assert [text for text, _ in trade.told("wilma")] == ["(hidden) (hidden)"] * 2


def test_a_text_never_shows_all_facts_at_once(trade: Trade) -> None:
    trade.publish(
        with_rules("told:\n  at: save\n  when: facts.limits >= 0\n  then:\n    - warn: '{facts}'", facts=LIMITS)
    )
    assert warned(trade.order()) == [("told", "(hidden)")]


def test_a_number_without_gaps_is_not_lost_where_a_rule_of_the_completion_refuses(trade: Trade) -> None:
    rule = 'no:\n  at: submit:completed\n  when: note = "bad"\n  then:\n    - refuse: "Not {record.number}."'
    trade.publish(with_rules(rule))
    bad, good = trade.order(note="bad").record, trade.order().record
    assert texts(trade.refused("anna", "order", bad, action="submit").problems) == [((), "Not SO-2026-0001.", "no")]
    assert trade.done("anna", "order", good, action="submit").number == "SO-2026-0001"
    trade.check_sound()


def test_records_that_rules_make_of_each_other_are_stopped(trade: Trade) -> None:
    more = (
        "more:\n  at: save\n  when: old = null\n  then:\n    - create: {form: memo, with: {topic: = topic + record.id}}"
    )
    trade.publish(with_rules(more.replace("topic + record.id", '"x" + record.id'), before=MEMO))
    assert messages(trade.refused("anna", "memo", topic="a"))[0][0] == ()
    assert trade.records("memo") == []


def test_what_if_does_not_tell_what_rules_made_of_a_hidden_value(trade: Trade) -> None:
    rules = """
guess:
  at: submit
  when: secret = note
  then:
    - set: {count_shipped: 7}
second:
  at: submit
  when: count_shipped = 7
  then:
    - refuse: Seven.
"""
    trade.publish(with_rules(rules))
    order = trade.order().record
    trade.done("max", "order", order, secret="abc")
    chief, anna = trade.actor("max"), trade.actor("anna")
    told = trade.engine.what_if(chief, order, {"note": "abc"})
    assert [(each.kind, in_words(each.title)) for each in getattr(told, "differences", ())] == [
        ("rule", "Guess"),
        ("rule", "Second"),
        ("action", "Submit"),
    ]
    assert getattr(trade.engine.what_if(anna, order, {"note": "abc"}), "differences", None) == ()


def test_an_older_version_takes_turns_where_its_effects_reach_rules_that_count(trade: Trade) -> None:
    trade.publish(
        with_rules("few:\n  at: save\n  when: facts.all > 99\n  then:\n    - refuse: No.", facts="all: {count: memo}")
    )
    with trade.store.reading() as reading:
        catalog = trade.engine.catalog.view(reading, ORGANISATION, trade.now)
        assert may_count(catalog, catalog.blueprint("trade", 1))
        before = trade.new_engine().catalog.view(reading, ORGANISATION, trade.now)
        before._newest = {"trade": 1}
        assert not may_count(before, before.blueprint("trade", 1))
