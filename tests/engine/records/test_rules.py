"""Business rules at work: rounds, points, facts, what they refuse, warn of and want done."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from blankett.engine.fields.reader import Reader
from blankett.engine.language.model import SAVE, DecisionPoint
from blankett.engine.records import Receipt, Refusal
from blankett.engine.records.command import FieldProblem
from blankett.engine.records.decisions import decisions_from
from blankett.engine.records.explain.filled_text import kept_text
from blankett.engine.records.read.notices import read_kept
from blankett.engine.records.read.record_view import look_at
from blankett.engine.records.write.rule_rounds import foresee
from blankett.engine.store import StoredVersion
from blankett.words import put_value

from .conftest import ORGANISATION, TRADE, Trade, canonical, make_trade, messages
from .test_concurrency import at_once
from .told import in_words

MEMO = "    checks:\n      rated:\n"
ORDER = "    states:\n      draft: {start: true}\n      review: {title: In review}\n"


def with_rules(rules: str, *, before: str = ORDER, facts: str = "", messages: str = "") -> str:
    """Return the blueprint with rules, each line as it stands inside ``rules:``."""
    block = "".join(f"      {line}\n" for line in rules.strip("\n").split("\n"))
    counted = "".join(f"      {line}\n" for line in facts.strip("\n").split("\n"))
    text = TRADE.replace(before, (f"    facts:\n{counted}" if facts else "") + f"    rules:\n{block}{before}")
    return text.replace("\nmessages:\n", f"\nmessages:\n{messages}")


@pytest.fixture
def rule_by(trade: Trade) -> Callable[..., Trade]:
    """Return what publishes the blueprint with rules, and gives the company."""

    def publish(rules: str, **parts: str) -> Trade:
        trade.publish(with_rules(rules, **parts))
        return trade

    return publish


def texts(problems: tuple[FieldProblem, ...]) -> list[tuple[tuple[str, ...], object, str]]:
    """Return (path, text, rule) of what rules said."""
    return [(problem.path, in_words(problem.params.get("text")), problem.key) for problem in problems]


def warned(receipt: Receipt) -> list[tuple[object, object]]:
    """Return (rule, text) of the warnings, as somebody in Copenhagen reads them."""
    reader = Reader.with_ways("en", zone="Europe/Copenhagen")
    kept = [(warning["key"], kept_text(warning["params"]["text"])) for warning in receipt.warnings]
    return [(key, text.filled(None).shown_to(reader)) for key, text in kept if text is not None]


def decided(trade: Trade, record: str) -> list[tuple[str, str, tuple[str, ...]]]:
    """Return (rule, point, outcomes) of what is kept with the events of a record, oldest first."""
    with trade.store.reading() as reading:
        events = sorted(reading.events(ORGANISATION, record), key=lambda event: event.sequence)
    found = (each for event in events for each in decisions_from(event.payload) if each.kind == "rule")
    return [(each.key, each.point, each.outcomes) for each in found]


# Saving ---------------------------------------------------------------------------------------------------------------


def test_a_rule_of_saving_sets_a_field_of_whatever_is_saved(rule_by: Callable[..., Trade]) -> None:
    trade = rule_by("big:\n  at: save\n  when: total != null and total > 200\n  then:\n    - set: {note: big}")
    order = trade.order()
    assert trade.stored(order.record).data["note"] == "big"
    trade.done("anna", "order", order.record, note="small", channel="web")
    assert trade.stored(order.record).data["note"] == "big"
    assert decided(trade, order.record) == [("big", "save", ("set note",)), ("big", "save", ("set note",))]
    trade.check_sound()


def test_what_a_rule_sets_is_checked_like_what_is_typed(rule_by: Callable[..., Trade]) -> None:
    trade = rule_by("three:\n  at: close\n  when: rating > 0\n  then:\n    - set: {rating: 3}", before=MEMO)
    memo = trade.done("anna", "memo", topic="x", rating=Decimal(1))
    refused = trade.refused("anna", "memo", memo.record, action="close")
    assert texts(refused.problems) == [(("rating",), "Not 3, please.", "rating")]


def test_what_a_rule_sets_is_worked_out(rule_by: Callable[..., Trade]) -> None:
    trade = rule_by("gold:\n  at: save\n  when: secret = null\n  then:\n    - set: {secret: x}")
    assert trade.view("max", trade.order().record).values["hint"] == "x!"


def test_rules_of_saving_do_not_look_where_no_value_changes(rule_by: Callable[..., Trade]) -> None:
    trade = rule_by("never:\n  at: save\n  when: old != null\n  then:\n    - refuse: Nothing changes any more.")
    order = trade.order()
    assert trade.done("anna", "order", order.record, comment="Hm").events == ("comment",)
    assert trade.done("anna", "order", order.record, action="submit").state == "review"
    refused = trade.refused("max", "order", order.record, note="x")
    assert (refused.kind, texts(refused.problems)) == ("invalid", [((), "Nothing changes any more.", "never")])


FLAGGED = 'flagged:\n  at: save\n  when: starts with(note, "flagged")\n  then:\n'


def test_rules_of_saving_look_at_what_effects_change(rule_by: Callable[..., Trade]) -> None:
    trade = rule_by(FLAGGED + "    - set: {channel: web}\n    - warn: Was flagged.")
    first, second = trade.order(), trade.order()
    for order in (first, second):
        trade.done("anna", "order", order.record, action="submit")
    flagged = trade.done("max", "order", first.record, action="flag")
    assert trade.stored(second.record).data["channel"] == "web"
    assert warned(flagged) == [("flagged", "Was flagged.")]
    assert [(each["message"], each["params"]["title"]) for each in flagged.warnings] == [
        ("rule.warned_elsewhere", "SO-2026-0002 Acme")
    ]
    assert decided(trade, second.record)[-1] == ("flagged", "save", ("set channel", "warn"))
    trade.check_sound()


def test_a_rule_that_refuses_what_an_effect_changed_refuses_the_whole_command(rule_by: Callable[..., Trade]) -> None:
    trade = rule_by(FLAGGED + "    - refuse: Leave {record.number} alone.")
    first, second = trade.order(), trade.order()
    for order in (first, second):
        trade.done("anna", "order", order.record, action="submit")
    refused = trade.refused("max", "order", first.record, action="flag")
    assert messages(refused) == [((), "effect.refused")]
    assert in_words(refused.problems[0].params) == {"title": "SO-2026-0002 Acme", "reason": "Leave SO-2026-0002 alone."}
    assert "note" not in trade.stored(second.record).data


# Rounds ---------------------------------------------------------------------------------------------------------------


CHAIN = """
third:
  at: submit
  when: promised = date("2026-03-03")
  then:
    - warn: Third.
first:
  at: submit
  when: note = null
  then:
    - set: {note: one}
    - warn: First.
second:
  at: submit
  when: note = "one"
  then:
    - set: {promised: "= date(\\"2026-03-03\\")"}
    - warn: Second.
"""


def test_what_a_rule_sets_lets_other_rules_fire_and_what_is_said_comes_from_the_last_round(
    rule_by: Callable[..., Trade],
) -> None:
    trade = rule_by(CHAIN)
    order = trade.order(action="submit")
    assert trade.stored(order.record).data["promised"] == "2026-03-03"
    assert warned(order) == [("third", "Third."), ("second", "Second.")]
    assert decided(trade, order.record) == [
        ("first", "submit", ("set note", "warn")),
        ("second", "submit", ("set promised", "warn")),
        ("third", "submit", ("warn",)),
    ]


def test_rules_of_a_round_see_the_record_as_it_was_before_it(rule_by: Callable[..., Trade]) -> None:
    trade = rule_by(
        "one:\n  at: submit\n  when: note = null\n  then:\n    - set: {note: set}\n"
        "two:\n  at: submit\n  when: note = null\n  then:\n"
        '    - set: {caller: "= if note = null then \\"nobody\\" else note"}'
    )
    assert trade.stored(trade.order(action="submit").record).data["caller"] == "nobody"


def test_the_higher_priority_wins_and_then_the_authors_order(rule_by: Callable[..., Trade]) -> None:
    rules = "".join(
        f"{key}:\n  at: submit\n  priority: {priority}\n  when: note = null\n  then:\n    - set: {{note: {key}}}\n"
        for key, priority in (("low", -1), ("high", 7), ("middle", 5))
    )
    assert trade_note(rule_by(rules)) == "high"


def trade_note(trade: Trade) -> object:
    return trade.stored(trade.order(action="submit").record).data["note"]


def test_rules_that_go_round_are_named_with_their_fields(rule_by: Callable[..., Trade]) -> None:
    trade = rule_by(
        "unrelated:\n  at: submit\n  then:\n    - set: {channel: web}\n"
        'up:\n  title: Up\n  at: submit\n  when: note = null or note = "down"\n  then:\n    - set: {note: up}\n'
        'down:\n  title: Down\n  at: submit\n  when: note = "up"\n  then:\n    - set: {note: down}'
    )
    order = trade.order()
    refused = trade.refused("anna", "order", order.record, action="submit")
    (problem,) = refused.problems
    assert (refused.kind, problem.path, problem.message, problem.key) == ("loop", (), "rule.loop", "up")
    assert in_words(problem.params) == {"rules": ("Up", "Down"), "fields": ("Note",)}
    assert trade.stored(order.record).state == "draft"


def test_a_rule_that_never_comes_to_an_end_is_stopped(rule_by: Callable[..., Trade]) -> None:
    trade = rule_by("more:\n  at: submit\n  then:\n    - set: {count_shipped: = count_shipped + 1}")
    refused = trade.refused("anna", "order", trade.order().record, action="submit")
    assert refused.kind == "loop"
    assert in_words(refused.problems[0].params) == {"rules": ("More",), "fields": ("Count shipped",)}


def test_a_chain_of_rules_ends(rule_by: Callable[..., Trade]) -> None:
    trade = rule_by(
        "more:\n  at: submit\n  when: count_shipped < 30\n  then:\n    - set: {count_shipped: = count_shipped + 1}"
    )
    assert trade.stored(trade.order(action="submit").record).data["count_shipped"] == "30"


# Conditions -----------------------------------------------------------------------------------------------------------


def test_a_condition_that_is_null_does_not_fire(rule_by: Callable[..., Trade]) -> None:
    trade = rule_by("dear:\n  at: save\n  when: customer.credit_limit < 1\n  then:\n    - refuse: No credit.")
    order = trade.order(customer=trade.customers["NORD"])
    assert order.revision == 1


def test_unless_keeps_a_rule_from_firing_only_where_it_is_true(rule_by: Callable[..., Trade]) -> None:
    trade = rule_by('dear:\n  at: save\n  unless: note = "let it"\n  then:\n    - warn: Dear.')
    assert warned(trade.order(note="let it")) == []
    assert warned(trade.order()) == [("dear", "Dear.")]
    assert warned(trade.order(note="no")) == [("dear", "Dear.")]


def test_rules_see_null_where_a_field_is_hidden(rule_by: Callable[..., Trade]) -> None:
    trade = rule_by("discounted:\n  at: save\n  when: discount != null\n  then:\n    - warn: There is a discount.")
    order = trade.order(discount=Decimal("0.1"))
    assert warned(order) == [("discounted", "There is a discount.")]
    hidden = trade.done("anna", "order", order.record, customer=trade.customers["NORD"])
    assert trade.stored(order.record).data["discount"] == "0.1"
    assert warned(hidden) == []


def test_a_rule_is_in_force_on_its_days_alone(rule_by: Callable[..., Trade]) -> None:
    trade = rule_by("spring:\n  at: save\n  valid: {from: 2026-03-02, to: 2026-03-03}\n  then:\n    - warn: Spring.")
    order = trade.order()
    assert warned(order) == [("spring", "Spring.")]
    for days, note, expected in ((1, "a", [("spring", "Spring.")]), (2, "b", [])):
        trade.now += timedelta(days=1)
        assert warned(trade.done("anna", "order", order.record, note=note)) == expected, days


def test_a_day_ends_in_the_time_zone_of_the_workspace(rule_by: Callable[..., Trade]) -> None:
    trade = rule_by("spring:\n  at: save\n  valid: {from: 2026-03-03}\n  then:\n    - warn: Spring.")
    trade.now = trade.now.replace(hour=22, minute=59)
    assert warned(trade.order()) == []
    trade.now += timedelta(minutes=1)
    assert warned(trade.order()) == [("spring", "Spring.")]


# Actions --------------------------------------------------------------------------------------------------------------


def test_a_rule_refuses_an_action_with_a_message_at_a_field(rule_by: Callable[..., Trade]) -> None:
    trade = rule_by(
        'held:\n  at: submit\n  when: channel = "web"\n  then:\n'
        '    - refuse: {message: "{customer.name} does not order on the web.", field: channel}'
    )
    order = trade.order(channel="web")
    refused = trade.refused("anna", "order", order.record, action="submit")
    assert texts(refused.problems) == [(("channel",), "Acme does not order on the web.", "held")]
    assert trade.stored(order.record).revision == 1


def test_a_rule_sees_what_the_action_asked(rule_by: Callable[..., Trade]) -> None:
    trade = rule_by(
        'short:\n  at: send_back\n  when: inputs.reason = "no"\n  then:\n    - refuse: Say more than {inputs.reason}.'
    )
    order = trade.order(action="submit")
    refused = trade.refused("max", "order", order.record, action="send_back", inputs={"reason": "no"})
    assert texts(refused.problems) == [((), "Say more than no.", "short")]
    assert trade.done("max", "order", order.record, action="send_back", inputs={"reason": "yes"}).state == "draft"


def test_a_rule_requires_a_role_of_whoever_acts(rule_by: Callable[..., Trade]) -> None:
    trade = rule_by(
        "large:\n  title: Large orders\n  at: submit\n  when: total > 200\n  then:\n    - require: [manager, auditor]"
    )
    order = trade.order()
    refused = trade.refused("anna", "order", order.record, action="submit")
    assert (refused.kind, messages(refused)) == ("guard", [((), "rule.requires")])
    assert in_words(refused.problems[0].params["roles"]) == ("Manager", "Auditor")
    assert trade.done("max", "order", order.record, action="submit").state == "review"
    assert decided(trade, order.record) == [("large", "submit", ("require auditor, manager",))]


def test_effects_are_not_asked_for_a_role(rule_by: Callable[..., Trade]) -> None:
    shipping = "    fields:\n      order: {type: link, to: order}\n      customer:"
    trade = rule_by(
        "packing:\n  at: [pack, save]\n  then:\n    - require: manager\n    - warn: Packed.", before=shipping
    )
    order = trade.released()
    shipped = trade.done("wilma", "order", order.record, action="ship")
    assert [key for key, _ in warned(shipped)] == ["packing", "packing"]


def test_of_several_rules_that_assign_the_highest_priority_does(rule_by: Callable[..., Trade]) -> None:
    trade = rule_by(
        "usual:\n  at: approve\n  then:\n    - assign: = user\n"
        "owned:\n  at: approve\n  priority: 5\n  then:\n    - assign: = record.created_by"
    )
    order = trade.order(action="submit")
    trade.done("max", "order", order.record, action="approve")
    assert trade.stored(order.record).assignee == "anna"


def test_what_a_rule_sets_when_an_action_is_asked_for_is_stored_with_it(rule_by: Callable[..., Trade]) -> None:
    trade = rule_by("fast:\n  at: approve\n  then:\n    - set: {promised: = today()}\n    - assign: = user")
    order = trade.order(action="submit")
    trade.done("max", "order", order.record, action="approve")
    stored = trade.stored(order.record)
    assert (stored.data["promised"], stored.assignee, stored.data["approver"]) == ("2026-03-02", "max", "max")
    trade.check_sound()


def test_a_rule_of_the_completion_sees_what_the_effects_did_and_can_refuse_it(rule_by: Callable[..., Trade]) -> None:
    trade = rule_by(
        'once:\n  at: ship:completed\n  when: count_shipped >= 1 and record.state = "shipped"\n  then:\n'
        "    - warn: Shipped {count_shipped} as {shipment.record.number}.\n"
        'never:\n  at: ship:completed\n  when: count_shipped >= 1 and note = "stop"\n  then:\n    - refuse: Stop.'
    )
    order = trade.released()
    shipped = trade.done("wilma", "order", order.record, action="ship")
    assert warned(shipped) == [("once", "Shipped 1 as SH-001.")]
    stopped = trade.released(note="stop")
    refused = trade.refused("wilma", "order", stopped.record, action="ship")
    assert texts(refused.problems) == [((), "Stop.", "never")]
    assert (trade.stored(stopped.record).state, len(trade.records("shipment"))) == ("released", 1)


def test_notices_and_records_of_a_rule_are_made_once_and_see_the_number(rule_by: Callable[..., Trade]) -> None:
    trade = rule_by(
        'told:\n  at: submit\n  when: note = null or note = "told"\n  then:\n'
        "    - set: {note: told}\n"
        "    - notify: {role: warehouse, send: big}\n"
        '    - create: {form: memo, with: {topic: "= record.number", body: "= note"}}',
        messages='  big: "{record.number} is big"\n',
    )
    order = trade.order(action="submit")
    made = trade.records("memo")
    assert [memo.data for memo in made] == [{"topic": "SO-2026-0001", "body": "told"}]
    assert order.created == (made[0].id,)


def test_a_rule_of_saving_makes_a_record_for_a_new_one_once(rule_by: Callable[..., Trade]) -> None:
    trade = rule_by(
        "first:\n  at: save\n  when: old = null\n  then:\n    - create: {form: memo, with: {topic: = customer.name}}"
    )
    order = trade.order()
    trade.done("anna", "order", order.record, note="x")
    assert [memo.data["topic"] for memo in trade.records("memo")] == ["Acme"]


def test_an_outcome_that_cannot_be_done_refuses_the_command(rule_by: Callable[..., Trade]) -> None:
    trade = rule_by("made:\n  at: submit\n  then:\n    - create: {form: memo, with: {topic: same}}")
    trade.order(action="submit")
    order = trade.order()
    refused = trade.refused("anna", "order", order.record, action="submit")
    assert messages(refused) == [(("topic",), "field.not_unique_of")]
    assert trade.stored(order.record).state == "draft"


# Facts ----------------------------------------------------------------------------------------------------------------


OPEN = """
open_orders:
  count: order
  where: customer = this.customer and record.state = "review"
owed:
  sum: order.total
  where: customer = this.customer and currency = this.currency and record.state in ["review", "released"]
smallest: {min: order.total, where: currency = "EUR"}
last_number: {latest: order.record.created_at}
last_channel: {latest: order.channel}
"""
FEW = """
few:
  at: submit
  when: facts.open_orders >= 2
  then:
    - refuse: "{customer.name} has {facts.open_orders} open orders and owes {facts.owed}."
"""


def test_facts_are_counted_over_the_other_records(rule_by: Callable[..., Trade]) -> None:
    rules = (
        "told:\n  at: save\n  then:\n"
        '    - warn: "{facts.open_orders} {facts.owed} {facts.smallest} {facts.last_channel} {facts.last_number}"'
    )
    trade = rule_by(rules, facts=OPEN)
    assert warned(trade.order()) == [("told", "0 €0.00")]
    trade.order(channel="web", action="submit")
    trade.order(customer=trade.customers["NORD"], action="submit")
    third = trade.order(lines=trade.lines(("P-1", 1)))
    assert warned(third)[0][1] == "1 €229.00 €229.00 phone 2 Mar 2026 10:00"
    assert (
        warned(trade.done("anna", "order", third.record, note="x"))[0][1] == "1 €229.00 €229.00 phone 2 Mar 2026 10:00"
    )


def test_a_rule_counts_the_record_it_is_about_never(rule_by: Callable[..., Trade]) -> None:
    trade = rule_by(
        "alone:\n  at: approve\n  when: facts.open_orders > 0\n  then:\n    - refuse: Not alone.", facts=OPEN
    )
    order = trade.order(action="submit")
    assert trade.done("max", "order", order.record, action="approve").state == "released"


def test_a_rule_refuses_by_what_it_counts(rule_by: Callable[..., Trade]) -> None:
    trade = rule_by(FEW, facts=OPEN)
    for _ in range(2):
        trade.order(action="submit")
    refused = trade.refused("anna", "order", trade.order().record, action="submit")
    assert texts(refused.problems) == [((), "Acme has 2 open orders and owes €458.00.", "few")]


def test_what_a_rule_sets_changes_what_it_counts_in_the_next_round(rule_by: Callable[..., Trade]) -> None:
    rules = (
        'moved:\n  at: submit\n  when: note = "move"\n  then:\n    - set: {channel: web}\n'
        'seen:\n  at: submit\n  when: facts.same >= 1\n  then:\n    - warn: "{facts.same} on the {channel}"'
    )
    trade = rule_by(rules, facts="same: {count: order, where: channel = this.channel}")
    trade.order(channel="web")
    (warning,) = trade.order(note="move", action="submit").warnings
    with trade.engine.store.reading() as reading:
        catalog = trade.engine.unit(reading, trade.actor("anna")).catalog
        assert put_value(Reader.of_language("en"), read_kept(catalog, warning["params"]["text"])) == "1 on the Web shop"


def test_records_that_the_same_command_touches_are_counted_as_it_makes_them(rule_by: Callable[..., Trade]) -> None:
    rules = (
        "shipped:\n  at: ship:completed\n  then:\n"
        '    - warn: "{facts.packed} packed, {facts.all}, {facts.last.record.number}"'
    )
    facts = (
        "packed: {count: shipment, where: packed = true and order = this}\n"
        "all: {count: shipment}\nlast: {latest: shipment.order}"
    )
    trade = rule_by(rules, facts=facts)
    first = trade.done("wilma", "order", trade.released().record, action="ship")
    assert warned(first) == [("shipped", "1 packed, 1, SO-2026-0001")]
    second = trade.done("wilma", "order", trade.released().record, action="ship")
    assert warned(second) == [("shipped", "1 packed, 2, SO-2026-0002")]


def test_two_people_at_once_do_not_both_find_room(make_file_trade: Callable[[], Trade]) -> None:
    trade = make_file_trade()
    find_room_at_once(trade)
    trade.check_sound()


@pytest.mark.postgres
def test_two_people_at_once_do_not_both_find_room_on_postgresql(make_postgres_database: Callable[[], str]) -> None:
    trade = make_trade(make_postgres_database())
    find_room_at_once(trade)
    trade.store.close()


def find_room_at_once(trade: Trade) -> None:
    """Submit four orders at once where there is room for one."""
    trade.publish(with_rules(FEW, facts=OPEN))
    trade.order(action="submit")
    drafts = [trade.order().record for _ in range(4)]
    engines = [trade.new_engine() for _ in drafts]
    answers: list[Any] = at_once(
        *[
            lambda engine=engine, draft=draft: engine.apply(trade.command("anna", "order", draft, action="submit"))
            for engine, draft in zip(engines, drafts, strict=True)
        ]
    )
    assert sorted(type(answer).__name__ for answer in answers) == ["Receipt", "Refusal", "Refusal", "Refusal"]
    assert {tuple(texts(answer.problems)) for answer in answers if isinstance(answer, Refusal)} == {
        (((), "Acme has 2 open orders and owes €458.00.", "few"),)
    }


def test_a_fact_that_moved_before_the_lock_is_counted_again(rule_by: Callable[..., Trade]) -> None:
    trade = rule_by(FEW, facts=OPEN)
    trade.order(action="submit")
    one, other = trade.order().record, trade.order().record
    real = trade.store.writing
    submitted: list[Receipt] = []

    def meanwhile() -> Any:
        if not submitted:
            trade.store.writing = real  # type: ignore[method-assign]
            submitted.append(trade.done("bo", "order", other, action="submit"))
        return real()

    trade.store.writing = meanwhile  # type: ignore[method-assign]
    refused = trade.refused("anna", "order", one, action="submit")
    assert texts(refused.problems) == [((), "Acme has 2 open orders and owes €458.00.", "few")]
    assert submitted[0].state == "review"


def test_rules_are_the_same_after_a_restart(rule_by: Callable[..., Trade]) -> None:
    trade = rule_by(FEW, facts=OPEN)
    for _ in range(2):
        trade.order(action="submit")
    trade.engine = trade.new_engine()
    refused = trade.refused("anna", "order", trade.order().record, action="submit")
    assert texts(refused.problems) == [((), "Acme has 2 open orders and owes €458.00.", "few")]


def test_a_fact_whose_field_is_not_ready_refuses_and_says_so(trade: Trade) -> None:
    text = with_rules("few:\n  at: submit\n  when: facts.noted > 0\n  then:\n    - refuse: No.",
                      facts="noted: {count: order, where: caller = this.caller}")  # fmt: skip
    with trade.store.writing() as writing:
        writing.insert_version(
            StoredVersion(
                organisation=ORGANISATION, blueprint="trade", number=2, at=trade.now, by="max", source=text,
                canonical=canonical(text), positions="{}", digest="x",
            )
        )  # fmt: skip
    refused = trade.refused("anna", "order", trade.order().record, action="submit")
    assert messages(refused) == [((), "rule.not_countable")]


def test_a_form_sent_twice_is_warned_of_the_same(rule_by: Callable[..., Trade]) -> None:
    trade = rule_by("big:\n  at: save\n  then:\n    - warn: {message: Big., field: note}")
    first = trade.order(intent="form-1")
    (warning,) = first.warnings
    assert (warning["path"], warning["message"], warned(first)) == (["note"], "said", [("big", "Big.")])
    trade.engine = trade.new_engine()
    assert trade.order(intent="form-1") == first
    assert len(trade.records("order")) == 1


def test_a_rule_that_takes_too_long_refuses_and_pages_go_on(rule_by: Callable[..., Trade]) -> None:
    slow = "every a in 1..100000 satisfies every b in 1..100000 satisfies a + b > 0"
    trade = rule_by(f'slow:\n  at: [submit, save]\n  when: note = "go" and {slow}\n  then:\n    - refuse: No.')
    order = trade.order()
    assert messages(trade.refused("anna", "order", order.record, action="submit", note="go")) == [
        ((), "formula.budget")
    ]
    assert messages(trade.refused("anna", "order", order.record, note="go")) == [((), "formula.budget")]
    assert [view.is_enabled for view in trade.view("anna", order.record).actions if view.key == "submit"] == [True]
    assert trade.done("anna", "order", order.record, action="submit").state == "review"


# Who may read what ----------------------------------------------------------------------------------------------------


def test_an_amount_behind_a_link_is_told_in_its_own_currency(rule_by: Callable[..., Trade]) -> None:
    trade = rule_by('told:\n  at: save\n  then:\n    - warn: "{customer.credit_limit}"')
    trade.done("max", "customer", trade.customers["ACME"], currency="DKK")
    assert warned(trade.order("max")) == [("told", "DKK\xa050,000.00")]


def test_a_currency_the_reader_may_not_see_is_left_out(trade: Trade) -> None:
    text = (
        with_rules('told:\n  at: save\n  then:\n    - warn: "{customer.credit_limit}"')
        .replace("credit_limit: {type: money, private: [manager]}", "credit_limit: {type: money}")
        .replace("required: true, default: EUR}", "required: true, default: EUR, private: [manager]}")
        .replace("        fill: customer.currency\n", "        default: EUR\n")
    )
    trade.publish(text)
    assert warned(trade.order()) == [("told", "50,000")]
    assert warned(trade.order("max")) == [("told", "€50,000.00")]


def test_a_rule_never_tells_a_private_value_to_who_may_not_read_it(rule_by: Callable[..., Trade]) -> None:
    rules = 'told:\n  at: save\n  then:\n    - warn: "{customer.credit_limit} {secret} {facts.limits} {facts.same}"'
    facts = (
        'limits: {sum: customer.credit_limit, where: currency = "EUR"}\n'
        "same: {count: order, where: caller = this.secret}"
    )
    trade = rule_by(rules, facts=facts)
    trade.done("max", "customer", code="EXTRA", name="Extra", credit_limit=Decimal(7), currency="EUR")
    assert warned(trade.order()) == [("told", "(hidden) (hidden) (hidden) (hidden)")]
    assert warned(trade.order("max")) == [("told", "€50,000.00 – €7.00 0")]


def test_what_a_rule_fills_with_a_private_fact_is_read_by_who_may_read_the_fact(rule_by: Callable[..., Trade]) -> None:
    trade = rule_by(
        "told:\n  at: save\n  then:\n    - set: {note: = string(facts.limits)}",
        facts='limits: {sum: customer.credit_limit, where: currency = "EUR"}',
    )
    trade.done("max", "customer", code="EXTRA", name="Extra", credit_limit=Decimal(7), currency="EUR")
    order = trade.order()
    assert trade.view("max", order.record).values["note"] == "7"
    assert "note" not in trade.view("anna", order.record).values


def test_a_notice_of_a_rule_tells_no_private_fact(rule_by: Callable[..., Trade]) -> None:
    trade = rule_by(
        "told:\n  at: submit\n  then:\n    - notify: {role: warehouse, send: limits}",
        facts='limits: {sum: customer.credit_limit, where: currency = "EUR"}\nall: {count: order}',
        messages='  limits: "{facts.limits} {facts.all}"\n',
    )
    trade.order(action="submit")
    assert [text for text, _ in trade.told("wilma")] == ["(hidden) 0"]


# Looking ahead --------------------------------------------------------------------------------------------------------


def test_a_form_shows_what_rules_of_saving_would_say_and_changes_nothing(rule_by: Callable[..., Trade]) -> None:
    trade = rule_by(
        'web:\n  at: save\n  when: channel = "web"\n  then:\n'
        "    - set: {note: web}\n    - refuse: {message: No web., field: channel}\n    - warn: Look at {note}.\n"
        "large:\n  at: save\n  when: total > 200\n  then:\n    - require: manager"
    )
    order = trade.order("max")
    seen = trade.preview("anna", "order", order.record, channel="web")
    assert texts(seen.problems) == [(("channel",), "No web.", "web"), ((), None, "large")]
    assert texts(seen.warnings) == [((), "Look at web.", "web")]
    assert seen.values["note"] is None
    assert trade.preview("max", "order", order.record).problems == ()


def test_rules_are_foreseen_without_changing_the_record(rule_by: Callable[..., Trade]) -> None:
    trade = rule_by(
        "noted:\n  at: submit\n  then:\n    - set: {note: seen}\n"
        'large:\n  at: submit\n  when: note = "seen"\n  then:\n    - refuse: Seen.\n    - require: manager\n'
        "asked:\n  at: send_back\n  when: inputs.reason = null\n  then:\n    - refuse: Why?"
    )
    order = trade.order()
    with trade.store.reading() as reading:
        unit = trade.engine.unit(reading, trade.actor("anna"))
        stored = unit.linked.record(order.record)
        assert stored is not None
        look = look_at(unit, stored)
        assert look is not None
        ruling = foresee(unit, look.work, DecisionPoint("request", "submit"))
        assert [rule.key for rule in ruling.fired] == ["noted", "large"]
        assert texts(ruling.refusals) == [((), "Seen.", "large")]
        assert [(rule.key, roles) for rule, roles in ruling.requires] == [("large", frozenset({"manager"}))]
        assert look.situation.values["note"] is None
        assert look.work.record == stored
        assert unit.linked.record(order.record) == stored
        assert foresee(unit, look.work, DecisionPoint("request", "send_back")).refusals == ()
        assert foresee(unit, look.work, SAVE).fired == ()
