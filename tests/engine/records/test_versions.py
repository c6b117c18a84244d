"""Records of older versions: their process is pinned, their words and who may do what are current."""

from __future__ import annotations

from decimal import Decimal

from blankett.engine.access import actor_of
from blankett.engine.records import ListPage, ListRequest
from blankett.engine.store import Member, Share, StoredUser, Workspace

from .conftest import NOW, ORGANISATION, TRADE, Trade, messages
from .told import in_words, row_texts


def test_a_record_keeps_the_process_of_its_version(trade: Trade) -> None:
    old = trade.order()
    trade.publish(TRADE.replace("when: total > 0}", "when: total > 500}"))
    new = trade.order()
    assert trade.done("anna", "order", old.record, action="submit").state == "review"
    refused = trade.refused("anna", "order", new.record, action="submit")
    assert [in_words(problem.params["what"]) for problem in refused.problems] == ["more than €500.00"]
    assert [trade.stored(record.record).version for record in (old, new)] == [1, 2]
    trade.check_sound()


def test_a_right_that_was_taken_away_is_gone_at_once(trade: Trade) -> None:
    order = trade.order(action="submit")
    trade.publish(TRADE.replace("        from: review\n        to: released\n        by: manager",
                                "        from: review\n        to: released\n        by: auditor"))  # fmt: skip
    refused = trade.refused("max", "order", order.record, action="approve")
    assert messages(refused) == [((), "refusal.may_not_act")]
    assert trade.done("ada", "order", order.record, action="approve").state == "released"


def test_words_are_those_of_the_newest_version(trade: Trade) -> None:
    order = trade.order()
    text = TRADE.replace("submit: {title: Submit,", "submit: {title: Hand in,")
    trade.publish(text.replace("      draft: {start: true}", "      draft: {title: Sketch, start: true}"))
    view = trade.view("anna", order.record)
    assert view.state is not None
    assert (view.state.title, [action.title for action in view.actions]) == ("Sketch", ["Hand in", "Cancel"])


def test_a_renamed_key_is_the_same_thing(trade: Trade) -> None:
    order = trade.order(note="Ring first", action="submit")
    text = TRADE.replace("      note: {type: long_text,", "      remark: {was: note, title: Remark, type: long_text,")
    text = text.replace('- set: {note: "= inputs.reason"}', '- set: {remark: "= inputs.reason"}')
    text = text.replace("set: {note: '=", "set: {remark: '=").replace("      send_back:", "      return: ")
    text = text.replace("      return: ", "      hand_back:\n        was: send_back\n        title: Hand back")
    text = text.replace("- {who: sales, may: [view, comment]}", "- {who: sales, may: [view, comment], hide: [remark]}")
    trade.publish(text)
    view = trade.view("max", order.record)
    found = view.find("remark")
    assert found is not None
    assert (found.title, found.value) == ("Remark", "Ring first")
    titles = {action.key: action.title for action in view.actions}
    assert titles["send_back"] == "Hand back"
    assert trade.view("anna", order.record).find("remark") is None
    done = trade.done("max", "order", order.record, action="send_back", inputs={"reason": "No"})
    assert (done.state, trade.stored(order.record).data["note"]) == ("draft", "No")


def test_a_list_shows_a_blank_where_a_version_lacks_the_column(trade: Trade) -> None:
    trade.order()
    trade.publish(TRADE.replace("      note: {type", "      weight: {type: number, index: yes}\n      note: {type"))
    trade.order(weight=Decimal(12))
    page = trade.engine.query(
        trade.actor("anna"), ListRequest(blueprint="trade", form="order", columns=("weight", "customer"))
    )
    assert isinstance(page, ListPage)
    assert sorted(row_texts(page)) == [("", "Acme"), ("12", "Acme")]


def test_another_process_sees_a_new_version_at_once(file_trade: Trade) -> None:
    other = file_trade.new_engine()
    order = file_trade.order()
    assert other.open(file_trade.actor("anna"), order.record) is not None
    file_trade.publish(TRADE.replace("who: sales, may: [view, comment]", "who: sales, may: comment"))
    file_trade.done("max", "order", order.record, action="submit")
    assert other.open(file_trade.actor("anna"), order.record) is None


def test_members_of_a_workspace_a_form_is_shared_with_may_look_and_pick(trade: Trade) -> None:
    with trade.store.writing() as writing:
        writing.put_workspace(Workspace(organisation=ORGANISATION, id="branch", title="Branch"))
        guest = StoredUser(
            organisation=ORGANISATION, id="gus", email="gus@x.example", name="Gus", created_at=NOW, changed_at=NOW
        )
        writing.insert_user(guest)
        member = Member(organisation=ORGANISATION, workspace="branch", user="gus", roles=frozenset({"sales"}))
        writing.put_member(member)
        actor = actor_of(guest, writing.workspaces(ORGANISATION), [member])
    assert trade.engine.open(actor, trade.customers["ACME"]) is None
    with trade.store.writing() as writing:
        writing.put_share(ORGANISATION, "trade", Share("customer", "branch"))
    found = trade.engine.open(actor, trade.customers["ACME"])
    assert found is not None
    assert (found.title, found.may_edit) == ("Acme", False)
    assert trade.refused("max", "customer", trade.customers["ACME"], name="X", actor=actor).kind == "forbidden"
