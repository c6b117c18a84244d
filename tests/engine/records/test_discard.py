"""A draft that went nowhere can be discarded: it is gone from everywhere, its emptied history stays and verifies."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa
from tests.engine.records.conftest import ORGANISATION, TRADE, Trade, make_trade, messages

from blankett.engine.records import ListPage, ListRequest, Receipt, Refusal
from blankett.engine.store import tables
from blankett.engine.verify import verify
from blankett.words import say

from .told import in_words

#: As the shipped blueprints say it.
OWN_DRAFTS = "      - {who: owner, may: [delete], states: [draft]}\n"
WITH_DRAFTS = TRADE.replace(
    "      - {who: sales, may: [view, create, edit, comment], states: [draft]}\n",
    "      - {who: sales, may: [view, create, edit, comment], states: [draft]}\n" + OWN_DRAFTS,
    1,
)
TYPED = "a call that nobody else heard of"


def discarding(trade: Trade) -> Trade:
    """Return the company with orders whose owner may discard a draft."""
    trade.publish(WITH_DRAFTS)
    return trade


def said(refusal: Refusal) -> list[str]:
    """Return the sentences of a refusal."""
    return [say("en", problem.message, **problem.params) for problem in refusal.problems]


def rows_with(trade: Trade, text: str) -> list[str]:
    """Return the tables in which *text* stands anywhere."""
    with trade.store.engine.connect() as connection:
        return [
            name
            for name, table in tables.metadata.tables.items()
            if any(text in str(value) for row in connection.execute(sa.select(table)) for value in row)
        ]


def orders_seen(trade: Trade, name: str) -> int:
    """Return how many orders a list shows."""
    page = trade.engine.query(trade.actor(name), ListRequest(blueprint="trade", form="order"))
    assert isinstance(page, ListPage)
    return len(page.rows)


def test_discarded_draft_is_gone_and_leaves_an_emptied_history_that_verifies(trade: Trade) -> None:
    discarding(trade)
    order = trade.order(caller=TYPED, intent="made", comment="first")
    trade.done("anna", "order", order.record, note=TYPED)
    assert trade.view("anna", order.record).may_discard

    receipt = trade.done("anna", "order", order.record, discard=True, revision=2, intent="gone")
    assert (receipt.events, receipt.title, receipt.number) == (("discard",), "", None)

    assert trade.engine.open(trade.actor("anna"), order.record) is None
    assert orders_seen(trade, "anna") == 0
    assert rows_with(trade, TYPED) == []
    with trade.store.reading() as reading:
        events = reading.events(ORGANISATION, order.record)[::-1]
        assert reading.edges_to(ORGANISATION, trade.customers["ACME"]) == []
    assert [(event.sequence, event.actor, event.kind, event.erased) for event in events] == [
        (1, "anna", "create", True),
        (2, "anna", "change", True),
        (3, "anna", "discard", False),
    ]
    trade.check_sound()


def test_form_that_made_a_discarded_record_makes_no_second_one(trade: Trade) -> None:
    discarding(trade)
    order = trade.order(intent="made")
    trade.done("anna", "order", order.record, discard=True)
    again = trade.order(intent="made")
    assert (again.record, again.title, orders_seen(trade, "anna")) == (order.record, "", 0)


def test_discarding_twice_with_one_key_is_done_once(trade: Trade) -> None:
    discarding(trade)
    order = trade.order()
    first = trade.done("anna", "order", order.record, discard=True, revision=1, intent="key")
    assert trade.done("anna", "order", order.record, discard=True, revision=1, intent="key") == first
    trade.check_sound()


def test_who_could_see_a_discarded_record_is_told_who_did_it_and_nobody_else(trade: Trade) -> None:
    discarding(trade)
    order = trade.order()
    trade.done("anna", "order", order.record, discard=True)
    told = [trade.engine.discarded(trade.actor(name), order.record) for name in ("anna", "bo", "wilma", "nobody")]
    assert [(found.name, found.at, found.form) if found else None for found in told] == [
        ("Anna", trade.now, "order"),
        ("Anna", trade.now, "order"),
        None,
        None,
    ]
    assert said(trade.refused("bo", "order", order.record, note="late"))[0].startswith("Anna discarded this record (")
    assert messages(trade.refused("wilma", "order", order.record, note="late")) == [((), "refusal.no_record")]
    assert trade.engine.discarded(trade.actor("anna"), "0" * 26) is None


def test_only_who_is_granted_it_may_discard(trade: Trade) -> None:
    discarding(trade)
    order = trade.order()
    assert not trade.view("bo", order.record).may_discard
    assert messages(trade.refused("bo", "order", order.record, discard=True)) == [((), "refusal.may_not_discard")]
    assert messages(trade.refused("wilma", "order", order.record, discard=True)) == [((), "refusal.no_record")]
    assert messages(trade.refused("anna", "order", discard=True)) == [((), "refusal.no_record")]
    trade.done("max", "order", order.record, discard=True)


def test_somebody_who_submitted_meanwhile_is_told_of(trade: Trade) -> None:
    discarding(trade)
    order = trade.order()
    trade.done("bo", "order", order.record, action="submit")
    late = trade.refused("anna", "order", order.record, discard=True, revision=1)
    assert (late.kind, said(late)) == ("stale", ["Somebody changed this record since you opened it: Bo."])
    assert trade.stored(order.record).state == "review"


def test_record_that_left_its_start_state_stays_even_when_sent_back(trade: Trade) -> None:
    discarding(trade)
    order = trade.order()
    trade.done("anna", "order", order.record, action="submit")
    assert not trade.view("max", order.record).may_discard
    # The number it was given is of a series without gaps, which is told first.
    numbered = said(trade.refused("max", "order", order.record, discard=True))
    assert numbered == [
        "It keeps its place: SO-2026-0001 is from a series without gaps, and discarding it would leave one."
        " Cancel the record instead."
    ]
    without = WITH_DRAFTS.replace('    number: {pattern: "SO-{year}-{counter:4}", at: submit}\n', "", 1).replace(
        '    show: "{record.number} {customer.name}"', '    show: "{customer.name}"', 1
    )
    trade.publish(without, 3)
    other = trade.order()
    trade.done("anna", "order", other.record, action="submit")
    trade.done("max", "order", other.record, action="send_back", inputs={"reason": "no"})
    assert not trade.view("anna", other.record).may_discard
    left = trade.refused("anna", "order", other.record, discard=True)
    assert (left.kind, said(left)) == ("state", ["Only a record that never left Draft can be discarded."])


def test_record_that_others_point_to_stays_and_names_those_one_may_see(trade: Trade) -> None:
    order = trade.order()
    seen = trade.refused("max", "customer", trade.customers["ACME"], discard=True)
    assert said(seen) == ["This record stays, because 1 record points to it: Acme (Customer)."]
    hidden = TRADE.replace(
        "      - {who: [sales, warehouse], may: [view, pick]}\n",
        "      - {who: [sales, warehouse], may: [view, pick, delete]}\n",
        1,
    )
    trade.publish(hidden)
    unseen = trade.refused("wilma", "customer", trade.customers["ACME"], discard=True)
    assert said(unseen) == ["This record stays, because 1 record points to it: 1 more."]
    assert isinstance(trade.apply("max", "order", order.record, discard=True), Receipt)
    trade.done("wilma", "customer", trade.customers["ACME"], discard=True)
    trade.check_sound()


def test_unique_value_of_a_discarded_record_is_free_again(trade: Trade) -> None:
    trade.done("max", "customer", trade.customers["BAD"], discard=True)
    made = trade.done("max", "customer", code="BAD", name="Better")
    assert trade.stored(made.record).title == "Better"
    trade.check_sound()


def test_history_of_others_names_a_discarded_record_as_such(trade: Trade) -> None:
    order = trade.order()
    trade.done("anna", "order", order.record, customer=trade.customers["NORD"])
    trade.done("max", "customer", trade.customers["ACME"], discard=True)
    changes = {change.title: change for entry in trade.view("anna", order.record).timeline for change in entry.changes}
    assert in_words(changes["Customer"].before) == "a discarded record"
    trade.check_sound()


def test_history_of_a_discarded_record_is_guarded_as_every_other(trade: Trade) -> None:
    trade.done("max", "customer", trade.customers["BAD"], discard=True)
    id = trade.customers["BAD"]
    with trade.store.engine.begin() as connection:
        event = tables.event
        connection.execute(sa.delete(event).where(event.c.record == id, event.c.sequence == 1))
    found = [(each.promise, each.place, each.message) for each in verify(trade.store, ORGANISATION)]
    assert found == [("chain", id, "verify.chain_missing"), ("history", id, "verify.history_lost")]


@pytest.mark.parametrize("database", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def test_record_is_never_pointed_to_and_discarded_at_once(
    database: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    is_file = database == "sqlite"
    url = f"sqlite:///{tmp_path / 'race.db'}" if is_file else request.getfixturevalue("make_postgres_database")()
    trade = make_trade(url)
    customers = [trade.done("max", "customer", code=f"C{n}", name=f"Customer {n}").record for n in range(4)]
    for customer in customers:
        with ThreadPoolExecutor(2) as both:
            ordering = both.submit(trade.apply, "anna", "order", customer=customer, caller="Bob")
            discarding = both.submit(trade.apply, "max", "customer", customer, discard=True)
        assert isinstance(ordering.result(), Refusal) != isinstance(discarding.result(), Refusal)
    trade.check_sound()
    trade.store.close()


@pytest.mark.postgres
def test_record_somebody_is_about_to_point_to_waits_for_them(make_postgres_database: Callable[[], str]) -> None:
    trade = make_trade(make_postgres_database())
    customer = trade.customers["NORD"]
    with ThreadPoolExecutor(1) as other:
        with trade.store.writing() as writing:
            assert writing.keep_records(ORGANISATION, [customer])
            discarding = other.submit(trade.apply, "max", "customer", customer, discard=True)
            with pytest.raises(TimeoutError):
                discarding.result(0.2)
            writing.put_edges(ORGANISATION, trade.customers["BAD"], [("friend", customer)])
        answer = discarding.result(20)
    assert isinstance(answer, Refusal)
    assert said(answer) == ["This record stays, because 1 record points to it: 1 more."]
    with trade.store.writing() as writing:
        writing.put_edges(ORGANISATION, trade.customers["BAD"], [], [("friend", customer)])
        writing.delete_record(ORGANISATION, customer)
        assert not writing.keep_records(ORGANISATION, [customer])
    trade.store.close()
