"""Commands that are refused: why, where, all at once, and with nothing written."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from blankett.engine.records import Command
from blankett.engine.store import Organisation

from .conftest import NOW, ORGANISATION, TRADE, Trade, messages
from .told import in_words


def test_everything_that_is_wrong_is_said_at_once(trade: Trade) -> None:
    lines = [{"product": trade.products["P-1"], "quantity": Decimal(0)}, {"quantity": Decimal("1.5")}]
    refused = trade.refused(
        "anna", "order", lines=lines, note="x" * 2001, action="submit", promised=NOW.date() - timedelta(1)
    )
    assert (refused.kind, sorted(messages(refused))) == (
        "invalid",
        [
            ((), "need.test"),
            (("caller",), "field.required"),
            (("currency",), "field.required"),
            (("customer",), "field.required"),
            (("lines", "+", "price"), "field.required"),
            (("lines", "+", "price"), "field.required"),
            (("lines", "+", "product"), "field.required"),
            (("lines", "+", "quantity"), "field.too_many_decimals"),
            (("lines", "+", "quantity"), "field.too_small"),
            (("note",), "field.too_long"),
            (("promised",), "field.too_early"),
        ],
    )
    assert trade.records("order") == []


def test_a_draft_may_be_half_done(trade: Trade) -> None:
    assert trade.done("anna", "order", note="Rings back").state == "draft"


def test_required_fields_bind_at_the_first_action(trade: Trade) -> None:
    order = trade.order(caller=None)
    refused = trade.refused("anna", "order", order.record, action="submit")
    assert (refused.kind, messages(refused)) == ("invalid", [(("caller",), "field.required")])


def test_a_record_that_is_given_up_need_not_be_complete(trade: Trade) -> None:
    order = trade.done("anna", "order", note="Rings back")
    assert trade.done("anna", "order", order.record, action="cancel").state == "cancelled"


def test_a_form_without_actions_is_always_complete(trade: Trade) -> None:
    assert messages(trade.refused("max", "customer", name="Nameless")) == [(("code",), "field.required")]


def test_a_check_speaks_the_authors_words(trade: Trade) -> None:
    lines = [{"product": trade.products["P-1"], "quantity": Decimal(3), "price": Decimal(7)}]
    refused = trade.refused(
        "anna", "order", customer=trade.customers["ACME"], caller="Bob", lines=lines, action="submit"
    )
    problem = refused.problems[0]
    assert (refused.kind, problem.path, problem.message, problem.key) == ("invalid", ("lines",), "said", "floor_price")
    assert in_words(problem.params) == {"text": "A price is below the floor price; the order has €21.00."}
    assert problem.place is not None
    assert problem.place.path == ("forms", "order", "checks", "floor_price")


def test_an_amount_in_a_text_has_its_currency_wherever_it_comes_from(trade: Trade) -> None:
    said = 'the order has {total}, in lists {convert(total, currency, today())} and {convert(total, "DKK", today())}.'
    trade.publish(TRADE.replace('"A price is below the floor price; the order has {total}."', f"'{said}'"))
    lines = [{"product": trade.products["P-1"], "quantity": Decimal(3), "price": Decimal(7)}]
    refused = trade.refused(
        "anna", "order", customer=trade.customers["ACME"], caller="Bob", lines=lines, action="submit"
    )
    (text,) = refused.problems[0].params.values()
    assert in_words(text) == "the order has €21.00, in lists €21.00 and DKK\xa0156.66."


def test_a_check_binds_only_when_it_is_asked(trade: Trade) -> None:
    large = {"caller": None, "lines": trade.lines(("P-2", 20_000))}
    order = trade.order(**large, channel="web")
    refused = trade.refused("anna", "order", order.record, action="submit")
    assert [(problem.key, in_words(problem.params["text"])) for problem in refused.problems] == [
        ("not_too_large", "Too large: €1,990,000.00.")
    ]
    trade.done("anna", "order", order.record, channel="phone", caller="Bob", action="submit")


def test_a_field_is_checked_by_its_own_condition_unless_it_is_empty(trade: Trade) -> None:
    memo = trade.done("max", "memo", topic="A", rating=Decimal(3)).record
    refused = trade.refused("max", "memo", memo, action="close")
    assert [(problem.path, in_words(problem.params)) for problem in refused.problems] == [
        (("rating",), {"text": "Not 3, please."})
    ]
    assert trade.done("max", "memo", memo, rating=None, action="close").state == "closed"


def test_a_check_that_cannot_be_made_names_what_is_empty(trade: Trade) -> None:
    refused = trade.refused("max", "memo", topic="Rated", action="close")
    assert [(problem.path, problem.message, in_words(problem.params)) for problem in refused.problems] == [
        (("rating",), "check.null", {"empty": ("Rating",)})
    ]


def test_a_check_that_cannot_be_made_because_of_hiding_is_let_be(trade: Trade) -> None:
    assert trade.done("max", "memo", topic="Graded", action="close").state == "closed"


def test_a_guard_names_the_condition_that_fails_and_what_it_saw(trade: Trade) -> None:
    order = trade.order(lines=trade.lines(("P-2", 200)), action="submit")
    refused = trade.refused("max", "order", order.record, action="approve")
    assert (refused.kind, [(problem.message, in_words(problem.params)) for problem in refused.problems]) == (
        "guard",
        [("need.test", {"title": "Total", "value": "€19,900.00", "what": "less than €10,000.00"})],
    )  # fmt: skip


def test_a_guard_that_misses_a_value_does_not_hold(trade: Trade) -> None:
    customer = trade.done("max", "customer", code="X", name="X", tier=None).record
    order = trade.order(customer=customer, lines=trade.lines(("P-1", 1)))
    trade.done("max", "customer", customer, tier=None)
    trade.done("anna", "order", order.record, action="submit")
    refused = trade.refused("max", "order", order.record, action="approve")
    assert [(problem.message, in_words(problem.params)) for problem in refused.problems] == [
        ("need.filled", {"title": "Customer → Tier"})
    ]


def test_an_action_of_another_state(trade: Trade) -> None:
    order = trade.order()
    refused = trade.refused("max", "order", order.record, action="approve")
    assert (refused.kind, messages(refused)) == ("state", [((), "action.wrong_state")])


def test_what_an_action_asks_is_looked_at(trade: Trade) -> None:
    order = trade.order(action="submit")
    inputs = {"until": "tomorrow", "colour": "red"}
    refused = trade.refused("max", "order", order.record, action="send_back", inputs=inputs)
    assert sorted(messages(refused)) == [
        (("inputs", "colour"), "field.unknown"),
        (("inputs", "reason"), "field.required"),
        (("inputs", "until"), "field.not_a_date"),
    ]


def test_a_stale_revision_tells_what_is_there_now_and_who_changed_it(trade: Trade) -> None:
    order = trade.order()
    trade.done("bo", "order", order.record, note="Gate 3", caller="Rob")
    trade.done("anna", "order", order.record, comment="Thanks")
    refused = trade.refused("anna", "order", order.record, note="Gate 4", revision=1)
    assert refused.current is not None
    assert (refused.kind, messages(refused), refused.problems[0].params) == (
        "stale", [((), "refusal.stale")], {"users": ("Bo",)},
    )  # fmt: skip
    assert (refused.current.revision, refused.current.values["note"], refused.current.values["caller"]) == (
        2,
        "Gate 3",
        "Rob",
    )
    assert {(change.path, change.name) for change in refused.current.changes} == {
        (("note",), "Bo"),
        (("caller",), "Bo"),
    }
    assert trade.stored(order.record).data["note"] == "Gate 3"


def test_a_value_that_must_be_unique(trade: Trade) -> None:
    refused = trade.refused("max", "customer", code="acme ", name="Second")
    assert (refused.kind, messages(refused)) == ("invalid", [(("code",), "field.not_unique_of")])
    trade.check_sound()


UNKNOWN = {
    "a record that is not there": {"record": "01NOTHING"},
    "a form that is not there": {"form": "invoice"},
    "a blueprint that is not there": {"blueprint": "trades"},
    "a record of another form": {"form": "product"},
}


@pytest.mark.parametrize("wrong", UNKNOWN.values(), ids=UNKNOWN)
def test_what_is_not_there(trade: Trade, wrong: Mapping[str, Any]) -> None:
    parts = {"record": trade.customers["ACME"], "form": "customer", "blueprint": "trade", **wrong}
    answer = trade.engine.apply(Command(intent="", actor=trade.actor("max"), values={}, **parts))
    assert getattr(answer, "kind", None) == "missing"


def test_a_form_that_is_not_there_makes_no_record(trade: Trade) -> None:
    assert trade.refused("max", "invoice").kind == "missing"


def test_a_workspace_outside_the_blueprints(trade: Trade) -> None:
    refused = trade.refused("anna", "order", workspace="elsewhere", actor=trade.actor("anna", "elsewhere"))
    assert messages(refused) == [((), "refusal.no_workspace")]


def test_records_of_another_organisation_are_not_there(trade: Trade) -> None:
    with trade.store.writing() as writing:
        writing.put_organisation(Organisation(id="rival", title="Rival", created_at=NOW))
    spy = trade.actor("max", organisation="rival")
    assert trade.refused("max", "customer", trade.customers["ACME"], name="Mine", actor=spy).kind == "missing"
    assert trade.engine.open(spy, trade.customers["ACME"]) is None
    assert trade.stored(trade.customers["ACME"]).organisation == ORGANISATION


HOSTILE: Mapping[str, tuple[Mapping[str, Any], list[tuple[tuple[str, ...], str]]]] = {
    "an unknown field": ({"colour": "red"}, [(("colour",), "field.unknown")]),
    "a computed field": ({"total": Decimal(1)}, [(("total",), "field.computed")]),
    "a field nobody may type": ({"count_shipped": Decimal(9)}, [(("count_shipped",), "field.not_editable")]),
    "an unknown column": ({"lines": [{"colour": "red"}]}, [(("lines", "+", "colour"), "field.unknown")]),
    "a computed column": ({"lines": [{"amount": Decimal(1)}]}, [(("lines", "+", "amount"), "field.computed")]),
    "a line of another record": ({"lines": [{"id": "01ANOTHER"}]}, [(("lines", "01ANOTHER"), "line.unknown")]),
    "a line twice": ({"lines": [{"id": "+1"}, {"id": "+1"}]}, [(("lines", "+"), "line.unknown")]),
    "a line id that is none": ({"lines": [{"id": "+../x"}]}, [(("lines", "+"), "line.unknown")]),
    "lines that are none": ({"lines": "two"}, [(("lines",), "field.not_a_table")]),
    "a line that is none": ({"lines": ["one"]}, [(("lines",), "field.not_a_table")]),
    "too many lines": ({"lines": [{}] * 51}, [(("lines",), "field.too_many_lines")]),
    "a number for a text": ({"caller": Decimal(1)}, [(("caller",), "field.not_a_text")]),
    "a text for a date": ({"promised": "2026-03-09"}, [(("promised",), "field.not_a_date")]),
    "a number beyond all bounds": ({"discount": Decimal("1e30")}, [(("discount",), "field.number_too_large")]),
    "not a number": ({"discount": Decimal("NaN")}, [(("discount",), "field.not_a_number")]),
    "a text with NUL": ({"caller": "Bo\x00b"}, [(("caller",), "field.bad_characters")]),
    "half a character": ({"caller": "Bo\ud800b"}, [(("caller",), "field.bad_characters")]),
    "a megabyte": ({"note": "x" * 1_000_000}, [(("note",), "field.too_long")]),
    "no such option": ({"channel": "fax"}, [(("channel",), "field.no_such_option")]),
    "no such record": ({"customer": "01NOBODY"}, [(("customer",), "field.no_such_record")]),
    "no such person": ({"approver": "elvis"}, [(("approver",), "field.no_such_user")]),
    "a person without the role": ({"approver": "anna"}, [(("approver",), "field.no_such_user")]),
    "too much of a percent": ({"discount": Decimal("0.31")}, [(("discount",), "field.too_large")]),
    "an input without an action": ({"inputs": {"reason": "x"}}, [(("inputs", "reason"), "field.unknown")]),
    "a comment as long as a book": ({"comment": "x" * 10_001}, [(("comment",), "field.too_long")]),
}  # fmt: skip


@pytest.mark.parametrize(("sent", "expected"), HOSTILE.values(), ids=HOSTILE)
def test_bad_values_get_a_problem_at_their_place(trade: Trade, sent: dict[str, Any], expected: list[Any]) -> None:
    refused = trade.refused("anna", "order", **{"customer": trade.customers["ACME"], **sent})
    assert (refused.kind, messages(refused)) == ("invalid", expected)
    assert trade.records("order") == []


def test_a_link_to_another_form(trade: Trade) -> None:
    assert messages(trade.refused("anna", "order", customer=trade.products["P-1"])) == [
        (("customer",), "field.no_such_record")
    ]


def test_a_link_outside_its_condition(trade: Trade) -> None:
    assert messages(trade.refused("anna", "order", customer=trade.customers["BAD"])) == [
        (("customer",), "field.not_among_choices")
    ]


def test_ten_thousand_unknown_fields_are_answered(trade: Trade) -> None:
    refused = trade.refused("anna", "order", **{f"x{number}": "y" for number in range(10_000)})
    assert len(refused.problems) == 10_000
