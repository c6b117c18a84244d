"""Records that still stand under the former key of a state, in everything that asks for records by their state; and
conditions of older versions that name fields and states by their former keys.
"""

from __future__ import annotations

import sqlite3

import pytest

from blankett.engine.records import ListPage, ListRequest
from blankett.engine.records.read.results import RecordView
from blankett.engine.store import Filter

from .conftest import ORGANISATION, TRADE, Trade, messages

STATE = ("record", "state")
FLAGS = "customer = this.customer and record.id != this.record.id"
SHIPMENT = "      shipment: {type: link, to: shipment, editable: no}\n"
MEMOS = TRADE.replace(SHIPMENT, f"{SHIPMENT}      why: {{type: link, to: memo, where: 'record.state = \"open\"'}}\n")


def renamed_state(text: str, was: str, now: str) -> str:
    """Return the blueprint in which a state of the orders has another key."""
    found = text.replace(f"      {was}: {{", f"      {now}: {{was: {was}, ")
    for before in ("to: ", "from: ", "from: [", "from: [draft, ", "states: ["):
        for after in ("\n", ",", "]"):
            found = found.replace(f"{before}{was}{after}", f"{before}{now}{after}")
    return found.replace(f'state = "{was}"', f'state = "{now}"')


def with_list(text: str, state: str) -> str:
    """Return the blueprint with a list of the orders in *state*."""
    view = f"{{title: Waiting, columns: [customer], where: 'record.state = \"{state}\"'}}"
    return text.replace("      mine: {", f"      waiting: {view}\n      mine: {{")


def listed(trade: Trade, name: str, view: str | None = None, *filters: Filter) -> list[str]:
    """Return the ids of the orders of a list, oldest first."""
    request = ListRequest(blueprint="trade", form="order", list=view, filters=filters)
    page = trade.engine.query(trade.actor(name), request)
    assert isinstance(page, ListPage), page
    return sorted(row.id for row in page.rows)


@pytest.fixture
def waiting(trade: Trade) -> list[str]:
    """Return two orders in review: one as version 1 calls it, one as version 2 does."""
    trade.order()
    old = trade.order(action="submit").record
    trade.publish(with_list(renamed_state(TRADE, "review", "checking"), "checking"))
    new = trade.order(action="submit").record
    assert [trade.stored(record).state for record in (old, new)] == ["review", "checking"]
    return [old, new]


def test_a_list_finds_records_under_the_former_key_of_a_state(trade: Trade, waiting: list[str]) -> None:
    assert listed(trade, "max", "waiting") == waiting


@pytest.mark.parametrize(
    "asked",
    [Filter(STATE, "equals", "checking"), Filter(STATE, "in", ("checking", "shipped"))],
    ids=["one state", "of several"],
)
def test_a_filter_finds_records_under_the_former_key_of_a_state(
    trade: Trade, waiting: list[str], asked: Filter
) -> None:
    assert listed(trade, "max", None, asked) == waiting


def test_what_waits_is_found_under_the_former_key_of_a_state(trade: Trade, waiting: list[str]) -> None:
    assert [item.id for item in trade.engine.inbox(trade.actor("max")).items if item.id in waiting] == waiting


def test_a_key_that_was_changed_twice_is_followed(trade: Trade, waiting: list[str]) -> None:
    once = with_list(renamed_state(TRADE, "review", "checking"), "checking")
    twice = renamed_state(once.replace("was: review, ", ""), "checking", "looked_at")
    trade.publish(twice, 3)
    last = trade.order(action="submit").record
    assert listed(trade, "max", "waiting") == [*waiting, last]
    trade.publish(twice.replace("was: checking, ", ""), 4)
    assert listed(trade, "max", "waiting") == [*waiting, last]


@pytest.mark.parametrize(
    "grant",
    ["states: [checking]", "where: 'record.state = \"checking\"'"],
    ids=["states", "where"],
)
def test_grants_open_records_under_the_former_key_of_a_state(trade: Trade, waiting: list[str], grant: str) -> None:
    text = renamed_state(TRADE, "review", "checking")
    before = "{who: auditor, may: view, read: [customer, total, lines.amount]}"
    assert before in text
    trade.publish(text.replace(before, f"{{who: auditor, may: view, {grant}}}"), 3)
    assert listed(trade, "ada") == waiting
    assert all(isinstance(trade.engine.open(trade.actor("ada"), record), RecordView) for record in waiting)


def test_former_keys_cost_a_list_no_statement(trade: Trade) -> None:
    def asked() -> list[str]:
        statements: list[str] = []
        with trade.store.reading() as reading:
            driver = reading.connection.connection.dbapi_connection
        assert isinstance(driver, sqlite3.Connection)
        driver.set_trace_callback(statements.append)
        listed(trade, "max")
        driver.set_trace_callback(None)
        return statements

    trade.order()
    listed(trade, "max")
    before = asked()
    trade.publish(TRADE.replace("title: In review", "title: Being looked at"))
    listed(trade, "max")
    # Nothing was called otherwise: the same statements, without a word about states.
    assert asked() == before
    trade.publish(renamed_state(TRADE, "review", "checking"), 3)
    listed(trade, "max")
    assert len(asked()) == len(before)


def test_effects_reach_records_under_the_former_key_of_a_state(trade: Trade) -> None:
    old = TRADE.replace(FLAGS, f'{FLAGS} and record.state = "review"')
    trade.publish(old, 2)
    before, flagging = trade.order(action="submit").record, trade.order(action="submit").record
    trade.publish(renamed_state(old, "review", "checking"), 3)
    after, other = trade.order(action="submit").record, trade.order(action="submit").record
    trade.order()
    # By the names of the newer version, and by those of the older one.
    assert sorted(trade.done("max", "order", other, action="flag").changed) == [before, flagging, after]
    assert sorted(trade.done("max", "order", flagging, action="flag").changed) == [before, after, other]


def test_effects_of_an_older_version_count_by_the_keys_of_today(trade: Trade) -> None:
    old = TRADE.replace(FLAGS, f'{FLAGS} and channel = "phone"')
    trade.publish(old, 2)
    flagging = trade.order(action="submit").record
    renamed = old.replace("      channel: {", "      medium: {was: channel, ").replace('channel = "', 'medium = "')
    trade.publish(renamed, 3)
    by_phone = trade.order().record
    trade.order(medium="web")
    assert trade.done("max", "order", flagging, action="flag").changed == (by_phone,)


def test_act_reaches_records_under_the_former_key_of_a_state(trade: Trade) -> None:
    act = "      flag_all:\n        from: [draft, review]\n        by: manager\n        effects:\n          - act:\n"
    act += (
        "              form: order\n              where: 'record.state = \"review\" and record.id != this.record.id'\n"
    )
    act += "              action: approve\n      cancel:\n"
    old = TRADE.replace("      cancel:\n", act)
    trade.publish(old, 2)
    before, acting = trade.order(action="submit").record, trade.order().record
    trade.publish(renamed_state(old, "review", "checking"), 3)
    after = trade.order(action="submit").record
    assert sorted(trade.done("max", "order", acting, action="flag_all").changed) == [before, after]
    assert {trade.stored(record).state for record in (before, after)} == {"released"}


def test_an_effect_that_cannot_be_asked_refuses_and_says_so(trade: Trade) -> None:
    flagging = trade.order(action="submit").record
    # As while a field that the condition names is still being made ready.
    trade.engine.catalog.slots[ORGANISATION, "trade"] = (1, trade.now, {})
    refused = trade.refused("max", "order", flagging, action="flag")
    assert messages(refused) == [((), "query.where_not_ready")]


def test_a_link_points_to_records_under_the_former_key_of_a_state(trade: Trade) -> None:
    trade.publish(MEMOS, 2)
    old = trade.done("max", "memo", topic="Old").record
    pinned = trade.order().record
    text = MEMOS.replace('record.state = "open"', 'record.state = "pending"')
    start = text.index("  memo:\n")
    memo = (
        text[start:]
        .replace("      open: {start", "      pending: {was: open, start")
        .replace("from: open", "from: pending")
    )
    trade.publish(text[:start] + memo, 3)
    new = trade.done("max", "memo", topic="New").record
    for record in (None, pinned):
        command = trade.command("max", "order", record, revision=None)
        found = trade.engine.choices(command, ("why",), "")
        assert sorted(choice.id for choice in found) == [old, new]
    for memo in (old, new):
        trade.done("max", "order", pinned, why=memo)
        trade.order("max", why=memo)
